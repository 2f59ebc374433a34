"""The out-of-time check: nothing known later leaks, and what customers did later is found."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import ibis
import numpy as np
import pandas as pd
import pytest
import yaml

from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.pipelines.out_of_time.nodes import (
    CHECK_COLUMNS,
    compare_outcomes,
    find_cut_dates,
    follow_customers,
    segment_followed_customers,
)
from olist_kedro.pipelines.out_of_time.parameters import OutOfTimeParameters
from olist_kedro.pipelines.som_kmeans.parameters import (
    ClusteringParameters,
    SegmentNamingParameters,
    SomParameters,
)
from olist_kedro.segmentation.transforms import ModelFeatures

CUT_DATE = date(2018, 1, 1)
HORIZON_DAYS = 100
CONF = Path(__file__).parents[3] / "conf/base"
OPTIONS = OutOfTimeParameters(cuts=1, horizon_days=HORIZON_DAYS, min_customers=1, draws=500, seed=1)


class Group(NamedTuple):
    """How the customers of a group bought before the cut date, and how many of 100 came back after it."""

    size: int
    returning_percent: int
    days_before_cut: tuple[int, ...]
    score: int = 5
    price: int = 60
    instalments: int = 1


GROUPS = {
    "New happy customers": Group(300, 5, (40,)),
    "Lapsed happy customers": Group(300, 2, (400,)),
    "Dissatisfied customers": Group(200, 2, (220,), score=1),
    "Big-ticket instalment buyers": Group(200, 5, (220,), price=600, instalments=8),
    "Loyal customers": Group(100, 50, (60, 160, 260, 360)),
}
SCHEMAS: dict[str, dict[str, str]] = {
    "dim_customer": {"customer_id": "string", "customer_unique_id": "string"},
    "dim_date": {"date_id": "int64", "full_date": "date"},
    "dim_product": {"product_id": "string", "product_category_name": "string"},
    "fact_orders": {
        "order_id": "string",
        "customer_id": "string",
        "order_status": "string",
        "order_purchase_date": "timestamp",
        "order_approved_date": "timestamp",
        "order_delivered_carrier_date": "timestamp",
        "order_delivered_customer_date": "timestamp",
        "order_purchase_date_id": "int64",
    },
    "fact_sales": {
        "order_id": "string",
        "customer_id": "string",
        "product_id": "string",
        "price": "decimal(10, 2)",
        "freight_value": "decimal(10, 2)",
        "total_item_value": "decimal(10, 2)",
    },
    "fact_payments": {
        "order_id": "string",
        "customer_id": "string",
        "payment_installments": "int64",
        "payment_value": "decimal(10, 2)",
    },
    "fact_reviews": {
        "order_id": "string",
        "customer_id": "string",
        "review_score": "int64",
        "review_creation_date": "timestamp",
        "review_answer_date": "timestamp",
    },
    "fact_fulfillment": {
        "order_id": "string",
        "customer_id": "string",
        "order_delivered_customer_date": "timestamp",
        "delivery_late_flag": "boolean",
    },
}


class Shop:
    """Rows of the star schema, an order at a time."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
        days = pd.date_range("2016-01-01", "2018-12-31")
        self.rows["dim_date"] = [{"date_id": _date_id(day), "full_date": day.date()} for day in days]
        self.rows["dim_product"] = [
            {"product_id": f"product{number}", "product_category_name": f"category{number % 5}"}
            for number in range(40)
        ]

    def order(
        self,
        customer: str,
        day: date,
        *,
        price: int = 60,
        instalments: int = 1,
        score: int | None = 5,
        status: str = "delivered",
        delivered_after: int = 5,
        answered_after: int = 8,
        is_late: bool = False,
    ) -> str:
        number = len(self.rows["fact_orders"])
        order = {"order_id": f"order{number}", "customer_id": f"customer{number}"}
        delivered = _at(day, delivered_after)
        self.rows["dim_customer"].append(
            {"customer_id": order["customer_id"], "customer_unique_id": customer}
        )
        self.rows["fact_orders"].append(
            {
                **order,
                "order_status": status,
                "order_purchase_date": _at(day),
                "order_approved_date": _at(day),
                "order_delivered_carrier_date": _at(day, 1),
                "order_delivered_customer_date": delivered,
                "order_purchase_date_id": _date_id(day),
            }
        )
        self.rows["fact_sales"].append(
            {
                **order,
                "product_id": f"product{number % 40}",
                "price": price,
                "freight_value": 10,
                "total_item_value": price + 10,
            }
        )
        self.rows["fact_payments"].append(
            {**order, "payment_installments": instalments, "payment_value": price + 10}
        )
        self.rows["fact_fulfillment"].append(
            {**order, "order_delivered_customer_date": delivered, "delivery_late_flag": is_late}
        )
        if score is not None:
            self.rows["fact_reviews"].append(
                {
                    **order,
                    "review_score": score,
                    "review_creation_date": _at(day, 1),
                    "review_answer_date": _at(day, answered_after),
                }
            )
        return order["order_id"]

    def marts(self) -> dict[str, ibis.Table]:
        connection = ibis.duckdb.connect()
        for name, schema in SCHEMAS.items():
            rows = pd.DataFrame(self.rows[name], columns=list(schema))
            connection.create_table(name, ibis.memtable(rows, schema=schema))
        return {name: connection.table(name) for name in SCHEMAS}


