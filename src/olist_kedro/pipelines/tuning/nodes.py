"""Nodes of the pipeline `tuning`: search, compare what was found with what there is, write it down."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters, SomParameters
from olist_kedro.pipelines.tuning.adoption import Winner, describe_winner, find_winner, parameters_as_yaml
from olist_kedro.pipelines.tuning.candidates import Candidate, label, require_known_parameters
from olist_kedro.pipelines.tuning.evaluation import OBJECTIVES, RankSpace, evaluate
from olist_kedro.pipelines.tuning.parameters import Choices, TuningParameters
from olist_kedro.pipelines.tuning.study import (
    count_trials,
    measure_current,
    measure_importance,
    open_study,
    run_trial,
    study_name,
)
from olist_kedro.pipelines.tuning.trials import tabulate_trials
from olist_kedro.progress import task
from olist_kedro.segmentation.transforms import ModelFeatures

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from optuna.storages import JournalStorage
else:
    # Kedro resolves the annotations of a node to find the model that validates its parameters.
    Figure = JournalStorage = Any

FEWEST_CUSTOMERS = 100  # in a part


class TooFewCustomersError(OlistError):
    """The customers cannot be split into parts that say anything."""


class NothingMeasuredError(OlistError):
    """Not one trial of the study could be measured."""


class CustomerParts(NamedTuple):
    """The customers, shuffled and split: to train on, to judge the trials, and to judge the set to adopt."""

    training: pd.DataFrame
    validation: pd.DataFrame
    test: pd.DataFrame


def search_parameters(
    model_input: pd.DataFrame,
    tuning_studies: JournalStorage,
    model_features: ModelFeatures,
    som: SomParameters,
    clustering: ClusteringParameters,
    tuning: TuningParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, Winner]:
    """Continue the study of these customers and this search space until it has its number of trials.

    Args:
        model_input: `customer_unique_id` and the features in their own units.
        tuning_studies: Where Optuna keeps the studies.
        model_features: The current parameters; a trial takes from them what is not searched.
        som: As `model_features`.
        clustering: As `model_features`.
        tuning: What is searched, and how it is judged.

    Returns:
        The trials, as `tabulate_trials` describes them; each parameter's importance, as `measure_importance`
        does; and the set to adopt.

    Raises:
        TooFewCustomersError: The customers cannot be split.
        UnknownSearchedParameterError: The search space names a parameter that there is not.
        NothingMeasuredError: Not one trial succeeded.
        UnknownTrialError: The trial to adopt was not measured.
    """
    current = Candidate(model_features, som, clustering)
    require_known_parameters(current, tuning)
    parts = split_customers(model_input, tuning)
    middle = len(parts.training) // 2
    halves = parts.training[:middle], parts.training[middle:]
    rank_space = RankSpace.learn(parts.training, model_features)

    def measure(candidate: Candidate) -> dict[str, float]:
        return evaluate(candidate, halves, parts.validation, rank_space, sample_size=tuning.sample_size)

    study = open_study(tuning_studies, study_name(model_input, current, tuning), current, tuning)
    deadline = time.monotonic() + (tuning.timeout_seconds or math.inf)
    with task("Searching parameters", 1 + tuning.trials) as progress:
        current_metrics = measure_current(study, current, measure)
        progress.advance(1 + count_trials(study))
        while count_trials(study) < tuning.trials and time.monotonic() < deadline:
            run_trial(study, current, tuning, measure)
            progress.advance()
    table = tabulate_trials(study, current, current_metrics, tuning)
    if "complete" not in table["state"].tolist():
        reasons = "\n".join(f"  - {reason}" for reason in table["error"].dropna().unique()[:3])
        raise NothingMeasuredError(
            f"No trial was measured. {'They failed:' if reasons else 'There was no time.'}\n{reasons}\n"
            "Change tuning.search_space or tuning.timeout_seconds, and run again."
        )
    return table, measure_importance(study, tuning.seed), find_winner(table, study, current, tuning)


def compare_with_current(
    model_input: pd.DataFrame,
    tuning_winner: Winner,
    model_features: ModelFeatures,
    som: SomParameters,
    clustering: ClusteringParameters,
    tuning: TuningParameters,
) -> pd.DataFrame:
    """Measure the set to adopt and the current one on customers that had no say in the choice.

    The best of many trials looks better than it is on the customers that it was chosen by. Both sets are
    learnt from the same two halves of all the other customers, and that several times, halved anew each time.

    Returns:
        One row a set and repeat: parameters (current or tuned), repeat and the metrics of `evaluate`. Only
        the current set if it is the one to adopt.
    """
    sets = {"current": Candidate(model_features, som, clustering)}
    if tuning_winner.trial is not None:
        sets["tuned"] = tuning_winner.candidate
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
    """Write the set to adopt as a parameters file, with what it reached in comments.

    Returns:
        YAML.
    """
    text = describe_winner(tuning_trials, tuning_comparison, tuning_winner, tuning.bounds)
    comments = "\n".join(f"# {line}".rstrip() for line in text.splitlines())
    return f"{comments}\n\n{parameters_as_yaml(tuning_winner, tuning)}"


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
    synthetic = _is_synthetic(load_log)
    return plot(
        tuning_trials, OBJECTIVES, tuning_winner.trial, scales, tuning_importance, is_synthetic=synthetic
    )


def split_customers(model_input: pd.DataFrame, tuning: TuningParameters) -> CustomerParts:
    """Shuffle and split the customers, the same way for the same customers and seed.

    Raises:
        TooFewCustomersError: A part would be too small.
    """
    count = len(model_input)
    validation, test = int(tuning.validation_share * count), int(tuning.test_share * count)
    if min(validation, test, count - validation - test) < FEWEST_CUSTOMERS:
        raise TooFewCustomersError(
            f"{count:,} customers are too few: each of the three parts (tuning.validation_share, "
            f"tuning.test_share, and the rest) needs {FEWEST_CUSTOMERS}."
        )
    order = np.random.default_rng(tuning.seed).permutation(count)
    parts = np.split(order, [count - validation - test, count - test])
    return CustomerParts(*(model_input.iloc[part] for part in parts))


def _is_synthetic(load_log: ir.Table) -> bool:
    return bool(load_log.is_synthetic.any().execute())
