"""From the model's matrix to published segments."""

from olist_kedro.pipelines.som_kmeans.pipeline import create_pipeline

__all__ = ["create_pipeline"]
