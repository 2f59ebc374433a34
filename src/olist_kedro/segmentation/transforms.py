"""From features in their own units to the model's space: imputed, transformed, scaled, clipped.

What is fitted is plain data (`FittedFeature`), so that a published model can be stored as JSON and treat
new customers as it treated those it was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from olist_kedro.errors import OlistError

FloatArray = NDArray[np.float64]
Transform = Literal["none", "log1p", "sqrt"]

TRANSFORMS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none": np.positive,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
}


class UnusableFeatureError(OlistError):
    """A feature cannot be used in the model as the parameters ask."""


class ModelFeature(BaseModel):
    """A feature of the model and how it is treated: impute, transform, quantiles, scale, clip, weight.

    Attributes:
        name: A numeric column of `customer_features`.
        impute: What stands in for a missing value: the median of the others, or a number in the
            feature's own unit.
        transform: Applied to the values before scaling.
        clip_quantiles: Values beyond these quantiles are moved onto them.
        clip_sigmas: Scaled values beyond this many standard deviations are moved onto the bound.
        weight: How much the feature counts: the standard deviation that it is scaled to. The square root
            of 2 is the same as having the feature twice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    impute: Literal["median"] | float = "median"
    transform: Transform = "none"
    clip_quantiles: tuple[float, float] = (0.0, 1.0)
    clip_sigmas: float | None = Field(default=None, gt=0)
    weight: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _quantiles_in_order(self) -> ModelFeature:
        lower, upper = self.clip_quantiles
        if not 0 <= lower < upper <= 1:
            raise ValueError(f"clip_quantiles of {self.name} must be two numbers in order, between 0 and 1")
        return self


class ModelFeatures(RootModel[tuple[ModelFeature, ...]]):
    """The features of the model, in the order of the matrix's columns."""

    model_config = ConfigDict(frozen=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names."""
        return tuple(feature.name for feature in self.root)

    @model_validator(mode="after")
    def _named_once(self) -> ModelFeatures:
        if not self.root:
            raise ValueError("the model needs at least one feature")
        doubled = {name for name in self.names if self.names.count(name) > 1}
        if doubled:
            raise ValueError(f"features named twice: {', '.join(sorted(doubled))}")
        return self


class FittedFeature(BaseModel):
    """A feature's treatment with the numbers learnt from the training data.

    Attributes:
        name: The feature.
        impute: What stands in for a missing value, in the feature's own unit.
        transform: Applied before scaling.
        mean: Mean of the transformed values.
        scale: Their standard deviation (of the population, as scikit-learn's StandardScaler has it; 1 for
            a constant feature), divided by the feature's weight.
        clip: Lowest and highest scaled value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    impute: float
    transform: Transform
    mean: float
    scale: float
    clip: tuple[float, float]

    def apply(self, values: pd.Series) -> FloatArray:
        """Take values in the feature's own unit, shape (n,), to the model's space."""
        transformed = TRANSFORMS[self.transform](_floats(values.fillna(self.impute)))
        return np.clip((transformed - self.mean) / self.scale, *self.clip)


def fit_features(frame: pd.DataFrame, features: ModelFeatures) -> tuple[FittedFeature, ...]:
    """Learn each feature's treatment.

    Args:
        frame: A column for each feature, in its own unit; missing values are NaN.
        features: How each is treated.

    Returns:
        The fitted features, in the same order.

    Raises:
        UnusableFeatureError: A feature has no value at all, or values that its transform cannot take.
    """
    return tuple(_fit_feature(frame[feature.name], feature) for feature in features.root)


def apply_features(frame: pd.DataFrame, features: Sequence[FittedFeature]) -> FloatArray:
    """Take features to the model's space.

    Args:
        frame: A column for each feature, in its own unit; missing values are NaN.
        features: What `fit_features` learnt.

    Returns:
        The matrix, shape (n_customers, n_features), without a missing value.
    """
    return np.column_stack([feature.apply(frame[feature.name]) for feature in features])


def _fit_feature(values: pd.Series, feature: ModelFeature) -> FittedFeature:
    if values.notna().sum() == 0:
        raise UnusableFeatureError(
            f"The feature {feature.name} has no value for any customer: there is nothing to learn from it.\n"
            "Take it out of model_features in parameters_feature_engineering.yml."
        )
    impute = float(values.median()) if feature.impute == "median" else feature.impute
    with np.errstate(invalid="ignore", divide="ignore"):
        transformed = TRANSFORMS[feature.transform](_floats(values.fillna(impute)))
    if not np.isfinite(transformed).all():
        raise UnusableFeatureError(
            f"The feature {feature.name} has values that {feature.transform} cannot take (smallest: "
            f"{values.min():g}).\nChoose another transform in parameters_feature_engineering.yml."
        )
    lower, upper = np.quantile(transformed, feature.clip_quantiles)
    inside = np.clip(transformed, lower, upper)
    # Rounding gives even equal values a standard deviation above 0.
    mean, deviation = (float(inside.mean()), float(inside.std())) if lower < upper else (float(lower), 1.0)
    scale = deviation / feature.weight
    bound = feature.clip_sigmas * feature.weight if feature.clip_sigmas is not None else np.inf
    return FittedFeature(
        name=feature.name,
        impute=impute,
        transform=feature.transform,
        mean=mean,
        scale=scale,
        clip=(float(max((lower - mean) / scale, -bound)), float(min((upper - mean) / scale, bound))),
    )


def _floats(values: pd.Series) -> FloatArray:
    return values.to_numpy(dtype=np.float64)
