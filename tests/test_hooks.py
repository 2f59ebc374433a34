"""What happens around a run."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import AbstractRunner, ParallelRunner, SequentialRunner, ThreadRunner
from rich.console import Console

from olist_kedro import progress
from olist_kedro.datasets.warehouse import WarehouseError
from olist_kedro.hooks import InterruptGuard, RunDisplay, UnknownParameterError, UnsupportedRunnerError


@pytest.fixture(scope="module")
def project(make_project: Callable[[], Any]) -> Any:
    return make_project()


def test_unknown_parameter_is_refused_with_the_closest_name(project: Any) -> None:
    with pytest.raises(
        UnknownParameterError, match=r"no parameter ingestion\.sorce\. Did you mean ingestion\.source"
    ):
        project.session(params={"ingestion": {"sorce": "local"}}).load_context()


def test_parameter_like_no_other_points_to_the_files(project: Any) -> None:
    with pytest.raises(UnknownParameterError, match=r"no parameter zzz\. See conf/base/parameters_\*\.yml"):
        project.session(params={"zzz": 1}).load_context()


def test_known_parameters_pass_and_reach_the_context(project: Any) -> None:
    context = project.session(env="sample", params={"ingestion": {"synthetic": {"orders": 7}}}).load_context()

    assert context.params["ingestion"].synthetic.orders == 7
    assert context.params["ingestion"].source == "synthetic"


@pytest.mark.parametrize("runner", [ThreadRunner, ParallelRunner])
def test_runners_that_share_no_connection_are_refused(project: Any, runner: type[AbstractRunner]) -> None:
    with pytest.raises(UnsupportedRunnerError, match=f"The {runner.__name__} cannot run this project"):
        project.session().run(pipeline_names=["dbt"], runner=runner())

    assert progress._open == []


def test_a_warehouse_in_use_ends_a_run_before_it_changes_anything(project: Any) -> None:
    path = project.path / "data/sample/03_primary/olist.duckdb"
    path.parent.mkdir(parents=True)
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    command = [sys.executable, "-c", hold, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match="is open in another program"):
            project.run("ingestion", env="sample")
        holder.communicate("\n")

    assert not (project.path / "data/sample/01_raw").exists()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    buffer = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=buffer, width=200))
    return buffer.getvalue


def test_a_node_is_timed_from_its_first_input_to_its_last_output(
    written: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 25.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock, 25.0))
    node = Node(lambda x: (x, x), "x", ["y", "z"], name="split_lazily")
    pipeline, display = Pipeline([node]), RunDisplay()

    display.before_pipeline_run(pipeline=pipeline)  # at 0
    display.before_dataset_loaded(node=node)  # at 10
    display.before_node_run(node=node)
    display.after_dataset_saved(node=node)
    display.after_dataset_saved(node=node)  # at 25
    display.on_pipeline_error()

    assert written().split() == ["split_lazily", "15.0", "s"]


def test_a_failed_run_closes_the_display() -> None:
    display = RunDisplay()
    display.before_pipeline_run(pipeline=Pipeline([]))

    display.on_pipeline_error()

    assert progress._open == []


def test_one_display_serves_run_after_run(written: Callable[[], str]) -> None:
    display = RunDisplay()
    for _ in range(2):
        display.before_pipeline_run(pipeline=Pipeline([]))
        display.after_pipeline_run(pipeline=Pipeline([]), catalog=DataCatalog())

    assert written().count("in all") == 2


def test_an_interrupt_that_is_lost_ends_the_run_before_the_next_node() -> None:
    before = signal.getsignal(signal.SIGINT)
    guard = InterruptGuard()
    ran = []

    def lose_it() -> int:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        ran.append("first")
        return 1

    first, second = Node(lose_it, None, "a", name="first"), Node(ran.append, "a", None, name="second")
    manager = _create_hook_manager()
    manager.register(guard)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        manager.hook.before_pipeline_run(run_params={}, pipeline=None, catalog=None)
        with pytest.raises(KeyboardInterrupt):
            SequentialRunner().run(Pipeline([first, second]), DataCatalog(), manager)
        assert ran == ["first"]

        manager.hook.before_pipeline_run(run_params={}, pipeline=None, catalog=None)
        guard.before_node_run()  # the next run does not end for it
    finally:
        signal.signal(signal.SIGINT, before)
