"""How good is a set of parameters? Measured on customers that it was not trained on, so that any two compare.

The transforms are searched too, and with them the space changes in which distances are measured: errors and
silhouettes of two spaces do not compare. A transform that hides differences would look best, since what is
alike is easy to describe. So what is optimised is measured in one space, the same for all sets: the
customers' ranks, which no monotone transform changes. Each feature's ranks (mid-distribution function, Parzen
1979, J. Am. Stat. Assoc. 74, 105-121) are scaled to the standard deviation that the current parameters give
the feature (its weight). A neuron's rank lies between those of the values around it.

Stability is that of the whole: two segmentations (transforms, map and clusters) are learnt from two halves of
the customers, which have none in common, and both put the same other customers into segments. The adjusted
Rand index says how far they agree (after Lange, Roth, Braun and Buhmann 2004, Neural Computation 16,
1299-1323).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from olist_kedro.pipelines.som_kmeans.nodes import (
    compare_numbers_of_segments,
    map_customers,
    train_map,
    transform_features,
)
from olist_kedro.pipelines.tuning.candidates import Candidate
from olist_kedro.pipelines.tuning.parameters import Bounds
from olist_kedro.segmentation.clustering import FloatArray, IntArray, separation_scores
from olist_kedro.segmentation.transforms import FittedFeature, ModelFeature, ModelFeatures, apply_features

METRICS = (
    "rank_quantization_error",
    "topographic_error",
    "rank_silhouette",
    "stability",
    "segments",
    "smallest_share",
    "largest_share",
    "relative_quantization_error",
    "silhouette",
    "davies_bouldin",
)
OBJECTIVES = {
    "rank_quantization_error": "minimize",
    "topographic_error": "minimize",
    "rank_silhouette": "maximize",
}


@dataclass(frozen=True)
class RankedFeature:
    """A feature's values and their ranks, scaled.

    Attributes:
        feature: Its current treatment.
        values: The distinct values, ascending, in the feature's unit, shape (n_values,).
        counts: Customers of each, shape (n_values,).
        ranks: The scaled rank of each, shape (n_values,).
        impute: What stands in for a missing value.
    """

    feature: ModelFeature
    values: FloatArray
    counts: IntArray
    ranks: FloatArray
    impute: float

    @classmethod
    def learn(cls, column: pd.Series, feature: ModelFeature) -> RankedFeature:
        """Rank the values of a feature; a missing one is imputed as the current parameters say."""
        impute = float(column.median()) if feature.impute == "median" else feature.impute
        filled = column.fillna(impute).to_numpy(dtype=np.float64)
        values, counts = np.unique(filled, return_counts=True)
        middles = (counts.cumsum() - counts / 2) / counts.sum()
        mean = np.average(middles, weights=counts)
        deviation = np.sqrt(np.average((middles - mean) ** 2, weights=counts))
        ranks = (middles - mean) / (deviation or 1.0) * feature.weight
        return cls(feature, values, counts, ranks, impute)

    def of_customers(self, column: pd.Series) -> FloatArray:
        """Return the ranks of customers by their values in the feature's unit."""
        filled = column.fillna(self.impute).to_numpy(dtype=np.float64)
        return np.interp(filled, self.values, self.ranks)

    def of_neurons(self, weights: FloatArray, fitted: FittedFeature) -> FloatArray:
        """Return the ranks of neurons by their weights in a model's space."""
        places, group = np.unique(fitted.apply(pd.Series(self.values)), return_inverse=True)
        # Values that were clipped together share their place, and there their mean rank.
        sizes = np.bincount(group, self.counts)
        return np.interp(weights, places, np.bincount(group, self.counts * self.ranks) / sizes)


@dataclass(frozen=True)
class RankSpace:
    """The space in which all sets of parameters are measured."""

    features: tuple[RankedFeature, ...]

    @classmethod
    def learn(cls, customers: pd.DataFrame, model_features: ModelFeatures) -> RankSpace:
        """Rank the customers by each feature of the model."""
        return cls(
            tuple(RankedFeature.learn(customers[feature.name], feature) for feature in model_features.root)
        )

    def of_customers(self, customers: pd.DataFrame) -> FloatArray:
        """Return the customers' ranks, shape (n_customers, n_features)."""
        return np.column_stack(
            [ranked.of_customers(customers[ranked.feature.name]) for ranked in self.features]
        )

    def of_neurons(self, codebook: FloatArray, fitted_features: tuple[FittedFeature, ...]) -> FloatArray:
        """Return the neurons' ranks, shape (n_neurons, n_features)."""
        columns = zip(self.features, codebook.T, fitted_features, strict=True)
        return np.column_stack([ranked.of_neurons(weights, fitted) for ranked, weights, fitted in columns])


class Segmentation(NamedTuple):
    """What was learnt from some customers: transforms, map and clusters."""

    fitted_features: tuple[FittedFeature, ...]
    codebook: FloatArray
    neuron_clusters: IntArray


