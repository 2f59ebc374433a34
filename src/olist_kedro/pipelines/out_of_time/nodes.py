"""Customers as they were known on a date, their segments as of then, and what they did afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, cast

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from olist_kedro.pipelines.feature_engineering.nodes import (
    CUSTOMER,
    create_customer_features,
    fetch_as_floats,
)
from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.pipelines.out_of_time.parameters import OutOfTimeParameters
from olist_kedro.pipelines.som_kmeans.nodes import (
    REVENUE,
    describe_segments,
    map_customers,
    train_map,
    transform_features,
)
from olist_kedro.pipelines.som_kmeans.parameters import (
    ClusteringParameters,
    SegmentNamingParameters,
    SomParameters,
)
from olist_kedro.progress import track
from olist_kedro.segmentation.lift import Lift, mean_lifts, share_lift
from olist_kedro.segmentation.transforms import ModelFeatures

# Marketplaces' last days are thin: on the real data 22 orders in the last seven weeks, nearly all canceled.
SHARE_OF_ORDERS_BEFORE_THE_END = 0.999
OUTCOMES = {"came_back": "number_of_orders", "spend": "monetary", "review_score": "avg_review_score"}
CHECK_COLUMNS = [
    "cut_date",
    "horizon_days",
    "segment_name",
    "outcome",
    "customers",
    "observed",
    "value",
    "value_of_others",
    *Lift._fields,
]

Marts = Mapping[str, ir.Table]


def follow_customers(
    dim_customer: ir.Table,
    dim_date: ir.Table,
    dim_product: ir.Table,
    fact_orders: ir.Table,
    fact_sales: ir.Table,
    fact_payments: ir.Table,
    fact_reviews: ir.Table,
    fact_fulfillment: ir.Table,
    feature_engineering: FeatureEngineeringParameters,
    model_features: ModelFeatures,
    segment_naming: SegmentNamingParameters,
    out_of_time: OutOfTimeParameters,
) -> pd.DataFrame:
    """Fetch, for each cut date, the features of those who had bought before it and what they did after it.

    Args:
        dim_customer: As for `create_customer_features`, like all tables.
        dim_date: One row a day.
        dim_product: One row a product.
        fact_orders: One row an order.
        fact_sales: One row an item of an order.
        fact_payments: One row a payment of an order.
        fact_reviews: One row a review of an order.
        fact_fulfillment: One row an item of an order, with its delivery.
        feature_engineering: What counts as a purchase; its reference date gives way to the cut date.
        model_features: The features of the model.
        segment_naming: The features of the profile.
        out_of_time: The cut dates.

    Returns:
        One row a cut date and customer: cut_date, customer_unique_id, the features as of the cut date, and
        the outcomes of the follow-up: came_back (0 or 1), spend (BRL, 0 for those who did not) and
        review_score (mean over the reviews of the orders placed in the follow-up; NaN where there is none).
    """
    marts = {
        "dim_customer": dim_customer,
        "dim_date": dim_date,
        "dim_product": dim_product,
        "fact_orders": fact_orders,
        "fact_sales": fact_sales,
        "fact_payments": fact_payments,
        "fact_reviews": fact_reviews,
        "fact_fulfillment": fact_fulfillment,
    }
    features = tuple(dict.fromkeys((*model_features.names, *segment_naming.profile_features, REVENUE)))
    followed = []
    for cut_date in track(find_cut_dates(fact_orders, out_of_time), "Looking back from cut dates"):
        until = cut_date + timedelta(days=out_of_time.horizon_days)
        known = create_customer_features(
            **marts_as_of(marts, cut_date),
            parameters=feature_engineering.model_copy(update={"reference_date": cut_date}),
        )
        later = create_customer_features(
            **{**marts, "fact_orders": _placed(fact_orders, cut_date, until)}, parameters=feature_engineering
        )
        outcomes = later.select(CUSTOMER, **{name: later[column] for name, column in OUTCOMES.items()})
        outcomes = outcomes.mutate(came_back=(outcomes.came_back > 0).cast("int64"))
        rows = fetch_as_floats(
            known.left_join(outcomes, CUSTOMER).drop(f"{CUSTOMER}_right"), (*features, *OUTCOMES)
        )
        if len(rows) >= out_of_time.min_customers:
            followed.append(rows.assign(cut_date=cut_date))
    nobody = pd.DataFrame(columns=["cut_date", CUSTOMER, *features, *OUTCOMES])
    return pd.concat(followed, ignore_index=True) if followed else nobody


def find_cut_dates(fact_orders: ir.Table, out_of_time: OutOfTimeParameters) -> list[date]:
    """Return the cut dates, ascending: the end of the data less one horizon, two horizons, and so on.

    The data ends on the day after which one order in a thousand was placed.
    """
    days = fact_orders.order_purchase_date.date()
    placed = fact_orders.group_by(day=days).agg(orders=fact_orders.count()).order_by("day").to_pandas()
    placed = placed.dropna(subset="day")
    if placed.empty:
        return []
    share = placed["orders"].cumsum() / placed["orders"].sum()
    end = pd.Timestamp(placed["day"][share >= SHARE_OF_ORDERS_BEFORE_THE_END].iloc[0]) + timedelta(days=1)
    horizon = timedelta(days=out_of_time.horizon_days)
    return [(end - number * horizon).date() for number in range(out_of_time.cuts, 0, -1)]


def marts_as_of(marts: Marts, cut_date: date) -> dict[str, ir.Table]:
    """Return the marts without what came to be known on the cut date or later.

    Orders count from the day of purchase, with their items and payments, both agreed on then. A review
    counts from the day of its answer, since its creation date is that of the question; a delivery from the
    day it arrived. The state of an order is the one its dates tell; cancellations have no date, so none
    is known.

    Args:
        marts: The tables that `create_customer_features` takes, by name.
        cut_date: The first day that is not known.
    """
    orders = _placed(marts["fact_orders"], None, cut_date)
    orders = orders.mutate(
        order_status=ibis.cases(
            (orders.order_delivered_customer_date.date() < cut_date, "delivered"),
            (orders.order_delivered_carrier_date.date() < cut_date, "shipped"),
            (orders.order_approved_date.date() < cut_date, "approved"),
            else_="created",
        )
    )
    reviews, deliveries = marts["fact_reviews"], marts["fact_fulfillment"]
    return {
        **marts,
        "dim_customer": marts["dim_customer"].semi_join(orders, "customer_id"),
        "fact_orders": orders,
        "fact_reviews": reviews.filter(reviews.review_answer_date.date() < cut_date),
        "fact_fulfillment": deliveries.filter(deliveries.order_delivered_customer_date.date() < cut_date),
    }


def segment_followed_customers(
    followed_customers: pd.DataFrame,
    segmentation_model: dict[str, Any],
    model_features: ModelFeatures,
    som: SomParameters,
    clustering: ClusteringParameters,
    segment_naming: SegmentNamingParameters,
) -> pd.DataFrame:
    """Segment the customers of each cut date as the published segments were made: same steps, same k.

    Transforms, map, clusters and names are learnt anew from what was known on the cut date.

    Returns:
        cut_date, segment_name and the outcomes, rows as in `followed_customers`.
    """
    segmented = followed_customers[["cut_date", *OUTCOMES]].assign(segment_name="")
    for _, rows in track(list(followed_customers.groupby("cut_date")), "Segmenting as of cut dates"):
        _, matrix = transform_features(rows, model_features)
        codebook = train_map(matrix, som)
        mapped = map_customers(rows, matrix, codebook, som)
        hits = np.bincount(mapped["neuron"], minlength=len(codebook))
        clusters = clustering.kmeans.labels(codebook, hits, segmentation_model["k"], clustering.seed)
        located = mapped.assign(segment_id=clusters[mapped["neuron"]])
        segments, _ = describe_segments(located, rows, segment_naming)
        names = located["segment_id"].map(segments.set_index("segment_id")["segment_name"])
        segmented.loc[rows.index, "segment_name"] = names.to_numpy()
    return segmented


def compare_outcomes(segmented_follow_up: pd.DataFrame, out_of_time: OutOfTimeParameters) -> pd.DataFrame:
    """Compare each segment's customers with all others by what they did after the cut date.

    Returns:
        One row a cut date, segment and outcome: cut_date, horizon_days, segment_name, outcome, customers (of
        the segment), observed (those who came back; for review_score: who gave a score), value (mean over
        the customers; for review_score: over those who gave one), value_of_others, lift (the one over the
        other) and ci_low and ci_high, its 95% interval; NaN where too few came back to tell.
    """
    rows: list[dict[str, Any]] = []
    for cut_date, customers in segmented_follow_up.groupby("cut_date"):
        segments = customers["segment_name"]
        means = {
            name: mean_lifts(customers[name], segments, draws=out_of_time.draws, seed=out_of_time.seed)
            for name in ("spend", "review_score")
        }
        for segment_name in sorted(segments.unique()):
            inside, others = customers[segments == segment_name], customers[segments != segment_name]
            if others.empty:
                continue
            lifts = {
                "came_back": share_lift(
                    int(inside["came_back"].sum()), len(inside), int(others["came_back"].sum()), len(others)
                ),
                **{name: by_segment[segment_name] for name, by_segment in means.items()},
            }
            for outcome, lift in lifts.items():
                did = inside["review_score"].notna() if outcome == "review_score" else inside["came_back"]
                rows.append(
                    {
                        "cut_date": pd.Timestamp(cast("date", cut_date)),
                        "horizon_days": out_of_time.horizon_days,
                        "segment_name": segment_name,
                        "outcome": outcome,
                        "customers": len(inside),
                        "observed": int(did.sum()),
                        "value": inside[outcome].mean(),
                        "value_of_others": others[outcome].mean(),
                        **lift._asdict(),
                    }
                )
    return pd.DataFrame(rows, columns=CHECK_COLUMNS)


def _placed(fact_orders: ir.Table, start: date | None, end: date) -> ir.Table:
    """Return the orders placed from `start` on and before `end`."""
    day = fact_orders.order_purchase_date.date()
    return fact_orders.filter((day < end) & (day >= start if start else True))
