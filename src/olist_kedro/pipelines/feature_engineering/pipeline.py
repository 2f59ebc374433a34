"""The feature engineering pipeline."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from olist_kedro.pipelines.feature_engineering.nodes import create_customer_features, select_model_input


def create_pipeline() -> Pipeline:
    """Return the pipeline that makes `customer_features` and `model_input`."""
    return Pipeline(
        [
            Node(
                func=create_customer_features,
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
                ],
                outputs="customer_features",
                name="create_customer_features",
            ),
            Node(
                func=select_model_input,
                inputs=["customer_features", "params:model_features"],
                outputs="model_input",
                name="select_model_input",
            ),
        ]
    )
