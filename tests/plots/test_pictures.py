"""Every picture, for segmentations of many shapes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pytest

from olist_kedro.plots.component_planes import plot_component_planes
from olist_kedro.plots.hit_map import plot_hit_map
from olist_kedro.plots.k_selection import plot_k_selection
from olist_kedro.plots.segment_map import plot_segment_map
from olist_kedro.plots.segment_overview import plot_segment_overview
from olist_kedro.plots.segment_profiles import plot_segment_profiles
from olist_kedro.plots.u_matrix import plot_u_matrix, plot_u_matrix_customers

PICTURES: dict[str, Callable[[Any], Any]] = {
    "component_planes": lambda a: plot_component_planes(a.codebook, a.model, a.dim_segment, a.labels),
    "hit_map": lambda a: plot_hit_map(a.codebook, a.model, a.dim_segment),
    "k_selection": lambda a: plot_k_selection(a.criteria, a.model),
    "segment_map": lambda a: plot_segment_map(a.codebook, a.model, a.dim_segment),
    "segment_overview": lambda a: plot_segment_overview(
        a.codebook, a.model, a.dim_segment, a.profiles, a.labels
    ),
    "segment_profiles": lambda a: plot_segment_profiles(a.profiles, a.dim_segment, a.model, a.labels),
    "u_matrix": lambda a: plot_u_matrix(a.codebook, a.model, a.dim_segment),
    "u_matrix_customers": lambda a: plot_u_matrix_customers(a.codebook, a.model, a.dim_segment),
}
# rows, columns, k, features, topology
SHAPES = [
    (20, 10, 2, 3), (40, 80, 10, 16), (30, 30, 10, 8), (6, 100, 5, 5), (160, 80, 8, 12),
    (80, 40, 6, 7, "hexagonal"), (9, 14, 4, 3, "hexagonal"),
]  # fmt: skip


@pytest.fixture(scope="module")
def pictures(make_artifacts: Any) -> dict[str, Any]:
    """Every picture of one segmentation."""
    return {name: draw(make_artifacts()) for name, draw in PICTURES.items()}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape)))
@pytest.mark.parametrize("picture", PICTURES)
def test_no_text_overlaps_or_leaves_the_picture(
    picture: str, shape: tuple[int, ...], make_artifacts: Any, assert_readable: Any
) -> None:
    assert_readable(PICTURES[picture](make_artifacts(*shape)))


@pytest.mark.parametrize("picture", PICTURES)
def test_synthetic_data_is_told(
    picture: str, pictures: dict[str, Any], make_artifacts: Any, texts_of: Any, assert_readable: Any
) -> None:
    synthetic = PICTURES[picture](make_artifacts(is_synthetic=True))
    assert texts_of(pictures[picture], "synthetic") == []
    assert texts_of(synthetic, "synthetic") == [
        "SYNTHETIC DATA: these customers are made up. Draw no business conclusions."
    ]
    assert_readable(synthetic)


@pytest.mark.parametrize("picture", PICTURES)
def test_title_advice_and_source(picture: str, pictures: dict[str, Any], texts_of: Any) -> None:
    figure = pictures[picture]
    assert len(texts_of(figure, "title")) == 1
    (advice,) = texts_of(figure, "how-to-read")
    assert advice.startswith("How to read: ")
    (source,) = texts_of(figure, "source")
    assert source.endswith("7 features · SOM of 20 x 10 neurons · K-Means with k = 4 · 2026-11-20")


@pytest.mark.parametrize("picture", sorted(PICTURES.keys() - {"k_selection"}))
def test_segment_names_are_on_it(
    picture: str, pictures: dict[str, Any], make_artifacts: Any, texts_of: Any
) -> None:
    names = make_artifacts().dim_segment["segment_name"]
    assert set(names) <= set(texts_of(pictures[picture]))


@pytest.mark.parametrize("picture", PICTURES)
def test_no_global_state(picture: str, make_artifacts: Any) -> None:
    before = dict(plt.rcParams)
    PICTURES[picture](make_artifacts())
    assert plt.get_fignums() == []
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize("picture", ["u_matrix", "hit_map", "segment_map", "u_matrix_customers"])
def test_the_longer_side_lies_across(picture: str, make_artifacts: Any) -> None:
    for rows, columns, x_name in ((20, 10, "neuron row"), (10, 20, "neuron column")):
        axes = PICTURES[picture](make_artifacts(rows, columns)).axes[0]
        assert (axes.get_xlim(), axes.get_ylim()) == ((-0.5, 19.5), (-0.5, 9.5))
        assert axes.get_xlabel() == x_name
        assert axes.get_ylabel() != x_name


@pytest.mark.parametrize("k", [2, 6, 12])
def test_a_segment_has_one_colour_in_all_pictures(k: int, make_artifacts: Any) -> None:
    artifacts = make_artifacts(40, 20, k)
    swatches = []
    for picture in ("segment_map", "segment_profiles", "segment_overview"):
        figure = PICTURES[picture](artifacts)
        swatches.append([patch.get_facecolor() for patch in figure.artists])
    assert swatches[0] == swatches[1] == swatches[2]
    assert len(set(swatches[0])) == k
    assert all(first != second for first, second in itertools.combinations(swatches[0], 2))
