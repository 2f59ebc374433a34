"""Measures of a map's quality, from data and codebook alone.

They treat the codebook of a fresh `BatchSOM`, one read from a file and MiniSom's weights alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array

from olist_kedro.som.grid import FloatArray, Grid, IntArray, Topology
from olist_kedro.som.search import nearest_neurons, resolve_search


def best_matching_units(
    X: ArrayLike, codebook: ArrayLike, search: str = "auto"
) -> tuple[IntArray, FloatArray]:
    """Find each sample's nearest neuron and its distance.

    Args:
        X: samples, shape (n_samples, n_features), in the codebook's space.
        codebook: the neurons' weights, shape (n_neurons, n_features).
        search: "faiss", "numpy", or "auto" for faiss where it is installed. The result is the same.

    Returns:
        Neuron numbers and Euclidean distances, both of shape (n_samples,).

    Raises:
        ValueError: if a value is missing or infinite, or if the numbers of features differ.

    Examples:
        >>> bmu, distance = best_matching_units([[0.0, 3.0]], [[9.0, 9.0], [0.0, 1.0]])
        >>> bmu, distance
        (array([1]), array([2.]))
    """
    bmu, distance = _nearest(X, codebook, 1, search)
    return bmu[:, 0], distance[:, 0]


def quantization_error(X: ArrayLike, codebook: ArrayLike, search: str = "auto") -> float:
    """Mean Euclidean distance of the samples from their nearest neuron.

    Kohonen, T. (2001). Self-Organizing Maps, 3rd ed., Springer.

    Args:
        X: samples, shape (n_samples, n_features), in the codebook's space.
        codebook: the neurons' weights, shape (n_neurons, n_features).
        search: "faiss", "numpy" or "auto".

    Returns:
        The error, in the unit of the (scaled) features; 0 if every sample sits on a neuron.
    """
    return float(best_matching_units(X, codebook, search)[1].mean())


def topographic_error(
    X: ArrayLike,
    codebook: ArrayLike,
    rows: int,
    columns: int,
    search: str = "auto",
    *,
    topology: Topology = "rectangular",
    toroid: bool = False,
) -> float:
    """Share of the samples whose two nearest neurons are not neighbours on the grid.

    Kiviluoto, K. (1996). Topology preservation in self-organizing maps. ICNN'96. On a rectangular grid
    neurons that touch at a corner are neighbours, as in MiniSom (grid distance up to 1.42): up to eight of
    them, against six on a hexagonal grid, so the errors of the two do not compare.

    Args:
        X: samples, shape (n_samples, n_features), in the codebook's space.
        codebook: the neurons' weights, row by row, shape (rows * columns, n_features).
        rows: rows of the grid.
        columns: columns of the grid.
        search: "faiss", "numpy" or "auto".
        topology: "rectangular" or "hexagonal".
        toroid: whether opposite edges touch.

    Returns:
        Between 0 (topology kept for every sample) and 1; NaN on a map of one neuron, where it has no meaning.

    Raises:
        ValueError: if the codebook does not fit the grid.
    """
    grid = _require_fit(codebook, Grid(rows, columns, topology, toroid))
    if grid.n_neurons == 1:
        return float("nan")
    nearest, _ = _nearest(X, codebook, 2, search)
    return float(1.0 - grid.are_neighbours(nearest[:, 0], nearest[:, 1]).mean())


def u_matrix(
    codebook: ArrayLike,
    rows: int,
    columns: int,
    *,
    topology: Topology = "rectangular",
    toroid: bool = False,
) -> FloatArray:
    """Mean distance of each neuron's weights from those of its neighbours on the grid.

    Ridges are borders between groups. Ultsch, A. & Siemon, H. P. (1990). Kohonen's self organizing feature
    maps for exploratory data analysis. INNC'90. Divided by its maximum it is MiniSom's
    `distance_map(scaling="mean")`.

    Args:
        codebook: the neurons' weights, row by row, shape (rows * columns, n_features).
        rows: rows of the grid.
        columns: columns of the grid.
        topology: "rectangular" or "hexagonal".
        toroid: whether opposite edges touch.

    Returns:
        Heights in the unit of the (scaled) features, shape (rows, columns); 0 on a map of one neuron.

    Raises:
        ValueError: if the codebook does not fit the grid.
    """
    grid = _require_fit(codebook, Grid(rows, columns, topology, toroid))
    weights = np.asarray(codebook, dtype=np.float64)
    first, second = grid.neighbour_pairs()
    lengths = np.linalg.norm(weights[first] - weights[second], axis=1)
    ends = np.concatenate([first, second])
    sums = np.bincount(ends, np.concatenate([lengths, lengths]), minlength=grid.n_neurons)
    counts = np.bincount(ends, minlength=grid.n_neurons)
    return (sums / np.maximum(counts, 1)).reshape(rows, columns)


def hits(bmu: ArrayLike, n_neurons: int) -> IntArray:
    """Count the samples of each neuron.

    Args:
        bmu: each sample's best-matching unit, shape (n_samples,).
        n_neurons: number of neurons of the map.

    Returns:
        Counts, shape (n_neurons,).
    """
    return np.bincount(np.asarray(bmu, dtype=np.int64), minlength=n_neurons)


def _nearest(X: ArrayLike, codebook: ArrayLike, k: int, search: str) -> tuple[IntArray, FloatArray]:
    """Check both arrays and search."""
    engine = resolve_search(search)
    points = check_array(X, dtype=np.float64, input_name="X")
    neurons = check_array(codebook, dtype=np.float64, input_name="codebook")
    if points.shape[1] != neurons.shape[1]:
        raise ValueError(
            f"X has {points.shape[1]} features, but the codebook has {neurons.shape[1]}: "
            "both must hold the same features in the same order."
        )
    return nearest_neurons(points, neurons, k, engine)


def _require_fit(codebook: ArrayLike, grid: Grid) -> Grid:
    """Check that the codebook fits the grid, and return the grid."""
    neurons = len(np.asarray(codebook))
    if neurons != grid.n_neurons:
        raise ValueError(
            f"A grid of {grid.rows} x {grid.columns} has {grid.n_neurons} neurons, "
            f"but the codebook has {neurons}."
        )
    return grid
