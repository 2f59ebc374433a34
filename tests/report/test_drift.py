"""Drift as the report shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from olist_kedro.report.drift import Share, Shift, read_drift


def read(report: dict[str, Any], tables: dict[str, Any]) -> Any:
    return read_drift(report, tables["model"], {1: "Lapsed", 2: "Big", 3: "Back"}, tables["labels"])


def test_what_scoring_found_is_told(drift: dict[str, Any], tables: dict[str, Any]) -> None:
    found = read(drift, tables)

    assert found.scored_at == datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
    assert found.counts["customers scored"] == "12,000"
    assert found.counts["far outside the map"] == "3"
    assert found.shifts == [
        Shift("Recency", "0.300", "significant"),
        Shift("Spend", "0.012", "stable"),
        Shift("Shares of the segments", "0.150", "moderate"),
    ]
    assert found.shares[0] == Share("Lapsed", "30%", "10%")
    assert found.retrain
    assert found.reasons == ["recency has drifted: PSI 0.30, bound 0.25"]


def test_nothing_is_told_before_the_first_scoring(tables: dict[str, Any]) -> None:
    assert read({}, tables) is None


def test_the_drift_of_an_older_model_says_nothing_of_this_one(
    drift: dict[str, Any], tables: dict[str, Any]
) -> None:
    assert read({**drift, "run_id": "20250101T000000-00000000"}, tables) is None
