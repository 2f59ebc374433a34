"""Optuna's side of the search: a study, its trials, and what they say of each parameter's importance."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.tuning.candidates import (
    Candidate,
    current_values,
    distribution,
    drawn_value,
    is_drawable,
    label,
    targets_and_values,
)
from olist_kedro.pipelines.tuning.evaluation import OBJECTIVES, misses
from olist_kedro.pipelines.tuning.parameters import Choices, TuningParameters
from olist_kedro.progress import console

if TYPE_CHECKING:
    from optuna.storages import JournalStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial

Measure = Callable[[Candidate], dict[str, float]]

IMPORTANCE_TREES = 64
NOT_JUDGING = {"trials", "timeout_seconds", "adopt", "repeats"}


def study_name(model_input: pd.DataFrame, current: Candidate, tuning: TuningParameters) -> str:
    """Name a study after what its trials have in common, by which they compare.

    That is the customers, the search space, the way of judging, and every parameter that is not searched. So
    adopting what a study has found continues it, unless that changes the space of ranks.
    """
    tree = current.tree()
    ranks = [(feature.name, feature.impute, feature.weight) for feature in current.model_features.root]
    for name in tuning.search_space:
        for target in tuning.targets(name):
            *levels, leaf = target.split(".")
            branch: dict[str, Any] = tree
            for level in levels:
                branch = branch[level]
            del branch[leaf]
    judging = tuning.model_dump(mode="json", exclude=NOT_JUDGING)
    digest = hashlib.sha256(json.dumps([tree, ranks, judging], sort_keys=True).encode())
    digest.update(pd.util.hash_pandas_object(model_input, index=False).to_numpy().tobytes())
    return f"tuning-{digest.hexdigest()[:12]}"


def open_study(storage: JournalStorage, name: str, current: Candidate, tuning: TuningParameters) -> Study:
    """Continue the study of that name, or begin it with a trial of the current values.

    A trial that was under way when a run was stopped ends here, and is tried again.
    """
    import optuna
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    known = optuna.get_all_study_names(storage)
    study = optuna.create_study(
        storage=storage, study_name=name, directions=list(OBJECTIVES.values()), load_if_exists=True
    )
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
    if known and name not in known:
        console.print(
            "  A new study begins: customers, search space or parameters that are not searched have changed.",
            markup=False,
        )
    if name not in known:
        values = current_values(current, tuning).items()
        study.enqueue_trial(
            {
                name: label(value) if isinstance(tuning.search_space[name], Choices) else value
                for name, value in values
                if is_drawable(tuning.search_space[name], value)
            }
        )
    return study


def count_trials(study: Study) -> int:
    """Count the trials that have ended by themselves, measured or failed."""
    return sum(trial.state.name == "COMPLETE" or "error" in trial.user_attrs for trial in study.trials)


def run_trial(study: Study, current: Candidate, tuning: TuningParameters, measure: Measure) -> None:
    """Draw a set of parameters and measure it; one that cannot be measured is recorded with the reason.

    The sampler is Optuna's multi-objective TPE (Ozaki, Tanigaki, Watanabe and Onishi 2020, GECCO) with the
    bounds as constraints. Its seed follows from the number of trials before, so that a study which was
    interrupted and continued has the trials of one that was not.
    """
    from optuna.exceptions import ExperimentalWarning
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # of constraints
        study.sampler = TPESampler(
            seed=tuning.seed + count_trials(study),
            constraints_func=lambda trial: trial.user_attrs["misses"],
        )
    trial = study.ask({name: distribution(searched) for name, searched in tuning.search_space.items()})
    try:
        values = values_of(trial.params, tuning)
        metrics = measure(current.with_values(targets_and_values(tuning, values)))
        unknown = [name for name in OBJECTIVES if np.isnan(metrics[name])]
        if unknown:
            raise OlistError(f"There is no {', no '.join(unknown)}: are all customers in one segment?")
    except (OlistError, ValidationError) as error:
        trial.set_user_attr("error", str(error))
        study.tell(trial, state=TrialState.FAIL)
        return
    trial.set_user_attr("metrics", metrics)
    trial.set_user_attr("misses", list(misses(metrics, tuning.bounds).values()))
    study.tell(trial, [metrics[name] for name in OBJECTIVES])


def measure_current(study: Study, current: Candidate, measure: Measure) -> dict[str, float]:
    """Measure the current parameters, or look up what they have been measured to be in this study."""
    key = "current-" + hashlib.sha256(json.dumps(current.tree(), sort_keys=True).encode()).hexdigest()
    if key not in study.user_attrs:
        study.set_user_attr(key, measure(current))
    return study.user_attrs[key]


def measure_importance(study: Study, seed: int) -> pd.DataFrame:
    """Measure how much of an objective's variation over the trials each name of the search space explains.

    fANOVA: Hutter, Hoos and Leyton-Brown 2014, ICML.

    Returns:
        One row a name and objective: name, objective, importance (0 to 1). None where all trials are alike.
    """
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    def metric(name: str) -> Callable[[FrozenTrial], float]:
        return lambda trial: trial.user_attrs["metrics"][name]

    trials = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    rows = []
    for objective in OBJECTIVES:
        if len(set(map(metric(objective), trials))) < 2:
            continue
        evaluator = FanovaImportanceEvaluator(n_trees=IMPORTANCE_TREES, seed=seed)
        shares = get_param_importances(study, evaluator=evaluator, target=metric(objective))
        rows += [(name, objective, share) for name, share in shares.items()]
    return pd.DataFrame(rows, columns=["name", "objective", "importance"])


def values_of(drawn: Mapping[str, Any], tuning: TuningParameters) -> dict[str, Any]:
    """Turn what Optuna has drawn for a trial into values by the names of the search space."""
    return {
        name: drawn_value(searched, drawn[name])
        for name, searched in tuning.search_space.items()
        if name in drawn
    }
