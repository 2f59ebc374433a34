"""The download from Kaggle, against a real HTTP server that behaves as Kaggle's does."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from olist_kedro.sources.kaggle import ARCHIVE, fetch_archive, has_credentials
from olist_kedro.sources.source import SourceError

KEY: dict[str, str | None] = {"username": "ana", "key": "secret"}


class FakeKaggle(ThreadingHTTPServer):
    """Answers a request for the dataset with a redirect to a file store, as Kaggle does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = b""
        self.bytes_sent: int | None = None
        self.status = 302
        self.requests: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    server: FakeKaggle

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, "key": self.headers["Authorization"], "body": body})
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/store/archive.zip")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content[: self.server.bytes_sent])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(autouse=True)
def no_key_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def kaggle(monkeypatch: pytest.MonkeyPatch, archive: Path) -> Iterator[FakeKaggle]:
    from kagglesdk import kaggle_env

    with FakeKaggle() as server:
        server.content = archive.read_bytes()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, endpoint)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_zip_arrives_whole_and_once(kaggle: FakeKaggle, names: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        archive = fetch_archive(tmp_path / "raw", KEY, names)
    assert archive.read_bytes() == kaggle.content
    assert [path.name for path in (tmp_path / "raw").iterdir()] == [ARCHIVE]
    (request,) = kaggle.requests
    assert request["path"] == "/v1/datasets.DatasetApiService/DownloadDataset"
    assert request["body"] == {"ownerSlug": "olistbr", "datasetSlug": "brazilian-ecommerce"}
    assert request["key"] == "Basic " + base64.b64encode(b"ana:secret").decode()


def test_a_token_will_do(kaggle: FakeKaggle, names: list[str], tmp_path: Path) -> None:
    fetch_archive(tmp_path / "raw", {"token": "t0ken"}, names)
    assert kaggle.requests[0]["key"] == "Bearer t0ken"


def test_the_key_of_kaggles_own_tools(
    kaggle: FakeKaggle, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not has_credentials({})
    monkeypatch.setenv("KAGGLE_USERNAME", "eva")
    assert not has_credentials({})
    monkeypatch.setenv("KAGGLE_KEY", "hers")
    assert has_credentials({})
    fetch_archive(tmp_path / "raw", {}, names)
    assert kaggle.requests[0]["key"] == "Basic " + base64.b64encode(b"eva:hers").decode()


@pytest.mark.parametrize(
    "place", [".kaggle/kaggle.json", ".kaggle/access_token", ".config/kaggle/kaggle.json"]
)
def test_key_files_are_seen(place: str, tmp_path: Path) -> None:
    (tmp_path / "home" / place).parent.mkdir(parents=True)
    (tmp_path / "home" / place).write_text("{}")
    assert has_credentials({})


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [(KEY, True), ({"token": "t"}, True), ({}, False), ({"username": None, "key": ""}, False)],
)
def test_the_projects_own_key(credentials: dict[str, str | None], expected: bool) -> None:
    assert has_credentials(credentials) is expected


def test_half_a_key(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="have username: they need username and key, or token"):
        fetch_archive(tmp_path, {"username": "ana"}, names)


def test_no_key_ends_with_a_message_and_not_the_process(
    names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "kaggle"]:
        monkeypatch.delitem(sys.modules, name)  # so that the import, too, finds no key
    with pytest.raises(SourceError, match="There is no Kaggle key that works: make a key"):
        fetch_archive(tmp_path / "raw", {}, names)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "does not accept the key"),
        (403, "does not accept the key"),
        (404, r"HTTP 404"),
        (500, "HTTP 500"),
    ],
)
def test_a_refusal_is_explained(
    kaggle: FakeKaggle, names: list[str], tmp_path: Path, status: int, message: str
) -> None:
    kaggle.status = status
    with pytest.raises(SourceError, match=message):
        fetch_archive(tmp_path / "raw", KEY, names)
    assert not list((tmp_path / "raw").iterdir())


def test_a_download_that_breaks_off_leaves_nothing(
    kaggle: FakeKaggle, names: list[str], tmp_path: Path
) -> None:
    kaggle.bytes_sent = len(kaggle.content) // 2
    with pytest.raises(SourceError, match=r"broke off.*\n.*Nothing was kept.*run again"):
        fetch_archive(tmp_path / "raw", KEY, names)
    assert not list((tmp_path / "raw").iterdir())

    kaggle.bytes_sent = None
    assert fetch_archive(tmp_path / "raw", KEY, names).exists()


def test_a_damaged_download_is_not_kept(kaggle: FakeKaggle, names: list[str], tmp_path: Path) -> None:
    kaggle.content = kaggle.content[:-400] + b"\0" * 400
    with pytest.raises(SourceError, match="damaged"):
        fetch_archive(tmp_path / "raw", KEY, names)
    assert not list((tmp_path / "raw").iterdir())


def test_an_interrupted_download_leaves_nothing(
    kaggle: FakeKaggle, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("olist_kedro.progress.Task.advance", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch_archive(tmp_path / "raw", KEY, names)
    assert not list((tmp_path / "raw").iterdir())


def test_kaggle_cannot_be_reached(names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kagglesdk import kaggle_env

    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="broke off"):
        fetch_archive(tmp_path / "raw", KEY, names)
