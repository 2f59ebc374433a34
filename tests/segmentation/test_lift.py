from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import relative_risk

from olist_kedro.segmentation.lift import mean_lifts, share_lift


def test_share_lift_is_the_relative_risk_of_scipy() -> None:
    expected = relative_risk(23, 2642, 350, 20152)
    interval = expected.confidence_interval(0.95)
    assert share_lift(23, 2642, 350, 20152) == pytest.approx(
        (expected.relative_risk, interval.low, interval.high), rel=1e-6
    )


def test_share_of_nobody_is_no_certain_zero() -> None:
    lift, low, high = share_lift(0, 500, 10, 1000)
    assert (lift, low) == (0, 0)
    # Half an event more in each group: ratio .0952, standard error 1.443
    assert high == pytest.approx((0.5 / 500.5) / (10.5 / 1000.5) * np.exp(1.96 * 1.4463), rel=1e-2)
    assert high > 1, "500 customers without an event, where 5 were to be expected, prove little"


def test_share_of_others_may_be_zero() -> None:
    lift, low, high = share_lift(10, 1000, 0, 500)
    assert np.isnan(lift)
    assert 0 < low < 1
    assert high == np.inf


def _mean_lifts(values: list[float], segments: list[str], draws: int = 2000) -> dict[str, tuple[float, ...]]:
    return mean_lifts(pd.Series(values), pd.Series(segments), draws=draws, seed=1)


def test_interval_of_a_mean_is_that_of_the_normal_approximation_where_that_holds() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(12, 3, 400).round(1), random.normal(10, 3, 1000).round(1)
    lift, low, high = _mean_lifts([*a, *b], ["a"] * 400 + ["b"] * 1000)["a"]
    assert lift == pytest.approx(a.mean() / b.mean())
    error = np.sqrt(a.var() / 400 / a.mean() ** 2 + b.var() / 1000 / b.mean() ** 2)
    assert (low, high) == pytest.approx((lift * np.exp(-1.96 * error), lift * np.exp(1.96 * error)), rel=0.01)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(2)
    segments = ["a"] * 1000 + ["b"] * 3000
    held = 0
    for _ in range(100):
        spend = random.exponential(100, 4000).round(2) * (random.random(4000) < 0.05)
        _, low, high = _mean_lifts(list(spend), segments, draws=500)["a"]
        held += low <= 1 <= high
    assert 89 <= held <= 99


def test_missing_values_are_left_out() -> None:
    values = [4.0, 5.0, np.nan, 2.0, 1.0, np.nan] * 10
    lift, low, high = _mean_lifts(values, ["a", "a", "a", "b", "b", "b"] * 10)["a"]
    assert lift == pytest.approx(4.5 / 1.5)
    assert 2.4 < low < 3 < high < 3.7


def test_too_few_values_have_no_interval() -> None:
    lifts = _mean_lifts([50.0] * 9 + [0.0] * 91 + [50.0] * 20 + [0.0] * 80, ["a"] * 100 + ["b"] * 100)
    assert lifts["a"][0] == pytest.approx(9 / 20)
    assert np.isnan(lifts["a"][1:]).all()


def test_nobody_to_measure_gives_nothing() -> None:
    assert np.isnan(_mean_lifts([np.nan, 5.0, 4.0], ["a", "b", "b"])["a"]).all()
    assert np.isnan(_mean_lifts([5.0, 4.0], ["a", "a"])["a"]).all()
