"""A column's contract as Ibis expressions: is a value fine, what does it become, what is wrong with it."""

from __future__ import annotations

import sys
from typing import cast

import ibis
import ibis.expr.types as ir

from olist_kedro.contracts import WAREHOUSE_TYPES, ColumnContract

# Regular expressions in RE2's syntax, which DuckDB uses.
_CONTROL = r"\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x{9F}"  # all but tab, newline and carriage return
_DAMAGE = rf"^[\s{_CONTROL}]+|[\s{_CONTROL}]+$|[{_CONTROL}]"

# DuckDB's casts alone are too kind: '3.7' and '0x4' would both become the integer 4, and
# '2017-01-01 00:00:00+03' a timestamp three hours earlier.
_SHAPES = {
    "integer": r"[+-]?[0-9]+(\.0*)?",
    "decimal": r"[+-]?[0-9]{1,8}(\.[0-9]{0,2}0*)?",
    "timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)?",
}
_LARGEST = sys.float_info.max  # beyond it are infinity and, for DuckDB, NaN
_MISSHAPEN = {
    "integer": "is not a whole number",
    "decimal": "is not an amount with at most two decimals",
    "float": "is not a number",
    "timestamp": "is not a date and time",
}


def cleaned_value(raw: ir.StringValue, contract: ColumnContract) -> ir.Value:
    """Return the value without damage, in its warehouse type.

    Control characters and outer blanks are damage; tabs, line breaks, quotes and everything else
    inside a text are not. What is empty then is null, and so is what cannot be parsed.
    """
    return as_type(_cleaned_text(raw), contract)


def as_type(text: ir.StringValue, contract: ColumnContract) -> ir.Value:
    """Return the text in its warehouse type, null where it cannot be parsed."""
    return text if contract.type == "string" else text.try_cast(WAREHOUSE_TYPES[contract.type])


def is_fine(raw: ir.StringValue, contract: ColumnContract) -> ir.BooleanValue:
    """Tell whether the value keeps the contract as it is, without cleaning; never null.

    This is the rule for nearly all values, so it is made to be quick: one look at each value.
    """
    if contract.pattern is not None:
        fine = _matches(raw, contract.pattern)
    elif contract.allowed is not None:
        fine = _is_allowed(raw, contract.allowed)
    elif contract.type == "string":
        fine = ~raw.re_search(_DAMAGE)
    else:
        value = as_type(raw, contract)
        lowest, highest = _range(contract)
        fine = value.notnull() if lowest is None else value >= lowest
        if highest is not None:
            fine &= value <= highest
        if contract.type in _SHAPES:
            fine &= _matches(raw, _SHAPES[contract.type])
    fine = fine.fill_null(False)
    return raw.isnull() | fine if contract.nullable else fine


def broken_reason(raw: ir.StringValue, contract: ColumnContract) -> ir.StringValue:
    """Return why the value breaks the contract even when cleaned, in words; null where it does not."""
    text = _cleaned_text(raw)
    value = as_type(text, contract)
    # Every check is null for a missing value, and so passes it; the first one is null-proof.
    checks = [(text.isnull() & (not contract.nullable), "is empty")]
    if contract.type != "string":
        unreadable = text.notnull() & (value.isnull() | ~_is_well_formed(text, value, contract))
        checks.append((unreadable, _MISSHAPEN[contract.type]))
    if contract.pattern is not None:
        checks.append((~_matches(text, contract.pattern), f"does not match {contract.pattern}"))
    if contract.allowed is not None:
        checks.append((~_is_allowed(text, contract.allowed), "is not one of the allowed values"))
    if contract.min is not None:
        checks.append((value < contract.min, f"is below {contract.min}"))
    if contract.max is not None:
        checks.append((value > contract.max, f"is above {contract.max}"))
    return cast(ir.StringValue, ibis.cases(*checks))


def is_fine_once_cleaned(raw: ir.StringValue, contract: ColumnContract) -> ir.BooleanValue:
    """Tell whether cleaning makes the value keep the contract."""
    return broken_reason(raw, contract).isnull()


def is_free_text(contract: ColumnContract) -> bool:
    """Whether the column may hold any text; if it may be empty, too, no value can break the contract."""
    return contract.type == "string" and contract.pattern is None and contract.allowed is None


def line_breaks(raw: ir.StringValue) -> ir.IntegerValue:
    """Return the number of line feeds in the value; null where there is no value."""
    found = raw.length() - raw.replace("\n", "").length()
    return cast(ir.IntegerValue, raw.contains("\n").ifelse(found, 0))


def _cleaned_text(raw: ir.StringValue) -> ir.StringValue:
    return cast(ir.StringValue, raw.re_replace(_DAMAGE, "").nullif(""))


def _is_well_formed(text: ir.StringValue, value: ir.Value, contract: ColumnContract) -> ir.BooleanValue:
    if contract.type in _SHAPES:
        return _matches(text, _SHAPES[contract.type])
    return value.between(-_LARGEST, _LARGEST)


def _range(contract: ColumnContract) -> tuple[float | None, float | None]:
    """Return the smallest and the largest allowed value; floats must be finite in any case."""
    if contract.type != "float":
        return contract.min, contract.max
    return (
        -_LARGEST if contract.min is None else contract.min,
        _LARGEST if contract.max is None else contract.max,
    )


def _matches(text: ir.StringValue, pattern: str) -> ir.BooleanValue:
    return text.re_search(f"^(?:{pattern})$")


def _is_allowed(text: ir.StringValue, allowed: tuple[str, ...]) -> ir.BooleanValue:
    # Not `isin`: DuckDB turns a long IN list into a join, and a join loses the order of the rows.
    return ibis.array(list(allowed)).contains(text)
