"""New customers on a published map: what training would have said of them, without training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from olist_kedro.errors import OlistError
from olist_kedro.segmentation.clustering import FloatArray, IntArray
from olist_kedro.segmentation.drift import DriftBaseline
from olist_kedro.segmentation.transforms import TRANSFORMS, FittedFeature, apply_features


class UnusableModelError(OlistError):
    """The published model cannot score these customers."""


class NamedSegment(BaseModel):
    """A segment of the model."""

    model_config = ConfigDict(frozen=True)

    segment_id: int
    segment_name: str


class PublishedModel(BaseModel):
    """What scoring needs of the published model, besides its neurons.

    Attributes:
        run_id: The run that published it.
        created_at: When that was, UTC.
        features: How each feature is taken to the model's space.
        segments: Ids and names.
        drift_baseline: The customers it was trained on.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    created_at: str
    features: tuple[FittedFeature, ...]
    segments: tuple[NamedSegment, ...]
    drift_baseline: DriftBaseline

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features' names, in the order of the model's space."""
        return tuple(feature.name for feature in self.features)


def read_model(segmentation_model: dict[str, Any]) -> PublishedModel:
    """Read the published model from its JSON.

    Raises:
        UnusableModelError: It lacks what scoring needs: an earlier version of this project published it.
    """
    try:
        return PublishedModel.model_validate(segmentation_model)
    except ValidationError as error:
        wrong = sorted({str(detail["loc"][0]) for detail in error.errors()})
        raise UnusableModelError(
            f"The published model cannot score: it lacks {', '.join(wrong)}, or has it in another form.\n"
            "Train and publish it again: `kedro run --pipeline=segmentation`."
        ) from error


def place_on_map(
    frame: pd.DataFrame, model: PublishedModel, neurons: IntArray, weights: FloatArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Find each customer's neuron.

    Args:
        frame: A column for each feature, in its own unit; missing values are NaN.
        model: The published model.
        neurons: Numbers of the neurons to choose from, shape (n_neurons,).
        weights: Their weights, shape (n_neurons, n_features).

    Returns:
        The nearest neuron's number, the distance from it in the model's space, as in training, and how far
        the customer's values lie beyond all that was seen in training; each of shape (n_customers,).
    """
    from olist_kedro.som.measures import best_matching_units

    nearest, distances = best_matching_units(apply_features(frame, model.features), weights)
    return neurons[nearest], distances, distance_beyond_training(frame, model)


def distance_beyond_training(frame: pd.DataFrame, model: PublishedModel) -> FloatArray:
    """Measure how far values lie beyond the range seen in training.

    Clipping moves such values onto the edge of the model's space, so the distance from the nearest neuron
    does not show them.

    Returns:
        Euclidean distance from the range, in the model's unit, shape (n_customers,); 0 within the range.
    """
    squares = np.zeros(len(frame))
    for feature, baseline in zip(model.features, model.drift_baseline.features, strict=True):
        transform = TRANSFORMS[feature.transform]
        values = frame[feature.name].fillna(feature.impute).to_numpy(dtype=np.float64)
        within = np.clip(values, baseline.lowest, baseline.highest)
        squares += ((transform(values) - transform(within)) / feature.scale) ** 2
    return np.sqrt(squares)
