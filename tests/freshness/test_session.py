"""Freshness in the whole project, run by sessions as `kedro run` does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from olist_kedro import cli
from olist_kedro.datasets.warehouse import WarehouseError, connect, disconnect

SMALL = {"ingestion": {"synthetic": {"orders": 1_500}}}


@pytest.fixture(scope="module")
def project(make_project: Callable[[], Any]) -> Any:
    """The project after a whole run."""
    made = make_project()
    made.run(env="sample", params=SMALL)
    return made


def ran(project: Any, monkeypatch: pytest.MonkeyPatch, *pipelines: str, **params: Any) -> list[str]:
    """Run what is not fresh; return its nodes in order."""
    names: list[str] = []
    from kedro.runner.task import Task

    execute = Task.execute

    def note(task: Any) -> Any:
        names.append(task.node.name)
        return execute(task)

    monkeypatch.setattr(Task, "execute", note)
    project.run(*pipelines, env="sample", params={**SMALL, **params})
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
    names = ran(project, monkeypatch, "segmentation", clustering={"k": 5})

    assert "cluster_neurons" in names
    assert [name for name in names if ".build_" in name] == []
    ran(project, monkeypatch)


def test_the_segmentation_rebuilds_a_stale_mart_first(project: Any, monkeypatch) -> None:
    connect(
        {"backend": "duckdb", "path": str(project.path / "data/sample/03_primary/olist.duckdb")}
    ).drop_table("fact_reviews", database="marts")

    names = ran(project, monkeypatch, "segmentation")

    assert names == ["marts.customer_service.build_fact_reviews"]


def test_one_changed_file_concerns_one_table_and_what_follows_from_it(
    project: Any, monkeypatch, tmp_path: Path
) -> None:
    disconnect()
    folder = tmp_path / "files"
    shutil.copytree(project.path / "data/sample/01_raw", folder, ignore=shutil.ignore_patterns(".*"))
    local = {"ingestion": {"source": "local", "path": str(folder)}}
    monkeypatch.chdir(project.path)
    sellers = folder / "olist_sellers_dataset.csv"
    lines = sellers.read_text().splitlines()
    sellers.write_text(
        "\n".join([*lines[:-1], lines[-1].replace(lines[-1].split(",")[2], "outra cidade")]) + "\n"
    )

    with project.session("sample", local) as session:
        from olist_kedro.freshness import Freshness, select

        verdicts = Freshness(select(["elt"]), session.load_context().catalog).verdicts

    running = {name for name, verdict in verdicts.items() if verdict.runs}
    assert {
        "clean_sellers",
        "load_sellers",
        "staging.build_stg_sellers",
        "marts.core.build_dim_seller",
    } <= running
    assert not running & {
        "clean_orders",
        "load_orders",
        "staging.build_stg_orders",
        "marts.sales.build_fact_sales",
    }


def test_an_empty_warehouse_says_what_to_run(make_project: Callable[[], Any]) -> None:
    with pytest.raises(WarehouseError, match="kedro run --pipeline=elt"):
        make_project().run("segmentation", env="sample")


def test_status_tells_each_step(project: Any) -> None:
    with chdir(project.path):
        result = CliRunner().invoke(cli.cli, ["olist", "status", "--env", "sample", "--pipeline", "dbt"])

    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line.split()[1:] for line in result.output.splitlines() if line}
    assert lines["marts.sales.build_fact_sales"] == ["fresh"]
    assert lines["36"] == ["fresh"]


def test_status_of_an_empty_project_makes_nothing(make_project: Callable[[], Any]) -> None:
    empty = make_project()
    with chdir(empty.path):
        result = CliRunner().invoke(cli.cli, ["olist", "status", "--env", "sample"])

    assert result.exit_code == 0, result.output
    assert "choose_source" in result.output
    assert not (empty.path / "data").exists()
