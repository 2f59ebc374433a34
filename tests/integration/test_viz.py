"""The static site of Kedro-Viz, in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from olist_kedro.datasets.warehouse import disconnect

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="there is no chromium and chromedriver on the PATH"
)


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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    profile = tmp_path_factory.mktemp("profile")
    for argument in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "disable-sync",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "window-size=1800,1200",
        f"user-data-dir={profile}",
    ):
        options.add_argument(f"--{argument}")
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()


def test_graph_is_drawn_with_its_layers(site: str, browser: webdriver.Chrome) -> None:
    browser.get(site)

    layers = WebDriverWait(browser, 30).until(
        lambda page: [layer.text for layer in page.find_elements(By.CLASS_NAME, "pipeline-layer-name")]
    )

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
