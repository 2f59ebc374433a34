"""What is left when something breaks off: the emulator is killed in the middle, and started again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click import ClickException

from olist_kedro.cli import plain_errors
from olist_kedro.datasets import WarehouseTable

SYNTHETIC = {"ingestion": {"source": "synthetic", "synthetic": {"orders": 800}}}
FORCED = {**SYNTHETIC, "force": True}

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture(scope="module")
def emulator_to_kill(built: Any, emulator: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The emulator; afterwards it is what it was before."""
    backup = tmp_path_factory.mktemp("backup") / "bigquery"
    emulator.stop()
    shutil.copytree(emulator.folder, backup)
    emulator.start()
    yield emulator
    emulator.stop()
    shutil.rmtree(emulator.folder)
    shutil.copytree(backup, emulator.folder)
    emulator.start()


@pytest.fixture(scope="module")
def project_to_break(built: Any, make_project: Callable[[], Any]) -> Any:
    """A copy of the project that is built."""
    copy = make_project()
    shutil.copytree(built.path / "data", copy.path / "data", dirs_exist_ok=True)
    return copy


@pytest.fixture
def project(project_to_break: Any, emulator_to_kill: Any) -> Iterator[Any]:
    with chdir(project_to_break.path):
        yield project_to_break
    emulator_to_kill.restart()


def fails(project: Any, *pipelines: str, **selection: Any) -> str:
    """Run by force, see it end with exit code 1 and one plain message, and return that."""
    with pytest.raises(ClickException) as error, plain_errors():
        project.run(*pipelines, env="bigquery", params=FORCED, **selection)
    assert error.value.exit_code == 1
    assert "Traceback" not in error.value.message
    return str(error.value.message)


def rows(project: Any, name: str) -> pd.DataFrame:
    table = project.catalog("bigquery").get(name).load().to_pandas()
    return table.sort_values(list(table.columns), key=lambda values: values.astype(str), ignore_index=True)


def verdicts(project: Any) -> dict[str, str]:
    from olist_kedro.freshness import Freshness, select

    with project.session("bigquery", SYNTHETIC) as session:
        found = Freshness(select([]), session.load_context().catalog).verdicts
    return {name: verdict.state for name, verdict in found.items()}


@pytest.mark.parametrize("moment", ["die", "die_after"])
def test_a_load_that_breaks_off(project: Any, emulator_to_kill: Any, moment: str) -> None:
    names = ("raw_orders", "raw_sellers", "raw_order_items", "load_log")
    before = {name: rows(project, name) for name in names}
    emulator_to_kill.fault(r'"load".*"tableId": "order_items"', moment)

    assert "Google cannot be reached" in fails(project, "ingestion")

    emulator_to_kill.restart()
    for name in names:
        pd.testing.assert_frame_equal(rows(project, name), before[name], obj=name)
    states = verdicts(project)
    assert states["load_order_items"] == states["record_loads"] == "stale"

    project.run("ingestion", env="bigquery", params=SYNTHETIC)

    for name in names:
        pd.testing.assert_frame_equal(rows(project, name), before[name], obj=name)
    assert set(verdicts(project).values()) <= {"fresh", "passing"}


def test_a_dbt_build_that_breaks_off(project: Any, emulator_to_kill: Any) -> None:
    names = ("stg_orders", "fact_sales", "fact_orders")
    before = {name: rows(project, name) for name in names}
    emulator_to_kill.fault(r"create or replace table [^(]*fact_sales", "die")
    selection = {"node_names": ["staging.build_stg_orders", "marts.sales.build_fact_sales"]}

    # dbt says so if its node is the next; else the records of what was finished cannot be written.
    assert re.match("dbt failed at|Google cannot be reached", fails(project, "dbt", **selection))

    emulator_to_kill.restart()
    assert verdicts(project)["marts.sales.build_fact_sales"] == "stale"
    pd.testing.assert_frame_equal(rows(project, "fact_orders"), before["fact_orders"])

    project.run("dbt", env="bigquery", params=SYNTHETIC)

    for name in names:
        pd.testing.assert_frame_equal(rows(project, name), before[name], obj=name)
    assert verdicts(project)["marts.sales.build_fact_sales"] == "fresh"


