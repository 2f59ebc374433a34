"""The criteria for the number of segments, as small line charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from olist_kedro.errors import OlistError
from olist_kedro.plots.k_selection import CRITERIA, Criterion, best_k, chosen_k

WIDTH, HEIGHT = 280, 150  # of a panel, in pixels
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 24
PADDING = 0.12  # above and below the values, of their range


@dataclass(frozen=True)
class Dot:
    """A value over its k, in pixels from the upper left of the panel, and as text."""

    k: int
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Panel:
    """One criterion over k.

    Attributes:
        name: Of the criterion.
        advice: How to read it.
        dots: Its values; those that are missing are left out.
        lines: Points of the lines between the values of neighbouring k.
        ks: Places of all k, in pixels from the left.
        ticks: Heights of the horizontal lines, and their values.
        chosen: The k that was taken.
        best: The k that this criterion alone would take; None where it takes none.
    """

    name: str
    advice: str
    dots: list[Dot]
    lines: list[str]
    ks: list[tuple[int, float]]
    ticks: list[tuple[float, str]]
    chosen: int
    best: int | None

    @property
    def summary(self) -> str:
        """What the panel shows, for those who do not see it."""
        values = ", ".join(f"k = {dot.k}: {dot.text}" for dot in self.dots)
        alone = f" By itself it would take k = {self.best}." if self.best is not None else ""
        return f"{self.name} ({self.advice}). {values}.{alone}"


def read_panels(criteria: pd.DataFrame, model: Mapping[str, Any]) -> list[Panel]:
    """Lay out a panel for each criterion that has values.

    Args:
        criteria: One row a k: k, is_chosen and the criteria's columns.
        model: The segmentation model: k.

    Raises:
        OlistError: The table has no rows.
    """
    if criteria.empty:
        raise OlistError(
            "There is no k to show: the table k_criteria is empty.\n"
            "Run the segmentation again: `kedro run --pipeline=segmentation`."
        )
    criteria = criteria.sort_values("k")
    chosen = chosen_k(criteria, model)
    return [
        _panel(criteria, criterion, chosen)
        for criterion in CRITERIA
        if criterion.column in criteria and criteria[criterion.column].notna().any()
    ]


def _panel(criteria: pd.DataFrame, criterion: Criterion, chosen: int) -> Panel:
    ks, values = criteria["k"].to_numpy(), criteria[criterion.column].to_numpy(dtype=np.float64)
    least, most = np.nanmin(values), np.nanmax(values)
    margin = PADDING * (most - least) or 0.5
    low, high = least - margin, most + margin

    def height(value: float) -> float:
        return round(float(TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)), 1)

    step = (WIDTH - LEFT - RIGHT) / (ks[-1] - ks[0] + 1)
    places = {int(k): round(float(LEFT + (k - ks[0] + 0.5) * step), 1) for k in ks}
    dots = [
        Dot(int(k), places[int(k)], height(value), criterion.text(value))
        for k, value in zip(ks, values, strict=True)
        if np.isfinite(value)
    ]
    ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
    return Panel(
        criterion.name,
        criterion.advice,
        dots,
        [f"{a.x},{a.y} {b.x},{b.y}" for a, b in pairwise(dots) if b.k == a.k + 1],
        list(places.items()),
        [(height(tick), criterion.text(tick)) for tick in ticks if low <= tick <= high],
        chosen,
        best_k(criteria, criterion),
    )
