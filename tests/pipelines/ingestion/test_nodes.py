"""What the nodes decide, without files."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import pytest
import yaml
from kedro.pipeline import Pipeline

from olist_kedro.contracts import PARENTS, TABLES, TableContract, parse_contracts
from olist_kedro.pipelines.ingestion import create_pipeline
from olist_kedro.pipelines.ingestion.nodes import (
    ContractError,
    LoadError,
    check_quality,
    make_cleaner,
    make_loader,
    record_loads,
)
from olist_kedro.pipelines.ingestion.parameters import IngestionParameters

PARAMETERS = IngestionParameters.model_validate(
    {
        "source": "auto",
        "path": None,
        "synthetic": {"orders": 1, "seed": 1},
        "max_bad_share": 0.1,
        "load_timestamp_offset_hours": -3,
        "quarantine_folder": "quarantine",
    }
)
LOG_SCHEMA = {"table_name": "string", "fingerprint": "string", "load_timestamp": "timestamp"}


def report(table: str, **changes: Any) -> dict[str, Any]:
    figures = {"rows_in": 10, "duplicates": 2, "quarantined": 1, "reasons": {"id is empty": 1}}
    provenance = {"fingerprint": f"print of {table}", "source": "a folder", "is_synthetic": False}
    return {"table": table, "ignored_columns": [], **figures, **provenance, **changes}


def tables(rows: int = 7) -> list[Any]:
    return [ibis.memtable({"n": list(range(rows))}) for _ in TABLES]


def log(**timestamps: datetime) -> Any:
    known = [(table, f"print of {table}", moment) for table, moment in timestamps.items()]
    return ibis.memtable(known, schema=LOG_SCHEMA) if known else ibis.memtable([], schema=LOG_SCHEMA)


def test_known_files_keep_their_timestamp() -> None:
    moment = datetime(2020, 1, 2, 3, 4, 5)
    checked = check_quality(PARAMETERS, log(orders=moment), *map(report, TABLES), *tables())["tables"]
    assert checked["orders"]["load_timestamp"] == "2020-01-02T03:04:05"
    others = {figures["load_timestamp"] for table, figures in checked.items() if table != "orders"}
    assert len(others) == 1
    assert others.pop() > "2020-01-03"


def test_the_same_content_under_another_table_is_not_known() -> None:
    reports = [report(table, fingerprint="the same") for table in TABLES]
    previous = ibis.memtable([("orders", "the same", datetime(2020, 1, 1))], schema=LOG_SCHEMA)
    checked = check_quality(PARAMETERS, previous, *reports, *tables())["tables"]
    assert checked["orders"]["load_timestamp"] == "2020-01-01T00:00:00"
    assert checked["sellers"]["load_timestamp"] > "2020-01-02"


def test_rows_in_quarantine_are_announced(caplog: pytest.LogCaptureFixture) -> None:
    reports = [report(table, quarantined=int(table == "orders")) for table in TABLES]
    rows = [ibis.memtable({"n": list(range(8 - (table == "orders")))}) for table in TABLES]

    check_quality(PARAMETERS, log(), *reports, *rows)

    (message,) = caplog.messages
    assert message.startswith("Rows in quarantine, each with its reason, in quarantine: 1 of orders.")


def test_rows_that_do_not_add_up_are_an_error() -> None:
    with pytest.raises(
        LoadError, match="customers: 10 rows came in, but 6 cleaned rows, 2 duplicates and 1 rows"
    ):
        check_quality(PARAMETERS, log(), *map(report, TABLES), *tables(6))


def test_a_reference_to_a_table_that_is_not_there_is_refused() -> None:
    column = {"type": "string", "description": "", "references": "geolocation.zip"}
    contract = TableContract(file="s.csv", description="", key=(), columns={"zip": column})

    with pytest.raises(ContractError, match=r"zip of s\.csv cannot refer to geolocation\.zip"):
        make_cleaner("sellers")(None, {"sellers": ["zip"]}, contract)


def test_the_contract_refers_to_parents_only() -> None:
    conf = Path(__file__).parents[3] / "conf/base/parameters_contracts.yml"
    contracts = parse_contracts(yaml.safe_load(conf.read_text(encoding="utf-8"))["contracts"])

    assert {
        table: parents
        for table, contract in contracts.items()
        if (
            parents := tuple(
                column.references.partition(".")[0]
                for column in contract.columns.values()
                if column.references is not None
            )
        )
    } == PARENTS


def test_a_load_adds_two_columns() -> None:
    loaded = make_loader("orders")(
        ibis.memtable({"n": [1]}), {"tables": {"orders": {"load_timestamp": "2020-01-02T03:04:05"}}}
    )
    assert loaded.to_pyarrow().to_pylist() == [
        {"n": 1, "load_timestamp": datetime(2020, 1, 2, 3, 4, 5), "load_date": date(2020, 1, 2)}
    ]


def test_the_log_is_written_only_if_every_row_arrived() -> None:
    checked = check_quality(PARAMETERS, log(), *map(report, TABLES), *tables())
    written = record_loads(checked, *tables())
    assert written["row_count"].tolist() == [7] * 9
    with pytest.raises(LoadError, match=r"raw\.customers has 8 rows in the warehouse, but 7 were loaded"):
        record_loads(checked, *tables(8))


def test_the_pipeline_can_be_sliced_by_table() -> None:
    pipeline = create_pipeline()
    assert isinstance(pipeline, Pipeline)
    assert len(pipeline.nodes) == 4 + 2 * 9
    assert pipeline.inputs() == {
        "raw_sources",
        "previous_load_log",
        "params:ingestion",
        "params:contracts",
        *(f"params:contracts.{table}" for table in TABLES),
    }
    (node,) = pipeline.filter(node_names=["clean_orders"]).nodes
    assert node.outputs == ["cleaned_orders", "quarantine_orders", "cleaning_report_orders"]
