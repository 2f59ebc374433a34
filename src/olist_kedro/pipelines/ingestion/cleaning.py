"""From a raw CSV to cleaned rows, rows in quarantine, and the count of everything.

Everything streams through an in-memory DuckDB; only the rows in quarantine come to Python.
"""

from __future__ import annotations

import csv as csv_module
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import pandas as pd
import sqlglot.expressions as sge

from olist_kedro.contracts import ColumnContract, TableContract
from olist_kedro.errors import OlistError
from olist_kedro.pipelines.ingestion.rules import (
    as_type,
    broken_reason,
    cleaned_value,
    is_fine,
    is_fine_once_cleaned,
    is_free_text,
    line_breaks,
)
from olist_kedro.sources.staging import RawCSV

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends.duckdb import Backend

QUARANTINE_COLUMNS = ("table_name", "row_number", "column_name", "value", "reason")

_ROW = "row_number"
_TEXT_COLUMNS = ("table_name", "column_name", "value", "reason")
_NOTHING = pd.DataFrame(columns=list(QUARANTINE_COLUMNS[1:]))
_REASONS_SHOWN = 10
_REJECTIONS = {
    "MISSING COLUMNS": "has too few fields",
    "TOO MANY COLUMNS": "has too many fields",
    "UNQUOTED VALUE": "has a quote that is not closed",
    "INVALID ENCODING": "is not valid UTF-8",
    "LINE SIZE OVER MAXIMUM": "is longer than 2,000,000 bytes",
}


class UnreadableFileError(OlistError):
    """A file is so damaged that its rows cannot be told apart."""


@dataclass(frozen=True)
class CleanedFile:
    """What a raw file turned into.

    Attributes:
        rows: The usable rows in their types, in the order of the file; not computed yet.
        quarantine: One row for each (row, column) that broke the contract, with the columns
            `QUARANTINE_COLUMNS`. `row_number` counts the file's rows from 1, without the header.
        orphans: Numbers of those rows in quarantine that are there for what they refer to.
        report: What came in and what became of it, ready for JSON.
    """

    rows: ir.Table
    quarantine: pd.DataFrame
    orphans: list[int]
    report: dict[str, Any]


def clean_file(
    csv: RawCSV,
    table: str,
    header: list[str],
    contract: TableContract,
    known: Mapping[str, pa.Table] | None = None,
) -> CleanedFile:
    """Parse, check and clean one file.

    A row that breaks the contract in any column goes to quarantine, and so does one that refers to a row of
    another table that is not loaded. Of exact duplicates, compared after cleaning, the first stays. Of rows
    with the same key and other content the first stays, too, and the others go to quarantine.

    Args:
        csv: The raw file.
        table: Name of the table.
        header: The file's column names, all of the contract's among them.
        contract: The table's contract.
        known: The one column of values that each column with `references` may hold, by its name.

    Returns:
        The cleaned rows, the quarantine and the report.

    Raises:
        UnreadableFileError: The file is not a CSV, or rows would be lost in reading it.
    """
    connection = ibis.duckdb.from_connection(_engine().cursor())
    rows = _read(connection, csv, header, contract)
    rejected = _rejected_rows(connection)
    scan = _scan(rows, contract)
    rows_in = scan.rows + int(rejected[_ROW].nunique())
    if csv.count_lines() != 1 + rows_in + scan.line_breaks + _line_breaks_in(rejected):
        _check_rows_with_another_reader(csv, rows_in)

    if any(column.type != "string" for column in scan.unclean.values()):
        rows = _read(connection, csv, header, contract, as_text=scan.unclean)
    broken = _broken_values(rows, scan.unclean)
    cleaned = _cleaned(rows, contract, scan.unclean, broken)
    cleaned, orphans = _without_orphans(connection, cleaned, contract, known or {})
    if scan.keys_are_distinct:
        kept, duplicates, clashes = cleaned.select(*contract.columns), 0, _NOTHING
    else:
        kept, duplicates, clashes = _without_repetitions(connection, cleaned, contract)
    orphans[_ROW] = _count_rejected_rows_too(orphans[_ROW], rejected[_ROW])
    parsed = pd.concat([broken, clashes], ignore_index=True)
    parsed[_ROW] = _count_rejected_rows_too(parsed[_ROW], rejected[_ROW])
    quarantine = pd.concat([rejected, parsed, orphans], ignore_index=True).sort_values(
        _ROW, kind="stable", ignore_index=True
    )
    quarantine.insert(0, "table_name", table)
    return CleanedFile(
        rows=kept,
        quarantine=quarantine.astype({_ROW: "int64"} | dict.fromkeys(_TEXT_COLUMNS, "string")),
        orphans=sorted({int(number) for number in orphans[_ROW]}),
        report={
            "table": table,
            "rows_in": rows_in,
            "duplicates": duplicates,
            "quarantined": int(quarantine[_ROW].nunique()),
            "reasons": _frequent_reasons(quarantine),
            "ignored_columns": [name for name in header if name not in contract.sources.values()],
        },
    )


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # Starting one takes as long as cleaning a small file. Temporary tables keep the files apart.
    return duckdb.connect()


