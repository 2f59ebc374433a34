"""One whole run on generated data, shared by the tests that look at what it made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import chdir
from typing import Any

import pytest

SAMPLE = {"ingestion": {"synthetic": {"orders": 3_000}}}


@pytest.fixture(scope="session")
def sample(make_project: Callable[[], Any]) -> Any:
    """The project after `kedro run --env sample` on a few orders."""
    project = make_project()
    with chdir(project.path):  # Kedro-Viz's hooks write where the command is typed
        project.run(env="sample", params=SAMPLE)
    return project