def _at(day: date, after: int = 0) -> pd.Timestamp:
    return pd.Timestamp(day) + pd.Timedelta(days=after, hours=13)


def _date_id(day: date) -> int:
    return int(f"{day:%Y%m%d}")


@pytest.fixture(scope="module")
def known_shop() -> Shop:
    """1,100 customers in five groups; of each group, the first so many of a hundred come back."""
    random = np.random.default_rng(5)
    shop = Shop()
    for name, group in GROUPS.items():
        for number in range(group.size):
            customer = f"{name} {number:03}"
            for before in group.days_before_cut:
                day = CUT_DATE - timedelta(days=int(before + random.integers(-20, 20)))
                price = round(group.price * random.uniform(0.8, 1.25))
                shop.order(customer, day, price=price, instalments=group.instalments, score=group.score)
            if number % 100 < group.returning_percent:
                shop.order(
                    customer, CUT_DATE + timedelta(days=1 + number % HORIZON_DAYS // 2), price=50, score=4
                )
    for number in range(50):  # so that the data goes on to the end of the follow-up
        shop.order(f"Somebody new {number}", CUT_DATE + timedelta(days=HORIZON_DAYS - 1))
    return shop


def _parameters(pipeline: str) -> dict[str, Any]:
    return yaml.safe_load((CONF / f"parameters_{pipeline}.yml").read_text())


FEATURES = ModelFeatures.model_validate(_parameters("feature_engineering")["model_features"])
NAMING = SegmentNamingParameters.model_validate(_parameters("som_kmeans")["segment_naming"])


def _follow(marts: dict[str, ibis.Table], **changes: Any) -> pd.DataFrame:
    return follow_customers(
        **marts,
        feature_engineering=FeatureEngineeringParameters(**changes.pop("feature_engineering", {})),
        model_features=FEATURES,
        segment_naming=NAMING,
        out_of_time=OPTIONS.model_copy(update=changes),
    )


def _segment(followed: pd.DataFrame, k: int = 5) -> pd.DataFrame:
    parameters = _parameters("som_kmeans")
    som = SomParameters.model_validate({**parameters["som"], "rows": 14, "columns": 9})
    clustering = ClusteringParameters.model_validate(parameters["clustering"])
    return segment_followed_customers(followed, {"k": k}, FEATURES, som, clustering, NAMING)


@pytest.fixture(scope="module")
def followed(known_shop: Shop) -> pd.DataFrame:
    return _follow(known_shop.marts())


@pytest.fixture(scope="module")
def check(followed: pd.DataFrame) -> pd.DataFrame:
    return compare_outcomes(_segment(followed), OPTIONS)


def test_orders_of_known_groups_lead_to_their_names(followed: pd.DataFrame) -> None:
    found = _segment(followed)["segment_name"]
    true = followed["customer_unique_id"].str.rsplit(" ", n=1).str[0]
    assert set(found) == set(GROUPS)
    assert (found == true).mean() > 0.98


def test_lifts_are_those_that_were_put_in(check: pd.DataFrame) -> None:
    back = check[check["outcome"] == "came_back"].set_index("segment_name")
    returned = {name: group.size * group.returning_percent // 100 for name, group in GROUPS.items()}
    assert back["observed"].to_dict() == pytest.approx(returned, abs=2)
    assert back.loc["Loyal customers", "lift"] == pytest.approx(0.5 / (35 / 1000), rel=0.1)
    assert back.loc["Loyal customers", "ci_low"] > 5
    assert back.loc["Lapsed happy customers", "ci_high"] < 1
    spend = check[check["outcome"] == "spend"].set_index("segment_name")
    assert spend.loc["Loyal customers", "value"] == pytest.approx(50 * 0.5, rel=0.05)
    score = check[check["outcome"] == "review_score"].set_index("segment_name")
    assert score.loc["Loyal customers", "lift"] == pytest.approx(1)
    assert np.isnan(score.loc["Dissatisfied customers", "ci_low"]), "four scores are too few"


def test_columns_and_key(check: pd.DataFrame) -> None:
    assert check.columns.tolist() == CHECK_COLUMNS
    assert not check.duplicated(["cut_date", "segment_name", "outcome"]).any()
    assert check["cut_date"].unique().tolist() == [pd.Timestamp(CUT_DATE)]
    assert set(check["horizon_days"]) == {HORIZON_DAYS}
    assert set(check["outcome"]) == {"came_back", "spend", "review_score"}
    assert check[check["outcome"] == "came_back"]["customers"].sum() == 1100


def test_segments_that_say_nothing_have_lifts_of_about_one(followed: pd.DataFrame) -> None:
    random = np.random.default_rng(3)
    segments = random.choice(["a", "b", "c"], len(followed))
    check = compare_outcomes(followed.assign(segment_name=segments), OPTIONS)
    back = check[check["outcome"].isin(["came_back", "spend"])]
    assert ((back["ci_low"] < 1) & (back["ci_high"] > 1)).all()


def test_nothing_of_the_cut_date_or_later_reaches_the_features() -> None:
    """Whatever happens from the cut date on, the customers look the same as of that date."""
    before, after = Shop(), Shop()
    for shop, later in ((before, False), (after, True)):
        purchase = CUT_DATE - timedelta(days=3)
        # Reviewed and delivered before the cut date, in both.
        shop.order("ana", CUT_DATE - timedelta(days=30), score=4, is_late=True)
        # Canceled, delivered late, or badly reviewed: but nobody knew of it on the day before the cut date.
        shop.order("ana", purchase, score=1 if later else None, is_late=later, answered_after=3)
        shop.order("bia", purchase, score=None, status="canceled" if later else "shipped")
        shop.order("caio", CUT_DATE - timedelta(days=1), score=2 if later else None, price=10)
        if later:
            shop.order("ana", CUT_DATE, price=999, score=1)
            shop.order("caio", CUT_DATE + timedelta(days=20), price=500, instalments=9)
            shop.order("davi", CUT_DATE + timedelta(days=5))
        shop.order("eva", CUT_DATE + timedelta(days=HORIZON_DAYS - 1))
    known = [_follow(shop.marts()).set_index("customer_unique_id") for shop in (before, after)]
    features = [*FEATURES.names, *NAMING.profile_features, "monetary"]
    pd.testing.assert_frame_equal(known[0][features], known[1][features])
    assert known[1].index.tolist() == ["ana", "bia", "caio"], "those who had bought by then"
    ana = known[1].loc["ana"]
    assert (ana["recency"], ana["avg_review_score"], ana["late_share"]) == (3, 4, 1)
    assert known[1]["came_back"].to_dict() == {"ana": 1, "bia": 0, "caio": 1}
    assert known[1]["spend"].to_dict() == {"ana": 999, "bia": 0, "caio": 500}
    assert known[1]["review_score"].to_dict() == pytest.approx(
        {"ana": 1, "bia": np.nan, "caio": 5}, nan_ok=True
    )
    assert known[0]["came_back"].sum() == 0


def test_follow_ups_end_with_the_horizon_where_the_next_one_begins() -> None:
    shop = Shop()
    for customer, later in (("ana", 9), ("bia", 10), ("caio", 19)):
        shop.order(customer, CUT_DATE - timedelta(days=9))
        shop.order(customer, CUT_DATE + timedelta(days=later))
    followed = _follow(shop.marts(), horizon_days=10, cuts=2)
    came_back = followed.pivot_table("came_back", "cut_date", "customer_unique_id")
    assert came_back.loc[CUT_DATE].tolist() == [1, 0, 0]
    assert came_back.loc[CUT_DATE + timedelta(days=10)].tolist() == [0, 1, 1]
    assert len(came_back) == 2


def test_orders_left_out_count_neither_before_nor_after() -> None:
    shop = Shop()
    for customer in ("ana", "bia"):
        shop.order(customer, CUT_DATE - timedelta(days=9))
    shop.order("ana", CUT_DATE + timedelta(days=9), status="canceled")
    shop.order("bia", CUT_DATE + timedelta(days=9))
    options = {"left_out_order_statuses": ("canceled",), "reference_date": date(2030, 1, 1)}
    followed = _follow(shop.marts(), horizon_days=9, feature_engineering=options)
    assert followed.set_index("customer_unique_id")["came_back"].to_dict() == {"ana": 0, "bia": 1}
    assert followed["recency"].tolist() == [10, 10], "from the cut date, whatever the reference date"


def test_thin_last_days_are_not_the_end_of_the_data() -> None:
    shop = Shop()
    for number in range(2000):
        shop.order(f"customer {number}", date(2017, 1, 1) + timedelta(days=number // 10))
    shop.order("straggler", date(2018, 6, 1))
    end = date(2017, 1, 1) + timedelta(days=200)
    options = OPTIONS.model_copy(update={"cuts": 3, "horizon_days": 30})
    expected = [end - timedelta(days=days) for days in (90, 60, 30)]
    assert find_cut_dates(shop.marts()["fact_orders"], options) == expected


@pytest.mark.parametrize("change", [{"cuts": 0}, {"min_customers": 5000}])
def test_nobody_to_follow_gives_an_empty_table(known_shop: Shop, change: dict[str, int]) -> None:
    followed = _follow(known_shop.marts(), **change)
    assert followed.empty
    check = compare_outcomes(_segment(followed), OPTIONS)
    assert check.columns.tolist() == CHECK_COLUMNS
    assert check.empty


def test_no_orders_at_all_give_no_cut_date() -> None:
    assert find_cut_dates(Shop().marts()["fact_orders"], OPTIONS) == []
