"""Expected errors end in one message and exit code 1; defects keep their traceback."""

from __future__ import annotations

import builtins
import errno
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from types import FunctionType
from typing import Any

import click
import pytest
from click.testing import CliRunner
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.startup import bootstrap_project
from kedro.io import DatasetError
from kedro.validation.exceptions import ParameterValidationError

from olist_kedro import cli
from olist_kedro.errors import OlistError


def wrapped() -> DatasetError:
    error = DatasetError("Failed while loading data")
    error.__cause__ = OlistError("No data. Do this.")
    return error


def missing_file(error: FileNotFoundError) -> DatasetError:
    inner, outer = DatasetError("Failed while loading data"), DatasetError("codebook: Failed")
    inner.__cause__, outer.__cause__ = error, inner
    return outer


NO_CODEBOOK = (
    "This run needs a file that is not there yet: data/codebook.parquet\n"
    "Run the steps that make it first, or all of them: `kedro run`."
)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (missing_file(FileNotFoundError("data/codebook.parquet")), NO_CODEBOOK),
        (missing_file(FileNotFoundError(2, "No such file", "data/codebook.parquet")), NO_CODEBOOK),
        (OlistError("No data. Do this."), "No data. Do this."),
        (wrapped(), "No data. Do this."),
        (
            ParameterValidationError(
                "Parameter 'k': Failed to instantiate K for parameter 'k': 1 validation error for K\n"
                "k\n  Input should be greater than 1 [type=greater_than, input_value=0, input_type=int]\n"
                "    For further information visit https://example.com/greater_than"
            ),
            "Parameter 'k': k\n  Input should be greater than 1",
        ),
    ],
)
def test_expected_error_is_a_plain_message(error: Exception, message: str) -> None:
    @click.command()
    def command() -> None:
        with cli.plain_errors():
            raise error

    result = CliRunner().invoke(command)

    assert result.exit_code == 1
    assert result.output == f"Error: {message}\n"


def test_unknown_pipeline_is_a_plain_message() -> None:
    def select() -> None:
        raise ValueError("Failed to find the pipeline named 'etl'.")

    function = FunctionType(select.__code__, vars(builtins) | {"__name__": "kedro.framework.session.session"})

    with pytest.raises(click.ClickException, match="pipeline named 'etl'"), cli.plain_errors():
        function()


def interrupted() -> DatasetError:
    """Return what Kedro makes of what DuckDB makes of Ctrl-C."""
    query = RuntimeError("Query interrupted")
    query.__cause__ = KeyboardInterrupt()
    error = DatasetError("Failed while saving data")
    error.__cause__ = query
    return error


@pytest.mark.parametrize("error", [interrupted(), KeyboardInterrupt()], ids=["in a query", "elsewhere"])
def test_ctrl_c_ends_with_130(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised, cli.plain_errors():
        raise error

    assert raised.value.code == 130
    assert capsys.readouterr().err == "Aborted!\n"


def test_unknown_pipeline_of_a_command_names_those_there_are(make_project: Callable[[], Any]) -> None:
    project = make_project()
    bootstrap_project(project.path)
    with chdir(project.path):
        results = [
            CliRunner().invoke(cli.cli, ["olist", command, "--pipeline", "nope"])
            for command in ("status", "cost")
        ]

    for result in results:
        assert result.exit_code == 1
        assert "Error: There is no pipeline nope. There are: __default__, dbt, elt, " in result.output


def test_place_that_cannot_be_written_is_a_plain_message() -> None:
    with pytest.raises(click.ClickException, match="readable and writable"), cli.plain_errors():
        raise PermissionError(errno.EACCES, "Permission denied", "data/01_raw")


def test_no_wall_of_lines_in_a_subfolder(make_project: Callable[[], Any]) -> None:
    """Kedro itself finds conf/logging.yml only where the command is typed."""
    folder = make_project().path / "notebooks"
    folder.mkdir()
    kedro = Path(sys.executable).parent / "kedro"

    done = subprocess.run(
        [kedro, "run", "--params=zzz=1"], cwd=folder, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: There is no parameter zzz.")
    # The one line is Kedro's, from before it knows the project.
    assert (done.stdout + done.stderr).count("INFO") <= 1


def test_defect_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), cli.plain_errors():
        raise ZeroDivisionError


def test_run_takes_what_kedro_run_takes() -> None:
    assert cli.cli.commands["run"].params == kedro_run.params
    assert kedro_run.callback is not cli.run.callback


def test_pipeline_option_gives_no_deprecation_warning() -> None:
    def kedro_callback() -> int:
        warnings.warn("Option '--pipeline' is deprecated and will be removed", stacklevel=1)
        return 3

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cli._plainly(kedro_callback)() == 3
