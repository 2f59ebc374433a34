"""Parameters of the reporting pipeline (conf/base/parameters_reporting.yml)."""

from pydantic import BaseModel, ConfigDict

from olist_kedro.plots.labels import FeatureLabel


class ReportingParameters(BaseModel):
    """How pictures call things."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: dict[str, FeatureLabel] = {}
    """Label and unit by feature; a feature without an entry is shown by its column name."""
