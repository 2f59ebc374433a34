"""Features of a customer as Ibis expressions: computed in the warehouse, on DuckDB and BigQuery alike.

Sums of money stay exact decimals. Means are an exact sum divided once, as floats, so the result does not
depend on the order in which an engine's threads add up, and both engines agree to the last digit.
"""

from __future__ import annotations

from functools import reduce
from typing import cast

import ibis
import ibis.expr.types as ir
import pandas as pd

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.feature_engineering.definitions import COLUMN_NAMES
from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.segmentation.transforms import ModelFeatures

CUSTOMER = "customer_unique_id"
CANCELED_STATUSES = ("canceled", "unavailable")
COUNTS_AND_SUMS = (
    "frequency",
    "monetary",
    "number_of_orders",
    "total_order_items",
    "total_payment_value",
    "num_reviews",
    "num_unique_products",
    "num_categories",
    "num_canceled_orders",
)


class UnknownFeatureError(OlistError):
    """The parameters name a feature that there is not, or that is no number."""


def create_customer_features(
    dim_customer: ir.Table,
    dim_date: ir.Table,
    dim_product: ir.Table,
    fact_orders: ir.Table,
    fact_sales: ir.Table,
    fact_payments: ir.Table,
    fact_reviews: ir.Table,
    fact_fulfillment: ir.Table,
    parameters: FeatureEngineeringParameters,
) -> ir.Table:
    """Describe every customer by what they bought, paid, received and said.

    Args:
        dim_customer: One row a `customer_id`, with the person's `customer_unique_id`.
        dim_date: One row a day.
        dim_product: One row a product.
        fact_orders: One row an order.
        fact_sales: One row an item of an order.
        fact_payments: One row a payment of an order.
        fact_reviews: One row a review of an order.
        fact_fulfillment: One row an item of an order, with its delivery.
        parameters: The reference date and the orders that do not count.

    Returns:
        One row a `customer_unique_id`, with the columns that `definitions.COLUMNS` describes. A
        customer without an order that counts is kept, with counts of 0.
    """
    orders = _counted_orders(fact_orders, dim_customer, dim_date, parameters)
    owners = orders.select("order_id", CUSTOMER)
    parts = [
        _summarize_orders(orders, _reference_date(orders, parameters)),
        _summarize_items(owners.inner_join(fact_sales.drop("customer_id"), "order_id"), dim_product),
        _summarize_payments(owners.inner_join(fact_payments.drop("customer_id"), "order_id")),
        _summarize_reviews(owners.inner_join(fact_reviews.drop("customer_id"), "order_id")),
        _summarize_deliveries(owners.inner_join(fact_fulfillment.drop("customer_id"), "order_id")),
    ]
    customers = dim_customer.select(CUSTOMER).distinct()
    features = reduce(_left_join, parts, customers)
    counted = features.mutate(**{name: features[name].fill_null(0) for name in COUNTS_AND_SUMS})
    return counted.select(*COLUMN_NAMES)


def select_model_input(customer_features: ir.Table, model_features: ModelFeatures) -> pd.DataFrame:
    """Fetch the features of the model, and nothing else, from the warehouse.

    Args:
        customer_features: One row a customer.
        model_features: Which features the model uses.

    Returns:
        Columns `customer_unique_id` and each feature as float64 in its own unit, missing values as
        NaN; ordered by customer, so that the same customers always give the same matrix.

    Raises:
        UnknownFeatureError: A feature is not a numeric column of `customer_features`.
    """
    return fetch_as_floats(customer_features, model_features.names)


def fetch_as_floats(customer_features: ir.Table, features: tuple[str, ...]) -> pd.DataFrame:
    """Fetch `customer_unique_id` and the named features as float64, ordered by customer.

    Raises:
        UnknownFeatureError: A feature is not a numeric column of `customer_features`.
    """
    return select_as_floats(customer_features, features).to_pandas()


def select_as_floats(customer_features: ir.Table, features: tuple[str, ...]) -> ir.Table:
    """Return the query of :func:`fetch_as_floats`.

    Raises:
        UnknownFeatureError: A feature is not a numeric column of `customer_features`.
    """
    schema = customer_features.schema()
    usable = [name for name, kind in schema.items() if kind.is_numeric()]
    unusable = [name for name in features if name not in usable]
    if unusable:
        raise UnknownFeatureError(
            f"customer_features has no numeric column {', '.join(unusable)}.\n"
            f"Name in the parameters one of: {', '.join(usable)}."
        )
    values = {name: customer_features[name].cast("float64") for name in features}
    return customer_features.select(CUSTOMER, **values).order_by(CUSTOMER)


