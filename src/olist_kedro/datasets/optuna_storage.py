"""Where Optuna keeps its studies: a journal, one line of JSON an operation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kedro.io import AbstractDataset, DatasetError

from olist_kedro.errors import OlistError

if TYPE_CHECKING:
    from optuna.storages import JournalStorage


class UnreadableStudyError(OlistError):
    """The journal of the studies is damaged."""


class OptunaStorage(AbstractDataset[NoReturn, "JournalStorage"]):
    """Optuna's studies in one file. Loading opens it, and makes it where there is none.

    Studies write each trial to the journal while they run, so what is done survives whatever ends the run.
    The file is text: reading it runs no code.

    Example:
        ```yaml
        tuning_studies:
          type: olist_kedro.datasets.optuna_storage.OptunaStorage
          filepath: data/06_models/tuning_studies.jsonl
        ```
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Remember where the journal is.

        Args:
            filepath: The journal's path.
            metadata: Kedro's metadata, such as the layer in Kedro-Viz.
        """
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> JournalStorage:
        """Return the studies, for `optuna.create_study(storage=...)`.

        Raises:
            UnreadableStudyError: The journal is not one of Optuna's.
        """
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

        self._filepath.parent.mkdir(parents=True, exist_ok=True)
        self._drop_unfinished_line()
        path = str(self._filepath)
        try:
            # The lock is a file, as the default one, a symbolic link, needs special rights on Windows.
            return JournalStorage(JournalFileBackend(path, lock_obj=JournalFileOpenLock(path)))
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableStudyError(
                f"The studies in {self._filepath} cannot be read: {error}.\nMove the file away to begin anew."
            ) from error

    def save(self, data: NoReturn) -> NoReturn:
        """Refuse: studies write themselves."""
        raise DatasetError(f"{self._filepath} is written by the studies in it")

    def _drop_unfinished_line(self) -> None:
        """Cut off a last line that a crash left without its end: Optuna would append to it and lose both."""
        if not self._exists():
            return
        with self._filepath.open("rb+") as file:
            content = file.read()
            if not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
