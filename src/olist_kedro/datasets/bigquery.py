"""Google BigQuery: the client, the backend of Ibis on it, datasets in their location, tables by load job.

Google's packages belong to the extra `bigquery`, so they are imported where they are used.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import ibis

from olist_kedro.environment import variables
from olist_kedro.errors import OlistError, WarehouseError

if TYPE_CHECKING:
    import google.cloud.bigquery as bq
    import ibis.expr.types as ir
    from google.api_core.retry import Retry
    from google.auth.credentials import Credentials
    from ibis.backends.bigquery import Backend

LABELS = {"application": "olist-kedro"}
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
# What is wrong with Google, not with the job: the same job may well succeed if it is started again.
RETRYABLE = (
    *("backendError", "internalError", "rateLimitExceeded"),
    *("jobBackendError", "jobInternalError", "jobRateLimitExceeded"),
)
SECONDS_TO_RETRY = 300.0
SECONDS_TO_REACH = 20.0  # before a run: not the ten minutes that Google's clients try

Result = TypeVar("Result")


def client(connection: Mapping[str, Any]) -> bq.Client:
    """Make a client; nothing is sent yet.

    Args:
        connection: `project_id`, `location` and, where wanted, `credentials_file`,
            `impersonate_service_account` and `maximum_bytes_billed`: `warehouse` in `conf/bigquery`.

    Returns:
        A client with the credentials and the location, whose jobs all carry the labels and the limit.

    Raises:
        WarehouseError: The extra `bigquery` is not installed, or there are no usable credentials.
    """
    try:
        import google.cloud.bigquery as bq
    except ImportError as error:
        raise WarehouseError(
            "BigQuery needs packages that are not installed.\nInstall them: pip install -e '.[bigquery]'"
        ) from error
    jobs = bq.QueryJobConfig(labels=LABELS)
    if limit := connection.get("maximum_bytes_billed"):
        jobs.maximum_bytes_billed = int(limit)

    class Client(bq.Client):
        """Google's client; towards an emulator, which has no Storage Read API of that address, REST only."""

        def _ensure_bqstorage_client(self, *args: Any, **kwargs: Any) -> Any:
            if "BIGQUERY_EMULATOR_HOST" in os.environ:
                return None
            return super()._ensure_bqstorage_client(*args, **kwargs)

    return Client(
        project=str(connection["project_id"]),
        credentials=credentials(connection),
        location=connection["location"],
        default_query_job_config=jobs,
        default_load_job_config=bq.LoadJobConfig(labels=LABELS),
    )


def credentials(connection: Mapping[str, Any]) -> Credentials:
    """Return the credentials of a connection: those of its file, or the application default ones.

    Args:
        connection: `credentials_file` and `impersonate_service_account`, each where wanted.

    Raises:
        WarehouseError: There are none, or they cannot be read.
    """
    import google.auth
    from google.auth import impersonated_credentials
    from google.auth.exceptions import GoogleAuthError

    file, target = connection.get("credentials_file"), connection.get("impersonate_service_account")
    try:
        # By variables, as dbt gets them: Google deprecates reading a file of any kind by its name.
        told = {"GOOGLE_APPLICATION_CREDENTIALS": file, "GOOGLE_CLOUD_PROJECT": connection["project_id"]}
        with variables({name: str(value) for name, value in told.items() if value}):
            found, _ = google.auth.default(scopes=SCOPES)
    except GoogleAuthError as error:
        raise explain(error) or error from error
    if not target:
        return found
    return impersonated_credentials.Credentials(
        source_credentials=found, target_principal=target, target_scopes=SCOPES
    )


def connect(**connection: Any) -> Backend:
    """Return Ibis's backend on a client of ours, once BigQuery has answered it.

    Raises:
        WarehouseError: It cannot be reached, or refuses the credentials, or does not know the project.
    """
    made = client(connection)
    try:
        next(iter(made.list_datasets(max_results=1, retry=_briefly())), None)
    except Exception as error:
        raise explain(error) or error from error
    backend: Backend = ibis.bigquery.connect(client=made, credentials=made._credentials)

    def make_finalizer(name: str) -> Callable[[], None]:
        # Ibis's own would hold up the end of a process for ten minutes where the network is gone.
        return partial(_try_to_delete, made, f"{backend._session_dataset}.{name}")

    backend._make_memtable_finalizer = make_finalizer
    if "BIGQUERY_EMULATOR_HOST" in os.environ:
        backend.storage_client = None
    return backend


def _try_to_delete(made: bq.Client, table: str) -> None:
    with suppress(Exception):  # what is uploaded for a query expires within a day
        made.delete_table(table, not_found_ok=True, retry=_briefly(5.0), timeout=5.0)


