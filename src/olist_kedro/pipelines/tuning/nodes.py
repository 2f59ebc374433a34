"""Nodes of the pipeline `tuning`: search, compare the best with the current, write it to be adopted."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import yaml
from pydantic import ValidationError

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.som_kmeans.nodes import NoCustomersError
from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters, SomParameters
from olist_kedro.pipelines.tuning.candidates import (
    Candidate,
    current_values,
    distribution,
    drawn_value,
    label,
    require_known_parameters,
    targets_and_values,
)
from olist_kedro.pipelines.tuning.evaluation import METRICS, OBJECTIVES, RankSpace, evaluate, gains, misses
from olist_kedro.pipelines.tuning.parameters import Choices, TuningParameters
from olist_kedro.progress import console, task
from olist_kedro.segmentation.transforms import ModelFeatures

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from optuna.storages import JournalStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial
else:
    # Kedro resolves the annotations of a node to find the model that validates its parameters.
    Figure = JournalStorage = Any

IMPORTANCE_TREES = 64


class NothingSucceededError(OlistError):
    """Not one trial of the study could be measured."""


class UnknownTrialError(OlistError):
    """The trial to adopt is not in the study, or has failed."""


class CustomerParts(NamedTuple):
    """The customers, shuffled and split: to train on, to judge trials, and to judge what is adopted."""

    training: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


class Winner(NamedTuple):
    """The set of parameters to adopt.

    Attributes:
        trial: Its number in the study; None for the current set.
        values: What the names of the search space stand for in it.
        candidate: All parameters.
    """

    trial: int | None
    values: dict[str, Any]
    candidate: Candidate


def search_parameters(
    model_input: pd.DataFrame,
    tuning_studies: JournalStorage,
    model_features: ModelFeatures,
    som: SomParameters,
    clustering: ClusteringParameters,
    tuning: TuningParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, Winner]:
    """Continue the study of these customers and this search space until it has its number of trials.

    The sampler is Optuna's multi-objective TPE (Ozaki, Tanigaki, Watanabe and Onishi 2020, GECCO) with constraints. It
    is seeded anew before each trial, by the number of those before it, so a study that was interrupted and continued has
    the trials of one that was not.

    Args:
        model_input: `customer_unique_id` and the features in their own units.
        tuning_studies: Where Optuna keeps the studies.
        model_features: The current set of parameters, from which a trial takes what is not searched.
        som: As model_features.
        clustering: As model_features.
        tuning: What is searched.

    Returns:
        The trials as `tabulate_trials` returns them; the importance of each name of the search space for each
        objective (fANOVA, Hutter, Hoos and Leyton-Brown 2014, ICML): name, objective, importance, none where there are
        too few trials; and the set to adopt.

    Raises:
        NoCustomersError: There are too few customers to split.
        UnknownSearchedParameterError: The search space names a parameter that there is not.
        NothingSucceededError: All trials failed.
        UnknownTrialError: The trial to adopt is not in the study, or failed.
    """
    current = Candidate(model_features, som, clustering)
    require_known_parameters(current, tuning)
    customers = split_customers(model_input, tuning)
    rank_space = RankSpace.learn(customers.training, model_features)
    middle = len(customers.training) // 2
    halves = customers.training[:middle], customers.training[middle:]

    def measure(candidate: Candidate) -> dict[str, float]:
        return evaluate(candidate, halves, customers.validation, rank_space, sample_size=tuning.sample_size)

    study = open_study(tuning_studies, fingerprint(model_input, current, tuning), current, tuning)
    with task("Measuring the current parameters", leaves_line=False):
        current_metrics = measure(current)
    deadline = time.monotonic() + (tuning.timeout_seconds or np.inf)
    counted = count_trials(study)
    with task("Searching parameters", tuning.trials) as progress:
        progress.advance(counted)
        while counted < tuning.trials and time.monotonic() < deadline:
            run_trial(study, counted, current, tuning, measure)
            counted += 1
            progress.advance()
    table = tabulate_trials(study, current, current_metrics, tuning)
    if not (table["state"] == "complete").any():
        reasons = "\n".join(f"  - {reason}" for reason in table["error"].dropna().unique()[:3])
        raise NothingSucceededError(
            f"None of the {counted} trials could be measured:\n{reasons}\n"
            "Change tuning.search_space, and run again."
        )
    return table, measure_importance(study, tuning), find_winner(table, current, study, tuning)


def split_customers(model_input: pd.DataFrame, tuning: TuningParameters) -> CustomerParts:
    """Split the customers by chance, the same way for the same customers and seed.

    Raises:
        NoCustomersError: A part would be too small to find segments in.
    """
    order = np.random.default_rng(tuning.seed).permutation(len(model_input))
    validation, test = (int(share * len(order)) for share in (tuning.validation_share, tuning.test_share))
    parts = np.split(order, [len(order) - validation - test, len(order) - test])
    if min(len(part) for part in parts) < 100:
        raise NoCustomersError(
            f"{len(order):,} customers are too few to try parameters on: each part (tuning.validation_share, "
            "tuning.test_share and the rest) must have 100 of them.\nTake more data."
        )
    return CustomerParts(*(model_input.iloc[part] for part in parts))


def fingerprint(model_input: pd.DataFrame, current: Candidate, tuning: TuningParameters) -> str:
    """Return what a study's trials have in common: customers, search space, way of judging, and all that is not searched.

    Trials of the same fingerprint compare; adopting a set that was found does not change it.
    """
    tree: dict[str, Any] = current.tree()
    for name in tuning.search_space:
        for target in tuning.targets(name):
            branch, _, leaf = target.rpartition(".")
            holder = tree
            for level in branch.split("."):
                holder = holder[level]
            del holder[leaf]
    judged = tuning.model_dump(mode="json", exclude={"trials", "timeout_seconds", "adopt", "repeats"})
    digest = hashlib.sha256(json.dumps([tree, judged], sort_keys=True).encode())
    digest.update(pd.util.hash_pandas_object(model_input, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def open_study(storage: JournalStorage, digest: str, current: Candidate, tuning: TuningParameters) -> Study:
    """Continue the study with this fingerprint, or begin it with the current values.

    Trials that were under way when a run was stopped end here, as failed; they are tried again.
    """
    import optuna
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = f"tuning-{digest[:12]}"
    others = [other for other in optuna.get_all_study_names(storage) if other != name]
    is_new = name not in optuna.get_all_study_names(storage)
    study = optuna.create_study(
        storage=storage, study_name=name, directions=list(OBJECTIVES.values()), load_if_exists=True
    )
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
    if is_new:
        found = current_values(current, tuning).items()
        values = {name: value for name, value in found if is_drawable(tuning, name, value)}
        study.enqueue_trial(
            {
                name: label(value) if isinstance(tuning.search_space[name], Choices) else value
                for name, value in values.items()
            }
        )
        if others:
            console.print(
                "  A new study begins: the customers, the search space or what is not searched have changed.",
                markup=False,
            )
    return study


def is_drawable(tuning: TuningParameters, name: str, value: Any) -> bool:
    """Whether the search space holds a value."""
    searched = tuning.search_space[name]
    if isinstance(searched, Choices):
        return label(value) in map(label, searched.choices)
    if not isinstance(value, int | float) or not searched.low <= value <= searched.high:
        return False
    return searched.step is None or (value - searched.low) % searched.step == 0


def count_trials(study: Study) -> int:
    """Count the trials that have ended by themselves, measured or failed."""
    return sum(trial.state.name == "COMPLETE" or "error" in trial.user_attrs for trial in study.trials)


def run_trial(study: Study, counted: int, current: Candidate, tuning: TuningParameters, measure: Any) -> None:
    """Draw a set of parameters and measure it. One that cannot be measured is recorded with the reason."""
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # of constraints
        study.sampler = TPESampler(
            seed=tuning.seed + counted, constraints_func=lambda trial: trial.user_attrs["misses"]
        )
    trial = study.ask({name: distribution(searched) for name, searched in tuning.search_space.items()})
    try:
        metrics = measure(current.with_values(targets_and_values(tuning, _values(tuning, trial.params))))
        unmeasured = [name for name in OBJECTIVES if np.isnan(metrics[name])]
        if unmeasured:
            raise OlistError(f"could not measure {', '.join(unmeasured)}")
    except (OlistError, ValidationError) as error:
        trial.set_user_attr("error", str(error))
        study.tell(trial, state=TrialState.FAIL)
        return
    trial.set_user_attr("metrics", metrics)
    trial.set_user_attr("misses", list(misses(metrics, tuning.bounds).values()))
    study.tell(trial, [metrics[name] for name in OBJECTIVES])


def tabulate_trials(
    study: Study, current: Candidate, current_metrics: dict[str, float], tuning: TuningParameters
) -> pd.DataFrame:
    """List the current parameters and every trial.

    Returns:
        One row a trial, the current parameters in the first: trial (number, missing for the current ones), state
        (current, complete, failed or interrupted), a column for each name of the search space (choices as text), the
        metrics of `evaluate`, misses (the bounds that are missed, as text), is_on_front (no trial that keeps the bounds
        is better in one objective and worse in none), gain (see `rate_gains`), is_best and error.
    """
    found = current_values(current, tuning)
    rows = [{"trial": None, "state": "current", **_as_written(tuning, found), **current_metrics}]
    for trial in study.trials:
        if trial.state.name not in ("COMPLETE", "FAIL"):
            continue
        state = {"COMPLETE": "complete", "FAIL": "failed"}[trial.state.name]
        error = trial.user_attrs.get("error")
        rows.append(
            {
                "trial": trial.number,
                "state": "interrupted" if state == "failed" and error is None else state,
                **_as_written(tuning, _values(tuning, trial.params)),
                **trial.user_attrs.get("metrics", {}),
                "error": error,
            }
        )
    columns = ["trial", "state", *tuning.search_space, *METRICS, "error"]
    table = pd.DataFrame(rows, columns=columns).astype({"trial": "Int64", **dict.fromkeys(METRICS, float)})
    is_measured = table["state"].isin(["current", "complete"])
    table.insert(
        len(columns) - 1,
        "misses",
        [
            ", ".join(name for name, miss in misses(row, tuning.bounds).items() if miss > 0)
            if measured
            else None
            for row, measured in zip(table[list(METRICS)].to_dict("records"), is_measured, strict=True)
        ],
    )
    front = {trial.number for trial in study.best_trials}
    is_allowed = (table["state"] == "complete") & (table["misses"] == "")
    table["is_on_front"] = table["trial"].isin(front) & is_allowed
    table["gain"] = rate_gains(table)
    table["is_best"] = table["gain"] == table["gain"].max()
    table.loc[table["is_best"].cumsum() > 1, "is_best"] = False
    if not table["is_best"].any():
        table.loc[0, "is_best"] = True
    return table


def rate_gains(table: pd.DataFrame) -> pd.Series:
    """Rate the trials that keep all bounds and are better than the current parameters in every objective.

    The rating is the product of the gains over the current parameters: Nash's bargaining solution (1950, Econometrica
    18, 155-162), which does not depend on the units of the objectives, so no weights have to be made up. If the current
    parameters miss a bound themselves, gains are counted from the worst value of each objective on the front instead.

    Returns:
        The product for each row; NaN where there is none.
    """
    objectives = list(OBJECTIVES)
    reference = table.loc[0, objectives].to_dict()
    if table.loc[0, "misses"]:
        on_front = table.loc[table["is_on_front"], objectives]
        reference = {
            name: on_front[name].max() if direction == "minimize" else on_front[name].min()
            for name, direction in OBJECTIVES.items()
        }
    rated = pd.Series(np.nan, index=table.index)
    for index in table.index[table["is_on_front"]]:
        won = gains(table.loc[index, objectives].to_dict(), reference)
        if min(won.values()) > 0 or (table.loc[0, "misses"] and min(won.values()) >= 0):
            rated[index] = float(np.prod(list(won.values())))
    return rated


def find_winner(table: pd.DataFrame, current: Candidate, study: Study, tuning: TuningParameters) -> Winner:
    """Return the set to adopt: the one rated best, the current one if there is none, or the trial asked for.

    Raises:
        UnknownTrialError: That trial is not in the study, or was not measured.
    """
    if tuning.adopt == "best":
        number = table.loc[table["is_best"], "trial"].iloc[0]
        if pd.isna(number):
            return Winner(None, current_values(current, tuning), current)
    else:
        number = tuning.adopt
        measured = table.loc[table["state"] == "complete", "trial"]
        if number not in set(measured):
            raise UnknownTrialError(
                f"tuning.adopt asks for trial {number}, but this study has not measured one of that number.\n"
                "See 07_model_output/tuning_trials.parquet for those it has."
            )
    trial: FrozenTrial = study.trials[int(number)]
    values = _values(tuning, trial.params)
    return Winner(trial.number, values, current.with_values(targets_and_values(tuning, values)))


def measure_importance(study: Study, tuning: TuningParameters) -> pd.DataFrame:
    """Return how much of an objective's variation over the trials each name explains: name, objective, importance."""
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    rows = []
    trials = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    for place, objective in enumerate(OBJECTIVES):
        if len({trial.values[place] for trial in trials}) < 2:
            continue
        shares = get_param_importances(
            study,
            evaluator=FanovaImportanceEvaluator(n_trees=IMPORTANCE_TREES, seed=tuning.seed),
            target=lambda trial, place=place: trial.values[place],
        )
        rows += [
            {"name": name, "objective": objective, "importance": share} for name, share in shares.items()
        ]
    return pd.DataFrame(rows, columns=["name", "objective", "importance"])


