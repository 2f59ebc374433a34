"""A parquet file that is written by one engine and read by the warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from kedro.io import AbstractDataset
from kedro_datasets._typing import TablePreview

from olist_kedro.datasets.preview import ROWS, table_preview
from olist_kedro.datasets.warehouse import WarehouseError, connect
from olist_kedro.sources.source import atomic_write

if TYPE_CHECKING:
    import ibis.expr.types as ir


class ParquetTable(AbstractDataset["ir.Table", "ir.Table"]):
    """A parquet file: saved from an Ibis table of any backend, loaded as one of the warehouse's.

    Saving streams the table's rows to the file in the backend that holds them. Loading gives a lazy
    table in the warehouse's own connection, so that a load into the warehouse is a single statement
    there: DuckDB scans the file, BigQuery gets it by a load job.

    Example:
        >>> import ibis
        >>> file = ParquetTable(
        ...     filepath="data/states.parquet", connection={"backend": "duckdb", "path": ":memory:"}
        ... )
        >>> file.save(ibis.memtable({"state": ["RJ", "SP"]}))
        >>> file.load().count().execute()
        2
    """

    def __init__(
        self, *, filepath: str, connection: dict[str, Any], metadata: dict[str, Any] | None = None
    ) -> None:
        """Remember the file and the warehouse; neither is opened yet.

        Args:
            filepath: The file's path.
            connection: The warehouse, as :func:`olist_kedro.datasets.warehouse.connect` takes it.
            metadata: Kedro's metadata, such as the layer in Kedro-Viz.
        """
        self._filepath = Path(filepath)
        self._connection = connection
        self.metadata = metadata

    def load(self) -> ir.Table:
        """Return the file's rows as a lazy table in the warehouse.

        Raises:
            WarehouseError: The file does not exist.
        """
        if not self._exists():
            raise WarehouseError(
                f"{self._filepath} does not exist yet.\nMake it: `kedro run --pipeline=ingestion`."
            )
        return connect(self._connection).read_parquet(self._filepath)

    def save(self, data: ir.Table) -> None:
        """Write the table's rows to the file, all of them or none."""
        with atomic_write(self._filepath) as temporary:
            data.get_backend().to_parquet(data, temporary)

    def preview(self) -> TablePreview:
        """Return the first rows for Kedro-Viz; nothing where the file does not exist yet."""
        if not self._exists():
            return TablePreview({})
        with pq.ParquetFile(self._filepath) as file:
            batch = next(file.iter_batches(ROWS), None)
        rows = file.schema_arrow.empty_table() if batch is None else batch
        return table_preview(rows.to_pandas())

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "backend": self._connection["backend"]}
