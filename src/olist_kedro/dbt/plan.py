"""Which dbt builds a Kedro run needs, and which tests run when: decided before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from olist_kedro.dbt.graph import Graph


@dataclass(frozen=True)
class Build:
    """One `dbt build`.

    Attributes:
        steps: Ids of the relations that it builds, and of the sources that it tests.
        tests: Ids of the tests that it runs.
    """

    steps: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The builds of a run.

    Attributes:
        builds: In the order in which they happen.
        owners: For each test that runs, the step that answers for it: the last of those it looks at.
        waiting: For each test that cannot run yet, the relations it looks at that do not exist.
    """

    builds: tuple[Build, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def tests_of(self, step: str) -> list[str]:
        """Return the tests that a step answers for."""
        return [test for test, owner in self.owners.items() if owner == step]


def plan_builds(
    order: Sequence[str],
    dependencies: Mapping[str, Sequence[str]],
    graph: Graph,
    exists: Callable[[str], bool],
) -> Plan:
    """Arrange the steps of a run into as few builds as possible.

    dbt builds everything at once that waits for no other step of the run that is not dbt's. A test runs
    once, in the first build after which all that it looks at is there. One that looks at a relation that
    is neither there nor built by this run waits for the run that builds it.

    Args:
        order: All steps of the run in their order. Those of dbt go by the id of the relation that they
            build or the source that they test, all others by any other name.
        dependencies: For each step the steps that it comes after.
        graph: The dbt project.
        exists: Says whether a relation that this run does not build is in the warehouse.

    Returns:
        The plan. Without a step of dbt it is empty.
    """
    position = {step: index for index, step in enumerate(order)}
    steps = [step for step in order if step in graph.relations]
    owners, waiting = _assign_tests(steps, graph, exists)
    build_of = _assign_builds(order, dependencies, set(steps))

    tests_of: dict[int, list[str]] = {}
    for test, owner in owners.items():
        needed = {owner, *graph.built(graph.tests[test].parents)} & build_of.keys()
        tests_of.setdefault(max(build_of[step] for step in needed), []).append(test)
    builds = [
        Build(
            steps=tuple(sorted((s for s in steps if build_of[s] == index), key=position.__getitem__)),
            tests=tuple(sorted(tests_of.get(index, ()))),
        )
        for index in range(len(set(build_of.values())))
    ]
    return Plan(tuple(builds), owners, waiting)


def _assign_tests(
    steps: Sequence[str], graph: Graph, exists: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the owner of each test that runs, and what each that does not run waits for."""
    position = {step: index for index, step in enumerate(steps)}
    everything = graph.built(graph.relations)
    known: dict[str, bool] = {}

    def is_there(relation: str) -> bool:
        if relation not in known:
            known[relation] = relation in position or exists(relation)
        return known[relation]

    owners: dict[str, str] = {}
    waiting: dict[str, tuple[str, ...]] = {}
    for unique_id, test in graph.tests.items():
        carriers = graph.carriers(test) if test.parents else everything
        here = [relation for relation in carriers if relation in position]
        if not here or (not test.parents and len(here) < len(everything)):
            continue  # one that looks at nothing belongs to the project: it runs when all of that is built
        missing = tuple(relation for relation in graph.built(test.parents) if not is_there(relation))
        if missing:
            waiting[unique_id] = missing
        else:
            owners[unique_id] = max(here, key=position.__getitem__)
    return owners, waiting


def _assign_builds(
    order: Sequence[str], dependencies: Mapping[str, Sequence[str]], steps: set[str]
) -> dict[str, int]:
    """Return the number of the build of each of dbt's steps.

    When the first of them is reached, all that come before it are done: whatever needs no more than
    those can be built with it. And so on, with the first that is left.
    """
    needs: dict[str, set[str]] = {}  # what a step needs, directly or not, that is not dbt's
    for step in order:
        needs[step] = set()
        for parent in dependencies.get(step, ()):
            needs[step] |= needs[parent] if parent in steps else needs[parent] | {parent}

    build_of: dict[str, int] = {}
    done: set[str] = set()
    count = 0
    for step in order:
        if step in steps and step not in build_of:
            ready = [other for other in steps if other not in build_of and needs[other] <= done]
            build_of.update(dict.fromkeys(ready, count))
            count += 1
        done.add(step)
    return build_of
