from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from olist_kedro.plots.component_planes import tick_texts
from olist_kedro.plots.labels import FeatureLabel
from olist_kedro.plots.real_units import INVERSES, nice_ticks, to_real_units
from olist_kedro.segmentation.transforms import TRANSFORMS, FittedFeature


def fitted(transform: str) -> FittedFeature:
    return FittedFeature.model_validate(
        {"name": "x", "impute": 0, "transform": transform, "mean": 2.0, "scale": 0.5, "clip": (-9, 9)}
    )


def test_every_transform_can_be_undone() -> None:
    assert INVERSES.keys() == TRANSFORMS.keys()


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_real_units_are_those_that_the_model_was_given(transform: str) -> None:
    values = np.array([0.0, 1.0, 12.5, 80.0])
    feature = fitted(transform)
    scaled = feature.model_copy(update={"clip": (-1000, 1000)}).apply(pd.Series(values))
    np.testing.assert_allclose(to_real_units(scaled, feature), values, atol=1e-9)


@pytest.mark.parametrize(
    ("transform", "low", "high", "label", "expected"),
    [
        ("none", 20, 640, FeatureLabel(label="Recency"), ["200", "400", "600"]),
        ("none", 1, 5, FeatureLabel(label="Score", decimals=1), ["1", "2", "3", "4", "5"]),
        ("log1p", 0, 1, FeatureLabel(label="Orders"), ["0", "1"]),
        ("log1p", 1, 4, FeatureLabel(label="Items"), ["1", "2", "3", "4"]),
        ("log1p", 0, 1200, FeatureLabel(label="Spend"), ["0", "5", "50", "200", "1,000"]),
        ("none", 0, 0.4, FeatureLabel(label="Late", factor=100), ["0", "10", "20", "30", "40"]),
        ("none", 3, 3, FeatureLabel(label="Constant"), ["3"]),
    ],
)
def test_ticks_are_round(
    transform: str, low: float, high: float, label: FeatureLabel, expected: list[str]
) -> None:
    ticks = nice_ticks(low, high, fitted(transform), label)
    assert tick_texts(ticks, label) == expected
    assert all(low <= tick <= high for tick in ticks)


def test_ticks_of_a_narrow_range_have_the_decimals_they_need() -> None:
    label = FeatureLabel(label="Orders")
    ticks = nice_ticks(1.0, 1.1, fitted("log1p"), label)
    texts = tick_texts(ticks, label)
    assert len(set(texts)) == len(texts) >= 2
