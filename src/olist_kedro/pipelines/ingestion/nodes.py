"""Nodes of the pipeline `ingestion`."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir  # at run time: Kedro reads the annotations to validate parameters
import pandas as pd
import pyarrow as pa

from olist_kedro.contracts import PARENTS, TABLES, Contracts, TableContract, parse_contracts
from olist_kedro.errors import OlistError
from olist_kedro.pipelines.ingestion.cleaning import clean_file
from olist_kedro.pipelines.ingestion.parameters import IngestionParameters
from olist_kedro.sources.choice import NotDownloadedError, Sources
from olist_kedro.sources.source import SourceFile
from olist_kedro.sources.staging import RawCSV

logger = logging.getLogger(__name__)

Report = dict[str, Any]
Cleaner = Callable[..., tuple[ir.Table, pd.DataFrame, Report]]
Loader = Callable[[ir.Table, Report], ir.Table]


class ContractError(OlistError):
    """The raw files break their contract too badly to be loaded."""


class LoadError(OlistError):
    """What is in the warehouse is not what was to be loaded."""


def choose_source(
    sources: Sources, parameters: IngestionParameters, contracts: Contracts
) -> tuple[SourceFile, ...]:
    """Return the nine files at the source that the parameters ask for, in the order of `TABLES`.

    Nothing is copied or generated yet: that happens when Kedro saves a file.
    """
    files = sources.choose(
        parameters.source,
        parameters.path,
        parameters.synthetic.orders,
        parameters.synthetic.seed,
        parse_contracts(contracts),
    )
    return tuple(files[table] for table in TABLES)


def look_at_sources(sources: Sources, parameters: IngestionParameters, contracts: Contracts) -> list[str]:
    """Return a fingerprint of each file that `choose_source` would bring in; nothing is downloaded for it."""
    try:
        files = choose_source(replace(sources, may_download=False), parameters, contracts)
    except NotDownloadedError:
        return ["not downloaded yet"] * len(TABLES)
    return [file.fingerprint() for file in files]


choose_source.look_outside = look_at_sources  # type: ignore[attr-defined]  # for freshness


def check_columns(contracts: Contracts, *files: RawCSV) -> dict[str, list[str]]:
    """Return each file's column names.

    Args:
        contracts: The contract of each table.
        files: The raw files, in the order of `TABLES`.

    Raises:
        ContractError: Columns of the contract are missing; all of them, of all files, are named.
    """
    parsed = parse_contracts(contracts)
    headers = {table: file.header() for table, file in zip(TABLES, files, strict=True)}
    problems = []
    for table, header in headers.items():
        contract = parsed[table]
        if not header:
            problems.append(f"{contract.file} is empty")
            continue
        if missing := [name for name in contract.sources.values() if name not in header]:
            problems.append(f"{contract.file} lacks {', '.join(missing)} (it has {', '.join(header)})")
        if twice := [name for name, count in Counter(header).items() if count > 1]:
            problems.append(f"{contract.file} has two columns named {', '.join(twice)}")
    if problems:
        raise ContractError(
            "The raw files do not have the columns of the contract; nothing was loaded:\n"
            + "\n".join(f"  - {problem}" for problem in problems)
            + "\nGet the files of Olist's original data set, or change conf/base/parameters_contracts.yml."
        )
    return headers


def make_cleaner(table: str) -> Cleaner:
    """Return the node function that cleans one table's file."""

    def clean(
        csv: RawCSV, csv_columns: dict[str, list[str]], contract: TableContract, *parents: ir.Table
    ) -> tuple[ir.Table, pd.DataFrame, Report]:
        """Split the file's rows into cleaned ones and ones in quarantine, and report on them."""
        tables = dict(zip(PARENTS.get(table, ()), parents, strict=True))
        cleaned = clean_file(csv, table, csv_columns[table], contract, _known(contract, tables))
        decisive = [csv.sha256(), contract.fingerprint, *map(str, cleaned.orphans)]
        provenance = {
            "fingerprint": hashlib.sha256(" ".join(decisive).encode()).hexdigest(),
            "source": csv.origin,
            "is_synthetic": csv.is_synthetic,
        }
        return cleaned.rows, cleaned.quarantine, cleaned.report | provenance

    clean.__name__ = f"clean_{table}"
    return clean


def _known(contract: TableContract, parents: Mapping[str, ir.Table]) -> dict[str, pa.Table]:
    """Return the values that each column with a reference may hold.

    Raises:
        ContractError: A column refers to a table that is not cleaned before this one.
    """
    known = {}
    for name, column in contract.columns.items():
        if column.references is not None:
            parent, _, key = column.references.partition(".")
            if parent not in parents:
                raise ContractError(
                    f"{name} of {contract.file} cannot refer to {column.references}: rows of this file may "
                    f"refer to {', '.join(parents) or 'no other table'}.\n"
                    "Leave `references` out in conf/base/parameters_contracts.yml."
                )
            known[name] = parents[parent].select(key).to_pyarrow()
    return known


