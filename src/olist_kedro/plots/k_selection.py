"""How many segments: every criterion over k, and the k that was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from olist_kedro.errors import OlistError
from olist_kedro.plots.labels import format_share
from olist_kedro.plots.segments import describe_source, is_synthetic
from olist_kedro.plots.sheet import Sheet
from olist_kedro.plots.style import (
    ACCENT,
    FAINT,
    FONT,
    INK,
    MARGIN,
    MUTED,
    line_height,
    quiet_axes,
    wrap_text,
)

LINE = "#0072b2"
PANEL_WIDTH, PANEL_HEIGHT, PANEL_GAP = 2.6, 1.8, 0.72  # inches
LEFT, HEADING, BELOW = 0.65, 0.55, 0.55
NAME_SIZE, ADVICE_SIZE, VERDICT_SIZE = 11.5, 9.5, 10.0  # points


@dataclass(frozen=True)
class Criterion:
    """A criterion for the number of segments.

    Attributes:
        column: Its column in the table.
        name: For humans.
        advice: How to read it.
        best: Whether it takes the k with the largest or the smallest value, or none by itself.
        judge: Column to take the best k by, where it is another one.
        is_share: Whether values are written in percent.
    """

    column: str
    name: str
    advice: str
    best: Literal["max", "min"] | None
    judge: str | None = None
    is_share: bool = False

    def text(self, value: float, _position: object = None) -> str:
        """A value in words, or on a tick."""
        return format_share(value) if self.is_share else format_value(value)


CRITERIA = (
    Criterion("inertia", "Inertia (elbow)", "ring: the sharpest bend", "max", judge="knee"),
    Criterion("silhouette", "Silhouette", "higher is better", "max"),
    Criterion("davies_bouldin", "Davies-Bouldin", "lower is better", "min"),
    Criterion("calinski_harabasz", "Calinski-Harabasz", "higher is better", "max"),
    Criterion("stability", "Stability", "ARI of resamples; higher is better", "max"),
    Criterion("smallest_share", "Smallest segment", "share of customers; not too small", None, is_share=True),
    Criterion("largest_share", "Largest segment", "share of customers; not too large", None, is_share=True),
    Criterion("mean_rank", "Mean rank", "over the criteria; no dot: ruled out", "min"),
)


def chosen_k(criteria: pd.DataFrame, model: Mapping[str, Any]) -> int:
    """The k marked as chosen in the table, else the model's."""
    marked = criteria.loc[criteria["is_chosen"].astype(bool), "k"]
    return int(marked.iloc[0]) if len(marked) else int(model["k"])


def best_k(criteria: pd.DataFrame, criterion: Criterion) -> int | None:
    """The k that one criterion alone would take; None for one that takes none, or has no values."""
    column = criterion.judge or criterion.column
    if criterion.best is None or column not in criteria or criteria[column].isna().all():
        return None
    known = criteria[criteria[column].notna()]
    values = known[column].to_numpy(dtype=np.float64)
    return int(known["k"].iloc[int(values.argmax() if criterion.best == "max" else values.argmin())])


