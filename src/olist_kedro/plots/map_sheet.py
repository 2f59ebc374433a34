"""What all pictures of a single map share: its place on the sheet, the names on it, a colour bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from numpy.typing import NDArray

from olist_kedro.plots.label_placement import draw_labels, place_labels
from olist_kedro.plots.neuron_map import NeuronMap
from olist_kedro.plots.segments import Segment, read_segments
from olist_kedro.plots.sheet import Sheet
from olist_kedro.plots.style import (
    FONT,
    MARGIN,
    MUTED,
    POINTS_PER_INCH,
    plain_axes,
    segment_colours,
    text_width,
    wrap_text,
)

WIDTH = 11.0
INNER_WIDTH = WIDTH - 2 * MARGIN
LEFT, BELOW = 0.6, 0.52  # inches for the ticks and names of a map's axes
MAX_MAP_HEIGHT = 6.2
BAR_GAP, BAR_WIDTH, BAR_TEXT = 0.2, 0.16, 0.85  # inches of a colour bar
LABEL_SIZES = (11.0, 10.0, 9.0, 8.0)


@dataclass(frozen=True)
class SegmentedMap:
    """A map with its segments, ready to draw.

    Attributes:
        neurons: The grid.
        customers: Customers of each neuron, an image of shape (height, width).
        image: Segment id of each neuron, an image of the same shape.
        segments: The published segments, largest first.
        colours: Colour by segment id.
    """

    neurons: NeuronMap
    customers: NDArray[np.float64]
    image: NDArray[np.int64]
    segments: list[Segment]
    colours: dict[int, str]

    @classmethod
    def read(
        cls, codebook: pd.DataFrame, model: Mapping[str, Any], dim_segment: pd.DataFrame
    ) -> "SegmentedMap":
        """Bring a codebook, its model's grid and its published segments together."""
        neurons = NeuronMap.from_codebook(codebook, model["grid"]["topology"])
        segments = read_segments(dim_segment)
        return cls(
            neurons,
            np.nan_to_num(neurons.image(codebook["customers"])),
            neurons.segments(codebook),
            segments,
            segment_colours(segment.id for segment in segments),
        )

    @property
    def total_customers(self) -> int:
        """Customers on the whole map."""
        return int(self.customers.sum())

    @property
    def names(self) -> dict[int, str]:
        """Segment name by id."""
        return {segment.id: segment.name for segment in self.segments}

    def write_names(
        self, axes: Axes, size: tuple[float, float], sizes: tuple[float, ...] = LABEL_SIZES
    ) -> None:
        """Write the segments' names on axes of a size in inches."""
        # On a hexagonal map every other row lies half a cell off the image, which a label does not mind.
        cell = self.neurons.cell_size(*size)
        draw_labels(axes, place_labels(self.image, self.names, cell, sizes), self.colours)


def colour_bar(
    sheet: Sheet, mappable: ScalarMappable, left: float, height: float, label: str, **options: Any
) -> Colorbar:
    """Draw an upright colour bar at a place of the sheet's body, as high as the map beside it."""
    axes = sheet.axes(left, 0, BAR_WIDTH, height)
    bar = sheet.figure.colorbar(mappable, cax=axes, **options)
    bar.outline.set_visible(False)
    axes.tick_params(labelsize=9, labelcolor=MUTED, color=MUTED, labelfontfamily=FONT, length=3)
    lines = wrap_text(label, height, 9.5)
    axes.set_ylabel("\n".join(lines), fontsize=9.5, color=MUTED, fontfamily=FONT)
    return bar


def size_key(sheet: Sheet, values: Mapping[str, float], left: float, top: float, caption: str) -> None:
    """Explain the area of dots: a few sample dots, each with its meaning.

    Args:
        sheet: Where to draw.
        values: Area in square points by meaning.
        left: Of the key, inches from the left of the body.
        top: Its upper edge, inches from the top of the body.
        caption: What the dots stand for.
    """
    height, step = 0.34, 0.85
    start = text_width(caption, 9.5) + 0.35
    width = start + step * len(values)
    axes = sheet.axes(left, top, width, height)
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    plain_axes(axes)
    x = start + step * np.arange(len(values))
    axes.scatter(x, np.full(len(values), height / 2), s=list(values.values()), c=MUTED, linewidths=0)
    sheet.text(left, top + height / 2, caption, size=9.5, colour=MUTED, va="center", gid="key")
    for place, (text, area) in zip(x, values.items(), strict=True):
        sheet.text(
            left + place + 0.06 + np.sqrt(area) / 2 / POINTS_PER_INCH,
            top + height / 2,
            text,
            size=9.5,
            colour=MUTED,
            va="center",
            gid="key",
        )
