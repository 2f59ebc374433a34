"""Parquet files between one engine and the warehouse."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest
from kedro.io import DatasetError

from olist_kedro.datasets.parquet_table import ParquetTable
from olist_kedro.datasets.warehouse import connect, disconnect


@pytest.fixture
def dataset(tmp_path: Path):
    connection = {"backend": "duckdb", "path": str(tmp_path / "warehouse.duckdb")}
    yield ParquetTable(filepath=str(tmp_path / "02/states.parquet"), connection=connection)
    disconnect()


def test_rows_of_another_engine_are_loaded_in_the_warehouse(dataset: ParquetTable) -> None:
    other = ibis.duckdb.connect()
    dataset.save(other.create_table("t", ibis.memtable({"state": ["RJ", "SP", None], "n": [2, 1, 3]})))
    loaded = dataset.load()
    assert loaded.get_backend() is connect(dataset._connection)
    assert loaded.to_pyarrow().to_pydict() == {"state": ["RJ", "SP", None], "n": [2, 1, 3]}


def test_a_write_that_fails_leaves_the_old_file(dataset: ParquetTable) -> None:
    dataset.save(ibis.memtable({"n": ["1"]}))
    with pytest.raises(DatasetError):
        dataset.save(ibis.memtable({"n": ["x"]}).mutate(n=ibis._.n.cast("int64")))
    assert dataset.load().n.execute().tolist() == ["1"]
    assert [path.name for path in dataset._filepath.parent.iterdir()] == ["states.parquet"]


def test_a_missing_file_says_how_to_make_it(dataset: ParquetTable) -> None:
    assert not dataset.exists()
    assert dataset.preview() == {}
    with pytest.raises(DatasetError, match="does not exist yet") as error:
        dataset.load()
    assert "kedro run --pipeline=ingestion" in str(error.value.__cause__)


def test_the_preview_shows_the_first_rows(dataset: ParquetTable) -> None:
    dataset.save(ibis.memtable({"n": list(range(100))}))
    assert dataset.preview()["data"] == [[str(n)] for n in range(20)]
    dataset.save(ibis.memtable({"n": [1]}).limit(0))
    assert dataset.preview() == {"index": [], "columns": ["n"], "data": []}
