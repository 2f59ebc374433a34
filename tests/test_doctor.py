"""The doctor finds what is wrong with a set-up, one thing at a time, and says what to do about it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project

from olist_kedro import doctor
from olist_kedro.cli import cli
from olist_kedro.doctor import Setup, examine

HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


@pytest.fixture(autouse=True)
def nothing_from_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "GCP_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def root(make_project: Callable[[], Any]) -> Path:
    path: Path = make_project().path
    bootstrap_project(path)
    return path


def told(root: Path, env: str | None = "sample") -> list[tuple[str, str]]:
    return [(finding.state, finding.what) for finding in examine(Setup(root, env))]


def problems(root: Path, env: str | None = "sample") -> list[tuple[str, str]]:
    return [(f.what, f.advice) for f in examine(Setup(root, env)) if f.state == "problem"]


def test_sample_needs_nothing(root: Path) -> None:
    findings = told(root)

    assert [state for state, _ in findings] == ["ok"] * 6 + ["hint", "ok"]
    assert findings[0] == ("ok", f"Python {'.'.join(map(str, sys.version_info[:3]))}")
    assert findings[4:] == [
        ("ok", "configuration: conf/base and conf/sample"),
        ("ok", "raw data: 9 files from synthetic, 10,000 orders, seed 42"),
        ("hint", "Kaggle key: none; it is needed only to fetch the data"),
        ("ok", "warehouse: the first run makes data/sample/03_primary/olist.duckdb"),
    ]
    assert not (root / "data").exists()


def test_project_without_data(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ((what, advice),) = problems(root, None)
    assert what.startswith(f"There are no Olist files in {root}/data/01_raw, and there is no Kaggle key.")
    assert "kedro olist credentials" in advice

    monkeypatch.setenv("KAGGLE_USERNAME", "ana")
    monkeypatch.setenv("KAGGLE_KEY", "hers")
    assert ("ok", "raw data: the first run fetches it from Kaggle") in told(root, None)
    assert ("ok", "Kaggle key: there is one (Kaggle was not asked)") in told(root, None)


def test_key_of_kaggle(root: Path) -> None:
    key = root / "conf/local/kaggle.json"
    key.write_text('{"username": "ana", "key": "hers"}')
    key.chmod(0o644)
    assert problems(root) == [(f"Kaggle key: others can read {key}", f"chmod 600 {key}")]
    key.chmod(0o600)
    assert problems(root) == []
    key.write_text("{}")
    ((what, advice),) = problems(root)
    assert what.startswith(f"{key} cannot be used. It is JSON, but no key that this project uses.")
    assert advice == "Replace it (`kedro olist credentials <file> --force`) or delete it."


@pytest.mark.parametrize(
    ("asked", "instead", "message", "remedy"),
    [
        ('"duckdb>=1.5,<2"', '"duckdb>=99"', f"packages: duckdb is {duckdb.__version__}, not >=99", "-e ."),
        ('"minisom~=2.3"', '"no-such-thing"', "packages: no-such-thing is not installed", "-e ."),
        (">=3.11,<3.14", "<3.5", "the project needs <3.5", "`make clean`, then `make run`"),
    ],
)
def test_what_is_installed(asked: str, instead: str, message: str, remedy: str, root: Path) -> None:
    pyproject = root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace(asked, instead))

    ((what, advice),) = problems(root)

    assert message in what
    assert remedy in advice


def test_disk_that_is_full(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_SPACE", 1 << 60)

    ((what, advice),) = problems(root)

    assert what.endswith(" GiB free")
    assert advice == "Free some space: a run may need 1.07374e+09 GiB."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_may_not_be_written_to(root: Path) -> None:
    (root / "dbt").chmod(0o500)
    try:
        assert problems(root) == [
            ("folders: dbt may not be written to", "Give yourself the right to: chmod -R u+rwX dbt")
        ]
    finally:
        (root / "dbt").chmod(0o700)


def test_configuration_that_cannot_be_read(root: Path) -> None:
    (root / "conf/sample/globals.yml").write_text("data: [")
    ((what, advice),) = problems(root)
    assert what.startswith(f"configuration: Invalid YAML or JSON file {root}/conf/sample/globals.yml")
    assert advice == "Mend that file in conf."


def test_environment_that_is_not_there(root: Path) -> None:
    ((what, _),) = problems(root, "smaple")
    assert "smaple" in what


@pytest.fixture
def warehouse(root: Path) -> Iterator[Path]:
    path = root / "data/sample/03_primary/olist.duckdb"
    path.parent.mkdir(parents=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create table marts.dim_date as select 1 as date_id")
    yield path


def test_warehouse_that_is_there(root: Path, warehouse: Path) -> None:
    assert told(root)[-1] == (
        "ok",
        "warehouse: data/sample/03_primary/olist.duckdb opens, with 1 tables in marts",
    )
    with duckdb.connect(str(warehouse)) as connection:  # it is not held open
        assert connection.execute("from marts.dim_date").fetchall() == [(1,)]


def test_warehouse_in_use(root: Path, warehouse: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        ((what, advice),) = problems(root)
        other.communicate()

    assert what == f"The warehouse {warehouse} is open in another program."
    assert advice.startswith("DuckDB lets only one program in at a time")


def test_bigquery_without_a_project(root: Path) -> None:
    ((what, advice),) = problems(root, "bigquery")

    assert what == "The setting GCP_PROJECT_ID is missing."
    assert "export GCP_PROJECT_ID=..." in advice


def test_exit_code_tells(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)

    well = CliRunner().invoke(cli, ["olist", "doctor", "--env", "sample"])
    ill = CliRunner().invoke(cli, ["olist", "doctor"])

    assert (well.exit_code, ill.exit_code) == (0, 1)
    assert well.output.endswith("All is well: kedro run --env sample\n")
    assert ill.output.endswith("Error: 1 to mend. What builds on a problem was not looked at.\n")
    assert "problem  There are no Olist files in" in ill.output
