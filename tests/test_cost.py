"""What a query is billed, and how that is told. What BigQuery answers is tested in tests/bigquery."""

from __future__ import annotations

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from olist_kedro.cost import MIB, Reading, StepCost, describe, nothing_to_pay
from olist_kedro.datasets import WarehouseTable


@pytest.mark.parametrize(
    ("reading", "billed"),
    [
        (Reading(0, 3), 0),
        (Reading(1, 1), 11 * MIB),
        (Reading(5 * MIB, 2), 25 * MIB),
        (Reading(5 * MIB + 1, 2), 26 * MIB),
    ],
)
def test_each_table_is_billed_ten_mib_at_least(reading: Reading, billed: int) -> None:
    assert reading.billed == billed


def test_table_of_costs() -> None:
    costs = [
        StepCost("build_dim_date", False, (Reading(0, 0), Reading(3 * MIB, 1))),
        StepCost("build_fact_sales", True, (Reading(100 * MIB, 2), Reading(1000 * MIB, 1), None)),
        StepCost("create_customer_features", True, (None,)),
    ]

    lines = describe(costs, 6.25).splitlines()

    assert [" ".join(line.split()) for line in lines] == [
        "step queries reads billed at most",
        "build_dim_date 2 3.0 MiB 13.0 MiB fresh: left out",
        "build_fact_sales 3 1,100.0 MiB + ? 1,130.0 MiB + ?",
        "create_customer_features 1 ? ?",
        "",
        "the next run 4 1,100.0 MiB + ? 1,130.0 MiB + ? 0.007 USD",
        "everything, with --params=force=true 6 1,103.0 MiB + ? 1,143.0 MiB + ? 0.007 USD",
        "",
        "?: BigQuery can tell only once the tables that the query reads have been built.",
    ]


def test_duckdb_has_nothing_to_pay() -> None:
    pipeline = Pipeline([Node(lambda table: table, "dim_date", "rows", name="read")])
    table = WarehouseTable(
        connection={"backend": "duckdb", "path": ":memory:"}, schema="marts", table="dim_date"
    )

    told = nothing_to_pay(pipeline, DataCatalog({"dim_date": table}))

    assert told.startswith("There is nothing to pay: the warehouse of this environment is DuckDB")
    assert nothing_to_pay(pipeline, DataCatalog({})).endswith("does not use the warehouse.")
