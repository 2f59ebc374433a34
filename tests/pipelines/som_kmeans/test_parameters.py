from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.validation import ParameterValidator
from pydantic import ValidationError

from olist_kedro.pipelines import feature_engineering, som_kmeans
from olist_kedro.pipelines.som_kmeans.parameters import (
    BatchSOMParameters,
    ClusteringParameters,
    SegmentNamingParameters,
    SomParameters,
)

CONF = Path(__file__).parents[3] / "conf"


def _parameters(env: str) -> dict[str, Any]:
    pipelines = {"both": feature_engineering.create_pipeline() + som_kmeans.create_pipeline()}
    names = ("parameters_feature_engineering.yml", "parameters_som_kmeans.yml")
    raw: dict[str, Any] = {}
    for folder in dict.fromkeys(("base", env)):
        for name in names:
            raw |= yaml.safe_load((CONF / folder / name).read_text())
    return ParameterValidator(pipelines).validate_raw_params(raw)


@pytest.mark.parametrize("env", ["base", "reference"])
def test_parameters_of_the_project_are_valid(env: str) -> None:
    parameters = _parameters(env)
    assert isinstance(parameters["som"], SomParameters)
    assert isinstance(parameters["clustering"], ClusteringParameters)
    assert len(parameters["segment_naming"].rules) > 5


def test_reference_is_what_was_published() -> None:
    parameters = _parameters("reference")
    weights = {feature.name: feature.weight for feature in parameters["model_features"].root}
    assert sum(weight**2 for weight in weights.values()) == pytest.approx(12), (
        "two of the columns count twice"
    )
    assert {feature.transform for feature in parameters["model_features"].root} == {"none"}
    assert parameters["som"].schedule == {"iterations": 1_000_000, "sigma": 1.2, "learning_rate": 0.15}
    assert parameters["clustering"].fixed_k == 3
    assert not parameters["clustering"].kmeans.weighted


def test_reference_never_writes_over_the_default_segments() -> None:
    schemas, folders = (
        {
            env: OmegaConfigLoader(str(CONF), base_env="base", default_run_env=env)["globals"][key]
            for env in ("base", "reference")
        }
        for key in ("schemas", "data")
    )
    assert folders["base"] != folders["reference"]
    assert schemas["base"]["marts"] == schemas["reference"]["marts"]
    assert schemas["reference"]["segments"] not in schemas["base"].values()


def _clustering(**changes: Any) -> ClusteringParameters:
    base = yaml.safe_load((CONF / "base/parameters_som_kmeans.yml").read_text())["clustering"]
    return ClusteringParameters.model_validate({**base, **changes})


def test_numbers_of_segments_to_compare() -> None:
    assert _clustering(k_range=[3, 5]).numbers == [3, 4, 5]
    assert _clustering(k_range=[3, 5], k=8).numbers == [3, 4, 5, 8]
    assert _clustering(k=8).fixed_k == 8
    assert _clustering(k="auto").fixed_k is None


@pytest.mark.parametrize(
    "change", [{"k": 1}, {"k_range": [1, 5]}, {"k_range": [6, 5]}, {"k": "few"}, {"kk": 3}]
)
def test_nonsense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _clustering(**change)


def test_rule_on_a_feature_that_is_not_in_the_profile_is_refused() -> None:
    base = yaml.safe_load((CONF / "base/parameters_som_kmeans.yml").read_text())["segment_naming"]
    without = [name for name in base["profile_features"] if name != "recency"]
    with pytest.raises(ValidationError, match="profile_features lacks: recency"):
        SegmentNamingParameters.model_validate({**base, "profile_features": without})


def test_feature_twice_in_the_profile_is_refused() -> None:
    base = yaml.safe_load((CONF / "base/parameters_som_kmeans.yml").read_text())["segment_naming"]
    twice = [*base["profile_features"], "recency"]
    with pytest.raises(ValidationError, match="profile_features named twice: recency"):
        SegmentNamingParameters.model_validate({**base, "profile_features": twice})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"topology": "hexagonal", "toroid": True, "rows": 9}, "needs an even number of rows, got 9"),
        ({"engine": "minisom", "topology": "hexagonal"}, "engine minisom trains a rectangular map"),
        ({"engine": "minisom", "toroid": True}, "engine minisom trains a rectangular map"),
        ({"topology": "triangular"}, "Input should be 'rectangular' or 'hexagonal'"),
    ],
)
def test_map_that_cannot_be_trained_is_refused(change: dict[str, Any], message: str) -> None:
    base = yaml.safe_load((CONF / "base/parameters_som_kmeans.yml").read_text())["som"]
    with pytest.raises(ValidationError, match=message):
        SomParameters.model_validate({**base, **change})


def test_sigma_that_would_grow_is_refused() -> None:
    base = yaml.safe_load((CONF / "base/parameters_som_kmeans.yml").read_text())["som"]["batch_som"]
    with pytest.raises(ValidationError, match=r"sigma_start must be at least sigma_end \(0.5\), or null"):
        BatchSOMParameters.model_validate({**base, "sigma_start": 0.1})
