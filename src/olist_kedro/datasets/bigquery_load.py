"""A table of BigQuery that is loaded from here."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olist_kedro.contracts import TableContract
from olist_kedro.datasets import bigquery
from olist_kedro.datasets.warehouse_table import WarehouseTable

if TYPE_CHECKING:
    import ibis.expr.types as ir

_jobs = ThreadPoolExecutor(thread_name_prefix="load")


class BigQueryLoad(WarehouseTable):
    """A raw table in BigQuery: one load job replaces it, while the run goes on.

    Saving streams the rows from DuckDB to a file, starts the upload and the job in a thread of its own, and
    returns. Whoever loads the table waits for the job; so does :meth:`wait`. Both raise what went wrong.

    Example:
        ```yaml
        raw_orders:
          type: olist_kedro.datasets.BigQueryLoad
          connection: ${globals:warehouse}
          schema: ${globals:schemas.raw}
          table: orders
          contract: ${parameter:contracts.orders}
          cluster_by: [order_id]
        ```
    """

    def __init__(
        self,
        *,
        contract: Mapping[str, Any],
        bucket: str | None = None,
        partition_by: dict[str, Any] | None = None,
        cluster_by: Sequence[str] | None = None,
        **table: Any,
    ) -> None:
        """Describe the table; nothing is opened yet.

        Args:
            contract: The table's contract, which describes it and its columns.
            bucket: Name of a Google Cloud Storage bucket that the file goes through; none by default.
            partition_by: Arguments of BigQuery's `timePartitioning`: `field` and `type`, such as `MONTH`.
            cluster_by: Columns by which BigQuery sorts the rows.
            **table: What :class:`WarehouseTable` takes.
        """
        super().__init__(**table)
        self._contract = TableContract.model_validate(contract)
        self._bucket = bucket or ""
        self._partition_by = partition_by
        self._cluster_by = cluster_by
        self._job: Future[None] | None = None

    def save(self, data: ir.Table) -> None:
        """Start to replace the table by `data`, atomically; see :meth:`wait`."""
        import google.cloud.bigquery as bq

        bigquery.ensure_dataset(self.connection, self.schema)
        columns = self._contract.columns
        config = bigquery.load_config(
            data.schema(),
            {name: " ".join(column.description.split()) for name, column in columns.items()},
            time_partitioning=self._partition_by and bq.TimePartitioning.from_api_repr(self._partition_by),
            clustering_fields=self._cluster_by,
        )
        folder = tempfile.TemporaryDirectory(prefix="olist-kedro-")
        path = Path(folder.name) / f"{self.table}.parquet"
        bigquery.write_parquet(data, path)

        made, table = self.connection.client, f"{self.schema}.{self.table}"

        def load() -> None:
            with folder:
                bigquery.load_file(made, path, table, config, self._bucket)
            bigquery.describe(made, table, " ".join(self._contract.description.split()))

        self._job = _jobs.submit(load)

    @property
    def is_saved(self) -> bool:
        """Whether the load job has ended well."""
        return self._job is None or (self._job.done() and self._job.exception() is None)

    def wait(self) -> None:
        """Return when the load job has ended.

        Raises:
            google.api_core.exceptions.GoogleAPICallError: It has failed: the table is what it was before.
        """
        if self._job is not None:
            self._job.result()

    def load(self) -> ir.Table:
        """Return the table, once its load job has ended, as a lazy Ibis table."""
        self.wait()
        return super().load()

    def size(self) -> tuple[int, int]:
        """Return the numbers of rows and columns."""
        self.wait()
        return super().size()

    def _exists(self) -> bool:
        self.wait()
        return super()._exists()
