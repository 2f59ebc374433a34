"""A search for better parameters of the segmentation."""

from olist_kedro.pipelines.tuning.pipeline import create_pipeline

__all__ = ["create_pipeline"]
