"""Who buys when and where: people, their orders' times, and the places that they order to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.csv_text import SECONDS_A_DAY, csv_bytes, quoted, zip_prefixes
from olist_kedro.sources.synthetic.draws import (
    Floats,
    Ints,
    Mask,
    flags,
    from_quantiles,
    hex_ids,
    pick,
    pick_by_row,
    pick_value,
    stratified,
)
from olist_kedro.sources.synthetic.places import Places


@dataclass(frozen=True)
class Purchases:
    """Orders as they are placed, sorted by person; arrays of shape (n_orders,).

    Attributes:
        customer_id: Key of the customer as this order knows it.
        person: Number of the person, from 0.
        leader: Position of the first order from the same checkout, its own where there was no split.
        time: Seconds since 1970, local time.
        month: Position in `MONTHS`.
        status: Position in `STATUSES`.
        place: Position in the map.
    """

    customer_id: pa.Array
    person: Ints
    leader: Ints
    time: Ints
    month: Ints
    status: Ints
    place: Ints


def draw_purchases(rng: np.random.Generator, orders: int, places: Places) -> Purchases:
    """Draw who places the orders, when, from where, and what becomes of them.

    Args:
        rng: Source of randomness.
        orders: Number of orders.
        places: The map.

    Returns:
        The orders.
    """
    counts = pick_value(rng, stats.ORDERS_A_PERSON, orders)
    person = np.repeat(np.arange(orders), counts)[:orders]
    position = np.arange(orders)
    first = np.searchsorted(person, person)
    is_split = (position > first) & flags(rng, orders, stats.SAME_CHECKOUT)
    leader = np.maximum.accumulate(np.where(is_split, 0, position))

    days, month_of_day, weights = _calendar()
    day = _draw_days(rng, days, weights, first, is_split)
    second = pick(rng, stats.PURCHASE_HOURS, orders) * 3600 + rng.integers(0, 3600, orders)
    time = (days[day] * SECONDS_A_DAY + second)[leader]
    month = month_of_day[day]
    status = pick_by_row(rng, [row.orders for row in stats.MONTHS], month)

    home = pick(rng, places.weight, orders)
    place = np.where((position > first) & flags(rng, orders, stats.MOVED), home, home[first])
    return Purchases(hex_ids(rng, orders), person, leader, time, month, status, place[leader])


def _calendar() -> tuple[Ints, Ints, Floats]:
    """Return the days with orders (since 1970), the position of their month in `MONTHS`, and their weight."""
    days, months, weights = [], [], []
    for position, month in enumerate(stats.MONTHS):
        begin = np.datetime64(f"{month.year}-{month.month:02}-{month.first_day:02}", "D").astype(np.int64)
        in_month = begin + np.arange(month.last_day - month.first_day + 1)
        # 1970-01-01 was a Thursday, and Monday is 0 in WEEKDAYS.
        weight = np.asarray(stats.WEEKDAYS)[(in_month + 3) % 7]
        for date, factor in stats.SPECIAL_DAYS.items():
            weight = np.where(in_month == np.datetime64(date, "D").astype(np.int64), factor * weight, weight)
        days.append(in_month)
        months.append(np.full(len(in_month), position))
        weights.append(sum(month.orders) * weight / weight.sum())
    return np.concatenate(days), np.concatenate(months), np.concatenate(weights)


def _draw_days(rng: np.random.Generator, days: Ints, weights: Floats, first: Ints, is_split: Mask) -> Ints:
    """Draw each order's position in `days`: one of a person's by the season, the others some days apart.

    The day drawn is that of the first order; or that of the last one, if the last one would otherwise lie
    beyond the calendar; and if neither fits, the days between are shortened.
    """
    size = len(first)
    quantiles = stats.DAYS_BETWEEN_ORDERS_QUANTILES
    gap = np.floor(from_quantiles(stratified(rng, size), quantiles)).astype(np.int64)
    gap[is_split | (first == np.arange(size))] = 0
    since_first = np.cumsum(gap) - np.cumsum(gap)[first]
    drawn = days[pick(rng, weights, size)][first]
    in_all = np.maximum.reduceat(since_first, np.unique(first))[np.cumsum(first == np.arange(size)) - 1]
    # Stragglers before and after the full months: nobody comes back then.
    begin, end = days[np.searchsorted(np.cumsum(weights), np.array([0.005, 0.999]) * weights.sum())]
    room = np.maximum(end - drawn, 0)
    shortened = since_first * room // np.maximum(in_all, 1)
    offset = np.where(in_all <= drawn - begin, since_first - in_all, shortened)
    return np.searchsorted(days, drawn + np.where((in_all > 0) & (in_all > room), offset, since_first))


def customers_csv(rng: np.random.Generator, purchases: Purchases, places: Places) -> bytes:
    """Return the customers file, its rows in random order."""
    order = rng.permutation(len(purchases.person))
    place = purchases.place[order]
    people = hex_ids(rng, int(purchases.person[-1]) + 1)
    return csv_bytes(
        {
            "customer_id": quoted(purchases.customer_id.take(pa.array(order))),
            "customer_unique_id": quoted(people.take(pa.array(purchases.person[order]))),
            "customer_zip_code_prefix": quoted(zip_prefixes(places.code[place])),
            "customer_city": quoted(places.town_text(place)),
            "customer_state": places.state_text(place),
        }
    )
