"""What is put into the folder of raw files, and what is never overwritten there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from olist_kedro.sources.generated import GeneratedFile, Generator
from olist_kedro.sources.local import LocalFile, local_files
from olist_kedro.sources.source import SourceError
from olist_kedro.sources.staging import RECORD, RawCSV, stage, staged_csv, staged_origins


def generated(content: bytes, seed: int = 1) -> GeneratedFile:
    generator = Generator(orders=1, seed=seed)
    generator.__dict__["files"] = {"orders": content}  # as if generated already
    return GeneratedFile("orders.csv", f"synthetic, seed {seed}", True, "orders", generator)


def test_a_staged_file_remembers_its_source(tmp_path: Path) -> None:
    stage(generated(b"a,b\n"), tmp_path / "raw/orders.csv")
    assert staged_csv(tmp_path / "raw/orders.csv") == RawCSV(
        tmp_path / "raw/orders.csv", "synthetic, seed 1", True
    )


def test_an_unchanged_file_is_not_fetched_again(folder: Path, names: list[str], tmp_path: Path) -> None:
    (file, *_) = local_files(folder, names)
    target = tmp_path / "raw" / file.name
    stage(file, target)
    before = target.stat()
    stage(file, target)
    assert target.stat() == before

    (folder / file.name).write_text("new")
    stage(file, target)
    assert target.read_text() == "new"


def test_an_unchanged_file_from_elsewhere_only_changes_the_record(
    folder: Path, archive: Path, names: list[str], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.zip"
    copy.write_bytes(archive.read_bytes())
    target = tmp_path / "raw" / names[0]
    for path in (archive, copy):
        file = next(file for file in local_files(path, names) if file.name == names[0])
        stage(file, target)
        before = target.stat().st_ino
        assert staged_origins(target.parent, names) == {f"zip {path}"}
    assert target.stat().st_ino == before


def test_a_file_in_place_stays(folder: Path, names: list[str]) -> None:
    for file in local_files(folder, names):
        stage(file, folder / file.name)
    assert not (folder / RECORD).exists()
    assert staged_csv(folder / names[0]) == RawCSV(folder / names[0], f"folder {folder}", False)


def test_a_file_put_there_by_hand_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("mine")
    with pytest.raises(SourceError, match=r"differs from the one in the synthetic, seed 1.*\n.*Move it away"):
        stage(generated(b"generated"), tmp_path / "orders.csv")
    assert (tmp_path / "orders.csv").read_text() == "mine"

    stage(generated(b"mine"), tmp_path / "orders.csv")
    assert not staged_csv(tmp_path / "orders.csv").is_synthetic


def test_a_staged_file_changed_by_hand_is_not_overwritten(tmp_path: Path) -> None:
    stage(generated(b"generated"), tmp_path / "orders.csv")
    (tmp_path / "orders.csv").write_text("mended by hand")
    with pytest.raises(SourceError, match="changed by hand"):
        stage(generated(b"another", seed=2), tmp_path / "orders.csv")
    assert staged_csv(tmp_path / "orders.csv").origin == f"folder {tmp_path}"
    assert staged_origins(tmp_path, ["orders.csv"]) == set()


def test_generated_files_are_replaced_by_others(tmp_path: Path) -> None:
    stage(generated(b"one", seed=1), tmp_path / "orders.csv")
    stage(generated(b"two", seed=2), tmp_path / "orders.csv")
    assert (tmp_path / "orders.csv").read_bytes() == b"two"
    assert json.loads((tmp_path / RECORD).read_text())["orders.csv"]["origin"] == "synthetic, seed 2"


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text("{")
    with pytest.raises(SourceError, match="is damaged"):
        stage(generated(b"one"), tmp_path / "orders.csv")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist yet"):
        staged_csv(tmp_path / "orders.csv")


def test_lines_and_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    csv = RawCSV(path, "", False)
    for text, lines in (("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ('a\r\n"b\nc"\r\n', 3)):
        path.write_bytes(text.encode())
        assert csv.count_lines() == lines
    path.write_bytes('\ufeff"a","b ""c"""\n1,2\n'.encode())
    assert csv.header() == ["a", 'b "c"']
    path.write_bytes(b"")
    assert csv.header() == []
    assert csv.sha256() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_local_identity_follows_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one")
    file = LocalFile("a.csv", "", False, tmp_path / "a.csv")
    before = file.identity
    (tmp_path / "a.csv").write_text("three")
    assert file.identity != before
