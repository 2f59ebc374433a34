"""Looks at all that a run needs, and says of each thing that is wrong what to do about it.

Each check is a small function that yields what it finds; an expected error in it is a finding as well.
Nothing is changed, but for a table that is made in BigQuery and dropped again.
"""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import yaml
from kedro.framework.project import settings
from omegaconf.errors import OmegaConfBaseException
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from olist_kedro import credentials
from olist_kedro.cli import find_expected
from olist_kedro.contracts import parse_contracts
from olist_kedro.datasets import bigquery
from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.environment import setting
from olist_kedro.errors import OlistError
from olist_kedro.pipelines.ingestion.parameters import IngestionParameters
from olist_kedro.sources import kaggle
from olist_kedro.sources.choice import NotDownloadedError, Sources

if TYPE_CHECKING:
    from ibis import BaseBackend

State = Literal["ok", "hint", "problem"]
GIB = 1 << 30
NEEDED_SPACE = 1 * GIB  # a run on the real data leaves 0.3 GiB behind
SECONDS_TO_ANSWER = 20.0


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        state: `problem` if a run would fail; `hint` for what is worth knowing.
        what: What was found.
        advice: What to do about it.
    """

    state: State
    what: str
    advice: str = ""


@dataclass(frozen=True)
class Setup:
    """What is looked at: a project and one of its environments."""

    root: Path
    env: str | None = None

    @cached_property
    def config(self) -> Any:
        """Kedro's configuration; without its catalog of datasets, for which dbt's project would be parsed."""
        return settings.CONFIG_LOADER_CLASS(
            conf_source=str(self.root / settings.CONF_SOURCE), env=self.env, **settings.CONFIG_LOADER_ARGS
        )

    @cached_property
    def warehouse(self) -> dict[str, Any]:
        """The connection to the warehouse, a file's path made absolute."""
        connection = dict(self.config["globals"]["warehouse"])
        if "path" in connection:
            connection["path"] = str(self.root / connection["path"])
        return connection

    @property
    def is_bigquery(self) -> bool:
        """Whether the warehouse is BigQuery."""
        return bool(self.warehouse["backend"] == "bigquery")

    @cached_property
    def backend(self) -> BaseBackend:
        """The connection to BigQuery."""
        return connect(self.warehouse)

    @cached_property
    def sources(self) -> Sources:
        """Where raw files may come from."""
        folder = self.root / self.config["catalog"]["raw_sources"]["filepath"]
        keys = self.config["credentials"].get("kaggle") or {}
        return Sources(folder, keys, self.root / credentials.FOLDER / credentials.KAGGLE_FILE)

    def shown(self, path: Path) -> Path:
        """Return a path as it is told: within the project from there on."""
        return path.relative_to(self.root) if path.is_relative_to(self.root) else path

    @cached_property
    def pyproject(self) -> Mapping[str, Any]:
        """The project's table in pyproject.toml."""
        project: Mapping[str, Any] = tomllib.loads(
            (self.root / "pyproject.toml").read_text(encoding="utf-8")
        )["project"]
        return project


Check = Callable[[Setup], Iterator[Finding]]


def examine(setup: Setup) -> Iterator[Finding]:
    """Run the checks; what builds on something that is wrong is left out."""
    yield from _run(GENERAL, setup)
    configured = list(_run((configuration,), setup))
    yield from configured
    if any(finding.state == "problem" for finding in configured):
        return
    yield from _run((raw_data, kaggle_key), setup)
    if not setup.is_bigquery:
        yield from _run((duckdb_file,), setup)
        return
    for check in ON_BIGQUERY:  # each needs the one before
        found = list(_run((check,), setup))
        yield from found
        if any(finding.state == "problem" for finding in found):
            return


def _run(checks: tuple[Check, ...], setup: Setup) -> Iterator[Finding]:
    for check in checks:
        try:
            yield from check(setup)
        except Exception as error:
            expected = find_expected(error)
            if expected is None:
                raise
            what, _, advice = str(expected).partition("\n")
            yield Finding("problem", what, advice)


def python_version(setup: Setup) -> Iterator[Finding]:
    """The interpreter is one that the project supports."""
    wanted = setup.pyproject["requires-python"]
    running = ".".join(map(str, sys.version_info[:3]))
    if running in SpecifierSet(wanted):
        yield Finding("ok", f"Python {running}")
    else:
        yield Finding(
            "problem",
            f"Python {running}: the project needs {wanted}",
            "Make a new environment: `make clean`, then `make run`.",
        )


