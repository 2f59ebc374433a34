import numpy as np
import pytest
from minisom import MiniSom

from olist_kedro.som.grid import Grid

KINDS = [("rectangular", False), ("rectangular", True), ("hexagonal", False), ("hexagonal", True)]
SHAPES = [(1, 1), (1, 5), (4, 1), (5, 3), (2, 2), (6, 4)]
GRIDS = [
    Grid(rows, columns, topology, toroid)
    for rows, columns in SHAPES
    for topology, toroid in KINDS
    if not (topology == "hexagonal" and toroid and rows % 2)
]


def distances(grid):
    """Between all neurons, from their coordinates; on a toroid by the shorter way round."""
    place = grid.coordinates(np.arange(grid.n_neurons))
    steps = np.abs(place[:, None] - place[None])
    if grid.toroid:
        steps = np.minimum(steps, [grid.rows * grid.row_height, grid.columns] - steps)
    return np.sqrt((steps**2).sum(axis=2))


@pytest.mark.parametrize("grid", GRIDS, ids=repr)
def test_neighbours_are_the_neurons_within_reach(grid):
    neurons = np.arange(grid.n_neurons)
    first, second = (ends.ravel() for ends in np.meshgrid(neurons, neurons))
    reach = 1.42 if grid.topology == "rectangular" else 1.001
    within_reach = distances(grid) < reach
    assert np.array_equal(grid.are_neighbours(first, second).reshape(within_reach.shape), within_reach)
    pairs = np.column_stack(grid.neighbour_pairs())
    assert np.array_equal(pairs, np.argwhere(np.triu(within_reach, k=1)))


@pytest.mark.parametrize("grid", GRIDS, ids=repr)
def test_smooth_weighs_by_a_gaussian_of_the_grid_distance(grid):
    values = np.random.default_rng(0).normal(size=(grid.n_neurons, 2))
    expected = np.exp(-(distances(grid) ** 2) / (2 * 0.8**2)) @ values
    assert np.allclose(grid.smooth(values, 0.8), expected)


def test_neighbours_do_not_reach_around_the_edge_of_a_planar_grid():
    first, second = np.array([2, 0, 0]), np.array([3, 4, 2])
    assert Grid(2, 3).are_neighbours(first, second).tolist() == [False, True, False]
    assert Grid(2, 3, toroid=True).are_neighbours(first, second).tolist() == [True, True, True]


def test_hexagonal_neighbours_depend_on_the_row():
    """Neuron 5 (row 1, shifted to the right) and neuron 9 (row 2) of a grid of four columns."""
    first, second = Grid(4, 4, "hexagonal").neighbour_pairs()

    def neighbours(neuron):
        return sorted([*second[first == neuron].tolist(), *first[second == neuron].tolist()])

    assert neighbours(5) == [1, 2, 4, 6, 9, 10]
    assert neighbours(9) == [4, 5, 8, 10, 12, 13]


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
@pytest.mark.parametrize("rows", [5, 6])
def test_same_neighbourhood_as_minisom(topology, rows):
    """MiniSom's lines run along its second index; those that it shifts depend on whether they are even."""
    grid = Grid(rows, 4, topology)
    minisom = MiniSom(4, rows, 1, topology=topology)
    upside_down = topology == "hexagonal" and rows % 2 == 0
    influence = grid.smooth(np.eye(grid.n_neurons), 1.3)
    for neuron in range(grid.n_neurons):
        row, column = divmod(neuron, 4)
        expected = minisom._gaussian((column, rows - 1 - row if upside_down else row), 1.3).T
        assert np.allclose(influence[neuron], (expected[::-1] if upside_down else expected).ravel())


def test_plane_spreads_the_longer_side_along_the_first_axis():
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    tall = Grid(3, 2).plane(np.zeros(2), first, second)
    wide = Grid(2, 3).plane(np.zeros(2), first, second)
    assert tall.tolist() == [[-1, -1], [-1, 1], [0, -1], [0, 1], [1, -1], [1, 1]]
    assert wide.tolist() == [[-1, -1], [0, -1], [1, -1], [-1, 1], [0, 1], [1, 1]]
    shifted = Grid(2, 3, "hexagonal").plane(np.zeros(2), first, second)
    assert np.allclose(shifted[:, 0], [-1, -0.2, 0.6, -0.6, 0.2, 1])


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
@pytest.mark.parametrize(("rows", "columns", "factor"), [(8, 6, 2), (7, 5, 2), (8, 8, 4), (1, 9, 2)])
def test_upsampling_keeps_a_plane_even_beyond_the_coarse_edge(topology, rows, columns, factor):
    fine = Grid(rows, columns, topology)
    coarse = fine.coarsened(factor)

    def middles(grid):
        """Places in parts of the map's height and width; half a hexagon stands out of a row."""
        width = grid.columns + (0.5 if topology == "hexagonal" and fine.rows > 1 else 0.0)
        place = grid.coordinates(np.arange(grid.n_neurons)) / [grid.row_height, 1.0]
        return (place + 0.5) / [grid.rows, width] * [1.0 if coarse.rows > 1 else 0.0, 1.0]

    assert np.allclose(fine.upsampled(middles(coarse), coarse), middles(fine))


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_upsampling_a_toroid_goes_on_over_the_edge(topology):
    """However the coarse map is turned around, the fine one turns with it."""
    fine, coarse = Grid(8, 12, topology, toroid=True), Grid(4, 6, topology, toroid=True)
    field = np.random.default_rng(0).normal(size=(4, 6, 1))

    def upsampled(values):
        return fine.upsampled(values.reshape(24, 1), coarse).reshape(8, 12)

    turned = upsampled(np.roll(field, (2, 1), axis=(0, 1)))
    assert np.allclose(turned, np.roll(upsampled(field), (4, 2), axis=(0, 1)))
    assert np.allclose(upsampled(np.ones_like(field)), 1.0)


def test_coarsened_never_drops_the_last_row():
    assert Grid(5, 1).coarsened(4) == Grid(2, 1)
    assert Grid(5, 1, "hexagonal").coarsened(2) == Grid(3, 1, "hexagonal")


def test_coarsened_hexagonal_toroid_keeps_its_rows_even():
    assert Grid(10, 6, "hexagonal", toroid=True).coarsened(2) == Grid(6, 3, "hexagonal", toroid=True)


def test_impossible_grids_are_refused():
    with pytest.raises(ValueError, match="topology must be one of 'rectangular', 'hexagonal', got 'round'"):
        Grid(2, 2, "round")
    with pytest.raises(ValueError, match="A hexagonal toroid needs an even number of rows, got 5"):
        Grid(5, 4, "hexagonal", toroid=True)
