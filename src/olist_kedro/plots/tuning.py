"""The trials of a search for parameters: against each other, from first to last, and over each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from olist_kedro.plots.sheet import FlowKey, Sheet
from olist_kedro.plots.style import (
    ACCENT,
    FAINT,
    FONT,
    INK,
    MARGIN,
    MUTED,
    PAPER,
    line_height,
    quiet_axes,
    wrap_text,
)

# From the bottom layer to the top one.
KINDS = {
    "misses a bound": "#c3c8d0",
    "keeps all bounds": "#56b4e9",
    "on the front: no other is better in all": "#0072b2",
    "current parameters": INK,
    "to adopt": ACCENT,
}
PANEL_WIDTH, PANEL_HEIGHT, GAP = 3.1, 2.5, 0.85  # inches
LEFT, HEADING, BELOW = 0.7, 0.3, 0.6
LOW_PANEL_HEIGHT, LOW_PANEL_STEP = 0.95, 1.45
NAME_WIDTH, NAME_SIZE, HEADING_SIZE = 2.3, 10.0, 11.5


def plot_objectives(
    trials: pd.DataFrame, objectives: Mapping[str, str], winner: int | None, *, is_synthetic: bool
) -> Figure:
    """Draw each pair of objectives, a dot a trial.

    Args:
        trials: One row a trial and one for the current parameters, as `tabulate_trials` returns them.
        objectives: The objectives' columns, and whether to "minimize" or "maximize" each.
        winner: The trial to adopt; None for the current parameters.
        is_synthetic: Whether the customers are made up.
    """
    pairs = list(combinations(objectives, 2))
    sheet, key, top = _sheet(
        trials,
        winner,
        columns=len(pairs),
        body=PANEL_HEIGHT + BELOW,
        how_to_read="a dot is a set of parameters, measured on customers it was not trained on; "
        "better in one objective is mostly worse in another.",
        is_synthetic=is_synthetic,
    )
    kinds = _kinds(trials, winner)
    for place, (across, up) in enumerate(pairs):
        axes = sheet.axes(LEFT + place * (PANEL_WIDTH + GAP), top, PANEL_WIDTH, PANEL_HEIGHT)
        _draw_dots(axes, trials[across], trials[up], kinds)
        _finish(axes, _words(across, objectives), _words(up, objectives))
    key.draw(sheet, LEFT, 0)
    return sheet.figure


def plot_history(
    trials: pd.DataFrame, objectives: Mapping[str, str], winner: int | None, *, is_synthetic: bool
) -> Figure:
    """Draw each objective from the first trial to the last, and the best value so far.

    Args:
        trials: As for `plot_objectives`.
        objectives: As for `plot_objectives`.
        winner: As for `plot_objectives`.
        is_synthetic: As for `plot_objectives`.
    """
    sheet, key, top = _sheet(
        trials,
        winner,
        columns=len(objectives),
        body=PANEL_HEIGHT + BELOW,
        how_to_read="a dot is a trial. Steps: the best so far of those that keep all bounds. Dashed: the "
        "current parameters. Where the steps still change at the end, more trials may find more.",
        is_synthetic=is_synthetic,
    )
    kinds = _kinds(trials, winner)
    numbered = trials["trial"].notna()
    allowed = trials[numbered & (trials["misses"] == "")]
    for place, (objective, direction) in enumerate(objectives.items()):
        axes = sheet.axes(LEFT + place * (PANEL_WIDTH + GAP), top, PANEL_WIDTH, PANEL_HEIGHT)
        axes.axhline(trials.loc[~numbered, objective].iloc[0], color=INK, lw=1, ls="--", zorder=0)
        best = allowed[objective].cummin() if direction == "minimize" else allowed[objective].cummax()
        axes.step(allowed["trial"].astype(float), best, where="post", color="#0072b2", lw=1.2, zorder=0)
        rows = trials[numbered]
        _draw_dots(axes, rows["trial"].astype(float), rows[objective], kinds[numbered])
        _finish(axes, "trial", _words(objective, objectives))
    key.draw(sheet, LEFT, 0)
    return sheet.figure


def plot_parameters(
    trials: pd.DataFrame,
    objectives: Mapping[str, str],
    winner: int | None,
    scales: Mapping[str, Sequence[str] | None],
    importance: pd.DataFrame,
    *,
    is_synthetic: bool,
) -> Figure:
    """Draw each objective over each searched parameter, the most important parameter first.

    Args:
        trials: As for `plot_objectives`, with a column for each name in `scales`.
        objectives: As for `plot_objectives`.
        winner: As for `plot_objectives`.
        scales: The searched names, each with its choices in order, or None for a number.
        importance: name, objective and importance, 0 to 1; no rows where it is not known.
        is_synthetic: As for `plot_objectives`.
    """
    shares = importance.pivot_table(index="name", columns="objective", values="importance")
    names = sorted(scales, key=lambda name: -shares.loc[name].max() if name in shares.index else 0)
    sheet, key, top = _sheet(
        trials,
        winner,
        columns=len(objectives),
        left=NAME_WIDTH + LEFT,
        body=2 * HEADING + len(names) * LOW_PANEL_STEP,
        how_to_read="a dot is a trial. The percentage is the share of the objective's variation over the "
        "trials that the parameter explains (fANOVA). A level cloud: the parameter hardly matters there.",
        is_synthetic=is_synthetic,
    )
    kinds = _kinds(trials, winner)
    for place, objective in enumerate(objectives):
        left = NAME_WIDTH + LEFT + place * (PANEL_WIDTH + GAP)
        heading = _words(objective, objectives)
        sheet.text(left, top, heading, size=HEADING_SIZE, weight="bold", gid="panel-heading")
        for row, name in enumerate(names):
            panel_top = top + 2 * HEADING + row * LOW_PANEL_STEP
            axes = sheet.axes(left, panel_top, PANEL_WIDTH, LOW_PANEL_HEIGHT)
            choices = scales[name]
            across = trials[name]
            if choices is not None:
                across = across.map({choice: at for at, choice in enumerate(choices)})
            _draw_dots(axes, across.astype(float), trials[objective], kinds, size=5)
            _finish(axes, "", "")
            axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
            if choices is not None:
                axes.set_xticks(range(len(choices)), choices)
                axes.set_xlim(-0.5, len(choices) - 0.5)
            if name in shares.index:
                share = f"{shares[objective][name]:.0%}"
                axes.set_title(share, loc="right", fontsize=9, color=MUTED, fontfamily=FONT, pad=2)
    for row, name in enumerate(names):
        lines = wrap_text(name.replace("_", "_ ").replace(".", ". "), NAME_WIDTH, NAME_SIZE)
        text = "\n".join(line.replace("_ ", "_").replace(". ", ".") for line in lines)
        middle = top + 2 * HEADING + row * LOW_PANEL_STEP + LOW_PANEL_HEIGHT / 2
        sheet.text(0, middle, text, size=NAME_SIZE, va="center", gid="parameter")
    key.draw(sheet, NAME_WIDTH + LEFT, 0)
    return sheet.figure


def _sheet(
    trials: pd.DataFrame,
    winner: int | None,
    *,
    columns: int,
    body: float,
    how_to_read: str,
    is_synthetic: bool,
    left: float = LEFT,
) -> tuple[Sheet, FlowKey, float]:
    """Make the sheet; return it, its key and where the body begins below the key."""
    width = left + columns * (PANEL_WIDTH + GAP) - GAP + 2 * MARGIN
    states = trials["state"].value_counts()
    measured, failed = states.get("complete", 0), states.get("failed", 0)
    outcome = "the current ones are kept" if winner is None else f"trial {winner} is to adopt"
    present = set(_kinds(trials, winner))
    entries = {kind: colour for kind, colour in KINDS.items() if kind in present}
    key = FlowKey(entries, width - left - 2 * MARGIN)
    top = key.height + line_height(NAME_SIZE)
    sheet = Sheet(
        width,
        top + body,
        title=f"{measured} sets of parameters were tried: {outcome}",
        how_to_read=how_to_read,
        source=f"study of {measured} trials" + (f" and {failed} that failed" if failed else ""),
        is_synthetic=is_synthetic,
    )
    return sheet, key, top


def _kinds(trials: pd.DataFrame, winner: int | None) -> pd.Series:
    """Say of each row what it is, in the words of `KINDS`; missing where it was not measured."""
    misses, keeps, front, current, adopted = KINDS
    kinds = pd.Series(None, index=trials.index, dtype=object)
    measured = trials["state"].isin(["complete", "current"])
    kinds[measured] = misses
    kinds[measured & (trials["misses"] == "")] = keeps
    kinds[trials["is_on_front"]] = front
    kinds[trials["state"] == "current"] = current
    if winner is not None:
        kinds[(trials["trial"] == winner).fillna(False)] = adopted
    return kinds


def _draw_dots(axes: Axes, across: pd.Series, up: pd.Series, kinds: pd.Series, size: float = 6) -> None:
    for layer, (kind, colour) in enumerate(KINDS.items(), start=1):
        rows = kinds == kind
        marker = "D" if kind == "current parameters" else "o"
        axes.plot(across[rows], up[rows], marker, ms=size, color=colour, mec=PAPER, mew=0.6, zorder=layer)


def _finish(axes: Axes, across: str, up: str) -> None:
    axes.margins(x=0.06, y=0.1)
    axes.grid(color=FAINT, lw=0.6)
    axes.set_axisbelow(True)
    quiet_axes(axes, 8.5)
    axes.set_xlabel(across, fontsize=9.5, color=MUTED, fontfamily=FONT, labelpad=3)
    axes.set_ylabel(up, fontsize=9.5, color=MUTED, fontfamily=FONT, labelpad=3)


def _words(objective: str, objectives: Mapping[str, str]) -> str:
    arrow = "lower" if objectives[objective] == "minimize" else "higher"
    return f"{objective.replace('_', ' ')} ({arrow} is better)"
