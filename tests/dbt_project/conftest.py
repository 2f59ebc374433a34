"""The dbt project itself, built on a few raw rows made by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONTRACTS = yaml.safe_load((ROOT / "conf/base/parameters_contracts.yml").read_text("utf-8"))["contracts"]
TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "decimal": "decimal(10, 2)",
    "float": "double",
    "timestamp": "timestamp",
}
LOADED_AT = datetime(2026, 1, 2, 3, 4, 5)


def key(text: str) -> str:
    """Return a readable 32-digit id: only hexadecimal letters may be used."""
    return text.ljust(32, "0")


RAW_ROWS: dict[str, list[tuple[Any, ...]]] = {
    "customers": [
        (key("c1"), key("aa"), "01001", "sao paulo", "SP"),
        (key("c2"), key("aa"), "01001", "sao paulo", "SP"),
        (key("c3"), key("bb"), "01999", "são paulo", "SP"),
        (key("c4"), key("cc"), "69900", "rio branco", "AC"),
    ],
    "geolocation": [
        ("01001", -23.5, -46.6, "sao paulo", "SP"),
        ("01001", -23.7, -46.8, "são paulo", "SP"),
        ("01001", 45.0, 9.3, "sao paulo", "SP"),
        ("20000", -22.9, -43.2, "rio de janeiro", "RJ"),
    ],
    "order_items": [
        (key("01"), 1, key("d1"), key("e1"), "2018-01-05 10:00:00", "10.50", "1.25"),
        (key("01"), 2, key("d2"), key("e1"), "2018-01-05 10:00:00", "20.00", "2.00"),
        (key("02"), 1, key("d3"), key("e1"), "2020-04-09 22:35:08", "99.90", "0.00"),
    ],
    "order_payments": [
        (key("01"), 1, "credit_card", 3, "33.75"),
        (key("01"), 2, "voucher", 1, "0.00"),
        (key("02"), 1, "credit_card", 0, "99.90"),
        (key("03"), 1, "boleto", 1, "5.00"),
    ],
    "order_reviews": [
        (key("f1"), key("01"), 5, None, 'ótimo,\n"adorei"', "2018-01-20 00:00:00", "2018-01-21 06:00:00"),
        (key("f1"), key("02"), 5, None, None, "2018-01-20 00:00:00", None),
    ],
    "orders": [
        (
            *(key("01"), key("c1"), "delivered", "2018-01-01 22:00:00", "2018-01-02 01:00:00"),
            *("2018-01-01 23:00:00", "2018-01-11 00:00:01", "2018-01-10 00:00:00"),
        ),
        (
            *(key("02"), key("c2"), "shipped", "2018-02-01 08:00:00", "2018-02-01 08:00:00"),
            *("2018-02-03 08:00:00", None, "2018-02-20 00:00:00"),
        ),
        (key("03"), key("c3"), "created", "2018-03-01 08:00:00", None, None, None, "2018-03-20 00:00:00"),
        (key("04"), key("c4"), "canceled", "2018-04-01 08:00:00", None, None, None, "2018-04-20 00:00:00"),
    ],
    "products": [
        (key("d1"), "beleza_saude", 40, 200, 1, 500, 20, 10, 15),
        (key("d2"), "pc_gamer", 40, 200, 1, 0, 20, 10, 15),
        (key("d3"), None, None, None, None, None, None, None, None),
    ],
    "sellers": [(key("e1"), "20000", "rio de janeiro / rio de janeiro", "RJ")],
    "product_category_name_translation": [("beleza_saude", "health_beauty")],
}


def load(warehouse: Path, rows: Mapping[str, list[tuple[Any, ...]]], loaded_at: datetime = LOADED_AT) -> None:
    """Write the raw tables and the load log, as ingestion leaves them."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(
            "create or replace table raw.load_log (table_name varchar, fingerprint varchar, "
            "row_count bigint, load_timestamp timestamp, source varchar, is_synthetic boolean)"
        )
        for table, contract in CONTRACTS.items():
            columns = {name: TYPES[column["type"]] for name, column in contract["columns"].items()}
            columns |= {"load_timestamp": "timestamp", "load_date": "date"}
            definition = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
            connection.execute(f"create or replace table raw.{table} ({definition})")
            slots = ", ".join("?" * len(columns))
            connection.executemany(
                f"insert into raw.{table} values ({slots})",
                [(*row, loaded_at, loaded_at.date()) for row in rows[table]],
            )
            connection.execute(
                "insert into raw.load_log values (?, 'none', ?, ?, 'made by hand', true)",
                [table, len(rows[table]), loaded_at],
            )


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class StarSchema:
    """A warehouse of its own and the dbt project that builds into it."""

    def __init__(self, folder: Path, manifests: dict[str, Any]) -> None:
        self.folder = folder
        self.path = folder / "olist.duckdb"
        self._manifests = manifests  # shared, because dbt takes seconds to parse the project

    def dbt(
        self,
        *arguments: str,
        variables: Mapping[str, Any] | None = None,
        target: str = "duckdb",
        environment_variables: Mapping[str, str] | None = None,
    ) -> Any:
        """Run dbt and return its results, failed ones included; raise only what dbt itself could not do."""
        settings = ("--target", target, "--vars", json.dumps(dict(variables or {})))
        with environment({"OLIST_DUCKDB_PATH": str(self.path), **(environment_variables or {})}):
            manifest = self._manifests.get(str(settings)) or self._invoke(None, "parse", *settings)
            self._manifests[str(settings)] = manifest
            return self._invoke(manifest, *arguments, *settings)

    def _invoke(self, manifest: Any, *arguments: str) -> Any:
        from dbt.cli.main import dbtRunner

        quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none"]
        folders = ["--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT / "dbt")]
        folders += ["--target-path", str(self.folder / "target")]
        outcome = dbtRunner(manifest=manifest).invoke([*quiet, *arguments, *folders])
        if outcome.exception is not None:
            raise outcome.exception
        return outcome.result

    def failures(self, *arguments: str, **options: Any) -> list[str]:
        """Run dbt and return the names of what did not succeed."""
        results = self.dbt(*arguments, **options).results
        passed = {"success", "pass", "no-op"}
        return [result.node.name for result in results if str(result.status) not in passed]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(name="raw_rows")
def _raw_rows() -> dict[str, list[tuple[Any, ...]]]:
    return RAW_ROWS


@pytest.fixture(name="load")
def _load() -> Callable[..., None]:
    return load


@pytest.fixture(scope="session")
def make_star_schema(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], StarSchema]:
    manifests: dict[str, Any] = {}
    return lambda: StarSchema(tmp_path_factory.mktemp("star"), manifests)


@pytest.fixture(scope="session")
def star_schema(make_star_schema: Callable[[], StarSchema]) -> StarSchema:
    """The star schema of the rows made by hand, built and tested once; tests only read it."""
    star_schema = make_star_schema()
    load(star_schema.path, RAW_ROWS)
    assert star_schema.failures("build") == []
    return star_schema


@pytest.fixture(scope="session")
def manifest(star_schema: StarSchema) -> dict[str, Any]:
    """What dbt knows about the project: its models, columns, tests and macros."""
    manifest: dict[str, Any] = json.loads((star_schema.folder / "target/manifest.json").read_text("utf-8"))
    return manifest
