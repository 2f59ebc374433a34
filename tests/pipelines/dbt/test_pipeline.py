"""The dbt pipeline against the dbt project that it builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from olist_kedro.dbt.stages import select_stage
from olist_kedro.pipelines.dbt.pipeline import STAGES, create_pipeline


@pytest.fixture(scope="module")
def dbt_project(make_project: Callable[[], Any]) -> Any:
    return make_project().catalog("sample").load("dbt_project")


def relation(unique_id: str) -> str:
    """Return the catalog's name of a dbt model, snapshot or source."""
    kind, *_, name = unique_id.split(".")
    return f"raw_{name}" if kind == "source" and name != "load_log" else name


def stage_of(manifest: Any, dbt_project: Any) -> dict[str, str]:
    """Return the stage that holds each seed, snapshot and model."""
    return {
        unique_id: stage
        for unique_id, node in manifest.nodes.items()
        for stage, paths in dbt_project.stages.items()
        if node.resource_type != "test" and any(node.original_file_path.startswith(f"{p}/") for p in paths)
    }


def test_stages_are_those_of_the_catalog(dbt_project: Any) -> None:
    assert list(STAGES) == list(dbt_project.stages)
    assert [node.name for node in create_pipeline().nodes] == [f"build_{stage}" for stage in STAGES]


def test_stages_build_and_test_everything_once(dbt_project: Any) -> None:
    manifest = dbt_project.manifest

    selected = [name for stage in STAGES for name in select_stage(manifest, dbt_project.stages, stage)]

    everything = [*manifest.nodes.values(), *manifest.unit_tests.values()]
    assert sorted(selected) == sorted("fqn:" + ".".join(node.fqn) for node in everything)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_declares_what_it_reads_and_makes(dbt_project: Any, stage: str) -> None:
    manifest = dbt_project.manifest
    stages = stage_of(manifest, dbt_project)
    models = {key for key, holder in stages.items() if holder == stage and not key.startswith("seed.")}
    parents = {parent for model in models for parent in manifest.nodes[model].depends_on.nodes}
    read = {
        relation(parent)
        for parent in parents
        if stages.get(parent) != stage and not parent.startswith("seed.")
    }

    declared_parents, declared_relations = STAGES[stage]

    assert set(declared_relations) == {relation(model) for model in models}
    # Beyond what its models read, a stage may read what its tests compare them with.
    assert read <= set(declared_parents)
