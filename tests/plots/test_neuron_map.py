from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from olist_kedro.errors import OlistError
from olist_kedro.plots.neuron_map import NeuronMap, segment_image
from olist_kedro.plots.style import EMPTY, tint


def codebook_of(values: np.ndarray) -> pd.DataFrame:
    rows, columns = np.indices(values.shape)
    return pd.DataFrame({"row": rows.ravel(), "col": columns.ravel(), "value": values.ravel()})


def test_a_wide_grid_is_shown_as_it_is() -> None:
    values = np.arange(6.0).reshape(2, 3)
    codebook = codebook_of(values)
    neurons = NeuronMap.from_codebook(codebook)
    assert (neurons.width, neurons.height, neurons.is_transposed) == (3, 2, False)
    np.testing.assert_array_equal(neurons.image(codebook["value"]), values)


def test_a_tall_grid_is_laid_down() -> None:
    values = np.arange(6.0).reshape(3, 2)
    codebook = codebook_of(values)
    neurons = NeuronMap.from_codebook(codebook)
    assert (neurons.width, neurons.height, neurons.is_transposed) == (3, 2, True)
    np.testing.assert_array_equal(neurons.image(codebook["value"]), values.T)


def test_the_order_of_the_rows_does_not_matter() -> None:
    values = np.arange(20.0).reshape(4, 5)
    shuffled = codebook_of(values).sample(frac=1, random_state=1)
    np.testing.assert_array_equal(NeuronMap.from_codebook(shuffled).image(shuffled["value"]), values)


@pytest.mark.parametrize("broken", [slice(0, 0), slice(0, 5), [0, 1, 2, 3, 4, 4]])
def test_a_codebook_with_gaps_is_refused(broken: Any) -> None:
    with pytest.raises(OlistError, match="do not fill a grid"):
        NeuronMap.from_codebook(codebook_of(np.zeros((2, 3))).iloc[broken])


def test_cells_are_square_unless_the_map_is_very_long() -> None:
    square = NeuronMap.from_codebook(codebook_of(np.zeros((10, 20))))
    assert square.size_within(10, 6) == (10, 5)
    assert square.size_within(10, 3) == (6, 3)
    long = NeuronMap.from_codebook(codebook_of(np.zeros((2, 100))))
    assert long.size_within(10, 6) == (10, 1.6)


def test_a_neuron_without_segment() -> None:
    codebook = codebook_of(np.zeros((2, 2))).assign(segment_id=[1, 2, None, 1])
    np.testing.assert_array_equal(NeuronMap.from_codebook(codebook).segments(codebook), [[1, 2], [-1, 1]])


def test_segment_image_tells_empty_neurons_and_foreign_ids() -> None:
    image = segment_image(
        np.array([[1, 1], [2, 0]]), np.array([[5.0, 0.0], [1.0, 0.0]]), {1: "#0072b2", 2: "#e69f00"}
    )
    np.testing.assert_allclose(image[0, 0], to_rgb("#0072b2"))
    np.testing.assert_allclose(image[0, 1], tint("#0072b2", 0.62))
    np.testing.assert_allclose(image[1, 0], to_rgb("#e69f00"))
    np.testing.assert_allclose(image[1, 1], to_rgb(EMPTY))


def test_borders_run_between_different_segments_only() -> None:
    segments = np.array([[1, 1, 2], [1, 3, 3]])
    lines = NeuronMap.from_codebook(codebook_of(segments)).border_lines(segments)
    assert {tuple(map(tuple, line)) for line in lines} == {
        ((1.5, -0.5), (1.5, 0.5)),
        ((0.5, 0.5), (0.5, 1.5)),
        ((0.5, 0.5), (1.5, 0.5)),
        ((1.5, 0.5), (2.5, 0.5)),
    }


def test_odd_rows_of_hexagons_lie_half_a_column_further() -> None:
    wide = NeuronMap.from_codebook(codebook_of(np.zeros((2, 3))), "hexagonal")
    x, y = wide.centres
    assert x.tolist() == [[0, 1, 2], [0.5, 1.5, 2.5]]
    assert y.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert wide.limits == ((-0.5, 3.0), (pytest.approx(-2 / 3), pytest.approx(5 / 3)))
    tall = NeuronMap.from_codebook(codebook_of(np.zeros((3, 2))), "hexagonal")
    x, y = tall.centres
    assert y.tolist() == [[0, 0.5, 0], [1, 1.5, 1]]
    assert x.tolist() == [[0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize("shape", [(5, 8), (8, 5)])
def test_hexagons_are_regular_and_meet_their_neighbours(shape: tuple[int, int]) -> None:
    neurons = NeuronMap.from_codebook(codebook_of(np.zeros(shape)), "hexagonal")
    inches = neurons.cells() * neurons.cell_size(*neurons.size_within(10, 10))
    sides = np.linalg.norm(inches - np.roll(inches, 1, axis=1), axis=2)
    np.testing.assert_allclose(sides, sides[0, 0])
    _, counts = np.unique(neurons.cells().round(6).reshape(-1, 2), axis=0, return_counts=True)
    assert counts.max() == 3, "three hexagons meet at a corner"


@pytest.mark.parametrize("shape", [(6, 9), (9, 6)])
@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_borders_are_the_edges_that_cells_of_two_segments_share(
    shape: tuple[int, int], topology: str
) -> None:
    values = np.random.default_rng(0).integers(0, 3, shape)
    codebook = codebook_of(values)
    neurons = NeuronMap.from_codebook(codebook, topology)
    segments = neurons.image(codebook["value"]).astype(int)
    owners: dict[frozenset[tuple[float, float]], list[int]] = {}
    for cell, segment in zip(neurons.cells().round(6), segments.ravel(), strict=True):
        for start, end in zip(cell, np.roll(cell, 1, axis=0), strict=True):
            owners.setdefault(frozenset((tuple(start), tuple(end))), []).append(int(segment))
    shared = {edge for edge, ids in owners.items() if len(set(ids)) == 2}
    lines = neurons.border_lines(segments).round(6)
    assert {frozenset(map(tuple, line)) for line in lines} == shared
    assert len(lines) == len(shared)
