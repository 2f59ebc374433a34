"""From the published model and today's features to a segment for every customer, and to a report on drift."""

from olist_kedro.pipelines.scoring.pipeline import create_pipeline

__all__ = ["create_pipeline"]
