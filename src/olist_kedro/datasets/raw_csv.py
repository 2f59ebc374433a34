"""The raw CSVs, and where they come from, as Kedro datasets."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import TablePreview

from olist_kedro.sources.choice import Sources
from olist_kedro.sources.source import SourceFile
from olist_kedro.sources.staging import RawCSV, stage, staged_csv


class RawSources(AbstractDataset[NoReturn, Sources]):
    """The sources of the raw files: the folder for them, and the key to Kaggle.

    A node cannot be given credentials, but it can be given this.

    Example:
        ```yaml
        raw_sources:
          type: olist_kedro.datasets.raw_csv.RawSources
          filepath: data/01_raw
          credentials: kaggle
          key_file: {path: conf/local/kaggle.json}
        ```
    """

    def __init__(
        self,
        *,
        filepath: str,
        credentials: dict[str, str | None] | None = None,
        key_file: dict[str, str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Remember the folder and the key.

        Args:
            filepath: The project's folder of raw files.
            credentials: Kaggle's `username` and `key`, or `token`. Without any, the key file counts, then
                the places that Kaggle's own tools use.
            key_file: `path` of Kaggle's key as a file, so called that Kedro resolves it against the project's
                root.
            metadata: Kedro's metadata, such as the layer in Kedro-Viz.
        """
        self._filepath = Path(filepath)
        self._credentials = credentials or {}
        self._key_file = Path(key_file["path"]) if key_file else None
        self.metadata = metadata

    def load(self) -> Sources:
        """Return the sources; nothing is looked up or fetched yet."""
        return Sources(self._filepath, self._credentials, self._key_file)

    def save(self, data: NoReturn) -> NoReturn:
        """Refuse: sources are only read."""
        raise DatasetError("raw_sources is read-only")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}


class RawCSVDataset(AbstractDataset[SourceFile, RawCSV]):
    """One raw CSV. Saving fetches it from its source unless it is there; loading does not read it yet.

    Example:
        ```yaml
        csv_orders:
          type: olist_kedro.datasets.raw_csv.RawCSVDataset
          filepath: data/01_raw/olist_orders_dataset.csv
        ```
    """

    PREVIEW_ROWS: ClassVar[int] = 10

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Remember where the file is.

        Args:
            filepath: The file's path.
            metadata: Kedro's metadata, such as the layer in Kedro-Viz.
        """
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> RawCSV:
        """Return the file and where it came from.

        Raises:
            SourceError: The file does not exist.
        """
        return staged_csv(self._filepath)

    def save(self, data: SourceFile) -> None:
        """Put the file in place, see :func:`olist_kedro.sources.staging.stage`.

        Raises:
            SourceError: Another file, put there by hand, is in the way.
        """
        stage(data, self._filepath)

    def preview(self) -> TablePreview:
        """Return the first rows for Kedro-Viz; nothing where the file does not exist yet."""
        if not self._exists():
            return {}
        with self._filepath.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = list(islice(csv.reader(file), 1 + self.PREVIEW_ROWS))
        if not lines:
            return {}
        header, *rows = lines
        return {"index": list(range(len(rows))), "columns": header, "data": rows}

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
