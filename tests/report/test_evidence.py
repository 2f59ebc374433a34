"""Metrics against thresholds, the attempts, the model's treatment of features."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from olist_kedro.errors import OlistError
from olist_kedro.report.evidence import (
    METRICS,
    find_record,
    read_metrics,
    read_runs,
    read_treatments,
    rejected_since,
)
from olist_kedro.segmentation.validation import Thresholds, judge

BOUNDS = {"min_silhouette": 0.2, "max_topographic_error": 0.1, "min_stability": None}


@pytest.mark.parametrize(
    ("metrics", "bound", "passes"),
    [
        ({"silhouette": 0.2}, "≥ 0.2", True),
        ({"silhouette": 0.1999}, "≥ 0.2", False),
        ({"topographic_error": 0.1}, "≤ 0.1", True),
        ({"topographic_error": 0.11}, "≤ 0.1", False),
        ({"silhouette": math.nan}, "≥ 0.2", False),
    ],
)
def test_bounds_are_judged_as_the_gate_does(metrics: dict[str, float], bound: str, passes: bool) -> None:
    (metric,) = read_metrics(metrics, BOUNDS)

    assert (metric.bound, metric.passes) == (bound, passes)
    name = next(iter(metrics))
    gate = Thresholds(**{key: value for key, value in BOUNDS.items() if key.endswith(name)})
    assert judge(metrics, gate).is_accepted is passes


def test_a_metric_without_a_bound_is_not_judged() -> None:
    stability, unknown = read_metrics({"stability": 0.5, "some_new_index": None}, BOUNDS)

    assert (stability.bound, stability.passes, stability.value) == ("", None, "0.500")
    assert (unknown.name, unknown.value, unknown.passes) == ("Some new index", "n/a", None)


def test_every_metric_that_can_be_bounded_is_explained() -> None:
    assert {name.partition("_")[2] for name in Thresholds.model_fields} <= METRICS.keys()


def test_the_record_is_that_of_the_published_model(tables: dict[str, Any]) -> None:
    assert find_record(tables["segmentation_runs"], tables["model"])["clustering"]["k"] == "auto"

    with pytest.raises(OlistError, match="has no run 20261124"):
        find_record(tables["segmentation_runs"].iloc[:1], tables["model"])


def test_attempts_come_last_first(tables: dict[str, Any]) -> None:
    shown, rejected = read_runs(tables["segmentation_runs"], tables["model"])

    assert (shown.is_shown, shown.decision, shown.metrics["Silhouette"]) == (True, "published", "0.300")
    assert (rejected.is_shown, rejected.reasons) == (False, "silhouette could not be measured")
    assert rejected.metrics["Silhouette"] == rejected.metrics["Stability"] == "n/a"


def test_only_a_rejection_after_the_published_run_is_news(tables: dict[str, Any]) -> None:
    runs: pd.DataFrame = tables["segmentation_runs"]
    assert rejected_since(read_runs(runs, tables["model"])) is None

    later = runs.iloc[:1].assign(run_at=pd.Timestamp("2026-11-30"))
    found = rejected_since(read_runs(pd.concat([runs, later]), tables["model"]))
    assert found is not None
    assert found.reasons == "silhouette could not be measured"


def test_treatments_are_in_the_features_units(tables: dict[str, Any]) -> None:
    recency, spend = read_treatments(tables["model"], tables["labels"])

    assert (recency.transform, recency.low, recency.high, recency.impute) == ("as it is", "55", "730", "100")
    assert (spend.label, spend.transform) == ("Spend (R$)", "log(1 + x)")
    assert spend.high == f"{math.expm1(4.6 + 5 * 0.8):,.0f}"
