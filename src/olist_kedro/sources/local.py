"""Raw files on this machine: nine CSVs in a folder, or the zip as Kaggle delivers it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from olist_kedro.sources.source import SourceError, SourceFile


@dataclass(frozen=True)
class LocalFile(SourceFile):
    """A CSV in a folder."""

    path: Path

    @property
    def identity(self) -> str:
        """Path, size and time of the last change."""
        stat = self.path.stat()
        return f"{self.path} {stat.st_size} {stat.st_mtime_ns}"

    def fingerprint(self) -> str:
        """Return checksum and size, as a zip's directory has them: unpacked or not, it is the same file."""
        return _fingerprint(_crc32(self.path), self.path.stat().st_size)

    def open(self) -> IO[bytes]:
        """Open the CSV."""
        return self.path.open("rb")

    def is_at(self, path: Path) -> bool:
        """Whether the CSV already lies at `path`."""
        return path.exists() and path.samefile(self.path)


@dataclass(frozen=True)
class ZippedFile(SourceFile):
    """A CSV in a zip; it is unpacked straight to where it is wanted."""

    archive: Path
    member: zipfile.ZipInfo

    @property
    def identity(self) -> str:
        """The checksum and size that the zip's directory gives."""
        return _fingerprint(self.member.CRC, self.member.file_size)

    def open(self) -> IO[bytes]:
        """Open the CSV inside the zip."""
        return zipfile.ZipFile(self.archive).open(self.member)

    def fetch_to(self, path: Path) -> None:
        """Unpack the CSV to `path`.

        Raises:
            SourceError: The zip is damaged: data is missing or its checksum is wrong.
        """
        try:
            super().fetch_to(path)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise _damaged(self.archive, f"{self.name}: {error}") from error

    def has_content_of(self, path: Path) -> bool:
        """Whether `path` has the size and checksum of the zip's directory."""
        return path.stat().st_size == self.member.file_size and _crc32(path) == self.member.CRC


def folder_files(folder: Path, names: Collection[str]) -> list[LocalFile]:
    """Return those of the named files that lie in the folder."""
    origin = f"folder {folder}"
    return [LocalFile(name, origin, False, folder / name) for name in names if (folder / name).is_file()]


def zip_files(archive: Path, names: Collection[str]) -> list[ZippedFile]:
    """Return the named files in a zip, wherever in it they are.

    Args:
        archive: Path of the zip.
        names: The files' names, without folders.

    Raises:
        SourceError: The file is not a zip, damaged, encrypted, or another zip than Olist's.
    """
    if not zipfile.is_zipfile(archive):
        with archive.open("rb") as file:
            looks_cut_off = file.read(4) == b"PK\x03\x04"
        if looks_cut_off:
            raise _damaged(archive, "its end is missing")
        raise SourceError(f"{archive} is not a zip file.\n{_ACCEPTED}")
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if PurePosixPath(member.filename).name in names]
    except zipfile.BadZipFile as error:
        raise _damaged(archive, str(error)) from error
    found = [PurePosixPath(member.filename).name for member in members]
    if missing := sorted(set(names) - set(found)):
        raise SourceError(
            f"{archive} is another zip than Olist's: it lacks {_listing(missing, len(names))}.\n{_ACCEPTED}"
        )
    if len(found) > len(names):
        raise SourceError(f"{archive} holds some of the files twice, in different folders: keep one of each.")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise SourceError(f"{archive} is encrypted: unzip it and give the folder instead.")
    origin = f"zip {archive}"
    return [
        ZippedFile(name, origin, False, archive, member) for name, member in zip(found, members, strict=True)
    ]


def local_files(path: Path, names: Collection[str]) -> list[SourceFile]:
    """Return the named files from a folder of CSVs, a folder with the zip, or the zip itself.

    Where a folder holds all the CSVs and a zip, the CSVs count.

    Raises:
        SourceError: There is nothing at the path, some files are missing, or the zip is unusable.
    """
    if path.is_file():
        return list(zip_files(path, names))
    if not path.is_dir():
        raise SourceError(f"There is no folder and no zip at {path}.\n{_ACCEPTED}")
    files = folder_files(path, names)
    if len(files) == len(names):
        return list(files)
    archives = sorted(path.glob("*.zip"))
    if len(archives) == 1:
        return list(zip_files(archives[0], names))
    if archives:
        raise SourceError(
            f"{path} holds {len(archives)} zips: {', '.join(archive.name for archive in archives)}.\n"
            "Name the one to use: `make run DATA=<zip>`."
        )
    missing = sorted(set(names) - {file.name for file in files})
    raise SourceError(f"{path} lacks {_listing(missing, len(names))}.\n{_ACCEPTED}")


def check_archive(archive: Path, names: Collection[str]) -> None:
    """Read a zip to its end and check every checksum.

    Raises:
        SourceError: It is not the right zip, or damaged.
    """
    zip_files(archive, names)
    with zipfile.ZipFile(archive) as opened:
        try:
            bad = opened.testzip()
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise _damaged(archive, str(error)) from error
    if bad is not None:
        raise _damaged(archive, f"{bad} has a wrong checksum")


def _listing(missing: list[str], wanted: int) -> str:
    return f"{'all' if len(missing) == wanted else len(missing)} of the nine files ({', '.join(missing)})"


def _damaged(archive: Path, detail: str) -> SourceError:
    return SourceError(f"{archive} is damaged: {detail}.\nDownload it again.")


def _fingerprint(crc: int, size: int) -> str:
    return f"crc {crc:08x} {size}"


def _crc32(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            checksum = zlib.crc32(chunk, checksum)
    return checksum


_ACCEPTED = (
    "Give the folder with Olist's nine CSVs, or the zip as Kaggle delivers it: "
    "`make run DATA=<folder or zip>`."
)
_ENCRYPTED = 0x1
