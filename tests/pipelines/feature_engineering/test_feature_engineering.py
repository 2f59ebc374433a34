"""Features of hand-made customers, checked against values computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pandas as pd
import pytest
import sqlglot

from olist_kedro.pipelines.feature_engineering import create_pipeline
from olist_kedro.pipelines.feature_engineering.definitions import COLUMN_NAMES, COLUMNS
from olist_kedro.pipelines.feature_engineering.nodes import (
    UnknownFeatureError,
    create_customer_features,
    select_model_input,
)
from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.segmentation.transforms import ModelFeatures

SCHEMAS: dict[str, dict[str, str]] = {
    "dim_customer": {"customer_id": "string", "customer_unique_id": "string", "load_timestamp": "timestamp"},
    "dim_date": {"date_id": "int64", "full_date": "date", "load_timestamp": "timestamp"},
    "dim_product": {
        "product_id": "string",
        "product_category_name": "string",
        "load_timestamp": "timestamp",
    },
    "fact_orders": {
        "order_id": "string",
        "customer_id": "string",
        "order_status": "string",
        "order_purchase_date_id": "int64",
        "load_timestamp": "timestamp",
    },
    "fact_sales": {
        "order_id": "string",
        "order_item_id": "int64",
        "customer_id": "string",
        "product_id": "string",
        "order_status": "string",
        "price": "decimal(10, 2)",
        "freight_value": "decimal(10, 2)",
        "total_item_value": "decimal(10, 2)",
        "load_timestamp": "timestamp",
    },
    "fact_payments": {
        "order_id": "string",
        "customer_id": "string",
        "payment_sequential": "int64",
        "payment_installments": "int64",
        "payment_value": "decimal(10, 2)",
        "load_timestamp": "timestamp",
    },
    "fact_reviews": {
        "review_id": "string",
        "order_id": "string",
        "customer_id": "string",
        "review_score": "int64",
        "load_timestamp": "timestamp",
    },
    "fact_fulfillment": {
        "order_id": "string",
        "order_item_id": "int64",
        "customer_id": "string",
        "delivery_late_flag": "boolean",
        "load_timestamp": "timestamp",
    },
}


def _item(order: str, customer: str, product: str, *money: str) -> tuple[Any, ...]:
    order_id, number = order.split("/")
    price, freight = (Decimal(value) for value in money)
    return (order_id, int(number), customer, product, "delivered", price, freight, price + freight)


# Ana buys twice on one day and once a month later, Bruno's only order is canceled, Carla buys two pieces of
# one product and gets them late, Davi is known but never bought.
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "dim_customer": [
        ("a1", "ana"),
        ("a2", "ana"),
        ("a3", "ana"),
        ("b1", "bruno"),
        ("c1", "carla"),
        ("d1", "davi"),
    ],
    "dim_date": [
        (int(day.strftime("%Y%m%d")), day.date()) for day in pd.date_range("2018-01-01", "2018-03-31")
    ],
    "dim_product": [("ball", "toys"), ("thing", None), ("picture", "art")],
    "fact_orders": [
        ("o1", "a1", "delivered", 20180101),
        ("o2", "a2", "shipped", 20180101),
        ("o3", "a3", "delivered", 20180131),
        ("o4", "b1", "canceled", 20180301),
        ("o5", "c1", "delivered", 20180201),
    ],
    "fact_sales": [
        _item("o1/1", "a1", "ball", "10.00", "5.00"),
        _item("o1/2", "a1", "thing", "30.00", "5.00"),
        _item("o2/1", "a2", "ball", "10.00", "0.00"),
        _item("o3/1", "a3", "picture", "100.10", "10.00"),
        _item("o5/1", "c1", "picture", "50.00", "20.00"),
        _item("o5/2", "c1", "picture", "50.00", "20.00"),
    ],
    "fact_payments": [
        ("o1", "a1", 1, 4, Decimal("50.00")),
        ("o2", "a2", 1, 1, Decimal("10.00")),
        ("o3", "a3", 1, 1, Decimal("110.10")),
        ("o5", "c1", 1, 10, Decimal("140.00")),
    ],
    "fact_reviews": [("r1", "o5", "c1", 1), ("r2", "o5", "c1", 4)],
    "fact_fulfillment": [
        ("o1", 1, "a1", False),
        ("o1", 2, "a1", False),
        ("o2", 1, "a2", None),
        ("o3", 1, "a3", True),
        ("o5", 1, "c1", True),
        ("o5", 2, "c1", True),
    ],
}


@pytest.fixture(scope="module")
def marts() -> dict[str, ibis.Table]:
    connection = ibis.duckdb.connect()
    for name, schema in SCHEMAS.items():
        rows = [(*row, pd.Timestamp("2026-01-01")) for row in ROWS[name]]
        columns = [dict(zip(schema, row, strict=True)) for row in rows]
        connection.create_table(name, ibis.memtable(columns, schema=ibis.schema(schema)))
    return {name: connection.table(name) for name in SCHEMAS}


def _features(marts: dict[str, ibis.Table], **parameters: Any) -> pd.DataFrame:
    expression = create_customer_features(
        **marts, parameters=FeatureEngineeringParameters.model_validate(parameters)
    )
    return expression.order_by("customer_unique_id").to_pandas().set_index("customer_unique_id")


def test_every_customer_has_one_row_with_the_columns_that_are_defined(marts: dict[str, ibis.Table]) -> None:
    features = _features(marts)
    assert list(features.index) == ["ana", "bruno", "carla", "davi"]
    assert ("customer_unique_id", *features.columns) == COLUMN_NAMES


def test_customer_who_came_back(marts: dict[str, ibis.Table]) -> None:
    ana = _features(marts).loc["ana"]
    assert ana["first_purchase_date"] == pd.Timestamp("2018-01-01")
    assert ana["last_purchase_date"] == pd.Timestamp("2018-01-31")
    assert ana["recency"] == 30, "to 2 March, the day after Bruno's purchase"
    assert ana["number_of_orders"] == 3
    assert ana["frequency"] == 1, "two orders on one day are one occasion, the first one does not count"
    assert ana["avg_days_between_orders"] == 30
    assert ana["monetary"] == Decimal("150.10")
    assert ana["avg_order_value"] == pytest.approx(150.10 / 3)
    assert ana["avg_item_price"] == pytest.approx(150.10 / 4)
    assert ana["total_order_items"] == 4
    assert ana["num_unique_products"] == 3
    assert ana["num_categories"] == 2
    # toys cost 10 on average, the product without a category 30, art (100.10 + 50 + 50) / 3
    assert ana["avg_product_category_value"] == pytest.approx((10 + 30 + 10 + 200.10 / 3) / 4)
    assert ana["freight_share"] == pytest.approx(20 / 170.10)
    assert ana["total_payment_value"] == Decimal("170.10")
    assert ana["avg_payment_installments"] == 2
    assert ana["late_share"] == 0.5, "one of two delivered orders; the one on its way does not count"
    assert ana["num_reviews"] == 0
    assert pd.isna(ana["avg_review_score"]), "no review is not a score of 0"


def test_customer_who_bought_once(marts: dict[str, ibis.Table]) -> None:
    carla = _features(marts).loc["carla"]
    assert carla["recency"] == 29
    assert carla["frequency"] == 0
    assert pd.isna(carla["avg_days_between_orders"])
    assert carla["avg_order_value"] == 100, "the value of an order, not of an item"
    assert carla["total_order_items"] == 2
    assert carla["num_unique_products"] == 1
    assert carla["avg_review_score"] == 2.5
    assert carla["num_reviews"] == 2
    assert carla["late_share"] == 1
    assert carla["num_canceled_orders"] == 0


def test_canceled_order_counts_as_an_order_placed(marts: dict[str, ibis.Table]) -> None:
    bruno = _features(marts).loc["bruno"]
    assert bruno["recency"] == 1
    assert bruno["number_of_orders"] == 1
    assert bruno["num_canceled_orders"] == 1
    assert bruno["monetary"] == 0
    assert bruno["total_payment_value"] == 0
    assert bruno[["avg_order_value", "freight_share", "late_share", "avg_payment_installments"]].isna().all()


def test_orders_in_some_states_can_be_left_out(marts: dict[str, ibis.Table]) -> None:
    features = _features(marts, left_out_order_statuses=["canceled"])
    assert features.loc["bruno", "number_of_orders"] == 0
    assert pd.isna(features.loc["bruno", "recency"])
    assert features.loc["carla", "recency"] == 1, "the last purchase that counts is Carla's"


def test_customer_without_an_order_is_kept(marts: dict[str, ibis.Table]) -> None:
    davi = _features(marts).loc["davi"]
    assert davi["number_of_orders"] == 0
    assert davi["frequency"] == 0
    assert pd.isna(davi["recency"])
    assert pd.isna(davi["first_purchase_date"])


def test_recency_counts_from_the_reference_date(marts: dict[str, ibis.Table]) -> None:
    features = _features(marts, reference_date=date(2018, 2, 10))
    assert features["recency"].drop("davi").to_dict() == {"ana": 10, "bruno": 0, "carla": 9}


def test_money_stays_decimal_until_the_model_input(marts: dict[str, ibis.Table]) -> None:
    expression = create_customer_features(**marts, parameters=FeatureEngineeringParameters())
    assert expression.schema()["monetary"].is_decimal()
    assert expression.schema()["total_payment_value"].is_decimal()
    model_input = select_model_input(
        expression, ModelFeatures.model_validate([{"name": "monetary"}, {"name": "avg_review_score"}])
    )
    assert list(model_input["customer_unique_id"]) == ["ana", "bruno", "carla", "davi"]
    assert model_input["monetary"].to_list() == [150.10, 0, 100, 0]
    assert model_input.dtypes.astype(str).to_dict() == {
        "customer_unique_id": "str",
        "monetary": "float64",
        "avg_review_score": "float64",
    }


@pytest.mark.parametrize("name", ["age", "last_purchase_date", "customer_unique_id"])
def test_feature_that_the_model_cannot_use_is_named(marts: dict[str, ibis.Table], name: str) -> None:
    expression = create_customer_features(**marts, parameters=FeatureEngineeringParameters())
    with pytest.raises(UnknownFeatureError, match=f"{name}.*\n.*recency"):
        select_model_input(expression, ModelFeatures.model_validate([{"name": name}]))


def test_features_are_one_query_that_bigquery_can_parse() -> None:
    tables = {name: ibis.table(schema, name=name) for name, schema in SCHEMAS.items()}
    expression = create_customer_features(**tables, parameters=FeatureEngineeringParameters())
    query = ibis.to_sql(expression, dialect="bigquery")
    parsed = sqlglot.parse_one(str(query), dialect="bigquery")
    assert tuple(parsed.named_selects) == COLUMN_NAMES


def test_every_column_is_documented() -> None:
    for column in COLUMNS:
        assert column.definition.endswith("."), column.name
        assert column.unit, column.name
        assert column.when_null, column.name
        is_numeric = column.unit not in {"id", "date"}
        assert bool(column.high) == bool(column.low) == is_numeric, column.name


def test_pipeline_makes_features_and_model_input() -> None:
    assert create_pipeline().outputs() == {"model_input"}
    assert {node.name for node in create_pipeline().nodes} == {
        "create_customer_features",
        "select_model_input",
    }
