"""The project's command line: Kedro's own `run`, with expected errors told plainly."""

from __future__ import annotations

import copy
import errno
import functools
import re
import shlex
import textwrap
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from kedro.config import MissingConfigException
from kedro.framework.cli.project import run as kedro_run
from kedro.io import DatasetError
from kedro.utils import find_kedro_project
from kedro.validation.exceptions import ParameterValidationError

from olist_kedro.datasets.bigquery import explain as explain_google
from olist_kedro.errors import OlistError

_NOT_POSSIBLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC)

DOLLARS_PER_TIB = 6.25  # on demand in the region US: https://cloud.google.com/bigquery/pricing

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C has ended

EXPECTED = (OlistError, ParameterValidationError, MissingConfigException)

# What Kedro and pydantic add for programmers: class names, the kind of error, a link to its page.
_NOISE = re.compile(
    r"Failed to instantiate .*\n|[0-9]+ validation errors? for .*\n"
    r"| \[type=.*\]$|\n +For further information visit .*$",
    re.MULTILINE,
)

# Where Kedro finds that a pipeline, node, tag or dataset named on the command line does not exist.
_SELECTION = ("kedro.framework.session", "kedro.framework.project", "kedro.pipeline.pipeline")


_COLOURS = {"ok": "green", "hint": "yellow", "problem": "red"}


@click.group(name="olist-kedro")
def cli() -> None:
    """Commands of this project."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn an expected error, however deeply wrapped, into its message and exit code 1, and Ctrl-C into 130.

    Everything else is a defect of this project and keeps its traceback.
    """
    try:
        yield
    except BaseException as error:
        if _was_interrupted(error):
            click.echo("Aborted!", err=True)
            raise SystemExit(INTERRUPTED) from None
        expected = find_expected(error)
        if expected is None:
            raise
        raise click.ClickException(_NOISE.sub("", str(expected))) from None


def find_expected(error: BaseException) -> BaseException | None:
    """Return the expected error in a chain of causes, or None. Kedro wraps what a dataset raises."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, EXPECTED) or _selects_nothing(cause):
            return cause
        if isinstance(cause, DatasetError) and isinstance(cause.__cause__, FileNotFoundError):
            return _missing_file(cause.__cause__)
        if isinstance(cause, OSError) and cause.errno in _NOT_POSSIBLE:
            return OlistError(
                f"{cause}\nMake that place readable and writable, or free some space, and run again."
            )
        if explained := explain_google(cause):
            return explained
        cause = cause.__cause__
    return None


def _was_interrupted(error: BaseException) -> bool:
    """DuckDB turns Ctrl-C in a query into a RuntimeError, which Kedro then wraps."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__cause__
    return cause is not None


def _missing_file(error: FileNotFoundError) -> OlistError:
    """Say that a file of the catalog has not been made yet; pyarrow names it in the message only."""
    return OlistError(
        f"This run needs a file that is not there yet: {error.filename or error}\n"
        "Run the steps that make it first, or all of them: `kedro run`."
    )


def _selects_nothing(error: BaseException) -> bool:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return isinstance(error, ValueError) and frames[-1].f_globals["__name__"].startswith(_SELECTION)


def _plainly(callback: Callable[..., Any] | None) -> Callable[..., Any]:
    assert callback is not None, "kedro run is a command with a function"

    @functools.wraps(callback)
    def call(*args: Any, **kwargs: Any) -> Any:
        with plain_errors(), warnings.catch_warnings():
            # Kedro 1.7 prefers --pipelines; --pipeline is what people type, and it works.
            warnings.filterwarnings("ignore", message="Option '--pipeline' is deprecated")
            return callback(*args, **kwargs)

    return call


run = copy.copy(kedro_run)
run.callback = _plainly(kedro_run.callback)
cli.add_command(run)


@cli.group()
def olist() -> None:
    """What this project adds to Kedro's commands."""


