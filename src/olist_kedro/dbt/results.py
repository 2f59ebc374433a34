"""What a dbt build did, and how its failures are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FAILED = ("error", "fail", "runtime error", "partial success")
TEST_TYPES = ("test", "unit_test")
SHOWN_FAILURES = 10
SHOWN_SQL_LINES = 40


@dataclass(frozen=True)
class StageResult:
    """What one stage of a dbt build did.

    Attributes:
        stage: The stage's name.
        models: Number of seeds, snapshots and models built.
        tests: Number of data and unit tests that passed.
        warnings: Number of tests that passed with a warning.
        seconds: Wall time of the build.
    """

    stage: str
    models: int
    tests: int
    warnings: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return asdict(self)


def summarise(stage: str, results: Iterable[Any], seconds: float) -> StageResult:
    """Count what dbt's run results say.

    Args:
        stage: The stage's name.
        results: dbt `RunResult`s of a successful build.
        seconds: Wall time of the build.
    """
    tests = [result for result in results if _resource_type(result) in TEST_TYPES]
    return StageResult(
        stage=stage,
        models=sum(_resource_type(result) not in TEST_TYPES for result in results),
        tests=len(tests),
        warnings=sum(str(test.status) == "warn" for test in tests),
        seconds=round(seconds, 3),
    )


def describe_failures(stage: str, results: Iterable[Any], project_dir: Path) -> str:
    """Say which models and tests failed, why, and with which SQL.

    Args:
        stage: The stage's name.
        results: dbt `RunResult`s of a failed build.
        project_dir: Folder of the dbt project, against which dbt's paths are relative.

    Returns:
        A message: each failure with its type, name, dbt's own message and the path of its compiled
        SQL; the first one's SQL itself.
    """
    results = list(results)
    failures = [result for result in results if str(result.status) in FAILED]
    skipped = sum(str(result.status) == "skipped" for result in results)
    lines = [
        f"dbt failed in stage {stage}: {len(failures)} of {len(results)} steps failed, {skipped} skipped."
    ]
    for failure in failures[:SHOWN_FAILURES]:
        lines.append(f"\n{_resource_type(failure).replace('_', ' ')} {failure.node.name}")
        lines.append(_indent(failure.message or "no message"))
        path = getattr(failure.node, "compiled_path", None) or failure.node.original_file_path
        lines.append(f"  compiled SQL: {_readable(path, project_dir)}")
    if len(failures) > SHOWN_FAILURES:
        lines.append(f"\nand {len(failures) - SHOWN_FAILURES} more")
    sql = getattr(failures[0].node, "compiled_code", None) if failures else None
    if sql:
        shown = sql.strip().splitlines()
        lines.append(f"\nThe compiled SQL of {failures[0].node.name}:")
        lines.append(_indent("\n".join(shown[:SHOWN_SQL_LINES])))
        if len(shown) > SHOWN_SQL_LINES:
            lines.append(f"  ... {len(shown) - SHOWN_SQL_LINES} more lines in the file above")
    return "\n".join(lines)


def _resource_type(result: Any) -> str:
    return str(result.node.resource_type)


def _readable(path: str, project_dir: Path) -> str:
    absolute = project_dir / path
    try:
        return str(absolute.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(absolute)


def _indent(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.strip().splitlines())
