"""dbt from inside Kedro: a project as a dataset, one runner, a stage of models as a node.

Nothing here knows what the models are about. dbt itself takes seconds to import, so it is imported
where it is used.
"""

from olist_kedro.dbt.datasets import DbtProjectDataset, DbtRelation
from olist_kedro.dbt.project import DbtError, DbtProject
from olist_kedro.dbt.results import StageResult

__all__ = ["DbtError", "DbtProject", "DbtProjectDataset", "DbtRelation", "StageResult"]
