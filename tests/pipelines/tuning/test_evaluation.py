"""How sets of parameters are measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from olist_kedro.pipelines.tuning.candidates import Candidate
from olist_kedro.pipelines.tuning.evaluation import METRICS, RankSpace, evaluate, gains, learn, misses
from olist_kedro.pipelines.tuning.parameters import TuningParameters
from olist_kedro.segmentation.transforms import ModelFeatures, apply_features, fit_features


def features(*treatments: dict[str, Any]) -> ModelFeatures:
    return ModelFeatures.model_validate([{"name": "x", **treatments[0]}, *treatments[1:]])


@pytest.fixture(scope="module")
def measure(model_input: pd.DataFrame, current: Candidate) -> Callable[[Candidate], dict[str, float]]:
    rank_space = RankSpace.learn(model_input[:800], current.model_features)
    halves = model_input[:400], model_input[400:800]
    return lambda candidate: evaluate(candidate, halves, model_input[800:], rank_space, sample_size=300)


def test_ranks_are_those_of_the_values_with_ties_in_the_middle() -> None:
    frame = pd.DataFrame({"x": [1.0, 1.0, 5.0, 5.0, 5.0, 100.0, np.nan]})
    ranks = RankSpace.learn(frame, features({"weight": 2.0})).of_customers(frame)[:, 0]

    expected = rankdata(frame["x"].fillna(5.0))
    expected = (expected - expected.mean()) / expected.std() * 2
    np.testing.assert_allclose(ranks, expected)


@pytest.mark.parametrize("transform", ["none", "sqrt", "log1p"])
def test_neurons_on_customers_have_their_ranks_whatever_the_transform(transform: str) -> None:
    frame = pd.DataFrame({"x": np.random.default_rng(0).lognormal(0, 2, 50)})
    rank_space = RankSpace.learn(frame, features({}))
    fitted = fit_features(frame, features({"transform": transform, "weight": 3.0}))

    ranks = rank_space.of_neurons(apply_features(frame, fitted), fitted)

    np.testing.assert_allclose(ranks, rank_space.of_customers(frame))


def test_a_neuron_on_clipped_customers_has_their_mean_rank() -> None:
    frame = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, 50.0, 70.0, 90.0]})
    rank_space = RankSpace.learn(frame, features({}))
    fitted = fit_features(frame, features({"clip_quantiles": (0.0, 0.5)}))

    ranks = rank_space.of_neurons(apply_features(frame, fitted), fitted)[:, 0]

    own = rank_space.of_customers(frame)[:, 0]
    np.testing.assert_allclose(ranks[:3], own[:3])
    np.testing.assert_allclose(ranks[3:], own[3:].mean())


def test_a_constant_feature_counts_for_nothing() -> None:
    frame = pd.DataFrame({"x": [4.0, 4.0, 4.0]})
    assert RankSpace.learn(frame, features({})).of_customers(frame).tolist() == [[0.0]] * 3


def test_metrics_of_clear_groups(
    measure: Callable[[Candidate], dict[str, float]], current: Candidate
) -> None:
    logged = current.with_values({"model_features.total_payment_value.transform": "log1p"})
    metrics = measure(logged)

    assert tuple(metrics) == METRICS
    assert metrics["segments"] == 3
    assert metrics["stability"] > 0.9
    assert metrics["smallest_share"] == pytest.approx(0.25, abs=0.05)
    assert metrics["largest_share"] == pytest.approx(0.4, abs=0.05)
    assert 0 < metrics["rank_quantization_error"] < 0.3
    assert measure(logged) == metrics, "the same set gives the same figures"


def test_hiding_differences_is_no_gain(
    measure: Callable[[Candidate], dict[str, float]], current: Candidate
) -> None:
    """Clipped hard, everything is alike: the own space's errors fall, and those of the ranks tell."""
    logged = current.with_values({"model_features.total_payment_value.transform": "log1p"})
    names = ("recency", "total_payment_value")
    clipped = logged.with_values({f"model_features.{name}.clip_sigmas": 0.3 for name in names})
    honest, hiding = measure(logged), measure(clipped)

    assert hiding["relative_quantization_error"] < honest["relative_quantization_error"]
    assert hiding["silhouette"] > honest["silhouette"]
    assert hiding["rank_quantization_error"] > 2 * honest["rank_quantization_error"]


def test_too_many_segments_are_unstable(
    measure: Callable[[Candidate], dict[str, float]], current: Candidate
) -> None:
    three, nine = (measure(current.with_values({"clustering.k": k})) for k in (3, 9))
    assert nine["stability"] < three["stability"]
    assert nine["smallest_share"] < three["smallest_share"]


def test_k_auto_is_chosen_by_the_pipelines_rule(model_input: pd.DataFrame, current: Candidate) -> None:
    automatic = current.with_values(
        {"clustering.k": "auto", "model_features.total_payment_value.transform": "log1p"}
    )
    assert learn(automatic, model_input).neuron_clusters.max() + 1 == 3


def test_misses_are_shares_of_the_bound(make_tuning: Callable[..., TuningParameters]) -> None:
    bounds = make_tuning(
        bounds={
            "max_relative_quantization_error": None,
            "max_topographic_error": 0.2,
            "min_silhouette": 0.2,
            "max_davies_bouldin": None,
            "min_stability": 0.8,
            "min_smallest_share": 0.02,
            "max_largest_share": None,
        }
    ).bounds
    metrics = {"topographic_error": 0.3, "silhouette": np.nan, "stability": 0.9, "smallest_share": 0.02}
    assert misses(metrics, bounds) == pytest.approx(
        {"topographic_error": 0.5, "silhouette": 1.0, "stability": -0.125, "smallest_share": 0.0}
    )


def test_gains_are_positive_where_it_is_better() -> None:
    reference = pd.Series({"rank_quantization_error": 0.2, "topographic_error": 0.1, "rank_silhouette": 0.3})
    rows = pd.DataFrame([{"rank_quantization_error": 0.1, "topographic_error": 0.3, "rank_silhouette": 0.5}])
    assert gains(rows, reference).iloc[0].tolist() == pytest.approx([0.1, -0.2, 0.2])
