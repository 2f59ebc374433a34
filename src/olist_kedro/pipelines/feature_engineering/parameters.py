"""Parameters of the pipeline `feature_engineering`."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict


class FeatureEngineeringParameters(BaseModel):
    """What counts as a purchase, and from which day recency is counted.

    Attributes:
        reference_date: The day on which the customers are looked at; without one, the day after the
            last purchase in the data.
        left_out_order_statuses: Orders in these states do not count, in any feature.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference_date: date | None = None
    left_out_order_statuses: tuple[str, ...] = ()
