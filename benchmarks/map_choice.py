"""The evidence for the map's default: errors on customers it has not seen, and what the segments make of it.

    kedro run --pipeline=segmentation        # writes model_input, once
    python benchmarks/map_choice.py [--splits 5] [--only GROUP]

Each map is trained on four fifths of the customers, transforms included, and measured on the others, on
several random splits: mean and standard deviation. "QE rel." is the quantization error divided by the mean
distance of the customers from their centre, so that feature sets compare; the topographic errors of different
topologies do not (eight neighbours against six). Order: rank correlation of distances between customers on
the map with those in the data, for planar maps. Silhouette: of unseen customers, with `clustering`'s K-Means
on the neurons. Agreement: adjusted Rand index of the segments that two splits give all customers, mean and
least of all pairs of splits. Seconds: of the fastest training.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from kedro.config import OmegaConfigLoader
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import adjusted_rand_score

from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters
from olist_kedro.segmentation.clustering import separation_scores
from olist_kedro.segmentation.transforms import ModelFeatures, apply_features, fit_features
from olist_kedro.settings import CONFIG_LOADER_ARGS
from olist_kedro.som import BatchSOM

PROJECT = Path(__file__).parents[1]
SILHOUETTE_SAMPLE = 5_000
LARGE = {"rows": 160, "columns": 80}
# Differences from the default.
MAPS: dict[str, dict[str, dict[str, Any]]] = {
    "grid": {
        "40x20": {"rows": 40, "columns": 20},
        "60x30": {"rows": 60, "columns": 30},
        "80x40, the default": {},
        "57x57": {"rows": 57, "columns": 57},
        "120x60": {"rows": 120, "columns": 60},
        "160x80": LARGE,
    },
    "last sigma": {
        "80x40, 0.3": {"sigma_end": 0.3},
        "80x40, 0.7": {"sigma_end": 0.7},
        "80x40, 1.0": {"sigma_end": 1.0},
        "160x80, 0.8": {**LARGE, "sigma_end": 0.8},
        "120x60, 0.7": {"rows": 120, "columns": 60, "sigma_end": 0.7},
        "160x80, 1.0": {**LARGE, "sigma_end": 1.0},
    },
    "first sigma": {
        "5": {"sigma_start": 5.0},
        "20": {"sigma_start": 20.0},
    },
    "schedule": {
        "10 + 8 + 3": {"epochs": (10, 8, 3)},
        "40 + 20 + 20": {"epochs": (40, 20, 20)},
        "20 + 20": {"epochs": (20, 20)},
        "40, full grid only": {"epochs": (40,)},
        "160x80, 10 + 6 + 6, 0.8": {**LARGE, "epochs": (10, 6, 6), "sigma_end": 0.8},
    },
    "start": {
        "samples": {"initialization": "sample"},
    },
    "topology": {
        "rectangular toroid": {"toroid": True},
        "hexagonal": {"topology": "hexagonal"},
        "hexagonal toroid": {"topology": "hexagonal", "toroid": True},
    },
}


class Measures(NamedTuple):
    """What a map is worth on one split."""

    quantization_error: float
    relative_error: float
    topographic_error: float
    order: float
    silhouette: float
    seconds: float


def measure(
    customers: pd.DataFrame,
    features: ModelFeatures,
    som: dict[str, Any],
    clustering: ClusteringParameters,
    k: int,
    split: int,
) -> tuple[Measures, NDArray[np.int64]]:
    """Train on one split's four fifths; return the measures on the others and all customers' segments."""
    order = np.random.default_rng(split).permutation(len(customers))
    unseen, seen = np.split(order, [len(order) // 5])
    fitted = fit_features(customers.iloc[seen], features)
    matrix = apply_features(customers, fitted)
    started = time.perf_counter()
    trained = BatchSOM(**som, random_state=split).fit(matrix[seen])
    seconds = time.perf_counter() - started
    clusters = clustering.kmeans.labels(trained.codebook_, trained.hits(matrix[seen]), k, clustering.seed)
    segments = clusters[trained.predict(matrix)]
    error = trained.quantization_error(matrix[unseen])
    sample = np.arange(min(SILHOUETTE_SAMPLE, len(unseen)))
    measures = Measures(
        error,
        error / np.linalg.norm(matrix[unseen] - matrix[unseen].mean(axis=0), axis=1).mean(),
        trained.topographic_error(matrix[unseen]),
        order_kept(trained, matrix[unseen]),
        separation_scores(matrix[unseen], segments[unseen], sample)["silhouette"],
        seconds,
    )
    return measures, segments


def order_kept(som: BatchSOM, customers: NDArray[np.float64]) -> float:
    """Rank correlation of distances on the map with distances in the data; NaN on a toroid."""
    if som.toroid:
        return float("nan")
    places = som.transform(customers)
    half = len(customers) // 2  # unseen customers are in random order: pair the first half with the second
    on_map, in_data = (
        np.linalg.norm(rows[:half] - rows[half : 2 * half], axis=1) for rows in (places, customers)
    )
    return float(spearmanr(on_map, in_data).statistic)


def print_row(name: str, results: list[tuple[Measures, NDArray[np.int64]]]) -> None:
    """Print mean and standard deviation over the splits."""
    rows = np.array([measures for measures, _ in results])
    cells = [
        f"{mean:.3f} ± {spread:.3f}"
        for mean, spread in zip(rows.mean(axis=0), rows.std(axis=0, ddof=1), strict=True)
    ]
    pairs = itertools.combinations([segments for _, segments in results], 2)
    agreement = [adjusted_rand_score(*pair) for pair in pairs]
    cells[-1] = f"{rows[:, -1].min():.2f}"
    print(
        f"{name:<28} " + " ".join(f"{cell:>15}" for cell in cells[:-1]),
        f"{np.mean(agreement):>8.3f} {np.min(agreement):>6.3f} {cells[-1]:>8}",
        flush=True,
    )


def feature_sets(features: ModelFeatures) -> dict[str, ModelFeatures]:
    """The default treatment of the features, and what it is worth."""
    plain = [{"name": name} for name in features.names]
    dumped = [feature.model_dump() for feature in features.root]
    return {
        "as configured": features,
        "no transform, no clipping": ModelFeatures.model_validate(plain),
        "no clipping": ModelFeatures.model_validate(
            [{**feature, "clip_quantiles": (0.0, 1.0), "clip_sigmas": None} for feature in dumped]
        ),
        "square roots for logarithms": ModelFeatures.model_validate(
            [{**f, "transform": "sqrt" if f["transform"] == "log1p" else f["transform"]} for f in dumped]
        ),
    }


def main() -> None:
    """Read the arguments, train every map on every split, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--model-input", type=Path, default=PROJECT / "data/05_model_input/model_input.parquet"
    )
    parser.add_argument("--splits", type=int, default=5, help="random splits, at least 2")
    parser.add_argument("--k", type=int, default=6, help="segments")
    parser.add_argument("--only", choices=[*MAPS, "features"], help="one of the tables")
    arguments = parser.parse_args()
    if arguments.splits < 2:
        parser.error("a spread needs two splits or more")
    customers = pd.read_parquet(arguments.model_input)
    arguments_of_loader: dict[str, Any] = {**CONFIG_LOADER_ARGS, "default_run_env": "base"}
    configured = OmegaConfigLoader(str(PROJECT / "conf"), **arguments_of_loader)["parameters"]
    features = ModelFeatures.model_validate(configured["model_features"])
    clustering = ClusteringParameters.model_validate(configured["clustering"])

    def report(name: str, treated: ModelFeatures, som: dict[str, Any]) -> None:
        splits = range(arguments.splits)
        print_row(
            name, [measure(customers, treated, som, clustering, arguments.k, split) for split in splits]
        )

    print(f"{len(customers):,} customers, {len(features.names)} features, {arguments.splits} splits")
    print(
        f"{'':<28} {'QE unseen':>15} {'QE rel.':>15} {'TE unseen':>15} {'order':>15} {'silhouette':>15}"
        f" {'agreement':>8} {'least':>5} {'seconds':>8}"
    )
    for group, maps in MAPS.items():
        if arguments.only in (None, group):
            print(group)
            for name, som in maps.items():
                report(f"  {name}", features, som)
    if arguments.only in (None, "features"):
        print("features")
        for name, treated in feature_sets(features).items():
            report(f"  {name}", treated, {})


if __name__ == "__main__":
    main()