def _counted_orders(
    fact_orders: ir.Table,
    dim_customer: ir.Table,
    dim_date: ir.Table,
    parameters: FeatureEngineeringParameters,
) -> ir.Table:
    """Return the orders that count, with their customer and day of purchase."""
    days = dim_date.select(order_purchase_date_id="date_id", purchase_date="full_date")
    orders = (
        fact_orders.inner_join(dim_customer.select("customer_id", CUSTOMER), "customer_id")
        .inner_join(days, "order_purchase_date_id")
        .select("order_id", CUSTOMER, "order_status", "purchase_date")
    )
    if parameters.left_out_order_statuses:
        orders = orders.filter(orders.order_status.notin(parameters.left_out_order_statuses))
    return orders


def _reference_date(orders: ir.Table, parameters: FeatureEngineeringParameters) -> ir.DateValue:
    """Return the day from which recency counts: the given one, or the day after the last purchase."""
    if parameters.reference_date is not None:
        return cast("ir.DateValue", ibis.literal(parameters.reference_date))
    return orders.purchase_date.max().as_scalar() + ibis.interval(days=1)


def _summarize_orders(orders: ir.Table, reference_date: ir.DateValue) -> ir.Table:
    summary = orders.group_by(CUSTOMER).agg(
        first_purchase_date=orders.purchase_date.min(),
        last_purchase_date=orders.purchase_date.max(),
        number_of_orders=orders.order_id.nunique(),
        num_canceled_orders=orders.order_id.nunique(where=orders.order_status.isin(CANCELED_STATUSES)),
        frequency=orders.purchase_date.nunique() - 1,
    )
    days_as_customer = summary.last_purchase_date.delta(summary.first_purchase_date, unit="day")
    return summary.mutate(
        recency=ibis.greatest(reference_date.delta(summary.last_purchase_date, unit="day"), 0),
        avg_days_between_orders=_ratio(days_as_customer, summary.frequency),
    )


def _summarize_items(items: ir.Table, dim_product: ir.Table) -> ir.Table:
    items = items.left_join(dim_product.select("product_id", "product_category_name"), "product_id").drop(
        "product_id_right"
    )
    # Over a window, products without a category are a group of their own; a join would lose them.
    category = ibis.window(group_by=items.product_category_name)
    category_value = _ratio(items.price.sum().over(category), items.price.count().over(category))
    # Back to an exact decimal, so that the sum over a customer's items is exact as well.
    items = items.mutate(category_value=category_value.cast("decimal(38, 9)"))
    return items.group_by(CUSTOMER).agg(
        monetary=items.price.sum(),
        avg_order_value=_ratio(items.price.sum(), items.order_id.nunique()),
        avg_item_price=_ratio(items.price.sum(), items.price.count()),
        total_order_items=items.count(),
        num_unique_products=items.product_id.nunique(),
        num_categories=items.product_category_name.nunique(),
        avg_product_category_value=_ratio(items.category_value.sum(), items.count()),
        freight_share=_ratio(items.freight_value.sum(), items.total_item_value.sum()),
    )


def _summarize_payments(payments: ir.Table) -> ir.Table:
    return payments.group_by(CUSTOMER).agg(
        total_payment_value=payments.payment_value.sum(),
        avg_payment_installments=_ratio(
            payments.payment_installments.sum(), payments.payment_installments.count()
        ),
    )


def _summarize_reviews(reviews: ir.Table) -> ir.Table:
    return reviews.group_by(CUSTOMER).agg(
        avg_review_score=_ratio(reviews.review_score.sum(), reviews.review_score.count()),
        num_reviews=reviews.count(),
    )


def _summarize_deliveries(deliveries: ir.Table) -> ir.Table:
    """Return the share of late orders among the delivered ones; an order is late if any item was."""
    late = deliveries.delivery_late_flag.cast("int64")
    by_order = deliveries.group_by(CUSTOMER, "order_id").agg(is_late=late.max())
    return by_order.group_by(CUSTOMER).agg(
        late_share=_ratio(by_order.is_late.sum(), by_order.is_late.count())
    )


def _ratio(numerator: ir.NumericValue, denominator: ir.NumericValue) -> ir.FloatingValue:
    """Divide as floats; null where the denominator is 0 or null (BigQuery would raise on 0)."""
    return numerator.cast("float64") / denominator.cast("float64").nullif(0)


def _left_join(customers: ir.Table, part: ir.Table) -> ir.Table:
    return customers.left_join(part, CUSTOMER).drop(f"{CUSTOMER}_right")
