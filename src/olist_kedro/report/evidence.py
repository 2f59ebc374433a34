"""What speaks for the segments: metrics and their thresholds, every attempt, how the model was made."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from olist_kedro.errors import OlistError
from olist_kedro.plots.labels import MISSING, FeatureLabel, label_for
from olist_kedro.plots.real_units import to_real_units
from olist_kedro.plots.segments import read_features

# What each metric is called and means. The words on the silhouette are those of Kaufman and Rousseeuw (1990).
METRICS = {
    "quantization_error": (
        "Quantization error (QE)",
        "Mean distance from a customer to the nearest neuron, in the model's space. It can only be compared "
        "between maps of the same features.",
    ),
    "relative_quantization_error": (
        "QE, relative",
        "The same, divided by the customers' mean distance from the average customer: what the map leaves "
        "out.",
    ),
    "topographic_error": (
        "Topographic error (TE)",
        "Share of customers whose two nearest neurons are not neighbours: where near on the map is not near "
        "in the data.",
    ),
    "silhouette": (
        "Silhouette",
        "Are customers nearer to their own segment than to the next? From -1 to 1. Above 0.7 the structure "
        "is strong, above 0.5 reasonable, above 0.25 weak; at less, segments overlap without a gap.",
    ),
    "davies_bouldin": (
        "Davies-Bouldin",
        "Spread within segments against the distance between them. Lower is better.",
    ),
    "calinski_harabasz": (
        "Calinski-Harabasz",
        "Variance between segments against variance within. Higher is better; it grows with the number of "
        "customers.",
    ),
    "stability": (
        "Stability",
        "Do the same segments come out when the customers are drawn again? Adjusted Rand index: 1 is exactly "
        "the same, 0 no more than chance.",
    ),
    "smallest_share": ("Smallest segment", "Its share of the customers: is it worth acting upon?"),
    "control_agreement": (
        "Agreement with a control",
        "Adjusted Rand index between the segments and K-Means on the customers themselves, without a map.",
    ),
    "control_silhouette": ("Silhouette of the control", ""),
    "control_davies_bouldin": ("Davies-Bouldin of the control", ""),
}
RUN_METRICS = ("silhouette", "stability", "relative_quantization_error", "topographic_error")
TRANSFORM_WORDS = {"none": "as it is", "log1p": "log(1 + x)", "sqrt": "square root"}


@dataclass(frozen=True)
class Metric:
    """A metric against its bounds; `passes` is None where nothing is asked of it."""

    name: str
    meaning: str
    value: str
    bound: str
    passes: bool | None


@dataclass(frozen=True)
class Run:
    """One attempt at a segmentation."""

    run_id: str
    run_at: datetime
    decision: str
    reasons: str
    k: int
    metrics: dict[str, str]
    is_shown: bool


@dataclass(frozen=True)
class Treatment:
    """What the model does to a feature: transform, what stands for a missing value, ends of its range."""

    label: str
    transform: str
    impute: str
    low: str
    high: str


def write_metric(value: float | None) -> str:
    """A metric with three digits behind the point, or as a whole number where it is large."""
    if value is None or not math.isfinite(value):
        return MISSING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"


def read_metrics(metrics: Mapping[str, float | None], thresholds: Mapping[str, float | None]) -> list[Metric]:
    """Put each metric beside its bounds.

    Args:
        metrics: By name; None where one could not be measured.
        thresholds: By the metric's name with "min_" or "max_" before it; None where it does not matter.
    """
    return [_metric(name, value, thresholds) for name, value in metrics.items()]


def _metric(name: str, value: float | None, thresholds: Mapping[str, float | None]) -> Metric:
    label, meaning = METRICS.get(name, (label_for(name, {}).label, ""))
    low, high = thresholds.get(f"min_{name}"), thresholds.get(f"max_{name}")
    measured = math.nan if value is None else value
    bounds = [f"{sign} {bound:g}" for sign, bound in (("≥", low), ("≤", high)) if bound is not None]
    passes = (low is None or measured >= low) and (high is None or measured <= high)
    return Metric(label, meaning, write_metric(value), ", ".join(bounds), passes if bounds else None)


def require_one_run(dim_segment: pd.DataFrame, model: Mapping[str, Any]) -> None:
    """See that segments and model are of the same run.

    Raises:
        OlistError: They are not: a publication was cut short.
    """
    runs = sorted(set(dim_segment["run_id"])) if "run_id" in dim_segment else []
    if runs != [model["run_id"]]:
        raise OlistError(
            f"The published model is of run {model['run_id']}, the table dim_segment of run "
            f"{', '.join(runs) or 'unknown'}: a publication was cut short.\n"
            "Publish again: `kedro run --pipeline=segmentation`."
        )


def find_record(segmentation_runs: pd.DataFrame, model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with which the published model was made, as its run recorded them.

    Raises:
        OlistError: The record of runs does not know the model.
    """
    rows = segmentation_runs[segmentation_runs["run_id"] == model["run_id"]]
    if rows.empty:
        raise OlistError(
            f"The table segmentation_runs has no run {model['run_id']}, which made the published model.\n"
            "Make model and record again: `kedro run --pipeline=segmentation`."
        )
    return dict(json.loads(rows["parameters"].iloc[-1]))


def read_runs(segmentation_runs: pd.DataFrame, model: Mapping[str, Any]) -> list[Run]:
    """Every attempt, the last one first."""
    runs = []
    for row in segmentation_runs.sort_values("run_at", ascending=False).to_dict("records"):
        metrics = json.loads(row["metrics"])
        runs.append(
            Run(
                row["run_id"],
                row["run_at"].to_pydatetime(),
                row["decision"],
                row["reasons"],
                int(row["k"]),
                {METRICS[name][0]: write_metric(metrics.get(name)) for name in RUN_METRICS},
                row["run_id"] == model["run_id"],
            )
        )
    return runs


def rejected_since(runs: list[Run]) -> Run | None:
    """The last attempt, where it was rejected after the one that is shown."""
    return runs[0] if runs and runs[0].decision == "rejected" else None


def read_treatments(model: Mapping[str, Any], labels: Mapping[str, FeatureLabel]) -> list[Treatment]:
    """How the model treats each of its features, in their own units."""
    treatments = []
    for feature in read_features(model):
        label = label_for(feature.name, labels)
        low, high = to_real_units(np.array(feature.clip), feature)
        treatments.append(
            Treatment(
                label.heading,
                TRANSFORM_WORDS[feature.transform],
                *(_short(label.mean(float(value))) for value in (feature.impute, low, high)),
            )
        )
    return treatments


def _short(number: str) -> str:
    """A number without zeros at its end behind the point."""
    return number.rstrip("0").rstrip(".") if "." in number else number
