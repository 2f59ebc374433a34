"""From a number of orders and a seed to nine files."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from olist_kedro.errors import OlistError
from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.baskets import draw_baskets
from olist_kedro.sources.synthetic.catalogue import (
    draw_catalogue,
    products_csv,
    sellers_csv,
    translation_csv,
)
from olist_kedro.sources.synthetic.csv_text import quoted
from olist_kedro.sources.synthetic.customers import Purchases, customers_csv, draw_purchases
from olist_kedro.sources.synthetic.deliveries import draw_deliveries, items_csv, orders_csv
from olist_kedro.sources.synthetic.draws import Ints, hex_ids
from olist_kedro.sources.synthetic.payments import draw_payments, payments_csv
from olist_kedro.sources.synthetic.places import choose_unknown, draw_places, geolocation_csv
from olist_kedro.sources.synthetic.reviews import draw_reviews, reviews_csv

DIRT_FROM = 2000
"""From so many orders on, each kind of dirt occurs at least once."""


def generate_files(orders: int, seed: int) -> dict[str, bytes]:
    """Generate the nine raw files.

    The same arguments give the same bytes, in every process and on every platform with the same version of
    numpy: all randomness comes from its PCG64 generator, and what is computed from it is rounded.

    Args:
        orders: Number of orders, 1 or more.
        seed: Seed, 0 or more.

    Returns:
        Each file's bytes by table name.

    Raises:
        OlistError: `orders` or `seed` is too small.
    """
    if orders < 1 or seed < 0:
        raise OlistError(
            f"Cannot generate {orders} orders with seed {seed}: "
            "the number of orders must be 1 or more, the seed 0 or more."
        )
    # One stream a part: a change in one of them leaves the others as they are.
    streams = np.random.SeedSequence(seed).spawn(len(_PARTS))
    rng = {part: np.random.default_rng(stream) for part, stream in zip(_PARTS, streams, strict=True)}
    at_least = int(orders >= DIRT_FROM)

    places = draw_places(rng["places"])
    purchases = draw_purchases(rng["customers"], orders, places)
    catalogue = draw_catalogue(rng["catalogue"], orders, places)
    baskets = draw_baskets(rng["baskets"], purchases, catalogue, places, at_least=at_least)
    payments = draw_payments(rng["payments"], purchases.status, baskets, at_least=at_least)
    deliveries = draw_deliveries(
        rng["deliveries"], purchases, baskets, payments.first_type, places, at_least=at_least
    )
    reviews = draw_reviews(rng["reviews"], purchases, baskets, deliveries)

    # What nobody buys is in none of the files, nor is who sells nothing.
    products, product_of_item = np.unique(baskets.product, return_inverse=True)
    sellers, seller_of_item = np.unique(baskets.seller, return_inverse=True)
    order_ids, product_ids, seller_ids = (
        hex_ids(rng["keys"], size) for size in (orders, len(products), len(sellers))
    )
    seller_place = catalogue.seller_place[sellers]
    known = _known_places(rng["places"], purchases, seller_place, at_least)
    return {
        "customers": customers_csv(rng["customers"], purchases, places),
        "geolocation": geolocation_csv(rng["places"], places, known, at_least=at_least),
        "order_items": items_csv(
            rng["baskets"],
            baskets,
            deliveries,
            order_ids,
            product_ids=product_ids.take(pa.array(product_of_item)),
            seller_ids=seller_ids.take(pa.array(seller_of_item)),
        ),
        "order_payments": payments_csv(rng["payments"], payments, quoted(order_ids)),
        "order_reviews": reviews_csv(rng["reviews"], reviews, purchases.leader, order_ids, at_least=at_least),
        "orders": orders_csv(rng["deliveries"], purchases, deliveries, quoted(order_ids)),
        "products": products_csv(rng["catalogue"], catalogue, products, product_ids, at_least=at_least),
        "sellers": sellers_csv(rng["catalogue"], places, seller_place, seller_ids, at_least=at_least),
        "product_category_name_translation": translation_csv(),
    }


_PARTS = ("places", "customers", "catalogue", "baskets", "payments", "deliveries", "reviews", "keys")


def _known_places(rng: np.random.Generator, purchases: Purchases, seller_place: Ints, at_least: int) -> Ints:
    """Return the places in use that geolocation knows: all but a few."""
    customer_place = purchases.place
    unknown = [
        choose_unknown(rng, *np.unique(place, return_counts=True), share=share, at_least=at_least)
        for place, share in (
            (customer_place, stats.UNKNOWN_CUSTOMER_PREFIXES),
            (seller_place, stats.UNKNOWN_SELLER_PREFIXES),
        )
    ]
    return np.setdiff1d(np.union1d(customer_place, seller_place), np.concatenate(unknown))
