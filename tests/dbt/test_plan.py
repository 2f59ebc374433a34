"""Which builds a run needs, and which tests run when."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from olist_kedro.dbt.graph import DbtTest, Graph, Relation
from olist_kedro.dbt.plan import Plan, plan_builds


def graph(parents: dict[str, str], tests: dict[str, str]) -> Graph:
    """Make a graph from names separated by spaces: parents, what tests look at. Sources begin with `raw`."""
    relations = {
        name: Relation(
            unique_id=name,
            kind="source" if name.startswith("raw") else "model",
            name=name,
            dataset=name,
            schema="marts",
            table=name,
            layer="marts",
            selector=name,
            tags=(),
            path="",
            description="",
            columns=(),
            sql="",
            parents=tuple(made_from.split()),
        )
        for name, made_from in parents.items()
    }
    return Graph(
        relations,
        {
            name: DbtTest(name, name, name, subject=next(iter(seen.split()), ""), parents=tuple(seen.split()))
            for name, seen in tests.items()
        },
    )


def nothing_exists(_: str) -> bool:
    return False


def plan(
    order: str, parents: dict[str, str], tests: dict[str, str], exists: Callable[[str], bool] = nothing_exists
) -> Plan:
    """Plan a run of the steps in `order`; those that are not dbt's are in `parents` in capitals."""
    dbt = {name: made_from for name, made_from in parents.items() if not name.isupper()}
    relations = {
        name: " ".join(p for p in made_from.split() if not p.isupper()) for name, made_from in dbt.items()
    }
    dependencies = {name: [p for p in parents[name].split() if p in order.split()] for name in order.split()}
    return plan_builds(order.split(), dependencies, graph(relations, tests), exists)


def builds(plan: Plan) -> list[str]:
    return [" ".join((*build.steps, *build.tests)) for build in plan.builds]


CHAIN = {"a": "", "b": "a", "c": "b"}


def test_everything_is_one_build_where_nothing_is_in_between() -> None:
    assert builds(plan("a b c", CHAIN, {"t_a": "a", "t_ac": "a c"})) == ["a b c t_a t_ac"]


def test_what_waits_for_a_step_that_is_not_dbts_is_a_build_of_its_own() -> None:
    parents = {"a": "", "PYTHON": "a", "c": "PYTHON", "d": "a"}

    assert builds(plan("a PYTHON c d", parents, {"t": "a c"})) == ["a d", "c t"]


def test_a_seed_that_comes_before_the_load_brings_along_only_what_needs_no_load() -> None:
    parents = {"seed": "", "LOAD": "", "stg": "LOAD", "date": "seed"}

    assert builds(plan("seed LOAD date stg", parents, {"t": "date"})) == ["seed date t", "stg"]


def test_a_step_out_of_all_dbt_steps_needs_no_build() -> None:
    assert plan("LOAD", {"LOAD": ""}, {}) == Plan()


@pytest.mark.parametrize(("order", "owner"), [("a b", "b"), ("b a", "a")])
def test_a_test_belongs_to_the_last_of_those_it_looks_at(order: str, owner: str) -> None:
    assert plan(order, {"a": "", "b": ""}, {"t": "a b"}).owners == {"t": owner}


def test_a_test_runs_when_the_relation_that_the_run_does_not_build_is_there() -> None:
    found = plan("b", CHAIN, {"t": "a b"}, exists=lambda name: name == "a")

    assert (builds(found), found.owners, found.waiting) == (["b t"], {"t": "b"}, {})


def test_a_test_waits_for_a_relation_that_is_not_there() -> None:
    found = plan("b", CHAIN, {"t": "a b", "u": "b"})

    assert (builds(found), found.waiting) == (["b u"], {"t": ("a",)})


def test_a_test_of_others_does_not_run() -> None:
    assert plan("a", CHAIN, {"t": "b c"}, exists=lambda _: True).owners == {}


def test_a_test_of_sources_alone_belongs_to_the_source() -> None:
    found = plan("raw a", {"raw": "", "a": "raw"}, {"t": "raw"})

    assert (builds(found), found.owners) == (["raw a t"], {"t": "raw"})


def test_a_test_that_looks_at_nothing_runs_when_everything_is_built() -> None:
    assert plan("a b c", CHAIN, {"t": ""}).owners == {"t": "c"}
    assert plan("a b", CHAIN, {"t": ""}).owners == {}


def test_no_test_is_lost_doubled_or_early() -> None:
    """Whatever the graph and order: once in a whole run, at least once in pieces, after all it looks at."""
    for seed in range(300):
        check_random_project(random.Random(seed))


def check_random_project(rng: random.Random) -> None:
    names = [f"{'raw' if i < 2 else 'n'}{i}" for i in range(rng.randint(3, 12))]
    python = {name for name in names[2:] if rng.random() < 0.25}
    below = {
        n: rng.sample(names[:i], rng.randint(0, min(i, 3))) if i > 1 else [] for i, n in enumerate(names)
    }
    dbt = [name for name in names if name not in python]
    relations = {n: " ".join(p for p in below[n] if p not in python) for n in dbt}
    tests = {f"t{i}": " ".join(rng.sample(dbt, rng.randint(1, min(3, len(dbt))))) for i in range(8)}
    project = graph(relations, tests)
    # A source's node comes after all that its tests look at, as its inputs in the pipeline say.
    for test in project.tests.values():
        for carrier in project.carriers(test):
            if carrier.startswith("raw"):
                below[carrier] = sorted({*below[carrier], *project.built(test.parents)})
    for name in names[2:]:  # who reads a source waits for whoever loads it, not for the node that tests it
        below[name] = [parent for parent in below[name] if not parent.startswith("raw")]
    order: list[str] = []
    while len(order) < len(names):
        order.append(rng.choice([n for n in names if n not in order and set(below[n]) <= set(order)]))

    whole = plan_builds(order, below, project, nothing_exists)
    check(whole, order, below, project, set())
    assert set(whole.owners) == set(tests)

    built: set[str] = set()
    ran: set[str] = set()
    for _ in range(20):
        piece = [name for name in order if rng.random() < 0.5]
        part = plan_builds(
            piece, {n: [p for p in below[n] if p in piece] for n in piece}, project, built.__contains__
        )
        check(part, piece, below, project, built)
        built.update(name for name in piece if name in relations)
        ran.update(part.owners)
    if built == set(dbt):
        assert ran == set(tests)


def check(
    found: Plan, order: list[str], below: dict[str, list[str]], project: Graph, there: set[str]
) -> None:
    dbt = [name for name in order if name in project.relations]
    steps = [step for build in found.builds for step in build.steps]
    ran = [test for build in found.builds for test in build.tests]
    assert sorted(steps) == sorted(dbt)
    assert sorted(ran) == sorted(found.owners)
    done: set[str] = set(there)
    for build in found.builds:
        first = min(map(order.index, build.steps))
        done.update(order[:first])
        done.update(build.steps)
        for step in build.steps:
            assert {parent for parent in below[step] if parent in order} <= done
        for test in build.tests:
            assert set(project.built(project.tests[test].parents)) <= done
    for test, owner in found.owners.items():
        # When Kedro reaches the owner, the build that runs the test has happened.
        build = next(build for build in found.builds if test in build.tests)
        assert min(map(order.index, build.steps)) <= order.index(owner)
