"""The marts' contents, on raw rows that a reader can check by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest


def key(text: str) -> str:
    return text.ljust(32, "0")


def test_sales_have_one_row_an_item_and_recognize_revenue_of_delivered_orders(star_schema: Any) -> None:
    assert star_schema.query(
        "select order_id, order_item_id, customer_id, total_item_value, recognized_revenue, order_count, "
        "delivered_flag, order_purchase_date_id from marts.fact_sales order by all"
    ) == [
        (key("01"), 1, key("c1"), Decimal("11.75"), Decimal("11.75"), 1, True, 20180101),
        (key("01"), 2, key("c1"), Decimal("22.00"), Decimal("22.00"), 1, True, 20180101),
        (key("02"), 1, key("c2"), Decimal("99.90"), Decimal("0.00"), 1, False, 20180201),
    ]


def test_fulfillment_measures_calendar_days_and_leaves_the_undelivered_unknown(star_schema: Any) -> None:
    assert star_schema.query(
        "select order_id, order_item_id, actual_delivery_days, estimated_delivery_days, delivery_delay, "
        "delivery_late_flag, shipping_limit_date_id from marts.fact_fulfillment order by all"
    ) == [
        (key("01"), 1, 9, 8, 1, True, 20180105),
        (key("01"), 2, 9, 8, 1, True, 20180105),
        (key("02"), 1, None, 19, None, None, 20200409),
    ]


def test_payments_keep_those_of_orders_never_approved(star_schema: Any) -> None:
    assert star_schema.query(
        "select order_id, payment_sequential, payment_installments, is_installment, installment_value, "
        "payment_type_flag_credit, payment_date_id from marts.fact_payments order by all"
    ) == [
        (key("01"), 1, 3, True, Decimal("11.25"), True, 20180102),
        (key("01"), 2, 1, False, Decimal("0.00"), False, 20180102),
        (key("02"), 1, 0, False, Decimal("99.90"), True, 20180201),
        (key("03"), 1, 1, False, Decimal("5.00"), False, None),
    ]


def test_reviews_keep_both_orders_of_one_review_and_the_text_as_it_is(star_schema: Any) -> None:
    assert star_schema.query(
        "select review_id, order_id, customer_id, review_comment_message, review_length, has_comment, "
        "is_positive_review, is_negative_review, response_time_hours, review_answer_date_id "
        "from marts.fact_reviews order by all"
    ) == [
        (
            *(key("f1"), key("01"), key("c1"), 'ótimo,\n"adorei"', 15, True),
            *(True, False, Decimal("30.00"), 20180121),
        ),
        (key("f1"), key("02"), key("c2"), None, None, False, True, False, None, None),
    ]


def test_orders_keep_dates_that_contradict_each_other(star_schema: Any) -> None:
    carrier, approved = star_schema.query(
        "select order_delivered_carrier_date, order_approved_date from marts.fact_orders "
        "where order_status = 'delivered'"
    )[0]
    assert (carrier, approved) == (datetime(2018, 1, 1, 23), datetime(2018, 1, 2, 1))


def test_products_are_translated_by_the_source_or_the_seed_and_null_stays_null(star_schema: Any) -> None:
    assert star_schema.query(
        "select product_id, product_category_name, product_category_name_portuguese, product_weight_g "
        "from marts.dim_product order by all"
    ) == [
        (key("d1"), "health_beauty", "beleza_saude", 500),
        (key("d2"), "gaming_computers", "pc_gamer", 0),
        (key("d3"), None, None, None),
    ]


def test_every_address_has_a_place(star_schema: Any) -> None:
    assert star_schema.query(
        "select zip_code_prefix, latitude, longitude, city, state, region, is_imputed, geo_point "
        "from marts.dim_geolocation order by zip_code_prefix"
    ) == [
        ("01001", -23.6, -46.7, "sao paulo", "SP", "Sudeste", False, "POINT(-46.7 -23.6)"),
        ("01999", -23.6, -46.7, "são paulo", "SP", "Sudeste", True, "POINT(-46.7 -23.6)"),
        ("20000", -22.9, -43.2, "rio de janeiro", "RJ", "Sudeste", False, "POINT(-43.2 -22.9)"),
        ("69900", -9.9747, -67.81, "rio branco", "AC", "Norte", True, "POINT(-67.81 -9.9747)"),
    ]


def test_customers_keep_their_key_of_each_order_and_their_address_as_written(star_schema: Any) -> None:
    assert star_schema.query(
        "select customer_id, customer_unique_id, zip_code_prefix, city, state, load_timestamp "
        "from marts.dim_customer order by all limit 3"
    ) == [
        (key("c1"), key("aa"), "01001", "sao paulo", "SP", datetime(2026, 1, 2, 3, 4, 5)),
        (key("c2"), key("aa"), "01001", "sao paulo", "SP", datetime(2026, 1, 2, 3, 4, 5)),
        (key("c3"), key("bb"), "01999", "são paulo", "SP", datetime(2026, 1, 2, 3, 4, 5)),
    ]


def test_money_is_exact(star_schema: Any) -> None:
    money = star_schema.query(
        "select distinct data_type from duckdb_columns() where schema_name = 'marts' "
        "and column_name in ('price', 'freight_value', 'total_item_value', 'recognized_revenue', "
        "'payment_value', 'installment_value')"
    )
    assert money == [("DECIMAL(10,2)",)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2018, 2, 13), (3, "Tuesday", "February", 7, 1, "2018-02", False, "Carnaval", "Summer")),
        (date(2019, 4, 21), (1, "Sunday", "April", 16, 2, "2019-04", True, "Páscoa / Tiradentes", "Autumn")),
        (date(2020, 12, 31), (5, "Thursday", "December", 53, 4, "2020-12", False, None, "Summer")),
    ],
)
def test_a_day_of_the_calendar(star_schema: Any, day: date, expected: tuple[Any, ...]) -> None:
    assert star_schema.query(
        "select day_of_week, day_name, month_name, week_of_year, quarter_of_year, year_month, is_weekend, "
        f"holiday_name, season from marts.dim_date where full_date = date '{day}'"
    ) == [expected]


def test_snapshots_follow_business_columns_and_not_load_timestamps(
    make_star_schema: Callable[[], Any], raw_rows: dict[str, list[tuple[Any, ...]]], load: Callable[..., None]
) -> None:
    star_schema = make_star_schema()
    versions = (
        "select customer_id[:2], city, dbt_valid_to is null, load_timestamp "
        "from snapshots.snapshot_customers order by customer_id, dbt_valid_from"
    )
    build = ("build", "--select", "+snapshot_customers", "--indirect-selection", "cautious")
    first, second = datetime(2026, 1, 1), datetime(2026, 2, 1)

    load(star_schema.path, raw_rows, first)
    assert star_schema.failures(*build) == []
    load(star_schema.path, raw_rows, second)
    assert star_schema.failures(*build) == []
    assert star_schema.query(versions) == [
        ("c1", "sao paulo", True, first),
        ("c2", "sao paulo", True, first),
        ("c3", "são paulo", True, first),
        ("c4", "rio branco", True, first),
    ]

    c1, c2, c3, _ = raw_rows["customers"]
    moved = (*c1[:3], "osasco", "SP")
    load(star_schema.path, {**raw_rows, "customers": [moved, c2, c3]}, second)
    assert star_schema.failures(*build) == []
    assert star_schema.query(versions) == [
        ("c1", "sao paulo", False, first),
        ("c1", "osasco", True, second),
        ("c2", "sao paulo", True, first),
        ("c3", "são paulo", True, first),
        ("c4", "rio branco", False, first),
    ]
