"""The set of parameters to adopt: which one it is, what it reached, and the file to adopt it by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import yaml

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.tuning.candidates import Candidate, current_values, targets_and_values
from olist_kedro.pipelines.tuning.evaluation import METRICS, OBJECTIVES, gains, misses
from olist_kedro.pipelines.tuning.parameters import Bounds, TuningParameters
from olist_kedro.pipelines.tuning.study import values_of

if TYPE_CHECKING:
    from optuna.study import Study


class UnknownTrialError(OlistError):
    """The trial to adopt is not in the study, or was not measured."""


class Winner(NamedTuple):
    """The set of parameters to adopt.

    Attributes:
        trial: Its number in the study; None for the current set.
        values: Its values by the names of the search space.
        candidate: All its parameters.
    """

    trial: int | None
    values: dict[str, Any]
    candidate: Candidate


def find_winner(table: pd.DataFrame, study: Study, current: Candidate, tuning: TuningParameters) -> Winner:
    """Return the set to adopt: the best one, which may be the current one, or the trial that is asked for.

    Raises:
        UnknownTrialError: That trial is not in the study, or was not measured.
    """
    if tuning.adopt == "best":
        number = table.loc[table["is_best"], "trial"].iloc[0]
        if pd.isna(number):
            return Winner(None, current_values(current, tuning), current)
    else:
        number = tuning.adopt
        if number not in table.loc[table["state"] == "complete", "trial"].tolist():
            raise UnknownTrialError(
                f"tuning.adopt asks for trial {number}, which this study has not measured.\n"
                "Those that it has are in 07_model_output/tuning_trials.parquet."
            )
    trial = study.trials[int(number)]
    values = values_of(trial.params, tuning)
    return Winner(trial.number, values, current.with_values(targets_and_values(tuning, values)))


def parameters_as_yaml(winner: Winner, tuning: TuningParameters) -> str:
    """Write what was searched as YAML; the features as a whole, since a list replaces another."""
    tree: dict[str, Any] = {}
    for target, value in targets_and_values(tuning, winner.values).items():
        *levels, leaf = target.split(".")
        if levels[0] == "model_features":
            tree["model_features"] = [
                {
                    "name": feature.name,
                    **feature.model_dump(mode="json", exclude={"name"}, exclude_defaults=True),
                }
                for feature in winner.candidate.model_features.root
            ]
            continue
        branch = tree
        for level in levels:
            branch = branch.setdefault(level, {})
        branch[leaf] = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump(tree, sort_keys=False, default_flow_style=None, width=110)


def describe_winner(trials: pd.DataFrame, comparison: pd.DataFrame, winner: Winner, bounds: Bounds) -> str:
    """Say where the set comes from, how to adopt it, and what it reached against the current one.

    Args:
        trials: What `tabulate_trials` returned.
        comparison: What `compare_with_current` returned.
        winner: The set.
        bounds: What it must reach.

    Returns:
        Lines of text.
    """
    states = trials["state"].value_counts()
    lines = [
        f"Written by `kedro run --pipeline=tuning` after {states['complete']} trials"
        f" and {states.get('failed', 0)} that failed.",
    ]
    if winner.trial is None:
        lines += ["No trial keeps all bounds and is better in every objective: these are the current values."]
    else:
        lines += [
            f"This is trial {winner.trial}. {conclude(comparison, bounds)}",
            "To adopt it, copy the file to conf/local/parameters_tuned.yml, and run",
            "`kedro run --pipeline=segmentation`. No other file there may set the same names.",
        ]
    repeats = comparison["repeat"].nunique()
    lines += [
        "",
        f"On customers that had no say in the choice: mean (lowest to highest) of {repeats} repeats.",
    ]
    return "\n".join([*lines, *_compare(comparison)])


def conclude(comparison: pd.DataFrame, bounds: Bounds) -> str:
    """Say whether the set to adopt is better than the current one on customers that had no say in the choice.

    Args:
        comparison: What `compare_with_current` returned, for two sets.
        bounds: What the set must reach.
    """
    by_repeat = comparison.set_index("repeat")
    tuned = by_repeat[by_repeat["parameters"] == "tuned"]
    current = by_repeat[by_repeat["parameters"] == "current"]
    missed = [name for name, miss in misses(tuned[list(METRICS)].mean(), bounds).items() if miss > 0]
    if missed:
        return f"On new customers it misses the bound of {', '.join(missed)}: do not adopt it."
    wins = (gains(tuned, current) > 0).sum()
    lost = len(tuned) - wins[wins < len(tuned)]
    if len(lost):
        where = ", ".join(f"{name} (in {count} of {len(tuned)} repeats)" for name, count in lost.items())
        return f"On new customers it is no better in {where}."
    return "On new customers it is better in every objective and every repeat."


def _compare(comparison: pd.DataFrame) -> list[str]:
    """Return a table in text: a line a metric, a column a set."""
    sets = comparison["parameters"].unique()
    rows = [["", *sets, ""]]
    for metric in METRICS:
        summary = comparison.groupby("parameters")[metric].agg(["mean", "min", "max"]).loc[sets]
        cells = [f"{mean:.3f} ({low:.3f} to {high:.3f})" for mean, low, high in summary.to_numpy()]
        rows.append([metric, *cells, OBJECTIVES.get(metric, "")])
    return ["".join([f"{row[0]:<28}", *(f"{cell:<26}" for cell in row[1:])]).rstrip() for row in rows]
