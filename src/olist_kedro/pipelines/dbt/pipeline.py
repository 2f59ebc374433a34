"""The dbt pipeline: one node a stage, in dbt's own order."""

from __future__ import annotations

from itertools import pairwise

from kedro.pipeline import Node, Pipeline

from olist_kedro.contracts import TABLES
from olist_kedro.pipelines.dbt.nodes import stage_builder

DIMENSIONS = ("dim_customer", "dim_date", "dim_geolocation", "dim_product", "dim_seller")

# For each stage of the catalog's dbt project: the tables it reads and the relations it makes.
STAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "staging": (
        (*(f"raw_{table}" for table in TABLES), "load_log"),
        (*(f"stg_{table}" for table in TABLES), "int_geolocation_by_zip_prefix"),
    ),
    "snapshots": (
        ("stg_customers", "stg_products", "stg_sellers", "int_geolocation_by_zip_prefix"),
        ("snapshot_customers", "snapshot_geolocation", "snapshot_products", "snapshot_sellers"),
    ),
    "core": (
        (
            "snapshot_customers",
            "snapshot_geolocation",
            "snapshot_products",
            "snapshot_sellers",
            "stg_product_category_name_translation",
        ),
        DIMENSIONS,
    ),
    "operations": (("stg_orders", "stg_order_items", *DIMENSIONS), ("fact_orders", "fact_fulfillment")),
    "sales": (("stg_orders", "stg_order_items", *DIMENSIONS), ("fact_sales",)),
    "finance": (("stg_orders", "stg_order_payments", "dim_customer", "dim_date"), ("fact_payments",)),
    "customer_service": (("stg_orders", "stg_order_reviews", "dim_customer", "dim_date"), ("fact_reviews",)),
}


def create_pipeline() -> Pipeline:
    """Return one node for each stage.

    A stage also waits for the one before it, because tests that look at two stages run with the later one.
    """
    previous = {after: (f"dbt_result_{before}",) for before, after in pairwise(STAGES)}
    return Pipeline(
        Node(
            func=stage_builder(stage, len(relations)),
            inputs=["dbt_project", *parents, *previous.get(stage, ())],
            outputs=[*relations, f"dbt_result_{stage}"],
            name=f"build_{stage}",
        )
        for stage, (parents, relations) in STAGES.items()
    )
