"""Tables in a real DuckDB file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from kedro.io import DatasetError
from kedro_datasets.ibis import TableDataset

from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.warehouse import WarehouseError, connect, disconnect


@pytest.fixture
def connection(tmp_path: Path):
    yield {"backend": "duckdb", "path": str(tmp_path / "new folder" / "warehouse.duckdb")}
    disconnect()


def test_saves_and_loads_ibis_pandas_and_arrow(connection: dict[str, str]) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="dim_state")
    for data in (
        ibis.memtable({"state": ["RJ", "SP"]}),
        pd.DataFrame({"state": ["RJ", "SP"]}),
        pa.table({"state": ["RJ", "SP"]}),
    ):
        table.save(data)
        assert table.load().state.execute().tolist() == ["RJ", "SP"]


def test_a_table_may_be_replaced_by_an_expression_on_itself(connection: dict[str, str]) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="counts")
    table.save(pd.DataFrame({"n": [1, 2]}))

    table.save(table.load().mutate(n=ibis._.n * 10))

    assert sorted(table.load().n.execute()) == [10, 20]


def test_a_save_that_fails_leaves_the_old_table(connection: dict[str, str]) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="counts")
    table.save(pd.DataFrame({"n": ["1", "2"]}))

    with pytest.raises(DatasetError):
        table.save(table.load().mutate(n=ibis.literal("no number").cast("int64")))

    assert table.load().n.execute().tolist() == ["1", "2"]
    assert table.connection.list_tables(database="marts") == ["counts"]


def test_an_interrupted_save_leaves_the_old_table(
    connection: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="counts")
    table.save(pd.DataFrame({"n": [1, 2]}))

    def interrupt(self: TableDataset, data: object) -> None:
        self.connection.con.execute("drop table marts.counts")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TableDataset, "save", interrupt)
        table.save(pd.DataFrame({"n": [3]}))

    assert table.load().n.execute().tolist() == [1, 2]
    table.save(pd.DataFrame({"n": [3]}))
    assert table.load().n.execute().tolist() == [3]


def test_tables_join_in_the_warehouse(connection: dict[str, str]) -> None:
    left = WarehouseTable(connection=connection, schema="raw", table="a")
    right = WarehouseTable(connection=connection, schema="marts", table="b")
    left.save(pd.DataFrame({"k": [1, 2], "x": [10, 20]}))
    right.save(pd.DataFrame({"k": [2], "y": [200]}))

    joined = left.load().join(right.load(), "k")

    assert joined.execute().to_dict("list") == {"k": [2], "x": [20], "y": [200]}


def test_missing_table_says_what_to_run(connection: dict[str, str]) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="fact_sales")

    assert not table.exists()
    assert table.preview() == {}
    with pytest.raises(DatasetError) as raised:
        table.load()
    assert isinstance(raised.value.__cause__, WarehouseError)
    assert "no table marts.fact_sales yet" in str(raised.value.__cause__)
    assert "kedro run --pipeline=elt" in str(raised.value.__cause__)


def test_missing_table_may_count_as_empty(connection: dict[str, str]) -> None:
    table = WarehouseTable(
        connection=connection, schema="marts", table="runs", empty_schema={"run_id": "string", "k": "int64"}
    )

    rows = table.load().to_pandas()

    assert rows.empty
    assert list(rows.columns) == ["run_id", "k"]


def test_preview_shows_the_first_rows_as_text(connection: dict[str, str]) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="dim_date")
    dates = {"date_id": range(100), "full_date": pd.Timestamp("2018-01-01"), "text": "x" * 500}
    table.save(pd.DataFrame(dates))

    preview = table.preview()

    assert preview["columns"] == ["date_id", "full_date", "text"]
    assert preview["data"][0] == ["0", "2018-01-01 00:00:00", "x" * 120 + "…"]
    assert len(preview["data"]) == 20


def test_preview_shows_missing_values_as_nothing(connection: dict[str, str]) -> None:
    table = WarehouseTable(connection=connection, schema="marts", table="dim_date")
    missing = {"text": ["x", None], "number": [1.5, None], "time": [pd.Timestamp("2018-01-01 10:00"), pd.NaT]}
    table.save(pd.DataFrame(missing))

    assert table.preview()["data"] == [["x", "1.5", "2018-01-01 10:00:00"], ["", "", ""]]


def test_one_connection_for_one_configuration(connection: dict[str, str]) -> None:
    assert connect(connection) is connect(dict(connection))
    first = connect(connection)
    disconnect()
    assert connect(connection) is not first


def test_file_open_elsewhere(connection: dict[str, str]) -> None:
    WarehouseTable(connection=connection, schema="raw", table="a").save(pd.DataFrame({"x": [1]}))
    disconnect()
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, connection["path"]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match="is open in another program"):
            connect(connection)
    finally:
        holder.communicate("\n")


def test_file_that_is_no_warehouse(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("state,orders\nSP,3\n" * 1000)

    with pytest.raises(WarehouseError, match="cannot be opened"):
        connect({"backend": "duckdb", "path": str(path)})
