"""Freshness in a Kedro run: what is fresh is left out, and what has run is recorded."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.io import CatalogProtocol
from kedro.pipeline import Node, Pipeline

from olist_kedro import progress
from olist_kedro.freshness.decision import Freshness

SHOWN_CAUSES = 5


class FreshSession(KedroSession):
    """Kedro's session, without the nodes that are fresh. It belongs in `SESSION_CLASS`."""

    def run(  # type: ignore[override]  # Kedro's other arguments are passed on by name
        self,
        pipeline_name: str | None = None,
        pipeline_names: Iterable[str] | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Run what is not fresh of what is asked for; see :meth:`KedroSession.run` for the arguments.

        With the parameter `force` all of it runs, and with `only_missing_outputs` Kedro decides.
        """
        names = [pipeline_name] if pipeline_name else list(pipeline_names or ())
        if arguments.get("only_missing_outputs") or not set(names) <= set(pipelines.keys()):
            return super().run(pipeline_names=names, **arguments)  # for Kedro to decide, or to refuse
        context = self.load_context()
        context._pipelines_to_validate = names or ["__default__"]  # so no other pipeline is made
        catalog = context.catalog
        if not catalog.load("params:force"):
            freshness = Freshness(select(names, **arguments), catalog)
            to_run = [name for name, verdict in freshness.verdicts.items() if verdict.runs]
            if len(to_run) < len(freshness.verdicts):
                tell(freshness)
                if not to_run:
                    return {}
                arguments = {key: arguments[key] for key in ("runner", "load_versions") if key in arguments}
                arguments["node_names"] = to_run
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
        "their code, parameters, packages and inputs have not changed.",
        f"  {len(running)} run, these and what goes with them:"
        if running
        else "  Nothing to do. All the same: --params=force=true. Each step: kedro olist status.",
    ]
    causes: dict[str, list[str]] = {}
    for name, verdict in running.items():
        if verdict.is_cause:
            causes.setdefault(verdict.reason, []).append(name)
    for reason, names in list(causes.items())[:SHOWN_CAUSES]:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        lines.append(f"    {names[0]}{more}: {reason}")
    progress.console.print("\n".join(lines), markup=False)


class FreshnessHooks:
    """Keeps the records of what runs. It belongs in `HOOKS`, so that they are right in any session."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Forget the records of what will run."""
        self._next_save = 0.0
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
        """Write the records."""
        self._freshness.save()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Write the records of what was finished, if that works: the run's own error is the one to tell."""
        with suppress(Exception):
            self._freshness.save()

    def _complete(self, node: Node) -> None:
        """Record a node; write from time to time, so that little is lost if the process is killed."""
        self._freshness.complete(node)
        started = time.monotonic()
        if started >= self._next_save:
            self._freshness.save()
            self._next_save = started + 10 * (time.monotonic() - started)
