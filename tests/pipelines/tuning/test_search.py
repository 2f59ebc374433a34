"""The search: trials, resuming, what is best, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from olist_kedro.pipelines.tuning import nodes
from olist_kedro.pipelines.tuning.adoption import UnknownTrialError, Winner, conclude
from olist_kedro.pipelines.tuning.candidates import Candidate
from olist_kedro.pipelines.tuning.evaluation import METRICS, OBJECTIVES
from olist_kedro.pipelines.tuning.nodes import (
    NothingMeasuredError,
    TooFewCustomersError,
    compare_with_current,
    split_customers,
    write_parameters,
)
from olist_kedro.pipelines.tuning.parameters import TuningParameters
from olist_kedro.pipelines.tuning.study import study_name
from olist_kedro.pipelines.tuning.trials import rate_gains
from olist_kedro.segmentation.transforms import ModelFeatures

MakeTuning = Callable[..., TuningParameters]
Finished = tuple[Any, pd.DataFrame, pd.DataFrame, Winner]


def measured(trials: pd.DataFrame) -> pd.DataFrame:
    """What was drawn and measured, without the numbers, which interrupted trials use up."""
    return trials[trials["state"] == "complete"].drop(columns="trial").reset_index(drop=True)


def test_every_trial_is_in_the_table(finished: Finished, loose: TuningParameters) -> None:
    _, trials, importance, winner = finished

    assert trials["state"].tolist() == ["current", *["complete"] * 12]
    assert trials["trial"].tolist()[1:] == list(range(12))
    assert trials[list(METRICS)].notna().all(axis=None)
    assert trials["clustering.k"].isin([2, 3, 4]).all()
    assert trials.loc[trials["is_best"], "trial"].tolist() == [winner.trial]
    assert set(importance["name"]) == set(loose.search_space)
    assert importance.groupby("objective")["importance"].sum().tolist() == pytest.approx([1.0] * 3)


def test_the_first_trial_is_the_current_parameters(finished: Finished, loose: TuningParameters) -> None:
    _, trials, _, _ = finished
    columns = [*loose.search_space, *METRICS]
    assert trials.loc[0, list(loose.search_space)].tolist() == [8, 0.5, "[3, 2]", 3, "none"]
    assert trials.loc[1, columns].tolist() == trials.loc[0, columns].tolist()


def test_the_best_is_better_in_all_and_keeps_the_bounds(finished: Finished) -> None:
    """Here that is what anyone would do: spend has a heavy tail, and its logarithm has none."""
    _, trials, _, winner = finished
    start, best = trials.iloc[0], trials[trials["is_best"]].iloc[0]
    assert best["misses"] == ""
    assert best["is_on_front"]
    for name, way in OBJECTIVES.items():
        assert best[name] < start[name] if way == "minimize" else best[name] > start[name]
    assert best["spend"] == "log1p"
    assert winner.candidate.model_features.root[1].transform == "log1p"
    assert winner.candidate.som.rows == best["som.rows"]
    assert winner.candidate.som.columns == 6, "what is not searched stays"


def test_a_finished_study_is_read_not_measured(
    finished: Finished, current: Candidate, loose: TuningParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, trials, _, winner = finished
    monkeypatch.delattr("olist_kedro.pipelines.tuning.nodes.evaluate")
    again, _, same = search.run(current, loose)
    pd.testing.assert_frame_equal(again, trials)
    assert same == winner


def test_the_trial_asked_for_is_the_one_to_adopt(
    finished: Finished, current: Candidate, loose: TuningParameters
) -> None:
    search, trials, _, _ = finished
    _, _, winner = search.run(current, loose.model_copy(update={"adopt": 2}))
    assert winner.trial == 2
    assert winner.candidate.som.rows == trials.loc[3, "som.rows"]
    with pytest.raises(UnknownTrialError, match="trial 77"):
        search.run(current, loose.model_copy(update={"adopt": 77}))


def test_an_interrupted_study_has_the_trials_of_one_that_was_not(
    finished: Finished,
    search: Any,
    current: Candidate,
    loose: TuningParameters,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is stopped in its third trial, continued up to the sixth, then to the end."""
    evaluate, calls = nodes.evaluate, []

    def interrupt(*arguments: Any, **options: Any) -> dict[str, float]:
        calls.append(1)
        if len(calls) == 4:  # the first is of the current parameters
            raise KeyboardInterrupt
        return evaluate(*arguments, **options)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(nodes, "evaluate", interrupt)
        search.run(current, loose)
    search.run(current, loose.model_copy(update={"trials": 6}))
    resumed, _, winner = search.run(current, loose)

    assert resumed["state"].tolist().count("interrupted") == 1
    pd.testing.assert_frame_equal(measured(resumed), measured(finished[1]))
    assert winner.candidate == finished[3].candidate