def compare_with_current(
    model_input: pd.DataFrame,
    tuning_winner: Winner,
    model_features: ModelFeatures,
    som: SomParameters,
    clustering: ClusteringParameters,
    tuning: TuningParameters,
) -> pd.DataFrame:
    """Measure the set to adopt and the current one on customers that had no say in the search.

    The best of many trials looks better than it is, on the customers that it was chosen by. Both sets are learnt from
    the same halves of the other customers, several times, each time halved anew.

    Returns:
        One row a set and repeat: parameters (current or tuned), repeat, and the metrics of `evaluate`. Nothing but the
        current set where that is the one to adopt.
    """
    current = Candidate(model_features, som, clustering)
    sets = (
        {"current": current}
        if tuning_winner.trial is None
        else {"current": current, "tuned": tuning_winner.candidate}
    )
    parts = split_customers(model_input, tuning)
    others = pd.concat([parts.training, parts.validation])
    rank_space = RankSpace.learn(others, model_features)
    rows = []
    with task("Comparing with the current parameters", tuning.repeats * len(sets)) as progress:
        for repeat in range(tuning.repeats):
            order = np.random.default_rng([tuning.seed, repeat]).permutation(len(others))
            first, second = np.array_split(order, 2)
            halves = others.iloc[first], others.iloc[second]
            for name, candidate in sets.items():
                metrics = evaluate(candidate, halves, parts.test, rank_space, sample_size=tuning.sample_size)
                rows.append({"parameters": name, "repeat": repeat, **metrics})
                progress.advance()
    return pd.DataFrame(rows)


