"""The synthetic generator, held against the contract, the original's format and its published figures."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from olist_kedro.contracts import TABLES, ColumnContract, Contracts, parse_contracts
from olist_kedro.errors import OlistError
from olist_kedro.sources.synthetic import DIRT_FROM, generate_files
from olist_kedro.sources.synthetic.states import STATES

ORDERS = 30_000
CONTRACTS_FILE = Path(__file__).parents[2] / "conf/base/parameters_contracts.yml"
ORIGINAL_HEADERS = {
    "customers": '"customer_id","customer_unique_id","customer_zip_code_prefix",'
    '"customer_city","customer_state"\n',
    "geolocation": '"geolocation_zip_code_prefix","geolocation_lat","geolocation_lng",'
    '"geolocation_city","geolocation_state"\n',
    "order_items": '"order_id","order_item_id","product_id","seller_id","shipping_limit_date",'
    '"price","freight_value"\n',
    "order_payments": '"order_id","payment_sequential","payment_type",'
    '"payment_installments","payment_value"\n',
    "order_reviews": '"review_id","order_id","review_score","review_comment_title",'
    '"review_comment_message","review_creation_date","review_answer_timestamp"\r\n',
    "orders": '"order_id","customer_id","order_status","order_purchase_timestamp","order_approved_at",'
    '"order_delivered_carrier_date","order_delivered_customer_date","order_estimated_delivery_date"\n',
    "products": '"product_id","product_category_name","product_name_lenght","product_description_lenght",'
    '"product_photos_qty","product_weight_g","product_length_cm","product_height_cm","product_width_cm"\n',
    "sellers": '"seller_id","seller_zip_code_prefix","seller_city","seller_state"\n',
    "product_category_name_translation": "\ufeffproduct_category_name,product_category_name_english\n",
}


EXPECTED = yaml.safe_load((Path(__file__).parent / "olist_figures.yml").read_text(encoding="utf-8"))
FIGURES: dict[str, dict[str, Any]] = EXPECTED["figures"]
DIRT: dict[str, str] = EXPECTED["dirt"]
NOT_IN_THE_ORIGINAL = "e-mail addresses for a town"
"""The original has one, of somebody; the generator's is at example.com."""


def load(files: dict[str, str], all_text: bool) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table, path in files.items():
        connection.read_csv(path, header=True, quotechar='"', escapechar='"', all_varchar=all_text).create(
            table
        )
    return connection


def write(folder: Path, orders: int, seed: int) -> dict[str, str]:
    files = {}
    for table, content in generate_files(orders, seed).items():
        path = folder / f"{table}.csv"
        path.write_bytes(content)
        files[table] = str(path)
    return files


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return parse_contracts(yaml.safe_load(CONTRACTS_FILE.read_text())["contracts"])


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return write(tmp_path_factory.mktemp("generated"), ORDERS, seed=1)


@pytest.fixture(scope="module")
def tables(generated: dict[str, str]) -> duckdb.DuckDBPyConnection:
    return load(generated, all_text=False)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> dict[str, str]:
    if not (source := os.environ.get("OLIST_DATA")):
        pytest.skip("OLIST_DATA is not set")
    folder = Path(source)
    if folder.suffix == ".zip":
        folder = tmp_path_factory.mktemp("original")
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)
    return {table: str(next(folder.rglob(contract.file))) for table, contract in contracts.items()}


def numbers(connection: duckdb.DuckDBPyConnection, sql: str) -> list[float]:
    return [float(value) for row in connection.sql(sql).fetchall() for value in row]


