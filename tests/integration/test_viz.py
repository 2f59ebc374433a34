"""The static site of Kedro-Viz, in a real browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from olist_kedro.datasets.warehouse import disconnect


@pytest.fixture(scope="module")
def site(sample: Any) -> Iterator[str]:
    """The address of the static site of the finished sample project."""
    disconnect()  # the site is built by another process, which opens the warehouse itself
    kedro = Path(sys.executable).parent / "kedro"
    command = [kedro, "viz", "build", "--include-hooks", "--include-previews"]
    subprocess.run(command, cwd=sample.path, env={"KEDRO_ENV": "sample", "PATH": ""}, check=True)
    handler = partial(QuietHandler, directory=str(sample.path / "build"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line for each request."""

    def log_message(self, *_: Any) -> None:
        pass


def wait_for(browser: webdriver.Chrome, find: Callable[[webdriver.Chrome], Any]) -> Any:
    """Return what is found in the page, as soon as it is something."""
    return WebDriverWait(browser, 30).until(find)


def texts(browser: webdriver.Chrome, selector: str) -> list[str]:
    """Return the texts of all elements, visible or not."""
    script = "return [...document.querySelectorAll(arguments[0])].map(element => element.textContent)"
    return list(browser.execute_script(script, selector))


def node_id(sample: Any, name: str) -> str:
    """Return Kedro-Viz's id of a node, by which its address selects it."""
    nodes = json.loads((sample.path / "build/api/main").read_text())["nodes"]
    return str(next(node["id"] for node in nodes if node["name"] == name))


def test_graph_is_drawn_with_its_layers(site: str, browser: webdriver.Chrome) -> None:
    browser.get(site)

    layers = wait_for(browser, lambda page: texts(page, ".pipeline-layer-name"))

    assert layers[:2] == ["raw", "intermediate"]
    assert layers[-1] == "reporting"


@pytest.mark.parametrize("picture", ["segment_overview_plot", "segment_map_plot", "k_selection_plot"])
def test_pictures_are_shown(site: str, browser: webdriver.Chrome, picture: str) -> None:
    browser.get(f"{site}/?sn={picture}")

    width = WebDriverWait(browser, 30).until(
        lambda page: page.execute_script(
            "return [...document.images].filter(i => i.src.startsWith('data:')).map(i => i.naturalWidth)[0]"
        )
    )

    assert width > 1000


@pytest.mark.parametrize(
    ("table", "column"),
    [("dim_segment", "segment_name"), ("fact_sales", "price"), ("raw_orders", "order_status")],
)
def test_tables_are_shown(site: str, browser: webdriver.Chrome, table: str, column: str) -> None:
    browser.get(f"{site}/?sn={table}")

    headers, cells = (
        WebDriverWait(browser, 30).until(
            lambda page, tag=tag: [
                cell.get_attribute("textContent") for cell in page.find_elements(By.TAG_NAME, tag)
            ]
        )
        for tag in ("th", "td")
    )

    assert column in headers
    assert len(cells) >= 5 * len(headers)


def test_namespaces_are_folded(site: str, browser: webdriver.Chrome) -> None:
    browser.get(site)

    drawn = wait_for(browser, lambda page: texts(page, ".pipeline-node--modularPipeline"))

    assert sorted(drawn) == ["intermediate", "marts", "seeds", "snapshots", "sources", "staging"]


def test_namespaces_unfold(site: str, browser: webdriver.Chrome) -> None:
    browser.get(f"{site}/?expandAllPipelines=true")

    drawn = wait_for(browser, lambda page: texts(page, ".pipeline-node--task"))

    assert {"build_fact_sales", "build_dim_customer", "build_stg_orders", "build_snapshot_sellers"} <= set(
        drawn
    )


def test_a_relation_shows_its_size_and_its_description(site: str, browser: webdriver.Chrome) -> None:
    browser.get(f"{site}/?sn=fact_orders")

    cells = wait_for(browser, lambda page: texts(page, "td"))

    assert cells[0].startswith("One row per order")
    assert "Key of the order." in cells
    assert texts(browser, "[data-test=metadata-stats-value-rows]") == ["3,000"]


def test_a_node_shows_its_sql_with_columns_and_tests(
    site: str, browser: webdriver.Chrome, sample: Any
) -> None:
    browser.get(f"{site}/?sid={node_id(sample, 'build_fact_sales')}")

    (shown,) = wait_for(browser, lambda page: texts(page, ".pipeline-text-renderer__code"))

    assert "-- One row per item of an order" in shown
    assert "--   unique_combination_of_columns" in shown
    assert "from {{ ref('stg_order_items') }}" in shown


def test_the_last_run_is_shown_with_its_durations(site: str, browser: webdriver.Chrome, sample: Any) -> None:
    browser.get(site)
    link = wait_for(browser, lambda page: page.find_elements(By.CLASS_NAME, "run-status-nav-wrapper"))[0]
    browser.execute_script("arguments[0].click()", link)

    wait_for(browser, lambda page: "Run execution completed successfully" in page.page_source)

    status = json.loads((sample.path / "build/api/run-status").read_text())["nodes"]
    built = [node_id(sample, f"build_{name}") for name in ("dim_customer", "fact_orders", "fact_sales")]
    assert all(status[node]["status"] == "success" and status[node]["duration"] > 0.02 for node in built)


@pytest.mark.skipif(
    "LINEAGE_PICTURES" not in os.environ, reason="LINEAGE_PICTURES names no folder for pictures"
)
@pytest.mark.parametrize(
    ("name", "address", "width", "height"),
    [
        ("lineage", "?expandAllPipelines=true", 5600, 3400),
        ("lineage_marts", "?fid=marts&expandAllPipelines=true", 2400, 1100),
    ],
)
def test_pictures_for_the_guide(
    site: str, browser: webdriver.Chrome, name: str, address: str, width: int, height: int
) -> None:
    """Renewed by `LINEAGE_PICTURES=docs/images make test ARGS="--no-cov tests/integration/test_viz.py"`."""
    browser.set_window_size(width, height)
    browser.get(f"{site}/{address}")
    wait_for(browser, lambda page: texts(page, ".pipeline-node--task"))
    for button in (
        "sidebar-flowchart-visible-btn-true",
        "sidebar-minimap-btn-true",
        "sidebar-reset-zoom-btn",
    ):
        time.sleep(1)
        browser.execute_script(f"document.querySelector('[data-test={button}]')?.click()")
    browser.execute_script(
        "document.querySelectorAll('[class*=feature-hint]').forEach(hint => hint.remove())"
    )
    time.sleep(3)  # the graph glides into place
    browser.save_screenshot(str(Path(os.environ["LINEAGE_PICTURES"]) / f"{name}.png"))
