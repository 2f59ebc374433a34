"""What each order consists of: items, their sellers, prices and freight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.catalogue import Catalogue, with_usual_cents
from olist_kedro.sources.synthetic.categories import CATEGORIES
from olist_kedro.sources.synthetic.customers import Purchases
from olist_kedro.sources.synthetic.draws import (
    Floats,
    Groups,
    Ints,
    Mask,
    flags,
    from_quantiles,
    pick,
    pick_value,
    stratified,
)
from olist_kedro.sources.synthetic.places import Places
from olist_kedro.sources.synthetic.states import STATES


@dataclass(frozen=True)
class Baskets:
    """Items of all orders, sorted by order; arrays of shape (n_items,) where not said otherwise.

    Attributes:
        order: Position of the item's order.
        number: Number of the item within its order, from 1.
        product: Position in the catalogue.
        seller: Position in the catalogue.
        price: Centavos.
        freight: Centavos.
        items: Items of each order, shape (n_orders,).
        sellers: Different sellers of each order, shape (n_orders,).
        value: Prices and freight of each order, centavos, shape (n_orders,).
        first_seller_place: Place of the first item's seller, -1 without items, shape (n_orders,).
    """

    order: Ints
    number: Ints
    product: Ints
    seller: Ints
    price: Ints
    freight: Ints
    items: Ints
    sellers: Ints
    value: Ints
    first_seller_place: Ints


def draw_baskets(
    rng: np.random.Generator, purchases: Purchases, catalogue: Catalogue, places: Places, *, at_least: int
) -> Baskets:
    """Draw the items of each order.

    Args:
        rng: Source of randomness.
        purchases: The orders.
        catalogue: What is on offer.
        places: The map, for the way that an item goes.
        at_least: Least number of canceled orders without items.

    Returns:
        The items.
    """
    size = len(purchases.person)
    items = np.where(
        _without_items(rng, purchases.status, at_least), 0, pick_value(rng, stats.ITEMS_AN_ORDER, size)
    )
    order = np.repeat(np.arange(size), items)
    number = np.arange(len(order)) - np.searchsorted(order, order) + 1

    main = _main_products(rng, catalogue, items)
    product = _products(rng, catalogue, main, items, order=order, number=number)
    is_second = flags(rng, size, 0.5)[order]
    seller = np.where(is_second, catalogue.second_seller[product], catalogue.seller[product])

    change = np.exp(stats.PRICE_CHANGE_DEVIATION * rng.standard_normal(size))
    changed = with_usual_cents(rng, (catalogue.price[main] * change).astype(np.float64))[order]
    is_changed = (flags(rng, size, stats.PRICES_THAT_CHANGE))[order] & (product == main[order])
    price = np.where(is_changed, changed, catalogue.price[product])
    here, there = purchases.place[order], catalogue.seller_place[seller]
    deviation = from_quantiles(stratified(rng, size), stats.FREIGHT_QUANTILES)[order]
    freight = _freight(places, here, there, catalogue.weight[product], deviation)
    freight[flags(rng, size, stats.FREE_FREIGHT)[order]] = 0

    first = np.searchsorted(order, np.arange(size))
    place = np.full(size, -1)
    place[items > 0] = there[first[items > 0]]
    pairs = np.unique(order * len(catalogue.seller_place) + seller) // len(catalogue.seller_place)
    return Baskets(
        order=order,
        number=number,
        product=product,
        seller=seller,
        price=price,
        freight=freight,
        items=items,
        sellers=np.bincount(pairs, minlength=size),
        value=np.bincount(order, price + freight, minlength=size).astype(np.int64),
        first_seller_place=place,
    )


def _without_items(rng: np.random.Generator, status: Ints, at_least: int) -> Mask:
    """Draw which orders never got their items recorded."""
    share = np.array([stats.ORDERS_WITHOUT_ITEMS.get(name, 0.0) for name in stats.STATUSES])
    without = rng.random(len(status)) < share[status]
    without[np.flatnonzero(status == stats.STATUSES.index("canceled"))[:at_least]] = True
    without[0] &= not without.all()  # A file of items without items would be of no use.
    return without


def _main_products(rng: np.random.Generator, catalogue: Catalogue, items: Ints) -> Ints:
    """Draw each order's first product; who buys several items more often takes the cheaper one of two."""
    first = pick(rng, catalogue.popularity, len(items))
    second = pick(rng, catalogue.popularity, len(items))
    compares = (items > 1) & flags(rng, len(items), stats.PREFERS_CHEAPER)
    return np.where(compares & (catalogue.price[second] < catalogue.price[first]), second, first)


def _products(
    rng: np.random.Generator, catalogue: Catalogue, main: Ints, items: Ints, *, order: Ints, number: Ints
) -> Ints:
    """Draw each item's product: the main one, from some item on a second one, perhaps a third at last."""
    size = len(items)
    same_so_far = 1 + np.floor(rng.random(size) * (items - 1)).astype(np.int64)
    same_so_far = np.where(flags(rng, size, stats.SAME_PRODUCT_THROUGHOUT), items, same_so_far)
    third_at_last = (items > 2) & flags(rng, size, stats.THIRD_PRODUCT)
    second, third = _companions(rng, catalogue, main), _companions(rng, catalogue, main)
    product = np.where(number > same_so_far[order], second[order], main[order])
    is_last = (number > same_so_far[order] + 1) & (number == items[order])
    return np.where(is_last & third_at_last[order], third[order], product)


def _companions(rng: np.random.Generator, catalogue: Catalogue, product: Ints) -> Ints:
    """Draw another product for each one: of the same seller, or else of the same category."""
    of_seller = Groups(catalogue.seller, catalogue.popularity, len(catalogue.seller_place))
    of_category = Groups(catalogue.category, catalogue.popularity, len(CATEGORIES))
    return np.where(
        flags(rng, len(product), stats.OTHER_PRODUCT_SAME_SELLER),
        of_seller.pick(rng, catalogue.seller[product]),
        of_category.pick(rng, catalogue.category[product]),
    )


def _freight(places: Places, here: Ints, there: Ints, weight: Ints, deviation: Floats) -> Ints:
    """Return the freight in centavos from place `there` to place `here`, weight in grams."""
    excess = np.log(np.maximum(weight, 300)) - 6.5
    model = stats.FREIGHT
    logarithm = (
        model.intercept
        + model.weight * excess
        + model.weight_squared * excess**2
        + model.distance * np.log(places.distance(here, there) + 50)
        + model.same_state * (places.state[here] == places.state[there])
        + np.array([state.lags.freight for state in STATES])[places.state[here]]
        + deviation
    )
    return np.rint(100 * np.exp(logarithm)).astype(np.int64)
