"""A relation that dbt builds, as a Kedro dataset."""

from __future__ import annotations

from kedro.io import DatasetError

from olist_kedro.datasets import WarehouseTable
from olist_kedro.dbt.results import StepResult


class DbtRelation(WarehouseTable):
    """A table or view that dbt builds: loaded like any table, made by dbt alone."""

    def save(self, data: StepResult) -> None:  # type: ignore[override]  # dbt writes, not Kedro
        """Check that dbt made the relation where the catalog looks for it.

        Raises:
            DatasetError: dbt reported success, and yet the warehouse has no such relation.
        """
        if not self._exists():
            raise DatasetError(
                f"dbt reported {data.step} as built, and the warehouse has no {self.schema}.{self.table}. "
                "Does the dbt profile name the same warehouse as the catalog?"
            )