def check_quality(
    parameters: IngestionParameters, previous_load_log: ir.Table, *reports_and_tables: Any
) -> Report:
    """Decide whether the cleaned tables may be loaded, and with which timestamp.

    A table whose file and contract are those of the last load keeps that load's timestamp.

    Args:
        parameters: How many bad rows are acceptable, and the offset of the timestamp.
        previous_load_log: The last load of each table.
        reports_and_tables: The nine reports, then the nine cleaned tables, in the order of `TABLES`.

    Returns:
        `tables`: for each table rows_in, duplicates, quarantined, loaded, reasons, ignored_columns,
        fingerprint, source, is_synthetic and load_timestamp (ISO 8601).

    Raises:
        ContractError: A table has too many bad rows or no usable row at all.
        LoadError: Rows are unaccounted for.
    """
    reports, tables = reports_and_tables[: len(TABLES)], reports_and_tables[len(TABLES) :]
    loaded = _row_counts(dict(zip(TABLES, tables, strict=True)))
    now = datetime.now(UTC) + timedelta(hours=parameters.load_timestamp_offset_hours)
    last_loads = previous_load_log.select("table_name", "fingerprint", "load_timestamp").to_pandas()
    known = {
        (table, fingerprint): timestamp
        for table, fingerprint, timestamp in last_loads.itertuples(index=False)
    }
    problems, checked = [], {}
    for report in reports:
        table = report["table"]
        rows_in, bad = report["rows_in"], report["quarantined"]
        if rows_in != loaded[table] + report["duplicates"] + bad:
            raise LoadError(
                f"{table}: {rows_in:,} rows came in, but {loaded[table]:,} cleaned rows, "
                f"{report['duplicates']:,} duplicates and {bad:,} rows in quarantine do not add up to that.\n"
                "Run all of it again: `kedro run --pipeline=ingestion`. If that does not help, it is a bug."
            )
        if bad > parameters.max_bad_share * rows_in:
            problems.append(_too_bad(report, parameters))
        elif not loaded[table]:
            problems.append(f"  - {table} has no rows.")
        timestamp = known.get((table, report["fingerprint"]), now).replace(tzinfo=None)
        checked[table] = {
            **{name: value for name, value in report.items() if name != "table"},
            "loaded": loaded[table],
            "load_timestamp": timestamp.isoformat(timespec="seconds"),
        }
    if problems:
        raise ContractError(
            "The raw files break their contract; nothing was loaded:\n"
            + "\n".join(problems)
            + "\nMend the files, or accept more bad rows: `--params=ingestion.max_bad_share=<share>`."
        )
    in_quarantine = [
        f"{report['quarantined']:,} of {table}" for table, report in checked.items() if report["quarantined"]
    ]
    if in_quarantine:
        logger.warning(
            "Rows in quarantine, each with its reason, in %s: %s. What refers to one of them is among them.",
            parameters.quarantine_folder,
            ", ".join(in_quarantine),
        )
    return {"tables": checked}


def make_loader(table: str) -> Loader:
    """Return the node function that adds one table's load columns."""

    def load(cleaned: ir.Table, ingestion_report: Report) -> ir.Table:
        """Add `load_timestamp` and `load_date` to the cleaned rows."""
        timestamp = datetime.fromisoformat(ingestion_report["tables"][table]["load_timestamp"])
        return cleaned.mutate(
            load_timestamp=ibis.literal(timestamp, "timestamp"),
            load_date=ibis.literal(timestamp.date(), "date"),
        )

    load.__name__ = f"load_{table}"
    return load


def record_loads(ingestion_report: Report, *raw_tables: ir.Table) -> pd.DataFrame:
    """Return the load log, one row a table, once every table holds the rows that it should.

    Args:
        ingestion_report: What was to be loaded.
        raw_tables: The raw tables, in the order of `TABLES`.

    Raises:
        LoadError: A table has another number of rows.
    """
    counts = _row_counts(dict(zip(TABLES, raw_tables, strict=True)))
    for table, count in counts.items():
        expected = ingestion_report["tables"][table]["loaded"]
        if count != expected:
            raise LoadError(f"raw.{table} has {count:,} rows in the warehouse, but {expected:,} were loaded.")
    return pd.DataFrame(
        [
            {
                "table_name": table,
                "fingerprint": report["fingerprint"],
                "row_count": counts[table],
                "load_timestamp": datetime.fromisoformat(report["load_timestamp"]),
                "source": report["source"],
                "is_synthetic": report["is_synthetic"],
            }
            for table, report in ingestion_report["tables"].items()
        ]
    ).astype({"load_timestamp": "datetime64[us]"})


def _row_counts(tables: dict[str, ir.Table]) -> dict[str, int]:
    """Count the rows of all tables in one query."""
    counted = [
        table.aggregate(rows=table.count()).mutate(name=ibis.literal(name)) for name, table in tables.items()
    ]
    counts = ibis.union(*counted).to_pandas().set_index("name")["rows"]
    return {name: int(counts[name]) for name in tables}


def _too_bad(report: Report, parameters: IngestionParameters) -> str:
    share = report["quarantined"] / report["rows_in"]
    reasons = list(report["reasons"].items())[:3]
    return (
        f"  - {report['table']}: {report['quarantined']:,} of {report['rows_in']:,} rows are bad "
        f"({share:.1%}; at most {parameters.max_bad_share:.1%} are accepted). "
        f"See {parameters.quarantine_folder}/{report['table']}.parquet. Most frequent: "
        + "; ".join(f"{reason} ({count:,})" for reason, count in reasons)
    )
