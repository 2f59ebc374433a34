"""dbt's project and relations in a Kedro catalog."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest
from kedro.io import DatasetError

from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.dbt import DbtProjectDataset, DbtRelation, StageResult

RESULT = StageResult(stage="marts", models=1, tests=2, warnings=0, seconds=0.1)


@pytest.fixture
def relation(tmp_path: Path):
    connection = {"backend": "duckdb", "path": str(tmp_path / "warehouse.duckdb")}
    yield DbtRelation(connection=connection, schema="marts", table="dim_date")
    disconnect()


def test_relation_that_dbt_did_not_make_is_an_error(relation: DbtRelation) -> None:
    with pytest.raises(DatasetError, match=r"stage marts succeeded without making marts\.dim_date"):
        relation.save(RESULT)


def test_relation_that_dbt_made_is_left_as_it_is(relation: DbtRelation) -> None:
    warehouse = connect(relation._connection_config)
    warehouse.create_database("marts")
    warehouse.create_table("dim_date", ibis.memtable({"date_id": [20180101]}), database="marts")

    relation.save(RESULT)

    assert relation.load().date_id.execute().tolist() == [20180101]


def test_project_is_loaded_not_saved() -> None:
    dataset = DbtProjectDataset(
        path="dbt",
        artifacts={"path": "dbt/target"},
        target="duckdb",
        stages={"all": ["models"]},
        environment={"N": 1, "FILE": {"path": "data/olist.duckdb"}},
    )

    project = dataset.load()

    assert project is dataset.load()
    assert project.environment == {"N": "1", "FILE": "data/olist.duckdb"}
    assert project.flags()[:2] == ["--project-dir", "dbt"]
    with pytest.raises(DatasetError, match="cannot be saved"):
        dataset.save(project)
