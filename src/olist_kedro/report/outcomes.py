"""What customers did after a cut date, by the segment they were in before it: lifts with their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from olist_kedro.plots.labels import MISSING, FeatureLabel, format_count, label_for

OUTCOMES = {
    "came_back": FeatureLabel(label="Came back to order", unit="%", factor=100, decimals=2),
    "spend": FeatureLabel(label="Spent, per customer", unit="R$", decimals=2),
    "review_score": FeatureLabel(label="Score of later reviews", unit="mean", decimals=2),
}
WIDEST = (0.1, 10.0)  # lifts beyond are cut off
NICE_LIFTS = (0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2, 5, 10)
LEAST_TICK_GAP = 0.12  # of the axis


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis of lifts."""

    low: float
    high: float

    @classmethod
    def around(cls, lifts: Iterable[float]) -> Axis:
        """An axis that shows these lifts, as far as they are not extreme, and 1."""
        shown = np.clip([lift for lift in lifts if math.isfinite(lift) and lift > 0] + [1.0], *WIDEST)
        return cls(float(min(shown.min() / 1.05, 0.9)), float(max(shown.max() * 1.05, 1.1)))

    def place(self, lift: float) -> float:
        """Where a lift lies, in percent from the left; beyond the ends, at the end."""
        inside = min(max(lift, self.low), self.high)
        return round(100 * math.log(inside / self.low) / math.log(self.high / self.low), 2)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Round lifts, 1 among them, that do not crowd each other."""
        chosen = [1.0]
        for lift in sorted(NICE_LIFTS, key=lambda lift: -abs(math.log(lift))):
            gaps = [abs(self.place(lift) - self.place(other)) for other in chosen]
            if self.low <= lift <= self.high and min(gaps) >= 100 * LEAST_TICK_GAP:
                chosen.append(lift)
        return [(self.place(lift), f"{lift:g}") for lift in sorted(chosen)]


@dataclass(frozen=True)
class Comparison:
    """One segment at one cut date against all other customers.

    Attributes:
        cut_date: What came before it made the segment, what came after it is the outcome.
        customers: Of the segment.
        observed: How many of them there is something to tell of.
        value: Their outcome.
        others: That of all others.
        lift: The first divided by the second, with its 95% interval, as text.
        verdict: "higher", "lower", "no clear difference" or "too few to tell".
        places: Lower end of the interval, lift and upper end on the axis, in percent; None without one.
    """

    cut_date: datetime
    customers: str
    observed: str
    value: str
    others: str
    lift: str
    verdict: str
    places: tuple[float, float, float] | None


@dataclass(frozen=True)
class Outcome:
    """One outcome of all segments.

    Attributes:
        name: For humans.
        axis: Of the lifts.
        segments: The comparisons of each segment, one a cut date.
        findings: What holds on each of the cut dates: "higher" or "lower", and the segments.
    """

    name: str
    axis: Axis
    segments: dict[str, list[Comparison]]
    findings: list[tuple[str, list[str]]]


def read_outcomes(check: pd.DataFrame, segment_order: Sequence[str]) -> list[Outcome]:
    """Arrange the out-of-time check.

    Args:
        check: One row a cut date, segment and outcome: cut_date, segment_name, outcome, customers, observed,
            value, value_of_others, lift, ci_low and ci_high.
        segment_order: Names of the published segments; others, known at a cut date only, come after them.
    """
    if check.empty:
        return []
    return [
        _outcome(str(outcome), rows, segment_order) for outcome, rows in check.groupby("outcome", sort=False)
    ]


def _outcome(outcome: str, rows: pd.DataFrame, segment_order: Sequence[str]) -> Outcome:
    label = OUTCOMES.get(outcome) or label_for(outcome, {})
    axis = Axis.around(rows[["lift", "ci_low", "ci_high"]].to_numpy().ravel())
    names = sorted(
        rows["segment_name"].unique(),
        key=lambda name: (segment_order.index(name) if name in segment_order else len(segment_order), name),
    )
    segments = {
        name: [
            _comparison(row, label, axis)
            for row in rows[rows["segment_name"] == name].sort_values("cut_date").to_dict("records")
        ]
        for name in names
    }
    return Outcome(label.heading, axis, segments, _findings(segments, rows["cut_date"].nunique()))


def _comparison(row: Mapping[Any, Any], label: FeatureLabel, axis: Axis) -> Comparison:
    lift, low, high = (float(row[name]) for name in ("lift", "ci_low", "ci_high"))
    measured = not (math.isnan(lift) or math.isnan(low) or math.isnan(high))
    verdict = "too few to tell"
    if measured:
        verdict = "higher" if low > 1 else "lower" if high < 1 else "no clear difference"
    return Comparison(
        row["cut_date"].to_pydatetime(),
        format_count(row["customers"]),
        format_count(row["observed"]),
        label.number(row["value"]),
        label.number(row["value_of_others"]),
        f"{lift:.2f} ({low:.2f} to {high:.2f})" if measured else MISSING,
        verdict,
        (axis.place(low), axis.place(lift), axis.place(high)) if measured else None,
    )


def _findings(segments: dict[str, list[Comparison]], cut_dates: int) -> list[tuple[str, list[str]]]:
    """What may be claimed: differences that all cut dates show, each with such a segment."""
    verdicts = {name: [one.verdict for one in comparisons] for name, comparisons in segments.items()}
    holding = [
        (verdict, [name for name, found in verdicts.items() if found == [verdict] * cut_dates])
        for verdict in ("higher", "lower")
    ]
    return [(verdict, names) for verdict, names in holding if names]
