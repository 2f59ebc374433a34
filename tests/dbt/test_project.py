"""A dbt project: when it is parsed, and how dbt is called on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from olist_kedro.dbt import DbtError, DbtProject
from olist_kedro.dbt.project import GRAPH_FILE

READ_GRAPH = """
import sys
from pathlib import Path
from olist_kedro.dbt import DbtProject
folder = Path(sys.argv[1])
project = DbtProject(folder, folder, folder / "target", "duckdb", {"TINY_PATH": sys.argv[2]})
print(len(project.graph.tests), "dbt.cli" in sys.modules)
"""


def test_an_unchanged_project_is_read_without_importing_dbt(parsed) -> None:
    command = [sys.executable, "-c", READ_GRAPH, str(parsed.folder), parsed.warehouse["path"]]

    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert output.split() == ["13", "False"]


def add_a_model(tiny) -> None:
    tiny.write("models/marts/new.sql", "select 1 as x\n")


def change_a_model(tiny) -> None:
    tiny.write("models/marts/totals.sql", "select max(price) as price from {{ ref('stg_orders') }}\n")


def change_a_macro(tiny) -> None:
    tiny.write("macros/more.sql", "{% macro more() %}1{% endmacro %}\n")


def change_a_seed(tiny) -> None:
    tiny.write("seeds/states.csv", "state,region\nSP,south\n")


def remove_a_file(tiny) -> None:
    (tiny.folder / "tests/assert_sanity.sql").unlink()


@pytest.mark.parametrize(
    "change", [add_a_model, change_a_model, change_a_macro, change_a_seed, remove_a_file]
)
def test_any_change_of_its_files_is_seen(tiny, change: Callable) -> None:
    before = tiny.project().fingerprint()

    change(tiny)

    assert tiny.project().fingerprint() != before


def test_a_change_of_target_or_of_a_variable_that_is_read_is_seen(
    tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tiny.project().fingerprint()

    assert tiny.project(target="other").fingerprint() != before
    assert tiny.project(environment={"TINY_PATH": "elsewhere"}).fingerprint() != before
    monkeypatch.setenv("NOT_READ", "1")
    assert tiny.project().fingerprint() == before


def test_what_dbt_writes_is_no_change(tiny) -> None:
    before = tiny.project().fingerprint()

    tiny.write("target/run_results.json", "{}")
    tiny.write("logs/dbt.log", "...")

    assert tiny.project().fingerprint() == before


def test_a_changed_project_is_read_anew(tiny) -> None:
    assert "new" not in {relation.name for relation in tiny.project().graph.relations.values()}

    add_a_model(tiny)

    assert "new" in {relation.name for relation in tiny.project().graph.relations.values()}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"fingerprint": 1}'])
def test_a_damaged_graph_file_is_made_anew(parsed, content: str) -> None:
    path = parsed.folder / "target" / GRAPH_FILE
    path.write_text(content)

    assert len(parsed.project().graph.tests) == 13


def test_a_project_that_does_not_parse_says_where(tiny) -> None:
    tiny.write("models/marts/totals.sql", "select * from {{ ref('nowhere') }}\n")

    with pytest.raises(DbtError, match="depends on a node named 'nowhere' which was not found"):
        assert tiny.project().graph


def test_the_environment_is_put_back(parsed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINY_PATH", "before")
    before = dict(os.environ)

    assert parsed.project().manifest

    assert dict(os.environ) == before


def test_reads_its_configuration(tmp_path: Path) -> None:
    config = {
        "project": "dbt",
        "artifacts": "dbt/target/data",
        "target": "duckdb",
        "environment": {"N": 1, "FILE": {"path": "data/olist.duckdb"}},
    }

    project = DbtProject.from_config(config, tmp_path)

    assert project.flags() == [
        *("--project-dir", str(tmp_path / "dbt")),
        *("--profiles-dir", str(tmp_path / "dbt")),
        *("--target-path", str(tmp_path / "dbt/target/data")),
        *("--target", "duckdb"),
    ]
    assert project.environment == {"N": "1", "FILE": str(tmp_path / "data/olist.duckdb")}
