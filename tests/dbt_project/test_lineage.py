"""The dbt project as Kedro sees it: every relation a node and a dataset, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kedro.framework.project import pipelines
from kedro.pipeline import Pipeline

from olist_kedro.dbt import DbtRelation
from olist_kedro.dbt.pipeline import steps_of
from olist_kedro.dbt.plan import plan_builds
from olist_kedro.dbt.project import current_project


@pytest.fixture(scope="module")
def context(make_project: Callable[[], Any]) -> Any:
    return make_project().session("sample").load_context()


@pytest.fixture(scope="module")
def whole(context: Any) -> Pipeline:
    return pipelines["__default__"]


def test_every_relation_is_a_dataset_of_the_catalog_and_the_same_table(context: Any, whole: Pipeline) -> None:
    catalog = context.catalog
    relations = [step.relation for step in steps_of(whole).values() if step.relation.kind != "source"]

    assert len(relations) == 27
    for relation in relations:
        dataset = catalog.get(relation.dataset)
        assert isinstance(dataset, DbtRelation), relation.dataset
        assert (dataset.schema, dataset.table) == (relation.schema, relation.table)
        assert dataset.metadata["kedro-viz"]["layer"] == "primary"


def test_every_source_is_a_table_that_ingestion_loads(context: Any, whole: Pipeline) -> None:
    graph = current_project().graph
    loaded = pipelines["ingestion"].all_outputs()

    for relation in graph.relations.values():
        if relation.kind == "source":
            dataset = context.catalog.get(relation.dataset)
            assert relation.dataset in loaded
            assert (dataset.schema, dataset.table) == (relation.schema, relation.table)


def test_edges_are_dbts_own(whole: Pipeline) -> None:
    manifest = current_project().manifest
    for step in steps_of(whole).values():
        if step.relation.kind == "source":
            continue
        node = next(node for node in whole.nodes if node.func is step)
        depends_on = manifest.nodes[step.relation.unique_id].depends_on
        parents = [*manifest.nodes.values(), *manifest.sources.values()]
        names = {parent.unique_id: parent.name for parent in parents}
        expected = {
            names[parent] if not parent.startswith("source.") else f"raw_{names[parent]}"
            for parent in getattr(depends_on, "nodes", ())
        }
        assert set(node.inputs) == expected


def test_a_whole_run_runs_every_test_of_the_manifest_once(whole: Pipeline) -> None:
    project = current_project()
    names = {
        node.name: step.relation.unique_id
        for node in whole.nodes
        for step in [node.func]
        if node.name in steps_of(whole)
    }
    order = [names.get(node.name, node.name) for node in whole.nodes]
    dependencies = {
        names.get(node.name, node.name): [names.get(parent.name, parent.name) for parent in parents]
        for node, parents in whole.node_dependencies.items()
    }

    plan = plan_builds(order, dependencies, project.graph, lambda _: False)

    manifest = project.manifest
    tests = {key for key, node in manifest.nodes.items() if str(node.resource_type) == "test"}
    ran = [test for build in plan.builds for test in build.tests]
    assert sorted(ran) == sorted(tests | manifest.unit_tests.keys())
    assert len(plan.builds) == 2  # what needs seeds alone, and all the rest after the load


def test_everything_hangs_together_in_one_graph(whole: Pipeline) -> None:
    neighbours: dict[str, set[str]] = {}
    for node in whole.nodes:
        for dataset in (*node.inputs, *node.outputs):
            if not dataset.startswith("params:"):
                neighbours.setdefault(node.name, set()).add(dataset)
                neighbours.setdefault(dataset, set()).add(node.name)
    reached, waiting = set(), ["segment_overview_plot"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(neighbours[name])

    assert reached == neighbours.keys()


def test_namespaces_are_layers_and_marts(whole: Pipeline) -> None:
    assert {node.namespace for node in whole.nodes if node.namespace} == {
        "seeds",
        "sources",
        "staging",
        "intermediate",
        "snapshots",
        *(f"marts.{mart}" for mart in ("core", "operations", "sales", "finance", "customer_service")),
    }
