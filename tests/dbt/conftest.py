"""A dbt project small enough to read, with one of each kind, and what it takes to run it in Kedro.

raw.orders (source) -> stg_orders -> recent (ephemeral) -> by_state -> [python: ranking] -> top_states
states (seed) --------------------------------------------^
stg_orders -> snapshot_orders
stg_orders -> totals
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from olist_kedro.datasets import WarehouseTable
from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.dbt import DbtHooks, DbtProject, DbtRelation, create_pipeline
from olist_kedro.dbt.pipeline import steps_of

FILES = {
    "dbt_project.yml": """
name: tiny
version: "1.0"
profile: tiny
vars: {least: 1}
seeds: {tiny: {+schema: staging}}
models:
  tiny:
    staging: {+materialized: view, +schema: staging}
    marts: {+materialized: table, +schema: marts}
    ranked: {+materialized: table, +schema: marts}
""",
    "profiles.yml": """
tiny:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('TINY_PATH') }}", schema: main, threads: 2, keep_open: false}
""",
    "macros/names.sql": """
{% macro generate_schema_name(custom, node) %}{{ custom or target.schema }}{% endmacro %}
{% macro at_least(column) %}{{ column }} >= {{ var('least') }}{% endmacro %}
""",
    "seeds/states.csv": "state,region\nSP,south-east\nRJ,south-east\nBA,north-east\n",
    "models/staging/sources.yml": """
sources:
  - name: raw
    schema: raw
    tables:
      - name: orders
        columns: [{name: order_id, data_tests: [unique, not_null]}]
      - name: log
        config: {meta: {kedro: {name: load_log}}}
        columns: [{name: rows_loaded, data_tests: [not_null]}]
  - name: python
    schema: python
    tables: [{name: ranking}]
""",
    "models/staging/stg_orders.sql": "select order_id, state, price from {{ source('raw', 'orders') }}\n",
    "models/staging/stg_orders.yml": """
models:
  - name: stg_orders
    description: One row per order.
    config: {tags: [daily]}
    columns:
      - {name: order_id, data_type: integer, description: Key of the order., data_tests: [unique, not_null]}
      - {name: state, data_tests: [{relationships: {arguments: {to: ref('states'), field: state}}}]}
unit_tests:
  - name: keeps_prices
    model: stg_orders
    given: [{input: "source('raw', 'orders')", rows: [{order_id: 1, state: SP, price: 3}]}]
    expect: {rows: [{order_id: 1, state: SP, price: 3}]}
""",
    "models/recent.sql": """
{{ config(materialized='ephemeral') }}
select * from {{ ref('stg_orders') }} where {{ at_least('price') }}
""",
    "models/marts/sales/by_state.sql": """
select s.region, o.state, sum(o.price) as price
from {{ ref('recent') }} as o inner join {{ ref('states') }} as s on o.state = s.state group by all
""",
    "models/marts/sales/by_state.yml": """
models:
  - name: by_state
    columns: [{name: state, data_tests: [unique]}]
""",
    "models/ranked/top_states.sql": """
select r.state, r.position from {{ source('python', 'ranking') }} as r
""",
    "models/ranked/top_states.yml": """
models:
  - name: top_states
    columns:
      - name: state
        data_tests: [{relationships: {arguments: {to: ref('by_state'), field: state}}}]
""",
    "models/marts/totals.sql": "select sum(price) as price from {{ ref('stg_orders') }}\n",
    "models/marts/totals.yml": """
models:
  - name: totals
    config: {tags: [daily]}
    columns: [{name: price, data_tests: [not_null]}]
""",
    "models/marts/unused.sql": "{{ config(enabled=false) }} select 1 as x\n",
    "snapshots/snapshot_orders.yml": """
snapshots:
  - name: snapshot_orders
    relation: ref('stg_orders')
    config: {schema: snapshots, unique_key: order_id, strategy: check, check_cols: all}
""",
    "tests/assert_prices_agree.sql": """
select 1 from {{ ref('totals') }} as t, (select sum(price) as price from {{ ref('by_state') }}) as b
where t.price <> b.price
""",
    "tests/assert_log_agrees.sql": """
