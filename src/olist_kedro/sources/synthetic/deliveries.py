"""What happens to an order after its purchase: approval, carrier, customer, and the promised day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.baskets import Baskets
from olist_kedro.sources.synthetic.csv_text import (
    SECONDS_A_DAY,
    csv_bytes,
    decimals,
    integers,
    quoted,
    strings,
    timestamps,
)
from olist_kedro.sources.synthetic.customers import Purchases
from olist_kedro.sources.synthetic.draws import (
    Floats,
    Ints,
    Mask,
    flags,
    from_quantiles,
    pick,
    pick_value,
    ranks,
    recorded,
    some,
    stratified,
)
from olist_kedro.sources.synthetic.payments import TYPES
from olist_kedro.sources.synthetic.places import SAO_PAULO, Places
from olist_kedro.sources.synthetic.states import STATES

HOUR = 3600


@dataclass(frozen=True)
class Deliveries:
    """Times of each order in seconds since 1970, local time; arrays of shape (n_orders,).

    Attributes:
        approved: Approval of the payment.
        carrier: Handing over to the carrier.
        delivered: Delivery to the customer.
        estimate: Midnight of the promised day.
        has_approval: Whether the approval is recorded; the next two likewise.
        has_carrier: Whether the handing over is recorded.
        has_delivery: Whether the delivery is recorded.
    """

    approved: Ints
    carrier: Ints
    delivered: Ints
    estimate: Ints
    has_approval: Mask
    has_carrier: Mask
    has_delivery: Mask


def draw_deliveries(
    rng: np.random.Generator,
    purchases: Purchases,
    baskets: Baskets,
    payment_type: Ints,
    places: Places,
    *,
    at_least: int,
) -> Deliveries:
    """Draw the times of each order.

    Args:
        rng: Source of randomness.
        purchases: The orders.
        baskets: What they consist of.
        payment_type: Type of each order's first payment: a bank slip takes days, a card minutes.
        places: The map.
        at_least: Least number of orders of each rare kind.

    Returns:
        The times, also those of what is not recorded.
    """
    size = len(purchases.time)
    has_approval, has_carrier, has_delivery = _recorded(rng, purchases.status)
    approved = purchases.time + _approval_seconds(rng, payment_type)

    month = np.array([(row.carrier, row.transit, row.estimate) for row in stats.MONTHS])[purchases.month]
    days = (
        month[:, 0]
        * np.exp(from_quantiles(stratified(rng, size), stats.CARRIER_QUANTILES))
        * stats.WEEKENDS[0]
    )
    carrier = _at_working_hours(rng, approved + days * SECONDS_A_DAY, stats.CARRIER_HOURS, saturdays=0.1)
    carrier = np.maximum(carrier, approved + HOUR // 2)
    early = some(rng, np.flatnonzero(has_carrier & has_approval), stats.CARRIER_BEFORE_APPROVAL, at_least)
    before = from_quantiles(rng.random(len(early)), stats.HOURS_BEFORE_APPROVAL_QUANTILES) * HOUR
    carrier[early] = approved[early] - before.astype(np.int64) - 1

    is_same = _from_same_state(purchases.place, baskets.first_seller_place, places)
    effect = _place_effects(places.state[purchases.place], is_same) + month[:, 1:]
    spread = np.where(is_same[:, None], stats.DEVIATIONS_IN_SAME_STATE, stats.DEVIATIONS)
    transit, promise = _correlated(rng, size)
    days = stats.WEEKENDS[1] * np.exp(
        effect[:, 0] + spread[:, 0] * from_quantiles(transit, stats.TRANSIT_QUANTILES)
    )
    # The carrier's time may lie before the purchase, as it does in the real data; the delivery's never does.
    start = np.maximum(carrier, purchases.time)
    delivered = _at_working_hours(rng, start + days * SECONDS_A_DAY, stats.DELIVERY_HOURS, saturdays=0.4)
    delivered = recorded(rng, start, np.maximum(delivered, start + 2 * HOUR))
    underway = carrier - purchases.time
    candidates = np.flatnonzero(has_delivery & has_carrier & (underway > SECONDS_A_DAY))
    odd = some(rng, candidates, stats.DELIVERED_BEFORE_CARRIER, at_least)
    # Before the carrier had it, but never before it was bought.
    latest = np.minimum(underway[odd] - SECONDS_A_DAY // 2, 7 * SECONDS_A_DAY)
    delivered[odd] = carrier[odd] - rng.integers(HOUR, latest)

    days = np.exp(effect[:, 1] + spread[:, 1] * from_quantiles(promise, stats.ESTIMATE_QUANTILES))
    estimate = purchases.time // SECONDS_A_DAY + np.maximum(np.rint(days).astype(np.int64), 2)
    return Deliveries(
        approved, carrier, delivered, estimate * SECONDS_A_DAY, has_approval, has_carrier, has_delivery
    )


def _recorded(rng: np.random.Generator, status: Ints) -> tuple[Mask, Mask, Mask]:
    """Draw which orders have a time of approval, of handing over and of delivery."""
    name = np.array(stats.STATUSES)[status]
    is_delivered, is_canceled = name == "delivered", name == "canceled"
    size = len(status)
    approval = (name != "created") & ~(is_canceled & flags(rng, size, stats.CANCELED_UNAPPROVED))
    approval &= ~(is_delivered & flags(rng, size, stats.DELIVERED_WITHOUT_APPROVAL))
    carrier = (name == "shipped") | (is_canceled & approval & flags(rng, size, stats.CANCELED_AFTER_CARRIER))
    carrier |= is_delivered & ~flags(rng, size, stats.DELIVERED_WITHOUT_CARRIER)
    delivery = is_canceled & carrier & flags(rng, size, stats.CANCELED_AFTER_DELIVERY)
    delivery |= is_delivered & ~flags(rng, size, stats.DELIVERED_WITHOUT_DATE)
    return approval, carrier, delivery


def _approval_seconds(rng: np.random.Generator, payment_type: Ints) -> Ints:
    """Draw the seconds from purchase to approval, by type of the first payment."""
    seconds = np.zeros(len(payment_type))
    for number, name in enumerate(TYPES):
        mine = payment_type == number
        quantiles = stats.APPROVAL_HOURS_QUANTILES.get(name, stats.APPROVAL_HOURS_QUANTILES["voucher"])
        seconds[mine] = HOUR * from_quantiles(stratified(rng, int(mine.sum())), quantiles)
    return seconds.astype(np.int64)


def _at_working_hours(
    rng: np.random.Generator, seconds: Floats, hours: tuple[int, ...], saturdays: float
) -> Ints:
    """Move times to usual hours, off Sundays, and off Saturdays but for the share given."""
    day = np.floor(seconds / SECONDS_A_DAY).astype(np.int64)
    weekday = (day + 3) % 7
    is_off = (weekday == 6) | ((weekday == 5) & ~flags(rng, len(day), saturdays))
    day += np.where(is_off, 7 - weekday, 0)
    return day * SECONDS_A_DAY + pick(rng, hours, len(day)) * HOUR + rng.integers(0, HOUR, len(day))


def _from_same_state(customer: Ints, seller: Ints, places: Places) -> Mask:
    """Tell which orders come from a seller in the customer's state; a seller of -1 is none."""
    return (seller >= 0) & (places.state[seller] == places.state[customer])


