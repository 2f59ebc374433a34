"""The SQL that BigQuery gets, kept under tests/golden/bigquery and reviewed like code; it needs no account.

`GOLDEN_SQL=renew make test-bigquery ARGS="-k golden_sql"` writes the files anew.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
import sqlglot
import yaml
from tests.bigquery.conftest import LOGIN

from olist_kedro.dbt import DbtProject
from olist_kedro.pipelines.feature_engineering.nodes import (
    CUSTOMER,
    create_customer_features,
    select_as_floats,
)
from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.pipelines.out_of_time.nodes import marts_as_of
from olist_kedro.pipelines.scoring import in_warehouse
from olist_kedro.pipelines.scoring.nodes import score_customers
from olist_kedro.pipelines.scoring.parameters import ScoringParameters
from olist_kedro.segmentation.scoring import PublishedModel

pytest.importorskip("dbt.adapters.bigquery", reason="the extra `bigquery` is not installed")

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden/bigquery"
PROJECT, PREFIX = "a-project", "shop"
# A published model with one of each transform, small enough to read.
MODEL: dict[str, Any] = {
    "run_id": "a-run",
    "created_at": "2026-01-01T00:00:00",
    "features": [
        {
            "name": "recency",
            "impute": 200.0,
            "transform": "none",
            "mean": 250.0,
            "scale": 150.0,
            "clip": [-1.5, 3.5],
        },
        {
            "name": "total_payment_value",
            "impute": 100.0,
            "transform": "log1p",
            "mean": 4.7,
            "scale": 0.8,
            "clip": [-5.0, 5.0],
        },
        {
            "name": "late_share",
            "impute": 0.0,
            "transform": "sqrt",
            "mean": 0.1,
            "scale": 0.3,
            "clip": [-0.5, 3.0],
        },
    ],
    "segments": [{"segment_id": 1, "segment_name": "North"}, {"segment_id": 4, "segment_name": "South"}],
    "drift_baseline": {
        "customers": 30,
        "features": [
            {
                "name": name,
                "lowest": 0.0,
                "highest": highest,
                "edges": [edge],
                "counts": [10, 19],
                "missing": 1,
            }
            for name, highest, edge in (
                ("recency", 700.0, 180.0),
                ("total_payment_value", 9000.0, 99.9),
                ("late_share", 1.0, 1 / 3),
            )
        ],
        "segments": [{"segment_id": 1, "customers": 10}, {"segment_id": 4, "customers": 20}],
        "distances": [{"quantile": 0.999, "distance": 2.5}],
    },
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What dbt compiles for BigQuery: every model, snapshot and test."""
    folder = tmp_path_factory.mktemp("bigquery")
    (folder / "login.json").write_text(json.dumps(LOGIN))
    project = DbtProject(
        project_dir=ROOT / "dbt",
        profiles_dir=ROOT / "dbt",
        target_path=folder / "target",
        target="bigquery",
        environment={
            "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "login.json"),
            "GCP_PROJECT_ID": PROJECT,
            "BQ_DATASET_PREFIX": PREFIX,
        },
    )
    return project.compile()


@pytest.fixture(scope="module")
def relations(results: list[Any]) -> dict[str, Any]:
    """The models and snapshots by name."""
    return {
        result.node.name: result.node
        for result in results
        if result.node.resource_type in ("model", "snapshot")
    }


@pytest.fixture(scope="module")
def compiled(relations: dict[str, Any]) -> dict[str, str]:
    """All queries by name: dbt's, under a line that says how the result is stored, and those of Ibis."""
    queries = {
        name: f"-- {_storage(node)}\n{node.compiled_code.strip()}\n" for name, node in relations.items()
    }
    for name, query in _ibis_queries(_marts(relations)).items():
        sql = str(ibis.to_sql(query, dialect="bigquery", pretty=True))
        # When customers are scored, the time is part of the query.
        queries[name] = (
            re.sub(r"DATETIME\('20[^']*'\)", "DATETIME('2026-01-01T00:00:00')", sql).strip() + "\n"
        )
    return queries


def test_sql_is_what_was_reviewed(compiled: Mapping[str, str]) -> None:
    if os.environ.get("GOLDEN_SQL") == "renew":
        for path in GOLDEN.glob("*.sql"):
            path.unlink()
        for name, sql in compiled.items():
            (GOLDEN / f"{name}.sql").write_text(sql, "utf-8")
    reviewed = {path.stem: path.read_text("utf-8") for path in GOLDEN.glob("*.sql")}

    assert sorted(compiled) == sorted(reviewed)
    for name, sql in compiled.items():
        assert sql == reviewed[name], (
            f"{name} has changed: renew the files (see above) and review the difference"
        )