select 1 from {{ source('raw', 'log') }} as l, (select count(*) as n from {{ ref('stg_orders') }}) as o
where l.rows_loaded <> o.n
""",
    "tests/assert_sanity.sql": "select 1 where 1 = 2\n",
}

RELATIONS = {
    "states": "staging",
    "stg_orders": "staging",
    "snapshot_orders": "snapshots",
    "by_state": "marts",
    "top_states": "marts",
    "totals": "marts",
}
TABLES = {
    "raw_orders": ("raw", "orders"),
    "load_log": ("raw", "log"),
    "python_ranking": ("python", "ranking"),
}


def load_orders(orders: list[dict[str, Any]]) -> tuple[ibis.Table, ibis.Table]:
    return ibis.memtable(orders), ibis.memtable({"rows_loaded": [len(orders)]})


def rank_states(by_state: ibis.Table) -> ibis.Table:
    return by_state.select("state", position=ibis.row_number().over(order_by=ibis.desc("price")) + 1)


ORDERS = [
    {"order_id": 1, "state": "SP", "price": 30},
    {"order_id": 2, "state": "RJ", "price": 20},
    {"order_id": 3, "state": "SP", "price": 5},
]


class Tiny:
    """The project in a folder of its own, with a catalog and a warehouse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "tiny"
        self.whole: Pipeline | None = None
        self.warehouse = {"backend": "duckdb", "path": str(folder / "tiny.duckdb")}
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text.lstrip())

    def project(self, **changes: Any) -> DbtProject:
        """A new project, as a new session makes one."""
        return DbtProject(
            **{
                "project_dir": self.folder,
                "profiles_dir": self.folder,
                "target_path": self.folder / "target",
                "target": "duckdb",
                "environment": {"TINY_PATH": self.warehouse["path"]},
                **changes,
            }
        )

    def catalog(self, orders: list[dict[str, Any]] | None = None) -> DataCatalog:
        relations = {
            name: DbtRelation(connection=self.warehouse, schema=schema, table=name)
            for name, schema in RELATIONS.items()
        }
        tables = {
            name: WarehouseTable(connection=self.warehouse, schema=schema, table=table)
            for name, (schema, table) in TABLES.items()
        }
        catalog = DataCatalog({**relations, **tables})
        catalog["orders"] = ORDERS if orders is None else orders
        return catalog

    def pipeline(self) -> Pipeline:
        """Python, dbt, Python and dbt again, as Kedro sees it."""
        return Pipeline(
            [
                Node(load_orders, "orders", ["raw_orders", "load_log"], name="load_orders"),
                Node(rank_states, "by_state", "python_ranking", name="rank_states"),
            ]
        ) + create_pipeline(self.project())

    def run(
        self,
        pipeline: Pipeline | None = None,
        catalog: DataCatalog | None = None,
        hooks: Iterable[Any] = (),
        **run_params: Any,
    ) -> Pipeline:
        """Run a pipeline as a session does; return it, so that its steps can be looked at."""
        pipeline = self.pipeline() if pipeline is None else pipeline
        catalog = self.catalog() if catalog is None else catalog
        manager = _create_hook_manager()
        for hook in (DbtHooks(), *hooks):
            manager.register(hook)
        around = {"run_params": run_params, "pipeline": pipeline, "catalog": catalog}
        manager.hook.before_pipeline_run(**around)
        try:
            SequentialRunner().run(pipeline, catalog, manager, **run_params)
        except Exception as error:
            manager.hook.on_pipeline_error(error=error, **around)
            raise
        manager.hook.after_pipeline_run(run_result={}, **around)
        return pipeline

    @staticmethod
    def tested(pipeline: Pipeline) -> dict[str, int]:
        """Return the number of tests that each step of the last run ran, by the name of its relation."""
        results = {step.relation.name: step.result for step in steps_of(pipeline).values()}
        return {name: result.tests for name, result in results.items() if result is not None}

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        table = connect(self.warehouse).table(name, database=RELATIONS[name])
        return sorted(table.to_pandas().itertuples(index=False, name=None))

    def names(self) -> set[str]:
        """Names of all relations of the project that are in the warehouse."""
        warehouse = connect(self.warehouse)
        schemas = set(RELATIONS.values()) & set(warehouse.list_databases())
        return {name for schema in schemas for name in warehouse.list_tables(database=schema)}


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Tiny]:
    yield Tiny(tmp_path)
    disconnect()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """A project after a whole run, `.whole`, shared by tests that break nothing."""
    shared = Tiny(tmp_path_factory.mktemp("built"))
    shared.whole = shared.run()
    yield shared
    disconnect()


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """A project whose graph has been read, shared by tests that change nothing."""
    shared = Tiny(tmp_path_factory.mktemp("parsed"))
    assert shared.project().graph
    yield shared
    disconnect()
