from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from olist_kedro.plots.labels import FeatureLabel, format_count, format_share, label_for

DAYS = FeatureLabel(label="Recency", unit="days")
MONEY = FeatureLabel(label="Spend", unit="R$", unit_first=True)
SHARE = FeatureLabel(label="Delivered late", unit="%", factor=100)
SCORE = FeatureLabel(label="Review score", unit="of 5", decimals=1)


@pytest.mark.parametrize(
    ("label", "value", "number", "text"),
    [
        (DAYS, 441.6, "442", "442 days"),
        (MONEY, 1234.5, "1,234", "R$ 1,234"),
        (SHARE, 0.0681, "7", "7%"),
        (SCORE, 5.0, "5.0", "5 of 5"),
        (SCORE, 4.54, "4.5", "4.5 of 5"),
        (DAYS, -0.2, "0", "0 days"),
        (DAYS, 1200.0, "1,200", "1,200 days"),
        (DAYS, math.nan, "n/a", "n/a"),
    ],
)
def test_numbers_and_values(label: FeatureLabel, value: float, number: str, text: str) -> None:
    assert label.number(value) == number
    assert label.value(value) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0367, "1.04 days"),
        (9.996, "10.0 days"),
        (99.96, "100 days"),
        (288.7, "289 days"),
        (math.nan, "n/a"),
    ],
)
def test_means_have_three_digits(value: float, expected: str) -> None:
    assert DAYS.mean_value(value) == expected


def test_headings_name_the_unit() -> None:
    assert MONEY.heading == "Spend (R$)"
    assert FeatureLabel(label="Items").heading == "Items"


def test_an_unknown_feature_is_called_by_its_column() -> None:
    assert label_for("num_sofa_beds", {}).heading == "Num sofa beds"
    assert label_for("recency", {"recency": DAYS}) is DAYS


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.338, "34%"),
        (0.0223, "2.2%"),
        (0.0996, "10%"),
        (0.0004, "<0.1%"),
        (0, "0%"),
        (1, "100%"),
        (math.nan, "n/a"),
    ],
)
def test_shares(share: float, text: str) -> None:
    assert format_share(share) == text


def test_counts() -> None:
    assert format_count(96096) == "96,096"


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="decimal"):
        FeatureLabel.model_validate({"label": "Items", "decimal": 1})
