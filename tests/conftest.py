"""What the tests of several folders share."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from kedro.framework.project import settings
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from olist_kedro.datasets.warehouse import disconnect

ROOT = Path(__file__).parents[1]
SAMPLE = {"ingestion": {"synthetic": {"orders": 3_000}}}


class Project:
    """A copy of the project in a folder of its own: no test writes into the real one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def new(cls, path: Path) -> Project:
        for name in ("conf", "dbt"):
            ignored = shutil.ignore_patterns("target", "logs", "local")
            shutil.copytree(ROOT / name, path / name, ignore=ignored)
        (path / "conf/local").mkdir()
        for name in ("pyproject.toml", ".telemetry"):
            shutil.copy(ROOT / name, path)
        (path / "src").mkdir()  # the installed package is used
        return cls(path)

    def session(self, env: str | None = None, params: dict[str, Any] | None = None) -> KedroSession:
        bootstrap_project(self.path)
        return settings.SESSION_CLASS.create(project_path=self.path, env=env, runtime_params=params)

    def run(
        self, *pipelines: str, env: str | None = None, params: dict[str, Any] | None = None, **selection: Any
    ) -> dict[str, Any]:
        with self.session(env, params) as session:
            return session.run(pipeline_names=list(pipelines) or None, runner=SequentialRunner(), **selection)

    def catalog(self, env: str | None = None) -> Any:
        return self.session(env).load_context().catalog


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A real browser; tests that ask for it are skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("there is no chromium and chromedriver on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "disable-sync",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "window-size=1800,1200",
        f"user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(f"--{argument}")
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Project]]:
    """Return a function that makes a new copy of the project."""
    yield lambda: Project.new(tmp_path_factory.mktemp("project"))
    disconnect()


@pytest.fixture(scope="session")
def make_sample(
    make_project: Callable[[], Project], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Project]:
    """Return a function that makes a project as it is after `kedro run --env sample` on a few orders.

    That run happens once, also where several processes share the tests; what is handed out are copies.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    finished = shared / "sample"
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            project = make_project()
            with chdir(project.path):  # Kedro-Viz's hooks write where the command is typed
                project.run(env="sample", params=SAMPLE)
            disconnect()  # else the warehouse's file would not hold everything
            project.path.rename(finished)

    def copy() -> Project:
        path = tmp_path_factory.mktemp("sample")
        shutil.copytree(finished, path, dirs_exist_ok=True)
        return Project(path)

    return copy
