"""What happens around a run.

Unknown parameters, parallel runners and a warehouse in use are refused, progress is shown, a summary ends it.
"""

from __future__ import annotations

import difflib
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

from kedro.framework.hooks import hook_impl

from olist_kedro import progress
from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.bigquery import check_dataset
from olist_kedro.datasets.warehouse import connect
from olist_kedro.dbt.pipeline import DbtStep
from olist_kedro.errors import OlistError
from olist_kedro.summary import summarise_run

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

    from olist_kedro.environment import ConfigLoader


class UnknownParameterError(OlistError):
    """A parameter given on the command line does not exist in the project."""


class ParameterGuard:
    """Refuses `--params` that no parameters file knows: Kedro would silently ignore them."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Compare the run's parameters with those of the configuration.

        Raises:
            UnknownParameterError: A name is not in the configuration; the closest names are given.
        """
        given = context._runtime_params
        if not given:
            return
        loader = cast("ConfigLoader", context.config_loader)
        known = set(_names(loader.without_runtime_params()["parameters"]))
        for name in _leaves(given):
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {close[0]}?" if close else "See conf/base/parameters_*.yml."
                raise UnknownParameterError(f"There is no parameter {name}. {hint}")


class UnsupportedRunnerError(OlistError):
    """The runner given on the command line would run nodes side by side."""


class RunnerGuard:
    """Refuses Kedro's parallel runners: all nodes share one connection to the warehouse.

    That connection serves one thread, and DuckDB's file lets one process in, so nodes side by side would fail
    somewhere on the way.
    """

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Look at the runner before anything runs or is shown.

        Raises:
            UnsupportedRunnerError: It is the ThreadRunner or the ParallelRunner.
        """
        for runner in ("ThreadRunner", "ParallelRunner"):
            if runner in str(run_params["runner"]):
                raise UnsupportedRunnerError(
                    f"The {runner} cannot run this project: all steps share one connection to the "
                    "warehouse.\nLeave --runner out: the steps that take long use all cores by themselves."
                )


class InterruptGuard:
    """Sees to it that Ctrl-C ends a run.

    Python raises a KeyboardInterrupt wherever it happens to be. In code that C has called to find out whether
    an object has an attribute, say, it is taken for a no and lost. So it is noted as well, and the run ends
    before its next node at the latest.
    """

    def __init__(self) -> None:
        """Start with nothing noted."""
        self._noted = False

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self) -> None:
        """Begin to take notes."""
        self._noted = False
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)

    @hook_impl(tryfirst=True)
    def before_node_run(self) -> None:
        """End the run if it should have ended before.

        Raises:
            KeyboardInterrupt: It was interrupted, and went on.
        """
        if self._noted:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted = True
        signal.default_int_handler(number, frame)


class NoModelError(OlistError):
    """A run needs the published model, and there is none."""


class WarehouseGuard:
    """Opens the warehouse before anything runs, and looks for the tables that the run begins with.

    So a run that would find it open elsewhere only after an hour of work, or after it has changed the files
    that the other run is reading, ends at once; and so does one whose tables have not been made yet, or whose
    datasets BigQuery has in another location.
    """

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Open the warehouse that the pipeline's tables are in.

        Raises:
            WarehouseError: It is open in another program, or cannot be opened, or lacks a table, or has a
                dataset in another location.
        """
        tables = {
            name: dataset
            for name in sorted(pipeline.datasets())
            if isinstance(dataset := catalog.get(name), WarehouseTable)
        }
        for dataset in {dataset.schema: dataset for dataset in tables.values()}.values():
            if connect(dataset.warehouse).name == "bigquery":
                check_dataset(dataset.connection, dataset.schema)
        for name in pipeline.inputs() & tables.keys():
            tables[name].load()


class LoadKeeper:
    """Sees to it that no load job is under way when somebody relies on it.

    Nodes wait for the tables that they load. dbt reads more than its nodes' inputs, as one build makes
    many relations; and a run may end with a table that nobody has loaded.
    """

    def __init__(self) -> None:
        """Start with no run under way."""
        self._left: set[str] = set()
        self._tables: list[WarehouseTable] = []

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Note what the run will make."""
        self._left = {node.name for node in pipeline.nodes}
        outputs = [catalog.get(name) for name in sorted(pipeline.all_outputs())]
        self._tables = [dataset for dataset in outputs if isinstance(dataset, WarehouseTable)]

    @hook_impl(tryfirst=True)
    def before_node_run(self, node: Node) -> None:
        """Wait for all loads before dbt builds."""
        if isinstance(node.func, DbtStep):
            self._wait()

    @hook_impl(tryfirst=True)
    def after_node_run(self, node: Node) -> None:
        """A node without outputs ends when it has run ..."""
        if not node.outputs:
            self._end(node)

    @hook_impl(tryfirst=True)
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """... and any other when its last output is saved. The last one waits for all that is under way."""
        if dataset_name == node.outputs[-1]:
            self._end(node)

    def _end(self, node: Node) -> None:
        self._left.discard(node.name)
        if not self._left:
            self._wait()

    def _wait(self) -> None:
        for table in self._tables:
            table.wait()


class ModelGuard:
    """Looks for the published model before a run that begins with it does anything."""

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Look for the model's files and its table.

        Raises:
            NoModelError: There is no published model yet.
        """
        needed = sorted(pipeline.inputs() & {"codebook", "segmentation_model", "segmentation_codebook"})
        missing = [name for name in needed if not catalog.exists(name)]
        if missing:
            raise NoModelError(
                f"There is no published segmentation to work with: no {', no '.join(missing)}.\n"
                "Train and publish one first: `kedro run --pipeline=segmentation`."
            )


class RunDisplay:
    """Shows which node runs, says which ones took long, and ends a run with a summary."""

    def __init__(self) -> None:
        """Start with no run under way."""
        self._stack = ExitStack()
        self._task: progress.Task | None = None
        self._started: dict[str, float] = {}
        self._saved: Counter[str] = Counter()
        self.seconds: dict[str, float] = {}  # of each node that has ended, by its name

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Begin the display."""
        self._started, self._saved = {}, Counter()
        self.seconds.clear()
        self._task = self._stack.enter_context(
            progress.task("run", total=len(pipeline.nodes), live_only=True)
        )

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """A node begins when its first input is loaded ..."""
        self._begin(node)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """... or when it runs, if it has none."""
        self._begin(node)

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """A node without outputs ends when it has run ..."""
        if not node.outputs:
            self._end(node)

    @hook_impl
    def after_dataset_saved(self, node: Node) -> None:
        """... and any other when its last output is saved: lazy expressions do their work only then."""
        self._saved[node.name] += 1
        if self._saved[node.name] == len(node.outputs):
            self._end(node)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """End the display and write the summary."""
        total = self._task.seconds if self._task is not None else 0.0
        self._stack.close()
        progress.console.print(summarise_run(pipeline, catalog, self.seconds, total), markup=False)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """End the display; the command line shows the error."""
        self._stack.close()

    def _end(self, node: Node) -> None:
        if self._task is not None:
            self.seconds[node.name] = time.monotonic() - self._started[node.name]
            if not isinstance(node.func, DbtStep):  # dbt builds many at once, and shows that itself
                progress.report(node.name, self.seconds[node.name])
            self._task.advance()

    def _begin(self, node: Node) -> None:
        if node.name not in self._started and self._task is not None:
            self._started[node.name] = time.monotonic()
            self._task.advance(0, node.name)


def _names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _names(value, f"{prefix}{key}.")


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
