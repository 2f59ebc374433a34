"""The registry makes a pipeline only when somebody asks for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from kedro.framework.project import pipelines

from olist_kedro import pipeline_registry
from olist_kedro.datasets.warehouse import disconnect
from olist_kedro.pipeline_registry import register_pipelines

NAMES = [
    "__default__",
    "dbt",
    "elt",
    "feature_engineering",
    "ingestion",
    "out_of_time",
    "reporting",
    "scoring",
    "segmentation",
    "som_kmeans",
    "tuning",
]

# What `kedro` does, and whether it has imported dbt in the end.
KEDRO = """
import sys
from kedro.framework.cli.cli import main
try:
    main()
except SystemExit as ended:
    print("exit", ended.code, "dbt.cli" in sys.modules, "dbt.version" in sys.modules)
"""


def test_names_are_listed_without_making_a_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_registry, "PARTS", dict.fromkeys(pipeline_registry.PARTS, pytest.fail))

    assert sorted(register_pipelines()) == NAMES


def test_every_node_carries_its_pipelines_name() -> None:
    for name in (
        "ingestion",
        "feature_engineering",
        "som_kmeans",
        "out_of_time",
        "reporting",
        "scoring",
        "tuning",
    ):
        assert all(name in node.tags for node in register_pipelines()[name].nodes)


def test_kedro_viz_gets_all_of_them(make_project: Callable[[], Any]) -> None:
    make_project().session("sample").load_context()

    made = dict(pipelines)

    assert sorted(made) == NAMES
    assert len(made["elt"].nodes) == len(made["ingestion"].nodes) + len(made["dbt"].nodes)
    assert len(made["__default__"].nodes) == len(made["ingestion"].nodes) + len(made["segmentation"].nodes)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["registry", "list"], 0),
        (["run", "--env", "sample", "--pipeline", "reporting"], 1),  # there is nothing to draw yet
        (["run", "--env", "sample", "--pipeline", "ingestion", "--to-outputs", "csv_orders"], 0),
    ],
)
def test_a_command_without_dbts_pipeline_does_not_import_dbt(
    make_project: Callable[[], Any], arguments: list[str], code: int
) -> None:
    disconnect()
    command = [sys.executable, "-c", KEDRO, *arguments]

    process = subprocess.run(command, cwd=make_project().path, capture_output=True, text=True, check=False)

    assert process.stdout.splitlines()[-1] == f"exit {code} False False", process.stderr
