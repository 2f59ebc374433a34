"""From raw tables to a tested star schema: dbt's models, stage by stage."""

from olist_kedro.pipelines.dbt.pipeline import create_pipeline

__all__ = ["create_pipeline"]
