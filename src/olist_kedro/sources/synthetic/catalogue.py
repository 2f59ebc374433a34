"""What is on offer: sellers, and products with their category, price, weight and size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.categories import CATEGORIES, PRODUCTS_WITHOUT_CATEGORY
from olist_kedro.sources.synthetic.csv_text import (
    BYTE_ORDER_MARK,
    csv_bytes,
    integers,
    quoted,
    strings,
    zip_prefixes,
)
from olist_kedro.sources.synthetic.draws import (
    Floats,
    Groups,
    Ints,
    flags,
    from_quantiles,
    pick,
    ranks,
    some,
    stratified,
)
from olist_kedro.sources.synthetic.places import Places
from olist_kedro.sources.synthetic.states import STATES
from olist_kedro.sources.synthetic.vocabulary import CONTACT

CATEGORY_NAMES = tuple(category.name for category in CATEGORIES)
UNTRANSLATED = tuple(number for number, category in enumerate(CATEGORIES) if category.english is None)


@dataclass(frozen=True)
class Catalogue:
    """Everything on offer, sold or not.

    Attributes:
        seller_place: Position of each seller in the map, shape (n_sellers,).
        category: Position of each product's category in `CATEGORIES`, shape (n_products,).
        seller: Seller of each product, shape (n_products,).
        second_seller: Another one who sells it too, or the same, shape (n_products,).
        popularity: How often a product is bought, in proportion, shape (n_products,).
        price: Price in centavos, shape (n_products,).
        weight: Weight in grams, shape (n_products,).
    """

    seller_place: Ints
    category: Ints
    seller: Ints
    second_seller: Ints
    popularity: Floats
    price: Ints
    weight: Ints


def draw_catalogue(rng: np.random.Generator, orders: int, places: Places) -> Catalogue:
    """Draw sellers and products in the numbers that go with so many orders."""
    n_sellers = max(5, round(orders * stats.UNIVERSE_SELLERS))
    state = pick(rng, [row.trade.sellers for row in STATES], n_sellers)
    # What sellers of a state sell more than others is half due to more products, half to more sales of each.
    reach = np.sqrt([row.trade.items_sold / max(row.trade.sellers, 1) for row in STATES])[state]
    size = reach * np.exp(stats.SELLER_SIZE_DEVIATION * rng.standard_normal(n_sellers))
    luck = np.minimum(rng.standard_normal(n_sellers), stats.MOST_LUCK)
    success = reach * np.exp(stats.SELLER_SUCCESS_DEVIATION * luck)

    n_products = max(20, round(orders * stats.UNIVERSE_PRODUCTS))
    category = pick(rng, [row.products for row in CATEGORIES], n_products)
    seller = _draw_sellers(rng, size, category)
    has_two = flags(rng, n_products, stats.PRODUCTS_WITH_TWO_SELLERS)
    second_seller = np.where(has_two, pick(rng, size, n_products), seller)
    luck = np.minimum(rng.standard_normal(n_products), stats.MOST_LUCK)
    popularity = success[seller] * np.exp(stats.PRODUCT_POPULARITY_DEVIATION * luck)
    in_category = np.bincount(category, popularity, minlength=len(CATEGORIES))
    popularity *= (np.array([row.items for row in CATEGORIES]) / np.maximum(in_category, 1e-9))[category]
    price, weight = _draw_prices_and_weights(rng, category, popularity)
    place = places.by_state.pick(rng, state)
    return Catalogue(place, category, seller, second_seller, popularity, price, weight)


def _draw_sellers(rng: np.random.Generator, size: Floats, category: Ints) -> Ints:
    """Draw each product's seller: most often one whose speciality its category is."""
    speciality = pick(rng, [row.products for row in CATEGORIES], len(size))
    specialists = Groups(speciality, size, len(CATEGORIES))
    seller = pick(rng, size, len(category))
    special = flags(rng, len(category), stats.SELLER_STAYS_IN_CATEGORY) & ~specialists.is_empty(category)
    seller[special] = specialists.pick(rng, category[special])
    return seller


def _draw_prices_and_weights(
    rng: np.random.Generator, category: Ints, popularity: Floats
) -> tuple[Ints, Ints]:
    """Draw products' prices in centavos and weights in grams: what is dear is heavy (normal copula).

    Prices are distributed as the original's by item sold, weights by product.
    """
    correlation = stats.PRICE_WEIGHT_CORRELATION
    dearness = rng.standard_normal(len(category))
    heaviness = correlation * dearness + np.sqrt(1 - correlation**2) * rng.standard_normal(len(category))
    means = np.array([(row.price_mean + stats.PRICE_SHIFT, row.weight_mean) for row in CATEGORIES])[
        category
    ].T
    spread = np.array([(row.price_deviation, row.weight_deviation) for row in CATEGORIES])[category].T
    price = np.exp(means[0] + spread[0] * from_quantiles(ranks(dearness, popularity), stats.PRICE_QUANTILES))
    weight = np.exp(means[1] + spread[1] * from_quantiles(ranks(heaviness), stats.WEIGHT_QUANTILES))
    return with_usual_cents(rng, 100 * price), _round_weight(weight)


