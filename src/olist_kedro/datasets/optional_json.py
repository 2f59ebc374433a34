"""A JSON file that may not be there yet."""

from __future__ import annotations

from typing import Any

from kedro_datasets.json import JSONDataset


class OptionalJSONDataset(JSONDataset):
    """A JSON file that another pipeline writes, and that is empty until it has.

    So a pipeline that can do without it does not depend on the other one.
    """

    def load(self) -> Any:
        """Return what the file holds; an empty dictionary where there is no file."""
        return super().load() if self.exists() else {}
