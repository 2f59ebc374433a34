"""Names for segments, from what their customers are like.

A marketer writes rules as data: conditions on the segment's own profile, and the name, description and
advice that follow from them. No rule knows a segment's number. The first rule that fits names the segment.
Where one rule names several segments, each name says what tells that segment from the others; a segment
that no rule fits is called by what sets it apart.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from olist_kedro.segmentation.profiles import NEGLIGIBLE_EFFECT, SMALL_EFFECT

Statistic = Literal["median", "mean", "median_ratio", "mean_ratio", "effect_size"]
Operator = Literal["<", "<=", ">", ">="]

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FACTS_IN_DESCRIPTION = 3
FACTS_IN_NAME = 2
GENERIC_START = "Customers who"
FACTS_START = "Set apart by:"


class Condition(BaseModel):
    """A condition on one feature of a segment's profile.

    Attributes:
        feature: A feature of the profile.
        statistic: `median` or `mean` of the segment's customers, in the feature's unit; `median_ratio` or
            `mean_ratio`: the same divided by that of all customers; `effect_size`: Cliff's delta against all
            other customers, from -1 (always lower) to 1 (always higher).
        operator: How to compare.
        value: With what.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    feature: str
    statistic: Statistic
    operator: Operator
    value: float

    def holds(self, profile: pd.DataFrame) -> bool:
        """Say whether it holds; a statistic that cannot be computed fulfils nothing.

        Args:
            profile: Rows of `profile_segments` for one segment, indexed by feature.
        """
        row = profile.loc[self.feature].to_dict()
        value = row[self.statistic.removesuffix("_ratio")]
        if self.statistic.endswith("_ratio"):
            overall = row[f"overall_{self.statistic.removesuffix('_ratio')}"]
            value = value / overall if overall else float("nan")
        return bool(OPERATORS[self.operator](value, self.value))


class SegmentRule(BaseModel):
    """A name and the conditions under which a segment gets it.

    Attributes:
        name: The segment's name.
        when: All of these must hold.
        description: What it says of the customers; must follow from the conditions.
        advice: What to do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    when: tuple[Condition, ...] = Field(min_length=1)
    description: str
    advice: str

    def fits(self, profile: pd.DataFrame) -> bool:
        """Say whether all conditions hold for a segment's profile, indexed by feature."""
        return all(condition.holds(profile) for condition in self.when)


@dataclass(frozen=True)
class FeatureWords:
    """Words for a feature: its label, its unit, and what customers with high and low values do."""

    label: str
    unit: str
    high: str
    low: str

    def for_direction(self, difference: float) -> str:
        """Return the words for customers above (positive) or below (negative) others."""
        return self.high if difference > 0 else self.low


@dataclass(frozen=True)
class SegmentName:
    """What a segment is called, what that means and what to do."""

    name: str
    description: str
    advice: str


def name_segments(
    profiles: pd.DataFrame,
    rules: tuple[SegmentRule, ...],
    words: Mapping[str, FeatureWords],
    generic_advice: str,
) -> dict[int, SegmentName]:
    """Name every segment; no two alike.

    Args:
        profiles: What `profile_segments` returned.
        rules: In order; the first one that fits names the segment.
        words: For each feature of the profiles.
        generic_advice: For segments that no rule fits.

    Returns:
        The name of each segment, by segment_id.
    """
    by_segment = {
        int(str(segment_id)): profile.set_index("feature")
        for segment_id, profile in profiles.groupby("segment_id")
    }
    names = {
        segment_id: _apply_rules(profile, rules, words, generic_advice)
        for segment_id, profile in by_segment.items()
    }
    effects = profiles.pivot_table("effect_size", "segment_id", "feature", dropna=False)
    unique = _tell_apart({segment_id: name.name for segment_id, name in names.items()}, effects, words)
    return {
        segment_id: SegmentName(unique[segment_id], name.description, name.advice)
        for segment_id, name in names.items()
    }


