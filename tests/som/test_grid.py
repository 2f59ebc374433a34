import numpy as np
import pytest

from olist_kedro.som.grid import RectangularGrid


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 5), (4, 1), (5, 3)])
def test_neighbour_pairs_are_the_touching_neurons(rows, columns):
    grid = RectangularGrid(rows, columns)
    neurons = np.arange(grid.n_neurons)
    first, second = np.meshgrid(neurons, neurons)
    touching = grid.are_neighbours(first.ravel(), second.ravel()).reshape(first.shape)
    listed = np.eye(grid.n_neurons, dtype=bool)
    listed[grid.neighbour_pairs()] = True
    assert np.array_equal(touching, listed | listed.T)


def test_neighbours_do_not_reach_around_the_edge():
    grid = RectangularGrid(2, 3)
    assert grid.are_neighbours(np.array([2, 0, 0]), np.array([3, 4, 2])).tolist() == [False, True, False]


def test_smooth_weighs_by_a_gaussian_of_the_grid_distance():
    grid = RectangularGrid(4, 3)
    values = np.random.default_rng(0).normal(size=(12, 2))
    place = grid.positions(np.arange(12))
    squares = ((place[:, None] - place[None]) ** 2).sum(axis=2)
    expected = np.exp(-squares / (2 * 0.8**2)) @ values
    assert np.allclose(grid.smooth(values, 0.8), expected)


def test_plane_spreads_the_longer_side_along_the_first_axis():
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    tall = RectangularGrid(3, 2).plane(np.zeros(2), first, second)
    wide = RectangularGrid(2, 3).plane(np.zeros(2), first, second)
    assert tall.tolist() == [[-1, -1], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 1]]
    assert wide.tolist() == [[-1, -1], [0, -1], [1, -1], [-1, 1], [0, 1], [1, 1]]


@pytest.mark.parametrize(("rows", "columns", "factor"), [(8, 6, 2), (7, 5, 2), (8, 8, 4), (1, 9, 2)])
def test_upsampling_keeps_a_plane_even_beyond_the_coarse_edge(rows, columns, factor):
    fine = RectangularGrid(rows, columns)
    coarse = fine.coarsened(factor)

    def middles(grid):
        place = (grid.positions(np.arange(grid.n_neurons)) + 0.5) / [grid.rows, grid.columns]
        return place * [1.0 if coarse.rows > 1 else 0.0, 1.0]

    assert np.allclose(fine.upsampled(middles(coarse), coarse), middles(fine))


def test_coarsened_never_drops_the_last_row():
    assert RectangularGrid(5, 1).coarsened(4) == RectangularGrid(2, 1)