def write_parameters(
    tuning_trials: pd.DataFrame,
    tuning_comparison: pd.DataFrame,
    tuning_winner: Winner,
    tuning: TuningParameters,
) -> str:
    """Write the set to adopt as a parameters file, with what it reached against the current one in comments.

    Returns:
        YAML. Only what was searched is in it, and the features as a whole, since a list replaces the one in `base`.
    """
    searched = [target for name in tuning.search_space for target in tuning.targets(name)]
    values: dict[str, Any] = {}
    for target, value in targets_and_values(tuning, tuning_winner.values).items():
        *levels, leaf = target.split(".")
        if levels[0] != "model_features":
            branch = values
            for level in levels:
                branch = branch.setdefault(level, {})
            branch[leaf] = list(value) if isinstance(value, tuple) else value
    if any(target.startswith("model_features.") for target in searched):
        features = tuning_winner.candidate.model_features
        values["model_features"] = [
            {"name": feature.name, **feature.model_dump(mode="json", exclude={"name"}, exclude_defaults=True)}
            for feature in features.root
        ]
    comments = "\n".join(
        f"# {line}".rstrip()
        for line in describe_winner(tuning_trials, tuning_comparison, tuning_winner, tuning)
    )
    return f"{comments}\n{yaml.safe_dump(values, sort_keys=False, default_flow_style=None, width=110)}"


