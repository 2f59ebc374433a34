"""The criteria as line charts."""

from __future__ import annotations

from typing import Any

import pytest

from olist_kedro.errors import OlistError
from olist_kedro.report.criteria import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, read_panels


def test_each_criterion_with_values_has_a_panel(tables: dict[str, Any]) -> None:
    silhouette, rank = read_panels(tables["criteria"].assign(knee=None), tables["model"])

    assert (silhouette.name, silhouette.chosen, silhouette.best) == ("Silhouette", 3, 2)
    assert (rank.name, rank.chosen, rank.best) == ("Mean rank", 3, 3)
    assert "k = 2: 0.5, k = 3: 0.3" in silhouette.summary
    assert "By itself it would take k = 2." in silhouette.summary


def test_values_lie_inside_the_panel_and_higher_ones_above(tables: dict[str, Any]) -> None:
    panel = read_panels(tables["criteria"], tables["model"])[0]

    heights = [dot.y for dot in panel.dots]
    assert heights == sorted(heights)  # the silhouette falls, and pixels count downwards
    assert all(TOP < dot.y < HEIGHT - BOTTOM and LEFT < dot.x < WIDTH - RIGHT for dot in panel.dots)
    assert len(panel.ticks) >= 2
    assert panel.lines == [
        f"{a.x},{a.y} {b.x},{b.y}" for a, b in zip(panel.dots, panel.dots[1:], strict=False)
    ]


def test_no_line_leads_over_what_was_ruled_out(tables: dict[str, Any]) -> None:
    panel = read_panels(tables["criteria"], tables["model"])[1]

    assert [dot.k for dot in panel.dots] == [3, 5]
    assert panel.lines == []
    assert [k for k, _ in panel.ks] == [2, 3, 4, 5]


@pytest.mark.filterwarnings("error")
def test_one_k_alone_can_be_drawn(tables: dict[str, Any]) -> None:
    panel = read_panels(tables["criteria"].iloc[1:2], tables["model"])[0]

    assert [dot.k for dot in panel.dots] == [3]


def test_a_table_without_rows_is_told(tables: dict[str, Any]) -> None:
    with pytest.raises(OlistError, match="k_criteria is empty"):
        read_panels(tables["criteria"].iloc[:0], tables["model"])
