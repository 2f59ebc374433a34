"""What the pictures say of segments and of the model, read from the published tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from olist_kedro.plots.labels import FeatureLabel, format_count, label_for
from olist_kedro.segmentation.transforms import FittedFeature


@dataclass(frozen=True)
class Segment:
    """A published segment; shares are fractions of all customers and of all revenue."""

    id: int
    name: str
    size: int
    share: float
    revenue_share: float


def read_segments(dim_segment: pd.DataFrame) -> list[Segment]:
    """The segments, largest first."""
    ordered = dim_segment.sort_values(["size", "segment_id"], ascending=[False, True])
    return [
        Segment(
            int(row["segment_id"]),
            str(row["segment_name"]),
            int(row["size"]),
            float(row["share"]),
            float(row["revenue_share"]),
        )
        for row in ordered.to_dict("records")
    ]


def is_synthetic(model: Mapping[str, Any]) -> bool:
    """Whether the model was trained on made-up customers."""
    return bool(model.get("provenance", {}).get("is_synthetic", False))


def describe_source(model: Mapping[str, Any], customers: int | None = None) -> str:
    """One line on where a picture comes from: data, model, date."""
    grid = model["grid"]
    parts = [
        f"{format_count(customers)} customers" if customers is not None else "",
        f"{len(model['features'])} features",
        f"SOM of {grid['rows']} x {grid['cols']} neurons",
        f"K-Means with k = {model['k']}",
        str(model.get("created_at", ""))[:10],
    ]
    return " · ".join(part for part in parts if part)


def read_features(model: Mapping[str, Any]) -> list[FittedFeature]:
    """The model's features in its own order."""
    return [FittedFeature.model_validate(feature) for feature in model["features"]]


def distinctive_facts(profile: pd.DataFrame, labels: Mapping[str, FeatureLabel], count: int = 2) -> list[str]:
    """The facts that set a segment apart, strongest first, in words.

    Args:
        profile: The rows of one segment in `segment_profiles`.
        labels: Human labels by feature.
        count: How many facts.

    Returns:
        Texts such as 'Recency 442 days (all: 269)': the medians, or the means, marked ø, where both medians
        are the same.
    """
    known = profile.dropna(subset=["effect_size"])
    strongest = known["effect_size"].abs().sort_values(ascending=False, kind="stable").index[:count]
    facts = []
    for row in known.loc[strongest].to_dict("records"):
        label, sign = label_for(row["feature"], labels), ""
        own, overall = label.value(row["median"]), label.value(row["overall_median"])
        if own == overall:
            own, overall, sign = label.mean_value(row["mean"]), label.mean_value(row["overall_mean"]), "ø "
        if label.unit != "%":  # said once, it is understood; a number without its percent sign is another one
            overall = overall.removesuffix(label.unit).strip()
        facts.append(f"{label.label} {sign}{own} (all: {sign}{overall})")
    return facts