def describe_winner(
    tuning_trials: pd.DataFrame,
    tuning_comparison: pd.DataFrame,
    tuning_winner: Winner,
    tuning: TuningParameters,
) -> list[str]:
    """Say in lines of text where the set comes from, how to adopt it, and what it reached."""
    states = tuning_trials["state"].value_counts()
    lines = [
        f"Written by `kedro run --pipeline=tuning` after {states.get('complete', 0)} trials"
        f" ({states.get('failed', 0)} more failed); see docs/segmentation.md, Tuning.",
    ]
    if tuning_winner.trial is None:
        lines.append(
            "None of them keeps all bounds and is better in every objective, so these are the current values."
        )
    else:
        lines += [
            f"Trial {tuning_winner.trial}. To adopt it, copy this file to conf/local/parameters_tuned.yml, and run",
            "`kedro run --pipeline=segmentation`. No other file there may name the same parameters.",
        ]
    lines += ["", *compare_in_words(tuning_comparison, tuning), ""]
    return lines


def compare_in_words(tuning_comparison: pd.DataFrame, tuning: TuningParameters) -> list[str]:
    """Return a table of the metrics in text, mean and range over the repeats, and what to conclude."""
    by_set = tuning_comparison.groupby("parameters")[list(METRICS)]
    means, lowest, highest = by_set.mean(), by_set.min(), by_set.max()
    sets = [name for name in ("current", "tuned") if name in means.index]
    lines = [
        f"On customers that had no say in it ({tuning.repeats} repeats, mean and range):",
        f"{'':28}" + "".join(f"{name:>24}" for name in sets),
    ]
    for metric in METRICS:
        cells = [
            f"{means.loc[name, metric]:.3f} ({lowest.loc[name, metric]:.3f} to {highest.loc[name, metric]:.3f})"
            for name in sets
        ]
        better = {"minimize": "lower", "maximize": "higher"}.get(OBJECTIVES.get(metric, ""))
        note = f"  {better} is better" if better else ""
        lines.append(f"{metric:28}" + "".join(f"{cell:>24}" for cell in cells) + note)
    if "tuned" in sets:
        lines += ["", conclude(tuning_comparison, tuning)]
    return lines


