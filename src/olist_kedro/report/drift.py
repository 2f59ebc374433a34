"""Whether customers still look like those the model was trained on, as the last scoring run found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from olist_kedro.plots.labels import FeatureLabel, format_count, format_share, label_for


@dataclass(frozen=True)
class Shift:
    """How far one distribution has moved: the population stability index (PSI), and what that means."""

    name: str
    psi: str
    level: str


@dataclass(frozen=True)
class Share:
    """A segment's share of the customers, in training and now."""

    name: str
    then: str
    now: str


@dataclass(frozen=True)
class Drift:
    """What a scoring run found.

    Attributes:
        scored_at: When.
        counts: How many customers are what, by words.
        shifts: Of each feature, and of the segments' shares.
        shares: Of each segment.
        retrain: Whether to train again.
        reasons: Why.
    """

    scored_at: datetime
    counts: dict[str, str]
    shifts: list[Shift]
    shares: list[Share]
    retrain: bool
    reasons: list[str]


COUNTS = {
    "customers": "customers scored",
    "new": "new since training",
    "changed": "changed since training",
    "moved": "now in another segment",
    "outside_map": "far outside the map",
}


def read_drift(
    report: Mapping[str, Any],
    model: Mapping[str, Any],
    names: Mapping[int, str],
    labels: Mapping[str, FeatureLabel],
) -> Drift | None:
    """Read what the last scoring run reported.

    Args:
        report: scored_at, run_id of the model, customers, new, changed, moved, outside_map, features (name,
            psi and level of each), segments (psi, level, and shares: segment_id, share_in_training and
            share), retrain and reasons; empty where nothing was scored yet.
        model: The segmentation model: run_id.
        names: Name by segment id.
        labels: Human labels by feature.

    Returns:
        What it says; None where nothing was scored with this model yet.
    """
    if report.get("run_id") != model["run_id"]:
        return None
    segments = report["segments"]
    return Drift(
        datetime.fromisoformat(report["scored_at"]),
        {words: format_count(report[key]) for key, words in COUNTS.items()},
        [
            *(_shift(label_for(feature["name"], labels).label, feature) for feature in report["features"]),
            _shift("Shares of the segments", segments),
        ],
        [
            Share(
                names[share["segment_id"]],
                format_share(share["share_in_training"]),
                format_share(share["share"]),
            )
            for share in segments["shares"]
        ],
        bool(report["retrain"]),
        list(report["reasons"]),
    )


def _shift(name: str, found: Mapping[str, Any]) -> Shift:
    return Shift(name, f"{found['psi']:.3f}", str(found["level"]))
