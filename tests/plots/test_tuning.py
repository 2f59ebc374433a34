"""The pictures of a search for parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from olist_kedro.plots.tuning import plot_history, plot_objectives, plot_parameters

OBJECTIVES = {"error": "minimize", "another_error": "minimize", "silhouette": "maximize"}
SCALES = {
    "som.rows": None,
    "model_features.total_payment_value.transform": ["none", "sqrt", "log1p"],
    "som.batch_som.epochs": ["[10, 5, 5]", "[40, 20, 20]"],
}
LEGEND = [
    "misses a bound",
    "keeps all bounds",
    "on the front: no other is better in all",
    "current parameters",
    "to adopt",
]


def make_trials(measured: int) -> pd.DataFrame:
    """The current parameters, so many trials that were measured, and one that failed."""
    random = np.random.default_rng(measured)
    count = measured + 2
    trials = pd.DataFrame(random.uniform(0.01, 0.4, (count, 3)), columns=list(OBJECTIVES))
    trials["trial"] = pd.Series([None, *range(measured + 1)], dtype="Int64")
    trials["state"] = ["current", *["complete"] * measured, "failed"]
    trials["misses"] = ["", *np.where(np.arange(measured) % 3 == 1, "stability", ""), None]
    trials["is_on_front"] = (trials["trial"] % 4 == 0).fillna(False) & (trials["misses"] == "")
    for name, choices in SCALES.items():
        trials[name] = random.integers(40, 120, count) if choices is None else random.choice(choices, count)
    trials.loc[count - 1, list(OBJECTIVES)] = np.nan
    return trials


def make_importance() -> pd.DataFrame:
    rows = [
        (name, objective, share)
        for name, share in zip(SCALES, (0.1, 0.7, 0.2), strict=True)
        for objective in OBJECTIVES
    ]
    return pd.DataFrame(rows, columns=["name", "objective", "importance"])


def draw_parameters(trials: pd.DataFrame, winner: int | None, is_synthetic: bool = False) -> Any:
    return plot_parameters(trials, OBJECTIVES, winner, SCALES, make_importance(), is_synthetic=is_synthetic)


PICTURES: dict[str, Callable[..., Any]] = {
    "objectives": lambda trials, winner, is_synthetic=False: plot_objectives(
        trials, OBJECTIVES, winner, is_synthetic=is_synthetic
    ),
    "history": lambda trials, winner, is_synthetic=False: plot_history(
        trials, OBJECTIVES, winner, is_synthetic=is_synthetic
    ),
    "parameters": draw_parameters,
}


@pytest.mark.parametrize("picture", PICTURES)
def test_texts_are_readable_and_say_what_was_found(picture: str, assert_readable: Any, texts_of: Any) -> None:
    figure = PICTURES[picture](make_trials(20), 7)
    assert_readable(figure)
    assert texts_of(figure, "title") == ["20 sets of parameters were tried: trial 7 is to adopt"]
    assert texts_of(figure, "source") == ["study of 20 trials and 1 that failed"]
    assert texts_of(figure, "key") == LEGEND


@pytest.mark.parametrize("picture", PICTURES)
def test_one_trial_that_does_not_beat_the_current_parameters(
    picture: str, assert_readable: Any, texts_of: Any
) -> None:
    figure = PICTURES[picture](make_trials(1), None)
    assert_readable(figure)
    assert texts_of(figure, "title") == ["1 sets of parameters were tried: the current ones are kept"]
    assert texts_of(figure, "key") == ["on the front: no other is better in all", "current parameters"]


@pytest.mark.parametrize("picture", PICTURES)
def test_made_up_customers_are_told(picture: str, texts_of: Any) -> None:
    assert texts_of(PICTURES[picture](make_trials(5), 1, True), "synthetic")
    assert not texts_of(PICTURES[picture](make_trials(5), 1), "synthetic")


def test_history_shows_the_best_so_far_of_those_that_keep_the_bounds() -> None:
    trials = make_trials(20)
    axes = plot_history(trials, OBJECTIVES, 7, is_synthetic=False).axes
    allowed = trials[(trials["state"] == "complete") & (trials["misses"] == "")]
    steps = [line for panel in axes for line in panel.lines if line.get_drawstyle() == "steps-post"]
    np.testing.assert_allclose(steps[0].get_ydata(), allowed["error"].cummin())
    np.testing.assert_allclose(steps[2].get_ydata(), allowed["silhouette"].cummax())


def test_the_most_important_parameter_comes_first_with_its_share(texts_of: Any) -> None:
    figure = draw_parameters(make_trials(20), 7)
    names = [text.replace("_ ", "_").replace(". ", ".") for text in texts_of(figure, "parameter")]
    assert names == [
        "model_features.total_payment_value.transform", "som.batch_som.epochs", "som.rows"
    ]  # fmt: skip
    assert [axes.get_title(loc="right") for axes in figure.axes[:3]] == ["70%", "20%", "10%"]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["none", "sqrt", "log1p"]


def test_importance_that_is_not_known_is_left_out(assert_readable: Any) -> None:
    figure = plot_parameters(
        make_trials(3), OBJECTIVES, None, SCALES, make_importance()[:0], is_synthetic=False
    )
    assert_readable(figure)
    assert {axes.get_title(loc="right") for axes in figure.axes} == {""}