def packages(setup: Setup) -> Iterator[Finding]:
    """What is installed is what pyproject.toml asks for."""
    yield from _packages(setup.pyproject["dependencies"], "packages", "pip install -e .")


def bigquery_packages(setup: Setup) -> Iterator[Finding]:
    """The extra `bigquery` is installed."""
    extra = setup.pyproject["optional-dependencies"]["bigquery"]
    yield from _packages(extra, "packages for BigQuery", "pip install -e '.[bigquery]'")


def _packages(wanted: list[str], title: str, remedy: str) -> Iterator[Finding]:
    wrong = []
    for requirement in map(Requirement, wanted):
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is not installed")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    if wrong:
        yield Finding("problem", f"{title}: {'; '.join(wrong)}", f"Install what is asked for: {remedy}")
    else:
        yield Finding("ok", f"{title}: {len(wanted)}, as pyproject.toml asks")


def folders(setup: Setup) -> Iterator[Finding]:
    """The folders that a run writes to are writable."""
    names = ("data", "dbt", str(credentials.FOLDER))
    closed = [name for name in names if not _is_writable(setup.root / name)]
    if closed:
        yield Finding(
            "problem",
            f"folders: {', '.join(closed)} may not be written to",
            "Give yourself the right to: chmod -R u+rwX " + " ".join(closed),
        )
    else:
        yield Finding("ok", f"folders: {', '.join(names)} can be written to")


def _is_writable(folder: Path) -> bool:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(existing, os.W_OK | os.X_OK)


def disk_space(setup: Setup) -> Iterator[Finding]:
    """There is room for what a run leaves behind."""
    free = shutil.disk_usage(setup.root).free
    told = f"disk: {free / GIB:,.1f} GiB free"
    if free < NEEDED_SPACE:
        yield Finding("problem", told, f"Free some space: a run may need {NEEDED_SPACE / GIB:g} GiB.")
    else:
        yield Finding("ok", told)


def configuration(setup: Setup) -> Iterator[Finding]:
    """The environment's configuration can be read."""
    try:
        for part in ("globals", "catalog", "parameters", "credentials", "dbt"):
            setup.config[part]
    except (yaml.YAMLError, OmegaConfBaseException) as error:
        raise OlistError(f"configuration: {' '.join(str(error).split())}\nMend that file in conf.") from error
    yield Finding("ok", f"configuration: conf/base{f' and conf/{setup.env}' if setup.env else ''}")


def raw_data(setup: Setup) -> Iterator[Finding]:
    """There are raw files, or a way to get them."""
    parameters = IngestionParameters.model_validate(setup.config["parameters"]["ingestion"])
    sources = replace(setup.sources, may_download=False)
    try:
        files = sources.choose(
            parameters.source,
            parameters.path,
            parameters.synthetic.orders,
            parameters.synthetic.seed,
            parse_contracts(setup.config["parameters"]["contracts"]),
        )
    except NotDownloadedError:
        yield Finding("ok", "raw data: the first run fetches it from Kaggle")
        return
    origins = sorted({file.origin for file in files.values()})
    yield Finding("ok", f"raw data: {len(files)} files from {'; '.join(origins)}")


def kaggle_key(setup: Setup) -> Iterator[Finding]:
    """A key to Kaggle is of the right kind and its owner's alone. None is needed where there are files."""
    file = setup.sources.key_file
    if file is not None and file.is_file() and file.stat().st_mode & credentials.OTHERS:
        yield Finding("problem", f"Kaggle key: others can read {file}", f"chmod 600 {file}")
    if not kaggle.has_credentials(setup.sources.kaggle_key()):
        yield Finding("hint", "Kaggle key: none; it is needed only to fetch the data")
    else:
        yield Finding("ok", "Kaggle key: there is one (Kaggle was not asked)")


def duckdb_file(setup: Setup) -> Iterator[Finding]:
    """The warehouse opens, and no other program has it open."""
    path = Path(setup.warehouse["path"])
    shown = setup.shown(path)
    if not path.exists():
        yield Finding("ok", f"warehouse: the first run makes {shown}")
        return
    tables = connect(setup.warehouse).list_tables(database=setup.config["globals"]["schemas"]["marts"])
    disconnect()
    yield Finding("ok", f"warehouse: {shown} opens, with {len(tables)} tables in marts")


def google_settings(setup: Setup) -> Iterator[Finding]:
    """The settings, as a run would take them."""
    names = ("project_id", "location", "impersonate_service_account", "maximum_bytes_billed")
    told = [f"{name} {setup.warehouse[name]}" for name in names if setup.warehouse.get(name)]
    prefix = setup.config["globals"]["schemas"]["marts"].removesuffix("_marts")
    yield Finding("ok", f"settings: {', '.join(told)}, datasets {prefix}_*")


