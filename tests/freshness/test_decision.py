"""Each kind of change makes stale what it should, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from olist_kedro.datasets.warehouse import connect, disconnect
from olist_kedro.freshness import Freshness, code

EVERYTHING = {"count_words", "add_up", "write_report", "load", "check"}


def test_everything_runs_at_first_and_nothing_the_second_time(tmp_path, small) -> None:
    assert small.run() == set()
    assert {name: verdict.state for name, verdict in small.verdicts().items()} == {
        "count_words": "fresh",
        "add_up": "passing",
        "write_report": "fresh",
        "load": "fresh",
        "check": "fresh",
    }


def delete(name: str) -> Callable[[Any], None]:
    return lambda small: (small.folder / name).unlink()


def drop_table(small: Any) -> None:
    connect(small.warehouse).drop_table("loaded", database="main")


def drop_warehouse(small: Any) -> None:
    disconnect()
    (small.folder / "small.duckdb").unlink()


def edit(name: str, old: str, new: str) -> Callable[[Any], None]:
    return lambda small: small.edit(name, old, new)


CHANGES: dict[str, tuple[Callable[[Any], Any], set[str], str, str]] = {
    "a raw file": (
        lambda small: small.text("a b c"),
        EVERYTHING,
        "count_words",
        "changed: input first",
    ),
    "a raw file with the same content": (lambda small: small.text("a b a"), set(), "", ""),
    "a parameter": (
        lambda small: setattr(small, "factor", 3),
        {"add_up", "write_report"},
        "write_report",
        "changed: input total",
    ),
    "a node's code": (
        edit("nodes.py", "factor * sum", "factor + sum"),
        {"add_up", "write_report"},
        "write_report",
        "changed: input total",
    ),
    "a helper that is called": (
        edit("helpers.py", "json.dumps(value)", "json.dumps([value])"),
        {"add_up", "write_report"},
        "write_report",
        "changed: code small_project.helpers",
    ),
    "a constant that a helper reads": (
        edit("helpers.py", "LIMIT = 3", "LIMIT = 1"),
        EVERYTHING,
        "count_words",
        "changed: code small_project.helpers",
    ),
    "a helper that nothing calls": (edit("helpers.py", "return text\n", "return text * 2\n"), set(), "", ""),
    "a comment and a docstring": (
        edit("helpers.py", '    """Cut a text."""\n', '    """Cut a long text."""  # a comment\n'),
        set(),
        "",
        "",
    ),
    "a file that comes with the code": (
        lambda small: small.write("templates/page.html", "<b>"),
        EVERYTHING,
        "count_words",
        "changed: code small_project.helpers, code small_project.nodes",
    ),
    "which input is which argument": (
        lambda small: setattr(small, "adds_up", {"factor": "params:factor", "counts": "counts"}),
        {"add_up", "write_report"},
        "write_report",
        "changed: input total",
    ),
    "how a file is written": (
        lambda small: setattr(small, "report_arguments", {"fs_args": {"open_args_save": {"newline": ""}}}),
        {"add_up", "write_report"},
        "write_report",
        "changed: datasets",
    ),
    "a table is gone": (drop_table, {"load"}, "load", "there is no loaded"),
    "a file is gone": (delete("counts.json"), {"count_words"}, "count_words", "there is no counts"),
    "a file was changed by hand": (
        lambda small: (small.folder / "report.txt").write_text("7"),
        {"add_up", "write_report"},
        "write_report",
        "report was changed by hand",
    ),
    "the records of a folder are gone": (
        delete(".freshness.json"),
        {"count_words", "add_up", "write_report"},
        "report",
        "no finished run is on record",
    ),
    "the warehouse is gone": (drop_warehouse, {"load", "check"}, "load", "there is no loaded"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_concerns_what_follows_from_it_and_nothing_else(small, what: str) -> None:
    change, concerned, name, reason = CHANGES[what]
    change(small)

    verdicts = small.verdicts()

    assert {name for name, verdict in verdicts.items() if verdict.runs} == concerned
    if name in verdicts:
        assert verdicts[name].reason == reason
    assert small.run() == concerned
    assert small.run() == set()


def test_the_version_of_a_package_counts_where_it_is_used(small, monkeypatch: pytest.MonkeyPatch) -> None:
    known = code._version
    monkeypatch.setattr(code, "_version", lambda name: "0" if name == "pandas" else known(name))

    verdicts = small.verdicts()

    assert {name for name, verdict in verdicts.items() if verdict.runs} == {"load", "check"}
    assert verdicts["load"].reason == "changed: package pandas"


def test_code_that_was_edited_but_not_imported_again_is_not_what_runs(small) -> None:
    """As in a notebook: the file says one thing, the process does another."""
    pipeline, catalog = small.pipeline(), small.catalog()
    before = Freshness(pipeline, catalog)
    small.edit("helpers.py", "json.dumps(value)", "json.dumps([value])")

    assert Freshness(pipeline, catalog)._parts == before._parts
    assert small.to_run() == {"add_up", "write_report"}  # in a new process


def test_a_file_is_judged_without_making_what_reads_it(small) -> None:
    catalog = small.catalog()

    assert not any(verdict.runs for verdict in Freshness(small.pipeline(), catalog).verdicts.values())
    assert {"first", "counts", "report"} <= catalog._lazy_datasets.keys()


def test_a_change_taken_back_before_it_ran_leaves_everything_fresh(small) -> None:
    small.text("x")
    assert small.to_run() == EVERYTHING
    small.text("a b a")

    assert small.to_run() == set()


def test_a_run_that_broke_off_never_looks_fresh_even_if_the_change_is_taken_back(small) -> None:
    small.edit("nodes.py", "helpers.dump(total)", "helpers.dump(1 / 0)")
    with pytest.raises(ZeroDivisionError):
        small.run()
    small.edit("nodes.py", "helpers.dump(1 / 0)", "helpers.dump(total)")

    assert small.run() == {"add_up", "write_report"}


def test_what_was_finished_before_a_failure_stays_fresh(small) -> None:
    small.text("")

    with pytest.raises(ValueError, match="nothing was loaded"):
        small.run()

    assert "check" in small.to_run()
    assert not small.to_run() & {"count_words", "load"}


def test_a_node_without_outputs_runs_again_until_it_passes(small) -> None:
    small.text("")
    for _ in range(2):
        with pytest.raises(ValueError, match="nothing was loaded"):
            small.run()

    small.text("a")
    assert "check" in small.run()
    assert small.run() == set()