def test_failed_trials_are_told_and_count(search: Any, current: Candidate, make_tuning: MakeTuning) -> None:
    """A sigma_start below sigma_end is refused by the parameters themselves."""
    tuning = make_tuning(
        search_space={
            "som.batch_som.sigma_start": {"choices": [0.1, 2]},
            "som.rows": {"low": 4, "high": 8},
        },
        trials=8,
    )
    trials, _, _ = search.run(current, tuning)

    failed = trials[trials["state"] == "failed"]
    assert 0 < len(failed) < 8
    assert len(trials) == 9
    assert (failed["som.batch_som.sigma_start"] == "0.1").all()
    assert failed["error"].str.contains("sigma_start must be at least sigma_end").all()
    assert failed[list(METRICS)].isna().all(axis=None)


def test_a_study_in_which_all_fails_ends_with_the_reason(
    search: Any, current: Candidate, make_tuning: MakeTuning
) -> None:
    tuning = make_tuning(search_space={"clustering.k": {"low": 200, "high": 300}}, trials=2)
    with pytest.raises(NothingMeasuredError, match="segments are wanted"):
        search.run(current, tuning)


def test_no_trial_begins_after_the_time_is_up(
    search: Any, current: Candidate, make_tuning: MakeTuning
) -> None:
    with pytest.raises(NothingMeasuredError, match="no time"):
        search.run(current, make_tuning(timeout_seconds=1e-9))


def test_too_few_customers_are_told(
    search: Any, current: Candidate, make_tuning: MakeTuning, model_input: pd.DataFrame
) -> None:
    with pytest.raises(TooFewCustomersError, match="400 customers are too few"):
        type(search)(search.journal, model_input[:400]).run(current, make_tuning())


