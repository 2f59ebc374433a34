"""The reference's own algorithm: MiniSom, one random sample at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array

from olist_kedro.progress import track
from olist_kedro.som.grid import FloatArray

_STEPS_A_REPORT = 1_000


def train_minisom(
    X: ArrayLike,
    rows: int = 80,
    columns: int = 40,
    *,
    sigma: float = 1.2,
    learning_rate: float = 0.15,
    iterations: int = 1_000_000,
    random_state: int = 42,
) -> FloatArray:
    """Train a map online with MiniSom; the defaults are the reference's.

    The same steps in the same order as MiniSom's `train_random`, with progress. The cost is constant per
    iteration.

    Vettigli, G. (2018). MiniSom: minimalistic and NumPy-based implementation of the Self Organizing Map.

    Args:
        X: samples, shape (n_samples, n_features), scaled.
        rows: rows of the grid.
        columns: columns of the grid.
        sigma: width of the Gaussian neighbourhood at the start, in grid steps.
        learning_rate: share of the way that the winner moves at the start.
        iterations: number of steps; each shows one sample to the map.
        random_state: seed of the first weights and of the samples' order.

    Returns:
        Codebook, shape (rows * columns, n_features), neuron = row * columns + column.

    Raises:
        ValueError: if a value is missing or infinite, or iterations is below 1.
    """
    from minisom import MiniSom

    points = check_array(X, dtype=np.float64, input_name="X")
    if iterations < 1:
        raise ValueError(f"iterations must be at least 1, got {iterations}.")
    som = MiniSom(
        rows,
        columns,
        points.shape[1],
        sigma=sigma,
        learning_rate=learning_rate,
        neighborhood_function="gaussian",
        random_seed=random_state,
    )
    # MiniSom shuffles with the generator that drew its weights: draw as many here before shuffling.
    random = np.random.RandomState(random_state)
    random.rand(rows, columns, points.shape[1])
    order = np.arange(iterations) % len(points)
    random.shuffle(order)

    reports = range(0, iterations, _STEPS_A_REPORT)
    for start in track(reports, f"MiniSom, {iterations:,} iterations"):
        for step in range(start, min(start + _STEPS_A_REPORT, iterations)):
            sample = points[order[step]]
            som.update(sample, som.winner(sample), step, iterations)
    return som.get_weights().reshape(rows * columns, -1).astype(np.float64)
