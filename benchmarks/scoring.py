"""A million customers scored by the published model, and the warehouse's own way on the real ones.

    python benchmarks/scoring.py [--customers 1000000] [--warehouse] [--data data]

Needs a finished run (`make run DATA=<folder or zip>`). The customers are those of that run, drawn again, with
a little noise, so that hardly two are alike; they are in a DuckDB file of their own, and so are the scores.
Wall time and CPU time of the best of three; seconds are the machine's.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from olist_kedro.datasets import WarehouseTable
from olist_kedro.pipelines.feature_engineering.nodes import CUSTOMER
from olist_kedro.pipelines.scoring.nodes import measure_drift, read_published_model, score_customers
from olist_kedro.pipelines.scoring.parameters import DriftParameters, ScoringParameters
from olist_kedro.segmentation.scoring import place_on_map, read_model
from olist_kedro.segmentation.transforms import TRANSFORMS

REPEATS = 3
DRIFT = DriftParameters(moderate_psi=0.1, significant_psi=0.25, max_outside_share=0.01)


def resample(model_input: pd.DataFrame, count: int, features: tuple[Any, ...]) -> pd.DataFrame:
    """Draw customers with replacement and move each value by a hundredth of the model's unit."""
    random = np.random.default_rng(0)
    drawn = model_input.iloc[random.integers(0, len(model_input), count)].reset_index(drop=True)
    for feature in features:
        noise = random.normal(0, 0.01 * feature.scale, count)
        if feature.transform != "none":
            noise *= 1 + drawn[feature.name].to_numpy()  # log1p grows by about 1 / (1 + value)
        drawn[feature.name] = (drawn[feature.name] + noise).clip(lower=0)
        assert np.isfinite(TRANSFORMS[feature.transform](drawn[feature.name].dropna())).all()
    return drawn.assign(**{CUSTOMER: [f"{number:032x}" for number in range(count)]})


def measured(label: str, work: Callable[[], object], repeats: int = REPEATS) -> None:
    """Print the best times of a piece of work."""
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = (min(column) for column in zip(*times, strict=True))
    print(f"  {label:<58} {wall:7.2f} s {cpu:7.2f} s of CPU")


def main() -> None:
    """Score, and print the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument(
        "--warehouse", action="store_true", help="the warehouse's way too, on as many as trained"
    )
    parser.add_argument("--data", type=Path, default=Path("data"))
    arguments = parser.parse_args()

    content = json.loads((arguments.data / "06_models/segmentation_model.json").read_text(encoding="utf-8"))
    model = read_model(content)
    codebook = pd.read_parquet(arguments.data / "06_models/codebook.parquet")
    model_input = pd.read_parquet(arguments.data / "05_model_input/model_input.parquet")
    assignments = pd.read_parquet(arguments.data / "07_model_output/segment_assignments.parquet")
    customers = resample(model_input, arguments.customers, model.features)

    neurons, weights = codebook["neuron"].to_numpy(), codebook[list(model.feature_names)].to_numpy()
    print(f"{len(customers):,} customers, {len(codebook):,} neurons, {len(model.features)} features")
    measured("transform and search, in memory", lambda: place_on_map(customers, model, neurons, weights))
    with tempfile.TemporaryDirectory() as folder:
        warehouse = {"backend": "duckdb", "path": f"{folder}/benchmark.duckdb"}

        def table(name: str, content: pd.DataFrame | None = None) -> ir.Table:
            dataset = WarehouseTable(connection=warehouse, schema="marts", table=name)
            if content is not None:
                dataset.save(content)
            return dataset.load()

        published = table(
            "dim_customer_segmented",
            model_input.merge(assignments[[CUSTOMER, "segment_id"]], on=CUSTOMER).assign(run_id=model.run_id),
        )
        nodes = table("segmentation_codebook", codebook.assign(run_id=model.run_id))
        everybody = table("customer_features", customers)
        trained = table("trained_features", model_input)
        scores = WarehouseTable(connection=warehouse, schema="marts", table="customer_scores")

        def score(features: ir.Table, engine: str) -> None:
            parameters = ScoringParameters(engine=engine, outside_quantile=0.999, drift=DRIFT)  # type: ignore[arg-type]
            read_published_model(content, nodes, features, published)
            scores.save(score_customers(model, nodes, features, published, parameters))
            measure_drift(model, features, scores.load(), parameters)

        measured("the pipeline's nodes, from table to table, with drift", lambda: score(everybody, "python"))
        if arguments.warehouse:
            print(f"{len(model_input):,} customers")
            measured("engine: python", lambda: score(trained, "python"))
            here = _segments(scores)
            measured("engine: warehouse", lambda: score(trained, "warehouse"), repeats=1)
            there = _segments(scores)
            print(f"  customers with another neuron: {(here['neuron'] != there['neuron']).sum()}")


def _segments(scores: WarehouseTable) -> pd.DataFrame:
    return scores.load().order_by(CUSTOMER).select(CUSTOMER, "neuron").to_pandas()


if __name__ == "__main__":
    main()
