"""The pipeline `ingestion`: fetch, check, clean and load the nine raw files."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from olist_kedro.contracts import PARENTS, TABLES
from olist_kedro.pipelines.ingestion.nodes import (
    check_columns,
    check_quality,
    choose_source,
    make_cleaner,
    make_loader,
    record_loads,
)


def create_pipeline() -> Pipeline:
    """Return the pipeline; its cleaning and loading nodes come one a table."""
    return Pipeline(
        [
            Node(
                func=choose_source,
                inputs=["raw_sources", "params:ingestion", "params:contracts"],
                outputs=_names("csv"),
                name="choose_source",
            ),
            Node(
                func=check_columns,
                inputs=["params:contracts", *_names("csv")],
                outputs="csv_columns",
                name="check_columns",
            ),
            *(
                Node(
                    func=make_cleaner(table),
                    inputs=[
                        f"csv_{table}",
                        "csv_columns",
                        f"params:contracts.{table}",
                        *(f"cleaned_{parent}" for parent in PARENTS.get(table, ())),
                    ],
                    outputs=[f"cleaned_{table}", f"quarantine_{table}", f"cleaning_report_{table}"],
                    name=f"clean_{table}",
                )
                for table in TABLES
            ),
            Node(
                func=check_quality,
                inputs=[
                    "params:ingestion",
                    "previous_load_log",
                    *_names("cleaning_report"),
                    *_names("cleaned"),
                ],
                outputs="ingestion_report",
                name="check_quality",
            ),
            *(
                Node(
                    func=make_loader(table),
                    inputs=[f"cleaned_{table}", "ingestion_report"],
                    outputs=f"raw_{table}",
                    name=f"load_{table}",
                )
                for table in TABLES
            ),
            Node(
                func=record_loads,
                inputs=["ingestion_report", *_names("raw")],
                outputs="load_log",
                name="record_loads",
            ),
        ]
    )


def _names(prefix: str) -> list[str]:
    return [f"{prefix}_{table}" for table in TABLES]
