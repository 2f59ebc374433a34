"""From the nine raw files to the raw tables of the warehouse: fetch, check, clean, load."""

from olist_kedro.pipelines.ingestion.pipeline import create_pipeline

__all__ = ["create_pipeline"]
