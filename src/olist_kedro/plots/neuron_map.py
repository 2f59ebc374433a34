"""A codebook as a map: images of its columns, axes, borders between segments."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from olist_kedro.errors import OlistError
from olist_kedro.plots.style import EMPTY, FONT, MUTED, plain_axes, quiet_axes, tint

EMPTY_TINT = 0.62  # how far a neuron without customers is mixed with white


@dataclass(frozen=True)
class NeuronMap:
    """Where each neuron of a codebook lies in the picture.

    The longer side of the grid lies along x, whether it is rows or columns; the origin is at the lower left.

    Attributes:
        index: Position in the codebook of the neuron in each cell, shape (height, width).
        is_transposed: Whether x counts rows instead of columns.
    """

    index: NDArray[np.int64]
    is_transposed: bool

    @classmethod
    def from_codebook(cls, codebook: pd.DataFrame) -> "NeuronMap":
        """Read the grid from the columns `row` and `col`, in whatever order the neurons come.

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
        return cls(index.T if is_transposed else index, is_transposed)

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

    def size_within(self, width: float, height: float, least_height: float = 1.6) -> tuple[float, float]:
        """Inches of a picture with square cells in a box; a very long map is stretched to a least height."""
        scale = min(width / self.width, height / self.height)
        return self.width * scale, min(height, max(self.height * scale, least_height))


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


def border_lines(segments: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cell edges between different segments, shape (n_edges, 2, 2): two points (x, y) each."""
    y, x = np.nonzero(segments[:, 1:] != segments[:, :-1])
    upright = np.stack([np.stack([x + 0.5, y - 0.5], -1), np.stack([x + 0.5, y + 0.5], -1)], axis=1)
    y, x = np.nonzero(segments[1:, :] != segments[:-1, :])
    level = np.stack([np.stack([x - 0.5, y + 0.5], -1), np.stack([x + 0.5, y + 0.5], -1)], axis=1)
    return np.concatenate([upright, level])


def draw_borders(axes: Axes, segments: NDArray[np.int64], colour: str = "white", width: float = 1.6) -> None:
    """Draw the borders between segments."""
    axes.add_collection(
        LineCollection(list(border_lines(segments)), colors=colour, linewidths=width, capstyle="projecting"),
        autolim=False,
    )


def frame_map(axes: Axes, neurons: NeuronMap, *, with_ticks: bool = True) -> None:
    """Set the limits to the cells and name the axes after the grid's own rows and columns."""
    axes.set_xlim(-0.5, neurons.width - 0.5)
    axes.set_ylim(-0.5, neurons.height - 0.5)
    if not with_ticks:
        plain_axes(axes)
        return
    quiet_axes(axes, size=9)
    axes.locator_params(nbins=9, integer=True, steps=[1, 2, 5, 10])
    x_name, y_name = (
        ("neuron row", "neuron column") if neurons.is_transposed else ("neuron column", "neuron row")
    )
    axes.set_xlabel(x_name, fontsize=9, color=MUTED, fontfamily=FONT)
    axes.set_ylabel(y_name, fontsize=9, color=MUTED, fontfamily=FONT)


def draw_image(axes: Axes, image: NDArray[np.float64], **options: Any) -> AxesImage:
    """Show an image with one cell a neuron, sharp edges, the origin at the lower left."""
    return axes.imshow(image, origin="lower", aspect="auto", interpolation="nearest", **options)
