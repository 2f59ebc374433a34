"""What is added to Kedro-Viz's own records of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.warehouse import disconnect
from olist_kedro.viz import VizRecords

PIPELINE = Pipeline(
    [Node(lambda: None, None, "sales", name="sell"), Node(lambda: None, None, "note", name="write")]
)


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataCatalog]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".viz").mkdir()
    sales = WarehouseTable(
        connection={"backend": "duckdb", "path": str(tmp_path / "shop.duckdb")}, schema="marts", table="sales"
    )
    sales.save(ibis.memtable({"x": [1, 2, 3], "y": [4, 5, 6]}))
    yield DataCatalog({"sales": sales})
    disconnect()


def read(name: str) -> object:
    return json.loads(Path(".viz", name).read_text())


def write(name: str, content: object) -> None:
    Path(".viz", name).write_text(json.dumps(content))


def test_tables_are_counted_and_earlier_figures_kept(catalog: DataCatalog) -> None:
    write("stats.json", {"orders": {"rows": 7}, "sales": {"rows": 1}})
    records = VizRecords({})

    records.before_pipeline_run()
    write("stats.json", {"frame": {"rows": 2}})  # as Kedro-Viz leaves it
    records.after_pipeline_run(PIPELINE, catalog)

    assert read("stats.json") == {
        "orders": {"rows": 7},
        "frame": {"rows": 2},
        "sales": {"rows": 3, "columns": 2},
    }


def test_durations_are_those_that_were_measured(catalog: DataCatalog) -> None:
    events = [
        {"event": "before_pipeline_run"},
        {"event": "after_node_run", "node": "sell", "duration": 0.0},
        {"event": "after_node_run", "node": "unknown", "duration": 1.0},
    ]
    write("kedro_pipeline_events.json", events)

    VizRecords({"sell": 2.5}).on_pipeline_error(PIPELINE)

    assert [event.get("duration") for event in read("kedro_pipeline_events.json")] == [None, 2.5, 1.0]


def test_without_records_of_kedro_viz_there_are_no_durations_to_correct(catalog: DataCatalog) -> None:
    VizRecords({"sell": 2.5}).on_pipeline_error(PIPELINE)

    assert list(Path(".viz").iterdir()) == []
