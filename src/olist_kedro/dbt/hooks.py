"""What the dbt nodes need to know of a Kedro session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from olist_kedro.dbt.datasets import DbtRelation
from olist_kedro.dbt.pipeline import DbtStep, steps_of
from olist_kedro.dbt.project import DbtError, DbtProject, set_current_project

if TYPE_CHECKING:
    from kedro.framework.context import KedroContext
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline


class DbtHooks:
    """Reads `conf/*/dbt.yml` for a session and plans the builds of its run. It belongs in `HOOKS`."""

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Take the session's dbt project, before its pipelines are made."""
        config = context.config_loader["dbt"]
        set_current_project(DbtProject.from_config(config, Path(context.project_path)))

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Plan which builds the run needs.

        Raises:
            DbtError: A relation has no dataset in the catalog, or one that is another table.
        """
        steps = steps_of(pipeline)
        for step in steps.values():
            _check_dataset(step, catalog)
        for builder in {step.builder for step in steps.values()}:
            relations = builder.project.graph.relations
            order, dependencies = [], {}
            if not run_params.get("only_missing_outputs"):  # then Kedro leaves nodes out: each builds alone
                names = {name: step.relation.unique_id for name, step in steps.items()}
                order = [names.get(node.name, node.name) for node in pipeline.nodes]
                dependencies = {
                    names.get(node.name, node.name): [
                        names.get(parent.name, parent.name) for parent in parents
                    ]
                    for node, parents in pipeline.node_dependencies.items()
                }

            def exists(unique_id: str, relations: Any = relations) -> bool:
                return catalog.exists(relations[unique_id].dataset)

            builder.prepare(order, dependencies, exists)


def _check_dataset(step: DbtStep, catalog: CatalogProtocol) -> None:
    relation = step.relation
    if relation.kind == "source":
        return
    dataset = catalog.get(relation.dataset)
    if not isinstance(dataset, DbtRelation):
        raise DbtError(
            f"The catalog has no dataset for dbt's {relation.kind} {relation.name}. Add one, such as:\n\n"
            f"{relation.dataset}:\n  type: olist_kedro.dbt.DbtRelation\n"
            f"  connection: ${{globals:warehouse}}\n  schema: {relation.schema}\n  table: {relation.table}\n"
        )
    if (dataset.schema, dataset.table) != (relation.schema, relation.table):
        raise DbtError(
            f"The catalog's {relation.dataset} is {dataset.schema}.{dataset.table}, but dbt builds its "
            f"{relation.kind} {relation.name} as {relation.schema}.{relation.table}: make them agree."
        )