def test_a_new_study_begins_where_trials_would_not_compare(
    search: Any,
    current: Candidate,
    make_tuning: MakeTuning,
    loose: TuningParameters,
    model_input: pd.DataFrame,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tuning = make_tuning(trials=2)
    name = study_name(model_input, current, tuning)

    adopted = current.with_values({"som.rows": 12, "clustering.k": 2})
    same = [
        study_name(model_input, adopted, tuning),
        study_name(model_input, current, make_tuning(trials=9, adopt=1, repeats=5, timeout_seconds=9)),
    ]
    other = [
        study_name(model_input[:-1], current, tuning),
        study_name(model_input, current.with_values({"som.seed": 1}), tuning),
        study_name(model_input, current, loose),
        study_name(model_input, current, make_tuning(search_space={"som.rows": {"low": 4, "high": 9}})),
    ]
    weighted = make_tuning(search_space={"model_features.recency.weight": {"low": 0.5, "high": 2.0}})
    heavier = current.with_values({"model_features.recency.weight": 2.0})
    assert study_name(model_input, current, weighted) != study_name(model_input, heavier, weighted)
    assert set(same) == {name}
    assert len({name, *other}) == 5

    search.run(current, tuning)
    assert "new study" not in capsys.readouterr().err
    trials, _, _ = search.run(
        current, make_tuning(trials=1, search_space={"som.rows": {"low": 4, "high": 9}})
    )
    assert "A new study begins" in capsys.readouterr().err
    assert len(trials) == 2
    trials, _, _ = search.run(current, tuning)
    assert len(trials) == 3, "the first study is still there"


def table(*rows: tuple[float, float, float], misses: dict[int, str] | None = None) -> pd.DataFrame:
    """Trials as `rate_gains` takes them, all on the front; the first are the current parameters."""
    frame = pd.DataFrame(rows, columns=list(OBJECTIVES))
    frame["misses"] = pd.Series(misses or {}, dtype=object).reindex(frame.index).fillna("")
    return frame.assign(is_on_front=[False, *[True] * (len(rows) - 1)])


def test_rating_is_the_product_of_the_gains_over_the_current_parameters() -> None:
    rated = rate_gains(table((0.2, 0.1, 0.3), (0.1, 0.05, 0.5), (0.1, 0.2, 0.9), (0.2, 0.05, 0.5)))
    assert rated[1] == pytest.approx(0.1 * 0.05 * 0.2)
    assert rated[[0, 2, 3]].isna().all(), "worse, or no better, in one is not better in all"


def test_rating_does_not_depend_on_units() -> None:
    rows = np.array([(0.2, 0.1, 0.3), (0.1, 0.08, 0.31), (0.19, 0.05, 0.5)])
    assert rate_gains(table(*rows)).idxmax() == rate_gains(table(*rows * [1, 100, 7])).idxmax()


def test_from_current_parameters_that_miss_a_bound_gains_count_from_the_worst_on_the_front() -> None:
    rows = (0.01, 0.01, 0.9), (0.1, 0.3, 0.5), (0.2, 0.2, 0.4), (0.3, 0.1, 0.3)
    rated = rate_gains(table(*rows, misses={0: "stability"}))
    assert np.isnan(rated[0])
    assert rated[2] == pytest.approx(0.1 * 0.1 * 0.1)
    assert rated.idxmax() == 2


def test_parts_of_the_customers_have_none_in_common(
    model_input: pd.DataFrame, make_tuning: MakeTuning
) -> None:
    parts = split_customers(model_input, make_tuning())
    assert [len(part) for part in parts] == [720, 240, 240]
    together = pd.concat(parts)["customer_unique_id"]
    assert sorted(together) == model_input["customer_unique_id"].tolist()


def test_the_file_holds_what_was_searched_and_what_it_reached(
    finished: Finished, current: Candidate, loose: TuningParameters, model_input: pd.DataFrame
) -> None:
    _, trials, _, winner = finished
    comparison = compare_with_current(model_input, winner, *current, loose)
    text = write_parameters(trials, comparison, winner, loose)

    assert comparison["parameters"].tolist() == ["current", "tuned"] * 2
    assert comparison["repeat"].tolist() == [0, 0, 1, 1]
    read = yaml.safe_load(text)
    assert read.keys() == {"som", "clustering", "model_features"}
    assert read["som"].keys() == {"rows", "batch_som"}
    assert read["som"]["batch_som"].keys() == {"sigma_end", "epochs"}
    assert read["clustering"] == {"k": winner.candidate.clustering.k}
    assert ModelFeatures.model_validate(read["model_features"]) == winner.candidate.model_features
    assert f"This is trial {winner.trial}." in text
    mean = comparison.groupby("parameters")["rank_quantization_error"].mean()
    line = next(line for line in text.splitlines() if "rank_quantization_error" in line)
    assert f" {mean['current']:.3f} (" in line
    assert f" {mean['tuned']:.3f} (" in line
    assert conclude(comparison, loose.bounds) in text


def test_without_a_better_set_the_file_holds_the_current_values(
    search: Any, current: Candidate, make_tuning: MakeTuning, model_input: pd.DataFrame
) -> None:
    tuning = make_tuning(trials=1)
    trials, _, winner = search.run(current, tuning)
    comparison = compare_with_current(model_input, winner, *current, tuning)
    text = write_parameters(trials, comparison, winner, tuning)

    assert winner == Winner(None, winner.values, current)
    assert trials["is_best"].tolist() == [True, False]
    assert "these are the current values" in text
    assert yaml.safe_load(text)["som"]["rows"] == 8
    assert set(comparison["parameters"]) == {"current"}


def compared(tuned: list[tuple[float, float, float]]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for repeat, values in enumerate(tuned):
        for name, three in (("current", (0.2, 0.1, 0.3)), ("tuned", values)):
            good = dict.fromkeys(METRICS, 0.5) | {"stability": 0.9, "silhouette": 0.3}
            rows.append(
                {"parameters": name, "repeat": repeat, **good, **dict(zip(OBJECTIVES, three, strict=True))}
            )
    return pd.DataFrame(rows)


def test_conclusions(loose: TuningParameters) -> None:
    bounds = loose.bounds
    better, worse = (0.1, 0.05, 0.4), (0.1, 0.15, 0.4)
    assert (
        conclude(compared([better, better]), bounds)
        == "On new customers it is better in every objective and every repeat."
    )
    assert "topographic_error (in 1 of 2 repeats)" in conclude(compared([better, worse]), bounds)
    missing = conclude(compared([(0.1, 0.95, 0.4)]), bounds)
    assert missing == "On new customers it misses the bound of topographic_error: do not adopt it."
