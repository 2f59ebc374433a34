"""What is read from dbt's manifest."""

from __future__ import annotations

import json

import pytest

from olist_kedro.dbt.graph import DbtTest, Graph


@pytest.fixture(scope="module")
def graph(parsed) -> Graph:
    return parsed.project().graph


def named(graph: Graph, name: str) -> DbtTest:
    return next(test for test in graph.tests.values() if test.name == name)


def test_relations_are_all_that_dbt_builds_and_the_sources(graph: Graph) -> None:
    """No ephemeral and no disabled model."""
    assert sorted(relation.name for relation in graph.relations.values()) == [
        "by_state",
        "log",
        "orders",
        "ranking",
        "snapshot_orders",
        "states",
        "stg_orders",
        "top_states",
        "totals",
    ]


def test_parents_reach_through_ephemeral_models(graph: Graph) -> None:
    assert graph.relations["model.tiny.by_state"].parents == ("model.tiny.stg_orders", "seed.tiny.states")
    assert graph.ancestors("model.tiny.by_state") == {
        "model.tiny.stg_orders",
        "seed.tiny.states",
        "source.tiny.raw.orders",
    }


@pytest.mark.parametrize(
    ("unique_id", "layer", "dataset", "place"),
    [
        ("seed.tiny.states", "seeds", "states", "staging.states"),
        ("snapshot.tiny.snapshot_orders", "snapshots", "snapshot_orders", "snapshots.snapshot_orders"),
        ("model.tiny.stg_orders", "staging", "stg_orders", "staging.stg_orders"),
        ("model.tiny.by_state", "marts.sales", "by_state", "marts.by_state"),
        ("source.tiny.raw.orders", "sources", "raw_orders", "raw.orders"),
        ("source.tiny.raw.log", "sources", "load_log", "raw.log"),  # named by its meta
    ],
)
def test_names(graph: Graph, unique_id: str, layer: str, dataset: str, place: str) -> None:
    relation = graph.relations[unique_id]

    assert (relation.layer, relation.dataset) == (layer, dataset)
    assert f"{relation.schema}.{relation.table}" == place


def test_documentation(graph: Graph) -> None:
    relation = graph.relations["model.tiny.stg_orders"]

    assert relation.description == "One row per order."
    assert relation.tags == ("daily",)
    column = relation.columns[0]
    assert (column.name, column.type, column.description) == ("order_id", "integer", "Key of the order.")
    assert relation.sql.startswith("select order_id, state, price from {{ source(")


def test_a_test_is_carried_by_the_relations_that_it_looks_at(graph: Graph) -> None:
    carriers = graph.carriers(named(graph, "assert_prices_agree"))

    assert carriers == ["model.tiny.by_state", "model.tiny.totals"]


def test_a_test_that_looks_at_a_source_of_another_origin_is_carried_by_that_source(graph: Graph) -> None:
    assert graph.carriers(named(graph, "assert_log_agrees")) == ["source.tiny.raw.log"]


def test_a_test_of_sources_alone_is_carried_by_the_one_it_is_written_for(graph: Graph) -> None:
    test = named(graph, "not_null(rows_loaded)")

    assert test.subject == "source.tiny.raw.log"
    assert graph.carriers(test) == ["source.tiny.raw.log"]


def test_goes_through_json_unchanged(graph: Graph) -> None:
    assert Graph.from_dict(json.loads(json.dumps(graph.to_dict()))) == graph