def _read(
    connection: Backend,
    csv: RawCSV,
    header: list[str],
    contract: TableContract,
    as_text: Collection[str] = (),
) -> ir.Table:
    """Read the file into a table of the connection.

    Values are parsed on the way in: as text, which is what a value that needs cleaning must be kept as,
    a file takes several times the memory and time. DuckDB notes the rows that it cannot parse.

    Args:
        connection: DuckDB, in memory.
        csv: The file.
        header: The file's column names.
        contract: The table's contract.
        as_text: Columns whose values are kept as they are in the file. Strings always are.

    Returns:
        The contract's columns; whether each value is fine as it is, see :func:`_fine`; and the row's
        number. Row ids are in the order of the file, also where threads read it in parts.
    """
    try:
        file = connection.read_csv(
            csv.path,
            columns=dict.fromkeys(header, "VARCHAR"),
            auto_detect=False,
            header=True,
            delim=",",
            quote='"',
            escape='"',
            store_rejects=True,
        ).select(**contract.sources)
        values = {
            name: file[name] if name in as_text else as_type(file[name], column)
            for name, column in contract.columns.items()
        }
        verdicts = {_fine(name): is_fine(file[name], column) for name, column in contract.columns.items()}
        rows = _create_table(connection, "_".join(["rows", *as_text]), file.select(**values, **verdicts))
    except duckdb.Error as error:
        raise UnreadableFileError(
            f"{csv.path} cannot be read as CSV: {str(error).splitlines()[0]}\n"
            "It must be UTF-8, with commas, double quotes and one kind of line end. Get a fresh copy."
        ) from error
    return rows.mutate(rows.rowid().add(1).name(_ROW))


def _create_table(connection: Backend, name: str, rows: ir.Table) -> ir.Table:
    # Not the backend's own `create_table`: it creates the table empty and inserts, which takes longer.
    table = sge.to_identifier(name, quoted=True)
    query = connection.compiler.to_sqlglot(rows)
    temporary = sge.Properties(expressions=[sge.TemporaryProperty()])
    create = sge.Create(this=table, kind="TABLE", properties=temporary, expression=query)
    connection.raw_sql(create.sql(connection.dialect)).fetchall()
    return connection.table(name, database="temp.main")


def _fine(column: str) -> str:
    return f"{column} is fine"


def _rejected_rows(connection: Backend) -> pd.DataFrame:
    errors = connection.con.execute(
        "select line - 1 as row_number, null::varchar as column_name, csv_line as value, "
        "error_type::varchar as error_type, error_message from reject_errors order by line, byte_position"
    ).df()
    if errors.empty:
        return _NOTHING
    known = errors["error_type"].map(_REJECTIONS)
    errors["reason"] = known.fillna(errors["error_message"].str.split("\n").str[0])
    # A row has one error for each field that it lacks or has too many.
    return errors.drop(columns=["error_type", "error_message"]).drop_duplicates([_ROW, "reason"])


@dataclass(frozen=True)
class _Scan:
    """What one look at a file's rows tells.

    Attributes:
        rows: Number of rows.
        line_breaks: Number of line breaks inside free texts.
        unclean: Columns in which not every value is fine as it is.
        keys_are_distinct: Whether no two rows have the same key; false also where that is uncertain.
    """

    rows: int
    line_breaks: int
    unclean: dict[str, ColumnContract]
    keys_are_distinct: bool


