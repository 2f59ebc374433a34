"""Scoring the customers of the whole run on generated data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from click import ClickException

from olist_kedro.cli import plain_errors


@pytest.mark.parametrize("engine", ["python", "warehouse"])
def test_scores_are_those_of_the_training(
    sample: Any, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    sample.run("scoring", env="sample", params={"scoring": {"engine": engine}})

    said = capsys.readouterr().err
    catalog = sample.catalog("sample")
    columns = ["customer_unique_id", "segment_id", "neuron_row", "neuron_col", "distance"]
    trained, scored = (
        catalog.load(table).select(*columns).order_by("customer_unique_id").to_pandas()
        for table in ("dim_customer_segmented", "customer_scores")
    )
    exact = {"check_exact": True} if engine == "python" else {"rtol": 0, "atol": 1e-12}
    pd.testing.assert_frame_equal(scored, trained, **exact)
    report = catalog.load("drift_report")
    assert report["run_id"] == catalog.load("segmentation_model")["run_id"]
    assert (report["engine"], report["new"], report["changed"]) == (engine, 0, 0)
    assert f"{len(trained):,} scored: 0 new, 0 changed" in said
    assert "no need to train again" in said


def test_summary_says_when_to_train_again(sample: Any, capsys: pytest.CaptureFixture[str]) -> None:
    reference_date = {"feature_engineering": {"reference_date": "2021-01-01"}}
    try:
        sample.run("scoring", env="sample", params=reference_date)
        said = capsys.readouterr().err
        report = json.loads((sample.path / "data/sample/07_model_output/drift_report.json").read_text())
    finally:
        sample.run("feature_engineering", env="sample")

    assert report["changed"] == report["customers"] == report["outside_map"]
    assert "The model should be trained again" in said
    assert "- recency has drifted: PSI" in said
    assert "- 100.0% of the customers are outside the map" in said


@pytest.mark.parametrize("pipeline", ["scoring", "reporting"])
def test_without_a_model_nothing_is_done(make_project: Callable[[], Any], pipeline: str) -> None:
    message = "There is no published segmentation to work with: no codebook|no segmentation_codebook"
    with pytest.raises(ClickException, match=message) as error, plain_errors():
        make_project().run(pipeline, env="sample")
    assert "kedro run --pipeline=segmentation" in str(error.value)
