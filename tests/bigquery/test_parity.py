"""The same project on DuckDB and on BigQuery, from the same files: every table, every column, every row.

What differs, and why: run ids and dbt's own times of a snapshot, which are those of two runs; a point, which
is GEOGRAPHY on BigQuery and text on DuckDB; the last digits of a distance that the warehouse itself computes.
"""

from __future__ import annotations

import re
from contextlib import chdir
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis.expr.datatypes as dt
import pandas as pd

from olist_kedro.datasets import WarehouseTable

LAYERS = ("raw", "staging", "snapshots", "marts")
OF_THE_RUN = ("run_id", "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")
POINT = re.compile(r"POINT ?\((\S+) (\S+)\)")

Rows = list[tuple[Any, ...]]


def tables(project: Any, env: str | None) -> dict[str, WarehouseTable]:
    """Return every table and view of an environment's warehouse, by layer and name."""
    context = project.session(env).load_context()
    warehouse = context.catalog.get("load_log").warehouse
    found = {}
    for layer in LAYERS:
        schema = context.config_loader["globals"]["schemas"][layer]
        beside = WarehouseTable(connection=warehouse, schema=schema, table="any").tables_beside()
        for name in sorted(beside):
            found[f"{layer}.{name}"] = WarehouseTable(connection=warehouse, schema=schema, table=name)
    return found


def columns_of(table: WarehouseTable) -> dict[str, str]:
    """Return each column with its type, as far as the engines can agree: widths and nullability apart."""

    def kind(of: dt.DataType) -> str:
        return "String" if of.is_geospatial() else "Float64" if of.is_floating() else type(of).__name__

    return {name: kind(of) for name, of in table.load().schema().items()}


def rows_of(table: WarehouseTable, left_out: tuple[str, ...] = OF_THE_RUN) -> Rows:
    """Return the rows in an order of their own, with values that are equal if they mean the same."""
    expression = table.load()
    texts = {
        name: expression[name].as_text() for name, of in expression.schema().items() if of.is_geospatial()
    }
    kept = expression.mutate(**texts).drop(*{*left_out} & {*expression.columns})
    rows = [tuple(map(plain, row)) for row in kept.to_pandas().astype(object).itertuples(index=False)]
    return sorted(rows, key=repr)


def plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return value.normalize() + 0
    if point := POINT.fullmatch(str(value)):
        return tuple(map(float, point.groups()))
    return value.item() if hasattr(value, "item") else value


def test_both_warehouses_have_the_same_tables(built: Any) -> None:
    here, there = tables(built, None), tables(built, "bigquery")

    assert here.keys() == there.keys()
    assert len(here) > 40
    assert {name: columns_of(table) for name, table in here.items()} == {
        name: columns_of(table) for name, table in there.items()
    }


def test_every_row_is_the_same(built: Any) -> None:
    here, there = tables(built, None), tables(built, "bigquery")

    different = {}
    for name, table in here.items():
        ours, theirs = rows_of(table), rows_of(there[name])
        assert ours, name
        if ours != theirs:
            changed = [(a, b) for a, b in zip(ours, theirs, strict=False) if a != b]
            different[name] = (len(ours), len(theirs), changed[:2])
    assert different == {}


def test_files_are_the_same(built: Any) -> None:
    here, there = built.catalog(), built.catalog("bigquery")

    for name in ("model_input", "segment_assignments", "segment_profiles", "codebook", "k_criteria"):
        pd.testing.assert_frame_equal(here.load(name), there.load(name), check_exact=True, obj=name)
    ours, theirs = here.load("segmentation_model"), there.load("segmentation_model")
    del ours["run_id"], theirs["run_id"]
    assert ours == theirs


def test_scores_are_the_same_whoever_computes_them(built: Any) -> None:
    scores: dict[tuple[str | None, str], pd.DataFrame] = {}
    with chdir(built.path):
        for env in (None, "bigquery"):
            for engine in ("python", "warehouse"):
                built.run("scoring", env=env, params={"scoring": {"engine": engine}})
                table = built.catalog(env).load("customer_scores").drop("run_id")
                scores[env, engine] = table.order_by("customer_unique_id").to_pandas()

    first = scores[None, "python"]
    assert len(first) > 500
    assert len(set(first.segment_id)) > 1
    for (env, engine), others in scores.items():
        name = f"{env} {engine}"
        # Python searches in single precision, where neurons less than 0.001 apart are as good as one: of this
        # small project's map, with four neurons a customer, a few are.
        tied = (first.neuron != others.neuron) & ((first.distance - others.distance).abs() < 0.002)
        assert tied.mean() < 0.01, name
        ours, theirs = first[~tied], others[~tied]
        pd.testing.assert_frame_equal(ours, theirs, obj=name, rtol=1e-9, check_dtype=False)
        exact = first.columns.drop(["distance", "beyond_training"])
        assert ours[exact].astype(str).equals(theirs[exact].astype(str)), name
