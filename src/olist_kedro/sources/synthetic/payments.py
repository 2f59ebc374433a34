"""How orders are paid: ways to pay, instalments, vouchers and amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.baskets import Baskets
from olist_kedro.sources.synthetic.csv_text import csv_bytes, decimals, integers, strings
from olist_kedro.sources.synthetic.draws import (
    Floats,
    Ints,
    from_quantiles,
    pick,
    pick_by_row,
    some,
    stratified,
)

TYPES = ("credit_card", "boleto", "voucher", "debit_card", "not_defined")
CARD, BOLETO, VOUCHER, DEBIT, NOT_DEFINED = range(len(TYPES))
FIRST_TYPE = {
    "credit_card": CARD,
    "boleto": BOLETO,
    "voucher": VOUCHER,
    "card_and_voucher": CARD,
    "two_cards": CARD,
    "debit_card": DEBIT,
}


@dataclass(frozen=True)
class Payments:
    """Payments of all orders, sorted by order; arrays of shape (n_payments,) where not said otherwise.

    Attributes:
        order: Position of the payment's order.
        number: Number of the payment within its order, from 1.
        type: Position in `TYPES`.
        instalments: Number of instalments.
        value: Centavos.
        first_type: Type of each order's first payment, shape (n_orders,).
    """

    order: Ints
    number: Ints
    type: Ints
    instalments: Ints
    value: Ints
    first_type: Ints


def draw_payments(rng: np.random.Generator, status: Ints, baskets: Baskets, *, at_least: int) -> Payments:
    """Draw the payments of each order.

    Args:
        rng: Source of randomness.
        status: Position of each order's status in `STATUSES`.
        baskets: What the orders consist of.
        at_least: Least number of payments of each rare kind.

    Returns:
        The payments; their sum is the order's value but for a few with interest and those without items.
    """
    size = len(status)
    without_items = from_quantiles(stratified(rng, size), stats.VALUE_WITHOUT_ITEMS_QUANTILES)
    due = np.where(baskets.items > 0, baskets.value, np.rint(100 * without_items).astype(np.int64))
    way = pick_by_row(
        rng, stats.WAYS_TO_PAY_BY_VALUE, np.searchsorted(stats.ORDER_VALUE_BANDS, due / 100, side="right")
    )
    way_type = np.array([FIRST_TYPE[name] for name in stats.WAYS_TO_PAY])
    first_type = way_type[way]
    due, interest = _with_interest(rng, due, np.flatnonzero((way == 0) & (baskets.items > 0)), at_least)

    count = _payments_an_order(rng, way)
    unpaid = some(rng, np.flatnonzero(status == 0), stats.ORDERS_WITHOUT_PAYMENT, at_least)
    count[unpaid] = 0
    canceled = (status == stats.STATUSES.index("canceled")) & (baskets.items == 0)
    undefined = some(rng, np.flatnonzero(canceled), stats.NOT_DEFINED, at_least)
    count[undefined], due[undefined], first_type[undefined] = 1, 0, NOT_DEFINED

    order = np.repeat(np.arange(size), count)
    number = np.arange(len(order)) - np.searchsorted(order, order) + 1
    two_cards = way == stats.WAYS_TO_PAY.index("two_cards")
    kind = np.where((number > 1) & ~two_cards[order], VOUCHER, first_type[order])
    value = _split(due, order, number, _weights(rng, way, order, number))
    _empty_some_vouchers(rng, order, number, kind, value, at_least=at_least)

    instalments = _instalments(rng, kind, value)
    several = interest[order] & (instalments == 1)
    instalments[several] = 2
    plain = np.flatnonzero((kind == CARD) & (instalments == 1))
    instalments[some(rng, plain, stats.ZERO_INSTALMENTS, at_least)] = 0
    return Payments(order, number, kind, instalments, value, first_type)


def _with_interest(
    rng: np.random.Generator, due: Ints, payable: Ints, at_least: int
) -> tuple[Ints, np.ndarray]:
    """Add interest to what is due for a few of the orders paid by card; also tell which."""
    has_interest = np.zeros(len(due), dtype=bool)
    has_interest[some(rng, payable, stats.PAID_WITH_INTEREST * len(due) / max(len(payable), 1), at_least)] = (
        True
    )
    low, high = stats.INTEREST
    rate = np.where(has_interest, low + (high - low) * rng.random(len(due)), 0.0)
    return due + np.rint(due * rate).astype(np.int64), has_interest


def _payments_an_order(rng: np.random.Generator, way: Ints) -> Ints:
    """Draw how many payments each order has."""
    count = np.ones(len(way), dtype=np.int64)
    count[way == stats.WAYS_TO_PAY.index("two_cards")] = 2
    alone = way == stats.WAYS_TO_PAY.index("voucher")
    count[alone] = 1 + pick(rng, stats.VOUCHERS_ALONE, int(alone.sum()))
    beside = way == stats.WAYS_TO_PAY.index("card_and_voucher")
    count[beside] = 2 + pick(rng, stats.VOUCHERS_BESIDE_CARD, int(beside.sum()))
    return count


def _weights(rng: np.random.Generator, way: Ints, order: Ints, number: Ints) -> Floats:
    """Draw in what proportion an order's payments share its value."""
    weight = 0.2 + rng.random(len(order))
    by_voucher = from_quantiles(stratified(rng, len(way)), stats.VOUCHER_SHARE_QUANTILES)[order]
    vouchers = np.bincount(order, weight * (number > 1), minlength=len(way))[order]
    beside = (way == stats.WAYS_TO_PAY.index("card_and_voucher"))[order] & (vouchers > 0)
    share = np.where(number > 1, weight / np.where(vouchers > 0, vouchers, 1) * by_voucher, 1 - by_voucher)
    return np.where(beside, share, weight)


