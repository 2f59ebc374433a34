"""What a run does when something goes wrong in dbt: the right node says so, and nothing hangs."""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Any

import pytest
from kedro.io import DatasetError

from olist_kedro.dbt import DbtError, DbtRelation
from olist_kedro.dbt.display import BuildDisplay
from olist_kedro.dbt.pipeline import steps_of

# A query of minutes; DuckDB cannot know its answer without counting.
SLOW = "select count(*) as price from range(3000000) a, range(3000000) b where (a.range * b.range) % 7 = 3\n"


def fail(tiny: Any) -> tuple[str, dict[str, int]]:
    """Run the whole project; return the message, and what the nodes that went well have tested."""
    pipeline = tiny.pipeline()
    with pytest.raises(DbtError) as raised:
        tiny.run(pipeline)
    return str(raised.value), tiny.tested(pipeline)


def test_a_failing_model_fails_its_node_with_dbts_message_and_sql(tiny) -> None:
    tiny.write("models/marts/totals.sql", "select nowhere as price from {{ ref('stg_orders') }}\n")

    message, tested = fail(tiny)

    assert message.startswith("dbt failed at totals: 1 of 16 steps failed, 2 skipped.")
    assert "\nmodel totals\n" in message
    assert 'Referenced column "nowhere" not found' in message
    assert "target/compiled/tiny/models/marts/totals.sql" in message
    assert "select nowhere as price from" in message
    assert "stg_orders" in tested


def test_other_results_of_a_build_with_a_failure_are_kept(tiny) -> None:
    tiny.write("models/marts/totals.sql", "select nowhere as price from {{ ref('stg_orders') }}\n")

    fail(tiny)

    assert tiny.names() == {"states", "stg_orders", "snapshot_orders", "by_state"}
    assert tiny.rows("by_state") == [("south-east", "RJ", 20), ("south-east", "SP", 35)]


def test_every_failure_of_the_build_is_told(tiny) -> None:
    tiny.write("models/marts/totals.sql", "select nowhere as price from {{ ref('stg_orders') }}\n")
    tiny.write("models/marts/sales/by_state.sql", "select nothing from {{ ref('stg_orders') }}\n")

    message, _ = fail(tiny)

    assert "model totals" in message
    assert "model by_state" in message


def test_a_failing_test_fails_the_node_that_answers_for_it(tiny) -> None:
    tiny.write("models/marts/totals.sql", "select 1 as price from {{ ref('stg_orders') }} limit 1\n")

    message, tested = fail(tiny)

    assert message.startswith("dbt failed at by_state: 1 of ")  # it comes after totals
    assert "test assert_prices_agree\n  Got 1 result, configured to fail if != 0" in message
    assert tested["totals"] == 1


def test_a_failing_source_test_fails_the_sources_node(tiny) -> None:
    pipeline = tiny.pipeline()
    orders = [{"order_id": 1, "state": "SP", "price": 30}] * 2

    with pytest.raises(DbtError, match=r"dbt failed at orders: [\s\S]*Got 1 result"):
        tiny.run(pipeline, tiny.catalog(orders))


def test_a_failing_unit_test_shows_the_rows_that_differ_without_escape_codes(tiny) -> None:
    tiny.write(
        "models/staging/stg_orders.sql",
        "select order_id, state, 2 * price as price from {{ source('raw', 'orders') }}\n",
    )

    message, _ = fail(tiny)

    assert message.startswith("dbt failed at stg_orders: ")
    assert "unit test keeps_prices" in message
    assert "3→6" in message
    assert "\x1b" not in message
    assert "  compiled SQL: " in message


def test_a_unit_test_that_cannot_run_names_the_file_that_defines_it(tiny) -> None:
    tiny.write(
        "models/staging/stg_orders.sql",
        "select order_id, state, nowhere as price from {{ source('raw', 'orders') }}\n",
    )

    message, _ = fail(tiny)

    assert "unit test keeps_prices" in message
    assert "  defined in: " in message
    assert "stg_orders.yml\n" in message + "\n"
    assert "compiled SQL" not in message


def test_a_node_that_is_skipped_and_reached_before_the_failing_one_tells_the_cause(tiny) -> None:
    """dbt skips what reads a source whose test fails; Kedro may reach that before the source's own node."""
    tiny.write("models/alpha/first.sql", "select * from {{ source('raw', 'orders') }}\n")
    orders = [{"order_id": 1, "state": "SP", "price": 30}] * 2
    catalog = tiny.catalog(orders)
    catalog["first"] = DbtRelation(connection=tiny.warehouse, schema="main", table="first")

    with pytest.raises(DbtError) as raised:
        tiny.run(catalog=catalog)

    message = str(raised.value)
    assert message.startswith("dbt skipped first, because of a failure before it: 1 of ")
    assert "test source_unique_raw_orders_order_id\n  Got 1 result" in message


def test_a_build_that_cannot_begin_says_why(tiny) -> None:
    pipeline = tiny.pipeline()
    project = next(iter(steps_of(pipeline).values())).builder.project
    assert project.graph
    object.__setattr__(project, "target", "cloud")

    with pytest.raises(DbtError, match="does not have a target named 'cloud'"):
        tiny.run(pipeline)


def test_a_relation_that_is_not_where_the_catalog_looks_for_it_is_an_error(tiny) -> None:
    """dbt's profile names another warehouse than the catalog."""
    elsewhere = tiny.folder.parent / "elsewhere" / "tiny.duckdb"
    elsewhere.parent.mkdir()
    pipeline = tiny.pipeline()
    project = next(iter(steps_of(pipeline).values())).builder.project
    object.__setattr__(project, "environment", {"TINY_PATH": str(elsewhere)})

    with pytest.raises(DatasetError, match=r"reported seed\.tiny\.states as built, .* no staging\.states"):
        tiny.run(pipeline)


def test_a_mistake_in_the_display_ends_the_display_and_nothing_else(
    tiny, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(BuildDisplay, "_start", stumble)

    with caplog.at_level(logging.ERROR, "olist_kedro.dbt.display"):
        pipeline = tiny.run()

    assert tiny.tested(pipeline)["by_state"] == 2
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "dbt's progress cannot be shown; the build itself goes on."
    ]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("models/marts/totals.sql", SLOW),
        ("tests/assert_prices_agree.sql", f"with t as (select * from {{{{ ref('totals') }}}}) {SLOW}"),
    ],
    ids=["in a model", "in a test"],
)
def test_an_interrupt_in_a_long_query_ends_the_build_at_once(tiny, path: str, query: str) -> None:
    quick = (tiny.folder / path).read_text()
    tiny.write(path, query)
    pipeline = tiny.pipeline()
    assert next(iter(steps_of(pipeline).values())).builder.project.manifest
    threads = set(threading.enumerate())
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    timer = threading.Timer(3.0, signal.pthread_kill, (main_thread, signal.SIGINT))
    started = time.monotonic()

    timer.start()
    with pytest.raises(KeyboardInterrupt):
        tiny.run(pipeline)

    assert 3.0 < time.monotonic() - started < 8.0
    timer.join()
    assert set(threading.enumerate()) <= threads
    tiny.write(path, quick)
    assert tiny.tested(tiny.run())["by_state"] == 2
