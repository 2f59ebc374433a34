"""The zip from Kaggle, fetched with the `kaggle` package."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olist_kedro.progress import task
from olist_kedro.sources.local import check_archive
from olist_kedro.sources.source import SourceError, atomic_write

if TYPE_CHECKING:
    from kaggle.api.kaggle_api_extended import KaggleApi

DATASET = "olistbr/brazilian-ecommerce"
ARCHIVE = "brazilian-ecommerce.zip"

KEY_HELP = (
    "make a key at https://www.kaggle.com/settings and put it into place, `kedro olist credentials "
    "<kaggle.json>`, or into ~/.kaggle, or into KAGGLE_USERNAME and KAGGLE_KEY, or write it as kaggle: "
    "{username: ..., key: ...} or kaggle: {token: ...} into conf/local/credentials.yml"
)


def has_credentials(credentials: Mapping[str, str | None]) -> bool:
    """Whether there is a Kaggle key, told without asking Kaggle.

    Args:
        credentials: The project's own credentials; empty where the usual places shall be looked at.
    """
    return bool(_own_key(credentials)) or _usual_key_exists()


def fetch_archive(folder: Path, credentials: Mapping[str, str | None], names: Collection[str]) -> Path:
    """Download the dataset's zip into a folder, unless it is there already.

    The zip appears only when it is complete and every checksum in it is right.

    Args:
        folder: Where to put it.
        credentials: `username` and `key`, or `token`. Without any, the places that Kaggle's own
            tools use: KAGGLE_* variables and the files in ~/.kaggle.
        names: The files that the zip must hold.

    Returns:
        Path of the zip.

    Raises:
        SourceError: There is no key, Kaggle refuses, or the download breaks off or is damaged.
    """
    archive = folder / ARCHIVE
    if archive.exists():
        return archive
    import requests

    try:
        api = _authenticated_api(_own_key(credentials))
        with atomic_write(archive) as temporary:
            _download(api, temporary)
            _check(temporary, names)
    except requests.HTTPError as error:
        raise SourceError(_refusal(error)) from error
    except requests.RequestException as error:
        raise SourceError(
            f"The download of {DATASET} from Kaggle broke off: {error}\n"
            "Nothing was kept. Check the connection and run again, or download the zip in a browser: "
            "`make run DATA=<zip>`."
        ) from error
    return archive


def _download(api: KaggleApi, path: Path) -> None:
    # Not `api.dataset_download_files`: it prints, and draws a progress bar of its own.
    import requests
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = DATASET.split("/")
    with api.build_kaggle_client() as client:
        response = client.datasets.dataset_api_client.download_dataset(request)
        size = int(response.headers.get("Content-Length", 0))
        megabytes = size // _MEGABYTE or None
        with task("download from Kaggle (MB)", megabytes) as current, path.open("wb") as file:
            for chunk in response.iter_content(_MEGABYTE):
                file.write(chunk)
                current.advance()
    if path.stat().st_size < size:
        raise requests.ConnectionError(f"{path.stat().st_size:,} of {size:,} bytes came")


def _check(archive: Path, names: Collection[str]) -> None:
    try:
        check_archive(archive, names)
    except SourceError as error:
        raise SourceError(
            f"What Kaggle sent for {DATASET} cannot be used, and was not kept: {error}"
        ) from error


def _authenticated_api(key: dict[str, str]) -> KaggleApi:
    # The package authenticates while it is imported, prints help where it finds no key, and its
    # `authenticate()` ends the process then.
    with redirect_stdout(io.StringIO()):
        try:
            from kaggle.api.kaggle_api_extended import KaggleApi

            api = KaggleApi()
            if key:
                api.config_values = key
            else:
                api.authenticate()
        except SystemExit as error:
            raise SourceError(f"There is no Kaggle key that works: {KEY_HELP}.") from error
    return api


def _own_key(credentials: Mapping[str, str | None]) -> dict[str, str]:
    given = {name: value for name, value in credentials.items() if value}
    if given and given.keys() not in ({"username", "key"}, {"token"}):
        raise SourceError(
            f"The credentials `kaggle` have {', '.join(sorted(given))}: they need username and key, or token."
        )
    return given


def _usual_key_exists() -> bool:
    # The places that kaggle's `authenticate()` looks at.
    variables = os.environ
    if variables.get("KAGGLE_API_TOKEN"):
        return True
    if variables.get("KAGGLE_USERNAME") and variables.get("KAGGLE_KEY"):
        return True
    home = Path.home() / ".kaggle"
    settings = Path(variables.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kaggle"
    folders = (Path(variables.get("KAGGLE_CONFIG_DIR") or home), settings)
    files = [folder / "kaggle.json" for folder in folders]
    files += [home / name for name in ("access_token", "access_token.txt", "credentials.json")]
    return any(file.is_file() for file in files)


def _refusal(error: Any) -> str:
    status = error.response.status_code if error.response is not None else None
    if status in (401, 403):
        return f"Kaggle does not accept the key (HTTP {status}): {KEY_HELP}."
    return (
        f"Kaggle refuses the download of {DATASET} (HTTP {status}): {error}\n"
        "Try again later, or download the zip in a browser: `make run DATA=<zip>`."
    )


_MEGABYTE = 1 << 20
