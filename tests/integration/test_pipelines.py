"""The product as a whole, on generated data: every pipeline, alone and together, once and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from click import ClickException
from tests.conftest import SAMPLE

from olist_kedro.cli import plain_errors
from olist_kedro.datasets.warehouse import connect
from olist_kedro.pipeline_registry import register_pipelines

FORCED = {**SAMPLE, "force": True}


def tables(project: Any) -> dict[str, pd.DataFrame]:
    """Return every table of the project's warehouse that a user reads, in a canonical order of rows."""
    warehouse = connect(
        {"backend": "duckdb", "path": str(project.path / "data/sample/03_primary/olist.duckdb")}
    )
    return {
        f"{schema}.{name}": _sorted(warehouse.table(name, database=schema).to_pandas())
        for schema in ("raw", "snapshots", "marts")
        for name in warehouse.list_tables(database=schema)
    }


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(list(rows.columns), key=lambda column: column.astype(str), ignore_index=True)


def test_every_table_of_the_star_schema_is_there(sample: Any) -> None:
    made = tables(sample)

    for dimension in ("date", "customer", "product", "seller", "geolocation"):
        assert len(made[f"marts.dim_{dimension}"]) > 0
    assert len(made["marts.fact_orders"]) == 3_000
    for fact, raw in {
        "fact_sales": "order_items",
        "fact_fulfillment": "order_items",
        "fact_payments": "order_payments",
        "fact_reviews": "order_reviews",
    }.items():
        assert len(made[f"marts.{fact}"]) == len(made[f"raw.{raw}"])


def test_every_customer_has_features_and_one_segment(sample: Any) -> None:
    made = tables(sample)
    customers = set(made["raw.customers"]["customer_unique_id"])
    segmented = made["marts.dim_customer_segmented"]

    assert set(made["marts.customer_features"]["customer_unique_id"]) == customers
    assert segmented["customer_unique_id"].is_unique
    assert set(segmented["customer_unique_id"]) == customers
    assert set(segmented["segment_id"]) == set(made["marts.dim_segment"]["segment_id"])
    sizes = segmented["segment_id"].value_counts()
    assert made["marts.dim_segment"].set_index("segment_id")["size"].to_dict() == sizes.to_dict()


def test_money_agrees_from_the_file_to_the_segments(sample: Any) -> None:
    made = tables(sample)

    assert made["marts.fact_sales"]["price"].sum() == made["raw.order_items"]["price"].sum()
    assert (
        made["marts.fact_payments"]["payment_value"].sum()
        == made["raw.order_payments"]["payment_value"].sum()
    )
    assert made["marts.dim_segment"]["share"].sum() == pytest.approx(1)
    assert made["marts.dim_segment"]["revenue_share"].sum() == pytest.approx(1)


def test_a_second_run_changes_nothing(sample: Any) -> None:
    before = tables(sample)

    sample.run(env="sample", params=FORCED)

    after = tables(sample)
    assert after.keys() == before.keys()
    assert len(after["marts.segmentation_runs"]) == len(before["marts.segmentation_runs"]) + 1
    names = ("dim_segment", "dim_customer_segmented", "segmentation_codebook")
    published = [f"marts.{name}" for name in names]
    runs = [{*made[name].pop("run_id")} for made in (before, after) for name in published]
    assert runs[0] == runs[1] == runs[2] != runs[3] == runs[4] == runs[5]
    for name in before.keys() - {"marts.segmentation_runs"}:
        pd.testing.assert_frame_equal(after[name], before[name], obj=name)


@pytest.mark.parametrize(
    "pipeline", ["ingestion", "dbt", "elt", "feature_engineering", "som_kmeans", "out_of_time", "reporting"]
)
def test_each_pipeline_runs_alone(sample: Any, pipeline: str) -> None:
    """`segmentation` and the whole are run by the tests around this one."""
    sample.run(pipeline, env="sample", params=FORCED)


def test_segmentation_runs_on_a_finished_warehouse(sample: Any, capsys: pytest.CaptureFixture[str]) -> None:
    sample.run("segmentation", env="sample", params=FORCED)

    assert "of revenue" in capsys.readouterr().err


def test_the_list_of_pipelines_is_complete() -> None:
    parts = {"ingestion", "dbt", "feature_engineering", "som_kmeans", "out_of_time", "reporting"}
    parts |= {"scoring", "tuning"}
    assert set(register_pipelines()) == {"__default__", "elt", "segmentation"} | parts


@pytest.mark.parametrize("pipeline", ["dbt", "segmentation"])
def test_empty_warehouse_says_what_to_run(make_project: Callable[[], Any], pipeline: str) -> None:
    """What `scoring` and `reporting` say is tested with them."""
    with pytest.raises(ClickException, match="kedro run --pipeline="), plain_errors():
        make_project().run(pipeline, env="sample")