def with_usual_cents(rng: np.random.Generator, centavos: Floats) -> Ints:
    """Round prices so that they end as prices usually do: 90, 00, 99 centavos and so on."""
    endings = np.append(np.array(list(stats.CENTS)), -1)
    ending = endings[pick(rng, [*stats.CENTS.values(), 1 - sum(stats.CENTS.values())], len(centavos))]
    whole = np.floor(centavos / 100).astype(np.int64) * 100
    price = np.where(ending < 0, np.rint(centavos).astype(np.int64), whole + ending)
    return np.clip(price, *stats.PRICE_RANGE)


def _round_weight(grams: Floats) -> Ints:
    """Round weights to 50 g up to a kilogram and to 100 g above it, as most sellers do."""
    step = np.where(grams < 1000, 50, 100)
    return np.clip(np.rint(grams / step) * step, *stats.WEIGHT_RANGE).astype(np.int64)


def products_csv(
    rng: np.random.Generator, catalogue: Catalogue, sold: Ints, keys: pa.Array, *, at_least: int
) -> bytes:
    """Return the products file.

    Args:
        rng: Source of randomness.
        catalogue: What is on offer.
        sold: Products that somebody bought.
        keys: Key of each of them.
        at_least: Least number of products of each rare kind.
    """
    size = len(sold)
    everything = np.arange(size)
    category = catalogue.category[sold]
    untranslated = some(rng, everything, 0, at_least * len(UNTRANSLATED))
    category[untranslated] = np.resize(UNTRANSLATED, len(untranslated))
    nameless = np.zeros(size, dtype=bool)
    nameless[some(rng, np.setdiff1d(everything, untranslated), PRODUCTS_WITHOUT_CATEGORY, at_least)] = True
    unmeasured = np.zeros(size, dtype=bool)
    unmeasured[some(rng, everything, stats.PRODUCTS_WITHOUT_DIMENSIONS, at_least)] = True
    weight = catalogue.weight[sold]
    measures = []
    for intercept, slope, deviation, smallest in stats.DIMENSIONS:
        centimetres = np.exp(intercept + slope * np.log(weight) + deviation * rng.standard_normal(size))
        measures.append(np.clip(np.rint(centimetres), smallest, 105).astype(np.int64))
    weight[some(rng, np.flatnonzero(~unmeasured), stats.PRODUCTS_WITHOUT_WEIGHT, at_least)] = 0
    name = from_quantiles(stratified(rng, size), stats.NAME_LENGTH_QUANTILES).astype(np.int64)
    description = from_quantiles(stratified(rng, size), stats.DESCRIPTION_LENGTH_QUANTILES).astype(np.int64)
    names = (*CATEGORY_NAMES, None)
    return csv_bytes(
        {
            "product_id": quoted(keys),
            "product_category_name": strings(names, np.where(nameless, len(CATEGORIES), category)),
            "product_name_lenght": integers(name, nameless),
            "product_description_lenght": integers(description, nameless),
            "product_photos_qty": integers(1 + pick(rng, stats.PHOTOS, size), nameless),
            "product_weight_g": integers(weight, unmeasured),
            "product_length_cm": integers(measures[0], unmeasured),
            "product_height_cm": integers(measures[1], unmeasured),
            "product_width_cm": integers(measures[2], unmeasured),
        }
    )


def sellers_csv(
    rng: np.random.Generator, places: Places, place: Ints, keys: pa.Array, *, at_least: int
) -> bytes:
    """Return the sellers file.

    Args:
        rng: Source of randomness.
        places: The map.
        place: Place of each seller who sold something.
        keys: Key of each of them.
        at_least: Least number of sellers of each rare kind.
    """
    towns = places.town_text(place).to_pylist()
    everyone = np.arange(len(place))
    odd = some(rng, everyone, stats.ODD_SELLER_CITIES, 4 * at_least)
    for number, seller in enumerate(odd):
        state = STATES[places.state[place[seller]]].code.lower()
        accented = places.towns[places.town[place[seller]]]
        forms = (f"{towns[seller]} / {state}", f"{towns[seller]}/{state}", f"{accented}, brasil", CONTACT)
        towns[seller] = forms[min(number, 3) if number < 4 else number % 3]
    return csv_bytes(
        {
            "seller_id": quoted(keys),
            "seller_zip_code_prefix": quoted(zip_prefixes(places.code[place])),
            "seller_city": quoted(pa.array(towns, pa.string())),
            "seller_state": places.state_text(place),
        }
    )


def translation_csv() -> bytes:
    """Return the categories' names in English: with a byte-order mark, without a newline at the end."""
    known = [category for category in CATEGORIES if category.english]
    rows = csv_bytes(
        {
            "product_category_name": pa.array([category.name for category in known]),
            "product_category_name_english": pa.array([category.english for category in known]),
        },
        quote_header=False,
    )
    return BYTE_ORDER_MARK + rows.removesuffix(b"\n")
