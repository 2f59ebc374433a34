"""The map's geometry: which neurons lie side by side, how far a winner's influence reaches.

Everything that depends on the shape of the map is here; training and measures work on any grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Topology = Literal["rectangular", "hexagonal"]

TOPOLOGIES = ("rectangular", "hexagonal")


@dataclass(frozen=True)
class Grid:
    """A grid of neurons, numbered row by row: neuron = row * columns + column.

    Neighbours in a row are one step apart. On a rectangular grid so are the rows, and a neuron touches up to
    eight others, at its sides and corners. On a hexagonal grid odd rows are shifted to the right by half a
    step and rows lie sqrt(3) / 2 steps apart, so that a neuron touches up to six others, each one step away.
    A toroid has no edge: its last row touches the first one, and its last column the first one.

    Attributes:
        rows: number of rows, at least 1.
        columns: number of columns, at least 1.
        topology: "rectangular" or "hexagonal".
        toroid: whether opposite edges touch.

    Raises:
        ValueError: if there is no such topology, or the rows of a hexagonal toroid do not meet: with an odd
            number of them, the last and the first are shifted alike.
    """

    rows: int
    columns: int
    topology: Topology = "rectangular"
    toroid: bool = False

    def __post_init__(self) -> None:
        """Check that there is such a grid."""
        if self.topology not in TOPOLOGIES:
            raise ValueError(
                f"topology must be one of {', '.join(map(repr, TOPOLOGIES))}, got {self.topology!r}."
            )
        if self.topology == "hexagonal" and self.toroid and self.rows % 2:
            raise ValueError(f"A hexagonal toroid needs an even number of rows, got {self.rows}.")

    @property
    def n_neurons(self) -> int:
        """Number of neurons of the grid."""
        return self.rows * self.columns

    @property
    def row_height(self) -> float:
        """Distance of two rows, in steps."""
        return 1.0 if self.topology == "rectangular" else float(np.sqrt(0.75))

    def positions(self, neurons: IntArray) -> IntArray:
        """Row and column of each neuron.

        Args:
            neurons: neuron numbers, shape (n,).

        Returns:
            Rows and columns, shape (n, 2).
        """
        return np.column_stack(np.divmod(neurons, self.columns))

    def coordinates(self, neurons: IntArray) -> FloatArray:
        """Place of each neuron in the plane; on a rectangular grid its row and column.

        Args:
            neurons: neuron numbers, shape (n,).

        Returns:
            Down and to the right of neuron 0, in steps, shape (n, 2).
        """
        row, column = np.divmod(neurons, self.columns)
        return np.column_stack([row * self.row_height, column + self._shifts()[row]])

    def are_neighbours(self, first: IntArray, second: IntArray) -> NDArray[np.bool_]:
        """Tell which pairs of neurons touch.

        Args:
            first: neuron numbers, shape (n,).
            second: neuron numbers, shape (n,).

        Returns:
            Shape (n,); a neuron counts as its own neighbour.
        """
        row, column = np.divmod(first, self.columns)
        other_row, other_column = np.divmod(second, self.columns)
        shifts = self._shifts()
        down = self._distance(row, other_row, self.rows)
        right = self._distance(column + shifts[row], other_column + shifts[other_row], self.columns)
        if self.topology == "rectangular":
            return (down <= 1) & (right <= 1)
        return (down <= 1) & (right <= 1 - down / 2)

    def neighbour_pairs(self) -> tuple[IntArray, IntArray]:
        """List every pair of neighbouring neurons once.

        Returns:
            First and second neuron of each pair, the lower number first, both of shape (n_pairs,).
        """
        neurons = np.arange(self.n_neurons, dtype=np.int64)
        steps = np.array([(0, 1), (1, -1), (1, 0), (1, 1)])
        place = (self.positions(neurons)[:, None] + steps).reshape(-1, 2)
        ends = np.repeat(neurons, len(steps))
        shape = np.array([self.rows, self.columns])
        if self.toroid:
            place %= shape
        else:
            inside = ((place >= 0) & (place < shape)).all(axis=1)
            place, ends = place[inside], ends[inside]
        pairs = np.sort(np.column_stack([ends, place @ [self.columns, 1]]), axis=1)
        touching = self.are_neighbours(pairs[:, 0], pairs[:, 1]) & (pairs[:, 0] != pairs[:, 1])
        # On a toroid of two rows a neuron meets the same one upwards and downwards.
        first, second = np.unique(pairs[touching], axis=0).T
        return first, second

    def smooth(self, values: FloatArray, sigma: float) -> FloatArray:
        """Sum the neurons' values, weighted by a Gaussian of their distance on the grid.

        Args:
            values: one row of values a neuron, shape (n_neurons, n_values).
            sigma: width of the Gaussian, in steps.

        Returns:
            Weighted sums, shape (n_neurons, n_values).
        """

        def gaussian(to: FloatArray, of: FloatArray, length: int, unit: float = 1.0) -> FloatArray:
            steps = self._distance(to[:, None], of, length) * unit
            return np.exp(-(steps**2) / (2.0 * sigma**2))

        row, column = np.arange(self.rows, dtype=np.float64), np.arange(self.columns, dtype=np.float64)
        return self._separably(
            values,
            self,
            gaussian(row, row, self.rows, self.row_height),
            lambda shift, other_shift: gaussian(column + shift, column + other_shift, self.columns),
        )

    def plane(self, centre: FloatArray, first_axis: FloatArray, second_axis: FloatArray) -> FloatArray:
        """Lay the neurons out evenly on a plane of the data space, the longer side along the first axis.

        A toroid too starts on the plane: the first, wide Gaussians close it.

        Args:
            centre: middle of the plane, shape (n_features,).
            first_axis: from the middle to the edge of the longer side, shape (n_features,).
            second_axis: the same for the shorter side, shape (n_features,).

        Returns:
            Codebook, shape (n_neurons, n_features).
        """
        down, right = map(_from_minus_to_plus_one, self.coordinates(np.arange(self.n_neurons)).T)
        longer, shorter = (down, right) if self.rows >= self.columns else (right, down)
        return centre + longer[:, None] * first_axis + shorter[:, None] * second_axis

    def coarsened(self, factor: int) -> Grid:
        """Return the grid that covers the same map with neurons `factor` times as far apart."""
        rows = -(-self.rows // factor)
        if self.topology == "hexagonal" and self.toroid:
            rows += rows % 2
        return Grid(rows, -(-self.columns // factor), self.topology, self.toroid)

    def upsampled(self, codebook: FloatArray, coarse: Grid) -> FloatArray:
        """Carry a coarser grid's codebook over to this grid by linear interpolation along rows and columns.

        Args:
            codebook: the coarse grid's weights, shape (coarse.n_neurons, n_features).
            coarse: the grid the codebook belongs to, of the same topology.

        Returns:
            Codebook of this grid, shape (n_neurons, n_features).
        """
        row = (np.arange(self.rows) + 0.5) * coarse.rows / self.rows - 0.5
        column = np.arange(self.columns) + 0.5
        # The width holds the half step by which the rows of a planar hexagonal grid stand out.
        overhang = 0.0 if self.toroid else self._shifts().max()
        width, coarse_width = self.columns + overhang, coarse.columns + overhang

        def between_columns(shift: float, coarse_shift: float) -> FloatArray:
            place = (column + shift) * coarse_width / width - 0.5 - coarse_shift
            return _interpolation(place, coarse.columns, self.toroid)

        return self._separably(
            codebook, coarse, _interpolation(row, coarse.rows, self.toroid), between_columns
        )

    def _shifts(self) -> FloatArray:
        """How far each row is shifted to the right, shape (rows,)."""
        shifts = np.zeros(self.rows)
        for rows, shift in self._rows_alike():
            shifts[rows] = shift
        return shifts

    def _rows_alike(self) -> list[tuple[slice, float]]:
        """Rows that are shifted alike, and how far to the right."""
        if self.topology == "rectangular":
            return [(slice(None), 0.0)]
        return [(slice(0, None, 2), 0.0), (slice(1, None, 2), 0.5)]

    def _distance(self, to: NDArray, of: NDArray, length: int) -> NDArray:
        """Distance along one side of the grid; on a toroid the shorter way round."""
        steps = np.abs(to - of)
        return np.minimum(steps, length - steps) if self.toroid else steps

    def _separably(
        self,
        values: FloatArray,
        source: Grid,
        between_rows: FloatArray,
        between_columns: Callable[[float, float], FloatArray],
    ) -> FloatArray:
        """Sum the source grid's values with weights that are a product of one for rows and one for columns.

        On a hexagonal grid the weights for columns depend on how both rows are shifted. So there is one small
        product along the rows and one along the columns for each pair of shifts: one pair on a rectangular
        grid, four on a hexagonal one, each with half the rows of either side. einsum rather than BLAS, whose
        rounding may depend on the number of threads.

        Args:
            values: shape (source.n_neurons, n_values).
            source: the values' grid.
            between_rows: weights, shape (rows, source.rows).
            between_columns: function of this grid's and the source's shift: weights, shape (columns,
                source.columns).

        Returns:
            Shape (n_neurons, n_values).
        """
        field = values.reshape(source.rows, source.columns, -1)
        result = np.zeros((self.rows, self.columns, field.shape[2]))
        for rows, shift in self._rows_alike():
            for source_rows, source_shift in source._rows_alike():
                part = np.einsum("rs,scv->rcv", between_rows[rows, source_rows], field[source_rows])
                result[rows] += np.einsum("cd,rdv->rcv", between_columns(shift, source_shift), part)
        return result.reshape(self.n_neurons, -1)


def _from_minus_to_plus_one(places: FloatArray) -> FloatArray:
    """Scale places to [-1, 1]; 0 where there is only one."""
    span = places.max()
    return places * (2.0 / span) - 1.0 if span > 0 else np.zeros_like(places)


def _interpolation(places: FloatArray, coarse: int, toroid: bool) -> FloatArray:
    """Weights of `coarse` cells at places among them, shape (n_places, coarse).

    Linear between the cells' middles and, where there is an edge, beyond the outer ones, so that a plane
    stays the same plane.
    """
    if coarse == 1:
        return np.ones((len(places), 1))
    left = np.floor(places).astype(np.int64)
    if not toroid:
        left = np.clip(left, 0, coarse - 2)
    weights = np.zeros((len(places), coarse))
    every = np.arange(len(places))
    weights[every, left % coarse] = 1.0 - (places - left)
    weights[every, (left + 1) % coarse] = places - left
    return weights
