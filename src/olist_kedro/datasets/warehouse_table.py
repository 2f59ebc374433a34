"""A table of the warehouse as a Kedro dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
from kedro_datasets._typing import TablePreview
from kedro_datasets.ibis import TableDataset

from olist_kedro.datasets import bigquery
from olist_kedro.datasets.preview import ROWS, table_preview
from olist_kedro.datasets.warehouse import connect
from olist_kedro.errors import WarehouseError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from ibis import BaseBackend


class WarehouseTable(TableDataset):
    """A table in DuckDB or BigQuery, loaded lazily and replaced as a whole.

    Loading gives an Ibis table: nothing is read until its rows are asked for, and expressions
    over several tables are computed in the warehouse. Saving replaces the table in one transaction,
    so a reader finds the old table or the new one, never a part.

    Example:
        >>> import ibis
        >>> table = WarehouseTable(
        ...     connection={"backend": "duckdb", "path": ":memory:"}, schema="marts", table="dim_state"
        ... )
        >>> table.save(ibis.memtable({"state": ["RJ", "SP"]}))
        >>> table.load().count().execute()
        2
    """

    def __init__(
        self,
        *,
        connection: dict[str, Any],
        schema: str,
        table: str,
        empty_schema: dict[str, str] | None = None,
        credentials: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Describe the table; the warehouse is opened when it is first used.

        Args:
            connection: The warehouse, as :func:`olist_kedro.datasets.warehouse.connect` takes it.
            schema: The table's schema (BigQuery: dataset); made on the first save.
            table: The table's name.
            empty_schema: Ibis types by column name. Where given, loading a table that does not
                exist yet gives an empty one with these columns instead of an error.
            credentials: Arguments of the connection that are kept out of the catalog.
            metadata: Kedro's metadata, such as the layer in Kedro-Viz.
        """
        super().__init__(
            table_name=table,
            database=schema,
            connection=connection,
            credentials=credentials,
            save_args={"materialized": "table"},
            metadata=metadata,
        )
        self._empty_schema = empty_schema

    def _connect(self) -> BaseBackend:
        return connect(self._connection_config)

    @property
    def warehouse(self) -> dict[str, Any]:
        """The warehouse, as :func:`olist_kedro.datasets.warehouse.connect` takes it."""
        return dict(self._connection_config)

    @property
    def schema(self) -> str:
        """The table's schema (BigQuery: dataset)."""
        return str(self._database)

    @property
    def table(self) -> str:
        """The table's name within its schema."""
        return str(self._table_name)

    @property
    def connection(self) -> BaseBackend:
        """The Ibis backend that holds the table."""
        # Not TableDataset's own cache: it would outlive `disconnect()`.
        return self._connect()

    def load(self) -> ir.Table:
        """Return the table as a lazy Ibis table.

        Raises:
            WarehouseError: The table does not exist and no `empty_schema` is given.
        """
        if not self._exists():
            return self._empty_table()
        return super().load()

    def save(self, data: ir.Table | pd.DataFrame | pa.Table) -> None:
        """Replace the table by `data`, atomically."""
        if self.connection.name == "bigquery":
            bigquery.ensure_dataset(self.connection, self.schema)
            if isinstance(data, ir.Table):
                super().save(data)  # one statement: create or replace table as select
            else:
                bigquery.load_rows(self.connection, ibis.memtable(data), self.schema, self.table)
            return
        if self._database not in self.connection.list_databases():
            self.connection.create_database(self._database)
        with self._all_or_nothing():
            super().save(data)

    def wait(self) -> None:
        """Return when what was saved is in the warehouse, which here it is at once."""

    @property
    def is_saved(self) -> bool:
        """Whether what was saved is in the warehouse."""
        return True

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Ibis fills a table of another name, drops the old one and renames: on DuckDB, four statements."""
        transaction = self.connection.con
        transaction.begin()
        try:
            yield
        except BaseException:
            transaction.rollback()
            raise
        transaction.commit()

    @property
    def counts_for_free(self) -> bool:
        """Whether :meth:`size` costs nothing but a moment; BigQuery bills what a view reads."""
        return bool(self.connection.name == "duckdb")

    def size(self) -> tuple[int, int]:
        """Return the numbers of rows and columns."""
        table = self.connection.table(self.table, database=self.schema)
        return int(table.count().execute()), len(table.columns)

    def preview(self) -> TablePreview:
        """Return the first rows for Kedro-Viz; nothing where the table does not exist yet."""
        if not self._exists():
            return TablePreview({})
        if self.connection.name == "bigquery":
            return table_preview(bigquery.first_rows(self.connection, self.schema, self.table, ROWS))
        return table_preview(self.load().head(ROWS).to_pandas())

    def tables_beside(self) -> set[str]:
        """Return the names of all tables in the table's schema; none where there is no warehouse yet."""
        path = self.warehouse.get("path", ":memory:")
        if path != ":memory:" and not Path(path).exists():  # looking for it shall not make it
            return set()
        if self.schema not in self.connection.list_databases():
            return set()
        return set(self.connection.list_tables(database=self.schema))

    def _exists(self) -> bool:
        return self.table in self.tables_beside()

    def _empty_table(self) -> ir.Table:
        if self._empty_schema is None:
            raise WarehouseError(
                f"The warehouse has no table {self._database}.{self._table_name} yet.\n"
                "Run the steps that make it first: `kedro run --pipeline=elt`, or all of them: `kedro run`."
            )
        return ibis.memtable([], schema=ibis.schema(self._empty_schema))
