"""The out-of-time check as the report shows it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from olist_kedro.report.outcomes import Axis, read_outcomes

ORDER = ["Lapsed customers", "Big-ticket <buyers> & others", "Came back"]


def test_segments_of_today_come_first_in_their_order(check: pd.DataFrame) -> None:
    (outcome,) = read_outcomes(check, ORDER)

    assert outcome.name == "Came back to order (%)"
    assert list(outcome.segments) == [*ORDER, "Unknown today"]
    first = outcome.segments[ORDER[1]][0]
    assert (first.customers, first.observed, first.value, first.others) == ("1,000", "50", "5.00", "2.00")
    assert first.lift == "2.50 (1.50 to 4.00)"


def test_verdicts_follow_from_the_intervals(check: pd.DataFrame) -> None:
    (outcome,) = read_outcomes(check, ORDER)

    verdicts = {name: [one.verdict for one in found] for name, found in outcome.segments.items()}
    assert verdicts == {
        ORDER[0]: ["no clear difference", "lower"],
        ORDER[1]: ["higher", "higher"],
        ORDER[2]: ["too few to tell"],
        "Unknown today": ["higher"],
    }
    assert outcome.segments[ORDER[2]][0].places is None


def test_no_more_is_claimed_than_every_cut_date_shows(check: pd.DataFrame) -> None:
    (outcome,) = read_outcomes(check, ORDER)

    assert outcome.findings == [("higher", [ORDER[1]])], "what one cut date lacks does not hold on every one"


def test_infinite_and_zero_ends_stay_on_the_axis(check: pd.DataFrame) -> None:
    check.loc[0, "ci_low"] = 0.0
    (outcome,) = read_outcomes(check, ORDER)

    low, lift, high = outcome.segments["Unknown today"][0].places or (0, 0, 0)
    assert 0 < low < lift < high == 100
    assert (outcome.segments[ORDER[1]][0].places or (1, 1, 1))[0] == 0


def test_an_unknown_outcome_is_called_by_its_column(check: pd.DataFrame) -> None:
    (outcome,) = read_outcomes(check.assign(outcome="items_returned"), ORDER)

    assert outcome.name == "Items returned"


def test_a_check_that_was_left_out_has_no_outcome() -> None:
    assert read_outcomes(pd.DataFrame(), ORDER) == []


@pytest.mark.parametrize(("lifts", "ends"), [([0.9, 1.1], ("0.9", "1.1")), ([0.3, 6.5], ("0.5", "5"))])
def test_ticks_are_round_and_hold_1(lifts: list[float], ends: tuple[str, str]) -> None:
    axis = Axis.around(lifts)
    texts = [text for _, text in axis.ticks]

    assert "1" in texts
    assert (texts[0], texts[-1]) == ends
    assert axis.place(1) == pytest.approx(
        100 * math.log(1 / axis.low) / math.log(axis.high / axis.low), abs=0.01
    )
