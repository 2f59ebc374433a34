"""What every source has in common: files that are not fetched before they are asked for."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from olist_kedro.errors import OlistError


class SourceError(OlistError):
    """The raw files are missing, incomplete or unreadable where they were looked for."""


@dataclass(frozen=True)
class SourceFile(ABC):
    """One raw file at its source.

    Attributes:
        name: The file's name.
        origin: Where it comes from, in words; the same for all nine files of a source.
        is_synthetic: Whether the generator made it.
    """

    name: str
    origin: str
    is_synthetic: bool

    @property
    @abstractmethod
    def identity(self) -> str:
        """Text that changes whenever the file's content may have changed, cheap to tell."""

    def fingerprint(self) -> str:
        """Return text that is the same for the same content, and for no other."""
        return self.identity

    @abstractmethod
    def open(self) -> IO[bytes]:
        """Open the file for reading."""

    def is_at(self, path: Path) -> bool:
        """Whether `path` is the source's own file, so that there is nothing to fetch."""
        return False

    def fetch_to(self, path: Path) -> None:
        """Write the file to `path`: all of it, or nothing where that fails or is interrupted."""
        with self.open() as source, atomic_write(path) as target, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)

    def has_content_of(self, path: Path) -> bool:
        """Whether the file at `path` holds the same bytes."""
        with self.open() as mine, path.open("rb") as other:
            while chunk := mine.read(_CHUNK):
                if other.read(len(chunk)) != chunk:
                    return False
            return not other.read(1)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` and move it there if the block succeeds.

    Whatever ends the block early, Ctrl-C included, leaves `path` as it was and nothing beside it.

    Args:
        path: Where the file shall be; missing folders are made.

    Yields:
        The temporary path to write to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        yield temporary
        temporary.replace(path)


_CHUNK = 1 << 20