def format_value(value: float) -> str:
    """A number short enough for a tick: three digits, and k, M or G for 10^3, 10^6 and 10^9."""
    for limit, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e3 if suffix == 'k' else limit):.3g}{suffix}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _draw_criterion(axes: Axes, criteria: pd.DataFrame, criterion: Criterion, chosen: int) -> None:
    ks, values = criteria["k"].to_numpy(), criteria[criterion.column].to_numpy(dtype=np.float64)
    best = best_k(criteria, criterion)
    axes.axvline(chosen, color=ACCENT, lw=8, alpha=0.16, zorder=0)
    axes.plot(ks, values, color=LINE, lw=1.8, marker="o", ms=5, zorder=2)
    at = {int(k): float(v) for k, v in zip(ks, values, strict=True) if np.isfinite(v)}
    if best in at:
        axes.plot(best, at[best], marker="o", ms=12, mfc="none", mec=INK, mew=1.3, zorder=3)
    if chosen in at:
        axes.plot(chosen, at[chosen], marker="o", ms=8, color=ACCENT, zorder=4)
    axes.margins(x=0.06, y=0.16)
    axes.set_xlim(ks.min() - 0.5, ks.max() + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.yaxis.set_major_formatter(FuncFormatter(criterion.text))
    axes.grid(axis="y", color=FAINT, lw=0.6)
    axes.set_axisbelow(True)
    quiet_axes(axes)
    axes.set_xlabel("k, number of segments", fontsize=9.5, color=MUTED, fontfamily=FONT, labelpad=2)


def _verdicts(criteria: pd.DataFrame, shown: list[Criterion], chosen: int) -> list[str]:
    """What each criterion says, in words."""
    lines = []
    for criterion in shown:
        values = dict(zip(criteria["k"], criteria[criterion.column].astype(float), strict=True))
        own, best = values.get(chosen, np.nan), best_k(criteria, criterion)
        line = f"{criterion.name}: {criterion.text(own) if np.isfinite(own) else 'not measured'}"
        if best == chosen:
            line += ", the sharpest bend" if criterion.judge else ", the best"
        elif criterion.judge and best is not None:
            line += f"; sharpest bend at k={best}"
        elif best is not None:
            line += f"; best {criterion.text(values[best])} (k={best})"
        lines.append(line)
    return lines


def plot_k_selection(criteria: pd.DataFrame, model: Mapping[str, Any]) -> Figure:
    """Draw one panel a criterion over k, with the chosen k marked in all, and a summary in words.

    Args:
        criteria: One row a k: k, is_chosen and the criteria's columns; those that are missing or without any
            value are left out.
        model: The segmentation model: k, grid, features, provenance.

    Returns:
        A picture with one axes a criterion.

    Raises:
        OlistError: Where the table has no rows.
    """
    if criteria.empty:
        raise OlistError(
            "There is no k to show: the table k_criteria is empty. Run the segmentation again: "
            "kedro run --pipeline=segmentation"
        )
    criteria = criteria.sort_values("k")
    shown = [c for c in CRITERIA if c.column in criteria and criteria[c.column].notna().any()]
    chosen, least, most = chosen_k(criteria, model), criteria["k"].min(), criteria["k"].max()
    verdicts = [wrap_text(text, PANEL_WIDTH, VERDICT_SIZE) for text in _verdicts(criteria, shown, chosen)]
    verdict_heights = [len(lines) * line_height(VERDICT_SIZE) + 0.08 for lines in verdicts]
    columns = 4 if len(shown) in (6, 7) else 3  # with the summary, no more than one place stays empty
    step_x, step_y = PANEL_WIDTH + PANEL_GAP, HEADING + PANEL_HEIGHT + BELOW
    corners = [
        (LEFT + step_x * (panel % columns), step_y * (panel // columns)) for panel in range(len(shown) + 1)
    ]
    verdict_left, verdict_top = corners[-1]
    sheet = Sheet(
        LEFT + columns * step_x - PANEL_GAP / 2 + 2 * MARGIN,
        verdict_top + max(step_y, HEADING + sum(verdict_heights)),
        title=f"How many segments? k = {chosen} was chosen out of {least} to {most}",
        how_to_read="one criterion a panel. Red: the chosen k. Ring: what that criterion alone would take.",
        source=describe_source(model),
        is_synthetic=is_synthetic(model),
    )
    style: dict[str, Any] = {"size": NAME_SIZE, "weight": "bold", "gid": "panel-heading"}
    for criterion, (left, top) in zip(shown, corners, strict=False):
        sheet.text(left, top, criterion.name, **style)
        advice_top = top + line_height(NAME_SIZE) + 0.03
        sheet.text(left, advice_top, criterion.advice, size=ADVICE_SIZE, colour=MUTED, gid="advice")
        axes = sheet.axes(left, top + HEADING, PANEL_WIDTH, PANEL_HEIGHT)
        _draw_criterion(axes, criteria, criterion, chosen)
    sheet.text(verdict_left, verdict_top, f"At k = {chosen}", colour=ACCENT, **style)
    verdict_top += HEADING - 0.15
    for lines, height in zip(verdicts, verdict_heights, strict=True):
        sheet.text(verdict_left, verdict_top, "\n".join(lines), size=VERDICT_SIZE, gid="verdict")
        verdict_top += height
    return sheet.figure
