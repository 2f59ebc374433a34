"""The doctor and the cost, asked of BigQuery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from olist_kedro.cost import estimate
from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.doctor import Setup, examine
from olist_kedro.freshness import select


def told(root: Path) -> list[tuple[str, str]]:
    return [(finding.state, finding.what) for finding in examine(Setup(root, "bigquery"))]


def problems(root: Path) -> list[tuple[str, str]]:
    return [(f.what, f.advice) for f in examine(Setup(root, "bigquery")) if f.state == "problem"]


def tables(root: Path) -> dict[str, Any]:
    """Return when each table was last changed, by dataset and name."""
    client = connect(Setup(root, "bigquery").warehouse).client
    return {
        f"{dataset.dataset_id}.{table.table_id}": client.get_table(table).modified
        for dataset in client.list_datasets()
        for table in client.list_tables(dataset)
    }


def datasets(root: Path) -> list[str]:
    client = connect(Setup(root, "bigquery").warehouse).client
    return [dataset.dataset_id for dataset in client.list_datasets()]


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    disconnect()


def test_everything_is_there(built: Any) -> None:
    before = tables(built.path)

    findings = told(built.path)

    assert {state for state, _ in findings} <= {"ok", "hint"}
    lines = [what for _, what in findings]
    assert lines[-4].startswith("credentials: Google login in ")
    assert lines[-3:] == [
        "project: a-project answers, and queries may be run",
        "datasets: 5 of 5 are there, in US",
        "rights: made and dropped a table",
    ]
    assert tables(built.path) == before


def test_nothing_is_there_yet(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(built.path)
    monkeypatch.setenv("BQ_DATASET_PREFIX", "nobody")

    assert told(built.path)[-2:] == [
        ("ok", "datasets: 0 of 5 are there, in US; the first run makes the others"),
        ("ok", "rights: made and dropped a dataset with a table"),
    ]
    assert not [name for name in datasets(built.path) if name.startswith("nobody")]
    assert tables(built.path) == before


def test_another_location(built: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BQ_DATASET_LOCATION", "EU")

    ((what, advice),) = problems(built.path)

    assert what.startswith("The dataset a-project.olist_raw is in US, but this run works in EU")
    assert "BQ_DATASET_LOCATION=US" in advice


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "credentials: {file} cannot be read: No such file or directory"),
        ('{"username": "ana", "key": "hers"}', "credentials: {file} is a Kaggle key, and no key of Google's"),
        ("{}", "credentials: {file} cannot be used"),
    ],
)
def test_key_file_that_is_none(
    content: str | None, message: str, built: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))

    ((what, advice),) = problems(built.path)

    assert what == message.format(file=file)
    assert advice


def test_nobody_answers(built: Any, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:1")

    ((what, advice),) = problems(built.path)

    assert what.startswith("Google cannot be reached: ")
    assert advice == "Look at the network, and at a proxy if there is one, and run again."


def test_bucket(built: Any, bucket_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import google.cloud.storage as gcs
    from google.auth.credentials import AnonymousCredentials

    storage = gcs.Client(project="a-project", credentials=AnonymousCredentials())
    storage.create_bucket("looked-at")
    monkeypatch.setenv("GCS_BUCKET_NAME", "looked-at")
    assert told(built.path)[-1] == ("ok", "bucket: a file was put into looked-at and removed again")
    assert list(storage.list_blobs("looked-at")) == []

    monkeypatch.setenv("GCS_BUCKET_NAME", "not-there")
    assert len(problems(built.path)) == 1


def test_cost_of_what_is_built(built: Any) -> None:
    before = tables(built.path)

    with built.session("bigquery") as session:
        catalog = session.load_context().catalog
        costs = {cost.step: cost for cost in estimate(select(["__default__"]), catalog)}

    assert all(cost.is_known for cost in costs.values())
    # Its query, and its tests.
    assert len(costs["marts.sales.build_fact_sales"].readings) > 10
    # Its own query, the table of versions twice, and its tests.
    assert len(costs["snapshots.build_snapshot_sellers"].readings) > 4
    # One query over eight tables.
    (features,) = costs["create_customer_features"].readings
    assert features is not None
    assert features.tables == 8
    assert tables(built.path) == before


def test_cost_before_anything_is_built(
    emulator: Any, make_project: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BQ_DATASET_PREFIX", "nobody")
    project = make_project()
    with project.session("bigquery") as session:
        catalog = session.load_context().catalog
        costs = {cost.step: cost for cost in estimate(select(["__default__"]), catalog)}

    assert not [name for name in datasets(project.path) if name.startswith("nobody")]
    assert len(costs) > 40
    assert {reading for cost in costs.values() for reading in cost.readings} == {None}
    assert all(cost.runs for cost in costs.values())
