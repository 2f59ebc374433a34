"""The contract of the raw files: which columns they have and what makes a row unusable.

The contract itself is data: `conf/base/parameters_contracts.yml`. These are its models.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

TABLES = (
    "customers",
    "geolocation",
    "order_items",
    "order_payments",
    "order_reviews",
    "orders",
    "product_category_name_translation",
    "products",
    "sellers",
)
"""The raw tables by name; the contract has exactly these."""

PARENTS = {
    "orders": ("customers",),
    "order_items": ("orders", "products", "sellers"),
    "order_payments": ("orders",),
    "order_reviews": ("orders",),
}
"""The tables that a table's rows may refer to, so that are cleaned before it."""

WAREHOUSE_TYPES = {
    "string": "string",
    "integer": "int64",
    "decimal": "decimal(10, 2)",
    "float": "float64",
    "timestamp": "timestamp",
}
"""The Ibis type in which the warehouse holds each type of the contract."""

_NUMERIC = ("integer", "decimal", "float")


class ColumnContract(BaseModel):
    """What one column of a raw file may hold.

    Attributes:
        type: How a value is parsed.
        description: What the column means.
        nullable: Whether an empty field is allowed.
        source: The column's name in the file, where it differs from its name in the warehouse.
        pattern: Regular expression that a whole value must match (strings only).
        min: Smallest allowed value (numbers only).
        max: Largest allowed value (numbers only).
        allowed: The only values allowed (strings only).
        references: `table.column` that must hold each value; the table is one of `PARENTS`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["string", "integer", "decimal", "float", "timestamp"]
    description: str
    nullable: bool = False
    source: str | None = None
    pattern: str | None = None
    min: int | float | None = None
    max: int | float | None = None
    allowed: tuple[str, ...] | None = None
    references: str | None = None

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> Self:
        if self.type != "string" and (self.pattern is not None or self.allowed is not None):
            raise ValueError(f"pattern and allowed are for strings, not for {self.type}")
        if self.type not in _NUMERIC and (self.min is not None or self.max is not None):
            raise ValueError(f"min and max are for numbers, not for {self.type}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern {self.pattern!r} is no regular expression: {error}") from error
        return self


class TableContract(BaseModel):
    """What one raw file holds.

    Attributes:
        file: The file's name, as Kaggle delivers it.
        description: What one row is.
        key: Columns that together identify a row; empty where rows have no key.
        columns: The columns by their name in the warehouse, in the order of the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    description: str
    key: tuple[str, ...]
    columns: dict[str, ColumnContract]

    @model_validator(mode="after")
    def _key_and_sources_exist(self) -> Self:
        for name in self.key:
            if name not in self.columns:
                raise ValueError(f"key column {name} is not a column of {self.file}")
            if self.columns[name].nullable:
                raise ValueError(f"key column {name} of {self.file} must not be nullable")
        if len(set(self.sources.values())) < len(self.columns):
            raise ValueError(f"two columns of {self.file} come from the same source column")
        return self

    @property
    def sources(self) -> dict[str, str]:
        """Each column's name in the file, by its name in the warehouse."""
        return {name: column.source or name for name, column in self.columns.items()}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that can change what is loaded, so without the descriptions."""
        rules = self.model_dump_json(exclude={"description": True, "columns": {"__all__": {"description"}}})
        return hashlib.sha256(rules.encode()).hexdigest()


Contracts = dict[str, TableContract]
"""The contract of every raw table, by table name."""

_CONTRACTS: TypeAdapter[Contracts] = TypeAdapter(Contracts)


def parse_contracts(parameters: dict[str, Any]) -> Contracts:
    """Return the contracts as models.

    Kedro hands over `params:contracts` as plain dictionaries where no other node asks for one of the
    tables as a model, and as a dictionary of models where one does: both are understood.

    Raises:
        pydantic.ValidationError: The contract contradicts itself or has an unknown field.
    """
    return _CONTRACTS.validate_python(parameters)
