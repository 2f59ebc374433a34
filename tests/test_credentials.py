"""Key files go to conf/local unseen: the right kind only, readable by the owner alone, ignored by git."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from olist_kedro.cli import cli
from olist_kedro.credentials import CredentialsError, install, read_key, recognise
from olist_kedro.sources.choice import Sources

ROOT = Path(__file__).parents[1]
SECRET = "not-to-be-shown"
KAGGLE = {"username": "ana", "key": SECRET}
SERVICE_ACCOUNT = {
    "type": "service_account",
    "project_id": "a-project",
    "private_key_id": "1",
    "private_key": SECRET,
    "client_email": "a@b",
    "token_uri": "https://c",
}
LOGIN = {"type": "authorized_user", "client_id": "1", "client_secret": SECRET, "refresh_token": SECRET}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Kedro project in a git repository, with this project's .gitignore."""
    root = tmp_path / "project"
    (root / "conf/local").mkdir(parents=True)
    for name in (".gitignore", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def downloaded(tmp_path: Path) -> Path:
    return tmp_path / "downloaded.json"


def command(*arguments: Any) -> Result:
    result = CliRunner().invoke(cli, ["olist", "credentials", *map(str, arguments)])
    assert SECRET not in result.output
    return result


@pytest.mark.parametrize(
    ("content", "title", "file"),
    [
        (KAGGLE, "Kaggle key", "kaggle.json"),
        (SERVICE_ACCOUNT, "Google service-account key", "google_credentials.json"),
        (LOGIN, "Google login", "google_credentials.json"),
    ],
)
def test_key_is_put_into_place_for_its_owner_alone(
    content: dict[str, str], title: str, file: str, project: Path, downloaded: Path
) -> None:
    downloaded.write_text(json.dumps(content))

    result = command(downloaded)

    assert result.exit_code == 0
    assert result.output.startswith(
        f"The {title} is in conf/local/{file}, which only you can read.\ngit ignores"
    )
    target = project / "conf/local" / file
    assert json.loads(target.read_text()) == content
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == [file]


def test_key_is_never_readable_by_others(
    project: Path, downloaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Look at the file at the moment before it gets its name, under a umask that allows everything."""
    modes = []

    def replace(self: Path, target: Path) -> Path:
        modes.append(stat.S_IMODE(self.stat().st_mode))
        return self.rename(target)

    monkeypatch.setattr(Path, "replace", replace)
    downloaded.write_text(json.dumps(KAGGLE))
    before = os.umask(0)
    try:
        install(downloaded, project)
    finally:
        os.umask(before)

    assert modes == [0o600]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{SECRET} is no JSON", "It is not JSON."),
        (f'["{SECRET}"]', "It is JSON, but no key."),
        (json.dumps({"password": SECRET}), "It is JSON, but no key that this project uses."),
        (json.dumps({"username": "ana"}), "It looks like a Kaggle key, but lacks key."),
        (json.dumps(KAGGLE | {"key": ""}), "It looks like a Kaggle key, but lacks key."),
        (
            json.dumps({"type": "service_account", "private_key": SECRET}),
            "It looks like a Google service-account key, but lacks project_id, private_key_id, client_email, "
            "token_uri.",
        ),
        (json.dumps({"installed": {"client_secret": SECRET}}), "It is the secret of an OAuth client"),
    ],
)
def test_anything_else_is_refused(content: str, message: str, project: Path, downloaded: Path) -> None:
    downloaded.write_text(content)

    result = command(downloaded)

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {downloaded} was not taken. {message}")
    assert list((project / "conf/local").iterdir()) == []


def test_no_error_carries_the_content() -> None:
    with pytest.raises(CredentialsError) as raised:
        recognise(SECRET.encode())

    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_file_that_is_not_there(project: Path, downloaded: Path) -> None:
    assert command(downloaded).output == f"Error: {downloaded} cannot be read: No such file or directory.\n"


def test_another_key_is_replaced_by_force_only(project: Path, downloaded: Path) -> None:
    target = project / "conf/local/kaggle.json"
    downloaded.write_text(json.dumps(KAGGLE))
    command(downloaded)
    target.chmod(0o644)
    assert command(downloaded).output.startswith("The Kaggle key was already in conf/local/kaggle.json")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600

    downloaded.write_text(json.dumps(KAGGLE | {"username": "eva"}))
    refused = command(downloaded)
    assert (refused.exit_code, read_key(target)["username"]) == (1, "ana")
    assert "holds another key, and was left as it is.\nReplace it with `--force`" in refused.output

    assert command(downloaded, "--force").exit_code == 0
    assert read_key(target)["username"] == "eva"


@pytest.mark.parametrize("how", ["no line in .gitignore", "known to git already"])
def test_key_that_git_would_commit_is_refused(how: str, project: Path, downloaded: Path) -> None:
    if how == "known to git already":
        (project / "conf/local/kaggle.json").write_text("{}")
        subprocess.run(["git", "add", "--force", "conf/local/kaggle.json"], check=True)
    else:
        (project / ".gitignore").write_text("")
    downloaded.write_text(json.dumps(KAGGLE))

    result = command(downloaded, "--force")

    assert result.exit_code == 1
    assert "git does not ignore" in result.output
    assert read_text(project / "conf/local/kaggle.json") in ("", "{}")


def test_without_git_it_says_so(project: Path, downloaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    downloaded.write_text(json.dumps(KAGGLE))
    monkeypatch.setenv("PATH", "")

    result = command(downloaded)

    assert result.exit_code == 0
    assert "git could not be asked whether it ignores that file" in result.output


def test_it_says_where_the_key_still_lies_open(project: Path, downloaded: Path) -> None:
    downloaded.write_text(json.dumps(KAGGLE))
    downloaded.chmod(0o644)
    assert f"delete it: rm {downloaded}\n" in command(downloaded).output
    downloaded.chmod(0o600)
    assert "delete it" not in command(downloaded).output
    in_downloads = project / "Downloads/kaggle.json"
    in_downloads.parent.mkdir()
    shutil.copy(downloaded, in_downloads)
    assert "delete it" in command(in_downloads).output


def test_kaggle_source_finds_the_key(project: Path, downloaded: Path) -> None:
    path = project / "conf/local/kaggle.json"
    assert Sources(project, {}, path).kaggle_key() == {}
    downloaded.write_text(json.dumps(KAGGLE))
    command(downloaded)
    assert Sources(project, {}, path).kaggle_key() == KAGGLE
    assert Sources(project, {"token": "t"}, path).kaggle_key() == {"token": "t"}
    path.write_text("{}")
    with pytest.raises(CredentialsError, match=r"kaggle\.json cannot be used. It is JSON, but no key that"):
        Sources(project, {}, path).kaggle_key()


def read_text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
