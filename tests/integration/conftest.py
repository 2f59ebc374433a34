"""One whole run on generated data, shared by the tests that look at what it made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def sample(make_sample: Callable[[], Any]) -> Any:
    """The project after `kedro run --env sample`; what a test does to it, the next ones see."""
    return make_sample()
