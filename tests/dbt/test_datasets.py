"""dbt's relations in a Kedro catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest
from kedro.io import DatasetError

from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.dbt import DbtRelation
from olist_kedro.dbt.results import StepResult

RESULT = StepResult(step="model.shop.dim_date", tests=2, warnings=0, seconds=0.1)


@pytest.fixture
def relation(tmp_path: Path) -> Iterator[DbtRelation]:
    connection = {"backend": "duckdb", "path": str(tmp_path / "warehouse.duckdb")}
    yield DbtRelation(connection=connection, schema="marts", table="dim_date")
    disconnect()


def test_relation_that_dbt_did_not_make_is_an_error(relation: DbtRelation) -> None:
    with pytest.raises(DatasetError, match=r"reported model\.shop\.dim_date as built, .* no marts\.dim_date"):
        relation.save(RESULT)


def test_relation_that_dbt_made_is_left_as_it_is(relation: DbtRelation) -> None:
    warehouse = connect(relation.warehouse)
    warehouse.create_database("marts")
    warehouse.create_table("dim_date", ibis.memtable({"date_id": [20180101]}), database="marts")

    relation.save(RESULT)

    assert relation.load().date_id.execute().tolist() == [20180101]
