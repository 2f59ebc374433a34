"""Columns as text and tables as CSV, quoted the way the original files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from olist_kedro.sources.synthetic.draws import Floats, Ints, Mask

SECONDS_A_DAY = 86_400
BYTE_ORDER_MARK = "\ufeff".encode()


def strings(values: Sequence[str | None], positions: Ints) -> pa.Array:
    """Return the values at the positions as text."""
    return pa.array(values, pa.string()).take(pa.array(positions))


def integers(values: Ints, missing: Mask | None = None) -> pa.Array:
    """Return whole numbers as text, null where missing."""
    return pa.array(values, mask=missing).cast(pa.string())


def decimals(centavos: Ints) -> pa.Array:
    """Return amounts in centavos as BRL with two decimals."""
    fraction = pc.utf8_lpad(integers(centavos % 100), 2, "0")
    return pc.binary_join_element_wise(integers(centavos // 100), fraction, ".")


def floats(values: Floats) -> pa.Array:
    """Return numbers as the shortest text that reads as the same number."""
    return pa.array(values).cast(pa.string())


def zip_prefixes(codes: Ints) -> pa.Array:
    """Return zip prefixes as five digits."""
    return pc.utf8_lpad(integers(codes), 5, "0")


def timestamps(seconds: Ints, missing: Mask | None = None) -> pa.Array:
    """Return seconds since 1970 as YYYY-MM-DD HH:MM:SS, null where missing."""
    return pa.array(seconds.astype("datetime64[s]"), mask=missing).cast(pa.string())


def quoted(values: pa.Array, always: bool = False) -> pa.Array:
    """Quote text as the original files do.

    Most of them quote what CSV requires to be quoted and what starts with a digit, so that a reader takes no
    key and no zip prefix for a number.

    Args:
        values: Text; null stays null.
        always: Quote every value.

    Returns:
        Text in which inner quotes are doubled where it is quoted.
    """
    with_quotes = pc.binary_join_element_wise("", pc.replace_substring(values, '"', '""'), "", '"')
    if always:
        return with_quotes
    return pc.if_else(pc.match_substring_regex(values, '^[0-9]|[",\r\n]'), with_quotes, values)


def quoted_if_needed(values: pa.Array) -> pa.Array:
    """Quote only what CSV requires to be quoted."""
    return pc.if_else(pc.match_substring_regex(values, '[",\r\n]'), quoted(values, always=True), values)


def csv_bytes(columns: Mapping[str, pa.Array], newline: str = "\n", quote_header: bool = True) -> bytes:
    """Write a table as CSV in UTF-8.

    Args:
        columns: Text of each column by its name, quoted where it has to be; null becomes an empty field.
        newline: What ends a line.
        quote_header: Quote the columns' names.

    Returns:
        The file's bytes.
    """
    names = [f'"{name}"' if quote_header else name for name in columns]
    filled = [pc.fill_null(column, "") for column in columns.values()]
    filled[-1] = pc.binary_join_element_wise(filled[-1], newline, "")
    wide = [column.cast(pa.large_string()) for column in filled]
    lines = pc.binary_join_element_wise(*wide, pa.scalar(",", pa.large_string()))
    return (",".join(names) + newline).encode() + _concatenated(lines)


def _concatenated(lines: pa.Array) -> bytes:
    """Return the lines in one piece: Arrow keeps them so, one after the other, in the array's data buffer."""
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)
    return data.slice(0, int(ends[len(lines)])).to_pybytes()
