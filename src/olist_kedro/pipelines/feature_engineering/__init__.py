"""From the star schema to one row of features a customer, and to the model's matrix."""

from olist_kedro.pipelines.feature_engineering.pipeline import create_pipeline

__all__ = ["create_pipeline"]
