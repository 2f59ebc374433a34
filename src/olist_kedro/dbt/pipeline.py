"""The Kedro pipeline of a dbt project: a node for each relation, with dbt's own dependencies."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from kedro.pipeline import Node, Pipeline
from kedro.pipeline.preview_contract import TextPreview
from kedro.utils import KedroExperimentalWarning

from olist_kedro.dbt.builder import DbtBuilder
from olist_kedro.dbt.fingerprints import engine_versions
from olist_kedro.dbt.graph import DbtTest, Relation, one_line
from olist_kedro.dbt.project import DbtProject, current_project
from olist_kedro.dbt.results import StepResult


class DbtStep:
    """The function of a Kedro node that builds and tests a relation, or tests a source."""

    def __init__(self, relation: Relation, builder: DbtBuilder, parts: Mapping[str, str]) -> None:
        """Bind the relation to the builder that all nodes of the pipeline share.

        Args:
            relation: What the node builds.
            builder: Does it.
            parts: What decides the relation and whether its tests pass, as hashes and versions by name.
        """
        self.relation = relation
        self.builder = builder
        self.parts = parts
        self.keeps_history = relation.grows
        self.__name__ = f"dbt_{relation.kind}"  # Kedro shows it beside the node's name

    def __call__(self, *parents: Any) -> StepResult | None:
        """Build the relation.

        Args:
            *parents: The relations it is made from. dbt reads them itself: they are inputs for the lineage
                and the order.

        Returns:
            What was done, for the relation's dataset; None for a source, whose node has no output.

        Raises:
            DbtError: It failed, or one of its tests did.
        """
        result = self.builder.complete(self.relation.unique_id)
        return None if self.relation.kind == "source" else result

    @property
    def result(self) -> StepResult | None:
        """What the last run did; None if it did not come to that."""
        return self.builder.results.get(self.relation.unique_id)


def create_pipeline(project: DbtProject | None = None) -> Pipeline:
    """Return the pipeline of a dbt project.

    Each seed, snapshot and model is a node `<layer>.build_<name>`, tagged with dbt's tags and its kind.
    Its output is the relation's dataset. A source with tests of its own is a node `sources.test_<dataset>`.

    Args:
        project: The dbt project; that of the Kedro session by default.
    """
    project = project or current_project()
    builder = DbtBuilder(project)
    graph = project.graph
    carried: dict[str, list[DbtTest]] = {}  # by the relations that answer for them
    written_for: dict[str, list[DbtTest]] = {}
    tested: dict[str | None, dict[str, str]] = {}
    for test in graph.tests.values():
        for carrier in graph.carriers(test):
            carried.setdefault(carrier, []).append(test)
        written_for.setdefault(test.subject, []).append(test)
        own = tested.setdefault(graph.last_carrier(test), {})
        own[f"test {test.selector.rpartition('.')[2]}"] = test.fingerprint
    engine = engine_versions(graph.adapter)

    nodes = []
    for relation in graph.relations.values():
        parts = {**engine, **relation.parts, **tested.get(relation.unique_id, {})}
        reads = set(relation.parents)
        if relation.kind == "source":
            reads = {parent for test in carried.get(relation.unique_id, ()) for parent in test.parents}
            if not reads:
                continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", KedroExperimentalWarning)  # of previews
            nodes.append(
                Node(
                    func=DbtStep(relation, builder, parts),
                    inputs=[graph.relations[parent].dataset for parent in sorted(reads)] or None,
                    outputs=None if relation.kind == "source" else relation.dataset,
                    name=f"{'test' if relation.kind == 'source' else 'build'}_{relation.dataset}",
                    namespace=relation.layer,
                    tags={relation.kind, *relation.tags},
                    preview_fn=_preview_of(relation, written_for.get(relation.unique_id, ())),
                )
            )
    return Pipeline(nodes)


def steps_of(pipeline: Pipeline) -> dict[str, DbtStep]:
    """Return dbt's steps among the nodes of a pipeline, by the node's name."""
    return {node.name: node.func for node in pipeline.nodes if isinstance(node.func, DbtStep)}


def _preview_of(relation: Relation, tests: Iterable[DbtTest]) -> Any:
    text = describe(relation, tests)
    return lambda: TextPreview(text, meta={"language": "sql"})


def describe(relation: Relation, tests: Iterable[DbtTest]) -> str:
    """Return a relation's description, columns, tests and SQL as one text, the SQL last."""
    names = sorted(test.name for test in tests)
    width = max((len(column.name) for column in relation.columns), default=0)
    columns = [
        f"  {column.name:<{width}}  {' '.join(filter(None, (column.type, one_line(column.description))))}"
        for column in relation.columns
    ]
    parts = [
        [f"{relation.schema}.{relation.table}", *textwrap.wrap(one_line(relation.description), 100)],
        ["columns:", *columns] if columns else [],
        [f"tests ({len(names)}):", *(f"  {name}" for name in names)] if names else [],
        [relation.path],
    ]
    comment = "\n--\n".join("\n".join(f"-- {line}".rstrip() for line in part) for part in parts if part)
    return f"{comment}\n\n{relation.sql.strip()}".strip() + "\n"
