"""The catalog's own dataset types."""

from olist_kedro.datasets.bigquery_load import BigQueryLoad
from olist_kedro.datasets.optional_json import OptionalJSONDataset
from olist_kedro.datasets.warehouse_table import WarehouseTable

__all__ = ["BigQueryLoad", "OptionalJSONDataset", "WarehouseTable"]
