"""The dbt tests' own test: what is broken must be found, and by the test that is there for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def broken(make_star_schema: Callable[[], Any]) -> Any:
    """A place for copies of the built star schema that tests break."""
    return make_star_schema()


BREAKAGES = {
    "update marts.fact_sales set product_id = 'nowhere' where order_item_id = 2": {
        "relationships_fact_sales_product_id__product_id__ref_dim_product_",
        "assert_sales_and_fulfillment_hold_the_same_items",
    },
    "update marts.fact_sales set price = price + 0.01 where order_item_id = 2": {
        "expression_is_true_fact_sales_total_item_value___price_freight_value",
        "sum_equals_fact_sales_price__source_raw_order_items_",
    },
    "update marts.fact_sales set order_purchase_date = order_purchase_date + interval 1 hour": {
        "sales_agree_with_their_order",
    },
    "update marts.fact_reviews set review_comment_message = 'NULL' where not has_comment": {
        "reviews_are_those_of_the_source",
    },
    "update marts.fact_orders set order_approved_date = order_approved_date + interval 1 minute": {
        "fulfillment_agrees_with_its_order",
        "orders_are_those_of_the_source",
    },
    "update marts.dim_seller set city = state": {
        "sellers_are_those_of_the_source",
    },
    "update marts.fact_fulfillment set shipping_limit_date_id = 20180101": {
        "date_id_of_fact_fulfillment_shipping_limit_date_id__shipping_limit_date",
    },
    "update marts.fact_orders set order_approved_date_id = 20180102 where order_approved_date is null": {
        "date_id_of_fact_orders_order_approved_date_id__order_approved_date",
        "payments_agree_with_their_order",
    },
    "update staging.int_geolocation_by_zip_prefix set latitude = null, longitude = null": {
        "assert_most_prefixes_have_coordinates",
    },
    "delete from marts.fact_payments where payment_date_id is null": {
        "row_count_equals_fact_payments_source_raw_order_payments_",
        "sum_equals_fact_payments_payment_value__source_raw_order_payments_",
    },
    "insert into marts.fact_reviews from marts.fact_reviews where has_comment": {
        "row_count_equals_fact_reviews_source_raw_order_reviews_",
        "sum_equals_fact_reviews_review_score__source_raw_order_reviews_",
        "unique_combination_of_columns_fact_reviews_review_id__order_id",
    },
    "update marts.fact_reviews set review_length = 0 where not has_comment": {
        "accepted_range_fact_reviews_review_length__1",
        "null_exactly_when_fact_reviews_review_length__not_has_comment",
    },
    "update marts.fact_orders set order_approved_date = '2017-01-01' where order_status = 'shipped'": {
        "column_a_greater_than_b_fact_orders_order_approved_date__order_purchase_date__True",
    },
    "update marts.dim_geolocation set zip_code_prefix = '1001' where zip_code_prefix = '01001'": {
        "assert_every_prefix_of_geolocation_has_a_place",
        "matches_regex_dim_geolocation_zip_code_prefix___0_9_5_",
        "relationships_dim_customer_zip_code_prefix__zip_code_prefix__ref_dim_geolocation_",
    },
    "delete from marts.dim_date where holiday_name = 'Natal'": {
        "assert_dates_have_no_gaps",
        "assert_every_year_has_its_holidays",
    },
    "update snapshots.snapshot_sellers set dbt_valid_to = dbt_valid_from - interval 1 day": {
        "column_a_greater_than_b_snapshot_sellers_dbt_valid_to__dbt_valid_from__True",
        "row_count_equals_snapshot_sellers_ref_stg_sellers_",
    },
    "update raw.load_log set row_count = 5 where table_name = 'orders'": {
        "source_row_count_recorded_raw_orders_source_raw_load_log___orders",
    },
}


def test_each_breakage_is_found(star_schema: Any, broken: Any) -> None:
    found = {}
    for breakage, expected in BREAKAGES.items():
        broken.path.write_bytes(star_schema.path.read_bytes())
        broken.query(breakage)
        found[breakage] = set(broken.failures("test", "--select", *sorted(expected)))
    assert found == BREAKAGES


def test_versions_that_overlap_are_found(star_schema: Any, broken: Any) -> None:
    broken.path.write_bytes(star_schema.path.read_bytes())
    broken.query("insert into snapshots.snapshot_sellers from snapshots.snapshot_sellers")
    broken.query("update snapshots.snapshot_sellers set dbt_valid_from = dbt_valid_from + to_days(rowid)")
    assert set(broken.failures("test", "--select", "snapshot_sellers")) >= {
        "versions_do_not_overlap_snapshot_sellers_seller_id"
    }


def test_a_required_column_that_is_null_fails_the_model(
    make_star_schema: Callable[[], Any], raw_rows: Rows, load: Callable[..., None]
) -> None:
    star_schema = make_star_schema()
    orphan = ("9".ljust(32, "0"), *raw_rows["order_payments"][0][1:])
    load(star_schema.path, {**raw_rows, "order_payments": [orphan]})
    results = star_schema.dbt("run", "--select", "stg_orders", "stg_order_payments", "fact_payments").results
    failed = [result for result in results if str(result.status) == "error"]
    assert [result.node.name for result in failed] == ["fact_payments"]
    assert "NOT NULL constraint failed: fact_payments" in failed[0].message
