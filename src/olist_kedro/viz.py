"""What Kedro-Viz shows of a run and cannot find out by itself.

Its own hooks count the rows of pandas frames only, and time a node's function: but tables of the warehouse
are lazy, computed while they are saved, and dbt builds many relations while Kedro waits for the first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.utils import find_kedro_project
from kedro_viz.constants import VIZ_METADATA_ARGS
from kedro_viz.integrations.kedro.hooks_utils import EVENTS_FILE

from olist_kedro.datasets import WarehouseTable
from olist_kedro.dbt.pipeline import steps_of

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline


class VizRecords:
    """Completes the files of Kedro-Viz's own hooks, once these have written them."""

    def __init__(self, seconds: Mapping[str, float]) -> None:
        """Take the seconds that each node of a run took, by its name; they are read when it has ended."""
        self._seconds = seconds
        self._earlier: dict[str, Any] = {}

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Keep the figures of earlier runs: Kedro-Viz forgets what a run does not touch."""
        self._earlier = _read("stats.json") or {}

    @hook_impl(trylast=True)
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Add the size of each table that the run has made, and true durations."""
        sizes = {
            name: dict(zip(("rows", "columns"), dataset.size(), strict=True))
            for name in sorted(pipeline.all_outputs())
            if isinstance(dataset := catalog.get(name), WarehouseTable) and dataset.counts_for_free
        }
        _write("stats.json", {**self._earlier, **(_read("stats.json") or {}), **sizes})
        self._correct_durations(pipeline)

    @hook_impl(trylast=True)
    def on_pipeline_error(self, pipeline: Pipeline) -> None:
        """Add true durations of what went well."""
        self._correct_durations(pipeline)

    def _correct_durations(self, pipeline: Pipeline) -> None:
        events = _read(EVENTS_FILE)
        if not events:
            return
        results = {name: step.result for name, step in steps_of(pipeline).items()}
        seconds = {**self._seconds, **{name: r.seconds for name, r in results.items() if r is not None}}
        for event in events:
            if event["event"] == "after_node_run" and event["node"] in seconds:
                event["duration"] = seconds[event["node"]]
        _write(EVENTS_FILE, events)


def _folder() -> Path:
    """Return the folder that Kedro-Viz reads, in the Kedro project that the command was typed in."""
    return (find_kedro_project(Path.cwd()) or Path.cwd()) / str(VIZ_METADATA_ARGS["path"])


def _read(name: str) -> Any:
    path = _folder() / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _write(name: str, content: Any) -> None:
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