def _registered(name: str) -> str:
    from kedro.framework.project import pipelines

    if name not in pipelines:
        raise OlistError(f"There is no pipeline {name}. There are: {', '.join(sorted(pipelines))}.")
    return name


@olist.command()
@click.option("--env", "-e", help="Kedro's environment, such as sample.")
@click.option("--pipeline", "-p", default="__default__", help="One pipeline only.")
def status(env: str | None, pipeline: str) -> None:
    """Say of each step whether it is fresh, stale or missing, and why. Nothing is run.

    What passes in memory from step to step, and is not kept, is called passing.
    """
    from kedro.framework.project import settings

    from olist_kedro.freshness import Freshness, select

    with plain_errors(), settings.SESSION_CLASS.create(env=env) as session:
        catalog = session.load_context().catalog
        verdicts = Freshness(select([_registered(pipeline)]), catalog).verdicts
    width = max(map(len, verdicts))
    for name, verdict in verdicts.items():
        click.echo(f"{name:<{width}}  {verdict.state:<8}  {verdict.reason}".rstrip())
    counts = Counter(verdict.state for verdict in verdicts.values())
    click.echo("\n" + ", ".join(f"{count} {state}" for state, count in sorted(counts.items())))


@olist.command()
@click.option("--env", "-e", help="Kedro's environment, such as bigquery.")
@click.option("--pipeline", "-p", default="__default__", help="One pipeline only.")
@click.option("--price", default=DOLLARS_PER_TIB, show_default=True, help="US dollars a TiB.")
def cost(env: str | None, pipeline: str, price: float) -> None:
    """Say what a run would cost on BigQuery. Nothing is run or changed."""
    from kedro.framework.project import settings

    from olist_kedro.cost import describe, estimate, nothing_to_pay
    from olist_kedro.freshness import select

    with plain_errors(), settings.SESSION_CLASS.create(env=env) as session:
        catalog = session.load_context().catalog
        selected = select([_registered(pipeline)])
        click.echo(nothing_to_pay(selected, catalog) or describe(estimate(selected, catalog), price))


@olist.command()
@click.option("--env", "-e", envvar="KEDRO_ENV", help="Kedro's environment, such as bigquery.")
def doctor(env: str | None) -> None:
    """Say what is wrong with the set-up, and what to do."""
    from olist_kedro.doctor import Setup, examine

    problems = 0
    with plain_errors():
        for finding in examine(Setup(_root(), env)):
            problems += finding.state == "problem"
            click.echo(f"{click.style(f'{finding.state:<7}', fg=_COLOURS[finding.state])}  {finding.what}")
            if finding.advice:
                click.echo(textwrap.indent(finding.advice, " " * 9))
    if problems:
        raise click.ClickException(f"{problems} to mend. What builds on a problem was not looked at.")
    click.echo(f"All is well: kedro run{f' --env {env}' if env else ''}")


@olist.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace another key that is there.")
def credentials(file: Path, force: bool) -> None:
    """Put a Kaggle or Google key FILE into conf/local."""
    from olist_kedro.credentials import KAGGLE, install

    with plain_errors():
        root = _root()
        done = install(file.expanduser(), root, force=force)
    place = done.target.relative_to(root)
    is_now = "is in" if done.changed else "was already in"
    click.echo(f"The {done.kind.title} {is_now} {place}, which only you can read.")
    if done.ignored:
        click.echo("git ignores it.")
    else:
        click.echo("git could not be asked whether it ignores that file: never put it into a repository.")
    if done.exposed:
        click.echo(f"Others may get at the file it came from; delete it: rm {shlex.quote(str(file))}")
    if done.kind is KAGGLE:
        click.echo("Next: `kedro run` fetches the data from Kaggle where data/01_raw is empty.")
    else:
        click.echo("Next: `kedro olist doctor --env bigquery` looks at the rest (docs/bigquery.md).")


def _root() -> Path:
    root = find_kedro_project(Path.cwd())
    if root is None:
        raise OlistError(f"{Path.cwd()} is not in this project: go to its folder and try again.")
    return Path(root)