def check_dataset(backend: Backend, dataset: str) -> bool:
    """Tell whether a dataset exists, once it is sure that it would not stand in the wrong place.

    Args:
        backend: The warehouse.
        dataset: The dataset's name.

    Raises:
        WarehouseError: It exists in another location than the warehouse's, or BigQuery cannot be asked.
    """
    from google.api_core.exceptions import NotFound

    wanted = backend.client.location
    try:
        found = backend.client.get_dataset(dataset, retry=_briefly())
    except NotFound as error:
        if _first(error).get("message", "").startswith("Not found: Project"):
            raise
        return False
    if found.location.casefold() != wanted.casefold():
        raise WarehouseError(
            f"The dataset {found.project}.{dataset} is in {found.location}, but this run works in {wanted}: "
            "BigQuery joins nothing across locations, and a dataset cannot be moved.\n"
            f"Work where it is (BQ_DATASET_LOCATION={found.location}), or beside it "
            "(another BQ_DATASET_PREFIX), or delete it."
        )
    return True


def ensure_dataset(backend: Backend, dataset: str) -> None:
    """Make a dataset in the warehouse's location, unless it is there.

    Raises:
        WarehouseError: It exists in another location.
    """
    import google.cloud.bigquery as bq

    if not check_dataset(backend, dataset):
        made = bq.Dataset(f"{backend.client.project}.{dataset}")
        made.location = backend.client.location
        made.labels = LABELS
        backend.client.create_dataset(made, exists_ok=True)


def write_parquet(rows: ir.Table, path: Path) -> None:
    """Stream a table of DuckDB's, or one in memory, to a parquet file that BigQuery can load."""
    # BigQuery knows no finer time than microseconds, and refuses a file that does.
    times = {name: "timestamp(6)" for name, kind in rows.schema().items() if kind.is_timestamp()}
    exact = rows.cast(times) if times else rows
    exact.get_backend().to_parquet(exact, path, compression="zstd")


def load_rows(backend: Backend, rows: ir.Table, schema: str, table: str) -> None:
    """Replace a table by rows from here, in one load job: all of it or nothing.

    `pandas_gbq.to_gbq(if_exists="replace")` does so too, but leaves the old rows where there are no new ones.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table}.parquet"
        write_parquet(rows, path)
        load_file(backend.client, path, f"{schema}.{table}", load_config(rows.schema()))


def load_config(schema: ibis.Schema, descriptions: Mapping[str, str] | None = None, **options: Any) -> Any:
    """Return the configuration of a load job that replaces a table.

    Args:
        schema: The columns' types.
        descriptions: What columns mean.
        **options: Further attributes of `LoadJobConfig`.
    """
    import google.cloud.bigquery as bq
    from ibis.backends.bigquery.datatypes import BigQuerySchema

    told = descriptions or {}
    nullable = ibis.schema({name: kind.copy(nullable=True) for name, kind in schema.items()})
    return bq.LoadJobConfig(
        source_format=bq.SourceFormat.PARQUET,
        write_disposition=bq.WriteDisposition.WRITE_TRUNCATE,
        schema=[
            bq.SchemaField(field.name, field.field_type, description=told.get(field.name, ""))
            for field in BigQuerySchema.from_ibis(nullable)
        ],
        **options,
    )


def load_file(made: bq.Client, path: Path, table: str, config: bq.LoadJobConfig, bucket: str = "") -> None:
    """Load a parquet file into a table: by an upload into the job itself, or by way of a bucket.

    Args:
        made: The client.
        path: The file.
        table: `dataset.table`.
        config: The job's configuration.
        bucket: Name of a Google Cloud Storage bucket; the file is removed from it whatever happens.

    Raises:
        google.api_core.exceptions.GoogleAPICallError: The job failed, also when it was started again.
    """
    target = f"{made.project}.{table}"

    def upload() -> None:
        with path.open("rb") as file:
            size = path.stat().st_size
            made.load_table_from_file(file, target, size=size, job_config=config).result()

    if not bucket:
        again_if_google_fails(upload)
        return
    import google.cloud.storage as gcs

    storage = gcs.Client(project=made.project, credentials=made._credentials)
    # The file's folder has a random name, so no two runs meet in the bucket.
    blob = storage.bucket(bucket).blob(f"olist-kedro/{path.parent.name}/{path.name}")
    try:
        blob.upload_from_filename(str(path), checksum="crc32c")
        uri = f"gs://{bucket}/{blob.name}"
        again_if_google_fails(lambda: made.load_table_from_uri(uri, target, job_config=config).result())
    finally:
        if blob.exists():
            blob.delete()


def describe(made: bq.Client, table: str, description: str) -> None:
    """Say of a table what it holds. A load job may do so for a new table only, and fails for another's."""
    found = made.get_table(f"{made.project}.{table}")
    if found.description != description:
        found.description = description
        made.update_table(found, ["description"])


