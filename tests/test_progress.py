"""Progress with and without a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from olist_kedro import progress


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Send progress to a buffer that is no terminal; each clock reading is a second later than the last."""
    buffer, seconds = io.StringIO(), iter(range(10_000))
    monkeypatch.setattr(progress, "console", Console(file=buffer, width=200))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))
    return buffer.getvalue


def test_long_task_leaves_one_line(written: Callable[[], str]) -> None:
    with progress.task("train"):
        pass

    assert written().split() == ["train", "1.0", "s"]


def test_quick_task_is_silent(written: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.time, "monotonic", lambda: 0.0)

    with progress.task("train"):
        pass

    assert written() == ""


def test_task_within_a_task_leaves_no_line(written: Callable[[], str]) -> None:
    with progress.task("outer"), progress.task("inner"):
        pass

    assert "outer" in written()
    assert "inner" not in written()


def test_heartbeat_without_a_terminal(written: Callable[[], str]) -> None:
    items = list(progress.track(range(50), "download"))

    lines = written().splitlines()
    assert items == list(range(50))
    assert len(lines) > 2
    assert lines[0].strip().startswith("download: ")
    assert lines[0].endswith("s so far")
    assert "%" in lines[0]


def test_share_without_a_total_is_a_count() -> None:
    assert progress.Task("download", done=1200).share == "1,200 done"
    assert progress.Task("download", total=200, done=50).share == "25%"


def test_failed_task_closes_its_line(written: Callable[[], str]) -> None:
    with pytest.raises(ValueError, match="broken"), progress.task("outer"):
        raise ValueError("broken")

    assert progress._open == []


def test_terminal_shows_nested_live_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.StringIO()
    terminal = Console(file=buffer, width=120, force_terminal=True)
    monkeypatch.setattr(progress, "console", terminal)

    with progress.task("run", total=2) as outer, progress.task("dbt staging", total=30) as inner:
        inner.advance(12, "dbt snapshots")
        outer.advance()
        progress._display[0].refresh()

    shown = buffer.getvalue()
    assert "dbt snapshots" in shown
    assert "12/30" in shown
    assert "1/2" in shown
    assert progress._display == []