def _scan(rows: ir.Table, contract: TableContract) -> _Scan:
    free_texts = [name for name, column in contract.columns.items() if is_free_text(column)]
    # Joined keys may be equal where keys are not, but if the joined keys are distinct, the keys are.
    key = ibis.literal("|").join([rows[name].cast("string") for name in contract.key or contract.columns])
    sums = (
        rows.aggregate(
            [rows.count().name("rows")]
            + ([key.nunique().name("keys")] if contract.key else [])
            + [line_breaks(rows[name]).sum().fill_null(0).name(f"line_breaks_{name}") for name in free_texts]
            + [
                (~rows[_fine(name)]).any().fill_null(False).name(f"unclean_{name}")
                for name in contract.columns
            ]
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    unclean = {name: column for name, column in contract.columns.items() if sums[f"unclean_{name}"]}
    return _Scan(
        rows=sums["rows"],
        line_breaks=sum(sums[f"line_breaks_{name}"] for name in free_texts),
        unclean=unclean,
        keys_are_distinct=sums.get("keys") == sums["rows"] and unclean.keys().isdisjoint(contract.key),
    )


def _broken_values(rows: ir.Table, unclean: dict[str, ColumnContract]) -> pd.DataFrame:
    parts = [
        rows.filter(~rows[_fine(name)])
        .select(
            _ROW,
            column_name=ibis.literal(name),
            value=name,
            reason=broken_reason(rows[name], column),
            position=ibis.literal(position),
        )
        .drop_null("reason")
        for position, (name, column) in enumerate(unclean.items())
        if not (is_free_text(column) and column.nullable)
    ]
    if not parts:
        return _NOTHING
    return ibis.union(*parts).order_by(_ROW, "position").drop("position").to_pandas()


def _cleaned(
    rows: ir.Table, contract: TableContract, unclean: dict[str, ColumnContract], broken: pd.DataFrame
) -> ir.Table:
    """Return the rows without a broken value, cleaned where that is needed."""
    for name in broken["column_name"].unique():
        rows = rows.filter(rows[_fine(name)] | is_fine_once_cleaned(rows[name], unclean[name]))
    values = {name: rows[name] for name in contract.columns}
    for name, column in unclean.items():
        cleaned = cleaned_value(rows[name], column)
        # The regular expressions of cleaning are costly, and most values are fine.
        values[name] = rows[_fine(name)].ifelse(as_type(rows[name], column), cleaned)
    return rows.select(_ROW, **values)


def _without_orphans(
    connection: Backend, cleaned: ir.Table, contract: TableContract, known: Mapping[str, pa.Table]
) -> tuple[ir.Table, pd.DataFrame]:
    """Return the rows without those that refer to what is not there, and the latter."""
    parts = []
    for name, values in known.items():
        there = ibis.memtable(values)
        parent = str(contract.columns[name].references).partition(".")[0]
        orphans = cleaned.drop_null(name).anti_join(there, [(name, there.columns[0])])
        parts.append(
            orphans.select(
                _ROW,
                column_name=ibis.literal(name),
                value=orphans[name].cast("string"),
                reason=ibis.literal(f"refers to no row of {parent} that is loaded"),
            )
        )
    found = ibis.union(*parts).to_pandas() if parts else _NOTHING.copy()
    if not found.empty:
        numbers = connection.create_table("orphans", found[[_ROW]].drop_duplicates(), temp=True)
        cleaned = cleaned.anti_join(numbers, _ROW).order_by(_ROW)
    return cleaned, found


def _without_repetitions(
    connection: Backend, cleaned: ir.Table, contract: TableContract
) -> tuple[ir.Table, int, pd.DataFrame]:
    """Return the rows without duplicates, the number of duplicates, and the rows whose key is taken."""
    columns, key = list(contract.columns), list(contract.key)
    distinct = _create_table(
        connection,
        "distinct_rows",
        cleaned.group_by(columns).aggregate(copies=ibis._.count(), row_number=ibis._[_ROW].min()),
    )
    duplicates = int((distinct.copies - 1).sum().fill_null(0).execute())
    if not key:
        return distinct.order_by(_ROW).select(columns), duplicates, _NOTHING
    ranked = distinct.mutate(rank=ibis.row_number().over(group_by=key, order_by=_ROW))
    clashing = ranked.filter(ranked.rank > 0)
    clashes = clashing.select(
        _ROW,
        column_name=ibis.literal(", ".join(key)),
        value=ibis.literal(", ").join([clashing[name].cast("string") for name in key]),
        reason=ibis.literal("repeats the key of an earlier row with other content"),
    ).to_pandas()
    return ranked.filter(ranked.rank == 0).order_by(_ROW).select(columns), duplicates, clashes


def _count_rejected_rows_too(row_numbers: pd.Series, rejected: pd.Series) -> pd.Series:
    """Turn numbers that count the parsed rows only into numbers that count all rows of the file."""
    before = rejected.drop_duplicates().sort_values(ignore_index=True)
    parsed_before = before - before.index
    return row_numbers.astype("int64") + parsed_before.searchsorted(row_numbers.astype("int64"), side="right")


def _line_breaks_in(rejected: pd.DataFrame) -> int:
    lines = rejected.drop_duplicates(_ROW)["value"].fillna("").str.rstrip("\r\n")
    return int(lines.str.count("\n").sum())


def _check_rows_with_another_reader(csv: RawCSV, rows_in: int) -> None:
    """Count the file's rows with Python's reader, and make sure that DuckDB saw as many.

    Needed only where the lines do not add up: blank lines between rows are harmless.
    """
    with csv.path.open(encoding="latin-1", newline="") as file:
        try:
            rows = sum(1 for row in csv_module.reader(file) if row) - 1
        except csv_module.Error as error:
            raise UnreadableFileError(
                f"{csv.path} cannot be read as CSV: {error}. Get a fresh copy."
            ) from error
    if rows != rows_in:
        raise UnreadableFileError(
            f"{csv.path} is damaged: it has {rows:,} rows, but only {rows_in:,} can be told apart, "
            "probably because of a quote that is not closed.\nGet a fresh copy."
        )


def _frequent_reasons(quarantine: pd.DataFrame) -> dict[str, int]:
    subjects = quarantine["column_name"].fillna("the row")
    return dict(Counter(subjects + " " + quarantine["reason"]).most_common(_REASONS_SHOWN))
