"""What became of a dbt model or test, and how a failure is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAILED = ("error", "fail", "runtime error", "partial success")
SHOWN_FAILURES = 10
SHOWN_SQL_LINES = 40


@dataclass(frozen=True)
class Outcome:
    """What became of one seed, snapshot, model, data test or unit test.

    Attributes:
        unique_id: dbt's id.
        kind: dbt's resource type, such as `unit test`.
        name: dbt's name.
        status: dbt's status, such as `success`, `pass`, `warn`, `fail`, `error` or `skipped`.
        message: dbt's message; may be empty.
        seconds: Execution time.
        sql: The compiled SQL; may be empty.
        path: File of the compiled SQL or, where there is none, of the definition.
    """

    unique_id: str
    kind: str
    name: str
    status: str
    message: str
    seconds: float
    sql: str
    path: Path

    @classmethod
    def from_dbt(cls, result: Any, project_dir: Path) -> Outcome:
        """Read dbt's `RunResult`; its paths are relative to the project's folder."""
        node = result.node
        return cls(
            unique_id=str(node.unique_id),
            kind=str(node.resource_type).replace("_", " "),
            name=str(node.name),
            status=str(result.status),
            message=result.message or "",
            seconds=float(result.execution_time),
            sql=getattr(node, "compiled_code", None) or "",
            path=project_dir / (getattr(node, "compiled_path", None) or node.original_file_path),
        )

    @property
    def failed(self) -> bool:
        """Whether it ran and went wrong."""
        return self.status in FAILED

    @property
    def skipped(self) -> bool:
        """Whether dbt did not run it, because something before it had failed."""
        return self.status == "skipped"


@dataclass(frozen=True)
class StepResult:
    """What a Kedro node of dbt did.

    Attributes:
        step: Id of the relation that it built or the source that it tested.
        tests: Number of tests that passed.
        warnings: Number of those that passed with a warning.
        seconds: Execution time as dbt reports it, tests included.
    """

    step: str
    tests: int
    warnings: int
    seconds: float


def describe_failures(failures: Sequence[Outcome], introduction: str) -> str:
    """Say which models and tests failed, why, and with which SQL.

    Args:
        failures: What failed.
        introduction: The first line.

    Returns:
        A message: each failure with its type, name, dbt's own message and the path of its compiled
        SQL or, where there is none, of its definition; the first one's SQL itself.
    """
    lines = [introduction]
    for failure in failures[:SHOWN_FAILURES]:
        lines.append(f"\n{failure.kind} {failure.name}")
        lines.append(_indent(failure.message or "no message"))
        lines.append(f"  {'compiled SQL' if failure.sql else 'defined in'}: {_readable(failure.path)}")
    if len(failures) > SHOWN_FAILURES:
        lines.append(f"\nand {len(failures) - SHOWN_FAILURES} more")
    if failures and failures[0].sql:
        shown = failures[0].sql.strip().splitlines()
        lines.append(f"\nThe compiled SQL of {failures[0].name}:")
        lines.append(_indent("\n".join(shown[:SHOWN_SQL_LINES])))
        if len(shown) > SHOWN_SQL_LINES:
            lines.append(f"  ... {len(shown) - SHOWN_SQL_LINES} more lines in the file above")
    return "\n".join(lines)


def _readable(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _indent(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.strip().splitlines())
