"""Every model says what one of its rows is, and every column what it means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
BUILT = ("model", "snapshot", "seed")
MARTS = {
    *("dim_customer", "dim_date", "dim_geolocation", "dim_product", "dim_seller"),
    *("fact_fulfillment", "fact_orders", "fact_payments", "fact_reviews", "fact_sales"),
}


def relations(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in BUILT]
    return [*nodes, *manifest["sources"].values()]


def test_the_project_has_what_the_design_names(manifest: dict[str, Any]) -> None:
    names = {node["name"]: node for node in relations(manifest)}
    assert {name for name, node in names.items() if node["schema"] == "marts"} == MARTS
    assert len([name for name in names if name.startswith("stg_")]) == 9
    assert len([name for name in names if name.startswith("snapshot_")]) == 4
    assert len([node for node in manifest["nodes"].values() if node["resource_type"] == "test"]) >= 160


def test_descriptions_state_the_grain_first(manifest: dict[str, Any]) -> None:
    others = [node["name"] for node in relations(manifest) if node["description"][:12] != "One row per "]
    assert others == []


def test_every_column_is_described_and_no_other(star_schema: Any, manifest: dict[str, Any]) -> None:
    built = star_schema.query("select schema_name, table_name, column_name from duckdb_columns()")
    described = {
        (node["schema"], node["name"], column["name"])
        for node in relations(manifest)
        for column in node["columns"].values()
        if column["description"].strip()
    }
    assert {row for row in built if row[0] in {"staging", "snapshots", "marts"}} == {
        row for row in described if row[0] != "raw"
    }
    assert {row for row in described if row[0] == "raw"} <= set(built)


def test_marts_declare_their_types_and_required_columns(manifest: dict[str, Any]) -> None:
    marts = [node for node in relations(manifest) if node["name"] in MARTS]
    assert all(node["config"]["contract"]["enforced"] for node in marts)
    assert all(any(column["constraints"] for column in node["columns"].values()) for node in marts)


def test_own_macros_and_tests_are_described(manifest: dict[str, Any]) -> None:
    own = [macro for macro in manifest["macros"].values() if macro["package_name"] == "olist_kedro"]
    variants = re.compile("(duckdb|bigquery)__")
    described = [macro for macro in own if not variants.match(macro["name"])]
    assert [macro["name"] for macro in described if not macro["description"]] == []
    assert [macro["name"] for macro in described if "{#-" not in macro["macro_sql"]] == []


def test_cross_database_macros_come_in_pairs(manifest: dict[str, Any]) -> None:
    own = {macro["name"] for macro in manifest["macros"].values() if macro["package_name"] == "olist_kedro"}
    names = {path.stem for path in (ROOT / "dbt/macros/cross_database").glob("*.sql")}
    assert {f"{engine}__{name}" for name in names for engine in ("duckdb", "bigquery")} <= own


def test_singular_tests_are_sentences_with_a_description(manifest: dict[str, Any]) -> None:
    names = {path.stem for path in (ROOT / "dbt/tests").glob("*.sql")}
    described = yaml.safe_load((ROOT / "dbt/tests/data_tests.yml").read_text(encoding="utf-8"))["data_tests"]
    assert all(name.startswith("assert_") for name in names)
    assert {test["name"] for test in described} == names


def test_relationships_are_errors(manifest: dict[str, Any]) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert {test["config"]["severity"].lower() for test in tests} == {"error"}


def test_each_model_has_its_yml_beside_it() -> None:
    models = (ROOT / "dbt/models").rglob("*.sql")
    assert [path.name for path in models if not path.with_suffix(".yml").exists()] == []


def test_no_packages_are_needed() -> None:
    assert not (ROOT / "dbt/packages.yml").exists()
    assert not (ROOT / "dbt/dependencies.yml").exists()
