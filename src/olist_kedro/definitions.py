"""The project's jobs for Dagster.

Install them with `pip install -e '.[dagster]'` and open them with `dagster dev -m olist_kedro.definitions`.
Each Kedro pipeline is an op, run in a Kedro session of its own; a job is a chain of them. One process runs
them all, since DuckDB lets only one process in at a time.
"""

# No `from __future__ import annotations` here: Dagster compares the annotation itself.
from pathlib import Path
from typing import Any

import dagster as dg
from kedro.framework.project import settings
from kedro.framework.startup import bootstrap_project
from kedro.runner import SequentialRunner
from kedro.utils import find_kedro_project

JOBS = {
    "elt": ("ingestion", "dbt"),
    "segmentation": ("dbt", "feature_engineering", "som_kmeans", "out_of_time", "reporting"),
    "full": ("ingestion", "dbt", "feature_engineering", "som_kmeans", "out_of_time", "reporting"),
}

CONFIG = {
    "env": dg.Field(dg.Noneable(str), default_value=None, description="Kedro's environment, such as sample."),
    "params": dg.Field(dg.Permissive(), default_value={}, description="Parameters for this run, nested."),
}


def make_op(pipeline: str) -> dg.OpDefinition:
    """Return the op that runs one Kedro pipeline, once what comes before it has run."""

    @dg.op(
        name=pipeline,
        ins={"previous": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
        config_schema=CONFIG,
        description=f"kedro run --pipeline={pipeline}",
    )
    def run(context: dg.OpExecutionContext) -> None:
        project = find_kedro_project(Path.cwd()) or Path.cwd()
        bootstrap_project(project)
        session = settings.SESSION_CLASS.create(
            project, env=context.op_config["env"], runtime_params=context.op_config["params"]
        )
        with session:
            session.run(pipeline_names=[pipeline], runner=SequentialRunner())

    return run


def make_job(name: str, pipelines: tuple[str, ...]) -> dg.JobDefinition:
    """Return the job that runs the pipelines one after the other."""

    @dg.job(name=name, executor_def=dg.in_process_executor)
    def chain() -> None:
        done: list[Any] = []
        for pipeline in pipelines:
            done = [OPS[pipeline](*done)]

    return chain


OPS = {pipeline: make_op(pipeline) for pipeline in JOBS["full"]}

defs = dg.Definitions(jobs=[make_job(name, pipelines) for name, pipelines in JOBS.items()])
