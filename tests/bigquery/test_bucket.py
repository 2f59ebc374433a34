"""Loads by way of a bucket, on the emulator of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click import ClickException

from olist_kedro.cli import plain_errors

FORCED = {"ingestion": {"source": "synthetic", "synthetic": {"orders": 800}}, "force": True}


@pytest.fixture(scope="module")
def bucket(emulator: Any) -> Iterator[Any]:
    import google.cloud.storage as gcs
    from google.auth.credentials import AnonymousCredentials

    with pytest.MonkeyPatch.context() as patch:
        made = gcs.Client(project="a-project", credentials=AnonymousCredentials()).create_bucket("for-loads")
        patch.setenv("GCS_BUCKET_NAME", made.name)
        yield made


def load_sellers(project: Any) -> None:
    with chdir(project.path):
        project.run("ingestion", env="bigquery", params=FORCED, node_names=["load_sellers"])


def test_a_load_goes_through_the_bucket_and_leaves_nothing_there(built: Any, bucket: Any) -> None:
    dataset = built.catalog("bigquery").get("raw_sellers")
    before = dataset.size()

    load_sellers(built)

    assert dataset.size() == before
    loads = [job for job in dataset.connection.client.list_jobs(max_results=50) if job.job_type == "load"]
    through = [job.source_uris[0] for job in loads if job.source_uris]
    assert len(through) == 1
    assert through[0].startswith("gs://for-loads/olist-kedro/")
    assert list(bucket.list_blobs()) == []


def test_a_failed_load_leaves_nothing_in_the_bucket(
    built: Any, bucket: Any, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olist_kedro.datasets.bigquery.SECONDS_TO_RETRY", 0.0)
    emulator.fault(r'"load".*"tableId": "sellers"', "fail", times=5)
    try:
        with pytest.raises(ClickException, match="made for a test"), plain_errors():
            load_sellers(built)
    finally:
        Path(emulator.folder / "fault.json").unlink()

    assert list(bucket.list_blobs()) == []
    load_sellers(built)
    assert list(bucket.list_blobs()) == []


def test_a_bucket_that_is_not_there_is_told(
    built: Any, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCS_BUCKET_NAME", "no-such-bucket")

    with pytest.raises(ClickException, match="GCS_BUCKET_NAME"), plain_errors():
        load_sellers(built)

    monkeypatch.delenv("GCS_BUCKET_NAME")
    load_sellers(built)
