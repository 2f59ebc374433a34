"""A JSON file that may not be there yet."""

from __future__ import annotations

from pathlib import Path

from olist_kedro.datasets import OptionalJSONDataset


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert OptionalJSONDataset(filepath=str(tmp_path / "drift.json")).load() == {}


def test_a_file_that_is_there_is_read(tmp_path: Path) -> None:
    dataset = OptionalJSONDataset(filepath=str(tmp_path / "drift.json"))
    dataset.save({"psi": 0.1})

    assert dataset.load() == {"psi": 0.1}
