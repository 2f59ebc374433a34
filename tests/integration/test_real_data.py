"""The main job on the real files: `OLIST_DATA=<folder or zip> make test`."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from olist_kedro.datasets.warehouse import connect

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif("OLIST_DATA" not in os.environ, reason="OLIST_DATA does not name the real files"),
]

ROWS = {
    "raw.customers": 99_441,
    "raw.geolocation": 738_332,
    "raw.order_items": 112_650,
    "raw.order_payments": 103_886,
    "raw.order_reviews": 99_224,
    "raw.orders": 99_441,
    "raw.products": 32_951,
    "raw.sellers": 3_095,
    "raw.product_category_name_translation": 71,
    "marts.dim_customer": 99_441,
    "marts.dim_product": 32_951,
    "marts.dim_seller": 3_095,
    "marts.fact_orders": 99_441,
    "marts.fact_sales": 112_650,
    "marts.fact_fulfillment": 112_650,
    "marts.fact_payments": 103_886,
    "marts.fact_reviews": 99_224,
    "marts.customer_features": 96_096,
    "marts.dim_customer_segmented": 96_096,
}


@pytest.fixture(scope="module")
def run(make_project: Callable[[], Any]) -> Callable[..., Any]:
    """Return a function that runs everything on the real files and returns the warehouse."""
    project = make_project()

    def run(force: bool = False) -> Any:
        ingestion = {"source": "local", "path": os.environ["OLIST_DATA"]}
        project.run(params={"ingestion": ingestion, "force": force})
        return connect({"backend": "duckdb", "path": str(project.path / "data/03_primary/olist.duckdb")})

    return run


def rows(warehouse: Any, table: str) -> int:
    schema, name = table.split(".")
    return warehouse.table(name, database=schema).count().execute()


def test_every_row_arrives_and_a_second_run_changes_nothing(run: Callable[..., Any]) -> None:
    warehouse = run()

    assert {table: rows(warehouse, table) for table in ROWS} == ROWS
    sales = warehouse.table("fact_sales", database="marts")
    assert sales.price.sum().execute() == Decimal("13591643.70")
    snapshots = {
        f"snapshots.{name}": rows(warehouse, f"snapshots.{name}")
        for name in warehouse.list_tables(database="snapshots")
    }
    assert len(snapshots) == 4
    loads = warehouse.table("load_log", database="raw").order_by("table_name").to_pandas()
    segments = warehouse.table("dim_customer_segmented", database="marts").order_by("customer_unique_id")
    segment_ids = segments.select("customer_unique_id", "segment_id").to_pandas()

    warehouse = run(force=True)

    assert {table: rows(warehouse, table) for table in {**ROWS, **snapshots}} == {**ROWS, **snapshots}
    assert warehouse.table("load_log", database="raw").order_by("table_name").to_pandas().equals(loads)
    segments = warehouse.table("dim_customer_segmented", database="marts").order_by("customer_unique_id")
    assert segments.select("customer_unique_id", "segment_id").to_pandas().equals(segment_ids)
