"""Which part of a dbt project a stage builds, and which tests run with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from olist_kedro.errors import OlistError

BUILT_TYPES = ("seed", "snapshot", "model")


class StageError(OlistError):
    """Something that dbt builds belongs to no stage, so it would never be built."""


def select_stage(manifest: Any, stages: Mapping[str, Sequence[str]], stage: str) -> list[str]:
    """Return what `dbt build` must select, to the letter, to build one stage.

    A test belongs to the last stage that holds one of its parents, so a test over two stages runs
    once, when both are built. dbt's own indirect selection would run it too early, or drop it.

    Args:
        manifest: dbt's parsed `Manifest`.
        stages: For each stage, in the order in which they are built, the paths within the dbt project
            (files or folders) that it holds.
        stage: The stage to select.

    Returns:
        Selectors for `--select`, one for each seed, snapshot, model, data test and unit test, sorted.
        Source-only tests belong to the first stage.

    Raises:
        KeyError: `stage` is not one of `stages`.
        StageError: A seed, snapshot or model lies outside every stage.
    """
    order = {name: position for position, name in enumerate(stages)}
    wanted = order[stage]
    position_of = {
        unique_id: _position(node.original_file_path, stages, order)
        for unique_id, node in manifest.nodes.items()
        if str(node.resource_type) in BUILT_TYPES
    }
    selected = [unique_id for unique_id, position in position_of.items() if position == wanted]
    tests = [node for node in manifest.nodes.values() if str(node.resource_type) == "test"]
    for test in [*tests, *manifest.unit_tests.values()]:
        # A unit test depends on its model alone; its mocked inputs need not exist.
        parents = test.depends_on.nodes
        if max((position_of.get(parent, 0) for parent in parents), default=0) == wanted:
            selected.append(test.unique_id)
    nodes = {**manifest.nodes, **manifest.unit_tests}
    return sorted("fqn:" + ".".join(nodes[unique_id].fqn) for unique_id in selected)


def _position(path: str, stages: Mapping[str, Sequence[str]], order: Mapping[str, int]) -> int:
    for name, prefixes in stages.items():
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes):
            return order[name]
    raise StageError(
        f"dbt's {path} belongs to no stage, so it would never be built.\n"
        "Add its folder to `stages` of the dbt project in the catalog."
    )
