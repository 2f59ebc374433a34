"""The datasets of the raw files, through the interface that Kedro uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from kedro.io import DataCatalog, DatasetError

from olist_kedro.datasets.raw_csv import RawCSVDataset, RawSources
from olist_kedro.sources.local import LocalFile
from olist_kedro.sources.staging import RawCSV


@pytest.fixture
def catalog(tmp_path: Path) -> DataCatalog:
    return DataCatalog.from_config(
        {
            "raw_sources": {
                "type": "olist_kedro.datasets.raw_csv.RawSources",
                "filepath": str(tmp_path / "01_raw"),
                "credentials": "kaggle",
            },
            "csv_states": {
                "type": "olist_kedro.datasets.raw_csv.RawCSVDataset",
                "filepath": str(tmp_path / "01_raw/states.csv"),
            },
        },
        credentials={"kaggle": {"username": "ana", "key": "secret"}},
    )


def test_sources_get_the_folder_and_the_key(catalog: DataCatalog, tmp_path: Path) -> None:
    sources = catalog.load("raw_sources")
    assert sources.folder == tmp_path / "01_raw"
    assert sources.credentials == {"username": "ana", "key": "secret"}
    assert "secret" not in str(catalog.get("raw_sources"))


def test_sources_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="read-only"):
        RawSources(filepath=str(tmp_path)).save("anything")  # type: ignore[arg-type]


def test_saving_fetches_and_loading_reads_nothing(catalog: DataCatalog, tmp_path: Path) -> None:
    (tmp_path / "states.csv").write_text("state\nSP\n")
    assert not catalog.exists("csv_states")
    catalog.save("csv_states", LocalFile("states.csv", "a folder", False, tmp_path / "states.csv"))
    assert catalog.exists("csv_states")
    assert catalog.load("csv_states") == RawCSV(tmp_path / "01_raw/states.csv", "a folder", False)


def test_the_preview_shows_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "states.csv"
    dataset = RawCSVDataset(filepath=str(path))
    assert dataset.preview() == {}
    path.write_bytes(b"")
    assert dataset.preview() == {}
    rows = "".join(f'{number},"a\nb"\n' for number in range(50))
    path.write_text("\ufeffnumber,text\n" + rows, encoding="utf-8")
    preview = dataset.preview()
    assert preview["columns"] == ["number", "text"]
    assert preview["data"] == [[str(number), "a\nb"] for number in range(10)]
