"""Parameters of the pipeline `scoring`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, field_validator, model_validator

from olist_kedro.segmentation.drift import DISTANCE_QUANTILES


class DriftParameters(BaseModel):
    """When customers have drifted away from those of the training.

    Attributes:
        moderate_psi: A population stability index from here on is worth a look.
        significant_psi: From here on the model should be trained again.
        max_outside_share: The model should be trained again if more customers than this are outside the map.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    moderate_psi: PositiveFloat
    significant_psi: PositiveFloat
    max_outside_share: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _levels_in_order(self) -> DriftParameters:
        if self.significant_psi < self.moderate_psi:
            raise ValueError("significant_psi must be at least moderate_psi")
        return self


class ScoringParameters(BaseModel):
    """How customers are scored.

    Attributes:
        engine: `python` fetches the features and searches here; `warehouse` has the warehouse do it in SQL.
        outside_quantile: A customer is outside the map if farther from it than this share of the customers in
            training.
        drift: When to train again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: Literal["python", "warehouse"]
    outside_quantile: float
    drift: DriftParameters

    @field_validator("outside_quantile")
    @classmethod
    def _is_kept(cls, quantile: float) -> float:
        if quantile not in DISTANCE_QUANTILES:
            kept = ", ".join(map(str, DISTANCE_QUANTILES))
            raise ValueError(f"the model keeps these quantiles of the distances: {kept}")
        return quantile
