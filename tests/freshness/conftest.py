"""A Kedro project small enough to read: two files, a table, a number in memory, a report.

first.csv -> [count_words] -> counts.json -> [add_up] -> (total) -> [write_report] -> report.txt
                                  |-> [load] -> warehouse table `loaded` -> [check] (no output)
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from olist_kedro.datasets.warehouse import disconnect
from olist_kedro.freshness import Freshness, FreshnessHooks

PACKAGE = "small_project"
FILES = {
    "__init__.py": "",
    "templates/page.html": "<p>",
    "helpers.py": '''
"""Helpers."""
import json

LIMIT = 3


def shorten(text):
    """Cut a text."""
    return text[:LIMIT]


def unused(text):
    return text


def dump(value):
    return json.dumps(value)
''',
    "nodes.py": '''
"""Nodes."""
import pandas as pd

from small_project import helpers
from small_project.helpers import shorten


def count_words(text):
    return {shorten(word): text.split().count(word) for word in text.split()}


def add_up(counts, factor):
    return factor * sum(counts.values())


def write_report(total):
    return helpers.dump(total)


def load(counts):
    return pd.DataFrame({"word": list(counts), "number": list(counts.values())})


def check(table):
    if table.count().execute() == 0:
        raise ValueError("nothing was loaded")
''',
}


class Small:
    """The project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.factor = 2
        self.report_type = "text.TextDataset"
        self.report_arguments: dict[str, Any] = {}
        self.adds_up = ["counts", "params:factor"]
        self.warehouse = {"backend": "duckdb", "path": str(folder / "small.duckdb")}
        for name, text in FILES.items():
            self.write(name, text)
        self.text("a b a")

    def write(self, name: str, text: str) -> None:
        path = self.folder / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / PACKAGE / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def text(self, text: str) -> None:
        (self.folder / "first.txt").write_text(text)

    def pipeline(self) -> Pipeline:
        """The pipeline as a new process sees it."""
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
        importlib.invalidate_caches()
        nodes = importlib.import_module(f"{PACKAGE}.nodes")
        return Pipeline(
            [
                Node(nodes.count_words, "first", "counts", name="count_words"),
                Node(nodes.add_up, self.adds_up, "total", name="add_up"),
                Node(nodes.write_report, "total", "report", name="write_report"),
                Node(nodes.load, "counts", "loaded", name="load"),
                Node(nodes.check, "loaded", None, name="check"),
            ]
        )

    def catalog(self) -> DataCatalog:
        def table(schema: str, name: str, **empty: Any) -> dict[str, Any]:
            kind = "olist_kedro.datasets.WarehouseTable"
            return {"type": kind, "connection": self.warehouse, "schema": schema, "table": name, **empty}

        def file(kind: str, name: str) -> dict[str, Any]:
            return {"type": kind, "filepath": str(self.folder / name)}

        no_records = {"name": "string", "record": "string"}
        catalog = DataCatalog.from_config(
            {
                "first": file("text.TextDataset", "first.txt"),
                "counts": file("json.JSONDataset", "counts.json"),
                "report": file(self.report_type, "report.txt") | self.report_arguments,
                "loaded": table("main", "loaded"),
                "freshness_records": table("freshness", "records", empty_schema=no_records),
            }
        )
        catalog["params:factor"] = MemoryDataset(self.factor)
        return catalog

    def verdicts(self) -> dict[str, Any]:
        return Freshness(self.pipeline(), self.catalog()).verdicts

    def to_run(self) -> set[str]:
        return {name for name, verdict in self.verdicts().items() if verdict.runs}

    def run(self) -> set[str]:
        """Run what is not fresh, as a session does; return its nodes."""
        names = self.to_run()
        if names:
            pipeline, catalog = self.pipeline().filter(node_names=names), self.catalog()
            hooks = _create_hook_manager()
            hooks.register(FreshnessHooks())
            hooks.hook.before_pipeline_run(run_params={}, pipeline=pipeline, catalog=catalog)
            try:
                SequentialRunner().run(pipeline, catalog, hooks)
            except Exception:
                hooks.hook.on_pipeline_error(error=None, run_params={}, pipeline=pipeline, catalog=catalog)
                raise
            hooks.hook.after_pipeline_run(run_params={}, run_result={}, pipeline=pipeline, catalog=catalog)
        return names


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Small]:
    """The project after a whole run."""
    monkeypatch.syspath_prepend(tmp_path)
    project = Small(tmp_path)
    project.run()
    yield project
    disconnect()