def violations(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> list[str]:
    """Return what breaks the contract, in words, for tables read as text."""
    found = []
    for table, contract in contracts.items():
        assert connection.table(table).columns == list(contract.sources.values())
        checks = {
            f"{name}: {rule}": sql
            for name, column in contract.columns.items()
            for rule, sql in rules(column, contract.sources[name]).items()
        }
        for check, condition in checks.items():
            rows = connection.sql(f"select count(*) from {table} where {condition}").fetchone()
            if rows and rows[0]:
                found.append(f"{table}.{check}: {rows[0]} rows")
        if contract.key:
            key = ", ".join(contract.key)
            if connection.sql(f"select {key} from {table} group by all having count(*) > 1").fetchall():
                found.append(f"{table}: key")
    return found


def rules(column: ColumnContract, name: str) -> dict[str, str]:
    """Return the conditions, as SQL by name, under which a value breaks the column's contract."""
    types = {"integer": "bigint", "decimal": "decimal(10, 2)", "float": "double", "timestamp": "timestamp"}
    conditions = {}
    if not column.nullable:
        conditions["empty"] = f"{name} is null"
    if column.type in types:
        conditions["type"] = f"{name} is not null and try_cast({name} as {types[column.type]}) is null"
    if column.type == "timestamp":
        conditions["format"] = rf"not regexp_full_match({name}, '\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d')"
    if column.type == "decimal":
        conditions["format"] = rf"not regexp_full_match({name}, '\d+\.\d\d')"
    if column.pattern:
        conditions["pattern"] = f"not regexp_full_match({name}, '{column.pattern}')"
    if column.min is not None:
        conditions["min"] = f"{name}::double < {column.min}"
    if column.max is not None:
        conditions["max"] = f"{name}::double > {column.max}"
    if column.allowed:
        conditions["allowed"] = f"{name} not in {column.allowed}"
    if column.references:
        other, key = column.references.split(".")
        conditions["references"] = f"{name} not in (select {key} from {other})"
    return conditions


def test_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "from hashlib import sha256; from olist_kedro.sources.synthetic import generate_files;"
        "print({t: sha256(b).hexdigest() for t, b in generate_files(500, 7).items()})"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    other = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == str({t: sha256(b).hexdigest() for t, b in generate_files(500, 7).items()})


def test_another_seed_gives_other_bytes() -> None:
    one, two = generate_files(50, 1), generate_files(50, 2)
    fixed = "product_category_name_translation"
    assert [table for table in one if one[table] == two[table]] == [fixed]


@pytest.mark.parametrize("orders", [1, 2, 3, 10, 200])
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_small_numbers_of_orders_keep_the_contract(
    orders: int, seed: int, contracts: Contracts, tmp_path: Path
) -> None:
    connection = load(write(tmp_path, orders, seed), all_text=True)
    assert violations(connection, contracts) == []
    assert numbers(connection, "select count(*) from orders") == [orders]
    assert numbers(connection, "select count(*) from order_items")[0] >= 1


@pytest.mark.parametrize(("orders", "seed"), [(0, 1), (-5, 1), (10, -1)])
def test_impossible_arguments_are_refused(orders: int, seed: int) -> None:
    with pytest.raises(OlistError, match=f"Cannot generate {orders} orders with seed {seed}"):
        generate_files(orders, seed)


def test_contract_holds(generated: dict[str, str], contracts: Contracts) -> None:
    assert set(generated) == set(TABLES)
    assert violations(load(generated, all_text=True), contracts) == []


def test_orders_and_customers_are_one_to_one(tables: duckdb.DuckDBPyConnection) -> None:
    counts = "select count(*), count(distinct order_id), count(distinct customer_id) from orders"
    assert numbers(tables, counts) == [ORDERS, ORDERS, ORDERS]
    assert numbers(tables, "select count(*) from orders semi join customers using (customer_id)") == [ORDERS]


def test_everything_listed_was_sold(tables: duckdb.DuckDBPyConnection) -> None:
    for table, key in (("products", "product_id"), ("sellers", "seller_id")):
        assert numbers(tables, f"select count(*) from {table} anti join order_items using ({key})") == [0]


def test_items_and_payments_are_numbered_from_one(tables: duckdb.DuckDBPyConnection) -> None:
    for table, number in (("order_items", "order_item_id"), ("order_payments", "payment_sequential")):
        gaps = f"select 1 from {table} group by order_id having max({number}) <> count(*)"
        assert numbers(tables, f"select count(*) from ({gaps})") == [0]


def test_prefixes_lie_in_their_states(tables: duckdb.DuckDBPyConnection) -> None:
    wrong = (
        "select count(*) from customers where (customer_state = 'SP') <> (customer_zip_code_prefix < '20000')"
        " or (customer_state = 'BA') <> (customer_zip_code_prefix between '40000' and '48999')"
    )
    assert numbers(tables, wrong) == [0]


def test_boxes_of_the_states_are_those_of_the_star_schema() -> None:
    seed = duckdb.sql(
        f"select * from '{Path(__file__).parents[2] / 'dbt/seeds/brazilian_states.csv'}'"
    ).fetchall()

    assert {(state.code, *state.map.box[0], *state.map.box[1]) for state in STATES} == {
        (row[0], *row[-4:]) for row in seed
    }


def test_times_are_in_order_but_for_the_dirt(tables: duckdb.DuckDBPyConnection) -> None:
    early = "order_approved_at < order_purchase_timestamp"
    assert numbers(tables, f"select count(*) from orders where {early}") == [0]
    odd = "order_delivered_customer_date < order_delivered_carrier_date"
    share = numbers(tables, f"select count(*) / {ORDERS} from orders where {odd}")[0]
    assert share < 0.001
    early = "review_answer_timestamp < review_creation_date"
    assert numbers(tables, f"select count(*) from order_reviews where {early}") == [0]


def test_nothing_is_delivered_before_it_is_bought(tables: duckdb.DuckDBPyConnection) -> None:
    assert (
        tables.sql(
            "select * from orders where order_delivered_customer_date < order_purchase_timestamp"
        ).fetchall()
        == []
    )


def test_nothing_is_recorded_after_the_end(tables: duckdb.DuckDBPyConnection) -> None:
    late = (
        "select count(*) from orders left join order_reviews using (order_id)"
        " where greatest(order_purchase_timestamp, order_approved_at, order_delivered_carrier_date,"
        " order_delivered_customer_date, review_creation_date, review_answer_timestamp) >= '2018-10-30'"
    )
    assert numbers(tables, late) == [0]


@pytest.mark.parametrize("table", ORIGINAL_HEADERS)
def test_format_is_the_original_one(table: str, generated: dict[str, str]) -> None:
    content = Path(generated[table]).read_bytes()
    assert content.startswith(ORIGINAL_HEADERS[table].encode())
    if table == "product_category_name_translation":
        assert not content.endswith(b"\n")
        assert content.count(b"\n") == 71
        return
    newline = b"\r\n" if table == "order_reviews" else b"\n"
    assert content.endswith(newline)
    assert content.count(b"\r") == (content.count(b"\n") if table == "order_reviews" else 0)
    if table == "order_reviews":
        first = re.compile(rb'"[0-9a-f]{32}","[0-9a-f]{32}",[1-5],')
    elif table == "geolocation":
        first = re.compile(rb'"\d{5}",-?\d+\.\d+,-?\d+\.\d+,')
    else:
        first = re.compile(rb'("\d[0-9a-f]{31}"|[a-f][0-9a-f]{31}),')
    lines = content.split(newline)[1:200]
    assert all(first.match(line) for line in lines if table != "order_reviews" or line.startswith(b'"'))


def test_zip_prefixes_and_odd_towns_are_quoted(generated: dict[str, str]) -> None:
    sellers = Path(generated["sellers"]).read_text(encoding="utf-8")
    assert all(re.search(r',"\d{5}",', line) for line in sellers.splitlines()[1:])
    assert re.search(r',"[^"]+, brasil",[A-Z]{2}\n', sellers)
    assert re.search(r",vendas@example\.com,[A-Z]{2}\n", sellers)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_kind_of_dirt_occurs(seed: int, tmp_path: Path) -> None:
    connection = load(write(tmp_path, DIRT_FROM, seed), all_text=False)
    missing = [kind for kind, sql in DIRT.items() if not connection.sql(sql).fetchone()]
    assert missing == []


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_close_to_the_published_ones(name: str, tables: duckdb.DuckDBPyConnection) -> None:
    figure = FIGURES[name]
    assert numbers(tables, figure["sql"]) == pytest.approx(figure["published"], rel=figure["tolerance"])


@pytest.mark.real_data
@pytest.mark.parametrize("table", TABLES)
def test_header_is_the_real_one(table: str, original: dict[str, str]) -> None:
    with Path(original[table]).open("rb") as file:
        assert file.readline() == ORIGINAL_HEADERS[table].encode()


@pytest.mark.real_data
def test_published_figures_are_the_real_ones(original: dict[str, str]) -> None:
    connection = load(original, all_text=False)
    real = {name: numbers(connection, figure["sql"]) for name, figure in FIGURES.items()}
    wrong = [name for name in FIGURES if real[name] != pytest.approx(FIGURES[name]["published"], rel=0.002)]
    assert wrong == []


@pytest.mark.real_data
def test_real_data_have_every_kind_of_dirt(original: dict[str, str]) -> None:
    connection = load(original, all_text=False)
    missing = [kind for kind, sql in DIRT.items() if not connection.sql(sql).fetchone()]
    assert missing == [NOT_IN_THE_ORIGINAL]
