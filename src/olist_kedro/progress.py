"""Progress on the error stream: what runs, how far it is, how long it took.

In a terminal each task is a live line that vanishes when the task ends. Without one (CI, a pipe) a long
task writes a plain line every ten seconds. A task that took over a second leaves a line behind; quick
tasks, and tasks within tasks, leave none.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

T = TypeVar("T")

QUIET_SECONDS = 1.0
HEARTBEAT_SECONDS = 10.0

console = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass
class Task:
    """One piece of work that is under way; made by :func:`task`."""

    description: str
    total: int | None = None
    done: int = 0
    live_only: bool = False
    _live: tuple[Progress, TaskID] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.started = self._spoken = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the task began."""
        return time.monotonic() - self.started

    def advance(self, steps: int = 1, description: str | None = None) -> None:
        """Say that `steps` more are done, and optionally what is done now."""
        self.done += steps
        if description is not None:
            self.description = description
        if self._live is not None:
            progress, task_id = self._live
            progress.update(task_id, completed=self.done, total=self.total, description=self.description)
        elif not self.live_only and time.monotonic() - self._spoken > HEARTBEAT_SECONDS:
            self._spoken = time.monotonic()
            console.print(f"  {self.description}: {self.share}, {self.seconds:.0f} s so far", markup=False)

    @property
    def share(self) -> str:
        """How much is done: a percentage, or a count where the total is unknown."""
        return f"{self.done / self.total:.0%}" if self.total else f"{self.done:,} done"


@contextmanager
def task(
    description: str, total: int | None = None, *, live_only: bool = False, leaves_line: bool = True
) -> Iterator[Task]:
    """Show that a piece of work is under way for as long as the block runs.

    Args:
        description: What is being done.
        total: Number of steps, where it is known; the block calls `advance` on the task.
        live_only: Show the live line of a terminal and nothing else.
        leaves_line: Whether a task that took long leaves a line behind; its caller may have a better one.

    Yields:
        The task. Tasks may be nested.
    """
    current = Task(description, total, live_only=live_only)
    nested = bool(_open)
    _open.append(current)
    try:
        with _live_line(current) if console.is_terminal else nullcontext():
            yield current
    finally:
        _open.remove(current)
    if leaves_line and not live_only and not nested:
        report(current.description, current.seconds)


def report(description: str, seconds: float) -> None:
    """Write a line about something that has ended, if it took over a second."""
    if seconds >= QUIET_SECONDS:
        console.print(f"  {description:<36} {seconds:6.1f} s", markup=False)


def say(description: str, detail: str, seconds: float) -> None:
    """Write a line about something that has ended, however quick it was, with what came of it."""
    console.print(f"  {description:<28} {detail:<36} {seconds:6.1f} s", markup=False)


def track(items: Iterable[T], description: str, total: int | None = None) -> Iterator[T]:
    """Yield the items and show how many of them are done.

    Args:
        items: What to iterate over.
        description: What is being done.
        total: Number of items; taken from `len(items)` where that is possible.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    with task(description, total) as current:
        for item in items:
            yield item
            current.advance()


_open: list[Task] = []
_display: list[
    Progress
] = []  # rich allows one live display at a time, so nested tasks are lines of the same one


@contextmanager
def _live_line(current: Task) -> Iterator[None]:
    outermost = not _display
    if outermost:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        _display.append(Progress(*columns, console=console, transient=True))
        _display[0].start()
    progress = _display[0]
    task_id = progress.add_task(current.description, total=current.total)
    current._live = (progress, task_id)
    try:
        yield
    finally:
        progress.remove_task(task_id)
        if outermost:
            _display.pop().stop()
