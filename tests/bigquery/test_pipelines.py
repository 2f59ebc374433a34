"""Kedro's commands with `--env bigquery`."""

from __future__ import annotations

from contextlib import chdir
from typing import Any

import pytest
from click.testing import CliRunner

from olist_kedro.cli import cli
from olist_kedro.datasets import WarehouseTable

SYNTHETIC = {"ingestion": {"source": "synthetic", "synthetic": {"orders": 800}}}


def test_a_second_run_has_nothing_to_do(built: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with chdir(built.path):
        built.run(env="bigquery", params=SYNTHETIC)  # what other tests have left
        assert built.run(env="bigquery", params=SYNTHETIC) == {}

    assert "Nothing to do" in capsys.readouterr().err


def test_status_knows_every_step(built: Any) -> None:
    with chdir(built.path):
        result = CliRunner().invoke(cli, ["olist", "status", "--env", "bigquery"])

    assert result.exit_code == 0
    assert "load_orders" in result.output
    assert " missing" not in result.output


def test_raw_tables_are_described_partitioned_and_labelled(built: Any) -> None:
    dataset = built.catalog("bigquery").get("raw_orders")
    client = dataset.connection.client
    table = client.get_table(f"{dataset.schema}.orders")
    jobs = [job for job in client.list_jobs(max_results=200) if job.job_type == "load"]

    types = {field.name: field.field_type for field in table.schema}
    assert types["order_purchase_timestamp"] == types["load_timestamp"] == "DATETIME"
    assert types["load_date"] == "DATE"
    assert all(field.description for field in table.schema if not field.name.startswith("load_"))
    assert table.description
    assert table.time_partitioning.field == "order_purchase_timestamp"
    assert table.clustering_fields == ["order_id"]
    assert jobs
    assert all(job.labels == {"application": "olist-kedro"} for job in jobs)


@pytest.mark.parametrize("name", ["raw_orders", "stg_orders", "dim_geolocation", "dim_segment", "fact_sales"])
def test_tables_have_previews(built: Any, name: str) -> None:
    dataset: WarehouseTable = built.catalog("bigquery").get(name)

    preview = dataset.preview()

    assert preview["columns"] == list(dataset.load().columns)
    assert len(preview["data"]) > 1
