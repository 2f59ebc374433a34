"""A real dbt project, built for real in DuckDB."""

from __future__ import annotations

import os
from dataclasses import replace

import ibis
import pytest

from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.dbt import DbtError, DbtProject
from olist_kedro.dbt import project as project_module


@pytest.fixture(autouse=True)
def _closed():
    yield
    disconnect()


def test_stages_build_their_models_and_run_each_test_once(tiny_project: DbtProject) -> None:
    staging, marts = tiny_project.build("staging"), tiny_project.build("marts")

    assert (staging.stage, staging.models, staging.tests, staging.warnings) == ("staging", 2, 3, 0)
    assert (marts.stage, marts.models, marts.tests, marts.warnings) == ("marts", 2, 2, 0)
    assert set(staging.to_dict()) == {"stage", "models", "tests", "warnings", "seconds"}


def test_builds_while_ibis_holds_the_same_file_open(tiny_project: DbtProject) -> None:
    warehouse = connect({"backend": "duckdb", "path": tiny_project.environment["TINY_PATH"]})
    warehouse.create_table("before", ibis.memtable({"x": [1]}))

    tiny_project.build("staging")
    tiny_project.build("marts")

    assert warehouse.table("totals").orders.execute().tolist() == [5]


def test_environment_is_put_back(tiny_project: DbtProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALREADY_SET", "before")
    tiny_project = replace(
        tiny_project, environment={**tiny_project.environment, "ALREADY_SET": "while dbt runs"}
    )
    before = dict(os.environ)

    tiny_project.build("staging")

    assert dict(os.environ) == before


def test_failed_model_is_named_with_its_message_and_sql(tiny_project: DbtProject) -> None:
    tiny_project.build("staging")
    (tiny_project.project_dir / "models/marts/by_state.sql").write_text(
        "select nowhere from {{ ref('stg_states') }}\n"
    )

    with pytest.raises(DbtError) as raised:
        replace(tiny_project).build("marts")

    message = str(raised.value)
    assert "stage marts: 1 of 4 steps failed, 1 skipped" in message
    assert "model by_state" in message
    assert 'Referenced column "nowhere" not found' in message
    assert "target/compiled/tiny/models/marts/by_state.sql" in message
    assert "select nowhere from" in message


def test_failed_test_is_named_with_its_message_and_sql(tiny_project: DbtProject) -> None:
    tiny_project.build("staging")
    (tiny_project.project_dir / "models/marts/by_state.sql").write_text("select 'XX' as state\n")

    with pytest.raises(DbtError) as raised:
        replace(tiny_project).build("marts")

    message = str(raised.value)
    assert "test relationships_by_state_state__state__ref_states_" in message
    assert "Got 1 result, configured to fail if != 0" in message
    assert "left join parent" in message


def test_failed_unit_test_shows_the_rows_that_differ_without_escape_codes(tiny_project: DbtProject) -> None:
    (tiny_project.project_dir / "models/staging/stg_states.sql").write_text(
        "select state, 2 * orders as orders from {{ ref('states') }}\n"
    )

    with pytest.raises(DbtError) as raised:
        tiny_project.build("staging")

    message = str(raised.value)
    assert "unit test keeps_orders" in message
    assert "actual differs from expected" in message
    assert "1→2" in message
    assert "\x1b" not in message


def test_other_results_of_a_failed_stage_are_kept(tiny_project: DbtProject) -> None:
    tiny_project.build("staging")
    (tiny_project.project_dir / "models/marts/by_state.sql").write_text("select 1/ from\n")

    with pytest.raises(DbtError):
        replace(tiny_project).build("marts")

    warehouse = connect({"backend": "duckdb", "path": tiny_project.environment["TINY_PATH"]})
    assert warehouse.table("totals").orders.execute().tolist() == [5]


def test_project_that_does_not_parse_says_where(tiny_project: DbtProject) -> None:
    (tiny_project.project_dir / "models/marts/by_state.sql").write_text(
        "select * from {{ ref('stg_cities') }}\n"
    )

    with pytest.raises(DbtError, match="depends on a node named 'stg_cities' which was not found"):
        tiny_project.build("staging")


def test_interrupt_is_raised_again(tiny_project: DbtProject, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> object:
        def follow(event: object) -> None:
            raise KeyboardInterrupt

        return follow

    assert tiny_project.manifest
    monkeypatch.setattr(project_module, "_follower", interrupt)

    with pytest.raises(KeyboardInterrupt):
        tiny_project.build("staging")
