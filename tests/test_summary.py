"""The summary at the end of a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro_datasets.matplotlib import MatplotlibDataset
from kedro_datasets.text import TextDataset

from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.warehouse import disconnect
from olist_kedro.dbt import DbtProject
from olist_kedro.dbt.builder import DbtBuilder
from olist_kedro.dbt.graph import Relation
from olist_kedro.dbt.pipeline import DbtStep
from olist_kedro.dbt.results import StepResult
from olist_kedro.summary import summarise_run


def made(name: str, tag: str) -> Node:
    """Return a node that makes the dataset in the pipeline."""
    return Node(lambda: None, None, name, name=f"make_{name}", tags=tag)


def built(name: str, kind: str, tests: int, warnings: int = 0) -> Node:
    """Return a node of dbt that has run."""
    relation = Relation(
        *(f"{kind}.shop.{name}", kind, name, name, "marts", name, "marts", ""),
        tags=(), path="", description="", columns=(), sql="", parents=(),
    )  # fmt: skip
    builder = DbtBuilder(DbtProject(Path(), Path(), Path(), "duckdb"))
    builder.results[relation.unique_id] = StepResult(relation.unique_id, tests, warnings, 0.5)
    inputs, outputs = ("ingestion_report", None) if kind == "source" else (None, name)
    return Node(DbtStep(relation, builder, {}), inputs, outputs, name=f"build_{name}", tags="dbt")


@pytest.fixture
def catalog(tmp_path: Path):
    connection = {"backend": "duckdb", "path": str(tmp_path / "warehouse.duckdb")}
    segments = WarehouseTable(connection=connection, schema="marts", table="dim_segment")
    segments.save(
        pd.DataFrame(
            {
                "segment_id": [2, 1],
                "segment_name": ["Lapsed", "Big-ticket"],
                "size": [1500, 500],
                "share": [0.75, 0.25],
                "revenue_share": [0.4, 0.6],
            }
        )
    )
    features = WarehouseTable(connection=connection, schema="marts", table="customer_features")
    features.save(pd.DataFrame({"customer_unique_id": ["a", "b"], "recency": [1, 2]}))
    table = {"rows_in": 1000, "duplicates": 10, "quarantined": 1}
    yield DataCatalog(
        {
            "ingestion_report": MemoryDataset({"tables": {"orders": table, "customers": table}}),
            "dim_date": MemoryDataset(),
            "fact_sales": MemoryDataset(),
            "customer_features": features,
            "segmentation_model": MemoryDataset(
                {
                    "k": 2,
                    "metrics": {"silhouette": 0.25, "quantization_error": 0.2, "topographic_error": 0.1},
                }
            ),
            "dim_segment": segments,
            "out_of_time_check": MemoryDataset(
                pd.DataFrame(
                    {
                        "cut_date": ["2018-01-01"] * 3,
                        "outcome": ["came_back", "came_back", "spend"],
                        "ci_low": [0.4, 0.9, 2.0],
                        "ci_high": [0.8, 1.2, 3.0],
                    }
                )
            ),
            "tuning_trials": MemoryDataset(
                pd.DataFrame(
                    {
                        "trial": pd.array([None, 0, 1, 2], dtype="Int64"),
                        "state": ["current", "complete", "failed", "complete"],
                        "is_best": [False, False, False, True],
                    }
                )
            ),
            "tuned_parameters": TextDataset(filepath=str(tmp_path / "tuned_parameters.yml")),
            "map_plot": MatplotlibDataset(filepath=str(tmp_path / "pictures" / "map.png")),
        }
    )
    disconnect()


def test_tells_what_each_pipeline_did(catalog: DataCatalog, tmp_path: Path) -> None:
    pipeline = Pipeline(
        [
            made("ingestion_report", "ingestion"),
            built("dim_date", "model", tests=20),
            built("fact_sales", "model", tests=7, warnings=2),
            built("orders", "source", tests=2),
            made("customer_features", "feature_engineering"),
            made("segmentation_model", "som_kmeans"),
            made("dim_segment", "som_kmeans"),
            made("out_of_time_check", "out_of_time"),
            made("map_plot", "reporting"),
        ]
    )
    seconds = {"build_dim_date": 2.0, "build_fact_sales": 1.5}

    lines = [" ".join(line.split()) for line in summarise_run(pipeline, catalog, seconds, 9.0).splitlines()]

    assert "ingestion 2,000 rows read, 20 duplicates dropped, 2 quarantined 0.0 s" in lines
    assert "dbt 2 models built, 29 tests passed, 2 with a warning 3.5 s" in lines
    assert "feature_engineering 2 customers with 1 features each 0.0 s" in lines
    assert (
        "som_kmeans 2 segments: silhouette 0.250, quantization error 0.200, topographic error 0.100 0.0 s"
        in lines
    )
    assert "out_of_time 1 cut dates: who comes back differs in 1 of 2 segments 0.0 s" in lines
    assert "reporting 1 pictures 0.0 s" in lines
    assert "in all 9.0 s" in lines
    assert lines.index("1 Big-ticket 500 customers 25.0% 60.0% of revenue") < lines.index(
        "2 Lapsed 1,500 customers 75.0% 40.0% of revenue"
    )
    assert f"pictures {tmp_path / 'pictures'}" in lines
    assert f"warehouse {tmp_path / 'warehouse.duckdb'}" in lines


def test_tells_nothing_that_the_run_did_not_make(catalog: DataCatalog) -> None:
    pipeline = Pipeline([made("cleaned_orders", "ingestion"), made("model_matrix", "som_kmeans")])
    catalog["cleaned_orders"] = MemoryDataset()
    catalog["model_matrix"] = MemoryDataset()

    lines = [line.split() for line in summarise_run(pipeline, catalog, {}, 1.0).splitlines() if line]

    assert sorted(lines) == [["in", "all", "1.0", "s"], ["ingestion", "0.0", "s"], ["som_kmeans", "0.0", "s"]]


def test_tells_what_the_search_for_parameters_found(catalog: DataCatalog, tmp_path: Path) -> None:
    pipeline = Pipeline([made("tuning_trials", "tuning"), made("tuned_parameters", "tuning")])

    lines = [" ".join(line.split()) for line in summarise_run(pipeline, catalog, {}, 1.0).splitlines()]
    assert "tuning 2 trials, 1 more failed: trial 2 is best 0.0 s" in lines
    assert f"parameters to adopt {tmp_path / 'tuned_parameters.yml'}" in lines

    trials = catalog.load("tuning_trials")
    catalog.save("tuning_trials", trials.iloc[:2].assign(is_best=[True, False]))
    lines = [" ".join(line.split()) for line in summarise_run(pipeline, catalog, {}, 1.0).splitlines()]
    assert "tuning 1 trials: the current parameters are kept 0.0 s" in lines


def test_no_cut_date_is_said(catalog: DataCatalog) -> None:
    catalog["out_of_time_check"] = MemoryDataset(catalog.load("out_of_time_check").head(0))
    lines = summarise_run(Pipeline([made("out_of_time_check", "out_of_time")]), catalog, {}, 1.0).splitlines()
    assert "out_of_time no cut date 0.0 s" in [" ".join(line.split()) for line in lines]
