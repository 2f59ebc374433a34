"""Holidays of more than a century, against Easter computed in two other ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.easter import easter

FIRST, LAST = 1990, 2100
FIXED = {
    (1, 1): "Ano Novo",
    (4, 21): "Tiradentes",
    (5, 1): "Dia do Trabalhador",
    (9, 7): "Independência",
    (10, 12): "Nossa Senhora Aparecida",
    (11, 2): "Finados",
    (11, 15): "Proclamação da República",
    (12, 25): "Natal",
}
SEASONS = ("Summer", "Autumn", "Winter", "Spring")  # December begins the first
FROM_EASTER = {-48: "Carnaval", -47: "Carnaval", -2: "Sexta-feira Santa", 0: "Páscoa", 60: "Corpus Christi"}


def gauss_easter(year: int) -> date:
    """Return Easter Sunday by Gauss's rule with Lichtenberg's corrections (H. Lichtenberg, 1997)."""
    k = year // 100
    m = 15 + (3 * k + 3) // 4 - (8 * k + 13) // 25
    s = 2 - (3 * k + 3) // 4
    a = year % 19
    d = (19 * a + m) % 30
    r = (d + a // 11) // 29
    full_moon = 21 + d - r
    first_sunday = 7 - (year + year // 4 + s) % 7
    return date(year, 3, 1) + timedelta(days=full_moon + 7 - (full_moon - first_sunday) % 7 - 1)


def expected_holidays(year: int) -> dict[date, str]:
    names: dict[date, list[str]] = {}
    for (month, day), name in FIXED.items():
        names.setdefault(date(year, month, day), []).append(name)
    for days, name in FROM_EASTER.items():
        names.setdefault(gauss_easter(year) + timedelta(days=days), []).append(name)
    if year >= 2024:
        names.setdefault(date(year, 11, 20), []).append("Consciência Negra")
    return {day: " / ".join(sorted(found)) for day, found in names.items()}


@pytest.fixture(scope="module")
def century(make_star_schema: Callable[[], Any]) -> Any:
    """A warehouse with a dim_date from 1990 to 2100."""
    star_schema = make_star_schema()
    span = {"date_spine_start": f"{FIRST}-01-01", "date_spine_end": f"{LAST}-12-31"}
    arguments = ("build", "--select", "+dim_date", "--indirect-selection", "cautious")
    assert star_schema.failures(*arguments, variables=span) == []
    return star_schema


def test_the_two_computations_of_easter_agree() -> None:
    assert [gauss_easter(year) for year in range(1583, 4000)] == [easter(year) for year in range(1583, 4000)]


def test_holidays_are_right_in_every_year(century: Any) -> None:
    actual = dict(century.query("select full_date, holiday_name from marts.dim_date where is_holiday"))
    assert actual == {
        day: name for year in range(FIRST, LAST + 1) for day, name in expected_holidays(year).items()
    }


def test_days_agree_with_pythons_calendar(century: Any) -> None:
    rows = century.query(
        "select date_id, full_date, year, month, day, day_of_week, day_name, month_name, week_of_year, "
        "quarter_of_year, year_month, is_weekend, is_first_day_of_month, is_last_day_of_month, season "
        "from marts.dim_date order by full_date"
    )
    first, last = date(FIRST, 1, 1), date(LAST, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert rows == [
        (
            *(int(f"{day:%Y%m%d}"), day, day.year, day.month, day.day, day.isoweekday() % 7 + 1),
            *(f"{day:%A}", f"{day:%B}", day.isocalendar().week, (day.month + 2) // 3, f"{day:%Y-%m}"),
            *(day.isoweekday() > 5, day.day == 1, (day + timedelta(days=1)).day == 1),
            SEASONS[day.month % 12 // 3],
        )
        for day in days
    ]
