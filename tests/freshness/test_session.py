"""Freshness in the whole project, run by sessions as `kedro run` does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kedro.io import DatasetError
from kedro.runner.task import Task
from tests.conftest import SAMPLE

from olist_kedro import cli
from olist_kedro.datasets.warehouse import connect
from olist_kedro.freshness import Freshness, select


@pytest.fixture(scope="module")
def project(make_sample: Callable[[], Any]) -> Any:
    """The project after a whole run."""
    return make_sample()


def ran(project: Any, monkeypatch: pytest.MonkeyPatch, *pipelines: str, **params: Any) -> list[str]:
    """Run what is not fresh; return its nodes in order."""
    names: list[str] = []
    execute = Task.execute

    def note(task: Any) -> Any:
        names.append(task.node.name)
        return execute(task)

    monkeypatch.setattr(Task, "execute", note)
    project.run(*pipelines, env="sample", params={**SAMPLE, **params})
    return names


def test_a_second_run_does_nothing_and_says_so(project: Any, monkeypatch, capsys) -> None:
    assert ran(project, monkeypatch) == []

    said = capsys.readouterr().err
    assert "steps are fresh and left out" in said
    assert "Nothing to do." in said


def test_force_runs_it_all_the_same(project: Any, monkeypatch) -> None:
    names = ran(project, monkeypatch, "reporting", force=True)

    assert "plot_u_matrix" in names


def test_one_line_of_a_mart_concerns_that_mart_and_what_follows(project: Any, monkeypatch, capsys) -> None:
    model = project.path / "dbt/models/marts/finance/fact_payments.sql"
    model.write_text(model.read_text() + "\n-- a remark\n")

    names = ran(project, monkeypatch)

    assert names[0] == "marts.finance.build_fact_payments"
    assert [name for name in names if name.startswith(("clean", "load", "staging", "snapshots"))] == []
    assert [name for name in names if ".build_" in name] == ["marts.finance.build_fact_payments"]
    assert "create_customer_features" in names
    assert "marts.finance.build_fact_payments: changed: sql" in capsys.readouterr().err
    assert ran(project, monkeypatch) == []


def test_a_parameter_of_the_segments_does_not_touch_dbt(project: Any, monkeypatch) -> None:
    names = ran(project, monkeypatch, "segmentation", segment_identity={"min_overlap": 0.2})

    assert "identify_segments" in names
    assert [name for name in names if ".build_" in name] == []
    ran(project, monkeypatch)


def test_the_segmentation_rebuilds_a_stale_mart_first(project: Any, monkeypatch) -> None:
    connect(
        {"backend": "duckdb", "path": str(project.path / "data/sample/03_primary/olist.duckdb")}
    ).drop_table("fact_reviews", database="marts")

    names = ran(project, monkeypatch, "segmentation")

    assert names == ["marts.customer_service.build_fact_reviews"]


def test_one_changed_file_concerns_its_table_and_what_refers_to_it(
    project: Any, make_project: Callable[[], Any], tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    shutil.copytree(project.path / "data/sample/01_raw", folder, ignore=shutil.ignore_patterns(".*"))
    local = {"ingestion": {"source": "local", "path": str(folder)}}
    other = make_project()
    other.run("ingestion", env="sample", params=local)
    sellers = folder / "olist_sellers_dataset.csv"
    sellers.write_text(sellers.read_text().replace(",SP\n", ",RJ\n", 1))

    with other.session("sample", local) as session:
        catalog = session.load_context().catalog
        verdicts = Freshness(select(["ingestion"]), catalog).verdicts

    assert {name for name, verdict in verdicts.items() if verdict.runs} == {
        "choose_source",
        "check_columns",
        "clean_sellers",
        "clean_order_items",
        "check_quality",
        "load_sellers",
        "load_order_items",
        "record_loads",
    }


def test_an_empty_warehouse_says_what_to_run(make_project: Callable[[], Any]) -> None:
    with pytest.raises(DatasetError, match="kedro run --pipeline=elt"):
        make_project().run("segmentation", env="sample")


def test_status_tells_each_step(project: Any) -> None:
    with chdir(project.path):
        result = CliRunner().invoke(cli.cli, ["olist", "status", "--env", "sample", "--pipeline", "dbt"])

    assert result.exit_code == 0, result.output
    steps, total = result.output.split("\n\n")
    assert {line.split()[1] for line in steps.splitlines()} == {"fresh"}
    assert total == f"{len(steps.splitlines())} fresh\n"


def test_status_of_an_empty_project_makes_nothing(make_project: Callable[[], Any]) -> None:
    empty = make_project()
    with chdir(empty.path):
        result = CliRunner().invoke(cli.cli, ["olist", "status", "--env", "sample"])

    assert result.exit_code == 0, result.output
    assert "choose_source" in result.output
    assert not (empty.path / "data").exists()
