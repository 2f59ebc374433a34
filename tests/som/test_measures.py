import numpy as np
import pandas as pd
import pytest
from minisom import MiniSom

from olist_kedro.som import measures

ROWS, COLUMNS, FEATURES = 6, 4, 5


@pytest.fixture
def minisom():
    som = MiniSom(ROWS, COLUMNS, FEATURES, sigma=1.0, learning_rate=0.5, random_seed=0)
    som.train_random(samples(), 200)
    return som


def samples():
    return np.random.default_rng(0).normal(size=(400, FEATURES))


def codebook_of(minisom):
    return minisom.get_weights().reshape(ROWS * COLUMNS, FEATURES)


@pytest.mark.parametrize("search", ["faiss", "numpy"])
def test_same_figures_as_minisom_for_the_same_weights(minisom, search):
    data, codebook = samples(), codebook_of(minisom)
    bmu, distance = measures.best_matching_units(data, codebook, search)
    winners = [minisom.winner(sample) for sample in data]
    assert [divmod(int(neuron), COLUMNS) for neuron in bmu] == [tuple(map(int, place)) for place in winners]
    assert np.allclose(distance, np.linalg.norm(data - minisom.quantization(data), axis=1))
    assert measures.quantization_error(data, codebook, search) == pytest.approx(
        minisom.quantization_error(data), abs=1e-12
    )
    error = measures.topographic_error(data, codebook, ROWS, COLUMNS, search)
    assert error == pytest.approx(minisom.topographic_error(data), abs=1e-12)
    assert 0 < error < 1


def test_same_u_matrix_as_minisom(minisom):
    heights = measures.u_matrix(codebook_of(minisom), ROWS, COLUMNS)
    assert np.allclose(heights / heights.max(), minisom.distance_map(scaling="mean"))


@pytest.mark.parametrize("rows", [5, 6])
def test_same_figures_as_minisom_on_a_hexagonal_grid(rows):
    """MiniSom's lines run along its second index. In its coordinates the last line is shifted to the left, in
    its distance map every even one: where the lines are even in number, the first is ours upside down.
    """
    minisom = MiniSom(COLUMNS, rows, FEATURES, sigma=1.0, topology="hexagonal", random_seed=0)
    data = samples()
    minisom.train_random(data, 300)
    weights = minisom.get_weights().transpose(1, 0, 2)
    in_its_coordinates = (weights if rows % 2 else weights[::-1]).reshape(-1, FEATURES)
    bmu, _ = measures.best_matching_units(data, weights.reshape(-1, FEATURES))
    assert [divmod(int(neuron), COLUMNS)[::-1] for neuron in bmu] == [
        tuple(map(int, minisom.winner(sample))) for sample in data
    ]
    assert measures.quantization_error(data, in_its_coordinates) == pytest.approx(
        minisom.quantization_error(data), abs=1e-12
    )
    error = measures.topographic_error(data, in_its_coordinates, rows, COLUMNS, topology="hexagonal")
    assert error == pytest.approx(minisom.topographic_error(data), abs=1e-12)
    assert error > measures.topographic_error(data, in_its_coordinates, rows, COLUMNS)
    heights = measures.u_matrix(weights.reshape(-1, FEATURES), rows, COLUMNS, topology="hexagonal")
    assert np.allclose(heights.T / heights.max(), minisom.distance_map(scaling="mean"))


def test_toroid_joins_opposite_edges():
    codebook = np.array([[0.0], [5.0], [9.0], [1.0]])
    assert measures.topographic_error([[0.4]], codebook, 1, 4) == 1.0
    assert measures.topographic_error([[0.4]], codebook, 1, 4, toroid=True) == 0.0
    assert measures.u_matrix(codebook, 1, 4, toroid=True).tolist() == [[3.0, 4.5, 6.0, 4.5]]


def test_u_matrix_is_the_mean_distance_to_the_neighbours():
    assert measures.u_matrix([[0.0], [3.0], [4.0]], 1, 3).tolist() == [[3.0, 2.0, 1.0]]
    assert measures.u_matrix([[7.0]], 1, 1).tolist() == [[0.0]]


def test_corner_neighbours_keep_the_topology():
    codebook = np.array([[0.0], [9.0], [9.0], [9.0], [1.0], [9.0]])
    assert measures.topographic_error([[0.4]], codebook, 2, 3) == 0.0
    assert measures.topographic_error([[0.4]], codebook, 6, 1) == 1.0
    assert measures.topographic_error([[0.4], [8.0]], codebook, 1, 6) == 0.5


def test_topographic_error_of_one_neuron_has_no_meaning():
    assert np.isnan(measures.topographic_error([[0.4]], [[1.0]], 1, 1))


def test_hits_count_empty_neurons_too():
    assert measures.hits([0, 2, 2], 4).tolist() == [1, 0, 2, 0]


def test_data_frames_are_read():
    frame = pd.DataFrame({"a": [0.0, 5.0], "b": [1, 5]})
    assert measures.quantization_error(frame, [[0.0, 0.0], [5.0, 5.0]]) == pytest.approx(0.5)


def test_missing_values_are_refused():
    with pytest.raises(ValueError, match="X contains NaN"):
        measures.best_matching_units([[np.nan]], [[1.0]])
    with pytest.raises(ValueError, match="codebook contains NaN"):
        measures.best_matching_units([[1.0]], [[np.nan]])


def test_other_features_are_refused():
    with pytest.raises(ValueError, match="X has 2 features, but the codebook has 1"):
        measures.quantization_error([[1.0, 2.0]], [[1.0]])


def test_codebook_that_does_not_fit_the_grid_is_refused():
    with pytest.raises(ValueError, match="A grid of 2 x 2 has 4 neurons, but the codebook has 3"):
        measures.u_matrix(np.zeros((3, 1)), 2, 2)