def evaluate(
    candidate: Candidate,
    halves: tuple[pd.DataFrame, pd.DataFrame],
    judges: pd.DataFrame,
    rank_space: RankSpace,
    *,
    sample_size: int,
) -> dict[str, float]:
    """Learn a segmentation from each half of the customers, and measure both on the judges.

    Args:
        candidate: The parameters to measure.
        halves: Two frames of customers, none in both: customer_unique_id and the features in their own units.
        judges: Other customers.
        rank_space: Where distances are measured.
        sample_size: Judges on whom silhouettes are measured.

    Returns:
        The metrics, each the mean of both segmentations: rank_quantization_error (the judges' mean distance
        from their neuron, divided by that from their centre; of ranks), topographic_error, rank_silhouette,
        stability, segments (their number), smallest_share and largest_share (of the judges in one segment);
        and for the bounds, in the model's own space, relative_quantization_error, silhouette and
        davies_bouldin. NaN where there is nothing to measure, such as a silhouette where all are in one
        segment.
    """
    from sklearn.metrics import adjusted_rand_score

    ranks = rank_space.of_customers(judges)
    sample = np.arange(min(sample_size, len(judges)))  # the judges were shuffled before
    labels, metrics = [], []
    for half in halves:
        segmentation = learn(candidate, half)
        clusters, measured = _measure(candidate, segmentation, judges, ranks, rank_space, sample)
        labels.append(clusters)
        metrics.append(measured)
    stability = float(adjusted_rand_score(*labels))
    averages = {name: float(np.mean([measured[name] for measured in metrics])) for name in metrics[0]}
    return {name: ({"stability": stability} | averages)[name] for name in METRICS}


def learn(candidate: Candidate, customers: pd.DataFrame) -> Segmentation:
    """Learn a segmentation from customers, with the steps of the pipeline `som_kmeans`."""
    som, clustering = candidate.som, candidate.clustering
    fitted_features, matrix = transform_features(customers, candidate.model_features)
    codebook = train_map(matrix, som)
    mapped = map_customers(customers, matrix, codebook, som)
    k = clustering.fixed_k
    if k is None:
        criteria = compare_numbers_of_segments(matrix, codebook, mapped, clustering)
        k = int(criteria.loc[criteria["is_chosen"], "k"].iloc[0])
    hits = np.bincount(mapped["neuron"], minlength=len(codebook))
    return Segmentation(
        fitted_features, codebook, clustering.kmeans.labels(codebook, hits, k, clustering.seed)
    )


def misses(metrics: Mapping[str, float] | pd.Series, bounds: Bounds) -> dict[str, float]:
    """Return by how much each metric misses its bound, as a share of the bound: 0 or less where it is kept.

    A metric that could not be measured misses its bound by all of it.
    """
    shares = {}
    for name, bound in bounds:
        if bound is None:
            continue
        kind, _, metric = name.partition("_")
        excess = metrics[metric] - bound if kind == "max" else bound - metrics[metric]
        shares[metric] = 1.0 if np.isnan(excess) else float(excess / (abs(bound) or 1.0))
    return shares


def gains(metrics: pd.DataFrame, reference: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Return by how much each row is better than the reference, or than its row there, in each objective."""
    signs = pd.Series({name: 1 if way == "maximize" else -1 for name, way in OBJECTIVES.items()})
    return (metrics[list(OBJECTIVES)] - reference[list(OBJECTIVES)]) * signs


def _measure(
    candidate: Candidate,
    segmentation: Segmentation,
    judges: pd.DataFrame,
    ranks: FloatArray,
    rank_space: RankSpace,
    sample: IntArray,
) -> tuple[IntArray, dict[str, float]]:
    """Put the judges into segments; return the segment of each, and the metrics of this segmentation."""
    from olist_kedro.som.measures import topographic_error

    fitted_features, codebook, neuron_clusters = segmentation
    som = candidate.som
    matrix = apply_features(judges, fitted_features)
    mapped = map_customers(judges, matrix, codebook, som)
    neurons = mapped["neuron"].to_numpy()
    labels = neuron_clusters[neurons]
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    distances = np.linalg.norm(ranks - rank_space.of_neurons(codebook, fitted_features)[neurons], axis=1)
    own = separation_scores(matrix, labels, sample)
    return labels, {
        "rank_quantization_error": float(distances.mean()) / _spread(ranks),
        "topographic_error": topographic_error(
            matrix, codebook, som.rows, som.columns, som.batch_som.search, **som.geometry
        ),
        "rank_silhouette": separation_scores(ranks, labels, sample)["silhouette"],
        "segments": float(neuron_clusters.max() + 1),
        "smallest_share": float(shares.min()),
        "largest_share": float(shares.max()),
        "relative_quantization_error": float(mapped["distance"].mean()) / _spread(matrix),
        "silhouette": own["silhouette"],
        "davies_bouldin": own["davies_bouldin"],
    }


def _spread(matrix: FloatArray) -> float:
    """Return the customers' mean distance from their centre; NaN where they are all alike."""
    return float(np.linalg.norm(matrix - matrix.mean(axis=0), axis=1).mean()) or np.nan
