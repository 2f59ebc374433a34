"""The segments as the report shows them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from olist_kedro.plots.style import SEGMENT_COLOURS
from olist_kedro.report.segments import SegmentCard, read_cards


def cards_of(tables: dict[str, Any]) -> list[SegmentCard]:
    inputs = [tables[name] for name in ("dim_segment", "profiles", "model", "labels")]
    return read_cards(*inputs)[1]


def test_the_segment_with_the_most_revenue_comes_first(tables: dict[str, Any]) -> None:
    cards = cards_of(tables)

    assert [card.id for card in cards] == [2, 1, 3]
    assert [card.cells["size"].text for card in cards] == ["30", "60", "10"]
    assert [card.cells["revenue_share"].text for card in cards] == ["60%", "30%", "10%"]
    assert [card.cells["revenue_index"].text for card in cards] == ["2.00", "0.50", "1.00"]


def test_colours_follow_the_id_as_in_the_pictures(tables: dict[str, Any]) -> None:
    assert {card.id: card.colour for card in cards_of(tables)} == dict(enumerate(SEGMENT_COLOURS[:3], 1))


def test_columns_show_medians_unless_most_of_them_are_the_same(tables: dict[str, Any]) -> None:
    columns, cards = read_cards(*[tables[name] for name in ("dim_segment", "profiles", "model", "labels")])

    assert {column.key: (column.label, column.statistic) for column in columns[4:]} == {
        "recency": ("Recency (days)", "median"),
        "spend": ("Spend (R$)", "mean"),
    }
    assert {card.id: card.cells["spend"].text for card in cards} == {1: "110", 2: "460", 3: "n/a"}
    assert {card.id: card.cells["spend"].value for card in cards}[3] is None


def test_facts_are_the_effects_that_count_strongest_first(tables: dict[str, Any]) -> None:
    facts = {card.id: card.facts for card in cards_of(tables)}

    assert [(fact.label, fact.own, fact.overall, fact.effect_text) for fact in facts[1]] == [
        ("Recency", "450 days", "270 days", "+0.90"),
        ("Spend", "R$ 110", "R$ 180", "-0.20"),
    ]
    assert [fact.statistic for fact in facts[1]] == ["median", "mean"]  # the medians of spend are the same
    assert [fact.label for fact in facts[2]] == ["Spend"]
    assert facts[3] == []


def test_a_description_is_what_the_rule_says(tables: dict[str, Any]) -> None:
    assert {card.id: card.description for card in cards_of(tables)} == {
        1: "Bought long ago.",
        2: "",  # no rule fits: the facts are all there is, and they have a place of their own
        3: "Nothing sets it clearly apart.",
    }


def test_the_full_profile_tells_what_is_missing(tables: dict[str, Any]) -> None:
    rows = next(card.profile for card in cards_of(tables) if card.id == 3)

    assert [(row.label, row.median, row.mean, row.effect) for row in rows] == [
        ("Recency (days)", "200", "190", "-0.10"),
        ("Spend (R$)", "100", "n/a", "n/a"),
    ]


def test_a_feature_without_a_profile_has_no_column(tables: dict[str, Any]) -> None:
    profiles: pd.DataFrame = tables["profiles"]
    tables["profiles"] = profiles[profiles["feature"] == "recency"]

    assert list(cards_of(tables)[0].cells)[4:] == ["recency"]


@pytest.mark.parametrize(("segment_id", "ink"), [(1, "white"), (2, "#1f2430")])
def test_text_can_be_read_on_the_colours(tables: dict[str, Any], segment_id: int, ink: str) -> None:
    assert {card.id: card.ink for card in cards_of(tables)}[segment_id] == ink
