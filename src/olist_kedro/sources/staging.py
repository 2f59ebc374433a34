"""The folder of raw files that the project works on, and the record of what it put there itself."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from olist_kedro.sources.source import SourceError, SourceFile, atomic_write

RECORD = ".staged.json"


@dataclass(frozen=True)
class RawCSV:
    """A raw CSV in place, not read yet.

    Attributes:
        path: Where it is.
        origin: Where it came from, in words.
        is_synthetic: Whether the generator made it.
    """

    path: Path
    origin: str
    is_synthetic: bool

    def header(self) -> list[str]:
        """Return the column names of the first line; none where the file is empty."""
        with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return next(csv.reader(file), [])

    def sha256(self) -> str:
        """Return the SHA-256 of the file's bytes."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def count_lines(self) -> int:
        """Return the number of lines, a last one without line end included."""
        lines, last = 0, b"\n"
        with self.path.open("rb") as file:
            while chunk := file.read(1 << 20):
                lines += chunk.count(b"\n")
                last = chunk[-1:]
        return lines + (last != b"\n")


@dataclass(frozen=True)
class StagedFile:
    """What is known about a file that was put in place by :func:`stage`."""

    origin: str
    identity: str
    is_synthetic: bool
    size: int
    mtime_ns: int

    def is_unchanged(self, path: Path) -> bool:
        """Whether the file at `path` is still the one that was put there."""
        stat = path.stat()
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime_ns)


def stage(file: SourceFile, path: Path) -> None:
    """Put a source's file in place, unless it is there already.

    A file that the project did not put there is the user's: it is never overwritten by another.

    Args:
        file: The file at its source.
        path: Where the project works on it.

    Raises:
        SourceError: Another file lies there that somebody else put there or changed.
    """
    if file.is_at(path):
        return
    record = _read_record(path.parent)
    staged = record.get(path.name)
    is_ours = path.exists() and staged is not None and staged.is_unchanged(path)
    if path.exists() and not is_ours:
        if file.has_content_of(path):
            return
        raise SourceError(
            f"{path} was put there or changed by hand, and differs from the one in the {file.origin}.\n"
            "It is not overwritten. Move it away and run again, or run on the files that are there: "
            "`kedro run --params=ingestion.source=local`."
        )
    if not (is_ours and staged is not None and staged.identity == file.identity):
        file.fetch_to(path)
    stat = path.stat()
    entry = StagedFile(file.origin, file.identity, file.is_synthetic, stat.st_size, stat.st_mtime_ns)
    if entry != staged:
        _write_record(path.parent, {**record, path.name: entry})


def staged_csv(path: Path) -> RawCSV:
    """Return the file in place, with where it came from.

    Raises:
        SourceError: There is no such file.
    """
    if not path.is_file():
        raise SourceError(f"{path} does not exist yet.\nFetch the raw files first: `kedro run`.")
    staged = _read_record(path.parent).get(path.name)
    if staged is not None and staged.is_unchanged(path):
        return RawCSV(path, staged.origin, staged.is_synthetic)
    return RawCSV(path, f"folder {path.parent}", False)


def staged_origins(folder: Path, names: Iterable[str]) -> set[str]:
    """Return where those of the named files came from that the project put into the folder itself."""
    record = _read_record(folder)
    return {
        record[name].origin
        for name in names
        if name in record and (folder / name).is_file() and record[name].is_unchanged(folder / name)
    }


def _read_record(folder: Path) -> dict[str, StagedFile]:
    try:
        entries = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {name: StagedFile(**entry) for name, entry in entries.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{folder / RECORD}, the record of the files put there, is damaged: {error}\n"
            f"Delete it; delete the CSVs beside it too if they are not your own."
        ) from error


def _write_record(folder: Path, record: dict[str, StagedFile]) -> None:
    entries = {name: asdict(staged) for name, staged in sorted(record.items())}
    with atomic_write(folder / RECORD) as temporary:
        temporary.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
