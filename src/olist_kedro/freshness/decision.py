"""Which nodes are fresh, decided before anything runs.

A node's parts are all that decides its result: its code, its parameters, the versions of packages, and the
content of its inputs, which is in turn a hash of what they were made from. A node is fresh if all its outputs
exist and their records have these parts.

`metadata: {freshness: ignored}` in the catalog says that a dataset does not decide what is made from it: a
check that has to pass first, or what the last run has left. A node's function may have `parts` of its own,
say that its output grows (`keeps_history`), or tell what lies outside (`look_outside`, called with the node's
inputs: a fingerprint for each output).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple, cast
from uuid import uuid4

from kedro.io import CatalogProtocol, DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from olist_kedro.datasets import WarehouseTable
from olist_kedro.freshness.code import code_parts, package_parts
from olist_kedro.freshness.records import Record, Records, hash_of, sha256_of

RECORDS = "freshness_records"  # the catalog's name for the warehouse's records
FILE = ".freshness.json"  # the name of a folder's
# Parts that decide whether a result is right or explained, and not what is in it or made from it.
CHECKS = ("test ", "documentation")
INPUT = "input "
PLACE = ("filepath", "connection", "credentials", "metadata")  # of an entry in the catalog
SHOWN = 3  # parts of a reason

State = Literal["fresh", "stale", "missing", "passing"]


class Verdict(NamedTuple):
    """What is to be done with a node.

    Attributes:
        state: Of what it makes; `passing` if that does not outlive a run.
        reason: Why it is not fresh.
        is_cause: Whether the reason is its own, and not that other steps of the pipeline will run.
        runs: Whether it has to run: it is not fresh, or another that is not needs what passes from it.
    """

    state: State
    reason: str
    is_cause: bool
    runs: bool


class _Place(NamedTuple):
    """Where the record of an output is, or that of a node without any; the path of the file, if it is one."""

    records: Records
    name: str
    path: Path | None = None

    @property
    def record(self) -> Record | None:
        return self.records.by_name.get(self.name)

    @property
    def sha256(self) -> str:
        return sha256_of(self.path) if self.path is not None and self.path.is_file() else ""


class Freshness:
    """The state of a pipeline's nodes, and the keeping of their records."""

    def __init__(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Look at a pipeline; nothing is changed.

        Args:
            pipeline: What would run.
            catalog: Its datasets, and `freshness_records`.
        """
        self._pipeline = pipeline
        self._catalog = catalog
        self._completed: list[Node] = []  # and not on record yet
        self._books: dict[Path | None, Records] = {}
        self._listed: dict[str, set[str]] = {}
        self._parts: dict[str, dict[str, str]] = {}
        self._content = {name: self._content_of_input(name) for name in pipeline.inputs()}
        found = {node.name: self._look_at(node) for node in pipeline.nodes}
        running = self._with_needed({name for name in found if found[name][0] in ("stale", "missing")})
        self.verdicts = {name: Verdict(*found[name], runs=name in running) for name in found}

    def forget(self) -> None:
        """Forget the records of all nodes: if the run breaks off, nothing half-done looks fresh."""
        for node in self._pipeline.nodes:
            for place in self._places(node).values():
                place.records.by_name.pop(place.name, None)
        self.save()

    def complete(self, node: Node) -> None:
        """Note that a node has run, and its tests have passed."""
        self._completed.append(node)

    def save(self) -> None:
        """Write what has changed. A table that is still being loaded gets its record when that is done."""
        for node in filter(self._has_arrived, list(self._completed)):
            self._completed.remove(node)
            for output, place in self._places(node).items():
                record = Record(self._content.get(output, ""), self._parts[node.name], place.sha256)
                place.records.by_name[place.name] = record
        for records in self._books.values():
            records.save()

    def _has_arrived(self, node: Node) -> bool:
        datasets = map(self._catalog.get, node.outputs)
        return all(dataset.is_saved for dataset in datasets if isinstance(dataset, WarehouseTable))

    def _look_at(self, node: Node) -> tuple[State, str, bool]:
        """Work out a node's parts and the content of its outputs; return its verdict so far."""
        parts = dict(getattr(node.func, "parts", None) or self._code(node))
        parts["datasets"] = hash_of([node._inputs, node._outputs, list(map(self._way_to_save, node.outputs))])
        for name in filter(self._content.get, node.inputs):
            kind = "parameter " if name.startswith("params:") else INPUT
            parts[f"{kind}{name.removeprefix('params:')}"] = self._content[name]
        content: dict[str, str] = {}
        if look := getattr(node.func, "look_outside", None):
            content = dict(zip(node.outputs, look(*map(self._catalog.load, node.inputs)), strict=True))
            parts |= {f"content of {name}": value for name, value in content.items()}
        for name in set(node.outputs) - set(content):
            content[name] = hash_of({**_decisive(parts), "output": name})
            if getattr(node.func, "keeps_history", False):  # it is new whenever it may have grown
                last = self._places(node)[name].record
                same = last is not None and _decisive(last.parts) == _decisive(parts)
                content[name] = last.content if last is not None and same else uuid4().hex
        self._parts[node.name] = parts
        self._content |= {name: "" if self._is_ignored(name) else value for name, value in content.items()}
        return self._compare(node, parts)

    def _compare(self, node: Node, parts: Mapping[str, str]) -> tuple[State, str, bool]:
        for output, place in self._places(node).items():
            if output and not self._exists(output):
                return "missing", f"there is no {output}", True
            if place.record is None:
                return "stale", "no finished run is on record", True
            if place.sha256 != place.record.sha256:
                return "stale", f"{output} was changed by hand", True
            if changed := {name for name, _ in set(place.record.parts.items()) ^ set(parts.items())}:
                passed_on = {f"{INPUT}{name}" for name in self._pipeline.all_outputs()}
                own = sorted(changed - passed_on)
                return "stale", f"changed: {_listed(own or sorted(changed))}", bool(own)
        if self._places(node):
            return "fresh", "", False
        is_read = any(set(node.outputs) & set(other.inputs) for other in self._pipeline.nodes)
        return ("passing", "", False) if is_read else ("stale", "nothing keeps its result", True)

    def _code(self, node: Node) -> Mapping[str, str]:
        """Return the node's code and packages, the warehouse's own among them if that does the work."""
        datasets = map(self._dataset, (*node.inputs, *node.outputs))
        engines = {table.warehouse["backend"] for table in datasets if isinstance(table, WarehouseTable)}
        return code_parts(node.func) | package_parts(*engines & {"duckdb"})

    def _way_to_save(self, name: str) -> dict[str, Any]:
        """Return what the catalog says of a dataset but for its place."""
        config = cast("DataCatalog", self._catalog).config_resolver.config.get(name, {})
        return {key: value for key, value in config.items() if key not in PLACE}

    def _content_of_input(self, name: str) -> str:
        """Return the hash of what an input of the whole pipeline holds, or was made from."""
        dataset, place = self._dataset(name), self._place(name)
        if self._is_ignored(name):
            return ""
        if isinstance(dataset, MemoryDataset):
            return hash_of({name: json.dumps(dataset.load(), default=_plain, sort_keys=True)})
        if place is not None and place.record is not None and place.record.sha256 == place.sha256:
            return place.record.content
        if place is None or not self._exists(name):
            return "missing"
        return place.sha256 or f"unknown {uuid4().hex}"  # a table without a record

    def _with_needed(self, names: set[str]) -> set[str]:
        """Add the nodes from which something passes, in memory only, to those of the names."""
        makers = {name: node.name for node in self._pipeline.nodes for name in node.outputs}
        for node in reversed(self._pipeline.nodes):
            if node.name in names:
                names |= {makers[name] for name in node.inputs if name in makers and not self._place(name)}
        return names

    def _places(self, node: Node) -> dict[str, _Place]:
        """Return the places of a node's records by output; that of a node without any by an empty text."""
        if not node.outputs:
            return {"": _Place(self._book(None), f"node {node.name}")}
        return {name: place for name in node.outputs if (place := self._place(name)) is not None}

    def _place(self, name: str) -> _Place | None:
        dataset = self._dataset(name)
        if isinstance(dataset, WarehouseTable):
            return _Place(self._book(None), f"{dataset.schema}.{dataset.table}")
        filepath = getattr(dataset, "_filepath", None)  # what Kedro's file datasets call it
        if filepath is None:
            return None
        path = Path(str(filepath))
        return _Place(self._book(path.parent), path.name, path)

    def _dataset(self, name: str) -> Any:
        """Return a dataset, or what stands for a file's: to make it may import much, such as matplotlib."""
        lazy = getattr(self._catalog, "_lazy_datasets", {}).get(name)
        config = lazy.config if lazy is not None and not lazy.config.get("versioned") else {}
        path = Path(str(config.get("filepath")))
        if path.is_absolute():
            return SimpleNamespace(_filepath=path, metadata=config.get("metadata"), exists=path.exists)
        return self._catalog.get(name)

    def _book(self, folder: Path | None) -> Records:
        if folder not in self._books:
            place = cast("WarehouseTable", self._catalog.get(RECORDS)) if folder is None else folder / FILE
            self._books[folder] = Records(place)
        return self._books[folder]

    def _is_ignored(self, name: str) -> bool:
        return (getattr(self._dataset(name), "metadata", None) or {}).get("freshness") == "ignored"

    def _exists(self, name: str) -> bool:
        dataset = self._dataset(name)
        if not isinstance(dataset, WarehouseTable):
            return bool(dataset.exists())
        if dataset.schema not in self._listed:  # one question a schema: on BigQuery each takes a moment
            self._listed[dataset.schema] = dataset.tables_beside()
        return dataset.table in self._listed[dataset.schema]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _decisive(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parts.items() if not name.startswith(CHECKS)}


def _plain(value: Any) -> Any:
    """Return a validated parameter as plain data."""
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)
