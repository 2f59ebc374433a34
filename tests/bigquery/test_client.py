"""The client: credentials, location, labels, limits, and what is said where Google refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from olist_kedro.datasets import bigquery
from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.errors import WarehouseError

CONNECTION = {"backend": "bigquery", "project_id": "a-project", "location": "EU"}


@pytest.mark.usefixtures("emulator")
def test_every_job_has_the_location_the_labels_and_the_limit() -> None:
    made = bigquery.client({**CONNECTION, "maximum_bytes_billed": "1000000"})

    job = made.query("select 1 as one")

    assert [row.one for row in job.result()] == [1]
    assert made.location == "EU"
    assert job.labels == {"application": "olist-kedro"}
    assert job.maximum_bytes_billed == 1_000_000


@pytest.mark.usefixtures("emulator")
def test_a_service_account_can_be_impersonated() -> None:
    found = bigquery.credentials({**CONNECTION, "impersonate_service_account": "a@b.iam.gserviceaccount.com"})

    assert found.service_account_email == "a@b.iam.gserviceaccount.com"


@pytest.mark.parametrize("content", [None, "no json", json.dumps({"type": "of no kind"})])
def test_unusable_credentials_are_told_with_the_ways_on(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "key.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(WarehouseError, match="no usable Google credentials") as error:
        bigquery.client({**CONNECTION, "credentials_file": str(file)})
    assert "gcloud auth application-default login" in str(error.value)
    assert "kedro olist credentials" in str(error.value)


def test_the_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)  # as Python notes what is not there

    with pytest.raises(WarehouseError, match=r"pip install -e '.\[bigquery\]'"):
        bigquery.client(CONNECTION)


@pytest.mark.usefixtures("emulator")
def test_where_nobody_answers_a_run_ends_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:9")
    monkeypatch.setattr(bigquery, "SECONDS_TO_REACH", 1.0)

    with pytest.raises(WarehouseError, match="Google cannot be reached"):
        connect({**CONNECTION, "location": "nowhere"})
    disconnect()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (auth.RefreshError("invalid_grant"), "gcloud auth application-default login"),
        (auth.TransportError("no route"), "cannot be reached"),
        (api.Unauthorized("no"), "does not accept the credentials"),
        (api.Forbidden("no", errors=[{"reason": "accessDenied", "message": "no"}]), "BigQuery Data Editor"),
        (api.Forbidden("no", errors=[{"reason": "quotaExceeded", "message": "no"}]), "quota"),
        (api.Forbidden("no", errors=[{"reason": "billingNotEnabled", "message": "no"}]), "billing"),
        (
            api.InternalServerError("no", errors=[{"reason": "bytesBilledLimitExceeded", "message": "no"}]),
            "BQ_MAXIMUM_BYTES_BILLED",
        ),
        (api.NotFound("Not found: Project x"), "GCP_PROJECT_ID"),
        (api.RetryError("too late", cause=auth.TransportError("no route")), "cannot be reached"),
        (api.BadRequest("Syntax error"), "BigQuery failed: 400 Syntax error"),
    ],
)
def test_errors_of_google_are_explained(error: Exception, said: str) -> None:
    explained = bigquery.explain(error)

    assert isinstance(explained, WarehouseError)
    assert said in str(explained)


def test_other_errors_are_left_alone() -> None:
    assert bigquery.explain(ValueError("a defect")) is None
