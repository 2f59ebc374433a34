"""The published system's twelve features a customer, as it defines them, from the raw Olist files.

Two of them repeat others (frequency, avg_product_category_value), and a customer without a review has score
0: kept here, so that the maps are measured on the same data as the published one. The project's own
features are in the pipeline `feature_engineering`.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

FILES = {
    "customers": "olist_customers_dataset.csv",
    "items": "olist_order_items_dataset.csv",
    "orders": "olist_orders_dataset.csv",
    "payments": "olist_order_payments_dataset.csv",
    "reviews": "olist_order_reviews_dataset.csv",
}

FEATURES = """
with customer_orders as (
    select order_id, customer_unique_id, order_purchase_timestamp::timestamp as purchased_at
    from orders join customers using (customer_id)
),
orders_of_customer as (
    select
        customer_unique_id,
        date_diff('day', max(purchased_at), (select max(purchased_at) from customer_orders)) as recency,
        count(*) as number_of_orders
    from customer_orders
    group by customer_unique_id
),
items_of_customer as (
    select
        customer_unique_id,
        sum(price::double) as monetary,
        avg(price::double) as mean_item_price,
        count(*) as total_order_items,
        count(distinct product_id) as num_unique_products
    from customer_orders join items using (order_id)
    group by customer_unique_id
),
payments_of_customer as (
    select
        customer_unique_id,
        sum(payment_value::double) as total_payment_value,
        avg(payment_installments::double) as avg_payment_installments
    from customer_orders join payments using (order_id)
    group by customer_unique_id
),
reviews_of_customer as (
    select
        customer_unique_id,
        avg(review_score::double) as avg_review_score,
        count(distinct review_id) as num_reviews
    from customer_orders join reviews using (order_id)
    group by customer_unique_id
)
select
    recency,
    number_of_orders as frequency,
    coalesce(monetary, 0) as monetary,
    number_of_orders,
    coalesce(mean_item_price, 0) as avg_order_value,
    coalesce(total_order_items, 0) as total_order_items,
    coalesce(total_payment_value, 0) as total_payment_value,
    coalesce(avg_payment_installments, 0) as avg_payment_installments,
    coalesce(avg_review_score, 0) as avg_review_score,
    coalesce(num_reviews, 0) as num_reviews,
    coalesce(mean_item_price, 0) as avg_product_category_value,
    coalesce(num_unique_products, 0) as num_unique_products
from orders_of_customer
left join items_of_customer using (customer_unique_id)
left join payments_of_customer using (customer_unique_id)
left join reviews_of_customer using (customer_unique_id)
order by customer_unique_id
"""


def reference_features(source: Path) -> NDArray[np.float64]:
    """Read the raw files and build the features.

    Args:
        source: the folder with the Olist CSVs, or the zip as Kaggle delivers it.

    Returns:
        Raw units, ordered by customer_unique_id, shape (96096, 12).
    """
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        files = _unzip(source, Path(folder)) if source.is_file() else source
        for table, name in FILES.items():
            # One thread a file: reviews hold line breaks within quotes, and those of the file are CRLF.
            rows = connection.read_csv(
                str(files / name),
                header=True,
                all_varchar=True,
                quotechar='"',
                escapechar='"',
                parallel=False,
            )
            rows.create(table)
        columns = connection.sql(FEATURES).fetchnumpy()
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns.values()])


def standardized(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale each feature to mean 0 and standard deviation 1, as StandardScaler does."""
    return (features - features.mean(axis=0)) / features.std(axis=0)


def _unzip(archive: Path, folder: Path) -> Path:
    """Unpack the files that are needed, wherever in the archive they lie."""
    with zipfile.ZipFile(archive) as opened:
        for member in opened.namelist():
            if Path(member).name in FILES.values():
                with opened.open(member) as packed, (folder / Path(member).name).open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
    return folder
