"""Sets of parameters to try."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters, SomParameters
from olist_kedro.pipelines.tuning.candidates import (
    Candidate,
    UnknownSearchedParameterError,
    current_values,
    distribution,
    drawn_value,
    is_drawable,
    label,
    require_known_parameters,
)
from olist_kedro.pipelines.tuning.parameters import Choices, Range, TuningParameters
from olist_kedro.segmentation.transforms import ModelFeatures

BASE = Path(__file__).parents[3] / "conf/base"


def test_values_replace_the_current_ones_and_nothing_else(current: Candidate) -> None:
    values = {
        "som.rows": 10,
        "som.batch_som.epochs": (5, 3),
        "clustering.k": 4,
        "model_features.recency.transform": "sqrt",
        "model_features.recency.clip_sigmas": None,
    }
    changed = current.with_values(values)

    assert (changed.som.rows, changed.som.columns) == (10, 6)
    assert changed.som.batch_som.epochs == (5, 3)
    assert changed.clustering.fixed_k == 4
    assert [feature.transform for feature in changed.model_features.root] == ["sqrt", "none"]
    assert changed.with_values({name: current.value(name) for name in values}) == current


@pytest.mark.parametrize(
    ("name", "value"), [("som.rows", 0), ("som.batch_som.sigma_start", 0.1), ("clustering.k", 1)]
)
def test_a_value_that_does_not_go_is_refused(current: Candidate, name: str, value: float) -> None:
    with pytest.raises(ValidationError):
        current.with_values({name: value})


@pytest.mark.parametrize(
    "name", ["som.row", "rows", "som", "som.batch_som", "model_features.spend.transform", "som.rows.low"]
)
def test_an_unknown_parameter_is_told(
    current: Candidate, make_tuning: Callable[..., TuningParameters], name: str
) -> None:
    tuning = make_tuning(search_space={name: {"low": 1, "high": 2}})
    with pytest.raises(UnknownSearchedParameterError, match=f"names {name},"):
        require_known_parameters(current, tuning)


def test_the_closest_name_is_given(current: Candidate) -> None:
    with pytest.raises(UnknownSearchedParameterError, match=r"Did you mean som\.batch_som\.sigma_end\?"):
        current.value("som.batch_som.sigma_ende")


def test_the_projects_own_search_space_fits_its_parameters() -> None:
    read = {name: yaml.safe_load((BASE / f"parameters_{name}.yml").read_text()) for name in (
        "tuning", "som_kmeans", "feature_engineering")}  # fmt: skip
    tuning = TuningParameters.model_validate(read["tuning"]["tuning"])
    current = Candidate(
        ModelFeatures.model_validate(read["feature_engineering"]["model_features"]),
        SomParameters.model_validate(read["som_kmeans"]["som"]),
        ClusteringParameters.model_validate(read["som_kmeans"]["clustering"]),
    )
    require_known_parameters(current, tuning)
    for name, searched in tuning.search_space.items():
        ends = searched.choices if isinstance(searched, Choices) else (searched.low, searched.high)
        for value in ends:
            current.with_values(dict.fromkeys(tuning.targets(name), value))
    values = current_values(current, tuning)
    assert values.keys() == tuning.search_space.keys()
    elsewhere = {name for name, value in values.items() if not is_drawable(tuning.search_space[name], value)}
    assert elsewhere <= {"clustering.k"}, "the search begins with the current values"


def test_what_is_drawn_becomes_the_value() -> None:
    choices = Choices(choices=(None, "none", 5, 0.5, (20, 10, 10)))
    labels = ["null", "none", "5", "0.5", "[20, 10, 10]"]
    assert list(distribution(choices).choices) == labels
    assert [drawn_value(choices, drawn) for drawn in labels] == list(choices.choices)
    assert label([20, 10, 10]) == label((20, 10, 10)), "parameters files have lists"
    assert label(5.0) == label(5), "and whole numbers for floats"


@pytest.mark.parametrize(
    ("searched", "inside", "outside"),
    [
        (Range(low=40, high=120, step=20), [40, 80], [30, 50, 140, "auto", None]),
        (Range(low=0.3, high=1.5, log=True), [0.3, 0.5, 1], [0.2, 2]),
        (Choices(choices=(None, (3, 2))), [None, [3, 2]], [[3], "none"]),
    ],
)
def test_values_inside_and_outside_the_search_space(
    searched: Range | Choices, inside: list[object], outside: list[object]
) -> None:
    assert all(is_drawable(searched, value) for value in inside)
    assert not any(is_drawable(searched, value) for value in outside)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"search_space": {"som.rows": {"low": 5, "high": 5}}}, "must be below"),
        ({"search_space": {"som.rows": {"low": 0, "high": 5, "log": True}}}, "log needs"),
        ({"search_space": {"som.rows": {"low": 1, "high": 5, "step": 0.5}}}, "whole number"),
        ({"search_space": {"som.rows": {"choices": [5]}}}, "at least 2"),
        ({"search_space": {}}, "at least 1"),
        (
            {
                "search_space": {
                    "som.rows": {"low": 1, "high": 5},
                    "grid": {"low": 1, "high": 5, "sets": ["som.rows"]},
                }
            },
            "twice: som.rows",
        ),
        ({"validation_share": 0.5, "test_share": 0.5}, "no customers to train on"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(
    make_tuning: Callable[..., TuningParameters], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        make_tuning(**changes)
