"""A tiny published segmentation, as the report takes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from olist_kedro.plots.labels import FeatureLabel

RUN = "20261124T100000-abcdef01"
NAMES = {1: "Lapsed customers", 2: "Big-ticket <buyers> & others", 3: "Came back"}
FEATURES = {
    "recency": {"transform": "none", "mean": 280.0, "scale": 150.0, "clip": [-1.5, 3.0]},
    "spend": {"transform": "log1p", "mean": 4.6, "scale": 0.8, "clip": [-5.0, 5.0]},
}
PARAMETERS = {
    "clustering": {
        "k": "auto",
        "min_stability": 0.8,
        "min_smallest_share": 0.01,
        "max_largest_share": 0.5,
    },
    "segment_validation": {"thresholds": {"min_silhouette": 0.2, "max_topographic_error": 0.1}},
}


def make_tables(rows: int = 6, columns: int = 4, *, is_synthetic: bool = False) -> dict[str, Any]:
    """The arguments of `write_report`: three segments, a third of the rows each, neuron 0 empty."""
    neurons = np.arange(rows * columns)
    codebook = pd.DataFrame({"neuron": neurons, "row": neurons // columns, "col": neurons % columns})
    codebook = codebook.assign(
        customers=neurons, segment_id=1 + 3 * codebook["row"] // rows, u_height=0.1 * codebook["col"]
    )
    for number, name in enumerate(FEATURES):
        codebook[name] = np.linspace(-1, 2 - number, len(neurons))
    dim_segment = pd.DataFrame(
        {
            "segment_id": [1, 2, 3],
            "segment_name": NAMES.values(),
            "segment_description": [
                "Bought long ago. Set apart by: median recency 450 (all customers: 270).",
                "Set apart by: median spend 400 (all customers: 100).",
                "Nothing sets it clearly apart.",
            ],
            "size": [60, 30, 10],
            "share": [0.6, 0.3, 0.1],
            "revenue_share": [0.3, 0.6, 0.1],
            "advice": ["Win them back.", "Thank them.", "Ask."],
            "run_id": RUN,
        }
    )
    profiles = pd.DataFrame(
        [
            (1, "recency", 450.0, 440.0, 270.0, 290.0, 0.9),
            (1, "spend", 100.0, 110.0, 100.0, 180.0, -0.2),
            (2, "recency", 270.0, 280.0, 270.0, 290.0, 0.05),
            (2, "spend", 400.0, 460.0, 100.0, 180.0, 0.8),
            (3, "recency", 200.0, 190.0, 270.0, 290.0, -0.1),
            (3, "spend", 100.0, np.nan, 100.0, 180.0, np.nan),
        ],
        columns=["segment_id", "feature", "median", "mean", "overall_median", "overall_mean", "effect_size"],
    )
    criteria = pd.DataFrame(
        {
            "k": [2, 3, 4, 5],
            "silhouette": [0.5, 0.3, 0.2, 0.1],
            "mean_rank": [np.nan, 1.5, np.nan, 3.0],
            "is_chosen": [False, True, False, False],
        }
    )
    runs = pd.DataFrame(
        {
            "run_id": ["20261123T100000-00000000", RUN],
            "run_at": pd.to_datetime(["2026-11-23 10:00", "2026-11-24 10:00"]),
            "k": [4, 3],
            "metrics": ['{"silhouette": null}', '{"silhouette": 0.3, "stability": 0.9}'],
            "parameters": ["{}", json.dumps(PARAMETERS)],
            "decision": ["rejected", "published"],
            "reasons": ["silhouette could not be measured", ""],
        }
    )
    model = {
        "run_id": RUN,
        "created_at": "2026-11-24T10:00:00",
        "engine": "batch_som",
        "features": [{"name": name, "impute": 100.0, **fitted} for name, fitted in FEATURES.items()],
        "grid": {"rows": rows, "cols": columns, "topology": "rectangular"},
        "schedule": {"epochs": [20, 10], "sigma_start": None, "sigma_end": 0.5},
        "seed": 42,
        "k": 3,
        "metrics": {"silhouette": 0.3, "topographic_error": 0.15, "calinski_harabasz": 27306.9},
        "provenance": {
            "is_synthetic": is_synthetic,
            "sources": ["zip orders.zip"],
            "loaded_at": "2026-11-24T09:00:00",
            "data_fingerprint": "d" * 64,
            "matrix_fingerprint": "m" * 64,
            "customers": 100,
            "versions": {"python": "3.11.7", "olist-kedro": "0.1.0", "faiss-cpu": None},
        },
    }
    labels = {
        "recency": FeatureLabel(label="Recency", unit="days"),
        "spend": FeatureLabel(label="Spend", unit="R$", unit_first=True),
    }
    return {
        "codebook": codebook,
        "model": model,
        "dim_segment": dim_segment,
        "profiles": profiles,
        "criteria": criteria,
        "segmentation_runs": runs,
        "labels": labels,
        "drift_report": {},
        "out_of_time_check": pd.DataFrame(),
    }


def make_check() -> pd.DataFrame:
    """An out-of-time check of two cut dates."""
    lasting, once, few = NAMES[2], NAMES[1], NAMES[3]
    rows = [
        ("2017-09-01", lasting, 1000, 50, 0.05, 0.02, 2.5, 1.5, 4.0),
        ("2018-03-01", lasting, 2000, 90, 0.045, 0.02, 2.25, 1.6, 3.0),
        ("2017-09-01", once, 3000, 50, 0.0167, 0.02, 0.83, 0.6, 1.1),
        ("2018-03-01", once, 3000, 30, 0.01, 0.02, 0.5, 0.3, 0.8),
        ("2018-03-01", few, 20, 1, 0.05, 0.02, np.nan, np.nan, np.nan),
        ("2018-03-01", "Unknown today", 500, 40, 0.08, 0.02, 4.0, 2.0, np.inf),
    ]
    columns = [
        "cut_date", "segment_name", "customers", "observed", "value", "value_of_others",
        "lift", "ci_low", "ci_high",
    ]  # fmt: skip
    check = pd.DataFrame(rows, columns=columns).assign(horizon_days=180, outcome="came_back")
    return check.assign(cut_date=pd.to_datetime(check["cut_date"]))


def make_drift() -> dict[str, Any]:
    """What a scoring run reports."""
    shares = [
        {"segment_id": i, "segment_name": name, "share_in_training": 0.3, "share": 0.1 * i}
        for i, name in NAMES.items()
    ]
    return {
        "scored_at": "2026-11-25T08:30:00+00:00",
        "run_id": RUN,
        "trained_at": "2026-11-24T10:00:00",
        "customers": 12_000,
        "new": 800,
        "changed": 40,
        "moved": 7,
        "outside_map": 3,
        "features": [
            {"name": "recency", "psi": 0.3, "level": "significant"},
            {"name": "spend", "psi": 0.012, "level": "stable"},
        ],
        "segments": {"psi": 0.15, "level": "moderate", "shares": shares},
        "retrain": True,
        "reasons": ["recency has drifted: PSI 0.30, bound 0.25"],
    }


@pytest.fixture
def tables() -> dict[str, Any]:
    return make_tables()


@pytest.fixture(scope="session")
def make() -> Callable[..., dict[str, Any]]:
    return make_tables


@pytest.fixture
def check() -> pd.DataFrame:
    return make_check()


@pytest.fixture
def drift() -> dict[str, Any]:
    return make_drift()


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a page that has everything."""
    from olist_kedro.report.page import write_report

    tables = make_tables(is_synthetic=True)
    tables |= {"drift_report": make_drift(), "out_of_time_check": make_check()}
    path = tmp_path_factory.mktemp("report") / "segmentation_report.html"
    path.write_text(write_report(**tables), encoding="utf-8")
    return path
