"""The page in a real browser: it asks for nothing, fits, sorts, and tells of each neuron."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

WIDE, NARROW = 1400, 390


def set_window(browser: webdriver.Chrome, width: int, scheme: str = "light") -> None:
    """Show pages in a width and a colour scheme."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme_feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme_feature]})


@pytest.fixture
def report(browser: webdriver.Chrome, page: Path) -> Iterator[webdriver.Chrome]:
    """The page, freshly opened in a wide window."""
    set_window(browser, WIDE)
    browser.get("about:blank")
    browser.get_log("browser")  # what other pages have left in it
    browser.get(page.as_uri())
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def texts(browser: webdriver.Chrome, selector: str) -> list[str]:
    return [element.text for element in browser.find_elements(By.CSS_SELECTOR, selector)]


def click(browser: webdriver.Chrome, selector: str) -> None:
    """Click on an element in the middle of the window, where no notice covers it."""
    element = browser.find_element(By.CSS_SELECTOR, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    element.click()


def neuron(browser: webdriver.Chrome) -> tuple[str, str, str]:
    """What is told of the neuron that is pointed at: its segment, its place and its customers."""
    (segment,), (place,) = texts(browser, "#neuron h3"), texts(browser, "#neuron .place")
    return segment, place, texts(browser, "#neuron [data-plane=customers] td.number")[0]


def point_at(browser: webdriver.Chrome, across: float, down: float) -> ActionChains:
    """Move to a place on the map, given in shares of its width and height."""
    canvas = browser.find_element(By.ID, "canvas")
    size = canvas.size
    x, y = round((across - 0.5) * size["width"]), round((down - 0.5) * size["height"])
    return (
        ActionChains(browser, duration=20).scroll_to_element(canvas).move_to_element_with_offset(canvas, x, y)
    )


def colour_at(browser: webdriver.Chrome, across: float, down: float) -> tuple[int, ...]:
    """Return the red, green and blue of a place on the map."""
    script = """
        const canvas = document.getElementById("canvas");
        const at = (share, whole) => Math.floor(share * whole);
        const [x, y] = [at(arguments[0], canvas.width), at(arguments[1], canvas.height)];
        return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
    """
    return tuple(browser.execute_script(script, across, down))


def test_nothing_is_asked_of_a_network_and_nothing_fails(report: webdriver.Chrome) -> None:
    assert report.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    assert report.get_log("browser") == []


@pytest.mark.parametrize("width", [WIDE, 768, NARROW])
def test_the_page_fits_the_window(report: webdriver.Chrome, width: int) -> None:
    set_window(report, width)

    page = report.find_element(By.TAG_NAME, "html")
    assert (
        page.get_property("scrollWidth") == page.get_property("clientWidth") > width - 20
    )  # for a scroll bar


def test_synthetic_data_is_said_in_large_letters_wherever_one_is(report: webdriver.Chrome) -> None:
    notice = report.find_element(By.CSS_SELECTOR, ".synthetic strong")
    assert notice.text == "SYNTHETIC DATA"
    assert float(notice.value_of_css_property("font-size").removesuffix("px")) >= 32

    report.execute_script("scrollTo(0, document.body.scrollHeight)")
    assert report.execute_script("return arguments[0].getBoundingClientRect().top", notice) >= 0


def test_a_heading_sorts_table_and_cards(report: webdriver.Chrome) -> None:
    names = "table.segments tbody th"
    assert texts(report, names)[0].startswith("Big-ticket")

    click(report, "[data-key=size]")
    assert texts(report, names) == texts(report, ".card h3")
    assert texts(report, "table.segments tbody td:nth-child(2)") == ["60", "30", "10"]
    assert texts(report, "[aria-sort=descending]")[0].startswith("Customers")

    click(report, "[data-key=size]")
    assert texts(report, "table.segments tbody td:nth-child(2)") == ["10", "30", "60"]


@pytest.mark.parametrize("direction", ["ascending", "descending"])
def test_the_list_sorts_too_and_what_is_missing_comes_last(report: webdriver.Chrome, direction: str) -> None:
    Select(report.find_element(By.ID, "sort")).select_by_value(f"spend {direction}")

    assert texts(report, ".card h3")[-1] == "Came back"
    assert len(texts(report, f"th[aria-sort={direction}]")) == 1


def test_the_keyboard_sorts(report: webdriver.Chrome) -> None:
    report.find_element(By.CSS_SELECTOR, "[data-key=name]").send_keys(Keys.ENTER)

    assert texts(report, ".card h3") == sorted(texts(report, ".card h3"))


def test_pointing_at_a_cell_tells_of_its_neuron(report: webdriver.Chrome) -> None:
    point_at(report, 0.01, 0.99).perform()  # rows run along x, columns upwards
    assert neuron(report) == ("Lapsed customers", "Neuron in row 0, column 0", "0")

    point_at(report, 0.99, 0.01).perform()
    assert neuron(report) == ("Came back", "Neuron in row 5, column 3", "23")
    assert texts(report, "#neuron [data-plane=recency] td.number") == ["580"]


def test_a_click_holds_a_neuron_and_escape_lets_it_go(report: webdriver.Chrome) -> None:
    point_at(report, 0.01, 0.01).click().perform()
    point_at(report, 0.99, 0.99).perform()
    assert neuron(report)[1] == "Neuron in row 0, column 3, held"

    ActionChains(report).send_keys(Keys.ESCAPE).perform()
    point_at(report, 0.98, 0.98).perform()
    assert neuron(report)[1] == "Neuron in row 5, column 0"


def test_the_arrow_keys_move_and_stop_at_the_edge(report: webdriver.Chrome) -> None:
    canvas = report.find_element(By.ID, "canvas")
    point_at(report, 0.01, 0.99).click().perform()

    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_UP, Keys.ARROW_UP)
    assert neuron(report)[1] == "Neuron in row 1, column 2, held"

    canvas.send_keys(*[Keys.ARROW_LEFT] * 9)
    assert neuron(report)[1] == "Neuron in row 0, column 2, held"


