"""Are the customers of today still those that the model was trained on?

The model keeps how its features, segments and distances were spread over the customers it was trained on (the
baseline). Later customers are counted in the same bins and compared by the population stability index.

- Siddiqi, N. (2006). Credit Risk Scorecards. Wiley: the index, and 0.1 and 0.25 as the bounds in use.
- Yurdakul, B. and Naranjo, J. (2020). Statistical properties of the population stability index. Journal of
  Risk Model Validation 14(4): without drift it spreads like a chi-squared variable times (1/n + 1/m), so on
  few customers it passes those bounds by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict

from olist_kedro.segmentation.transforms import FittedFeature

Level = Literal["stable", "moderate", "significant"]

BINS = 10  # as many as the literature's bounds are meant for
DISTANCE_QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 1.0)
CHANCE = 0.001  # how often chance alone may look like drift


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FeatureBaseline(_Plain):
    """How a feature was spread over the customers that the model was trained on.

    Attributes:
        name: The feature.
        lowest: Smallest value in the feature's own unit, what stands in for missing values included.
        highest: Largest one.
        edges: Upper ends of the bins, included in them; values above the last edge have a bin of their own.
        counts: Customers in each bin, one number more than `edges`.
        missing: Customers without a value.
    """

    name: str
    lowest: float
    highest: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    missing: int


class SegmentBaseline(_Plain):
    """How many customers a segment had."""

    segment_id: int
    customers: int


class DistanceBaseline(_Plain):
    """A quantile of the customers' distances from their neuron."""

    quantile: float
    distance: float


class DriftBaseline(_Plain):
    """What later customers are compared with."""

    customers: int
    features: tuple[FeatureBaseline, ...]
    segments: tuple[SegmentBaseline, ...]
    distances: tuple[DistanceBaseline, ...]

    def distance_at(self, quantile: float) -> float:
        """Return the distance that this share of the training customers did not exceed."""
        return {entry.quantile: entry.distance for entry in self.distances}[quantile]


def describe_training(
    model_input: pd.DataFrame, features: Iterable[FittedFeature], segment_ids: ArrayLike, distances: ArrayLike
) -> DriftBaseline:
    """Describe the customers that a model was trained on.

    Args:
        model_input: A column for each feature, in its own unit; missing values are NaN.
        features: The fitted features.
        segment_ids: Each customer's segment, shape (n_customers,).
        distances: Each customer's distance from the neuron, in the model's space, shape (n_customers,).
    """
    segments, sizes = np.unique(np.asarray(segment_ids), return_counts=True)
    return DriftBaseline(
        customers=len(model_input),
        features=tuple(_describe_feature(model_input[feature.name], feature) for feature in features),
        segments=tuple(
            SegmentBaseline(segment_id=segment, customers=size)
            for segment, size in zip(segments.tolist(), sizes.tolist(), strict=True)
        ),
        distances=tuple(
            DistanceBaseline(quantile=quantile, distance=float(np.quantile(np.asarray(distances), quantile)))
            for quantile in DISTANCE_QUANTILES
        ),
    )


def population_stability_index(expected: ArrayLike, actual: ArrayLike) -> float:
    """Compare two spreads over the same bins: the sum of (a - e) ln(a / e) over the bins' shares e and a.

    Half a customer is added to each bin, so one that has become empty counts by how surprising that is: much
    among a million customers, little among ten. A bin that is empty both times does not count.

    Args:
        expected: Customers in each bin, then.
        actual: Customers in each bin, now.

    Returns:
        0 for equal shares, without an upper bound.

    Examples:
        >>> round(population_stability_index([5000, 5000], [6000, 4000]), 4)
        0.0405
    """
    counts = np.array([expected, actual], dtype=np.float64)
    smoothed = counts[:, counts.any(axis=0)] + 0.5
    then, now = smoothed / smoothed.sum(axis=1, keepdims=True)
    return float(np.sum((now - then) * np.log(now / then)))


def index_by_chance(expected: ArrayLike, actual: ArrayLike) -> float:
    """Return the index that two samples without any drift exceed with a probability of `CHANCE` only."""
    from scipy.stats import chi2

    then, now = np.asarray(expected), np.asarray(actual)
    used = np.count_nonzero(then + now)
    return float(chi2.ppf(1 - CHANCE, max(used - 1, 1)) * (1 / then.sum() + 1 / now.sum()))


def exceeds_by_more_than_chance(count: int, total: int, share: float) -> bool:
    """Whether `count` of `total` is more than `share` of them, and not by chance (binomial test)."""
    from scipy.stats import binom

    return bool(binom.sf(count - 1, total, share) < CHANCE)


def judge_index(
    expected: Sequence[int], actual: Sequence[int], *, moderate: float, significant: float
) -> tuple[float, Level]:
    """Measure the index and say what it means.

    Args:
        expected: Customers in each bin, then.
        actual: Customers in each bin, now.
        moderate: An index from here on is a moderate change.
        significant: An index from here on is a significant one.

    Returns:
        The index and its level, which is "stable" as well where chance may have made the index.
    """
    index = population_stability_index(expected, actual)
    if index < moderate or index < index_by_chance(expected, actual):
        return index, "stable"
    return index, "significant" if index >= significant else "moderate"


def _describe_feature(values: pd.Series, feature: FittedFeature) -> FeatureBaseline:
    present = values.dropna().to_numpy(dtype=np.float64)
    # Edges are values that occur; where many customers share one value, quantiles coincide and bins merge.
    edges = np.unique(np.quantile(present, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    counts = np.bincount(np.searchsorted(edges, present), minlength=len(edges) + 1)
    imputed = values.fillna(feature.impute)
    return FeatureBaseline(
        name=feature.name,
        lowest=float(imputed.min()),
        highest=float(imputed.max()),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        missing=int(values.isna().sum()),
    )
