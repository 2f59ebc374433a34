"""Parameters of the pipeline `out_of_time`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt


class OutOfTimeParameters(BaseModel):
    """At which dates the data is cut, and how long customers are followed.

    Attributes:
        cuts: Number of cut dates. Their follow-ups adjoin; the last one ends with the data.
        horizon_days: Days for which the customers are followed after a cut date.
        min_customers: A cut date before which fewer had bought is left out.
        draws: Bootstrap draws for the intervals of means.
        seed: Of the draws.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cuts: NonNegativeInt
    horizon_days: PositiveInt
    min_customers: PositiveInt
    draws: PositiveInt
    seed: NonNegativeInt
