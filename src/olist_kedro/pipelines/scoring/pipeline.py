"""The scoring pipeline."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from olist_kedro.pipelines import feature_engineering
from olist_kedro.pipelines.scoring import nodes


def create_pipeline() -> Pipeline:
    """Return the pipeline from the star schema and the published model to scores and drift.

    It computes `customer_features` itself, so that nobody is scored by yesterday's, and leaves out what
    feature engineering does for training: fetching the model's matrix from the warehouse.
    """
    return feature_engineering.create_pipeline().to_outputs("customer_features") + Pipeline(
        [
            Node(
                func=nodes.read_published_model,
                inputs=[
                    "segmentation_model",
                    "segmentation_codebook",
                    "customer_features",
                    "dim_customer_segmented",
                ],
                outputs="published_model",
                name="read_published_model",
            ),
            Node(
                func=nodes.score_customers,
                inputs=[
                    "published_model",
                    "segmentation_codebook",
                    "customer_features",
                    "dim_customer_segmented",
                    "params:scoring",
                ],
                outputs="customer_scores",
                name="score_customers",
            ),
            Node(
                func=nodes.measure_drift,
                inputs=["published_model", "customer_features", "customer_scores", "params:scoring"],
                outputs="drift_report",
                name="measure_drift",
            ),
        ]
    )
