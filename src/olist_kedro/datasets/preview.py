"""The first rows of a table as Kedro-Viz shows them."""

from __future__ import annotations

import pandas as pd
from kedro_datasets._typing import TablePreview

ROWS = 20
WIDTH = 120


def table_preview(rows: pd.DataFrame) -> TablePreview:
    """Return rows as text, with long texts cut short so that each stays a row to look at.

    Args:
        rows: The first rows of a table; a missing value becomes an empty text.
    """
    texts = rows.astype(object).where(rows.notna(), "").map(shorten)
    return TablePreview(texts.to_dict(orient="split"))


def shorten(value: object) -> str:
    """Return a value as text of at most `WIDTH` characters."""
    text = str(value)
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"
