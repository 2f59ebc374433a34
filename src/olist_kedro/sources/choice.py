"""Which source the raw files are taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from olist_kedro.contracts import Contracts
from olist_kedro.credentials import read_key
from olist_kedro.sources import kaggle
from olist_kedro.sources.generated import generated_files
from olist_kedro.sources.local import folder_files, local_files, zip_files
from olist_kedro.sources.source import SourceError, SourceFile
from olist_kedro.sources.staging import staged_origins

SourceName = Literal["auto", "local", "kaggle", "synthetic"]


class NotDownloadedError(SourceError):
    """The files would have to be downloaded first."""


@dataclass(frozen=True)
class Sources:
    """The sources that a project can take its raw files from.

    Attributes:
        folder: The project's folder of raw files, where files may also be dropped in by hand.
        credentials: Kaggle's key, see :func:`olist_kedro.sources.kaggle.fetch_archive`.
        key_file: Where `kedro olist credentials` puts the key; it counts where there are no credentials.
        may_download: Whether what is not on this machine may be fetched.
    """

    folder: Path
    credentials: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    key_file: Path | None = None
    may_download: bool = True

    def choose(
        self, source: SourceName, path: str | None, orders: int, seed: int, contracts: Contracts
    ) -> dict[str, SourceFile]:
        """Return the nine files of the source asked for.

        Args:
            source: `local` (folder or zip), `kaggle`, `synthetic`, or `auto`: local files where a
                path is given or any lie in the project's folder, else Kaggle where there is a key.
            path: Folder or zip of the local files; without one, the project's own folder. `~` is the
                home folder, and a relative path starts where the user is.
            orders: Number of synthetic orders.
            seed: Seed of the synthetic generator.
            contracts: The contract of each table, with its file's name.

        Returns:
            Each table's file at its source, not fetched yet.

        Raises:
            SourceError: There are no files, or not all of them, or they cannot be used.
        """
        names = [contract.file for contract in contracts.values()]
        if source == "synthetic":
            files = generated_files(orders, seed, contracts)
        elif source == "kaggle" or (source == "auto" and not path and self._is_empty(names)):
            files = self._kaggle_files(names, required=source == "kaggle")
        elif path:
            files = local_files(Path(path).expanduser().resolve(), names)
        else:
            files = self._own_files(names)
        by_name = {file.name: file for file in files}
        return {table: by_name[contract.file] for table, contract in contracts.items()}

    def kaggle_key(self) -> Mapping[str, str | None]:
        """Return the project's own key to Kaggle; empty where the places of Kaggle's own tools count.

        Raises:
            CredentialsError: The key file holds no key.
        """
        return self.credentials or (read_key(self.key_file) if self.key_file is not None else {})

    def _is_empty(self, names: list[str]) -> bool:
        return not folder_files(self.folder, names) and not any(self.folder.glob("*.zip"))

    def _kaggle_files(self, names: list[str], *, required: bool) -> list[SourceFile]:
        key = self.kaggle_key()
        if not kaggle.has_credentials(key):
            if required:
                raise SourceError(f"There is no Kaggle key: {kaggle.KEY_HELP}.")
            raise SourceError(
                f"There are no Olist files in {self.folder}, and there is no Kaggle key. Three ways on:\n"
                "  1. Put the nine CSVs, or the zip as Kaggle delivers it, into that folder; or leave them "
                "where they are: `make run DATA=<folder or zip>`.\n"
                f"  2. Let the project fetch them from Kaggle: {kaggle.KEY_HELP}.\n"
                "  3. Try it on synthetic data: `make run`, or `kedro run --env sample`."
            )
        if not self.may_download and not (self.folder / kaggle.ARCHIVE).exists():
            raise NotDownloadedError(f"{kaggle.DATASET} has not been downloaded from Kaggle yet.")
        return list(zip_files(kaggle.fetch_archive(self.folder, key, names), names))

    def _own_files(self, names: list[str]) -> list[SourceFile]:
        origins = staged_origins(self.folder, names)
        if len(origins) > 1:
            raise SourceError(
                f"The files in {self.folder} come from different sources: {'; '.join(sorted(origins))}.\n"
                "Fetching them was probably cut short. Delete them, or run on one source again, such as "
                "`make run DATA=<folder or zip>`."
            )
        for archive in self.folder.glob("*.zip"):
            # The zip that the files were unpacked from may have been replaced by a newer one.
            if origins == {f"zip {archive}"}:
                return list(zip_files(archive, names))
        return local_files(self.folder, names)
