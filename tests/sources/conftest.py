"""Nine tiny files, in a folder and in a zip."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from olist_kedro.contracts import Contracts, parse_contracts

CONTRACTS = Path(__file__).parents[2] / "conf/base/parameters_contracts.yml"


@pytest.fixture(scope="session")
def contracts() -> Contracts:
    return parse_contracts(yaml.safe_load(CONTRACTS.read_text(encoding="utf-8"))["contracts"])


@pytest.fixture(scope="session")
def names(contracts: Contracts) -> list[str]:
    return [contract.file for contract in contracts.values()]


@pytest.fixture
def folder(tmp_path: Path, names: list[str]) -> Path:
    path = tmp_path / "csvs"
    path.mkdir()
    for name in names:
        (path / name).write_bytes(f"content of {name}\n".encode() * 1000)
    return path


@pytest.fixture
def archive(tmp_path: Path, folder: Path) -> Path:
    return _zip(sorted(folder.iterdir()), tmp_path / "archive.zip", inside="archive/")


@pytest.fixture(scope="session")
def make_zip() -> Callable[[list[Path], Path], Path]:
    return _zip


def _zip(files: list[Path], path: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for file in files:
            opened.write(file, inside + file.name)
        opened.writestr(f"__MACOSX/{inside}._{files[0].name}", "a resource fork")
    return path
