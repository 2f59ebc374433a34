"""The map as data for the script."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from olist_kedro.report.neurons import NO_LEVEL, place_names, read_map


def map_of(tables: dict[str, Any]) -> dict[str, Any]:
    return read_map(tables["codebook"], tables["model"], tables["labels"])


def plane_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(plane for plane in data["planes"] if plane["key"] == key)


def levels_of(plane: dict[str, Any]) -> list[int]:
    return list(base64.b64decode(plane["levels"]))


def test_neurons_come_row_by_row_in_whatever_order_the_codebook_has_them(tables: dict[str, Any]) -> None:
    data = map_of(tables)
    tables["codebook"] = tables["codebook"].sample(frac=1, random_state=0)

    assert map_of(tables) == data
    assert (data["rows"], data["columns"], data["is_transposed"]) == (6, 4, True)
    assert data["customers"] == list(range(24))
    assert data["segments"] == [1] * 8 + [2] * 8 + [3] * 8


def test_a_map_with_more_columns_than_rows_is_not_turned(make: Callable[..., dict[str, Any]]) -> None:
    assert map_of(make(4, 6))["is_transposed"] is False


def test_the_topology_is_told(tables: dict[str, Any]) -> None:
    assert map_of(tables)["is_hexagonal"] is False
    tables["model"]["grid"]["topology"] = "hexagonal"
    assert map_of(tables)["is_hexagonal"] is True


def test_values_are_in_real_units(tables: dict[str, Any]) -> None:
    data = map_of(tables)

    texts = plane_of(data, "recency")["texts"].split("|")
    spend = plane_of(data, "spend")["texts"].split("|")

    assert (texts[0], texts[-1]) == ("130", "580")  # -1 and 2 times 150, from 280
    assert (spend[0], spend[-1]) == (f"{np.expm1(4.6 - 0.8):.1f}", f"{np.expm1(4.6 + 0.8):.0f}")


def test_colours_are_even_steps_of_what_the_model_sees(tables: dict[str, Any]) -> None:
    for key in ("recency", "spend"):
        levels = levels_of(plane_of(map_of(tables), key))
        steps = np.diff(levels)
        assert (levels[0], levels[-1]) == (0, 254)
        assert steps[1:-1].min() >= steps[1:-1].max() - 1  # but for the ends, where rare values are cut


def test_ticks_and_the_average_customer_lie_on_the_scale(tables: dict[str, Any]) -> None:
    plane = plane_of(map_of(tables), "recency")

    low, high = (280 + 150 * end for end in np.quantile(np.linspace(-1, 2, 24), [0.005, 0.995]))
    for place, text in plane["ticks"]:
        assert place == pytest.approx((float(text) - low) / (high - low))
    assert len(plane["ticks"]) >= 3
    assert plane["overall"] == pytest.approx((280 - low) / (high - low))


def test_neurons_without_customers_have_no_place_among_the_customers(tables: dict[str, Any]) -> None:
    plane = plane_of(map_of(tables), "customers")
    levels = levels_of(plane)

    assert (levels[0], levels[1], levels[-1]) == (NO_LEVEL, 0, 254)
    assert plane["ticks"][0] == (0.0, "1")
    assert plane["overall"] is None


@pytest.mark.filterwarnings("error")
def test_a_map_of_one_value_can_be_drawn(tables: dict[str, Any]) -> None:
    tables["codebook"] = tables["codebook"].assign(customers=0, u_height=0.0, recency=1.0, spend=-5.75)

    assert set(levels_of(plane_of(map_of(tables), "recency"))) == {0}


def test_the_data_is_plain(tables: dict[str, Any]) -> None:
    assert json.loads(json.dumps(map_of(tables), allow_nan=False))["rows"] == 6


def test_names_stand_in_their_segments(make: Callable[..., dict[str, Any]]) -> None:
    tables = make(60, 30)
    places = place_names(tables["codebook"], {1: "First", 2: "Second", 3: "Third"})

    assert {name.segment_id for name in places} == {1, 2, 3}
    for name in places:  # three stripes from left to right, since rows run along x
        assert (name.segment_id - 1) * 100 / 3 < name.left < name.segment_id * 100 / 3
        assert 0 < name.top < 100
        assert name.anchor is None