def google_credentials(setup: Setup) -> Iterator[Finding]:
    """There are credentials, and a key file is of the right kind and its owner's alone."""
    file = setup.warehouse.get("credentials_file")
    if file:
        path = Path(file)
        try:
            kind = credentials.recognise(path.read_bytes())
        except OSError as error:
            raise OlistError(
                f"credentials: {path} cannot be read: {error.strerror}\n"
                "Name another file (GOOGLE_APPLICATION_CREDENTIALS), or put one into place: "
                "`kedro olist credentials <file>`."
            ) from error
        except credentials.CredentialsError as error:
            raise OlistError(f"credentials: {path} cannot be used\n{error}") from error
        if kind is credentials.KAGGLE:
            raise OlistError(
                f"credentials: {path} is a Kaggle key, and no key of Google's\n"
                "Name another file (GOOGLE_APPLICATION_CREDENTIALS)."
            )
        if path.stat().st_mode & credentials.OTHERS:
            yield Finding("hint", f"credentials: others can read {path}", f"chmod 600 {path}")
    bigquery.credentials(setup.warehouse)
    yield Finding(
        "ok", f"credentials: {f'{kind.title} in {setup.shown(path)}' if file else 'application default'}"
    )


def google_project(setup: Setup) -> Iterator[Finding]:
    """The project answers, and lets queries be run."""
    from google.api_core.retry import Retry
    from google.cloud.bigquery import QueryJobConfig

    setup.backend.client.query(
        "select 1",
        job_config=QueryJobConfig(dry_run=True),
        retry=Retry(timeout=SECONDS_TO_ANSWER),
        job_retry=None,
        timeout=SECONDS_TO_ANSWER,
    )
    yield Finding("ok", f"project: {setup.backend.client.project} answers, and queries may be run")


def google_datasets(setup: Setup) -> Iterator[Finding]:
    """No dataset is in another location."""
    names = _datasets(setup)
    there = [name for name in names if bigquery.check_dataset(setup.backend, name)]
    yield Finding(
        "ok",
        f"datasets: {len(there)} of {len(names)} are there, in {setup.backend.client.location}"
        + ("" if len(there) == len(names) else "; the first run makes the others"),
    )


def google_rights(setup: Setup) -> Iterator[Finding]:
    """A table can be made and dropped; where there is no dataset yet, a dataset too."""
    import google.cloud.bigquery as bq

    client = setup.backend.client
    datasets = _datasets(setup)
    there = next((dataset for dataset in datasets if bigquery.check_dataset(setup.backend, dataset)), None)
    name = f"doctor_{uuid4().hex[:12]}"
    made = None
    try:
        if there is None:
            dataset = bq.Dataset(f"{client.project}.{datasets[0]}_{name}")
            dataset.location = client.location
            made = client.create_dataset(dataset, timeout=SECONDS_TO_ANSWER)
        place = f"{client.project}.{made.dataset_id if made else there}.{name}"
        table = bq.Table(place, [bq.SchemaField("number", "INTEGER")])
        client.create_table(table, timeout=SECONDS_TO_ANSWER)
        client.delete_table(table, timeout=SECONDS_TO_ANSWER)
    finally:
        if made is not None:
            client.delete_dataset(made, delete_contents=True, not_found_ok=True)
    yield Finding("ok", f"rights: made and dropped {'a table' if there else 'a dataset with a table'}")


def google_bucket(setup: Setup) -> Iterator[Finding]:
    """A bucket, where one is named, takes a file and gives it up again."""
    name = setting("GCS_BUCKET_NAME", "", folder=setup.root / credentials.FOLDER)
    if not name:
        return
    import google.cloud.storage as gcs

    client = gcs.Client(project=setup.warehouse["project_id"], credentials=setup.backend.client._credentials)
    blob = client.bucket(name).blob(f"olist-kedro/doctor-{uuid4().hex[:12]}")
    blob.upload_from_string(b"", timeout=SECONDS_TO_ANSWER)
    blob.delete(timeout=SECONDS_TO_ANSWER)
    yield Finding("ok", f"bucket: a file was put into {name} and removed again")


def _datasets(setup: Setup) -> list[str]:
    return list(dict.fromkeys(setup.config["globals"]["schemas"].values()))


GENERAL: tuple[Check, ...] = (python_version, packages, folders, disk_space)
ON_BIGQUERY: tuple[Check, ...] = (
    bigquery_packages,
    google_settings,
    google_credentials,
    google_project,
    google_datasets,
    google_rights,
    google_bucket,
)
