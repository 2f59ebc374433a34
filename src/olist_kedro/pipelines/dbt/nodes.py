"""Nodes that build the dbt project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis.expr.types as ir

from olist_kedro.dbt import DbtProject, StageResult


def stage_builder(stage: str, relations: int) -> Callable[..., list[StageResult | dict[str, Any]]]:
    """Return the function of the node that builds one stage.

    Args:
        stage: The stage, as the catalog's dbt project defines it.
        relations: Number of relations the stage makes that are outputs of the node.

    Returns:
        A function of the dbt project and of the tables that the stage reads. Those are not touched: dbt reads
        them itself, and they are inputs for the lineage and the order. It gives the stage's result once
        for each relation, and once more as plain data, for the record.
    """

    def build_stage(project: DbtProject, *parents: ir.Table) -> list[StageResult | dict[str, Any]]:
        result = project.build(stage)
        return [*[result] * relations, result.to_dict()]

    return build_stage
