"""A dbt project and its relations as Kedro datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from olist_kedro.datasets import WarehouseTable
from olist_kedro.dbt.project import DbtProject
from olist_kedro.dbt.results import StageResult


class DbtProjectDataset(AbstractDataset[None, DbtProject]):
    """Loads a dbt project, ready to build; there is nothing to save."""

    def __init__(
        self,
        *,
        path: str,
        artifacts: Mapping[str, str],
        target: str,
        stages: Mapping[str, Sequence[str]],
        environment: Mapping[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Describe the project; dbt is imported when it first builds.

        Args:
            path: Folder of `dbt_project.yml` and `profiles.yml`.
            artifacts: `path` of the folder for what dbt writes: manifest, compiled SQL, run results.
            target: Target of the profile.
            stages: For each stage, in order, the paths within the project that it holds.
            environment: Environment variables that the project's files read. A value that is a path is
                written as a mapping with the one key `path`, so that Kedro makes it absolute.
            metadata: Kedro's metadata, such as the layer in Kedro-Viz.
        """
        self._project = DbtProject(
            project_dir=Path(path),
            profiles_dir=Path(path),
            target_path=Path(artifacts["path"]),
            target=target,
            stages=stages,
            environment={
                name: str(value["path"] if isinstance(value, Mapping) else value)
                for name, value in (environment or {}).items()
            },
        )
        self.metadata = metadata

    def load(self) -> DbtProject:
        """Return the project. Its parsed manifest is shared by all that load it."""
        return self._project

    def save(self, data: None) -> None:
        """Refuse: a dbt project is written by hand."""
        raise DatasetError("A dbt project cannot be saved.")

    def _describe(self) -> dict[str, Any]:
        return {"project_dir": str(self._project.project_dir), "target": self._project.target}


class DbtRelation(WarehouseTable):
    """A table or view that dbt builds: loaded like any table, made by dbt alone."""

    def save(self, data: StageResult) -> None:  # type: ignore[override]  # dbt writes, not Kedro
        """Check that the stage that claims to have built the relation did.

        Raises:
            DatasetError: dbt reported success, and yet the warehouse has no such relation.
        """
        if not self._exists():
            raise DatasetError(
                f"dbt's stage {data.stage} succeeded without making {self._database}.{self._table_name}. "
                "Is the model disabled, renamed or in another schema?"
            )
