"""The whole pipeline in a project of its own, on small synthetic files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from kedro.io import DataCatalog
from kedro.runner import SequentialRunner

from olist_kedro.contracts import TABLES, parse_contracts
from olist_kedro.datasets.warehouse import disconnect
from olist_kedro.errors import OlistError
from olist_kedro.pipelines.ingestion import create_pipeline
from olist_kedro.pipelines.ingestion.nodes import ContractError
from olist_kedro.pipelines.ingestion.parameters import IngestionParameters
from olist_kedro.sources.source import SourceError
from olist_kedro.sources.synthetic import generate_files

CONF = Path(__file__).parents[3] / "conf/base"


class Ingestion:
    """The pipeline on the catalog of conf/base, in a folder of its own."""

    def __init__(self, root: Path, contracts: dict[str, Any]) -> None:
        self.root = root
        self.contracts = contracts

    @property
    def catalog(self) -> DataCatalog:
        entries: dict[str, Any] = {}
        for name in ("01_raw", "02_intermediate", "03_raw_tables"):
            text = (CONF / f"catalog_{name}.yml").read_text(encoding="utf-8")
            for quoted, value in {
                "${globals:data}": str(self.root),
                "${globals:raw}": f"{self.root}/01_raw",
                "${globals:schemas.raw}": "raw",
                "${globals:files,${globals:warehouse}}": "${globals:warehouse}",
                "${globals:warehouse}": f"{{backend: duckdb, path: {self.root}/03_primary/olist.duckdb}}",
            }.items():
                text = text.replace(quoted, value)
            entries |= yaml.safe_load(text)
        datasets = {name: entry for name, entry in entries.items() if not name.startswith("_")}
        return DataCatalog.from_config(datasets, credentials={"kaggle": {}})

    def run(self, **parameters: Any) -> DataCatalog:
        defaults = yaml.safe_load((CONF / "parameters_ingestion.yml").read_text(encoding="utf-8"))[
            "ingestion"
        ]
        catalog = self.catalog
        catalog["params:ingestion"] = IngestionParameters.model_validate(defaults | parameters)
        catalog["params:contracts"] = self.contracts
        for table, contract in parse_contracts(self.contracts).items():
            catalog[f"params:contracts.{table}"] = contract
        SequentialRunner().run(create_pipeline(), catalog)
        return catalog


@pytest.fixture(scope="module")
def contracts() -> dict[str, Any]:
    return yaml.safe_load((CONF / "parameters_contracts.yml").read_text(encoding="utf-8"))["contracts"]


@pytest.fixture(scope="module")
def synthetic() -> dict[str, bytes]:
    return generate_files(orders=300, seed=1)


@pytest.fixture
def folder(tmp_path: Path, contracts: dict[str, Any], synthetic: dict[str, bytes]) -> Path:
    path = tmp_path / "csvs"
    path.mkdir()
    for table, contract in parse_contracts(contracts).items():
        (path / contract.file).write_bytes(synthetic[table])
    return path


@pytest.fixture
def ingestion(tmp_path: Path, contracts: dict[str, Any]) -> Iterator[Ingestion]:
    yield Ingestion(tmp_path / "data", contracts)
    disconnect()


def edit(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def cause(error: BaseException | None) -> OlistError:
    """Return the expected error behind those that Kedro wraps around it."""
    while error is not None and not isinstance(error, OlistError):
        error = error.__cause__
    assert error is not None
    return error


def test_synthetic_files_end_in_the_warehouse(ingestion: Ingestion, contracts: dict[str, Any]) -> None:
    catalog = ingestion.run(source="synthetic", synthetic={"orders": 300, "seed": 1})
    now = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=3)

    report = catalog.load("ingestion_report")["tables"]
    assert tuple(report) == TABLES
    assert report["orders"]["loaded"] == 300
    for table, contract in parse_contracts(contracts).items():
        figures = report[table]
        assert figures["rows_in"] == figures["loaded"] + figures["duplicates"] + figures["quarantined"]
        raw = catalog.load(f"raw_{table}")
        assert raw.columns == (*contract.columns, "load_timestamp", "load_date")
        assert raw.count().execute() == figures["loaded"]
        assert len(catalog.load(f"quarantine_{table}")) == figures["quarantined"] == 0
    assert report["geolocation"]["duplicates"] > 0

    log = catalog.load("load_log").to_pandas()
    assert log["table_name"].tolist() == list(TABLES)
    assert log["row_count"].tolist() == [report[table]["loaded"] for table in TABLES]
    assert log["is_synthetic"].all()
    assert set(log["source"]) == {"synthetic, 300 orders, seed 1"}
    (timestamp,) = log["load_timestamp"].unique()
    assert abs(timestamp - pd.Timestamp(now)) < pd.Timedelta(minutes=1)
    assert timestamp == timestamp.floor("s")
    stamps = (
        catalog.load("raw_orders").select("load_timestamp", "load_date").distinct().to_pyarrow().to_pylist()
    )
    assert stamps == [{"load_timestamp": timestamp.to_pydatetime(), "load_date": timestamp.date()}]


def test_only_changed_files_get_a_new_timestamp(ingestion: Ingestion, folder: Path) -> None:
    first = ingestion.run(path=str(folder), load_timestamp_offset_hours=-10).load("load_log").to_pandas()
    edit(folder / "olist_orders_dataset.csv", lambda lines: lines[:-1])
    second = ingestion.run(path=str(folder)).load("load_log").to_pandas()

    changed = (first.set_index("table_name") != second.set_index("table_name")).drop(columns="source")
    children = ["order_items", "order_payments", "order_reviews"]  # they lose the rows of the last order
    assert changed.index[changed.any(axis=1)].tolist() == [*children, "orders"]
    assert second.set_index("table_name").loc["orders", "row_count"] == 299
    assert second["load_timestamp"].max() - first["load_timestamp"].max() >= pd.Timedelta(hours=6)
    raw = ingestion.catalog.load("raw_customers").load_timestamp.max().execute()
    assert raw == first["load_timestamp"].max()


def test_few_bad_rows_go_to_quarantine(ingestion: Ingestion, folder: Path) -> None:
    def spoil(lines: list[bytes]) -> list[bytes]:
        return [
            *lines[:2],
            lines[2].replace(lines[2].strip().rsplit(b",", 1)[-1], b"XX"),
            *lines[3:],
            b"x,y\n",
        ]

    edit(folder / "olist_customers_dataset.csv", spoil)
    catalog = ingestion.run(path=str(folder))
    figures = catalog.load("ingestion_report")["tables"]["customers"]
    assert (figures["rows_in"], figures["loaded"], figures["quarantined"]) == (301, 299, 2)
    quarantine = catalog.load("quarantine_customers")
    assert quarantine["table_name"].unique().tolist() == ["customers"]
    assert quarantine["row_number"].tolist() == [2, 301]
    assert quarantine["reason"].tolist() == ["is not one of the allowed values", "has too few fields"]

    edit(folder / "olist_customers_dataset.csv", lambda lines: lines[:2] + lines[3:-1])
    assert len(ingestion.run(path=str(folder)).load("quarantine_customers")) == 0


def test_what_refers_to_a_bad_row_goes_to_quarantine_with_it(ingestion: Ingestion, folder: Path) -> None:
    lines = (folder / "olist_orders_dataset.csv").read_text(encoding="utf-8").splitlines()
    order, customer = (lines[number].split(",")[column].strip('"') for number, column in ((7, 0), (20, 1)))
    for table, key in {"customers": customer, "orders": order}.items():

        def spoil(lines: list[bytes], key: bytes = key.encode()) -> list[bytes]:
            return [line.replace(b"\n", b",x\n") if key in line else line for line in lines]

        edit(folder / f"olist_{table}_dataset.csv", spoil)
    catalog = ingestion.run(path=str(folder), max_bad_share=0.05)

    def values(name: str, column: str) -> set[str]:
        return set(catalog.load(name).select(column).to_pandas()[column])

    orders = values("raw_orders", "order_id")
    assert values("raw_orders", "customer_id") <= values("raw_customers", "customer_id")
    for child in ("order_items", "order_payments", "order_reviews"):
        assert values(f"raw_{child}", "order_id") <= orders
        figures = catalog.load("ingestion_report")["tables"][child]
        assert figures["rows_in"] == figures["loaded"] + figures["quarantined"]
    found = catalog.load("quarantine_order_payments")
    assert set(found["reason"]) == {"refers to no row of orders that is loaded"}
    assert set(found["value"]) == {order, lines[20].split(",")[0].strip('"')}


def test_too_many_bad_rows_stop_the_run_before_loading(ingestion: Ingestion, folder: Path) -> None:
    edit(folder / "olist_sellers_dataset.csv", lambda lines: [lines[0], *[b"x" + line for line in lines[1:]]])
    edit(folder / "olist_orders_dataset.csv", lambda lines: lines[:1])
    with pytest.raises(ContractError) as error:
        ingestion.run(path=str(folder))
    message = str(error.value)
    assert "rows are bad (100.0%; at most 1.0% are accepted)" in message
    assert "quarantine/sellers.parquet" in message
    assert "seller_id does not match [0-9a-f]{32}" in message
    assert "orders has no rows" in message
    assert not ingestion.catalog.exists("raw_customers")
    assert len(ingestion.catalog.load("quarantine_sellers")) > 0


def test_missing_columns_of_all_files_are_named_together(ingestion: Ingestion, folder: Path) -> None:
    def rename(lines: list[bytes]) -> list[bytes]:
        return [lines[0].replace(b"order_status", b"status"), *lines[1:]]

    def repeat(lines: list[bytes]) -> list[bytes]:
        return [b"seller_id,seller_id,seller_zip_code_prefix,seller_city,seller_state\n", *lines[1:]]

    edit(folder / "olist_orders_dataset.csv", rename)
    edit(folder / "olist_sellers_dataset.csv", repeat)
    edit(folder / "olist_products_dataset.csv", lambda _: [])
    with pytest.raises(ContractError) as error:
        ingestion.run(path=str(folder))
    message = str(error.value)
    assert "olist_orders_dataset.csv lacks order_status (it has order_id, customer_id, status" in message
    assert "olist_products_dataset.csv is empty" in message
    assert "olist_sellers_dataset.csv has two columns named seller_id" in message
    assert not (ingestion.root / "02_intermediate").exists()


def test_other_columns_are_ignored_and_reported(ingestion: Ingestion, folder: Path) -> None:
    edit(
        folder / "olist_sellers_dataset.csv", lambda lines: [line.rstrip(b"\r\n") + b",x\n" for line in lines]
    )
    catalog = ingestion.run(path=str(folder))
    assert catalog.load("ingestion_report")["tables"]["sellers"]["ignored_columns"] == ["x"]
    assert "x" not in catalog.load("raw_sellers").columns


def test_a_missing_file_stops_the_run(ingestion: Ingestion, folder: Path) -> None:
    (folder / "olist_sellers_dataset.csv").unlink()
    with pytest.raises(SourceError, match=r"lacks 1 of the nine files \(olist_sellers_dataset.csv\)"):
        ingestion.run(path=str(folder))


def test_a_file_in_the_way_is_an_expected_error(ingestion: Ingestion, folder: Path) -> None:
    raw = ingestion.root / "01_raw"
    raw.mkdir(parents=True)
    (raw / "olist_orders_dataset.csv").write_text("mine")
    with pytest.raises(Exception, match="changed by hand") as error:
        ingestion.run(path=str(folder))
    assert isinstance(cause(error.value), SourceError)


@pytest.mark.real_data
@pytest.mark.skipif("OLIST_DATA" not in os.environ, reason="OLIST_DATA does not name the real files")
def test_the_real_files_keep_every_row(ingestion: Ingestion) -> None:
    catalog = ingestion.run(source="local", path=os.environ["OLIST_DATA"])
    report = json.loads((ingestion.root / "02_intermediate/ingestion_report.json").read_text())["tables"]
    assert {table: figures["loaded"] for table, figures in report.items()} == {
        "customers": 99_441,
        "geolocation": 738_332,
        "order_items": 112_650,
        "order_payments": 103_886,
        "order_reviews": 99_224,
        "orders": 99_441,
        "product_category_name_translation": 71,
        "products": 32_951,
        "sellers": 3_095,
    }
    assert report["geolocation"]["duplicates"] == 1_000_163 - 738_332
    assert sum(figures["quarantined"] for figures in report.values()) == 0
    assert str(catalog.load("raw_order_items").price.sum().execute()) == "13591643.70"
