"""Baseline and population stability index, on spreads whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from olist_kedro.segmentation.drift import (
    describe_training,
    exceeds_by_more_than_chance,
    index_by_chance,
    judge_index,
    population_stability_index,
)
from olist_kedro.segmentation.transforms import ModelFeatures, fit_features


def _describe(**columns: list[float]) -> tuple[pd.DataFrame, object]:
    frame = pd.DataFrame(columns)
    features = fit_features(frame, ModelFeatures.model_validate([{"name": name} for name in columns]))
    segment_ids = np.where(np.arange(len(frame)) % 4 == 0, 7, 2)
    return frame, describe_training(frame, features, segment_ids, np.arange(len(frame)) / 10)


def test_index_by_hand() -> None:
    expected, actual = [100_000, 300_000], [200_000, 200_000]
    by_hand = (0.5 - 0.25) * np.log(0.5 / 0.25) + (0.5 - 0.75) * np.log(0.5 / 0.75)
    assert population_stability_index(expected, actual) == pytest.approx(by_hand, rel=1e-4)
    assert population_stability_index(actual, expected) == pytest.approx(by_hand, rel=1e-4), "symmetric"
    assert population_stability_index(expected, expected) == 0


def test_index_of_a_shifted_normal_is_the_square_of_the_shift() -> None:
    """For normals of one variance the sum over ever finer bins is Jeffreys' divergence, (shift / sigma)^2."""
    random = np.random.default_rng(0)
    then, now = random.normal(size=200_000), random.normal(0.5, 1, 200_000)
    edges = np.quantile(then, np.arange(1, 50) / 50)
    counts = [np.bincount(np.searchsorted(edges, values), minlength=50) for values in (then, now)]
    assert population_stability_index(*counts) == pytest.approx(0.25, abs=0.01)


def test_empty_bin_counts_by_the_number_of_customers() -> None:
    indices = [population_stability_index([size, size], [0, 2 * size]) for size in (3, 300, 300_000)]
    assert np.isfinite(indices).all()
    assert indices == sorted(indices)


def test_bin_that_nobody_is_in_does_not_count() -> None:
    index = population_stability_index([50_000, 50_000], [20, 10])
    assert population_stability_index([50_000, 50_000, 0, 0], [20, 10, 0, 0]) == index


@pytest.mark.parametrize(
    ("actual", "level"),
    [([10_000] * 4, "stable"), ([13_500, 10_000, 8_000, 8_500], "stable"),
     ([16_500, 10_000, 7_000, 6_500], "moderate"), ([25_000, 6_000, 5_000, 4_000], "significant")],
)  # fmt: skip
def test_levels(actual: list[int], level: str) -> None:
    assert judge_index([10_000] * 4, actual, moderate=0.1, significant=0.25)[1] == level


def test_few_customers_are_not_drift() -> None:
    index, level = judge_index([10_000] * 10, [9, 1, 5, 3, 4, 7, 1, 4, 1, 5], moderate=0.1, significant=0.25)
    assert index > 0.25
    assert level == "stable"


def test_chance_bound_is_exceeded_as_rarely_as_it_says() -> None:
    random = np.random.default_rng(1)
    then, now = random.multinomial(5_000, [0.1] * 10, 2_000), random.multinomial(400, [0.1] * 10, 2_000)
    alarms = [
        population_stability_index(a, b) > index_by_chance(a, b) for a, b in zip(then, now, strict=True)
    ]
    assert np.mean(alarms) < 0.005


def test_share_is_exceeded_only_beyond_chance() -> None:
    assert not exceeds_by_more_than_chance(1, 20, 0.01), "5%, of twenty"
    assert not exceeds_by_more_than_chance(900, 100_000, 0.01)
    assert exceeds_by_more_than_chance(1_200, 100_000, 0.01)


def test_bins_end_at_values_and_hold_everybody() -> None:
    third = 13 / 3
    scores = [1.0, third, third, 5, 5, 5, 5, 5, 5, np.nan]
    _, baseline = _describe(score=scores, repeats=[0.0] * 9 + [4.0], spread=list(range(10)))
    score, repeats, spread = baseline.features
    assert (score.edges, score.counts, score.missing) == ((1.0, third, 5.0), (1, 2, 6, 0), 1)
    assert (repeats.edges, repeats.counts, repeats.missing) == ((0.0,), (9, 1), 0)
    assert (spread.edges, spread.counts) == (tuple(range(9)), (1,) * 10)
    assert (score.lowest, score.highest) == (1, 5)


def test_baseline_of_segments_and_distances() -> None:
    _, baseline = _describe(recency=list(range(101)))
    assert baseline.customers == 101
    assert {s.segment_id: s.customers for s in baseline.segments} == {2: 75, 7: 26}
    assert baseline.distance_at(0.9) == pytest.approx(9)
    assert baseline.distance_at(1.0) == 10
