from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.spatial.distance import pdist
from sklearn.preprocessing import StandardScaler

from olist_kedro.segmentation.transforms import (
    FittedFeature,
    ModelFeature,
    ModelFeatures,
    UnusableFeatureError,
    apply_features,
    fit_features,
)


def _features(*features: dict[str, object]) -> ModelFeatures:
    return ModelFeatures.model_validate(features)


def test_scaling_is_that_of_scikit_learn() -> None:
    frame = pd.DataFrame(np.random.default_rng(1).lognormal(size=(50, 2)), columns=["spend", "items"])
    matrix = apply_features(frame, fit_features(frame, _features({"name": "spend"}, {"name": "items"})))
    np.testing.assert_allclose(matrix, StandardScaler().fit_transform(frame))


def test_constant_feature_becomes_zero() -> None:
    frame = pd.DataFrame({"orders": [1.0] * 1000, "share": [0.1] * 1000})
    assert frame["share"].std(ddof=0) > 0, "rounding"
    fitted = fit_features(frame, _features({"name": "orders"}, {"name": "share"}))
    assert [feature.scale for feature in fitted] == [1, 1]
    assert not apply_features(frame, fitted).any()


@pytest.mark.parametrize(("impute", "expected"), [("median", 4.0), (0.0, 0.0)])
def test_missing_values_are_imputed_in_the_features_own_unit(impute: str | float, expected: float) -> None:
    frame = pd.DataFrame({"score": [3.0, 4.0, 5.0, np.nan]})
    (fitted,) = fit_features(frame, _features({"name": "score", "impute": impute}))
    assert fitted.impute == expected
    assert fitted.apply(frame["score"])[3] == pytest.approx((expected - fitted.mean) / fitted.scale)


@pytest.mark.parametrize(("transform", "function"), [("log1p", np.log1p), ("sqrt", np.sqrt)])
def test_transform_comes_before_scaling(transform: str, function: np.ufunc) -> None:
    frame = pd.DataFrame({"spend": [0.0, 9.0, 99.0]})
    (fitted,) = fit_features(frame, _features({"name": "spend", "transform": transform}))
    values = function(frame["spend"].to_numpy())
    assert fitted.mean == pytest.approx(values.mean())
    np.testing.assert_allclose(fitted.apply(frame["spend"]), (values - values.mean()) / values.std())


def test_values_beyond_the_quantiles_move_onto_them() -> None:
    frame = pd.DataFrame({"items": [0.0] + [1.0] * 98 + [2.0]})
    (fitted,) = fit_features(frame, _features({"name": "items", "clip_quantiles": (0.02, 1.0)}))
    scaled = fitted.apply(frame["items"])
    assert scaled[0] == scaled[1]
    assert scaled[-1] > scaled[1]
    assert fitted.apply(pd.Series([50.0]))[0] == pytest.approx(scaled[-1]), "new values are clipped as well"


def test_values_beyond_the_sigmas_move_onto_the_bound() -> None:
    frame = pd.DataFrame({"spend": [0.0] * 99 + [1000.0]})
    (fitted,) = fit_features(frame, _features({"name": "spend", "clip_sigmas": 4}))
    assert fitted.apply(frame["spend"]).max() == 4


def test_weight_of_root_two_is_having_the_feature_twice() -> None:
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(6, 2)), columns=["spend", "items"])
    frame["again"] = frame["spend"]
    twice = _features(
        {"name": "spend", "clip_sigmas": 1}, {"name": "again", "clip_sigmas": 1}, {"name": "items"}
    )
    weighted = _features({"name": "spend", "clip_sigmas": 1, "weight": 2**0.5}, {"name": "items"})
    distances = (
        pdist(apply_features(frame, fit_features(frame, features))) for features in (twice, weighted)
    )
    np.testing.assert_allclose(*distances)


def test_fitted_feature_survives_json() -> None:
    frame = pd.DataFrame({"spend": [1.0, 10.0, 100.0]})
    (fitted,) = fit_features(frame, _features({"name": "spend", "transform": "log1p", "clip_sigmas": 1}))
    again = FittedFeature.model_validate(json.loads(fitted.model_dump_json()))
    np.testing.assert_array_equal(again.apply(frame["spend"]), fitted.apply(frame["spend"]))


def test_feature_without_any_value_is_refused() -> None:
    with pytest.raises(UnusableFeatureError, match="score has no value for any customer"):
        fit_features(pd.DataFrame({"score": [np.nan, np.nan]}), _features({"name": "score"}))


def test_values_that_the_transform_cannot_take_are_refused() -> None:
    with pytest.raises(UnusableFeatureError, match=r"sqrt cannot take \(smallest: -2\)"):
        fit_features(pd.DataFrame({"delay": [-2.0, 1.0]}), _features({"name": "delay", "transform": "sqrt"}))


def test_parameters_are_checked() -> None:
    with pytest.raises(ValidationError, match="named twice: spend"):
        _features({"name": "spend"}, {"name": "spend"})
    with pytest.raises(ValidationError, match="at least one feature"):
        _features()
    with pytest.raises(ValidationError, match="in order"):
        ModelFeature(name="spend", clip_quantiles=(0.9, 0.1))
