"""The connection to the warehouse, shared by everything in this process that reads or writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis

from olist_kedro.datasets import bigquery
from olist_kedro.errors import WarehouseError

if TYPE_CHECKING:
    from ibis import BaseBackend


def connect(connection: dict[str, Any]) -> BaseBackend:
    """Open the warehouse, or return the connection that is already open.

    DuckDB lets one process open a file many times, but only with identical settings, and gives
    expressions over several tables one engine only if they share one connection. So there is one
    connection for each configuration, and it stays open until :func:`disconnect`.

    Args:
        connection: `backend` (an Ibis backend: `duckdb`, `bigquery`) and the arguments of its
            `connect()`. For DuckDB the file is called `path`, so that Kedro resolves it
            against the project's root; `:memory:`, the default, is a database of its own in memory. For
            BigQuery see :func:`olist_kedro.datasets.bigquery.client`.

    Returns:
        The connected Ibis backend.

    Raises:
        WarehouseError: The DuckDB file is open in another process or is not a DuckDB database; or BigQuery
            lacks credentials.
    """
    key = tuple(sorted(connection.items()))
    if key not in _connections:
        arguments = dict(connection)
        backend = arguments.pop("backend")
        opener = _OPENERS[backend] if backend in _OPENERS else getattr(ibis, backend).connect
        _connections[key] = opener(**arguments)
    return _connections[key]


def disconnect() -> None:
    """Close every open connection, so that other processes can open the DuckDB file."""
    while _connections:
        _, backend = _connections.popitem()
        backend.disconnect()


_connections: dict[tuple[tuple[str, Any], ...], BaseBackend] = {}


def _connect_duckdb(path: str = ":memory:", **arguments: Any) -> BaseBackend:
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    try:
        return ibis.duckdb.connect(path, **arguments)
    except duckdb.IOException as error:
        reason = str(error)
        if "lock" in reason:
            raise WarehouseError(
                f"The warehouse {path} is open in another program.\n"
                "DuckDB lets only one program in at a time: close the other one (a notebook, "
                "Kedro-Viz, a DuckDB shell, another run) and try again."
            ) from error
        if "Permission denied" in reason:
            raise WarehouseError(
                f"The warehouse {path} may not be read and written: {reason}\n"
                "Give yourself the right to write to the file and its folder, and try again."
            ) from error
        raise WarehouseError(
            f"The warehouse {path} cannot be opened: {reason}\n"
            "If it is damaged, move it away and run `kedro run`: it is built anew from the raw files."
        ) from error


_OPENERS: dict[str, Callable[..., BaseBackend]] = {"duckdb": _connect_duckdb, "bigquery": bigquery.connect}
