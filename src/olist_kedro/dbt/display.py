"""What a dbt build shows while it runs: a line for each layer."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from olist_kedro import progress
from olist_kedro.dbt.results import FAILED

logger = logging.getLogger(__name__)


@dataclass
class _Layer:
    name: str
    total: int
    kinds: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0  # in which any of it ran
    running: set[str] = field(default_factory=set)
    since: float = 0.0
    task: progress.Task | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def done(self) -> int:
        return self.kinds.total()

    def describe(self) -> str:
        kinds = [_count(self.kinds[kind], kind) for kind in sorted(self.kinds) if kind != "test"]
        tests = [_count(self.kinds["test"], "test")] if self.kinds["test"] else []
        states = [f"{self.states[state]} {state}" for state in ("failed", "skipped") if self.states[state]]
        return ", ".join([*kinds, *tests, *states])


class BuildDisplay:
    """Follows dbt's events: a live line for each layer under way, a plain line for each one that has ended.

    It is used as a context around each build; a layer may take several. dbt calls :meth:`follow` from its
    own threads, and hangs if it raises.
    """

    def __init__(self, layers: Mapping[str, str]) -> None:
        """Take what will be built and tested.

        Args:
            layers: The layer of each relation and test, by dbt's id.
        """
        self._layer_of = layers
        self._layers = {name: _Layer(name, total) for name, total in Counter(layers.values()).items()}
        self._lock = threading.Lock()
        self._broken = False

    def __enter__(self) -> BuildDisplay:
        """Begin to follow a build."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the live lines away, also after an interruption."""
        for layer in self._layers.values():
            layer.stack.close()
            layer.task = None

    def follow(self, event: Any) -> None:
        """Take note of one of dbt's events. A mistake in here is logged, once, and ends the display only."""
        if self._broken:
            return
        try:
            with self._lock:
                if event.info.name == "NodeStart":
                    self._start(event.data.node_info)
                elif event.info.name == "NodeFinished":
                    self._finish(event.data.node_info, str(event.data.run_result.status))
        except Exception:
            self._broken = True
            logger.exception("dbt's progress cannot be shown; the build itself goes on.")

    def _start(self, node: Any) -> None:
        layer = self._layers[self._layer_of[node.unique_id]]
        if not layer.running:
            layer.since = time.monotonic()
        layer.running.add(node.unique_id)
        if layer.task is None:
            shown = progress.task(f"dbt {layer.name}", layer.total, leaves_line=False)
            layer.task = layer.stack.enter_context(shown)
            layer.task.advance(layer.done)

    def _finish(self, node: Any, status: str) -> None:
        layer = self._layers[self._layer_of[node.unique_id]]
        kind = str(node.resource_type)
        layer.kinds["test" if kind == "unit_test" else kind] += 1
        layer.states["failed" if status in FAILED else status] += 1
        layer.running.remove(node.unique_id)
        if not layer.running:
            layer.seconds += time.monotonic() - layer.since
        if layer.task is not None:
            failed = layer.states["failed"]
            layer.task.advance(1, f"dbt {layer.name}" + (f", {failed} failed" if failed else ""))
        if layer.done == layer.total:
            layer.stack.close()
            layer.task = None
            progress.say(f"dbt {layer.name}", layer.describe(), layer.seconds)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
