"""What a run would read on BigQuery, and what that costs: by dry runs, which read and change nothing.

BigQuery bills what a query reads, at least 10 MiB for each table in it. Loading, making views and reading
metadata cost nothing: https://cloud.google.com/bigquery/pricing.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

from olist_kedro.datasets import WarehouseTable
from olist_kedro.dbt.pipeline import DbtStep
from olist_kedro.freshness import Freshness
from olist_kedro.progress import task
from olist_kedro.sources.source import SourceError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

MIB = 1 << 20
TIB = 1 << 40
LEAST_BILLED = 10 * MIB  # of each table that a query reads
AT_ONCE = 8  # Google's client keeps ten connections


@dataclass(frozen=True)
class Reading:
    """What a query reads.

    Attributes:
        size: In bytes.
        tables: The number of tables that it comes from.
    """

    size: int
    tables: int

    @property
    def billed(self) -> int:
        """What is billed at most, in bytes: how the bytes are spread over the tables is not told."""
        if not self.size:
            return 0
        return math.ceil(self.size / MIB) * MIB + self.tables * LEAST_BILLED


@dataclass(frozen=True)
class StepCost:
    """The queries of a step.

    Attributes:
        step: Name of the node.
        runs: Whether the next run has to run it: what is fresh is left out.
        readings: What each query reads; None where BigQuery cannot tell.
    """

    step: str
    runs: bool
    readings: tuple[Reading | None, ...]

    @property
    def is_known(self) -> bool:
        """Whether BigQuery can tell of every query."""
        return None not in self.readings

    @property
    def size(self) -> int:
        """Bytes read by the queries that BigQuery can tell of."""
        return sum(reading.size for reading in self.readings if reading)

    @property
    def billed(self) -> int:
        """Bytes billed at most for them."""
        return sum(reading.billed for reading in self.readings if reading)


def nothing_to_pay(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    """Say why a pipeline costs nothing whatever it reads; nothing where it does cost."""
    tables = _tables(pipeline.datasets(), catalog)
    if not tables:
        return "There is nothing to pay: this pipeline does not use the warehouse."
    if next(iter(tables.values())).warehouse["backend"] != "bigquery":
        return (
            "There is nothing to pay: the warehouse of this environment is DuckDB, on this machine.\n"
            "What BigQuery would cost: kedro olist cost --env bigquery"
        )
    return ""


def estimate(pipeline: Pipeline, catalog: CatalogProtocol) -> list[StepCost]:
    """Ask BigQuery what each step's queries would read.

    For dbt these are its own queries. For Python a query that is put together without reading anything is
    known; of a function that fetches rows itself, it is taken that it reads its tables whole.

    Args:
        pipeline: What would run.
        catalog: Its datasets, in BigQuery.

    Returns:
        The steps that have queries, in the order of the pipeline.
    """
    client: Client = next(iter(_tables(pipeline.datasets(), catalog).values())).connection.client
    runs = _what_runs(pipeline, catalog)
    with task("dbt compile"):
        compiled = _compile(pipeline)
    queries = {
        node.name: (
            _of_dbt(node.func, compiled, catalog)
            if isinstance(node.func, DbtStep)
            else _of_python(node, catalog)
        )
        for node in pipeline.nodes
    }
    distinct = sorted({sql for step in queries.values() for sql in step if sql})
    with task("dry runs", len(distinct)) as current, ThreadPoolExecutor(AT_ONCE) as pool:
        readings: dict[str, Reading | None] = {}
        for sql, reading in zip(distinct, pool.map(lambda sql: dry_run(client, sql), distinct), strict=True):
            readings[sql] = reading
            current.advance()
    return [
        StepCost(name, runs[name], tuple(readings.get(sql) for sql in step))
        for name, step in queries.items()
        if step
    ]


def dry_run(client: Client, sql: str) -> Reading | None:
    """Ask what a query would read; None where a table is missing, or is not what the query expects yet."""
    from google.api_core.exceptions import BadRequest, NotFound
    from google.cloud.bigquery import QueryJobConfig

    try:
        # What is in the cache now is out of date once the tables have been built.
        job = client.query(sql, job_config=QueryJobConfig(dry_run=True, use_query_cache=False))
    except (BadRequest, NotFound):
        return None
    return Reading(int(job.total_bytes_processed or 0), len(job.referenced_tables))


def describe(costs: Sequence[StepCost], dollars_per_tib: float) -> str:
    """Return the steps as a table, with totals in bytes and in money."""
    rows = [("step", "queries", "reads", "billed at most")]
    rows += [
        (cost.step, f"{len(cost.readings)}", *_sizes([cost]), "" if cost.runs else "fresh: left out")  # type: ignore[misc]
        for cost in costs
    ]
    now = [cost for cost in costs if cost.runs]
    totals = [
        (name, f"{sum(len(cost.readings) for cost in part)}", *_sizes(part), _money(part, dollars_per_tib))
        for name, part in (("the next run", now), ("everything, with --params=force=true", costs))
    ]
    widths = [max(len(row[place]) for row in (*rows, *totals)) for place in range(4)]
    lines = [_line(row, widths) for row in rows] + [""] + [_line(row, widths) for row in totals]
    if not all(cost.is_known for cost in costs):
        lines += ["", "?: BigQuery can tell only once the tables that the query reads have been built."]
    return "\n".join(lines)


def _what_runs(pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, bool]:
    """Return for each node whether it has to run; all of them where there are no raw files to compare."""
    try:
        return {name: verdict.runs for name, verdict in Freshness(pipeline, catalog).verdicts.items()}
    except SourceError:
        return {node.name: True for node in pipeline.nodes}


def _tables(names: Iterable[str], catalog: CatalogProtocol) -> dict[str, WarehouseTable]:
    datasets = {name: catalog.get(name) for name in sorted(names)}
    return {name: dataset for name, dataset in datasets.items() if isinstance(dataset, WarehouseTable)}


def _compile(pipeline: Pipeline) -> dict[str, Any]:
    """Return dbt's nodes with their SQL, by their ids; none where no step is dbt's."""
    steps = [node.func for node in pipeline.nodes if isinstance(node.func, DbtStep)]
    if not steps:
        return {}
    return {str(result.node.unique_id): result.node for result in steps[0].builder.project.compile()}


def _of_dbt(step: DbtStep, compiled: Mapping[str, Any], catalog: CatalogProtocol) -> list[str]:
    graph = step.builder.project.graph
    unique_id = step.relation.unique_id
    own = compiled.get(unique_id)
    queries = []
    if step.relation.kind == "snapshot" and own is not None:
        queries.append(own.compiled_code)
        if catalog.exists(step.relation.dataset):
            # All versions are read when changes are looked for, and again when they are written.
            queries += [f"select * from {own.relation_name}"] * 2
    elif step.relation.materialized == "table" and own is not None:
        queries.append(own.compiled_code)
    tests = [test.unique_id for test in graph.tests.values() if graph.last_carrier(test) == unique_id]
    # Unit tests are not among them: they read rows that are written in the query.
    return queries + [compiled[test].compiled_code for test in tests if test in compiled]


def _of_python(node: Node, catalog: CatalogProtocol) -> list[str]:
    tables = _tables(node.inputs, catalog)
    if not tables:
        return []
    others = [name for name in node.inputs if name not in tables and not name.startswith("params:")]
    if not others and typing.get_type_hints(node.func).get("return") is ir.Table:
        if not all(catalog.exists(name) for name in tables):
            return [""]
        arguments = [catalog.load(name) for name in node.inputs]
        backend = next(iter(tables.values())).connection
        return [str(backend.compile(node.func(*arguments)))]
    parameters = (catalog.load(name) for name in node.inputs if name.startswith("params:"))
    times = 1 + max((int(getattr(value, "cuts", 0)) for value in parameters), default=0)
    project = next(iter(tables.values())).connection.client.project
    return [
        f"select * from `{project}`.`{table.schema}`.`{table.table}`" for table in tables.values()
    ] * times


def _sizes(costs: Iterable[StepCost]) -> tuple[str, str]:
    costs = list(costs)
    if costs and not any(reading for cost in costs for reading in cost.readings):
        return "?", "?"
    more = "" if all(cost.is_known for cost in costs) else " + ?"
    size, billed = sum(cost.size for cost in costs), sum(cost.billed for cost in costs)
    return _size(size) + more, _size(billed) + more


def _size(number: int) -> str:
    return f"{number / MIB:,.1f} MiB"


def _money(costs: Iterable[StepCost], dollars_per_tib: float) -> str:
    billed = sum(cost.billed for cost in costs)
    return f"{billed / TIB * dollars_per_tib:.3f} USD"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers = row
    right = [f"{text:>{width}}" for text, width in zip(numbers, widths[1:], strict=False)]
    return "  ".join([f"{name:<{widths[0]}}", *right, *numbers[3:]]).rstrip()
