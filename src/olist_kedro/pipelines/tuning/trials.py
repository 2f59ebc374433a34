"""The table of a study's trials, and which of them is best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from olist_kedro.pipelines.tuning.candidates import Candidate, current_values, label
from olist_kedro.pipelines.tuning.evaluation import METRICS, OBJECTIVES, gains, misses
from olist_kedro.pipelines.tuning.parameters import Choices, TuningParameters
from olist_kedro.pipelines.tuning.study import values_of

if TYPE_CHECKING:
    from optuna.study import Study


def tabulate_trials(
    study: Study, current: Candidate, current_metrics: Mapping[str, float], tuning: TuningParameters
) -> pd.DataFrame:
    """List the current parameters and every trial that has ended.

    Returns:
        One row a trial, after one for the current parameters: trial (number, missing for the current ones),
        state (current, complete, failed or interrupted), a column for each name of the search space (choices
        as text), the metrics of `evaluate`, error (why it failed), misses (the metrics that miss their bound,
        as text), is_on_front (no trial that keeps all bounds is better in one objective and worse in none),
        gain (see `rate_gains`) and is_best.
    """
    rows: list[dict[str, Any]] = [
        {
            "state": "current",
            **_as_written(current_values(current, tuning), tuning),
            **current_metrics,
            "misses": _missed(current_metrics, tuning),
        }
    ]
    for trial in study.trials:
        row = {"trial": trial.number, **_as_written(values_of(trial.params, tuning), tuning)}
        if trial.state.name == "COMPLETE":
            metrics = trial.user_attrs["metrics"]
            rows.append({**row, "state": "complete", **metrics, "misses": _missed(metrics, tuning)})
        elif trial.state.name == "FAIL":
            error = trial.user_attrs.get("error")
            rows.append({**row, "state": "failed" if error else "interrupted", "error": error})
    columns = ["trial", "state", *tuning.search_space, *METRICS, "error", "misses"]
    table = pd.DataFrame(rows, columns=columns).astype({"trial": "Int64"})
    front = [trial.number for trial in study.best_trials]
    table["is_on_front"] = table["trial"].isin(front) & (table["misses"] == "")
    table["gain"] = rate_gains(table)
    best = table["gain"].idxmax() if table["gain"].notna().any() else 0
    table["is_best"] = table.index == best
    return table


def rate_gains(table: pd.DataFrame) -> pd.Series:
    """Rate the trials on the front that are better than the current parameters in every objective.

    The rating is the product of the gains: Nash's bargaining solution (1950, Econometrica 18, 155-162)
    between the objectives, with the current parameters as what there is without an agreement. It does not
    depend on the objectives' units, so no weights have to be made up. Where the current parameters miss a
    bound, gains count from the worst value of each objective on the front instead.

    Args:
        table: misses, is_on_front and the objectives; the current parameters in the first row.

    Returns:
        The product for each row; NaN for those that are not rated.
    """
    objectives = table[list(OBJECTIVES)]
    start = objectives.iloc[0]
    is_start_allowed = table["misses"].iloc[0] == ""
    if not is_start_allowed:
        on_front = objectives[table["is_on_front"]]
        start = on_front.agg(
            {name: "max" if way == "minimize" else "min" for name, way in OBJECTIVES.items()}
        )
    won = gains(objectives, start)
    is_better = (won > 0).all(axis=1) if is_start_allowed else True
    return won.prod(axis=1).where(table["is_on_front"] & is_better, np.nan)


def _missed(metrics: Mapping[str, float], tuning: TuningParameters) -> str:
    return ", ".join(name for name, miss in misses(metrics, tuning.bounds).items() if miss > 0)


def _as_written(values: Mapping[str, Any], tuning: TuningParameters) -> dict[str, Any]:
    """Return values as a column of one type takes them: choices as text, numbers as such, else None."""
    written: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(tuning.search_space[name], Choices):
            written[name] = label(value)
        else:
            written[name] = value if isinstance(value, int | float) else None
    return written
