"""dbt from inside Kedro: every relation a node and a dataset, one build for all of them.

Nothing here knows what the models are about. dbt itself takes seconds to import, so it is imported
where it is used.
"""

from olist_kedro.dbt.datasets import DbtRelation
from olist_kedro.dbt.hooks import DbtHooks
from olist_kedro.dbt.pipeline import create_pipeline
from olist_kedro.dbt.project import DbtError, DbtProject

__all__ = ["DbtError", "DbtHooks", "DbtProject", "DbtRelation", "create_pipeline"]
