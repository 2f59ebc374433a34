"""What is known of finished work: a table's record lies in its warehouse, a file's in the file's folder.

So a record goes where the result goes, and vanishes with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from olist_kedro.datasets import WarehouseTable
from olist_kedro.sources.source import atomic_write


class Record(NamedTuple):
    """What a result was made from.

    Attributes:
        content: Hash of what decides the content; whatever is made from the result depends on it.
        parts: All that decides whether the result and its tests stand, as hashes and versions by name.
        sha256: Hash of the file; empty for a table.
    """

    content: str
    parts: Mapping[str, str]
    sha256: str = ""


class Records:
    """The records of one place: a table of the warehouse, or a hidden file in a folder."""

    def __init__(self, place: WarehouseTable | Path) -> None:
        """Read them; there are none where the place does not exist yet."""
        self._place = place
        stored: Mapping[str, str] = {}
        if isinstance(place, WarehouseTable):
            place.tables_beside()  # a warehouse in use says so itself, without Kedro's words around it
            rows = place.load().to_pandas()
            stored = dict(zip(rows["name"], rows["record"], strict=True))
        elif place.is_file():
            stored = json.loads(place.read_text(encoding="utf-8"))
        self.by_name = {name: Record(**json.loads(text)) for name, text in stored.items()}
        self._saved = dict(self.by_name)

    def save(self) -> None:
        """Write them, all or none, if they have changed."""
        if self.by_name == self._saved:
            return
        stored = {name: json.dumps(record._asdict()) for name, record in sorted(self.by_name.items())}
        if isinstance(self._place, WarehouseTable):
            rows = pd.DataFrame(list(stored.items()), columns=["name", "record"], dtype="string")
            self._place.save(rows)
        else:
            with atomic_write(self._place) as temporary:
                temporary.write_text(json.dumps(stored, indent=1), encoding="utf-8")
        self._saved = dict(self.by_name)


def sha256_of(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_of(value: Any) -> str:
    """Return the hash of plain data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
