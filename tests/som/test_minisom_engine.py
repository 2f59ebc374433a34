import numpy as np
import pytest
from minisom import MiniSom

from olist_kedro.som.minisom_engine import train_minisom


def test_takes_the_same_steps_as_minisom():
    data = np.random.default_rng(0).normal(size=(70, 3))
    codebook = train_minisom(data, 5, 4, sigma=1.2, learning_rate=0.15, iterations=1_500, random_state=42)
    som = MiniSom(5, 4, 3, sigma=1.2, learning_rate=0.15, neighborhood_function="gaussian", random_seed=42)
    som.train_random(data, 1_500)
    assert np.array_equal(codebook, som.get_weights().reshape(20, 3))


def test_neurons_are_numbered_row_by_row():
    data = np.array([[0.0, 0.0], [1.0, 1.0]])
    codebook = train_minisom(data, 2, 3, sigma=0.5, learning_rate=0.15, iterations=10, random_state=0)
    som = MiniSom(2, 3, 2, sigma=0.5, learning_rate=0.15, random_seed=0)
    som.train_random(data, 10)
    assert codebook.shape == (6, 2)
    assert all(
        np.array_equal(codebook[3 * row + col], som.get_weights()[row, col]) for row, col in np.ndindex(2, 3)
    )


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="X contains NaN"):
        train_minisom([[np.nan]], 2, 2, iterations=5)
    with pytest.raises(ValueError, match="iterations must be at least 1, got 0"):
        train_minisom([[1.0]], 2, 2, iterations=0)