def _place_effects(state: Ints, is_same: Mask) -> Floats:
    """Return what the states do to the logarithms of transit and promised days, shape (n_orders, 2)."""
    return (
        np.array([(row.lags.transit, row.lags.estimate) for row in STATES])[state]
        + is_same[:, None] * np.array(stats.SAME_STATE)
        + (is_same & (state == SAO_PAULO))[:, None] * np.array(stats.SAME_STATE_IN_SAO_PAULO)
    )


def _correlated(rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
    """Draw two uniform numbers an order that go together as transit and promised days do (normal copula)."""
    r = stats.TRANSIT_ESTIMATE_CORRELATION
    one = rng.standard_normal(size)
    two = r * one + np.sqrt(1 - r**2) * rng.standard_normal(size)
    return ranks(one), ranks(two)


def orders_csv(
    rng: np.random.Generator, purchases: Purchases, deliveries: Deliveries, order_ids: pa.Array
) -> bytes:
    """Return the orders file, its rows in random order; `order_ids` are quoted already."""
    row = rng.permutation(len(purchases.time))
    return csv_bytes(
        {
            "order_id": order_ids.take(pa.array(row)),
            "customer_id": quoted(purchases.customer_id.take(pa.array(row))),
            "order_status": strings(stats.STATUSES, purchases.status[row]),
            "order_purchase_timestamp": timestamps(purchases.time[row]),
            "order_approved_at": timestamps(deliveries.approved[row], ~deliveries.has_approval[row]),
            "order_delivered_carrier_date": timestamps(deliveries.carrier[row], ~deliveries.has_carrier[row]),
            "order_delivered_customer_date": timestamps(
                deliveries.delivered[row], ~deliveries.has_delivery[row]
            ),
            "order_estimated_delivery_date": timestamps(deliveries.estimate[row]),
        }
    )


def items_csv(
    rng: np.random.Generator,
    baskets: Baskets,
    deliveries: Deliveries,
    order_ids: pa.Array,
    *,
    product_ids: pa.Array,
    seller_ids: pa.Array,
) -> bytes:
    """Return the items file, sorted by order.

    Args:
        rng: Source of randomness.
        baskets: What the orders consist of.
        deliveries: For the shipping limit, some days after the approval.
        order_ids: Key of each order.
        product_ids: Key of each item's product.
        seller_ids: Key of each item's seller.
    """
    days = pick_value(rng, stats.SHIPPING_LIMIT_DAYS, len(baskets.items))
    limit = (deliveries.approved + days * SECONDS_A_DAY)[baskets.order]
    rank = np.empty(len(order_ids), dtype=np.int64)
    rank[pc.sort_indices(order_ids).to_numpy()] = np.arange(len(order_ids))
    row = np.argsort(rank[baskets.order], kind="stable")
    take = pa.array(row)
    return csv_bytes(
        {
            "order_id": quoted(order_ids).take(pa.array(baskets.order[row])),
            "order_item_id": integers(baskets.number[row]),
            "product_id": quoted(product_ids.take(take)),
            "seller_id": quoted(seller_ids.take(take)),
            "shipping_limit_date": timestamps(limit[row]),
            "price": decimals(baskets.price[row]),
            "freight_value": decimals(baskets.freight[row]),
        }
    )
