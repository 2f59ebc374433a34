"""The contract's own consistency, and that the configuration keeps to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from olist_kedro.contracts import TABLES, WAREHOUSE_TYPES, TableContract, parse_contracts

CONF = Path(__file__).parents[1] / "conf/base"


@pytest.fixture(scope="module")
def parameters() -> dict[str, Any]:
    return yaml.safe_load((CONF / "parameters_contracts.yml").read_text(encoding="utf-8"))["contracts"]


def table(**changes: Any) -> dict[str, Any]:
    columns = {
        "id": {"type": "string", "description": "Key."},
        "n": {"type": "integer", "description": "Count."},
    }
    for name, change in changes.pop("columns", {}).items():
        columns[name] = {**columns.get(name, {}), **change}
    return {"file": "t.csv", "description": "One row per t.", "key": ["id"], "columns": columns, **changes}


def test_there_is_a_contract_for_each_table(parameters: dict[str, Any]) -> None:
    assert tuple(sorted(parse_contracts(parameters))) == TABLES


def test_contracts_may_be_models_already(parameters: dict[str, Any]) -> None:
    contracts = parse_contracts(parameters)
    assert parse_contracts({**parameters, "orders": contracts["orders"]}) == contracts


def test_references_name_a_key_of_another_table(parameters: dict[str, Any]) -> None:
    contracts = parse_contracts(parameters)
    references = {
        column.references
        for contract in contracts.values()
        for column in contract.columns.values()
        if column.references
    }
    assert references == {
        "customers.customer_id",
        "orders.order_id",
        "products.product_id",
        "sellers.seller_id",
    }
    for reference in references:
        name, column = reference.split(".")
        assert contracts[name].key == (column,)


def test_the_catalog_uses_the_contracts_file_names(parameters: dict[str, Any]) -> None:
    catalog = yaml.safe_load((CONF / "catalog_01_raw.yml").read_text(encoding="utf-8"))
    for name, contract in parse_contracts(parameters).items():
        assert catalog[f"csv_{name}"]["filepath"] == f"${{globals:raw}}/{contract.file}"


def test_misspelt_columns_are_known_by_their_source(parameters: dict[str, Any]) -> None:
    sources = parse_contracts(parameters)["products"].sources
    assert sources["product_name_length"] == "product_name_lenght"
    assert sources["product_photos_qty"] == "product_photos_qty"


def test_every_type_has_a_warehouse_type(parameters: dict[str, Any]) -> None:
    contracts = parse_contracts(parameters)
    types = {column.type for contract in contracts.values() for column in contract.columns.values()}
    assert types == set(WAREHOUSE_TYPES)


def test_the_fingerprint_follows_the_rules_and_not_the_descriptions() -> None:
    contract = TableContract.model_validate(table())
    described = TableContract.model_validate(table(columns={"n": {"description": "How many."}}))
    stricter = TableContract.model_validate(table(columns={"n": {"min": 0}}))
    assert described.fingerprint == contract.fingerprint
    assert stricter.fingerprint != contract.fingerprint


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": {"n": {"pattern": "[0-9]"}}}, "pattern and allowed are for strings, not for integer"),
        ({"columns": {"id": {"min": 1}}}, "min and max are for numbers, not for string"),
        ({"columns": {"n": {"min": 2, "max": 1}}}, "min 2 is above max 1"),
        ({"columns": {"id": {"pattern": "["}}}, "no regular expression"),
        ({"columns": {"id": {"nullable": True}}}, "key column id of t.csv must not be nullable"),
        ({"columns": {"n": {"source": "id"}}}, "come from the same source column"),
        ({"key": ["other"]}, "key column other is not a column of t.csv"),
        ({"columns": {"n": {"type": "date"}}}, "Input should be 'string'"),
        ({"primary_key": ["id"]}, "Extra inputs are not permitted"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TableContract.model_validate(table(**changes))
