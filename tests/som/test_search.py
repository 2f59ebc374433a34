import sys

import numpy as np
import pytest

from olist_kedro.som import search
from olist_kedro.som.search import nearest_neuron, nearest_neurons, resolve_search


@pytest.fixture(params=["faiss", "numpy"])
def engine(request):
    return request.param


def brute_force(points, neurons, k):
    distances = np.linalg.norm(points[:, None] - neurons[None], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(distances, order, 1)


# The last two grids are large enough for faiss's heats.
@pytest.mark.parametrize("n_neurons", [2, 3, 50, 1_700, 1_999])
def test_finds_the_two_nearest(engine, n_neurons):
    random = np.random.default_rng(n_neurons)
    points, neurons = random.normal(size=(300, 5)), random.normal(size=(n_neurons, 5))
    indices, distances = nearest_neurons(points, neurons, 2, engine)
    expected_indices, expected_distances = brute_force(points, neurons, 2)
    assert np.array_equal(indices, expected_indices)
    assert np.allclose(distances, expected_distances, rtol=1e-12)
    assert indices.dtype == np.int64


def test_tells_neurons_apart_that_float32_cannot(engine):
    far = 1e6
    neurons = np.array([[far], [far + 1e-3], [far + 2e-3], [-far]])
    points = np.array([[far + 1.2e-3], [far + 1.8e-3], [-far]])
    indices, distances = nearest_neurons(points, neurons, 1, engine)
    assert indices[:, 0].tolist() == [1, 2, 3]
    assert np.allclose(distances[:, 0], [2e-4, 2e-4, 0.0], atol=1e-9)


@pytest.mark.parametrize("factor", [1e-30, 1e30])
def test_scale_does_not_matter(engine, factor):
    random = np.random.default_rng(1)
    points, neurons = random.normal(size=(50, 3)), random.normal(size=(20, 3))
    scaled, _ = nearest_neurons(points * factor, neurons * factor, 2, engine)
    assert np.array_equal(scaled, brute_force(points, neurons, 2)[0])


def test_of_equal_neurons_the_first_wins(engine):
    indices, distances = nearest_neurons(np.zeros((2, 2)), np.ones((3, 2)), 2, engine)
    assert indices.tolist() == [[0, 1], [0, 1]]
    assert np.allclose(distances, np.sqrt(2))


def test_blocks_do_not_change_the_answer(engine, monkeypatch):
    random = np.random.default_rng(2)
    points, neurons = random.normal(size=(101, 3)), random.normal(size=(30, 3))
    whole = nearest_neurons(points, neurons, 2, engine)
    monkeypatch.setattr(search, "_BLOCK_BYTES", 30 * 4 * 7)
    monkeypatch.setattr(search, "_ROWS_A_MEASURED_BLOCK", 13)
    blocks = nearest_neurons(points, neurons, 2, engine)
    assert np.array_equal(whole[0], blocks[0])
    assert np.array_equal(whole[1], blocks[1])


def test_nearest_neuron_agrees_with_the_accurate_search(engine):
    random = np.random.default_rng(3)
    points = random.normal(size=(200, 4)).astype(np.float32)
    neurons = random.normal(size=(60, 4)).astype(np.float32)
    winners, distances = nearest_neuron(points, neurons, engine)
    indices, expected = brute_force(points.astype(float), neurons.astype(float), 1)
    assert np.array_equal(winners, indices[:, 0])
    assert np.allclose(distances, expected[:, 0], atol=1e-5)


def test_auto_takes_faiss_where_it_is_installed():
    assert resolve_search("auto") == "faiss"
    assert resolve_search("numpy") == "numpy"


def test_without_faiss_auto_takes_numpy_and_faiss_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "faiss", raising=False)
    monkeypatch.setattr(search, "find_spec", lambda name: None)
    assert resolve_search("auto") == "numpy"
    with pytest.raises(ImportError, match="faiss-cpu"):
        resolve_search("faiss")


def test_unknown_search_is_refused():
    with pytest.raises(ValueError, match="search must be one of 'auto', 'faiss', 'numpy', got 'kd'"):
        resolve_search("kd")
