"""Pictures of the segmentation."""

from olist_kedro.pipelines.reporting.pipeline import create_pipeline

__all__ = ["create_pipeline"]
