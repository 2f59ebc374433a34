"""The page as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from olist_kedro.errors import OlistError
from olist_kedro.report.page import write_report


def test_the_page_needs_nothing_but_itself(tables: dict[str, Any]) -> None:
    page = write_report(**tables)

    assert not re.search(r"https?:|(?<!:)//\w|@import|url\(", page.replace("// ", ""))
    assert not re.findall(r'<(?:link|script|img|iframe)[^>]*(?:src|href)="(?!data:)', page)
    assert "default-src 'none'" in page


def test_names_cannot_become_markup(tables: dict[str, Any]) -> None:
    tables["dim_segment"] = tables["dim_segment"].assign(advice="</script><script>alert(1)</script>")
    page = write_report(**tables)

    assert "Big-ticket &lt;buyers&gt; &amp; others" in page
    assert "<buyers>" not in page
    assert "<script>alert" not in page


def test_segments_and_model_of_different_runs_make_no_page(tables: dict[str, Any]) -> None:
    segments = tables["dim_segment"]
    for other in (segments.assign(run_id="another"), segments.drop(columns="run_id")):
        with pytest.raises(OlistError, match=r"dim_segment of run (another|unknown): a publication was cut"):
            write_report(**{**tables, "dim_segment": other})


def test_the_source_is_told_without_its_folders(tables: dict[str, Any]) -> None:
    tables["model"]["provenance"]["sources"] = [
        "zip /home/someone/a b/orders.zip",
        "kaggle olist/brazil",
    ]
    page = write_report(**tables)

    assert "<dd>zip orders.zip, kaggle olist/brazil</dd>" in page
    assert "someone" not in page


def test_synthetic_data_is_announced(make: Callable[..., dict[str, Any]]) -> None:
    page = write_report(**make(is_synthetic=True))

    assert "<title>SYNTHETIC DATA: " in page
    assert "<strong>Synthetic data</strong> These customers are made up." in page
    assert "synthetic data</strong>" not in write_report(**make()).lower()


def test_sections_without_content_say_so(tables: dict[str, Any]) -> None:
    page = write_report(**tables)

    assert "kedro run --pipeline=scoring" in page
    assert "Not checked" in page


def test_drift_and_outcomes_are_shown(
    tables: dict[str, Any], drift: dict[str, Any], check: pd.DataFrame
) -> None:
    page = write_report(**{**tables, "drift_report": drift, "out_of_time_check": check})

    assert "Train again." in page
    assert "12,000 customers scored" in page
    assert "followed for 180 days" in page
    assert "<b>higher</b> than all others: Big-ticket &lt;buyers&gt; &amp; others. No other" in page
    assert "Not checked" not in page


def test_the_number_of_segments_is_explained_as_it_was_chosen(tables: dict[str, Any]) -> None:
    assert "stability at least 0.8" in write_report(**tables)

    runs = tables["segmentation_runs"]
    tables["segmentation_runs"] = runs.assign(parameters=runs["parameters"].str.replace('"auto"', "3"))
    assert "The parameters ask for 3 segments" in write_report(**tables)


def test_a_later_rejection_is_told(tables: dict[str, Any]) -> None:
    runs = tables["segmentation_runs"]
    later = runs.iloc[:1].assign(run_at=pd.Timestamp("2026-11-30"))
    tables["segmentation_runs"] = pd.concat([runs, later])

    assert "A later attempt, on 2026-11-30 00:00 UTC, was rejected" in write_report(**tables)


def test_data_parameters_and_thresholds_are_there(tables: dict[str, Any]) -> None:
    page = write_report(**tables)

    for text in (
        "zip orders.zip",
        "2026-11-24 09:00, as <code>load_timestamp",
        " 4 neurons, rectangular; engine batch_som; epochs 20 + 10, sigma start by default, sigma end 0.5",
        "max_topographic_error: 0.1",
        "≤ 0.1",
        "✗ missed",
        "✓ met",
        "27,307",
        "python 3.11.7, olist-kedro 0.1.0",
    ):
        assert text in page


@pytest.mark.parametrize(("rows", "columns"), [(160, 80)])
def test_a_large_map_makes_no_large_file(
    make: Callable[..., dict[str, Any]], rows: int, columns: int
) -> None:
    assert len(write_report(**make(rows, columns)).encode()) < 1_000_000
