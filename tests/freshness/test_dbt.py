"""A change in a dbt project concerns the relations that it decides, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dbt.conftest import FILES, ORDERS, Tiny

from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.dbt import DbtError
from olist_kedro.freshness import Freshness, FreshnessHooks

BUILD = {"states", "stg_orders", "snapshot_orders", "by_state", "top_states", "totals"}
TESTS = {"raw_orders", "load_log"}
PYTHON = {"load_orders", "rank_states"}
EVERYTHING = BUILD | TESTS | PYTHON


class Fresh(Tiny):
    """The tiny dbt project, with records and without what is fresh."""

    orders = ORDERS

    def catalog(self, orders: list[dict[str, Any]] | None = None) -> Any:
        catalog = super().catalog(orders or self.orders)
        catalog["freshness_records"] = WarehouseTable(
            connection=self.warehouse,
            schema="freshness",
            table="records",
            empty_schema={"name": "string", "record": "string"},
        )
        return catalog

    def verdicts(self) -> dict[str, Any]:
        return Freshness(self.pipeline(), self.catalog()).verdicts

    def to_run(self) -> set[str]:
        return {short(name) for name, verdict in self.verdicts().items() if verdict.runs}

    def edit(self, name: str, old: str, new: str) -> None:
        text = FILES[name].lstrip()
        assert old in text
        self.write(name, text.replace(old, new))

    def run_what_is_not_fresh(self) -> set[str]:
        names = [name for name, verdict in self.verdicts().items() if verdict.runs]
        if names:
            self.run(self.pipeline().filter(node_names=names), hooks=[FreshnessHooks()])
        return {short(name) for name in names}


def short(name: str) -> str:
    return name.rpartition(".")[2].removeprefix("build_").removeprefix("test_")


@pytest.fixture
def fresh(tmp_path) -> Any:
    """The project after a whole run."""
    project = Fresh(tmp_path)
    assert project.run_what_is_not_fresh() == EVERYTHING
    yield project
    disconnect()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A project after a whole run, shared by tests that run nothing."""
    project = Fresh(tmp_path_factory.mktemp("fresh"))
    project.run_what_is_not_fresh()
    return project


@pytest.fixture
def unchanged(built) -> Any:
    """The shared project; what a test changes in it is taken back."""
    yield built
    for name, text in FILES.items():
        built.write(name, text)


def test_nothing_runs_the_second_time(fresh) -> None:
    assert fresh.run_what_is_not_fresh() == set()


AFTER_BY_STATE = {"by_state", "rank_states", "top_states"}
CHANGES = {
    "the SQL of a mart": ("models/marts/totals.sql", "sum(price)", "sum(price + 0)", {"totals"}, "sql"),
    "the SQL of a model with children": (
        "models/marts/sales/by_state.sql",
        "sum(o.price)",
        "sum(o.price + 0)",
        AFTER_BY_STATE,
        "sql",
    ),
    "an ephemeral model": (
        "models/recent.sql",
        "select *",
        "select distinct *",
        AFTER_BY_STATE,
        "sql of recent",
    ),
    "a macro": ("macros/names.sql", ">=", ">", AFTER_BY_STATE, "macro at_least of recent"),
    "a variable": ("dbt_project.yml", "least: 1", "least: 2", AFTER_BY_STATE, "variable least of recent"),
    "a seed": (
        "seeds/states.csv",
        "BA,north-east",
        "BA,north",
        {"states", *AFTER_BY_STATE},
        "rows",
    ),
    "a test of one relation": (
        "models/marts/totals.yml",
        "[not_null]",
        "[not_null, unique]",
        {"totals"},
        "test unique_totals_price",
    ),
    "a test of two relations": (
        "tests/assert_prices_agree.sql",
        "select 1",
        "select 2",
        {"by_state"},
        "test assert_prices_agree",
    ),
    "a test of a source": (
        "models/staging/sources.yml",
        "[unique, not_null]",
        "[not_null]",
        {"raw_orders"},
        "test source_unique_raw_orders_order_id",
    ),
    "a unit test": (
        "models/staging/stg_orders.yml",
        "price: 3}]}]",
        "price: 3}, {order_id: 2}]}]",
        {"stg_orders"},
        "test keeps_prices",
    ),
    "a description": (
        "models/staging/stg_orders.yml",
        "Key of the order",
        "The order's key",
        {"stg_orders"},
        "documentation",
    ),
    "a configuration": (
        "models/marts/totals.yml",
        "tags: [daily]",
        "materialized: view",
        {"totals"},
        "configuration",
    ),
    "a tag": ("models/marts/totals.yml", "tags: [daily]", "tags: [weekly]", set(), ""),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_concerns_what_it_decides(unchanged, what: str) -> None:
    name, old, new, concerned, part = CHANGES[what]
    unchanged.edit(name, old, new)

    verdicts = unchanged.verdicts()

    assert {short(each) for each, verdict in verdicts.items() if verdict.runs} == concerned
    assert {verdict.reason for verdict in verdicts.values() if verdict.is_cause} == (
        {f"changed: {part}"} if part else set()
    )


def test_a_macro_in_the_place_of_dbts_concerns_everything(unchanged) -> None:
    unchanged.edit(
        "macros/names.sql",
        "{% macro at_least",
        "{% macro duckdb__length(text) %}length({{ text }}){% endmacro %}\n{% macro at_least",
    )
    verdicts = unchanged.verdicts()

    assert {short(name) for name, verdict in verdicts.items() if verdict.runs} == EVERYTHING - {"load_orders"}
    (reason,) = [verdict.reason for name, verdict in verdicts.items() if short(name) == "totals"]
    assert reason == "changed: macro duckdb__length"


def test_a_dropped_view_is_built_again_and_nothing_else(fresh) -> None:
    connect(fresh.warehouse).raw_sql("drop view staging.stg_orders")

    assert fresh.run_what_is_not_fresh() == {"stg_orders"}
    assert fresh.run_what_is_not_fresh() == set()


def test_another_version_of_dbt_builds_all_of_it_again(unchanged, monkeypatch: pytest.MonkeyPatch) -> None:
    from olist_kedro.dbt import pipeline

    known = pipeline.engine_versions
    monkeypatch.setattr(pipeline, "engine_versions", lambda a: {**known(a), "package dbt-core": "0"})

    assert unchanged.to_run() == BUILD | TESTS | {"rank_states"}


def test_a_failed_test_leaves_its_relation_stale_and_the_others_fresh(fresh) -> None:
    fresh.edit("models/marts/totals.sql", "sum(price)", "cast(null as integer)")
    with pytest.raises(DbtError, match="not_null_totals_price"):
        fresh.run_what_is_not_fresh()
    fresh.edit("models/marts/totals.sql", "sum(price)", "sum(price)")

    assert fresh.run_what_is_not_fresh() == {"totals"}


def test_a_snapshot_that_has_grown_is_new_to_what_reads_it(fresh) -> None:
    """Back at the first orders, it holds what came between."""

    def content() -> str:
        return Freshness(fresh.pipeline(), fresh.catalog())._content["snapshot_orders"]

    first = content()
    fresh.orders = [{**order, "price": order["price"] + 1} for order in ORDERS]
    assert "snapshot_orders" in fresh.run_what_is_not_fresh()
    fresh.orders = ORDERS
    assert "snapshot_orders" in fresh.run_what_is_not_fresh()

    assert content() != first
    assert content() == content()
