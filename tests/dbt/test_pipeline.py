"""A dbt project run by Kedro: its nodes, what runs for which selection, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from kedro.io import MemoryDataset

from olist_kedro.datasets.warehouse import connect
from olist_kedro.dbt import DbtError, DbtRelation
from olist_kedro.dbt.pipeline import steps_of

EVERYTHING = {
    "orders": 2,
    "log": 2,  # with the test that compares it with stg_orders
    "states": 0,
    "stg_orders": 4,  # with the relationship to states, and the unit test
    "snapshot_orders": 0,
    "totals": 1,
    "by_state": 2,  # with the comparison with totals, which comes before it
    "top_states": 2,  # with the relationship to by_state, and the test that looks at nothing
}


def test_each_relation_is_a_node_with_dbts_dependencies(built) -> None:
    nodes = {node.name: (node.inputs, node.outputs) for node in built.whole.nodes}

    assert nodes == {
        "load_orders": (["orders"], ["raw_orders", "load_log"]),
        "rank_states": (["by_state"], ["python_ranking"]),
        "seeds.build_states": ([], ["states"]),
        "sources.test_raw_orders": (["raw_orders"], []),
        "sources.test_load_log": (["stg_orders", "load_log"], []),
        "staging.build_stg_orders": (["raw_orders"], ["stg_orders"]),
        "snapshots.build_snapshot_orders": (["stg_orders"], ["snapshot_orders"]),
        "marts.build_totals": (["stg_orders"], ["totals"]),
        "marts.sales.build_by_state": (["stg_orders", "states"], ["by_state"]),
        "ranked.build_top_states": (["python_ranking"], ["top_states"]),
    }


def test_nodes_carry_dbts_tags_and_their_kind(built) -> None:
    tags = {node.short_name: node.tags for node in built.whole.nodes}

    assert tags["build_stg_orders"] == {"model", "daily"}
    assert tags["build_states"] == {"seed"}
    assert tags["test_raw_orders"] == {"source"}


def test_a_node_shows_description_columns_tests_and_sql(built) -> None:
    node = next(node for node in built.whole.nodes if node.short_name == "build_stg_orders")

    assert node.preview().meta == {"language": "sql"}
    assert node.preview().content == (
        "-- staging.stg_orders\n-- One row per order.\n--\n"
        "-- columns:\n--   order_id  integer Key of the order.\n--   state\n--\n"
        "-- tests (5):\n--   assert_log_agrees\n--   keeps_prices\n--   not_null(order_id)\n"
        "--   relationships(state)\n--   unique(order_id)\n--\n-- models/staging/stg_orders.sql\n\n"
        "select order_id, state, price from {{ source('raw', 'orders') }}\n"
    )


def test_a_whole_run_builds_and_tests_everything_once(built) -> None:
    assert built.tested(built.whole) == EVERYTHING
    assert built.rows("top_states") == [("RJ", 2), ("SP", 1)]


def test_a_whole_run_runs_as_many_tests_as_dbt_does(built, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.cli.main import dbtRunner

    monkeypatch.setenv("TINY_PATH", built.warehouse["path"])
    project = built.project()
    outcome = dbtRunner().invoke([*project.global_flags(), "build", *project.flags()])

    kinds = [str(result.node.resource_type) for result in outcome.result.results]
    assert outcome.success
    assert sum(kind in ("test", "unit_test") for kind in kinds) == sum(EVERYTHING.values())


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        # All tests that look at a rebuilt relation run, since all else that they look at is there.
        ({"to_outputs": ["totals"]}, {"stg_orders": 4, "totals": 2}),
        ({"from_nodes": ["marts.sales.build_by_state"]}, {"by_state": 2, "top_states": 1}),
        ({"node_names": ["marts.build_totals"]}, {"totals": 2}),
        ({"node_namespaces": ["marts"]}, {"totals": 1, "by_state": 3}),
        ({"node_namespaces": ["marts.sales"]}, {"by_state": 3}),
        ({"node_namespaces": ["sources"]}, {"orders": 2, "log": 2}),
        ({"tags": ["daily"]}, {"stg_orders": 4, "totals": 2}),
        ({"tags": ["snapshot", "seed"]}, {"states": 1, "snapshot_orders": 0}),
        ({"to_nodes": ["sources.test_raw_orders"]}, {"orders": 2}),
    ],
)
def test_a_selection_runs_just_its_relations_and_their_tests(
    built, selection: dict[str, Any], expected: dict[str, int]
) -> None:
    pipeline = built.run(built.pipeline().filter(**selection))

    assert built.tested(pipeline) == expected


def test_a_test_waits_for_the_run_that_builds_all_that_it_looks_at(tiny) -> None:
    first = tiny.run(tiny.pipeline().filter(to_outputs=["totals"]))
    assert tiny.tested(first) == {"stg_orders": 3, "totals": 1}  # neither states nor by_state is there yet
    assert tiny.names() == {"stg_orders", "totals"}

    second = tiny.run(tiny.pipeline().filter(node_names=["seeds.build_states", "marts.sales.build_by_state"]))
    assert tiny.tested(second) == {"states": 1, "by_state": 2}


def test_only_missing_outputs_builds_what_is_missing(built) -> None:
    connect(built.warehouse).drop_table("totals", database="marts")

    pipeline = built.run(only_missing_outputs=True)

    assert built.tested(pipeline) == {
        "totals": 2,
        # Without outputs: Kedro always runs these.
        "orders": 2,
        "log": 2,
    }


def test_a_relation_without_a_dataset_is_refused_with_what_to_add(tiny) -> None:
    catalog = tiny.catalog()
    catalog["totals"] = MemoryDataset()

    with pytest.raises(DbtError, match=r"(?s)no dataset for dbt's model totals.*table: totals"):
        tiny.run(catalog=catalog)


def test_a_dataset_that_is_another_table_is_refused(tiny) -> None:
    catalog = tiny.catalog()
    catalog["totals"] = DbtRelation(connection=tiny.warehouse, schema="marts", table="sums")

    with pytest.raises(DbtError, match=r"is marts\.sums, but dbt builds its model totals as marts\.totals"):
        tiny.run(catalog=catalog)


def test_without_the_hooks_a_node_says_what_is_missing(tiny) -> None:
    step = steps_of(tiny.pipeline())["seeds.build_states"]

    with pytest.raises(DbtError, match=r"Add DbtHooks\(\) to HOOKS"):
        step()