def again_if_google_fails(run: Callable[[], Result]) -> Result:
    """Run a job; a failure that Google calls its own starts it again, with growing pauses.

    The clients repeat requests and queries by themselves, but not a load job that has ended badly.
    """
    from google.api_core.retry import Retry

    retry = Retry(predicate=lambda error: _reason(error) in RETRYABLE, maximum=30.0, timeout=SECONDS_TO_RETRY)
    return retry(run)()


def first_rows(backend: Backend, schema: str, table: str, number: int) -> Any:
    """Return a table's first rows as a DataFrame: of a table without a query, which would be billed."""
    reference = f"{backend.client.project}.{schema}.{table}"
    found = backend.client.get_table(reference)
    if found.table_type != "TABLE":
        return backend.table(table, database=schema).head(number).to_pandas()
    return backend.client.list_rows(found, max_results=number).to_dataframe(create_bqstorage_client=False)


def explain(error: BaseException) -> OlistError | None:
    """Say in plain words what is behind an error of Google's, and the way out; None for any other error."""
    if "google.cloud.bigquery" not in sys.modules:
        return None
    import requests
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    told = " ".join(str(_first(error).get("message") or error).split())
    if isinstance(error, api.RetryError) and error.cause is not None:
        return explain(error.cause) or WarehouseError(f"Google did not answer in time: {told}")
    if isinstance(error, auth.TransportError | requests.ConnectionError | requests.Timeout):
        advice = (
            "Google cannot be reached",
            "Look at the network, and at a proxy if there is one, and run again.",
        )
    elif isinstance(error, auth.RefreshError):
        advice = (
            "Google refused the credentials",
            "Log in again (`gcloud auth application-default login`), or get a new key file: "
            "`kedro olist credentials`.",
        )
    elif isinstance(error, auth.GoogleAuthError):
        advice = (
            "There are no usable Google credentials",
            "Log in (`gcloud auth application-default login`), or name a key file "
            "(GOOGLE_APPLICATION_CREDENTIALS), or put one in place: `kedro olist credentials`.",
        )
    elif not isinstance(error, api.GoogleAPICallError):
        return None
    else:
        advice = _ADVICE.get(_reason(error)) or _ADVICE.get(str(error.code)) or ("BigQuery failed", "")
    what, way_out = advice
    return WarehouseError(f"{what}: {told}\n{way_out}".rstrip())


_NO_RIGHTS = (
    "Google denies the access",
    "The account needs the roles BigQuery User (jobs, new datasets) and BigQuery Data Editor on the project, "
    "and for a bucket Storage Object User. `kedro olist doctor` tries each.",
)
_ADVICE = {
    "bytesBilledLimitExceeded": (
        "A query would read more than BQ_MAXIMUM_BYTES_BILLED allows",
        "Raise the limit if that is what you want; the query has cost nothing.",
    ),
    "billingNotEnabled": (
        "The project has no billing account, which this needs",
        "Enable billing for the project, or name another project (GCP_PROJECT_ID).",
    ),
    "quotaExceeded": (
        "A quota of the project is used up",
        "Wait until it is renewed, or have it raised in the Google Cloud console.",
    ),
    "rateLimitExceeded": ("Google asks to slow down", "Wait a minute and run again: what is done is kept."),
    "accessDenied": _NO_RIGHTS,
    "401": (
        "Google does not accept the credentials",
        "Log in again (`gcloud auth application-default login`), or get a new key file.",
    ),
    "403": _NO_RIGHTS,
    "404": (
        "Google finds no such thing",
        "Look at GCP_PROJECT_ID, BQ_DATASET_LOCATION (a dataset is found in its own location only) and "
        "GCS_BUCKET_NAME.",
    ),
}


def _briefly(seconds: float = SECONDS_TO_REACH) -> Retry:
    from google.cloud.bigquery import DEFAULT_RETRY

    return DEFAULT_RETRY.with_timeout(seconds)


def _reason(error: BaseException) -> str:
    return str(_first(error).get("reason", ""))


def _first(error: BaseException) -> Mapping[str, str]:
    """Return the first of what Google lists as errors: `reason`, `message`, `location`."""
    errors = getattr(error, "errors", None) or [{}]
    return errors[0] if isinstance(errors[0], Mapping) else {}