def test_every_query_parses_as_bigquery(results: list[Any], compiled: Mapping[str, str]) -> None:
    tests = [result.node.compiled_code for result in results if result.node.resource_type == "test"]

    assert len(tests) > 240
    for sql in (*tests, *compiled.values()):
        sqlglot.parse_one(sql, dialect="bigquery")


def test_layers_are_datasets_with_the_prefix(compiled: Mapping[str, str]) -> None:
    assert "`a-project`.`shop_raw`.`orders`" in compiled["stg_orders"]
    assert "`a-project`.`shop_staging`.`stg_orders`" in compiled["fact_orders"]
    assert "`a-project`.`shop_snapshots`.`snapshot_sellers`" in compiled["dim_seller"]
    assert "`a-project`.`shop_marts`.`fact_orders`" in compiled["customer_features"]


def test_own_macros_use_bigquerys_functions(compiled: Mapping[str, str]) -> None:
    for expected in (
        "generate_date_array(",
        "extract(dayofweek from",
        "extract(isoweek",
        "format_date('%B',",
    ):
        assert expected in compiled["dim_date"]
    for expected in ("st_geogpoint(longitude, latitude)", "percentile_cont(latitude, 0.5) over", r"r'\pM'"):
        assert expected in compiled["dim_geolocation"]


def _storage(node: Any) -> str:
    config = node.config.to_dict()
    parts = [config["materialized"], f"{node.schema}.{node.alias}"]
    if partition := config.get("partition_by"):
        parts.append(f"partitioned by {partition['granularity']} of {partition['field']}")
    if clusters := config.get("cluster_by"):
        parts.append(f"clustered by {', '.join(clusters)}")
    return ", ".join(parts)


def _marts(relations: Mapping[str, Any]) -> dict[str, ir.Table]:
    """Return the marts with the types that their contracts state, bound to no warehouse."""
    from ibis.backends.sql.datatypes import BigQueryType

    return {
        name: _table(
            name,
            {column.name: BigQueryType.from_string(column.data_type) for column in node.columns.values()},
        )
        for name, node in relations.items()
        if node.schema == f"{PREFIX}_marts"
    }


def _table(name: str, columns: Mapping[str, Any]) -> ir.Table:
    return ibis.table(columns, name=name, catalog=PROJECT, database=f"{PREFIX}_marts")


def _ibis_queries(marts: dict[str, ir.Table]) -> dict[str, ir.Table]:
    parameters = FeatureEngineeringParameters()
    used = {
        name: marts[name]
        for name in (
            *("dim_customer", "dim_date", "dim_product", "fact_orders"),
            *("fact_sales", "fact_payments", "fact_reviews", "fact_fulfillment"),
        )
    }
    features = create_customer_features(**used, parameters=parameters)
    as_of = parameters.model_copy(update={"reference_date": date(2018, 1, 1)})

    customer_features = _table("customer_features", features.schema())
    model = PublishedModel.model_validate(MODEL)
    weights = dict.fromkeys(model.feature_names, "float64")
    places = dict.fromkeys(("neuron", "row", "col", "segment_id"), "int64")
    codebook = _table("segmentation_codebook", {**places, **weights, "run_id": "string"})
    known = {name: customer_features.schema()[name] for name in model.feature_names}
    segmented = _table("dim_customer_segmented", {CUSTOMER: "string", "segment_id": "int64", **known})
    scoring = yaml.safe_load((ROOT / "conf/base/parameters_scoring.yml").read_text("utf-8"))["scoring"]
    in_sql = ScoringParameters.model_validate({**scoring, "engine": "warehouse"})
    model_features = yaml.safe_load(
        (ROOT / "conf/base/parameters_feature_engineering.yml").read_text("utf-8")
    )
    return {
        "customer_features": features,
        "customer_features_as_of_a_cut_date": create_customer_features(
            **marts_as_of(used, date(2018, 1, 1)), parameters=as_of
        ),
        "model_input": select_as_floats(
            customer_features, tuple(feature["name"] for feature in model_features["model_features"])
        ),
        "customer_scores": score_customers(model, codebook, customer_features, segmented, in_sql),
        "drift_counts": in_warehouse.counts_of_bins(customer_features, model.drift_baseline.features),
    }
