"""The emulator, started and stopped by the tests, and projects that work on it.

`make test-bigquery` names the Python that has the emulator; without it nothing here is collected.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from olist_kedro.datasets.bigquery import client

PYTHON = os.environ.get("OLIST_EMULATOR_PYTHON", "")
collect_ignore_glob = [] if PYTHON else ["test_*.py"]

PROJECT = "a-project"
SECONDS_TO_START = 120
SYNTHETIC = {"ingestion": {"source": "synthetic", "synthetic": {"orders": 800}}}
# A user's login that needs no server: it has a token, which is valid for long.
LOGIN = {
    "type": "authorized_user",
    "client_id": "none",
    "client_secret": "none",
    "refresh_token": "none",
    "token": "none",
    "expiry": "2999-01-01T00:00:00Z",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Server:
    """A server on loopback in a process of its own."""

    def __init__(self, folder: Path, *command: str, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._command = [word.replace("{port}", str(self.port)) for word in command]
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=self.folder, env={**os.environ, **self._variables}
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        log_text = (self.folder / "server.log").read_text(errors="replace")
        pytest.fail(f"{self._command} did not start:\n{log_text[-2000:]}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Emulator(Server):
    """BigQuery's emulator; it keeps its data when it is killed, and can be told to fail."""

    def __init__(self, folder: Path, buckets: Path) -> None:
        self.buckets = buckets
        script = Path(__file__).with_name("emulator.py")
        # It reads from buckets by an extension of DuckDB that it would download; so it reads their files.
        super().__init__(folder, PYTHON, str(script), "{port}", str(folder), GCS_LOCAL_ROOT=str(buckets))

    def fault(self, job: str, then: str, times: int = 1) -> None:
        """Let jobs whose configuration holds the pattern go wrong; see `emulator.py`."""
        (self.folder / "fault.json").write_text(json.dumps({"job": job, "then": then, "times": times}))

    def restart(self) -> None:
        self.stop()
        (self.folder / "fault.json").unlink(missing_ok=True)
        self.start()


@pytest.fixture(scope="session")
def bucket_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An emulator of Google Cloud Storage, which that of BigQuery reads from."""
    program = Path(PYTHON).with_name("gcp-storage-emulator")
    server = Server(
        tmp_path_factory.mktemp("storage"),
        *(str(program), "start", "--host", "127.0.0.1", "--port", "{port}"),
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def emulator(bucket_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """BigQuery on loopback, and the settings that lead Google's clients to it."""
    login = tmp_path_factory.mktemp("login") / "login.json"
    login.write_text(json.dumps(LOGIN))
    server = Emulator(tmp_path_factory.mktemp("bigquery"), bucket_server.folder / ".cloudstorage")
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "GCS_BUCKET_NAME",
            "BQ_DATASET_PREFIX",
            "BQ_DATASET_LOCATION",
            "BQ_MAXIMUM_BYTES_BILLED",
        ):
            patch.delenv(name, raising=False)
        patch.setenv("BIGQUERY_EMULATOR_HOST", server.address)
        patch.setenv("STORAGE_EMULATOR_HOST", bucket_server.address)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(login))
        patch.setenv("GCP_PROJECT_ID", PROJECT)
        server.start()
        # The hidden dataset of query results, where Ibis puts what it uploads: Google always has it.
        client({"project_id": PROJECT, "location": "US"}).create_dataset("_results")
        yield server
        server.stop()


@pytest.fixture(scope="session")
def built(emulator: Emulator, make_project: Callable[[], Any], still_clock: None) -> Any:
    """One project, run on DuckDB and on BigQuery from the same generated files."""
    project = make_project()
    with chdir(project.path):  # Kedro-Viz's hooks write where the command is typed
        project.run(params=SYNTHETIC)
        project.run(env="bigquery", params=SYNTHETIC)
    return project


@pytest.fixture(scope="session")
def still_clock() -> Iterator[None]:
    """Both engines' runs at the same second."""
    from olist_kedro.pipelines.ingestion import nodes as ingestion
    from olist_kedro.pipelines.scoring import nodes as scoring
    from olist_kedro.pipelines.som_kmeans import publication

    class Clock(ingestion.datetime):  # type: ignore[misc, name-defined]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

    with pytest.MonkeyPatch.context() as patch:
        for module in (ingestion, publication, scoring):
            patch.setattr(module, "datetime", Clock)
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's clients try again for ten minutes; where nobody will answer, a few seconds do."""
    from google.api_core.retry import Retry
    from google.cloud.bigquery import retry
    from google.resumable_media.common import RetryStrategy

    for policy in vars(retry).values():
        if isinstance(policy, Retry):
            monkeypatch.setattr(policy, "_timeout", 3.0)
    monkeypatch.setattr("olist_kedro.datasets.bigquery.SECONDS_TO_REACH", 2.0)
    monkeypatch.setattr(RetryStrategy, "retry_allowed", lambda self, slept, tries: slept < 2.0)


@pytest.fixture
def copy_of_built(built: Any, make_project: Callable[[], Any]) -> Any:
    """A new project with the raw files of the one that is built."""
    project = make_project()
    shutil.copytree(built.path / "data/01_raw", project.path / "data/01_raw")
    return project
