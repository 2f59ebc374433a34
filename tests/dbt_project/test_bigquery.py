"""The same project compiled for BigQuery, without an account: every query is valid BigQuery SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlglot

CREDENTIALS = {
    "type": "authorized_user",
    "client_id": "none",
    "client_secret": "none",
    "refresh_token": "none",
    "token": "none",
    "expiry": "2999-01-01T00:00:00Z",
}


@pytest.fixture(scope="module")
def compiled(make_star_schema: Callable[[], Any]) -> dict[str, str]:
    """Each model's and test's SQL for BigQuery, by its path."""
    pytest.importorskip("dbt.adapters.bigquery", reason="the extra `bigquery` is not installed")
    star_schema = make_star_schema()
    credentials = star_schema.folder / "credentials.json"
    credentials.write_text(json.dumps(CREDENTIALS))
    variables = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        "GCP_PROJECT_ID": "a-project",
        "BQ_DATASET_PREFIX": "shop",
    }
    offline = ("compile", "--no-introspect", "--no-populate-cache")
    assert star_schema.failures(*offline, target="bigquery", environment_variables=variables) == []
    folder = star_schema.folder / "target/compiled/olist_kedro"
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.sql")}


def test_every_query_parses_as_bigquery(compiled: dict[str, str]) -> None:
    assert len(compiled) > 180
    for sql in compiled.values():
        sqlglot.parse_one(sql, dialect="bigquery")


def test_layers_are_datasets_with_the_prefix(compiled: dict[str, str]) -> None:
    assert "`a-project`.`shop_raw`.`orders`" in compiled["models/staging/stg_orders.sql"]
    assert "`a-project`.`shop_staging`.`stg_orders`" in compiled["models/marts/operations/fact_orders.sql"]
    assert "`a-project`.`shop_snapshots`.`snapshot_sellers`" in compiled["models/marts/core/dim_seller.sql"]


def test_own_macros_use_bigquerys_functions(compiled: dict[str, str]) -> None:
    dates = compiled["models/marts/core/dim_date.sql"]
    places = compiled["models/marts/core/dim_geolocation.sql"]
    for expected in (
        "generate_date_array(",
        "extract(dayofweek from",
        "extract(isoweek",
        "format_date('%B',",
    ):
        assert expected in dates
    for expected in ("st_geogpoint(longitude, latitude)", "percentile_cont(latitude, 0.5) over", r"r'\pM'"):
        assert expected in places