def test_a_plane_is_drawn_with_its_scale(report: webdriver.Chrome) -> None:
    choice = report.find_element(By.CSS_SELECTOR, "#planes input[value=recency]")
    choice.send_keys(Keys.SPACE)

    assert colour_at(report, 0.02, 0.98) == (0x44, 0x01, 0x54)  # viridis, from its darkest ...
    assert colour_at(report, 0.9, 0.02) != colour_at(report, 0.02, 0.98)
    ticks = [float(text) for text in texts(report, "#scale .ticks span")]
    assert ticks == sorted(ticks)
    assert 130 < ticks[0] < ticks[-1] < 580


def test_a_segment_can_be_seen_alone(report: webdriver.Chrome) -> None:
    inside = (0.02, 0.02)  # the first segment: #0072b2
    assert colour_at(report, *inside) == (0x00, 0x72, 0xB2)

    click(report, "#legend [data-segment='2']")
    assert min(colour_at(report, *inside)) > 200

    click(report, "#segment-1 [data-light]")
    assert colour_at(report, *inside) == (0x00, 0x72, 0xB2)
    assert texts(report, "#legend [aria-pressed=true]") == ["Lapsed customers"]


def contrast(browser: webdriver.Chrome, selector: str) -> float:
    """Return the least contrast of text and ground among elements (WCAG 2.2)."""
    script = """
        const ground = (element) => {
          for (let one = element; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
          }
        };
        return [...document.querySelectorAll(arguments[0])]
          .filter((element) => element.innerText)
          .map((element) => [getComputedStyle(element).color, ground(element)]);
    """
    pairs: list[Any] = browser.execute_script(script, selector)

    def luminance(colour: str) -> float:
        parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lights = [sorted(map(luminance, pair)) for pair in pairs]
    assert lights
    return min((light + 0.05) / (dark + 0.05) for dark, light in lights)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_schemes(report: webdriver.Chrome, scheme: str) -> None:
    set_window(report, WIDE, scheme)

    assert contrast(report, "h1, h2, h3, p, a, th, td, dt, dd, small, summary, button, .muted") >= 4.5
    assert contrast(report, ".good, .bad, .synthetic strong, #planes span, .chosen") >= 4.5


def test_the_map_follows_the_colour_scheme(report: webdriver.Chrome) -> None:
    empty = (0.02, 0.98)  # neuron 0 has no customers: its colour is mixed with the ground's
    light = colour_at(report, *empty)
    set_window(report, WIDE, "dark")

    WebDriverWait(report, 10).until(lambda browser: sum(colour_at(browser, *empty)) < sum(light))


def test_the_map_fits_a_phone_and_a_tap_holds(report: webdriver.Chrome) -> None:
    set_window(report, NARROW)
    canvas = report.find_element(By.ID, "canvas")

    assert 300 <= canvas.size["width"] <= NARROW
    point_at(report, 0.99, 0.99).click().perform()
    assert neuron(report)[1] == "Neuron in row 5, column 0, held"


def test_a_hexagonal_map_is_drawn_and_told(report: webdriver.Chrome, page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8").replace('"is_hexagonal": false', '"is_hexagonal": true')
    (tmp_path / "hexagonal.html").write_text(text, encoding="utf-8")
    report.get((tmp_path / "hexagonal.html").as_uri())

    # six rows of four hexagons, turned: 5 * 0.866 + 1.155 steps across, 4.5 up; odd rows half a step higher
    canvas = report.find_element(By.ID, "canvas")
    assert canvas.size["width"] / canvas.size["height"] == pytest.approx(5.485 / 4.5, abs=0.01)
    point_at(report, 0.1, 0.9).perform()
    assert neuron(report)[1] == "Neuron in row 0, column 0"
    point_at(report, (0.577 + 0.866) / 5.485, 1 - 1 / 4.5).perform()
    assert neuron(report)[1] == "Neuron in row 1, column 0"
    assert not [entry for entry in report.get_log("browser") if entry["level"] == "SEVERE"]


def test_paper_shows_what_the_screen_folds(report: webdriver.Chrome) -> None:
    folded = "return document.querySelectorAll('details:not([open])').length"
    assert report.execute_script(folded) == 4

    report.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert report.execute_script(folded) == 0
    report.execute_script("dispatchEvent(new Event('afterprint'))")
    assert report.execute_script(folded) == 4


def test_a_phone_shows_the_lifts_without_scrolling(report: webdriver.Chrome) -> None:
    set_window(report, NARROW)

    lifts = report.find_elements(By.CSS_SELECTOR, ".lifts td.date + td")
    assert [cell.text for cell in lifts][:2] == ["2.50 (1.50 to 4.00)", "2.25 (1.60 to 3.00)"]
    assert max(cell.rect["x"] + cell.rect["width"] for cell in lifts) <= NARROW
