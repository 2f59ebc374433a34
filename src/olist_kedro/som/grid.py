"""The map's geometry: which neurons lie side by side, how far a winner's influence reaches.

Everything that depends on the shape of the map is here, so training and measures work on any grid that
offers these methods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class RectangularGrid:
    """A planar grid of neurons at unit distance, numbered row by row: neuron = row * columns + column.

    Attributes:
        rows: number of rows, at least 1.
        columns: number of columns, at least 1.
    """

    rows: int
    columns: int

    @property
    def n_neurons(self) -> int:
        """Number of neurons of the grid."""
        return self.rows * self.columns

    def positions(self, neurons: IntArray) -> IntArray:
        """Row and column of each neuron.

        Args:
            neurons: neuron numbers, shape (n,).

        Returns:
            Rows and columns, shape (n, 2).
        """
        return np.column_stack(np.divmod(neurons, self.columns))

    def are_neighbours(self, first: IntArray, second: IntArray) -> NDArray[np.bool_]:
        """Tell which pairs of neurons touch, side by side or at a corner (up to eight neighbours each).

        Args:
            first: neuron numbers, shape (n,).
            second: neuron numbers, shape (n,).

        Returns:
            Shape (n,); a neuron counts as its own neighbour.
        """
        steps = np.abs(self.positions(first) - self.positions(second))
        return steps.max(axis=1) <= 1

    def neighbour_pairs(self) -> tuple[IntArray, IntArray]:
        """List every pair of neighbouring neurons once.

        Returns:
            First and second neuron of each pair, both of shape (n_pairs,).
        """
        neurons = np.arange(self.n_neurons, dtype=np.int64).reshape(self.rows, self.columns)
        pairs = [
            (neurons[:, :-1], neurons[:, 1:]),
            (neurons[:-1, :], neurons[1:, :]),
            (neurons[:-1, :-1], neurons[1:, 1:]),
            (neurons[:-1, 1:], neurons[1:, :-1]),
        ]
        first = np.concatenate([one.ravel() for one, _ in pairs])
        second = np.concatenate([other.ravel() for _, other in pairs])
        return first, second

    def smooth(self, values: FloatArray, sigma: float) -> FloatArray:
        """Sum the neurons' values, weighted by a Gaussian of their distance on the grid.

        The rectangular grid makes the Gaussian separable: one small product along the rows and one along
        the columns. einsum rather than BLAS, whose rounding may depend on the number of threads.

        Args:
            values: one row of values a neuron, shape (n_neurons, n_values).
            sigma: width of the Gaussian, in grid steps.

        Returns:
            Weighted sums, shape (n_neurons, n_values).
        """
        field = values.reshape(self.rows, self.columns, -1)
        field = np.einsum("rs,scv->rcv", _gaussian(self.rows, sigma), field)
        field = np.einsum("cd,rdv->rcv", _gaussian(self.columns, sigma), field)
        return field.reshape(self.n_neurons, -1)

    def plane(self, centre: FloatArray, first_axis: FloatArray, second_axis: FloatArray) -> FloatArray:
        """Lay the neurons out evenly on a plane of the data space, the longer side along the first axis.

        Args:
            centre: middle of the plane, shape (n_features,).
            first_axis: from the middle to the edge of the longer side, shape (n_features,).
            second_axis: the same for the shorter side, shape (n_features,).

        Returns:
            Codebook, shape (n_neurons, n_features).
        """
        row, column = _from_minus_to_plus_one(self.rows), _from_minus_to_plus_one(self.columns)
        along_rows, along_columns = (
            (first_axis, second_axis) if self.rows >= self.columns else (second_axis, first_axis)
        )
        codebook = centre + row[:, None, None] * along_rows + column[None, :, None] * along_columns
        return codebook.reshape(self.n_neurons, -1)

    def coarsened(self, factor: int) -> RectangularGrid:
        """Return the grid that covers the same map with neurons `factor` times as far apart."""
        return RectangularGrid(-(-self.rows // factor), -(-self.columns // factor))

    def upsampled(self, codebook: FloatArray, coarse: RectangularGrid) -> FloatArray:
        """Carry a coarser grid's codebook over to this grid by bilinear interpolation.

        Args:
            codebook: the coarse grid's weights, shape (coarse.n_neurons, n_features).
            coarse: the grid the codebook belongs to.

        Returns:
            Codebook of this grid, shape (n_neurons, n_features).
        """
        field = codebook.reshape(coarse.rows, coarse.columns, -1)
        field = np.einsum("rs,scv->rcv", _interpolation(self.rows, coarse.rows), field)
        field = np.einsum("cd,rdv->rcv", _interpolation(self.columns, coarse.columns), field)
        return field.reshape(self.n_neurons, -1)


def _gaussian(length: int, sigma: float) -> FloatArray:
    """Gaussian weight of every position of a line on every other, shape (length, length)."""
    steps = np.subtract.outer(np.arange(length), np.arange(length))
    return np.exp(-(steps**2) / (2.0 * sigma**2))


def _from_minus_to_plus_one(length: int) -> FloatArray:
    """Evenly spaced positions on a line; its middle where there is only one."""
    return np.linspace(-1.0, 1.0, length) if length > 1 else np.zeros(1)


def _interpolation(fine: int, coarse: int) -> FloatArray:
    """Weights of `coarse` cells in each of `fine` cells of the same line, shape (fine, coarse).

    Linear between the cells' middles and beyond the outer ones, so that a plane stays the same plane.
    """
    if coarse == 1:
        return np.ones((fine, 1))
    position = (np.arange(fine) + 0.5) * coarse / fine - 0.5
    left = np.clip(np.floor(position), 0, coarse - 2).astype(np.int64)
    weights = np.zeros((fine, coarse))
    weights[np.arange(fine), left] = 1.0 - (position - left)
    weights[np.arange(fine), left + 1] = position - left
    return weights
