from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from olist_kedro.segmentation.naming import (
    Condition,
    FeatureWords,
    SegmentRule,
    distinguishing_features,
    name_segments,
)

WORDS = {
    "recency": FeatureWords("days since last purchase", "days", "bought long ago", "bought recently"),
    "spend": FeatureWords("spend", "BRL", "spend more", "spend less"),
    "score": FeatureWords("review score", "stars", "give better reviews", "give worse reviews"),
}
OVERALL = {"recency": 200.0, "spend": 100.0, "score": 4.0}


def _profiles(**segments: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Return profiles from the value (median and mean) and the effect size of each feature."""
    return pd.DataFrame(
        [
            {
                "segment_id": int(segment[1:]),
                "feature": feature,
                "median": features.get(feature, (OVERALL[feature], 0.0))[0],
                "mean": features.get(feature, (OVERALL[feature], 0.0))[0],
                "overall_median": OVERALL[feature],
                "overall_mean": OVERALL[feature],
                "effect_size": features.get(feature, (OVERALL[feature], 0.0))[1],
            }
            for segment, features in segments.items()
            for feature in OVERALL
        ]
    )


def _rule(name: str, *conditions: tuple[str, str, str, float]) -> SegmentRule:
    keys = ("feature", "statistic", "operator", "value")
    when = [dict(zip(keys, condition, strict=True)) for condition in conditions]
    return SegmentRule.model_validate(
        {"name": name, "when": when, "description": f"{name}!", "advice": f"Help {name.lower()}."}
    )


DISSATISFIED = _rule("Dissatisfied customers", ("score", "mean", "<=", 2.5))
BIG_AND_OLD = _rule(
    "Lapsed big spenders", ("spend", "median_ratio", ">=", 2), ("recency", "effect_size", ">", 0.5)
)
LAPSED = _rule("Lapsed customers", ("recency", "median_ratio", ">=", 1.5))


def _names(profiles: pd.DataFrame, *rules: SegmentRule) -> dict[int, str]:
    named = name_segments(profiles, rules, WORDS, "Look at it.")
    return {segment_id: name.name for segment_id, name in named.items()}


def test_first_rule_that_fits_names_the_segment() -> None:
    profiles = _profiles(
        s1={"score": (1.5, -0.9), "recency": (400.0, 0.8)},
        s2={"recency": (400.0, 0.8), "spend": (250.0, 0.6)},
        s3={"recency": (300.0, 0.8), "spend": (150.0, 0.3)},
    )
    assert _names(profiles, DISSATISFIED, BIG_AND_OLD, LAPSED) == {
        1: "Dissatisfied customers",
        2: "Lapsed big spenders",
        3: "Lapsed customers",
    }


def test_names_do_not_depend_on_segment_ids() -> None:
    profiles = _profiles(s1={"score": (1.5, -0.9)}, s2={"recency": (400.0, 0.8)})
    swapped = profiles.assign(segment_id=3 - profiles["segment_id"])
    names, names_swapped = (_names(frame, DISSATISFIED, LAPSED) for frame in (profiles, swapped))
    assert names == {3 - segment_id: name for segment_id, name in names_swapped.items()}


def test_segments_that_one_rule_names_are_told_apart_by_what_differs() -> None:
    profiles = _profiles(
        s1={"recency": (400.0, 0.8), "spend": (250.0, 0.6)},
        s2={"recency": (400.0, 0.8), "spend": (50.0, -0.5)},
        s3={"score": (1.0, -0.9)},
    )
    assert _names(profiles, DISSATISFIED, LAPSED) == {
        1: "Lapsed customers who spend more",
        2: "Lapsed customers who spend less",
        3: "Dissatisfied customers",
    }


def test_three_of_a_kind_have_three_names() -> None:
    profiles = _profiles(
        s1={"recency": (400.0, 0.8), "spend": (250.0, 0.9)},
        s2={"recency": (400.0, 0.8), "spend": (200.0, 0.7), "score": (5.0, 0.3)},
        s3={"recency": (400.0, 0.8), "spend": (50.0, -0.9)},
    )
    assert _names(profiles, LAPSED) == {
        1: "Lapsed customers who spend more",
        2: "Lapsed customers who give better reviews",
        3: "Lapsed customers who spend less",
    }


def test_segments_that_nothing_tells_apart_are_numbered() -> None:
    profiles = _profiles(s1={"recency": (400.0, 0.8)}, s2={"recency": (400.0, 0.8)})
    assert _names(profiles, LAPSED) == {1: "Lapsed customers, group 1", 2: "Lapsed customers, group 2"}


def test_segment_that_no_rule_fits_is_called_by_what_sets_it_apart() -> None:
    profiles = _profiles(
        s1={"spend": (150.0, 0.4), "recency": (100.0, -0.7), "score": (4.1, 0.01)}, s2={"spend": (100.0, 0.1)}
    )
    names = name_segments(profiles, (LAPSED,), WORDS, "Look at it.")
    assert names[1].name == "Customers who bought recently and spend more"
    assert names[1].advice == "Look at it."
    assert names[2].name == "Like the average customer"
    assert names[2].description == "Nothing sets it clearly apart."


def test_generic_names_are_told_apart_too() -> None:
    profiles = _profiles(
        s1={"spend": (150.0, 0.5), "score": (5.0, 0.4), "recency": (190.0, -0.1)},
        s2={"spend": (150.0, 0.5), "score": (5.0, 0.3), "recency": (220.0, 0.2)},
    )
    assert _names(profiles) == {
        1: "Customers who spend more and give better reviews and bought recently",
        2: "Customers who spend more and give better reviews and bought long ago",
    }


def test_description_says_what_the_name_rests_on() -> None:
    profiles = _profiles(s1={"recency": (412.0, 0.8), "spend": (55.5, -0.3), "score": (4.0, 0.05)})
    (name,) = name_segments(profiles, (LAPSED,), WORDS, "").values()
    assert name.description == (
        "Lapsed customers! Set apart by: median days since last purchase 412 (all customers: 200), "
        "median spend BRL 55.5 (all customers: BRL 100)."
    )
    assert name.advice == "Help lapsed customers."


def test_distinguishing_features_are_ordered_by_strength() -> None:
    profile = _profiles(s1={"recency": (1.0, -0.5), "spend": (1.0, 0.9), "score": (1.0, 0.1)})
    assert distinguishing_features(profile.set_index("feature")) == ["spend", "recency"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (("spend", "median", ">=", 50), True),
        (("spend", "median", ">", 50), False),
        (("spend", "mean", "<", 51), True),
        (("spend", "mean", "<=", 49), False),
        (("spend", "median_ratio", "<=", 0.5), True),
        (("spend", "mean_ratio", ">", 0.5), False),
        (("spend", "effect_size", "<", 0), True),
    ],
)
def test_conditions(condition: tuple[str, str, str, float], holds: bool) -> None:
    profile = _profiles(s1={"spend": (50.0, -0.4)}).set_index("feature")
    assert _rule("x", condition).fits(profile) is holds


def test_statistic_that_does_not_exist_fulfils_nothing() -> None:
    profile = _profiles(s1={"spend": (float("nan"), float("nan"))}).set_index("feature")
    profile.loc["recency", "overall_median"] = 0
    for condition in [
        ("spend", "median", ">=", 0),
        ("spend", "median", "<", 0),
        ("recency", "median_ratio", ">", 0),
    ]:
        assert not _rule("x", condition).fits(profile)


@pytest.mark.parametrize(
    "change", [{"operator": "=="}, {"statistic": "eval"}, {"value": "many"}, {"code": "os"}]
)
def test_conditions_are_data_and_nothing_else(change: dict[str, Any]) -> None:
    valid = {"feature": "spend", "statistic": "median", "operator": ">", "value": 1}
    with pytest.raises(ValidationError):
        Condition.model_validate({**valid, **change})
