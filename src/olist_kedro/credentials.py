"""Key files in conf/local: what kind each is, and how it gets there unseen by git and by other users."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olist_kedro.errors import OlistError

FOLDER = Path("conf/local")
KAGGLE_FILE = "kaggle.json"
GOOGLE_FILE = "google_credentials.json"
OTHERS = stat.S_IRWXG | stat.S_IRWXO  # the rights of everybody but the owner
LARGEST = 100_000  # bytes; a key has less than 3,000


class CredentialsError(OlistError):
    """A file is no key that this project uses, or it cannot be put where it would be safe."""


@dataclass(frozen=True)
class Kind:
    """A kind of key file.

    Attributes:
        title: What it is called.
        file: Its name in conf/local.
        fields: What it must hold, as texts or mappings that are not empty.
    """

    title: str
    file: str
    fields: tuple[str, ...]


KAGGLE = Kind("Kaggle key", KAGGLE_FILE, ("username", "key"))
# By the `type` that the file itself states: https://cloud.google.com/docs/authentication
GOOGLE = {
    "service_account": Kind(
        "Google service-account key",
        GOOGLE_FILE,
        ("project_id", "private_key_id", "private_key", "client_email", "token_uri"),
    ),
    "authorized_user": Kind("Google login", GOOGLE_FILE, ("client_id", "client_secret", "refresh_token")),
    "impersonated_service_account": Kind(
        "Google login that impersonates a service account",
        GOOGLE_FILE,
        ("service_account_impersonation_url", "source_credentials"),
    ),
    "external_account": Kind(
        "Google workload identity",
        GOOGLE_FILE,
        ("audience", "subject_token_type", "token_url", "credential_source"),
    ),
    "external_account_authorized_user": Kind(
        "Google login by workforce identity",
        GOOGLE_FILE,
        ("audience", "client_id", "client_secret", "refresh_token", "token_url"),
    ),
}


def recognise(content: bytes) -> Kind:
    """Say what kind of key a file holds. No message tells any of its content but the names of its fields.

    Raises:
        CredentialsError: It is not JSON, no key at all, or one that lacks a field.
    """
    try:
        data = json.loads(content)
    except ValueError:
        # Without the cause: a JSON error carries the whole text.
        raise CredentialsError(f"It is not JSON. {_WANTED}") from None
    if not isinstance(data, dict):
        raise CredentialsError(f"It is JSON, but no key. {_WANTED}")
    if {"installed", "web"} & data.keys():
        raise CredentialsError(
            "It is the secret of an OAuth client, which lets nobody in by itself. Use a service-account key, "
            "or log in with `gcloud auth application-default login`, which needs no file here."
        )
    kind = GOOGLE.get(str(data.get("type")))
    if kind is None and data.keys() & KAGGLE.fields:
        kind = KAGGLE
    if kind is None:
        raise CredentialsError(f"It is JSON, but no key that this project uses. {_WANTED}")
    missing = _missing(data, kind.fields)
    if missing:
        raise CredentialsError(
            f"It looks like a {kind.title}, but lacks {', '.join(missing)}. Get the file anew."
        )
    return kind


@dataclass(frozen=True)
class Installed:
    """What :func:`install` did.

    Attributes:
        kind: The kind of key.
        target: Where it is now.
        changed: False where the same key was there already.
        ignored: Whether git ignores the target; None where git could not be asked.
        exposed: Whether the file that it came from is still there where others can get at it.
    """

    kind: Kind
    target: Path
    changed: bool
    ignored: bool | None
    exposed: bool


def install(source: Path, root: Path, *, force: bool = False) -> Installed:
    """Copy a key file to conf/local, readable by its owner alone from the first moment.

    Args:
        source: The file as Kaggle or Google delivers it.
        root: Folder of the Kedro project.
        force: Whether another key may be replaced.

    Raises:
        CredentialsError: The file cannot be read or is no key, git would commit the copy, or another key is
            there.
    """
    content = _read(source)
    try:
        kind = recognise(content)
    except CredentialsError as error:
        raise CredentialsError(f"{source} was not taken. {error}") from None
    target = root / FOLDER / kind.file
    ignored = is_ignored(target, root)
    if ignored is False:
        raise CredentialsError(
            f"git does not ignore {target}, so the key could be committed: nothing was copied.\n"
            "Put the line conf/local/** into .gitignore and try again (if git knows the file already: "
            f"`git rm --cached {FOLDER / kind.file}`, and make a new key)."
        )
    same = target.is_file() and target.read_bytes() == content
    if target.exists() and not same and not force:
        raise CredentialsError(
            f"{target} holds another key, and was left as it is.\nReplace it with `--force`, or move it away."
        )
    _write(target, content)
    return Installed(kind, target, not same, ignored, _is_exposed(source, target))


def is_ignored(path: Path, root: Path) -> bool | None:
    """Ask git whether it ignores a file; None where there is no git or no repository."""
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(
        [git, "check-ignore", "--quiet", str(path)], cwd=root, capture_output=True, check=False
    )
    return {0: True, 1: False}.get(done.returncode)


def read_key(path: Path) -> dict[str, Any]:
    """Return the fields of a key file in conf/local; none where there is no such file.

    Raises:
        CredentialsError: It is no key.
    """
    if not path.is_file():
        return {}
    content = _read(path)
    try:
        fields = recognise(content).fields
    except CredentialsError as error:
        raise CredentialsError(
            f"{path} cannot be used. {error}\n"
            "Replace it (`kedro olist credentials <file> --force`) or delete it."
        ) from None
    data = json.loads(content)
    return {name: data[name] for name in fields}


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise CredentialsError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise CredentialsError(f"{path} was not taken: it is too large for a key.")
    return content


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Such a temporary file is its owner's alone (0600) from the moment that it exists.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.stem}-", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink()
        raise


def _missing(data: Mapping[str, Any], fields: tuple[str, ...]) -> list[str]:
    return [name for name in fields if not (isinstance(data.get(name), str | dict) and data[name])]


def _is_exposed(source: Path, target: Path) -> bool:
    if source.resolve() == target.resolve():
        return False
    return bool(source.stat().st_mode & OTHERS) or "Downloads" in source.resolve().parts


_WANTED = (
    "Wanted: kaggle.json from https://www.kaggle.com/settings, or the JSON key of a Google service account "
    "(console.cloud.google.com, IAM, Service accounts, Keys)."
)
