"""What each column of `customer_features` means: the one place that code, reports and docs take it from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnDefinition:
    """The meaning of one column of `customer_features`.

    Attributes:
        name: The column.
        label: A short name for pictures and reports.
        definition: What it counts or measures, for one customer.
        unit: The unit of its values.
        when_null: What a missing value means; "never" if there is none.
        high: What sets customers with high values apart, to complete "customers who ...".
        low: The same for low values.
    """

    name: str
    label: str
    definition: str
    unit: str
    when_null: str
    high: str = ""
    low: str = ""


COLUMNS: tuple[ColumnDefinition, ...] = (
    ColumnDefinition(
        "customer_unique_id",
        "customer",
        "The person; one person has a customer_id for each order.",
        "id",
        "never",
    ),
    ColumnDefinition(
        "recency",
        "days since last purchase",
        "Days from the last purchase to the reference date, at least 0.",
        "days",
        "no order that counts",
        high="bought long ago",
        low="bought recently",
    ),
    ColumnDefinition(
        "frequency",
        "repeat purchase days",
        "Distinct days with a purchase after the first one (Fader and Hardie's convention: two orders on "
        "one day are one occasion, and 0 means that the customer has not come back yet).",
        "days",
        "never",
        high="came back on other days",
        low="did not come back",
    ),
    ColumnDefinition(
        "monetary",
        "spend",
        "Sum of the prices of the items bought, without freight; adds up to the total of fact_sales.",
        "BRL",
        "never",
        high="spend more",
        low="spend less",
    ),
    ColumnDefinition(
        "number_of_orders",
        "orders",
        "Orders placed, in whatever state they are now.",
        "orders",
        "never",
        high="place more orders",
        low="place fewer orders",
    ),
    ColumnDefinition(
        "avg_order_value",
        "value per order",
        "Prices of the items bought, divided by the orders that have items.",
        "BRL an order",
        "no order with items",
        high="place orders of higher value",
        low="place orders of lower value",
    ),
    ColumnDefinition(
        "avg_item_price",
        "price per item",
        "Mean price of the items bought.",
        "BRL an item",
        "no items",
        high="buy dearer items",
        low="buy cheaper items",
    ),
    ColumnDefinition(
        "total_order_items",
        "items",
        "Items bought.",
        "items",
        "never",
        high="buy more items",
        low="buy fewer items",
    ),
    ColumnDefinition(
        "total_payment_value",
        "payments",
        "Sum of all payments, freight and interest included; adds up to the total of fact_payments.",
        "BRL",
        "never",
        high="pay more in all",
        low="pay less in all",
    ),
    ColumnDefinition(
        "avg_payment_installments",
        "instalments",
        "Mean number of instalments over the customer's payments.",
        "instalments",
        "no payment",
        high="pay in more instalments",
        low="pay in few instalments",
    ),
    ColumnDefinition(
        "avg_review_score",
        "review score",
        "Mean score of the customer's reviews.",
        "stars, 1 to 5",
        "no review",
        high="give better reviews",
        low="give worse reviews",
    ),
    ColumnDefinition(
        "num_reviews",
        "reviews",
        "Reviews given: rows of fact_reviews, one for each order that a review speaks of.",
        "reviews",
        "never",
        high="write more reviews",
        low="write fewer reviews",
    ),
    ColumnDefinition(
        "avg_product_category_value",
        "price level of categories",
        "Mean, over the items bought, of the average item price in the item's category: whether the customer "
        "shops in dear or cheap categories. Products without a category form one of their own.",
        "BRL",
        "no items",
        high="shop in dearer categories",
        low="shop in cheaper categories",
    ),
    ColumnDefinition(
        "num_unique_products",
        "distinct products",
        "Distinct products bought.",
        "products",
        "never",
        high="buy more kinds of products",
        low="buy fewer kinds of products",
    ),
    ColumnDefinition(
        "num_categories",
        "categories",
        "Distinct product categories bought from; products without a category are not counted.",
        "categories",
        "never",
        high="buy from more categories",
        low="buy from fewer categories",
    ),
    ColumnDefinition(
        "freight_share",
        "share of freight",
        "Freight as a share of price plus freight, over all items bought.",
        "share, 0 to 1",
        "no items",
        high="pay much freight for what they buy",
        low="pay little freight for what they buy",
    ),
    ColumnDefinition(
        "late_share",
        "share delivered late",
        "Share of the delivered orders that came after the promised day.",
        "share, 0 to 1",
        "nothing delivered",
        high="were often served late",
        low="were served on time",
    ),
    ColumnDefinition(
        "num_canceled_orders",
        "orders that fell through",
        "Orders placed that ended as canceled or unavailable.",
        "orders",
        "never",
        high="had orders fall through",
        low="had few orders fall through",
    ),
    ColumnDefinition(
        "avg_days_between_orders",
        "days between purchases",
        "Days from the first to the last purchase, divided by frequency.",
        "days",
        "bought on one day only",
        high="wait longer between purchases",
        low="come back sooner",
    ),
    ColumnDefinition(
        "first_purchase_date",
        "first purchase",
        "Day of the first purchase, in the shop's local time.",
        "date",
        "no order that counts",
    ),
    ColumnDefinition(
        "last_purchase_date",
        "last purchase",
        "Day of the last purchase, in the shop's local time.",
        "date",
        "no order that counts",
    ),
)

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
DEFINITIONS: dict[str, ColumnDefinition] = {column.name: column for column in COLUMNS}
