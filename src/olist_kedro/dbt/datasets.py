"""A relation that dbt builds, as a Kedro dataset."""

from __future__ import annotations

from kedro.io import DatasetError
from kedro_datasets._typing import TablePreview

from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.preview import shorten
from olist_kedro.dbt.graph import Relation, one_line
from olist_kedro.dbt.project import current_project
from olist_kedro.dbt.results import StepResult


class DbtRelation(WarehouseTable):
    """A table or view that dbt builds: loaded like any table, made by dbt alone."""

    def preview(self) -> TablePreview:
        """Return for Kedro-Viz what the project says of the relation and its columns, then its first rows.

        Kedro-Viz has no other place for a dataset's description than its preview.
        """
        preview = super().preview()
        relation = self._documented()
        if not preview or relation is None:
            return preview
        described = {column.name: shorten(one_line(column.description)) for column in relation.columns}
        columns = preview["columns"]
        description = [one_line(relation.description), *[""] * (len(columns) - 1)]
        data = [description, [described.get(name, "") for name in columns], *preview["data"]]
        return TablePreview({"columns": columns, "index": list(range(len(data))), "data": data})

    def _documented(self) -> Relation | None:
        """Return the relation as the project describes it, or None if it is not in the project."""
        relations = current_project().graph.relations.values()
        return next((r for r in relations if (r.schema, r.table) == (self.schema, self.table)), None)

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
