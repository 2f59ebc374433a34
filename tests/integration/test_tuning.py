"""The pipeline `tuning` as a user runs it, and a run with what it found."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from olist_kedro.datasets.warehouse import disconnect

SEARCH = {
    "tuning": {
        "trials": 3,
        "repeats": 1,
        "adopt": 2,
        "bounds": {"min_stability": 0.1, "min_smallest_share": 0.0},
    },
    "clustering": {"k": 4, "k_range": [3, 4], "bootstraps": 2},
}
ANYTHING_GOES = {
    "segment_validation": {
        "thresholds": {
            "max_relative_quantization_error": None,
            "max_topographic_error": None,
            "min_silhouette": None,
            "max_davies_bouldin": None,
            "min_stability": None,
            "min_smallest_share": None,
        }
    },
}


@pytest.fixture(scope="module")
def tuned(make_sample: Callable[[], Any]) -> Iterator[Any]:
    """The project after a whole run and `kedro run --pipeline=tuning`: nothing else is made by that."""
    project = make_sample()
    with chdir(project.path):
        project.run("tuning", env="sample", params=SEARCH)
        yield project
    disconnect()


def read(project: Any, path: str) -> Path:
    return project.path / "data/sample" / path


def test_a_run_leaves_a_table_pictures_and_a_file(tuned: Any) -> None:
    trials = pd.read_parquet(read(tuned, "07_model_output/tuning_trials.parquet"))
    assert trials["state"].tolist() == ["current", "complete", "complete", "complete"]
    comparison = pd.read_parquet(read(tuned, "07_model_output/tuning_comparison.parquet"))
    assert comparison["parameters"].tolist() == ["current", "tuned"]
    for name in ("objectives", "history", "parameters"):
        picture = read(tuned, f"08_reporting/tuning_{name}.png")
        assert picture.read_bytes().startswith(b"\x89PNG")
    assert read(tuned, "06_models/tuning_studies.jsonl").read_text().count("\n") > 10


def test_a_run_with_the_adopted_file_uses_it(tuned: Any, capsys: pytest.CaptureFixture[str]) -> None:
    trials = pd.read_parquet(read(tuned, "07_model_output/tuning_trials.parquet")).set_index("trial")
    adopted = trials.loc[2]
    found = read(tuned, "06_models/tuned_parameters.yml")
    shutil.copy(found, tuned.path / "conf/sample/parameters_tuned.yml")

    tuned.run("som_kmeans", env="sample", params=ANYTHING_GOES)

    model = tuned.catalog("sample").load("segmentation_model")
    assert (model["grid"]["rows"], model["grid"]["cols"]) == (adopted["som.rows"], adopted["som.columns"])
    assert model["k"] == adopted["clustering.k"]
    transforms = {feature["name"]: feature["transform"] for feature in model["features"]}
    assert transforms["recency"] == adopted["model_features.recency.transform"]
    assert transforms["frequency"] == adopted["counts.transform"]
    assert len(transforms) == 7, "the features that were not searched stay"

    capsys.readouterr()
    small = {"k_range": [3, 4], "bootstraps": 2}
    tuned.run("tuning", env="sample", params={"tuning": SEARCH["tuning"], "clustering": small})
    again = pd.read_parquet(read(tuned, "07_model_output/tuning_trials.parquet"))
    searched = yaml.safe_load((tuned.path / "conf/base/parameters_tuning.yml").read_text())
    names = list(searched["tuning"]["search_space"])
    assert "3 trials: " in capsys.readouterr().err
    assert again.loc[0, names].tolist() == adopted[names].tolist(), "now it is the current set"