def conclude(tuning_comparison: pd.DataFrame, tuning: TuningParameters) -> str:
    """Say whether the set to adopt is better than the current one on customers that had no say in it."""
    current, tuned = (
        tuning_comparison[tuning_comparison["parameters"] == name].set_index("repeat")
        for name in ("current", "tuned")
    )
    means = tuned[list(METRICS)].mean().to_dict()
    missed = [name for name, miss in misses(means, tuning.bounds).items() if miss > 0]
    if missed:
        return f"It misses bounds: {', '.join(missed)}. Better keep the current one."
    wins = {
        name: int(
            sum(
                gains(tuned.loc[repeat].to_dict(), current.loc[repeat].to_dict())[name] > 0
                for repeat in tuned.index
            )
        )
        for name in OBJECTIVES
    }
    worse = [name for name, count in wins.items() if count < len(tuned)]
    if worse:
        return f"Not better in every repeat: {', '.join(worse)}. Look at the ranges before you adopt it."
    return "Better in every objective and every repeat."


def plot_objectives(tuning_trials: pd.DataFrame, tuning_winner: Winner, load_log: ir.Table) -> Figure:
    """Draw the trials by their objectives; see `olist_kedro.plots.tuning`."""
    from olist_kedro.plots.tuning import plot_objectives as plot

    return plot(tuning_trials, OBJECTIVES, tuning_winner.trial, is_synthetic=_is_synthetic(load_log))


def plot_history(tuning_trials: pd.DataFrame, tuning_winner: Winner, load_log: ir.Table) -> Figure:
    """Draw the objectives from trial to trial; see `olist_kedro.plots.tuning`."""
    from olist_kedro.plots.tuning import plot_history as plot

    return plot(tuning_trials, OBJECTIVES, tuning_winner.trial, is_synthetic=_is_synthetic(load_log))


def plot_parameters(
    tuning_trials: pd.DataFrame,
    tuning_importance: pd.DataFrame,
    tuning_winner: Winner,
    load_log: ir.Table,
    tuning: TuningParameters,
) -> Figure:
    """Draw the objectives over each searched parameter; see `olist_kedro.plots.tuning`."""
    from olist_kedro.plots.tuning import plot_parameters as plot

    scales = {
        name: [label(choice) for choice in searched.choices] if isinstance(searched, Choices) else None
        for name, searched in tuning.search_space.items()
    }
    return plot(
        tuning_trials,
        OBJECTIVES,
        tuning_winner.trial,
        scales,
        tuning_importance,
        is_synthetic=_is_synthetic(load_log),
    )


def _values(tuning: TuningParameters, drawn: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: drawn_value(searched, drawn[name])
        for name, searched in tuning.search_space.items()
        if name in drawn
    }


def _as_written(tuning: TuningParameters, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a column of one type takes them: choices as text, numbers as such, None for another value."""
    written: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(tuning.search_space[name], Choices):
            written[name] = label(value)
        else:
            written[name] = value if isinstance(value, int | float) else None
    return written


def _is_synthetic(load_log: ir.Table) -> bool:
    return bool(load_log.is_synthetic.any().execute())
