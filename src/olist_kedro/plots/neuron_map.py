"""A codebook as a map: images of its columns, axes, borders between segments."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from olist_kedro.errors import OlistError
from olist_kedro.plots.style import EMPTY, FONT, MUTED, plain_axes, quiet_axes, tint

EMPTY_TINT = 0.62  # how far a neuron without customers is mixed with white

# Cells of the map, in columns to the right of and rows above their centre: corners, and the edges on which
# they meet a cell that comes later (step in rows, step in columns, corners of the edge).
_Corners = tuple[tuple[float, float], ...]
_Edges = tuple[tuple[int, int, int, int], ...]
_SQUARE: _Corners = ((0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5))
_SQUARE_EDGES: _Edges = ((0, 1, 0, 1), (1, 0, 2, 1))
# Rows of hexagons are less than a hexagon apart. Steps to the next row are those of an even row; odd ones
# are shifted to the right by half a column.
_HEXAGON: _Corners = (
    (0.5, -1 / 3), (0.5, 1 / 3), (0, 2 / 3), (-0.5, 1 / 3), (-0.5, -1 / 3), (0, -2 / 3),
)  # fmt: skip
_HEXAGON_EDGES: _Edges = ((0, 1, 0, 1), (1, 0, 1, 2), (1, -1, 2, 3))
_HEXAGON_ROW_HEIGHT = 0.75**0.5  # in columns


@dataclass(frozen=True)
class NeuronMap:
    """Where each neuron of a codebook lies in the picture.

    The longer side of the grid lies along x, whether it is rows or columns; the origin is at the lower left.
    Places are counted in rows and columns; cells of odd rows of a hexagonal grid lie half a column further.

    Attributes:
        index: Position in the codebook of the neuron in each cell, shape (height, width).
        is_transposed: Whether x counts rows instead of columns.
        is_hexagonal: Whether cells are hexagons.
    """

    index: NDArray[np.int64]
    is_transposed: bool
    is_hexagonal: bool = False

    @classmethod
    def from_codebook(cls, codebook: pd.DataFrame, topology: str = "rectangular") -> "NeuronMap":
        """Read the grid from the columns `row` and `col`, in whatever order the neurons come.

        Args:
            codebook: One row a neuron.
            topology: "rectangular" or "hexagonal".

        Raises:
            OlistError: Where the codebook is not a complete grid.
        """
        rows, columns = codebook["row"].to_numpy(), codebook["col"].to_numpy()
        shape = (int(rows.max()) + 1, int(columns.max()) + 1) if len(codebook) else (0, 0)
        index = np.full(shape, -1, dtype=np.int64)
        index[rows, columns] = np.arange(len(codebook))
        if len(codebook) == 0 or len(codebook) != index.size or (index < 0).any():
            raise OlistError(
                f"The codebook's {len(codebook)} neurons do not fill a grid of {shape[0]} x {shape[1]}.\n"
                "Train the map again: `kedro run --pipeline=segmentation`."
            )
        is_transposed = shape[0] > shape[1]
        return cls(index.T if is_transposed else index, is_transposed, topology == "hexagonal")

    @property
    def height(self) -> int:
        """Cells along y."""
        return int(self.index.shape[0])

    @property
    def width(self) -> int:
        """Cells along x."""
        return int(self.index.shape[1])

    def image(self, values: pd.Series) -> NDArray[np.float64]:
        """One codebook column as an image of shape (height, width)."""
        return values.to_numpy(dtype=np.float64, na_value=np.nan)[self.index]

    def segments(self, codebook: pd.DataFrame) -> NDArray[np.int64]:
        """Segment ids as an image; -1 where a neuron belongs to none."""
        return np.nan_to_num(self.image(codebook["segment_id"]), nan=-1).astype(np.int64)

    @property
    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the cells' centres are, x and y, both of shape (height, width)."""
        y, x = map(np.asarray, np.indices(self.index.shape, dtype=np.float64))
        if self.is_hexagonal:
            row, column = (x, y) if self.is_transposed else (y, x)
            column += row % 2 / 2
        return x, y

    @property
    def limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The outermost edges of the cells along x and along y."""
        corners = self._turned(np.array(self._corners))
        along_x, along_y = (
            (float(place.min() + corners[:, axis].min()), float(place.max() + corners[:, axis].max()))
            for axis, place in enumerate(self.centres)
        )
        return along_x, along_y

    def cell_size(self, width: float, height: float) -> tuple[float, float]:
        """What a step along x and along y measures in a picture of a size, in the same unit."""
        (left, right), (low, high) = self.limits
        return width / (right - left), height / (high - low)

    def size_within(self, width: float, height: float, least_height: float = 1.6) -> tuple[float, float]:
        """Inches of a picture with even cells in a box; a very long map is stretched to a least height."""
        row_height = _HEXAGON_ROW_HEIGHT if self.is_hexagonal else 1.0
        step_x, step_y = (row_height, 1.0) if self.is_transposed else (1.0, row_height)
        (left, right), (low, high) = self.limits
        across, up = (right - left) * step_x, (high - low) * step_y
        scale = min(width / across, height / up)
        return across * scale, min(height, max(up * scale, least_height))

    def cells(self) -> NDArray[np.float64]:
        """Outline of each cell, row by row, shape (height * width, n_corners, 2): points (x, y)."""
        centres = np.stack(self.centres, axis=-1).reshape(-1, 1, 2)
        return centres + self._turned(np.array(self._corners))

    def border_lines(self, segments: NDArray[np.int64]) -> NDArray[np.float64]:
        """Cell edges between different segments, shape (n_edges, 2, 2): two points (x, y) each.

        Args:
            segments: Segment id of each cell, shape (height, width).
        """
        ids, centres = segments, np.stack(self.centres, axis=-1)
        if self.is_transposed:
            ids, centres = ids.T, centres.transpose(1, 0, 2)
        row, column = map(np.asarray, np.indices(ids.shape))
        lines = []
        for up, right, start, end in _HEXAGON_EDGES if self.is_hexagonal else _SQUARE_EDGES:
            other_row, other_column = row + up, column + right
            if self.is_hexagonal:
                other_column = other_column + up * (row % 2)
            inside = (other_row < ids.shape[0]) & (other_column >= 0) & (other_column < ids.shape[1])
            differ = ids[inside] != ids[other_row[inside], other_column[inside]]
            edge = self._turned(np.array([self._corners[start], self._corners[end]]))
            lines.append(centres[inside][differ][:, None] + edge)
        return np.concatenate(lines)

    @property
    def _corners(self) -> _Corners:
        return _HEXAGON if self.is_hexagonal else _SQUARE

    def _turned(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points in (columns, rows) as (x, y)."""
        return points[:, ::-1] if self.is_transposed else points


