"""Folders and zips, whole and broken."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from olist_kedro.sources.local import check_archive, local_files, zip_files
from olist_kedro.sources.source import SourceError, atomic_write


def content(files: list, target: Path) -> dict[str, bytes]:
    for file in files:
        file.fetch_to(target / file.name)
    return {path.name: path.read_bytes() for path in target.iterdir()}


def test_a_folder_and_its_zip_hold_the_same(
    folder: Path, archive: Path, names: list[str], tmp_path: Path
) -> None:
    expected = {name: (folder / name).read_bytes() for name in names}
    for path in (folder, archive):
        files = local_files(path, names)
        assert not any(file.is_synthetic for file in files)
        assert content(files, tmp_path / f"from {path.name}") == expected
        assert all(file.has_content_of(folder / file.name) for file in files)


def test_a_file_is_known_again_once_it_is_unpacked_and_not_when_a_byte_has_changed(
    folder: Path, archive: Path, names: list[str]
) -> None:
    zipped = [file.fingerprint() for file in zip_files(archive, names)]
    assert [file.fingerprint() for file in local_files(folder, names)] == zipped

    changed = bytearray((folder / names[3]).read_bytes())
    changed[-2] ^= 1
    (folder / names[3]).write_bytes(changed)
    now = [file.fingerprint() for file in local_files(folder, names)]
    assert [before == after for before, after in zip(zipped, now, strict=True)].index(False) == 3


def test_a_folder_may_hold_the_zip_instead_of_the_files(
    archive: Path, names: list[str], tmp_path: Path
) -> None:
    (tmp_path / "downloads").mkdir()
    archive.rename(tmp_path / "downloads" / "archive.zip")
    files = local_files(tmp_path / "downloads", names)
    assert files[0].origin == f"zip {tmp_path / 'downloads' / 'archive.zip'}"


def test_content_is_compared_to_the_last_byte(
    folder: Path, archive: Path, names: list[str], tmp_path: Path
) -> None:
    original = (folder / names[0]).read_bytes()
    for other in (original + b"x", original[:-1], b"X" + original[1:]):
        (tmp_path / "other").write_bytes(other)
        for source in (folder, archive):
            file = next(file for file in local_files(source, names) if file.name == names[0])
            assert not file.has_content_of(tmp_path / "other")


def test_missing_files_are_named(folder: Path, names: list[str]) -> None:
    (folder / names[1]).unlink()
    (folder / names[4]).unlink()
    with pytest.raises(SourceError, match=f"lacks 2 of the nine files \\({names[1]}, {names[4]}\\)"):
        local_files(folder, names)


def test_several_zips_are_ambiguous(archive: Path, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    for name in ("a.zip", "b.zip"):
        (tmp_path / "two" / name).write_bytes(archive.read_bytes())
    with pytest.raises(SourceError, match=r"holds 2 zips: a.zip, b.zip"):
        local_files(tmp_path / "two", names)


def test_nothing_there(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no folder and no zip at .*\n.*make run DATA="):
        local_files(tmp_path / "nowhere", names)


def test_not_a_zip(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "page.zip").write_text("<html>Sign in</html>")
    with pytest.raises(SourceError, match=r"page\.zip is not a zip file"):
        local_files(tmp_path / "page.zip", names)


def test_a_zip_cut_short(archive: Path, names: list[str]) -> None:
    archive.write_bytes(archive.read_bytes()[:500])
    with pytest.raises(SourceError, match="is damaged: its end is missing"):
        local_files(archive, names)


def test_another_zip(
    folder: Path, names: list[str], tmp_path: Path, make_zip: Callable[[list[Path], Path], Path]
) -> None:
    other = make_zip([folder / names[0]], tmp_path / "other.zip")
    with pytest.raises(SourceError, match=r"is another zip than Olist's: it lacks 8 of the nine files"):
        zip_files(other, names)


def test_a_file_twice_in_a_zip(folder: Path, archive: Path, names: list[str]) -> None:
    with zipfile.ZipFile(archive, "a") as opened:
        opened.write(folder / names[0], f"copy/{names[0]}")
    with pytest.raises(SourceError, match="some of the files twice"):
        zip_files(archive, names)


def test_an_encrypted_zip(archive: Path, names: list[str]) -> None:
    raw = bytearray(archive.read_bytes())
    entry = raw.index(b"PK\x01\x02")  # the first entry of the directory; its flags are 8 bytes further on
    raw[entry + 8] |= 1
    archive.write_bytes(raw)
    with pytest.raises(SourceError, match="is encrypted"):
        zip_files(archive, names)


def test_a_zip_with_a_broken_byte_leaves_nothing_behind(
    archive: Path, names: list[str], tmp_path: Path
) -> None:
    raw = bytearray(archive.read_bytes())
    start = raw.index(b".csv") + 20  # inside the first file's compressed bytes
    raw[start] ^= 0xFF
    archive.write_bytes(raw)
    with pytest.raises(SourceError, match="is damaged"):
        check_archive(archive, names)
    with pytest.raises(SourceError, match="is damaged"):
        content(zip_files(archive, names), tmp_path / "target")
    assert not list((tmp_path / "target").glob("*"))


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def interrupted() -> None:
        with atomic_write(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]
    assert path.read_text() == "old"
