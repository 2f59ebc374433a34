"""Parameters of the pipeline `ingestion`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from olist_kedro.sources.choice import SourceName


class SyntheticParameters(BaseModel):
    """What the synthetic generator makes.

    Attributes:
        orders: Number of orders; everything else follows from it.
        seed: The same seed gives the same bytes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    orders: int = Field(gt=0)
    seed: int = Field(ge=0)


class IngestionParameters(BaseModel):
    """Where the raw files come from and how they are loaded.

    Attributes:
        source: `auto`, `local`, `kaggle` or `synthetic`.
        path: Folder or zip of local files; without one, the project's own folder of raw files.
        synthetic: What the synthetic generator makes.
        max_bad_share: Largest share of a table's rows that may end in quarantine, from 0 to 1.
        load_timestamp_offset_hours: Hours from UTC to the clock that `load_timestamp` shows.
        quarantine_folder: Where the quarantine files are, for messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: SourceName
    path: str | None
    synthetic: SyntheticParameters
    max_bad_share: float = Field(ge=0, le=1)
    load_timestamp_offset_hours: float = Field(ge=-12, le=14)
    quarantine_folder: str
