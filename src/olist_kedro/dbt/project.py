"""A dbt project that builds itself, stage by stage, within this process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from olist_kedro.dbt.results import StageResult, describe_failures, summarise
from olist_kedro.dbt.stages import select_stage
from olist_kedro.errors import OlistError
from olist_kedro.progress import Task, task

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest


class DbtError(OlistError):
    """dbt could not parse the project, or a model or test failed."""


@dataclass(frozen=True)
class DbtProject:
    """A dbt project with the profile, target and environment that it runs in.

    Attributes:
        project_dir: Folder of `dbt_project.yml`.
        profiles_dir: Folder of `profiles.yml`.
        target_path: Folder for what dbt writes: manifest, compiled SQL, run results.
        target: Target of the profile.
        stages: For each stage, in the order in which they are built, the paths it holds.
        environment: Environment variables for dbt, as `env_var()` in its files reads them.
    """

    project_dir: Path
    profiles_dir: Path
    target_path: Path
    target: str
    stages: Mapping[str, Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)

    def build(self, stage: str) -> StageResult:
        """Build one stage's seeds, snapshots and models and run the tests that belong to it.

        Args:
            stage: A key of `stages`.

        Returns:
            What was built and tested.

        Raises:
            DbtError: The project does not parse, or a model or test failed: the message names each,
                with dbt's message and its compiled SQL.
            KeyboardInterrupt: The build was interrupted; dbt itself swallows that.
        """
        select = select_stage(self.manifest, self.stages, stage)
        started = time.monotonic()
        with task(f"dbt {stage}", total=len(select)) as progress:
            outcome = self._invoke(
                "build", "--indirect-selection", "empty", "--select", *select, stage=stage, progress=progress
            )
        results = getattr(outcome.result, "results", [])
        if not outcome.success:
            raise DbtError(describe_failures(stage, results, self.project_dir))
        return summarise(stage, results, time.monotonic() - started)

    @cached_property
    def manifest(self) -> Manifest:
        """The parsed project.

        Raises:
            DbtError: The project does not parse.
        """
        with task("dbt parse"):
            return cast("Manifest", self._invoke("parse", stage="parse").result)

    def _invoke(
        self, command: str, *arguments: str, stage: str, progress: Task | None = None
    ) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner

        manifest = None if command == "parse" else self.manifest
        runner = dbtRunner(manifest=manifest, callbacks=[] if progress is None else [_follower(progress)])
        with _environment(self.environment):
            outcome = runner.invoke([*self.global_flags(), command, *self.flags(), *arguments])
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if outcome.exception is not None:
            raise DbtError(f"dbt failed in stage {stage}: {outcome.exception}") from outcome.exception
        return outcome

    @staticmethod
    def global_flags() -> list[str]:
        """Return dbt's flags that come before the command: silent, since the caller shows progress."""
        return [
            "--quiet",
            "--log-level",
            "none",
            "--log-level-file",
            "none",
            "--no-use-colors",  # else a unit test's message holds escape codes, in log files too
            "--no-send-anonymous-usage-stats",
        ]

    def flags(self) -> list[str]:
        """Return dbt's flags that say which project runs where."""
        return [
            *("--project-dir", str(self.project_dir)),
            *("--profiles-dir", str(self.profiles_dir)),
            *("--target-path", str(self.target_path)),
            *("--target", self.target),
        ]


def _follower(progress: Task) -> Any:
    """Return a dbt event callback that advances the task with each finished model or test."""

    def follow(event: Any) -> None:
        if event.info.name == "NodeFinished":
            progress.advance()

    return follow


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    # Only these are put back: emptying the environment first would be seen by other threads.
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
