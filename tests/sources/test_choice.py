"""Which source is taken, and what is said when none can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from olist_kedro.contracts import Contracts
from olist_kedro.sources import kaggle
from olist_kedro.sources.choice import Sources
from olist_kedro.sources.source import SourceError, SourceFile
from olist_kedro.sources.staging import stage


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def choose(
    sources: Sources, contracts: Contracts, source: str = "auto", path: str | None = None
) -> list[SourceFile]:
    return list(sources.choose(source, path, orders=5, seed=1, contracts=contracts).values())


def stage_all(files: list[SourceFile], folder: Path) -> None:
    for file in files:
        stage(file, folder / file.name)


def test_no_data_and_no_key_names_three_ways_on(contracts: Contracts, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        choose(Sources(tmp_path / "data/01_raw"), contracts)
    for way in (
        str(tmp_path / "data/01_raw"),
        "make run DATA=",
        "kaggle.com/settings",
        "kedro run --env sample",
    ):
        assert way in str(error.value)


def test_kaggle_without_a_key(contracts: Contracts, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no Kaggle key: make a key"):
        choose(Sources(tmp_path), contracts, "kaggle")


def test_auto_takes_the_projects_own_files(folder: Path, contracts: Contracts) -> None:
    files = choose(Sources(folder), contracts)
    assert [file.name for file in files] == [contract.file for contract in contracts.values()]
    assert {file.origin for file in files} == {f"folder {folder}"}


def test_auto_does_not_fall_back_where_files_are_missing(folder: Path, contracts: Contracts) -> None:
    (folder / contracts["sellers"].file).unlink()
    with pytest.raises(SourceError, match=r"lacks 1 of the nine files \(olist_sellers_dataset.csv\)"):
        choose(Sources(folder, {"username": "u", "key": "k"}), contracts)


def test_auto_asks_kaggle_where_there_is_a_key(
    archive: Path, contracts: Contracts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kaggle, "fetch_archive", lambda folder, credentials, names: archive)
    files = choose(Sources(tmp_path / "raw", {"username": "u", "key": "k"}), contracts)
    assert files[0].origin == f"zip {archive}"


def test_a_path_may_be_relative_or_start_at_home(
    folder: Path, contracts: Contracts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in ("csvs", "~/csvs", str(folder)):
        for source in ("auto", "local"):
            assert choose(Sources(tmp_path / "raw"), contracts, source, path)[0].origin == f"folder {folder}"


def test_synthetic_files_are_generated_when_read(contracts: Contracts, tmp_path: Path) -> None:
    files = choose(Sources(tmp_path), contracts, "synthetic")
    assert all(file.is_synthetic for file in files)
    assert {file.origin for file in files} == {"synthetic, 5 orders, seed 1"}
    assert "orders 5 seed 1" in files[0].identity
    orders = next(file for file in files if file.name == "olist_orders_dataset.csv")
    with orders.open() as opened:
        assert len(opened.read().splitlines()) == 1 + 5


def test_synthetic_files_stay_synthetic_when_read_again(contracts: Contracts, tmp_path: Path) -> None:
    sources = Sources(tmp_path / "raw")
    stage_all(choose(sources, contracts, "synthetic"), tmp_path / "raw")
    assert len(choose(sources, contracts)) == 9


def test_a_newer_zip_beside_the_files_unpacked_from_it_is_noticed(
    folder: Path, archive: Path, contracts: Contracts, tmp_path: Path
) -> None:
    sources = Sources(tmp_path / "raw")
    (tmp_path / "raw").mkdir()
    archive.rename(tmp_path / "raw/archive.zip")
    stage_all(choose(sources, contracts), tmp_path / "raw")
    again = choose(sources, contracts)
    assert {file.origin for file in again} == {f"zip {tmp_path / 'raw/archive.zip'}"}


def test_files_of_two_sources_are_not_mixed(
    folder: Path, archive: Path, contracts: Contracts, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    sources = Sources(raw)
    stage_all(choose(sources, contracts, "local", str(archive)), raw)
    (folder / contracts["customers"].file).write_text("newer")
    stage_all(choose(sources, contracts, "local", str(folder))[:1], raw)  # as if interrupted after one file
    with pytest.raises(SourceError, match=r"come from different sources: folder .*; zip "):
        choose(sources, contracts)


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(Sources(Path("raw"), {"username": "u", "key": "secret"}))
