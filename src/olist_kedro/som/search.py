"""Exact search for the neurons nearest to each sample, by faiss where it is installed, else by numpy.

Both engines compare every sample with every neuron. They do so in float32, which is fast; where the answer
itself counts, the nearest few are measured again in float64, so that it depends neither on the engine, nor
on the number of threads, nor on which samples are asked together.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
Engine = Literal["faiss", "numpy"]

SEARCHES = ("auto", "faiss", "numpy")

# Blocks bound the memory. Smaller ones would suit the cache, but have BLAS's threads wait for each other.
_BLOCK_BYTES = 2**25
_ROWS_A_MEASURED_BLOCK = 2**18
# faiss finds the one nearest six times faster than the two nearest, so the neurons run in heats.
_HEATS = 8
_FEWEST_NEURONS_A_HEAT = 200


def resolve_search(search: str) -> Engine:
    """Turn the user's choice of search into an engine.

    Args:
        search: "faiss", "numpy", or "auto" for faiss where it is installed.

    Returns:
        The engine to use.

    Raises:
        ValueError: if there is no such search.
        ImportError: if faiss is asked for and not installed.
    """
    if search not in SEARCHES:
        raise ValueError(f"search must be one of {', '.join(map(repr, SEARCHES))}, got {search!r}.")
    has_faiss = find_spec("faiss") is not None
    if search == "faiss" and not has_faiss:
        raise ImportError("search='faiss' needs the package faiss-cpu; install it or choose search='numpy'.")
    return "faiss" if has_faiss and search != "numpy" else "numpy"


def nearest_neuron(
    points: Float32Array, neurons: Float32Array, engine: Engine
) -> tuple[IntArray, Float32Array]:
    """Find the neuron nearest to each point, in float32: where two are as good as equal, either one.

    Args:
        points: shape (n, n_features), near the origin, as float32 keeps seven digits only.
        neurons: shape (n_neurons, n_features), in the same space.
        engine: who searches.

    Returns:
        Neuron numbers and Euclidean distances, both of shape (n,).
    """
    if engine == "faiss":
        squares, nearest = _faiss_search(points, neurons, 1)
        return nearest[:, 0], np.sqrt(np.maximum(squares[:, 0], 0.0))
    nearest = _numpy_candidates(points, neurons, 1)
    difference = points - neurons[nearest[:, 0]]
    return nearest[:, 0], np.sqrt(np.einsum("ij,ij->i", difference, difference))


def nearest_neurons(
    points: FloatArray, neurons: FloatArray, k: int, engine: Engine
) -> tuple[IntArray, FloatArray]:
    """Find the k nearest neurons of each point with their distances accurate to float64.

    Args:
        points: shape (n, n_features).
        neurons: shape (n_neurons, n_features).
        k: 1 or 2, at most n_neurons.
        engine: who searches.

    Returns:
        Neuron numbers, nearest first, and Euclidean distances, both of shape (n, k). Of neurons at the same
        distance the lower number comes first.
    """
    centre = neurons.mean(axis=0)
    reach = max(np.abs(points - centre).max(initial=0.0), np.abs(neurons - centre).max())
    scale = reach if reach > 0 else 1.0
    small_neurons = ((neurons - centre) / scale).astype(np.float32)
    indices = np.empty((len(points), k), dtype=np.int64)
    distances = np.empty((len(points), k))
    for start in range(0, len(points), _ROWS_A_MEASURED_BLOCK):
        block = slice(start, start + _ROWS_A_MEASURED_BLOCK)
        small_points = ((points[block] - centre) / scale).astype(np.float32)
        if engine == "faiss":
            candidates = _faiss_candidates(small_points, small_neurons)
        else:
            candidates = _numpy_candidates(small_points, small_neurons, min(3, len(neurons)))
        indices[block], distances[block] = _measure(points[block], neurons, candidates, k)
    return indices, distances


def _measure(
    points: FloatArray, neurons: FloatArray, candidates: IntArray, k: int
) -> tuple[IntArray, FloatArray]:
    """Order the candidates by their distance in float64 and keep the first k."""
    # Ascending numbers first, so that the stable sort by distance leaves ties in that order.
    candidates = np.sort(candidates, axis=1)
    squares = np.empty(candidates.shape)
    for place in range(candidates.shape[1]):
        difference = points - neurons[candidates[:, place]]
        squares[:, place] = np.einsum("ij,ij->i", difference, difference)
    order = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(candidates, order, 1), np.sqrt(np.take_along_axis(squares, order, 1))


def _numpy_candidates(points: Float32Array, neurons: Float32Array, k: int) -> IntArray:
    """Numbers of the k nearest neurons, nearest first, shape (n, k).

    Nearest is where x.w - |w|^2 / 2 is largest: one matrix product, with the second term as a further column.
    """
    half_squares = 0.5 * np.einsum("ij,ij->i", neurons, neurons)
    weights = np.ascontiguousarray(np.column_stack([neurons, -half_squares]).T)
    inputs = np.column_stack([points, np.ones(len(points), dtype=np.float32)])
    rows_a_block = max(1, _BLOCK_BYTES // (4 * len(neurons)))
    buffer = np.empty((rows_a_block, len(neurons)), dtype=np.float32)
    candidates = np.empty((len(points), k), dtype=np.int64)
    for start in range(0, len(points), rows_a_block):
        block = inputs[start : start + rows_a_block]
        similarity = np.matmul(block, weights, out=buffer[: len(block)])
        rows = np.arange(len(block))
        for place in range(k):
            best = similarity.argmax(axis=1)
            candidates[start : start + len(block), place] = best
            similarity[rows, best] = -np.inf
    return candidates


def _faiss_candidates(points: Float32Array, neurons: Float32Array) -> IntArray:
    """Numbers of up to four neurons, the two nearest among them, shape (n, min(4, n_neurons)).

    The neurons run in heats, every eighth in the same one. The two nearest are among the winners of the two
    best heats and the runner-up of the best heat, and only for that heat two neurons are looked for.
    """
    if len(neurons) < _HEATS * _FEWEST_NEURONS_A_HEAT:
        return _faiss_search(points, neurons, min(4, len(neurons)))[1]
    distances = np.empty((len(points), _HEATS), dtype=np.float32)
    winners = np.empty((len(points), _HEATS), dtype=np.int64)
    for heat in range(_HEATS):
        heat_distances, heat_winners = _faiss_search(points, neurons[heat::_HEATS], 1)
        distances[:, heat] = heat_distances[:, 0]
        winners[:, heat] = heat_winners[:, 0] * _HEATS + heat

    every_row = np.arange(len(points))
    best_heat = distances.argmin(axis=1)
    distances[every_row, best_heat] = np.inf
    second_heat = distances.argmin(axis=1)
    distances[every_row, second_heat] = np.inf
    third_heat = distances.argmin(axis=1)

    candidates = np.empty((len(points), 4), dtype=np.int64)
    candidates[:, 2] = winners[every_row, second_heat]
    candidates[:, 3] = winners[every_row, third_heat]
    for heat in range(_HEATS):
        rows = np.flatnonzero(best_heat == heat)
        if len(rows):
            both = _numpy_candidates(points[rows], neurons[heat::_HEATS], 2)
            candidates[rows, :2] = both * _HEATS + heat
    return candidates


def _faiss_search(points: Float32Array, neurons: Float32Array, k: int) -> tuple[Float32Array, IntArray]:
    """Squared distances and numbers of the k nearest neurons, both of shape (n, k)."""
    import faiss

    index = faiss.IndexFlatL2(neurons.shape[1])
    index.add(np.ascontiguousarray(neurons))
    return index.search(points, k)
