"""Colours that everyone can tell apart, and text that fits."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from olist_kedro.plots.segment_profiles import readable_on
from olist_kedro.plots.style import (
    INK,
    SEGMENT_COLOURS,
    segment_colours,
    shorten,
    text_width,
    tint,
    wrap_text,
)

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def lab_as_seen(colour: Any, vision: str) -> np.ndarray:
    """CIELAB (D65) of an sRGB colour as simulated for a kind of vision."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    x, y, z = np.cbrt(np.maximum(np.array(to_xyz) @ linear / [0.95047, 1.0, 1.08883], (6 / 29) ** 3))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(first: np.ndarray, second: np.ndarray) -> float:
    """Colour difference after Sharma, Wu and Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + turn / 2) % 360
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.2 * np.cos(np.radians(4 * hue - 63))
    )
    d_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    d_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    rotation = np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    rotation *= -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7))
    return float(np.sqrt(d_light**2 + d_chroma**2 + d_hue**2 + rotation * d_chroma * d_hue))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425),
        ([50, 2.5, 0], [73, 25, -18], 27.1492),
        ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
    ],
)
def test_colour_difference_is_the_published_one(
    first: list[float], second: list[float], expected: float
) -> None:
    assert ciede2000(np.array(first), np.array(second)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_segment_colours_can_be_told_apart(vision: str) -> None:
    seen = [lab_as_seen(colour, vision) for colour in SEGMENT_COLOURS]
    assert min(ciede2000(a, b) for a, b in itertools.combinations(seen, 2)) >= 12


@pytest.mark.parametrize("vision", VISION)
def test_a_pale_cell_differs_from_a_full_one_and_from_paper(vision: str) -> None:
    for colour in SEGMENT_COLOURS:
        pale = lab_as_seen(tint(colour, 0.62), vision)
        assert ciede2000(pale, lab_as_seen(colour, vision)) > 6
        assert ciede2000(pale, lab_as_seen("white", vision)) > 4


def test_colours_follow_the_ids() -> None:
    assert segment_colours([1, 2, 3]) == dict(zip([1, 2, 3], SEGMENT_COLOURS, strict=False))
    assert segment_colours([7, 2])[7] == segment_colours([1, 2, 3, 4, 5, 6, 7])[7]
    shared = segment_colours([1, 13])
    assert shared == {1: SEGMENT_COLOURS[0], 13: SEGMENT_COLOURS[1]}
    assert len(set(segment_colours(range(1, 13)).values())) == 12
    assert len(segment_colours(range(1, 20))) == 19


def test_tint_goes_from_the_colour_to_white() -> None:
    assert tint("#000000", 0) == (0, 0, 0)
    assert tint("#000000", 0.25) == (0.25, 0.25, 0.25)
    assert tint("#0072b2", 1) == (1, 1, 1)


def test_ink_on_light_and_white_on_dark() -> None:
    assert readable_on(np.array([1.0, 0.9, 0.6, 1.0])) == INK
    assert readable_on(np.array([0.2, 0.0, 0.3, 1.0])) == "white"


def test_wrapped_lines_fit_and_keep_every_word() -> None:
    text = "Customers who buy more items, pay in more instalments and give worse reviews"
    lines = wrap_text(text, 2.0, 10)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(text_width(line, 10) <= 2.0 for line in lines)


def test_a_word_too_wide_is_cut() -> None:
    lines = wrap_text("a Donaudampfschifffahrtsgesellschaft b", 0.8, 10)
    assert "".join(lines).replace(" ", "") == "aDonaudampfschifffahrtsgesellschaftb"
    assert all(text_width(line, 10) <= 0.8 for line in lines)
    assert wrap_text("", 1, 10) == [""]


def test_shortened_text_says_so() -> None:
    lines = shorten("one two three four five six seven eight nine ten", 1.0, 10)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert all(text_width(line, 10) <= 1.0 for line in lines)
    assert shorten("one two", 2.0, 10) == ["one two"]
