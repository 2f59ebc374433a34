"""What an installed package holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    build = "from setuptools.build_meta import build_wheel; print(build_wheel('dist'))"
    (folder / "dist").mkdir()
    subprocess.run([sys.executable, "-c", build], cwd=folder, capture_output=True, check=True)
    (path,) = (folder / "dist").glob("*.whl")
    with ZipFile(path) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(wheel: set[str]) -> None:
    package = ROOT / "src/olist_kedro"
    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}

    assert {f"olist_kedro/{path.relative_to(package).as_posix()}" for path in files} <= wheel
    assert "olist_kedro/report/templates/report.html" in wheel
