"""Ctrl-C, wherever it hits a run: it ends soon, says so, and leaves nothing in the way of the next run."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from olist_kedro.datasets.warehouse import disconnect

KEDRO = [str(Path(sys.executable).parent / "kedro"), "run", "--env", "sample"]
PARAMS = ["--params", "ingestion.synthetic.orders=3000"]


def interrupt(path: Path, when: Callable[[Path], bool]) -> tuple[int, float, str]:
    """Interrupt a run; return its exit code, the seconds that it took to end, and what it said."""
    disconnect()
    process = subprocess.Popen(
        [*KEDRO, *PARAMS], cwd=path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        give_up = time.monotonic() + 180  # other tests may be running as well
        while not when(path):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < give_up
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, said = process.communicate(timeout=30)
        return process.returncode, time.monotonic() - started, said
    finally:
        process.kill()  # else a failure here would hold the warehouse, and be one of the next test, too


def while_generating(path: Path) -> bool:
    return (path / "data/sample/01_raw").is_dir()


def while_loading(path: Path) -> bool:
    return (path / "data/sample/02_intermediate/products.parquet").is_file()


def while_dbt_builds(path: Path) -> bool:
    return (path / "dbt/target/data/sample/run/olist_kedro/models/staging/stg_orders.sql").is_file()


def while_training(path: Path) -> bool:
    return (path / "data/sample/05_model_input/model_input.parquet").is_file()


@pytest.fixture(scope="module")
def project(make_project: Callable[[], Any]) -> Any:
    return make_project()


@pytest.mark.parametrize("when", [while_generating, while_loading, while_dbt_builds, while_training])
def test_ctrl_c_ends_a_run(project: Any, when: Callable[[Path], bool]) -> None:
    code, seconds, said = interrupt(project.path, when)

    assert (code, said.strip().splitlines()[-1:]) == (130, ["Aborted!"]), said
    assert "Traceback" not in said
    assert seconds < 15  # less than 5 where nothing else runs; here another process runs tests as well


def test_the_next_run_works(project: Any) -> None:
    finished = subprocess.run(
        [*KEDRO, *PARAMS], cwd=project.path, capture_output=True, text=True, check=False
    )

    assert finished.returncode == 0, finished.stderr
    assert "of revenue" in finished.stderr
    again = subprocess.run([*KEDRO, *PARAMS], cwd=project.path, capture_output=True, text=True, check=False)
    assert "Nothing to do." in again.stderr
