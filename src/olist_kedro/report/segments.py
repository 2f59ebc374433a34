"""The segments as the report shows them: a table of all, and a card for each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb

from olist_kedro.plots.labels import MISSING, FeatureLabel, format_count, format_share, label_for
from olist_kedro.plots.segment_profiles import profile_features, readable_on
from olist_kedro.plots.segments import read_features
from olist_kedro.plots.style import segment_colours
from olist_kedro.segmentation.naming import FACTS_START, distinguishing_features
from olist_kedro.segmentation.profiles import NEGLIGIBLE_EFFECT

MOST_FACTS = 5


def write_effect(effect: float) -> str:
    """An effect size with its sign; "n/a" where there is none."""
    return f"{effect:+.2f}" if math.isfinite(effect) else MISSING


@dataclass(frozen=True)
class Cell:
    """A number in the table: to sort by, and to read."""

    value: float | None
    text: str


@dataclass(frozen=True)
class Column:
    """A column of the table; `statistic` says what of a feature it shows."""

    key: str
    label: str
    statistic: str


@dataclass(frozen=True)
class Fact:
    """One feature of a segment against all customers.

    Attributes:
        label: What it is.
        statistic: "median", or "mean" where the medians are the same.
        own: The segment's value, with its unit.
        overall: That of all customers.
        effect: Cliff's delta against the other customers, -1 to 1.
    """

    label: str
    statistic: str
    own: str
    overall: str
    effect: float

    @property
    def effect_text(self) -> str:
        """The effect with its sign."""
        return write_effect(self.effect)


@dataclass(frozen=True)
class ProfileRow:
    """A line of a segment's full profile, every number as text."""

    label: str
    median: str
    mean: str
    overall_median: str
    overall_mean: str
    effect: str


@dataclass(frozen=True)
class SegmentCard:
    """A published segment with all that the report says of it.

    Attributes:
        id: Its lasting id.
        name: From the rules.
        colour: As in all pictures.
        ink: What can be read on that colour.
        share: Of the customers, 0 to 1.
        revenue_share: Of the revenue, 0 to 1.
        cells: Its row of the table, by the column's key.
        description: What its rule says; empty where no rule fits.
        advice: What to do.
        facts: What sets it apart, strongest first.
        profile: All features.
    """

    id: int
    name: str
    colour: str
    ink: str
    share: float
    revenue_share: float
    cells: dict[str, Cell]
    description: str
    advice: str
    facts: list[Fact]
    profile: list[ProfileRow]


SIZE_COLUMNS = (
    Column("size", "Customers", ""),
    Column("share", "Share of customers", ""),
    Column("revenue_share", "Share of revenue", ""),
    Column("revenue_index", "Revenue per customer", "times average"),
)


def read_cards(
    dim_segment: pd.DataFrame,
    profiles: pd.DataFrame,
    model: Mapping[str, Any],
    labels: Mapping[str, FeatureLabel],
) -> tuple[list[Column], list[SegmentCard]]:
    """Bring the published segments and their profiles together.

    Args:
        dim_segment: One row a segment: segment_id, segment_name, segment_description, size, share,
            revenue_share, advice.
        profiles: One row a segment and feature: median, mean, overall_median, overall_mean, effect_size.
        model: The segmentation model: its features are the table's columns.
        labels: Human labels by feature.

    Returns:
        The table's columns after the name, and the segments, that with the most revenue first.
    """
    ordered = dim_segment.sort_values(["revenue_share", "segment_id"], ascending=[False, True])
    colours = segment_colours(int(segment_id) for segment_id in dim_segment["segment_id"])
    by_segment = {
        int(str(segment_id)): rows.set_index("feature") for segment_id, rows in profiles.groupby("segment_id")
    }
    features = profile_features(profiles, model)
    statistics = _table_statistics(profiles, model)
    columns = [
        *SIZE_COLUMNS,
        *(Column(name, label_for(name, labels).heading, statistic) for name, statistic in statistics.items()),
    ]
    cards = []
    for row in ordered.to_dict("records"):
        segment_id = int(row["segment_id"])
        profile = by_segment[segment_id]
        share, revenue_share = float(row["share"]), float(row["revenue_share"])
        cells = {
            "size": Cell(int(row["size"]), format_count(row["size"])),
            "share": Cell(share, format_share(share)),
            "revenue_share": Cell(revenue_share, format_share(revenue_share)),
            "revenue_index": Cell(revenue_share / share, f"{revenue_share / share:.2f}"),
        }
        for name, statistic in statistics.items():
            value, label = float(profile[statistic].loc[name]), label_for(name, labels)
            text = label.number(value) if statistic == "median" else label.mean(value)
            cells[name] = Cell(value if math.isfinite(value) else None, text)
        colour = colours[segment_id]
        cards.append(
            SegmentCard(
                segment_id,
                str(row["segment_name"]),
                colour,
                readable_on(np.array(to_rgb(colour))),
                share,
                revenue_share,
                cells,
                str(row["segment_description"]).partition(FACTS_START)[0].strip(),
                str(row["advice"]),
                _facts(profile, labels),
                [_profile_row(name, profile.loc[name].to_dict(), labels) for name in features],
            )
        )
    return columns, cards


def _table_statistics(profiles: pd.DataFrame, model: Mapping[str, Any]) -> dict[str, str]:
    """What the table shows of each of the model's features: medians, unless most of them are the same."""
    statistics = {}
    for feature in read_features(model):
        medians = profiles.loc[profiles["feature"] == feature.name, "median"].dropna()
        if len(medians):
            most_alike = medians.value_counts().iloc[0]
            statistics[feature.name] = "mean" if most_alike > len(medians) / 2 else "median"
    return statistics


def _facts(profile: pd.DataFrame, labels: Mapping[str, FeatureLabel]) -> list[Fact]:
    """The strongest effects that are not negligible."""
    strongest = distinguishing_features(profile, NEGLIGIBLE_EFFECT)[:MOST_FACTS]
    return [_fact(name, profile.loc[name].to_dict(), labels) for name in strongest]


def _fact(name: str, row: Mapping[Any, Any], labels: Mapping[str, FeatureLabel]) -> Fact:
    label = label_for(name, labels)
    statistic, write = "median", label.value
    if label.value(row["median"]) == label.value(row["overall_median"]):
        statistic, write = "mean", label.mean_value
    own, overall = write(row[statistic]), write(row[f"overall_{statistic}"])
    return Fact(label.label, statistic, own, overall, float(row["effect_size"]))


def _profile_row(name: str, row: Mapping[Any, Any], labels: Mapping[str, FeatureLabel]) -> ProfileRow:
    label = label_for(name, labels)
    return ProfileRow(
        label.heading,
        label.number(row["median"]),
        label.mean(row["mean"]),
        label.number(row["overall_median"]),
        label.mean(row["overall_mean"]),
        write_effect(row["effect_size"]),
    )
