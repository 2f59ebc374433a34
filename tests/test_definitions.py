"""The jobs for Dagster, run by Dagster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kedro.pipeline import Pipeline

from olist_kedro.definitions import JOBS, defs
from olist_kedro.pipeline_registry import register_pipelines


@pytest.mark.parametrize("name", JOBS)
def test_job_is_a_chain_of_pipelines(name: str) -> None:
    job = defs.get_job_def(name)

    chain = [node.name for node in job.nodes_in_topological_order]
    pipelines = register_pipelines()
    whole = pipelines["__default__" if name == "full" else name]
    assert chain == list(JOBS[name])
    assert sum((pipelines[part] for part in chain), Pipeline([])).nodes == whole.nodes


def test_job_runs_the_pipeline_with_its_parameters(
    make_project: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project()
    monkeypatch.chdir(project.path)
    config = {"env": "sample", "params": {"ingestion": {"synthetic": {"orders": 50}}}}

    result = defs.get_job_def("elt").execute_in_process(
        run_config={"ops": {"ingestion": {"config": config}}}, op_selection=["ingestion"]
    )

    assert result.success
    report = project.catalog("sample").load("ingestion_report")
    assert report["tables"]["orders"]["loaded"] == 50
