"""Other programs read the tables with pandas-gbq; why this project does not publish with it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pandas_gbq
import pytest
from kedro_datasets.pandas import GBQTableDataset

from olist_kedro.datasets import WarehouseTable


@pytest.fixture
def segments(built: Any) -> WarehouseTable:
    table: WarehouseTable = built.catalog("bigquery").get("dim_segment")
    return table


def names_by_id(rows: pd.DataFrame) -> dict[int, str]:
    return dict(zip(rows["segment_id"], rows["segment_name"], strict=True))


def test_the_segments_can_be_read_by_a_query(segments: WarehouseTable) -> None:
    rows = pandas_gbq.read_gbq(
        "select * from olist_marts.dim_segment", project_id="a-project", progress_bar_type=None
    )

    assert names_by_id(rows) == names_by_id(segments.load().to_pandas())
    assert len(rows) > 1


def test_another_kedro_project_can_name_them_in_its_catalog(segments: WarehouseTable) -> None:
    dataset = GBQTableDataset(dataset="olist_marts", table_name="dim_segment", project="a-project")

    assert names_by_id(dataset.load()) == names_by_id(segments.load().to_pandas())


def test_it_leaves_the_old_rows_where_there_are_no_new_ones(segments: WarehouseTable) -> None:
    rows = segments.load().to_pandas()[["segment_id", "segment_name"]]
    copy = WarehouseTable(connection=segments.warehouse, schema=segments.schema, table="copy_of_segments")
    copy.save(rows)

    pandas_gbq.to_gbq(
        rows.head(0), "olist_marts.copy_of_segments", "a-project", if_exists="replace", progress_bar=False
    )
    assert copy.size() == (len(rows), 2)

    copy.save(rows.head(0))
    assert copy.size() == (0, 2)
    copy.connection.drop_table(copy.table, database=copy.schema)