def segment_image(
    segments: NDArray[np.int64], customers: NDArray[np.float64], colours: dict[int, str]
) -> NDArray[np.float64]:
    """RGB image of shape (height, width, 3): segment colours, paler where a neuron has no customers."""
    image = np.empty((*segments.shape, 3))
    image[:] = to_rgb(EMPTY)
    for segment_id, colour in colours.items():
        image[(segments == segment_id) & (customers > 0)] = to_rgb(colour)
        image[(segments == segment_id) & (customers == 0)] = tint(colour, EMPTY_TINT)
    return image


def draw_borders(
    axes: Axes,
    neurons: NeuronMap,
    segments: NDArray[np.int64],
    colour: str = "white",
    width: float = 1.6,
) -> None:
    """Draw the borders between segments."""
    lines = list(neurons.border_lines(segments))
    axes.add_collection(
        LineCollection(lines, colors=colour, linewidths=width, capstyle="projecting"), autolim=False
    )


def frame_map(axes: Axes, neurons: NeuronMap, *, with_ticks: bool = True) -> None:
    """Set the limits to the cells and name the axes after the grid's own rows and columns."""
    along_x, along_y = neurons.limits
    axes.set_xlim(along_x)
    axes.set_ylim(along_y)
    if not with_ticks:
        plain_axes(axes)
        return
    quiet_axes(axes, size=9)
    axes.locator_params(nbins=9, integer=True, steps=[1, 2, 5, 10])
    axes.set_xticks([tick for tick in axes.get_xticks() if 0 <= tick < neurons.width])
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick < neurons.height])
    x_name, y_name = (
        ("neuron row", "neuron column") if neurons.is_transposed else ("neuron column", "neuron row")
    )
    axes.set_xlabel(x_name, fontsize=9, color=MUTED, fontfamily=FONT)
    axes.set_ylabel(y_name, fontsize=9, color=MUTED, fontfamily=FONT)


def draw_image(
    axes: Axes, neurons: NeuronMap, image: NDArray[np.float64], **options: Any
) -> AxesImage | PolyCollection:
    """Show an image with one cell a neuron, sharp edges, the origin at the lower left.

    Args:
        axes: Where to draw.
        neurons: The grid.
        image: Values of shape (height, width), or colours of shape (height, width, 3).
        options: How values become colours: cmap, norm, vmin, vmax.
    """
    if not neurons.is_hexagonal:
        return axes.imshow(image, origin="lower", aspect="auto", interpolation="nearest", **options)
    limits = {name: options.pop(name, None) for name in ("vmin", "vmax")}
    # Edges of the cells' own colour close the gaps that rounding to pixels leaves between them.
    cells = PolyCollection(list(neurons.cells()), edgecolors="face", linewidths=0.3, **options)
    if image.ndim == 3:
        cells.set_facecolor(list(map(tuple, image.reshape(-1, 3))))
    else:
        cells.set_array(image.ravel())
        cells.set_clim(**limits) if limits["vmin"] is not None else cells.autoscale_None()
    axes.add_collection(cells, autolim=False)
    return cells