def _split(due: Ints, order: Ints, number: Ints, weight: Floats) -> Ints:
    """Share out what is due in whole centavos; the first payment takes what is left over."""
    total = np.bincount(order, weight, minlength=len(due))
    value = np.floor(due[order] * weight / total[order]).astype(np.int64)
    rest = due - np.bincount(order, value, minlength=len(due)).astype(np.int64)
    return value + np.where(number == 1, rest[order], 0)


def _empty_some_vouchers(
    rng: np.random.Generator, order: Ints, number: Ints, kind: Ints, value: Ints, *, at_least: int
) -> None:
    """Set a few vouchers to 0 in place; the order's first payment takes over their value."""
    vouchers = np.flatnonzero(kind == VOUCHER)
    later = vouchers[number[vouchers] > 1]
    emptied = some(rng, later, stats.ZERO_VOUCHERS * len(vouchers) / max(len(later), 1), at_least)
    np.add.at(value, emptied - number[emptied] + 1, value[emptied])
    value[emptied] = 0


def _instalments(rng: np.random.Generator, kind: Ints, value: Ints) -> Ints:
    """Draw the number of instalments: by value for cards, one for every other way to pay."""
    instalments = np.ones(len(kind), dtype=np.int64)
    card = kind == CARD
    band = np.searchsorted(stats.CARD_VALUE_BANDS, value[card] / 100, side="right")
    shares = np.array(list(stats.INSTALMENTS_BY_VALUE.values()), dtype=np.float64).T
    instalments[card] = np.array(list(stats.INSTALMENTS_BY_VALUE))[pick_by_row(rng, shares, band)]
    return instalments


def payments_csv(rng: np.random.Generator, payments: Payments, order_ids: pa.Array) -> bytes:
    """Return the payments file, its rows in random order; `order_ids` are quoted already."""
    row = rng.permutation(len(payments.order))
    return csv_bytes(
        {
            "order_id": order_ids.take(pa.array(payments.order[row])),
            "payment_sequential": integers(payments.number[row]),
            "payment_type": strings(TYPES, payments.type[row]),
            "payment_installments": integers(payments.instalments[row]),
            "payment_value": decimals(payments.value[row]),
        }
    )
