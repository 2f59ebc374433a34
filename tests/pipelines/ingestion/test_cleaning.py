"""Cleaning one file: every kind of dirt, and that every row is accounted for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from olist_kedro.contracts import TableContract
from olist_kedro.pipelines.ingestion.cleaning import (
    QUARANTINE_COLUMNS,
    CleanedFile,
    UnreadableFileError,
    clean_file,
)
from olist_kedro.sources.staging import RawCSV

CONTRACT = {
    "file": "t.csv",
    "description": "One row per id.",
    "key": ["id"],
    "columns": {
        "id": {"type": "string", "pattern": "[a-z]{2}", "description": ""},
        "state": {"type": "string", "allowed": ["RJ", "SP"], "nullable": True, "description": ""},
        "n": {"type": "integer", "min": 1, "max": 5, "nullable": True, "description": ""},
        "price": {"type": "decimal", "min": 0, "nullable": True, "description": ""},
        "lat": {"type": "float", "nullable": True, "source": "latt", "description": ""},
        "at": {"type": "timestamp", "nullable": True, "description": ""},
        "text": {"type": "string", "nullable": True, "description": ""},
    },
}
NO_REJECTED_ROWS = pd.DataFrame(columns=QUARANTINE_COLUMNS[1:], dtype="str")
HEADER = "id,state,n,price,latt,at,text\n"

Clean = Callable[..., CleanedFile]


@pytest.fixture
def clean(tmp_path: Path) -> Clean:
    def run(content: str | bytes, known: dict[str, pa.Table] | None = None, **changes: Any) -> CleanedFile:
        path = tmp_path / "t.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        csv = RawCSV(path, "test", False)
        return clean_file(csv, "t", csv.header(), TableContract.model_validate(CONTRACT | changes), known)

    return run


def rows(cleaned: CleanedFile) -> list[dict[str, Any]]:
    return cleaned.rows.to_pyarrow().to_pylist()


def quarantine(cleaned: CleanedFile) -> list[tuple[Any, ...]]:
    assert tuple(cleaned.quarantine.columns) == QUARANTINE_COLUMNS
    assert set(cleaned.quarantine["table_name"]) <= {"t"}
    frame = cleaned.quarantine.astype(object)
    return list(
        frame.where(frame.notna(), None).drop(columns="table_name").itertuples(index=False, name=None)
    )


def is_accounted_for(cleaned: CleanedFile) -> bool:
    report = cleaned.report
    return report["rows_in"] == len(rows(cleaned)) + report["duplicates"] + report["quarantined"]


def test_values_get_their_types(clean: Clean) -> None:
    cleaned = clean(HEADER + "aa,SP,3,58.90,-23.545621281,2017-10-02 10:56:33,bom\nab,,,,,,\n")
    assert rows(cleaned) == [
        {
            "id": "aa",
            "state": "SP",
            "n": 3,
            "price": Decimal("58.90"),
            "lat": -23.545621281,
            "at": datetime(2017, 10, 2, 10, 56, 33),
            "text": "bom",
        },
        {"id": "ab", "state": None, "n": None, "price": None, "lat": None, "at": None, "text": None},
    ]
    types = {name: str(dtype) for name, dtype in cleaned.rows.schema().items()}
    assert types["price"] == "decimal(10, 2)"
    assert types["at"].startswith("timestamp")
    assert quarantine(cleaned) == []
    assert cleaned.report == {
        "table": "t",
        "rows_in": 2,
        "duplicates": 0,
        "quarantined": 0,
        "reasons": {},
        "ignored_columns": [],
    }


def test_text_keeps_its_meaning_and_loses_its_damage(clean: Clean) -> None:
    texts = {
        '"tem ""aspas"", vírgula"': 'tem "aspas", vírgula',
        '"duas\nlinhas"': "duas\nlinhas",
        '"uma\r\n\r\noutra\tcoluna"': "uma\r\n\r\noutra\tcoluna",
        "  brancos \t": "brancos",
        "amei 😍": "amei 😍",
        "nu\x00lo e \x07sino\x9f": "nulo e sino",
        "\x01 antes": "antes",
        '"\n"': None,
        '""': None,
        "NULL": "NULL",
    }
    lines = [f"a{chr(97 + number)},,,,,,{text}\n" for number, text in enumerate(texts)]
    cleaned = clean(HEADER + "".join(lines))
    assert [row["text"] for row in rows(cleaned)] == list(texts.values())
    assert quarantine(cleaned) == []


def test_outer_blanks_do_not_break_a_rule(clean: Clean) -> None:
    cleaned = clean(HEADER + " aa ,SP , 3,1.5 , 2.5, 2017-10-02 10:56:33 ,x\n")
    (row,) = rows(cleaned)
    assert (row["id"], row["state"], row["n"], row["price"], row["lat"]) == (
        "aa",
        "SP",
        3,
        Decimal("1.50"),
        2.5,
    )
    assert row["at"] == datetime(2017, 10, 2, 10, 56, 33)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("id", "", "is empty"),
        ("id", "a1", "does not match [a-z]{2}"),
        ("id", "aaa", "does not match [a-z]{2}"),
        ("state", "XX", "is not one of the allowed values"),
        ("state", "sp", "is not one of the allowed values"),
        ("n", "3.7", "is not a whole number"),
        ("n", "0x4", "is not a whole number"),
        ("n", "1e0", "is not a whole number"),
        ("n", "99999999999999999999", "is not a whole number"),
        ("n", "0", "is below 1"),
        ("n", "6", "is above 5"),
        ("price", "1.005", "is not an amount with at most two decimals"),
        ("price", "123456789", "is not an amount with at most two decimals"),
        ("price", "R$ 5", "is not an amount with at most two decimals"),
        ("price", "-0.01", "is below 0"),
        ("lat", "south", "is not a number"),
        ("lat", "nan", "is not a number"),
        ("lat", "inf", "is not a number"),
        ("at", "02/10/2017", "is not a date and time"),
        ("at", "2017-02-30 00:00:00", "is not a date and time"),
        ("at", "2017-10-02 00:00:00+03", "is not a date and time"),
    ],
)
def test_a_broken_value_goes_to_quarantine(clean: Clean, column: str, value: str, reason: str) -> None:
    names = list(CONTRACT["columns"])  # type: ignore[arg-type]
    bad = ["zz", "SP", "1", "1", "1", "2017-10-02", "x"]
    bad[names.index(column)] = value
    cleaned = clean(HEADER + "aa,SP,1,1,1,2017-10-02,x\n" + ",".join(bad) + "\nac,RJ,2,2,2,2017-10-03,y\n")
    assert [row["id"] for row in rows(cleaned)] == ["aa", "ac"]
    assert quarantine(cleaned) == [(2, column, value or None, reason)]
    assert cleaned.report["reasons"] == {f"{column} {reason}": 1}
    assert is_accounted_for(cleaned)


def test_accepted_ways_of_writing_values(clean: Clean) -> None:
    cleaned = clean(
        HEADER + "aa,,40.0,1.500,1e1,2017-10-02,\nab,,+4,007,-.5,2017-10-02T01:02:03.5,\n",
        columns={
            **CONTRACT["columns"],
            "n": {"type": "integer", "description": ""},  # type: ignore[dict-item]
        },
    )
    first, second = rows(cleaned)
    assert (first["n"], first["price"], first["lat"]) == (40, Decimal("1.50"), 10.0)
    assert (second["n"], second["price"], second["lat"]) == (4, Decimal("7.00"), -0.5)
    assert second["at"] == datetime(2017, 10, 2, 1, 2, 3, 500000)


def test_a_row_with_two_faults_counts_once(clean: Clean) -> None:
    cleaned = clean(HEADER + "aa,,,,,,\nAB,XX,,,,,\n")
    assert quarantine(cleaned) == [
        (2, "id", "AB", "does not match [a-z]{2}"),
        (2, "state", "XX", "is not one of the allowed values"),
    ]
    assert (cleaned.report["rows_in"], cleaned.report["quarantined"]) == (2, 1)


def test_exact_duplicates_are_dropped_and_counted(clean: Clean) -> None:
    cleaned = clean(HEADER + "ab,SP,1,,,,x\naa,,,,,,\nab, SP,01,,,,x \naa,,,,,,\naa,,,,,,\n")
    assert [row["id"] for row in rows(cleaned)] == ["ab", "aa"]  # in the order of the file
    assert cleaned.report["duplicates"] == 3
    assert quarantine(cleaned) == []
    assert is_accounted_for(cleaned)


def test_of_rows_with_the_same_key_the_first_stays(clean: Clean) -> None:
    cleaned = clean(HEADER + "aa,SP,,,,,\nab,,,,,,\naa,RJ,,,,,\naa,SP,,,,,\naa ,,5,,,,\n", key=["id"])
    assert [(row["id"], row["state"]) for row in rows(cleaned)] == [("aa", "SP"), ("ab", None)]
    reason = "repeats the key of an earlier row with other content"
    assert quarantine(cleaned) == [(3, "id", "aa", reason), (5, "id", "aa", reason)]
    assert cleaned.report["duplicates"] == 1
    assert is_accounted_for(cleaned)


def test_a_key_of_two_columns_is_not_confused_by_its_separator(clean: Clean) -> None:
    columns = {name: {"type": "string", "description": ""} for name in ("a", "b")}
    cleaned = clean("a,b\nx|y,z\nx,y|z\n", key=["a", "b"], columns=columns)
    assert len(rows(cleaned)) == 2
    assert quarantine(cleaned) == []


def test_rows_without_a_key_only_lose_duplicates(clean: Clean) -> None:
    cleaned = clean(HEADER + "aa,SP,,,,,\naa,RJ,,,,,\naa,SP,,,,,\n", key=[])
    assert [row["state"] for row in rows(cleaned)] == ["SP", "RJ"]
    assert cleaned.report["duplicates"] == 1


REFERRING = {
    "columns": CONTRACT["columns"]
    | {
        "state": CONTRACT["columns"]["state"] | {"references": "states.code"},
        "text": {"type": "string", "references": "texts.key", "description": ""},
    }
}


def test_a_row_that_refers_to_nothing_goes_to_quarantine(clean: Clean) -> None:
    known = {"state": pa.table({"code": ["SP"]}), "text": pa.table({"key": ["bom", "bem", "zz"]})}
    lines = ["aa,SP,,,,,bom", "x", "ab,RJ,,,,,mal", "ac,,,,,,bem", "ad,SP,9,,,,mal", "ae,SP,,,,,mal"]
    cleaned = clean(HEADER + "\n".join([*lines, lines[0]]) + "\n", known, **REFERRING)

    assert [row["id"] for row in rows(cleaned)] == ["aa", "ac"]  # the duplicate of the first is one still
    assert quarantine(cleaned)[1:] == [
        (3, "state", "RJ", "refers to no row of states that is loaded"),
        (3, "text", "mal", "refers to no row of texts that is loaded"),
        (5, "n", "9", "is above 5"),
        (6, "text", "mal", "refers to no row of texts that is loaded"),
    ]
    assert cleaned.orphans == [3, 6]
    assert cleaned.report["duplicates"] == 1
    assert is_accounted_for(cleaned)


def test_without_orphans_nothing_is_different(clean: Clean) -> None:
    known = {"state": pa.table({"code": ["SP"]}), "text": pa.table({"key": ["bom"]})}
    cleaned = clean(HEADER + "aa,SP,,,,,bom\nab,,,,,,bom\n", known, **REFERRING)

    assert [row["id"] for row in rows(cleaned)] == ["aa", "ab"]
    assert (quarantine(cleaned), cleaned.orphans) == ([], [])


def test_lines_that_are_no_rows_are_kept_in_quarantine(clean: Clean) -> None:
    cleaned = clean(
        HEADER.encode()
        + b'aa,SP,1,1,1,2017-10-02,"two\nlines"\n'
        + b"ab,SP\n"
        + b"ac,SP,1,1,1,2017-10-02,x,y,z\n"
        + b"ad,XX,1,1,1,2017-10-02,x\n"
        + b"ae,SP,1,1,1,2017-10-02,\xff\xfe\n"
        + b"af,SP,1,1,1,2017-10-02,x\n"
        + b'ag,SP,1,1,1,2017-10-02,"open"x\n'
        + b"AH,SP,1,1,1,2017-10-02,x\n"
    )
    assert [row["id"] for row in rows(cleaned)] == ["aa", "af"]
    found = [(row, column, reason) for row, column, _, reason in quarantine(cleaned)]
    assert found == [
        (2, None, "has too few fields"),
        (3, None, "has too many fields"),
        (4, "state", "is not one of the allowed values"),
        (5, None, "is not valid UTF-8"),
        (7, None, "has a quote that is not closed"),
        (8, "id", "does not match [a-z]{2}"),
    ]
    assert quarantine(cleaned)[0][2] == "ab,SP"
    assert cleaned.report["quarantined"] == 6
    assert is_accounted_for(cleaned)


def test_a_quote_that_swallows_lines_loses_none_silently(clean: Clean) -> None:
    cleaned = clean(HEADER + 'aa,,,,,,x\nab,,,,,,"open\nac,,,,,,y\nad,,,,,,"z"\nae,,,,,,w\n')
    assert [row["id"] for row in rows(cleaned)] == ["aa", "ae"]
    ((number, _, value, reason),) = quarantine(cleaned)
    assert (number, reason) == (2, "has a quote that is not closed")
    assert "ac,,,,,,y" in value
    assert is_accounted_for(cleaned)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_byte_order_mark_and_blank_lines(clean: Clean, end: str) -> None:
    content = "\ufeff" + HEADER.strip() + end + "aa,SP,,,,," + end + end + 'ab,RJ,,,,,"x' + end + 'y"'
    cleaned = clean(content)
    assert [(row["id"], row["state"]) for row in rows(cleaned)] == [("aa", "SP"), ("ab", "RJ")]
    assert cleaned.report["rows_in"] == 2


def test_mixed_line_ends_are_refused_with_a_reason(clean: Clean) -> None:
    with pytest.raises(UnreadableFileError, match=r"t\.csv cannot be read as CSV.*\n.*one kind of line end"):
        clean(HEADER.replace("\n", "\r\n") + "aa,,,,,,x\nab,,,,,,y\r\nac,,,,,,z\n")


def test_rows_that_only_another_reader_sees_are_not_lost(
    clean: Clean, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olist_kedro.pipelines.ingestion.cleaning._rejected_rows", lambda _: NO_REJECTED_ROWS)
    with pytest.raises(UnreadableFileError, match="it has 2 rows, but only 1 can be told apart"):
        clean(HEADER + "aa,,,,,,\nab,\n")


def test_an_endless_field_is_refused(clean: Clean) -> None:
    with pytest.raises(UnreadableFileError, match="field larger than field limit"):
        clean(HEADER + "\n" + "aa,,,,,," + "x" * 200_000 + "\n")


def test_other_columns_and_another_order_do_not_matter(clean: Clean) -> None:
    cleaned = clean("text,extra,at,latt,price,n,state,id\nx,e,2017-10-02,1,2,3,SP,aa\n")
    assert list(rows(cleaned)[0]) == list(CONTRACT["columns"])  # type: ignore[arg-type]
    assert rows(cleaned)[0]["id"] == "aa"
    assert cleaned.report["ignored_columns"] == ["extra"]


def test_a_file_of_a_header_only(clean: Clean) -> None:
    cleaned = clean(HEADER)
    assert rows(cleaned) == []
    assert cleaned.report["rows_in"] == 0


def test_large_files_keep_their_order_and_numbers(clean: Clean) -> None:
    # Large enough to be read in parts by several threads, with every kind of rule.
    states = [f"{first}{second}" for first in "ABCDE" for second in "ABCDE"]
    columns = {
        "n": {"type": "integer", "max": 9_998, "description": ""},
        "state": {"type": "string", "allowed": states, "description": ""},
        "id": {"type": "string", "pattern": "[0-9]+", "description": ""},
        "text": {"type": "string", "nullable": True, "description": ""},
    }
    numbers = np.random.default_rng(0).integers(0, 10_000, 200_000)
    padding = "x" * 150
    lines = [f'{n},{states[n % 25]},{n},"{padding}\n{n}"\n' for n in numbers]
    lines[150_000] = "5\n"
    cleaned = clean("n,state,id,text\n" + "".join(lines), key=[], columns=columns)

    kept = np.delete(numbers, 150_000)
    kept = kept[kept != 9_999]
    expected = kept[np.sort(np.unique(kept, return_index=True)[1])]
    assert [row["n"] for row in rows(cleaned)] == expected.tolist()
    bad = np.flatnonzero(numbers == 9_999)
    bad_rows = sorted({*(bad[bad != 150_000] + 1).tolist(), 150_001})
    assert [number for number, *_ in quarantine(cleaned)] == bad_rows
    assert is_accounted_for(cleaned)


def test_two_files_at_the_same_time_stay_apart(clean: Clean) -> None:
    # A runner may clean the next file before it has saved the last one's rows.
    first = clean(HEADER + "aa,,,,,,\nab,,,,,,\nac\n")
    second = clean(HEADER + "ba,,,,,,\n")
    assert [row["id"] for row in rows(first)] == ["aa", "ab"]
    assert [row["id"] for row in rows(second)] == ["ba"]
    assert (first.report["quarantined"], second.report["quarantined"]) == (1, 0)
