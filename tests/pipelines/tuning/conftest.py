"""Customers in three groups, and parameters small enough to try many sets on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from olist_kedro.datasets.optuna_storage import OptunaStorage
from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters, SomParameters
from olist_kedro.pipelines.tuning.adoption import Winner
from olist_kedro.pipelines.tuning.candidates import Candidate
from olist_kedro.pipelines.tuning.nodes import search_parameters
from olist_kedro.pipelines.tuning.parameters import TuningParameters
from olist_kedro.segmentation.transforms import ModelFeatures

BASE = Path(__file__).parents[3] / "conf/base"


@pytest.fixture(scope="session")
def model_input() -> pd.DataFrame:
    """1,200 customers: recent, lapsed, and big spenders, whose spend has a heavy tail."""
    random = np.random.default_rng(1)
    groups = random.choice(3, 1200, p=[0.4, 0.35, 0.25])
    recency = np.array([60, 400, 200])[groups] + random.normal(0, 20, 1200)
    spend = np.array([60, 60, 600])[groups] * random.lognormal(0, 0.5, 1200)
    return pd.DataFrame(
        {
            "customer_unique_id": [f"customer{number:04d}" for number in range(1200)],
            "recency": recency.clip(0),
            "total_payment_value": spend,
        }
    )


@pytest.fixture(scope="session")
def current() -> Candidate:
    """The project's own parameters on a small map, with the features of `model_input`."""
    parameters = yaml.safe_load((BASE / "parameters_som_kmeans.yml").read_text())
    parameters["som"] |= {"rows": 8, "columns": 6}
    parameters["som"]["batch_som"] |= {"epochs": [3, 2], "search": "numpy"}
    parameters["clustering"] |= {"k": 3, "k_range": [2, 4], "bootstraps": 2, "n_init": 2}
    return Candidate(
        ModelFeatures.model_validate([{"name": "recency"}, {"name": "total_payment_value"}]),
        SomParameters.model_validate(parameters["som"]),
        ClusteringParameters.model_validate(parameters["clustering"]),
    )


@pytest.fixture(scope="session")
def loose(make_tuning: Callable[..., TuningParameters]) -> TuningParameters:
    """A search whose bounds small data can keep."""
    bounds = dict.fromkeys(make_tuning().bounds.model_dump())
    return make_tuning(bounds=bounds | {"max_topographic_error": 0.9, "min_stability": 0.2})


@pytest.fixture(scope="session")
def make_tuning() -> Callable[..., TuningParameters]:
    """Return a function that makes parameters of the search, with changes."""

    def make(**changes: Any) -> TuningParameters:
        parameters = yaml.safe_load((BASE / "parameters_tuning.yml").read_text())["tuning"]
        parameters["search_space"] = {
            "som.rows": {"low": 4, "high": 12, "step": 2},
            "som.batch_som.sigma_end": {"low": 0.3, "high": 2.0, "log": True},
            "som.batch_som.epochs": {"choices": [[3, 2], [5, 3]]},
            "clustering.k": {"low": 2, "high": 4},
            "spend": {"choices": ["none", "log1p"], "sets": ["model_features.total_payment_value.transform"]},
        }
        small = {"trials": 12, "repeats": 2, "sample_size": 200}
        return TuningParameters.model_validate(parameters | small | changes)

    return make


class Search:
    """Runs the search on a journal of its own."""

    def __init__(self, journal: Path, customers: pd.DataFrame) -> None:
        self.journal = journal
        self.customers = customers

    def run(self, current: Candidate, tuning: TuningParameters) -> tuple[pd.DataFrame, pd.DataFrame, Winner]:
        storage = OptunaStorage(filepath=str(self.journal)).load()
        return search_parameters(self.customers, storage, *current, tuning)


@pytest.fixture
def search(model_input: pd.DataFrame, tmp_path: Path) -> Search:
    return Search(tmp_path / "studies.jsonl", model_input)


@pytest.fixture(scope="session")
def finished(
    model_input: pd.DataFrame,
    current: Candidate,
    loose: TuningParameters,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Search, pd.DataFrame, pd.DataFrame, Winner]:
    """A study that has come to its end, and what it returned."""
    search = Search(tmp_path_factory.mktemp("finished") / "studies.jsonl", model_input)
    return search, *search.run(current, loose)
