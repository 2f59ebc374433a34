"""The out-of-time check.

A pipeline of its own: it reads the star schema, which `som_kmeans` does without, and comes after the gate,
since it takes the number of segments from the published model.
"""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from olist_kedro.pipelines.out_of_time import nodes


def create_pipeline() -> Pipeline:
    """Return the pipeline that makes `out_of_time_check`."""
    return Pipeline(
        [
            Node(
                func=nodes.follow_customers,
                inputs=[
                    "dim_customer",
                    "dim_date",
                    "dim_product",
                    "fact_orders",
                    "fact_sales",
                    "fact_payments",
                    "fact_reviews",
                    "fact_fulfillment",
                    "params:feature_engineering",
                    "params:model_features",
                    "params:segment_naming",
                    "params:out_of_time",
                ],
                outputs="followed_customers",
                name="follow_customers",
            ),
            Node(
                func=nodes.segment_followed_customers,
                inputs=[
                    "followed_customers",
                    "segmentation_model",
                    "params:model_features",
                    "params:som",
                    "params:clustering",
                    "params:segment_naming",
                ],
                outputs="segmented_follow_up",
                name="segment_followed_customers",
            ),
            Node(
                func=nodes.compare_outcomes,
                inputs=["segmented_follow_up", "params:out_of_time"],
                outputs="out_of_time_check",
                name="compare_outcomes",
            ),
        ]
    )