def runs_of(project: Any, tables: dict[str, pd.DataFrame]) -> list[set[str]]:
    """Return the runs that each table is of now, once it is sure that all else in it is what it was."""
    found = []
    for name, before in tables.items():
        now = rows(project, name)
        found.append({*now["run_id"]})
        pd.testing.assert_frame_equal(now.drop(columns="run_id"), before.drop(columns="run_id"), obj=name)
    return found


@pytest.mark.parametrize(
    "job", [r"CREATE OR REPLACE TABLE [^(]*dim_customer_segmented", r'"load".*"tableId": "dim_segment"']
)
def test_a_publication_that_breaks_off(project: Any, emulator_to_kill: Any, job: str) -> None:
    published = ("dim_customer_segmented", "dim_segment", "segmentation_codebook")
    before = {name: rows(project, name) for name in published}
    attempts = len(rows(project, "segmentation_runs"))
    emulator_to_kill.fault(job, "die")

    assert "Google cannot be reached" in fails(project, "som_kmeans")

    emulator_to_kill.restart()
    # each table is whole, the old one or the new one: the same customers make the same segments
    assert all(len(runs) == 1 for runs in runs_of(project, before))

    project.run("som_kmeans", env="bigquery", params=SYNTHETIC)

    assert len(set.union(*runs_of(project, before))) == 1
    assert len(rows(project, "segmentation_runs")) - attempts in (1, 2)  # each attempt is on record, once
    assert set(verdicts(project).values()) <= {"fresh", "passing"}


def test_a_failure_of_googles_own_is_tried_again(project: Any, emulator_to_kill: Any) -> None:
    dataset = project.catalog("bigquery").get("raw_sellers")
    before = rows(project, "raw_sellers")
    emulator_to_kill.fault(r'"load".*"tableId": "sellers"', "fail", times=2)

    project.run("ingestion", env="bigquery", params=FORCED, node_names=["load_sellers"])

    jobs = [job for job in dataset.connection.client.list_jobs(max_results=10) if job.job_type == "load"]
    of_sellers = [job for job in jobs if job.destination.table_id == "sellers"]
    assert [job.error_result is None for job in of_sellers[:3]] == [True, False, False]
    pd.testing.assert_frame_equal(rows(project, "raw_sellers"), before)


def test_a_failure_that_lasts_leaves_the_old_table(
    project: Any, emulator_to_kill: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olist_kedro.datasets.bigquery.SECONDS_TO_RETRY", 3.0)
    before = rows(project, "raw_sellers")
    emulator_to_kill.fault(r'"load".*"tableId": "sellers"', "fail", times=100)

    message = fails(project, "ingestion", node_names=["load_sellers"])

    assert "An internal error, made for a test" in message
    pd.testing.assert_frame_equal(rows(project, "raw_sellers"), before)
    assert verdicts(project)["load_sellers"] == "stale"


def test_replacing_a_table_is_all_or_nothing(project: Any, emulator_to_kill: Any) -> None:
    warehouse = project.catalog("bigquery").get("load_log").warehouse
    table = WarehouseTable(connection=warehouse, schema="olist_marts", table="counts")
    table.save(pd.DataFrame({"n": [1, 2]}))

    for save, job in {
        "rows": (pd.DataFrame({"n": [3]}), r'"load".*"tableId": "counts"'),
        "expression": (table.load().filter(table.load().n > 1), r"CREATE OR REPLACE TABLE"),
    }.values():
        emulator_to_kill.fault(job, "die")
        with pytest.raises(ClickException, match="Google cannot be reached"), plain_errors():
            table.save(save)
        emulator_to_kill.restart()
        assert sorted(table.load().n.execute()) == [1, 2]

    table.save(table.load().mutate(n=table.load().n * 10))
    assert sorted(table.load().n.execute()) == [10, 20]


def test_a_dataset_in_another_location_ends_the_run_before_any_work(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import google.cloud.bigquery as bq

    client = project.catalog("bigquery").get("load_log").connection.client
    elsewhere = bq.Dataset(f"{client.project}.elsewhere_marts")
    elsewhere.location = "EU"
    client.create_dataset(elsewhere)
    monkeypatch.setenv("BQ_DATASET_PREFIX", "elsewhere")
    shutil.rmtree(Path("data/bigquery"))

    message = fails(project)

    assert "elsewhere_marts is in EU, but this run works in US" in message
    assert not Path("data/bigquery").exists()
    assert [d.dataset_id for d in client.list_datasets() if d.dataset_id.startswith("elsewhere")] == [
        "elsewhere_marts"
    ]