def distinguishing_features(profile: pd.DataFrame, least_effect: float = SMALL_EFFECT) -> list[str]:
    """Return the features that set a segment apart from all others, strongest first.

    Args:
        profile: One segment's rows of `profile_segments`, indexed by feature.
        least_effect: Effects below this do not count.
    """
    strengths = profile["effect_size"].abs().sort_values(ascending=False, kind="stable")
    return [str(feature) for feature in strengths[strengths >= least_effect].index]


def _apply_rules(
    profile: pd.DataFrame,
    rules: tuple[SegmentRule, ...],
    words: Mapping[str, FeatureWords],
    generic_advice: str,
) -> SegmentName:
    facts = _describe_facts(profile, words)
    for rule in rules:
        if rule.fits(profile):
            return SegmentName(rule.name, f"{rule.description} {facts}", rule.advice)
    return SegmentName(_generic_name(profile, words), facts, generic_advice)


def _generic_name(profile: pd.DataFrame, words: Mapping[str, FeatureWords]) -> str:
    features = distinguishing_features(profile, NEGLIGIBLE_EFFECT)[:FACTS_IN_NAME]
    if not features:
        return "Like the average customer"
    effects = profile["effect_size"]
    said = [words[feature].for_direction(effects[feature]) for feature in features]
    return f"{GENERIC_START} {' and '.join(said)}"


def _describe_facts(profile: pd.DataFrame, words: Mapping[str, FeatureWords]) -> str:
    """Return a sentence such as 'Set apart by: mean items 2.8 (all customers: 1.17)'."""
    facts = []
    for feature in distinguishing_features(profile, NEGLIGIBLE_EFFECT)[:FACTS_IN_DESCRIPTION]:
        row = profile.loc[feature].to_dict()
        statistic = "median" if row["median"] != row["overall_median"] else "mean"
        label, unit = words[feature].label, words[feature].unit
        facts.append(
            f"{statistic} {label} {_quantity(row[statistic], unit)} "
            f"(all customers: {_quantity(row[f'overall_{statistic}'], unit)})"
        )
    return f"{FACTS_START} {', '.join(facts)}." if facts else "Nothing sets it clearly apart."


def _quantity(value: float, unit: str) -> str:
    """Return a value as it is read; where the unit is something counted, the label names it already."""
    if unit.startswith("share"):
        return f"{value:.1%}"
    if unit.startswith("BRL"):
        return f"BRL {_round(value)}"
    return _round(value)


def _round(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _tell_apart(
    names: Mapping[int, str], effects: pd.DataFrame, words: Mapping[str, FeatureWords]
) -> dict[int, str]:
    """Add to names that several segments share what tells each from the others."""
    unique: dict[int, str] = {}
    shared = pd.Series(names).groupby(pd.Series(names)).groups
    taken = {name for name, owners in shared.items() if len(owners) == 1}
    for name, owners in shared.items():
        for segment_id in owners:
            if len(owners) == 1:
                unique[segment_id] = str(name)
                continue
            contrast = effects.loc[segment_id] - effects.loc[owners.drop(segment_id)].mean()
            unique[segment_id] = next(
                candidate for candidate in _qualified(str(name), contrast, words) if candidate not in taken
            )
            taken.add(unique[segment_id])
    return unique


def _qualified(name: str, contrast: pd.Series, words: Mapping[str, FeatureWords]) -> Iterator[str]:
    """Yield the name with ever weaker differences added, and with numbers when there is none left."""
    joint = "and" if name.startswith(GENERIC_START) else "who"
    strengths = contrast.abs().sort_values(ascending=False, kind="stable")
    for feature in strengths[strengths >= NEGLIGIBLE_EFFECT].index:
        said = words[feature].for_direction(contrast[feature])
        if said not in name:
            yield f"{name} {joint} {said}"
    for number in count(1):
        yield f"{name}, group {number}"
