"""Freshness in a Kedro run: what is fresh is left out, and what has run is recorded."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.pipeline import Pipeline

from olist_kedro import progress
from olist_kedro.freshness.decision import Freshness

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline.node import Node

FORCE = "params:force"
SHOWN_CAUSES = 5


class FreshSession(KedroSession):
    """Kedro's session, without the nodes that are fresh. It belongs in `SESSION_CLASS`."""

    def run(  # type: ignore[override]  # Kedro's arguments are passed on by name
        self, *, pipeline_names: Iterable[str] | None = None, **arguments: Any
    ) -> dict[str, Any]:
        """Run what is not fresh of what is asked for; see :meth:`KedroSession.run` for the arguments.

        With the parameter `force` all of it runs, and with `only_missing_outputs` Kedro decides.
        """
        names = list(pipeline_names or ())
        pipelines.set_requested(names or None)
        catalog = self.load_context().catalog
        everything = arguments.get("only_missing_outputs") or catalog.load(FORCE)
        try:
            selected = None if everything else select(names, **arguments)
        except KeyError:  # Kedro says which name it does not know
            selected = None
        if selected is not None:
            freshness = Freshness(selected, catalog)
            to_run = [name for name, verdict in freshness.verdicts.items() if verdict.runs]
            if len(to_run) < len(freshness.verdicts):
                tell(freshness)
                if not to_run:
                    return {}
                kept = {key: arguments[key] for key in ("runner", "load_versions") if key in arguments}
                return super().run(pipeline_names=names, node_names=to_run, **kept)
        return super().run(pipeline_names=names, **arguments)


def select(names: Iterable[str], namespaces: Any = None, **selection: Any) -> Pipeline:
    """Return the nodes that a session would run, as it selects them."""
    whole = sum((pipelines[name] for name in names or ["__default__"]), Pipeline([]))
    keys = ("tags", "from_nodes", "to_nodes", "node_names", "from_inputs", "to_outputs")
    return whole.filter(node_namespaces=namespaces, **{key: selection.get(key) for key in keys})


def tell(freshness: Freshness) -> None:
    """Say what is left out, and why the rest runs."""
    running = {name: verdict for name, verdict in freshness.verdicts.items() if verdict.runs}
    count = len(freshness.verdicts)
    lines = [
        f"  {count - len(running)} of {count} steps are fresh and left out: "
        "their code, parameters, packages and inputs have not changed."
    ]
    causes: dict[str, list[str]] = {}
    for name, verdict in running.items():
        if verdict.is_cause:
            causes.setdefault(verdict.reason, []).append(name)
    if running:
        lines.append(f"  {len(running)} run, these and what goes with them:")
    else:
        lines.append("  Nothing to do. All the same: --params=force=true. Each step: kedro olist status.")
    for reason, names in list(causes.items())[:SHOWN_CAUSES]:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        lines.append(f"    {names[0]}{more}: {reason}")
    progress.console.print("\n".join(lines), markup=False)


class FreshnessHooks:
    """Keeps the records of what runs. It belongs in `HOOKS`, so that they are right in any session."""

    def __init__(self) -> None:
        """Start with no run under way."""
        self._freshness: Freshness | None = None
        self._next_save = 0.0

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Forget the records of what will run."""
        self._freshness = Freshness(pipeline, catalog)
        self._freshness.forget()

    @hook_impl
    def after_node_run(self, node: Node) -> None:
        """Record a node without outputs."""
        if not node.outputs:
            self._complete(node)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Record a node whose last output has been saved."""
        if dataset_name == node.outputs[-1]:
            self._complete(node)

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Write the records, those of tables that are still being loaded too."""
        if self._freshness is not None:
            self._freshness.save(wait=True)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Write the records of what was finished, if that works: the run's own error is the one to tell."""
        with suppress(Exception):
            self.after_pipeline_run()

    def _complete(self, node: Node) -> None:
        """Record a node; write from time to time, so that little is lost if the process is killed."""
        if self._freshness is None:
            return
        self._freshness.complete(node)
        started = time.monotonic()
        if started >= self._next_save:
            self._freshness.save()
            now = time.monotonic()
            self._next_save = now + 10 * (now - started)
