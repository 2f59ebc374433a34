"""Which nodes are fresh, decided before anything runs.

A node's parts are all that decides its result: its code, its parameters, the versions of packages, and the content of
its inputs, which is in turn a hash of what they were made from. A node is fresh if all its outputs exist and their
records have these parts.

`metadata: {freshness: ignored}` in the catalog says that a dataset does not decide what is made from it: a check that has
to pass first, or what the last run has left. A node's function may have `parts` of its own, say that its output grows
(`keeps_history`), or tell what lies outside (`look_outside`, called with the node's inputs: a fingerprint an output).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from kedro.io import MemoryDataset
from kedro.pipeline import Pipeline

from olist_kedro.datasets import WarehouseTable
from olist_kedro.freshness.code import code_parts
from olist_kedro.freshness.records import Record, Records, hash_of, sha256_of

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline.node import Node

RECORDS = "freshness_records"  # the catalog's name for the warehouse's records
# They decide whether a result is right or explained, and not what is in it: nothing made from it changes with them.
CHECKS = ("test ", "documentation")


State = Literal["fresh", "stale", "missing", "passing"]


@dataclass(frozen=True)
class Verdict:
    """What is to be done with a node.

    Attributes:
        state: Of what it makes; `passing` if that does not outlive a run.
        reason: Why it is not fresh.
        runs: Whether it has to run: it is not fresh, or another that is not needs what passes from it.
    """

    state: State
    reason: str
    runs: bool

    @property
    def is_cause(self) -> bool:
        """Whether it runs for a reason of its own, and not only because of other steps."""
        changed = self.reason.removeprefix("changed: ").split(", ")
        return self.state in ("stale", "missing") and not all(name.startswith("input ") for name in changed)


@dataclass(frozen=True)
class _Place:
    records: Records
    name: str
    path: Path | None = None  # of the file, if it is one


class Freshness:
    """The state of a pipeline's nodes, and the keeping of their records."""

    def __init__(self, pipeline: Pipeline, catalog: CatalogProtocol, *, force: bool = False) -> None:
        """Look at a pipeline; nothing is changed.

        Args:
            pipeline: What would run.
            catalog: Its datasets, and `freshness_records`.
            force: Take every node for stale.
        """
        self._pipeline = pipeline
        self._catalog = catalog
        self._books: dict[Path | None, Records] = {}
        self._listed: dict[str, set[str]] = {}
        self._parts: dict[str, Mapping[str, str]] = {}
        self._content = {name: self._content_of_input(name) for name in pipeline.inputs()}
        found = {}
        for node in pipeline.nodes:
            state, reason = self._look_at(node)
            found[node.name] = ("stale", "forced") if force and state != "passing" else (state, reason)
        needed = self._needed({name for name, (state, _) in found.items() if state in ("stale", "missing")})
        self.verdicts = {name: Verdict(*found[name], runs=name in needed) for name in found}

    def forget(self) -> None:
        """Forget the records of all nodes: if the run breaks off, nothing half-done looks fresh."""
        for node in self._pipeline.nodes:
            for place, _ in self._places(node):
                place.records.forget(place.name)
        self.save()

    def complete(self, node: Node) -> None:
        """Note that a node has run, and its tests have passed."""
        for place, output in self._places(node):
            digest = sha256_of(place.path) if place.path is not None else ""
            place.records.put(
                place.name, Record(self._content.get(output, ""), self._parts[node.name], digest)
            )

    def save(self) -> None:
        """Write what has changed."""
        for records in self._books.values():
            records.save()

    def _look_at(self, node: Node) -> tuple[State, str]:
        """Work out a node's parts and the content of its outputs; return its state and why."""
        parts = dict(getattr(node.func, "parts", None) or self._code(node))
        for name in node.inputs:
            if self._content[name]:
                kind = "parameter" if name.startswith("params:") else "input"
                parts[f"{kind} {name.removeprefix('params:')}"] = self._content[name]
        outside = {}
        if look := getattr(node.func, "look_outside", None):
            outside = dict(zip(node.outputs, look(*map(self._catalog.load, node.inputs)), strict=True))
            parts |= {f"content of {name}": content for name, content in outside.items()}
        self._parts[node.name] = parts
        places = list(self._places(node))
        self._content |= {
            name: outside.get(name, self._content_of_output(name, parts)) for name in node.outputs
        }
        if getattr(node.func, "keeps_history", False):  # it is new whenever it has grown
            before = [place.records.by_name.get(place.name) for place, _ in places]
            grows = not before[0] or _decisive(before[0].parts) != _decisive(parts)
            self._content |= {
                name: uuid4().hex if grows else str(before[0] and before[0].content) for name in node.outputs
            }
        return self._compare(node, places, parts)

    def _compare(
        self, node: Node, places: list[tuple[_Place, str]], parts: Mapping[str, str]
    ) -> tuple[State, str]:
        for place, output in places:
            record = place.records.by_name.get(place.name)
            if output and not self._exists(output):
                return "missing", f"there is no {output}"
            if record is None:
                return "stale", "no finished run is on record"
            if place.path is not None and sha256_of(place.path) != record.sha256:
                return "stale", f"{output} was changed by hand"
            if changed := {name for name, _ in set(record.parts.items()) ^ set(parts.items())}:
                return "stale", f"changed: {', '.join(sorted(changed))}"
        if places:
            return "fresh", ""
        is_read = {name for other in self._pipeline.nodes for name in other.inputs}.intersection(node.outputs)
        return ("passing", "") if is_read else ("stale", "nothing keeps its result")

    def _code(self, node: Node) -> Mapping[str, str]:
        types = [type(self._catalog.get(name)) for name in node.outputs if name in self._catalog]
        project = __name__.partition(".")[0]
        return code_parts(node.func, *(each for each in types if each.__module__.startswith(f"{project}.")))

    def _content_of_input(self, name: str) -> str:
        """Return the hash of what an input of the whole pipeline holds, or was made from."""
        dataset, place = self._catalog.get(name), self._place(name)
        if self._is_ignored(name):
            return ""
        if isinstance(dataset, MemoryDataset):
            return hash_of({name: json.dumps(dataset.load(), default=_plain, sort_keys=True)})
        record = place.records.by_name.get(place.name) if place is not None else None
        if place is not None and place.path is not None and place.path.is_file():
            digest = sha256_of(place.path)
            return record.content if record is not None and record.sha256 == digest else digest
        return record.content if record is not None else f"unknown {uuid4().hex}"

    def _content_of_output(self, name: str, parts: Mapping[str, str]) -> str:
        return "" if self._is_ignored(name) else hash_of({**_decisive(parts), "output": name})

    def _needed(self, names: set[str]) -> set[str]:
        """Add the nodes from which something passes in memory to those of the names."""
        makers = {output: node for node in self._pipeline.nodes for output in node.outputs}
        for node in reversed(self._pipeline.nodes):
            if node.name in names:
                names |= {
                    makers[name].name for name in node.inputs if name in makers and not self._is_kept(name)
                }
        return names

    def _places(self, node: Node) -> Iterator[tuple[_Place, str]]:
        """Yield each place of a node's records, with the output that it is for."""
        for name in node.outputs:
            if (place := self._place(name)) is not None:
                yield place, name
        if not node.outputs:
            yield _Place(self._book(None), f"node {node.name}"), ""

    def _place(self, name: str) -> _Place | None:
        dataset = self._catalog.get(name) if name in self._catalog else None
        if isinstance(dataset, WarehouseTable):
            return _Place(self._book(None), f"{dataset.schema}.{dataset.table}")
        path = getattr(dataset, "_filepath", None)  # what Kedro's file datasets call it
        if path is None:
            return None
        path = Path(str(path))
        return _Place(self._book(path.parent), path.name, path)

    def _book(self, folder: Path | None) -> Records:
        if folder not in self._books:
            place = self._catalog.get(RECORDS) if folder is None else folder / f".{RECORDS}.json"
            self._books[folder] = Records(place)
        return self._books[folder]

    def _is_kept(self, name: str) -> bool:
        return self._place(name) is not None

    def _is_ignored(self, name: str) -> bool:
        dataset = self._catalog.get(name) if name in self._catalog else None
        return (getattr(dataset, "metadata", None) or {}).get("freshness") == "ignored"

    def _exists(self, name: str) -> bool:
        dataset = self._catalog.get(name)
        if not isinstance(dataset, WarehouseTable):
            return bool(dataset.exists())
        if dataset.schema not in self._listed:  # one question a schema: on BigQuery each costs a moment
            self._listed[dataset.schema] = dataset.tables_beside()
        return dataset.table in self._listed[dataset.schema]


def _decisive(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parts.items() if not name.startswith(CHECKS)}


def _plain(value: Any) -> Any:
    """Return a validated parameter as plain data."""
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)
