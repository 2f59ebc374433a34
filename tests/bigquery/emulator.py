"""Serves the emulator on loopback, run by its own Python: `python emulator.py <port> <data folder>`.

A file `fault.json` in the data folder makes jobs fail on purpose: `job`, a pattern that is looked for in the
job's configuration; `then`, what happens: `die` (the process is killed), `die_after` (killed when the job is
done, before it says so) or `fail` (the job ends in an error that is Google's own fault); `times`, how often.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

EXTENSIONS = ("icu", "spatial", "ducklake")


def install_extensions() -> None:
    """Install DuckDB's extensions out of their wheels: the emulator would download them."""
    import duckdb

    with duckdb.connect() as connection:
        for name in EXTENSIONS:
            spec = find_spec(f"duckdb_extension_{name}")
            assert spec is not None and spec.origin is not None
            (file,) = Path(spec.origin).parent.rglob(f"{name}.duckdb_extension")
            connection.execute(f"install '{file}'")


def fault_of(job: Any, data: Path) -> str:
    """Return what is to go wrong with a job; an empty text for nothing."""
    file = data / "fault.json"
    if not file.is_file():
        return ""
    fault = json.loads(file.read_text())
    if not fault["times"] or not re.search(fault["job"], json.dumps(job.configuration.dump(), default=str)):
        return ""
    file.write_text(json.dumps({**fault, "times": fault["times"] - 1}))
    return fault["then"]


def with_faults(run: Callable[..., Any], data: Path) -> Callable[..., Any]:
    """Wrap what runs a job."""
    from local_bigquery.errors import BigQueryError

    def wrapped(job: Any, *arguments: Any) -> Any:
        fault = fault_of(job, data)
        if fault == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "fail":
            raise BigQueryError("backendError", "An internal error, made for a test")
        result = run(job, *arguments)
        if fault == "die_after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def with_destination(run: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what runs a query: 0.3.2 does not name the table that a CREATE TABLE AS SELECT has made."""

    def wrapped(job: Any, *arguments: Any) -> Any:
        result = run(job, *arguments)
        if result.query is not None and result.query.statementType == "CREATE_TABLE_AS_SELECT":
            job.configuration.query.destinationTable = result.query.ddlTargetTable
        return result

    return wrapped


def main(port: int, data: Path) -> None:
    """Serve until it is stopped."""
    os.environ["HOME"] = sys.prefix  # where DuckDB keeps extensions: in the environment, not at the user's
    install_extensions()

    import uvicorn
    from local_bigquery.jobs import runner
    from local_bigquery.settings import settings

    settings.data_dir = data
    settings.bigquery_host, settings.bigquery_port = "127.0.0.1", port
    runner._query = with_faults(with_destination(runner._query), data)
    runner._handle = with_faults(runner._handle, data)
    uvicorn.run("local_bigquery:app", host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
