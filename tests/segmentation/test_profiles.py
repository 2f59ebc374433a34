from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from olist_kedro.segmentation.profiles import profile_segments, summarize_sizes

SEGMENTS = np.array([7, 7, 7, 9, 9])


def test_profile_compares_a_segment_with_the_other_customers() -> None:
    features = pd.DataFrame({"spend": [1.0, 2.0, 3.0, 4.0, 1.0], "score": [np.nan, 5.0, 5.0, 1.0, 2.0]})
    profile = profile_segments(features, SEGMENTS).set_index(["segment_id", "feature"])
    spend = profile.loc[(7, "spend")]
    assert spend.to_dict() == {
        "median": 2.0,
        "mean": 2.0,
        "overall_median": 2.0,
        "overall_mean": 2.2,
        # of six pairs the segment's customer spends more in two (2 and 3 > 1), less in three, the same in one
        "effect_size": pytest.approx((2 - 3) / 6),
    }
    assert profile.loc[(9, "spend"), "effect_size"] == pytest.approx(1 / 6)
    assert profile.loc[(7, "score"), "effect_size"] == 1
    assert profile.loc[(9, "score"), "effect_size"] == -1


def test_feature_that_a_segment_has_no_value_of_has_no_effect() -> None:
    profile = profile_segments(pd.DataFrame({"score": [np.nan, np.nan, np.nan, 1.0, 2.0]}), SEGMENTS)
    assert profile["segment_id"].tolist() == [7, 9]
    assert profile["effect_size"].isna().all()
    assert profile["median"].tolist()[1] == 1.5


def test_effect_ignores_how_far_an_outlier_is() -> None:
    near, far = (
        profile_segments(pd.DataFrame({"spend": [1.0, 2.0, spend, 1.5, 1.2]}), SEGMENTS)["effect_size"]
        for spend in (3.0, 1e9)
    )
    assert near.tolist() == far.tolist()


def test_sizes_and_revenue() -> None:
    sizes = summarize_sizes(SEGMENTS, pd.Series([10.0, 10.0, 5.0, 70.0, 5.0]))
    assert sizes.to_dict("list") == {
        "segment_id": [7, 9],
        "size": [3, 2],
        "share": [0.6, 0.4],
        "revenue_share": [0.25, 0.75],
    }


def test_no_revenue_at_all_is_shared_as_nothing() -> None:
    assert summarize_sizes(SEGMENTS, pd.Series([0.0] * 5))["revenue_share"].tolist() == [0, 0]
