"""Runs the dbt builds that a Kedro run has planned, and lets each Kedro node answer for its own relation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from olist_kedro.dbt.display import BuildDisplay
from olist_kedro.dbt.plan import Build, Plan, plan_builds
from olist_kedro.dbt.project import DbtError, DbtProject
from olist_kedro.dbt.results import Outcome, StepResult, describe_failures


class DbtBuilder:
    """Builds what a run needs in as few `dbt build`s as possible, when the first of its nodes is reached.

    One build at a time, in the thread that asks for it: so Ctrl-C reaches dbt as it does on the command
    line, and nothing waits for anything. A build goes on after a failure with whatever does not depend on
    it, so each node knows afterwards whether its own relation and tests went well.
    """

    def __init__(self, project: DbtProject) -> None:
        """Make a builder of the project; nothing is read or run yet."""
        self.project = project
        self.results: dict[str, StepResult] = {}
        self._exists: Callable[[str], bool] | None = None
        self._plan = Plan()
        self._display = BuildDisplay({})
        self._outcomes: dict[str, Outcome] = {}
        self._done = 0  # builds of the plan

    def prepare(
        self,
        order: Sequence[str],
        dependencies: Mapping[str, Sequence[str]],
        exists: Callable[[str], bool],
    ) -> None:
        """Plan a run, and forget the last one.

        Args:
            order: The steps of the run, as :func:`plan_builds` takes them. Steps that are not among them
                build themselves alone when they are reached.
            dependencies: For each step the steps that it comes after.
            exists: Says whether a relation that the run does not build is in the warehouse.
        """
        self._exists = exists
        self.results, self._outcomes = {}, {}
        self._follow(plan_builds(order, dependencies, self.project.graph, exists))

    def complete(self, step: str) -> StepResult:
        """See to it that a relation is built, or a source tested, and say how it went.

        Args:
            step: Id of the relation or source.

        Raises:
            DbtError: The relation or one of its tests failed, or was skipped because something before it
                failed: the message names each failure, with dbt's message and its compiled SQL.
            KeyboardInterrupt: The build was interrupted.
        """
        if self._exists is None:
            raise DbtError(
                "No run has been prepared for dbt's nodes.\nAdd DbtHooks() to HOOKS in settings.py, "
                "and run them by a Kedro session: `kedro run`, or `session.run()` in a notebook."
            )
        if not any(step in build.steps for build in self._plan.builds):
            self._follow(plan_builds([step], {}, self.project.graph, self._exists))
        own = [step, *self._plan.tests_of(step)]
        own = [unique_id for unique_id in own if self._is_run_by_dbt(unique_id)]
        while not all(unique_id in self._outcomes for unique_id in own):
            self._build(self._plan.builds[self._done])
            self._done += 1
        self._raise_failures(step, own)
        tests = [self._outcomes[unique_id] for unique_id in own if unique_id != step]
        self.results[step] = StepResult(
            step=step,
            tests=len(tests),
            warnings=sum(test.status == "warn" for test in tests),
            seconds=sum(self._outcomes[unique_id].seconds for unique_id in own),
        )
        return self.results[step]

    def _follow(self, plan: Plan) -> None:
        self._plan, self._done = plan, 0
        graph = self.project.graph
        steps = [step for build in plan.builds for step in build.steps if self._is_run_by_dbt(step)]
        layers = {step: graph.relations[step].layer for step in steps}
        layers.update({test: graph.relations[owner].layer for test, owner in plan.owners.items()})
        self._display = BuildDisplay(layers)

    def _build(self, build: Build) -> None:
        graph = self.project.graph
        selected = [*filter(self._is_run_by_dbt, build.steps), *build.tests]
        selectors = [(graph.tests.get(name) or graph.relations[name]).selector for name in selected]
        with self._display as display:
            results = self.project.build(selectors, display.follow)
        for result in results:
            outcome = Outcome.from_dbt(result, self.project.project_dir)
            self._outcomes[outcome.unique_id] = outcome
        left_out = [name for name in selected if name not in self._outcomes]
        if left_out:
            raise DbtError(f"dbt was asked for {', '.join(left_out)} and left that out without a word.")

    def _raise_failures(self, step: str, own: Sequence[str]) -> None:
        outcomes = [self._outcomes[unique_id] for unique_id in own]
        if not any(outcome.failed or outcome.skipped for outcome in outcomes):
            return
        name = self.project.graph.relations[step].name
        failures = [outcome for outcome in outcomes if outcome.failed]
        what = f"dbt failed at {name}" if failures else f"dbt skipped {name}, because of a failure before it"
        failures += [o for o in self._outcomes.values() if o.failed and o not in failures]
        skipped = sum(outcome.skipped for outcome in self._outcomes.values())
        counts = f"{len(failures)} of {len(self._outcomes)} steps failed, {skipped} skipped"
        raise DbtError(describe_failures(failures, f"{what}: {counts}."))

    def _is_run_by_dbt(self, unique_id: str) -> bool:
        relation: Any = self.project.graph.relations.get(unique_id)
        return relation is None or relation.kind != "source"
