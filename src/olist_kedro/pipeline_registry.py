"""The project's pipelines by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from kedro.pipeline import Pipeline

from olist_kedro import dbt
from olist_kedro.pipelines import (
    feature_engineering,
    ingestion,
    out_of_time,
    reporting,
    scoring,
    som_kmeans,
    tuning,
)

# Each part is made by its own function; the others are made of parts.
PARTS: Mapping[str, Callable[[], Pipeline]] = {
    "ingestion": ingestion.create_pipeline,
    "dbt": dbt.create_pipeline,
    "feature_engineering": feature_engineering.create_pipeline,
    "som_kmeans": som_kmeans.create_pipeline,
    "out_of_time": out_of_time.create_pipeline,
    "reporting": reporting.create_pipeline,
    "scoring": scoring.create_pipeline,
    "tuning": tuning.create_pipeline,
}
ON_REQUEST = ("scoring", "tuning")  # no part of a whole
WHOLES: Mapping[str, tuple[str, ...]] = {
    "elt": ("ingestion", "dbt"),
    "segmentation": ("dbt", "feature_engineering", "som_kmeans", "out_of_time", "reporting"),
    "__default__": tuple(part for part in PARTS if part not in ON_REQUEST),
}


def register_pipelines() -> dict[str, Pipeline]:
    """Return each pipeline that `kedro run --pipeline=<name>` can run.

    Every node carries the name of its own pipeline as a tag, so `--tags` selects the same way and
    the summary at the end of a run can tell how long each part took.
    """
    makers = {name: partial(_make_part, name) for name in PARTS}
    makers |= {name: partial(_make_whole, parts) for name, parts in WHOLES.items()}
    return LazyPipelines(makers)


class LazyPipelines(dict[str, Pipeline]):
    """Pipelines that are made when they are asked for.

    So only a command that needs dbt's pipeline reads its manifest. Kedro copies the dictionary to list its
    names, and asks for each pipeline by name.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Pipeline]]) -> None:
        """Take the function that makes each pipeline."""
        super().__init__(makers)  # type: ignore[arg-type]

    def __getitem__(self, name: str) -> Pipeline:
        """Make a pipeline."""
        maker: Any = super().__getitem__(name)
        return cast("Pipeline", maker())


def _make_part(name: str) -> Pipeline:
    return Pipeline(PARTS[name](), tags=name)


def _make_whole(parts: tuple[str, ...]) -> Pipeline:
    return sum(map(_make_part, parts), Pipeline([]))
