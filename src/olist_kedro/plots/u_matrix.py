"""The U-matrix, alone and with the customers on it (Ultsch & Siemon, 1990)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from olist_kedro.plots.labels import format_count
from olist_kedro.plots.map_sheet import (
    BAR_GAP,
    BAR_TEXT,
    BAR_WIDTH,
    BELOW,
    INNER_WIDTH,
    LEFT,
    MAX_MAP_HEIGHT,
    WIDTH,
    SegmentedMap,
    colour_bar,
    size_key,
)
from olist_kedro.plots.neuron_map import draw_borders, draw_image, frame_map
from olist_kedro.plots.segments import describe_source, is_synthetic
from olist_kedro.plots.sheet import FlowKey, Sheet
from olist_kedro.plots.style import POINTS_PER_INCH

# A few neurons on the edge of the data lie very far apart; they would leave no contrast for the rest.
HIGHEST_QUANTILE = 0.99
FULL_DOT_QUANTILE = 0.98
MAX_DOT = 0.3  # inches across; on a small grid dots need not fill their cells


def _height_range(heights: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.nanquantile(heights, [0.0, HIGHEST_QUANTILE])
    return float(low), float(max(high, low + 1e-9))


def plot_u_matrix(codebook: pd.DataFrame, model: Mapping[str, Any], dim_segment: pd.DataFrame) -> Figure:
    """Draw the distance of each neuron to its neighbours, with the segments' borders and names.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id, u_height.
        model: The segmentation model: grid, features, k, provenance.
        dim_segment: The published segments.

    Returns:
        A picture with one image of `u_height`.
    """
    drawn = SegmentedMap.read(codebook, model, dim_segment)
    room = INNER_WIDTH - LEFT - BAR_GAP - BAR_WIDTH - BAR_TEXT
    width, height = drawn.neurons.size_within(room, MAX_MAP_HEIGHT)
    sheet = Sheet(
        WIDTH,
        height + BELOW,
        title="U-matrix: where neighbouring customers differ most",
        how_to_read="each cell is a kind of customer (a neuron). Dark: its neighbours are alike; bright: "
        "they differ. Lines: segment borders.",
        source=describe_source(model, drawn.total_customers),
        is_synthetic=is_synthetic(model),
    )
    axes = sheet.axes(LEFT, 0, width, height)
    heights = drawn.neurons.image(codebook["u_height"])
    low, high = _height_range(heights)
    picture = draw_image(
        axes, drawn.neurons, heights, cmap="cividis", norm=PowerNorm(0.7, vmin=low, vmax=high)
    )
    draw_borders(axes, drawn.neurons, drawn.image)
    frame_map(axes, drawn.neurons)
    drawn.write_names(axes, (width, height))
    above = "max" if np.nanmax(heights) > high else "neither"
    label = "mean distance to neighbours (standard deviations)"
    colour_bar(sheet, picture, LEFT + width + BAR_GAP, height, label, extend=above, extendfrac=0.03)
    return sheet.figure


def plot_u_matrix_customers(
    codebook: pd.DataFrame, model: Mapping[str, Any], dim_segment: pd.DataFrame
) -> Figure:
    """Draw the customers as sized dots in their segments' colours on a grey U-matrix.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id, u_height.
        model: The segmentation model: grid, features, k, provenance.
        dim_segment: The published segments.

    Returns:
        A picture with one image of `u_height` and one dot a neuron that has customers.
    """
    drawn = SegmentedMap.read(codebook, model, dim_segment)
    key = FlowKey({segment.name: drawn.colours[segment.id] for segment in drawn.segments}, INNER_WIDTH - LEFT)
    width, height = drawn.neurons.size_within(INNER_WIDTH - LEFT, MAX_MAP_HEIGHT)
    size_key_height = 0.36
    sheet = Sheet(
        WIDTH,
        height + BELOW + size_key_height + key.height,
        title="Where the customers are on the map",
        how_to_read="each dot is a kind of customer (a neuron), its area their number. Dark ground: "
        "neighbours differ. No dot: no customers.",
        source=describe_source(model, drawn.total_customers),
        is_synthetic=is_synthetic(model),
    )
    axes = sheet.axes(LEFT, 0, width, height)
    heights = drawn.neurons.image(codebook["u_height"])
    low, high = _height_range(heights)
    draw_image(axes, drawn.neurons, heights, cmap="Greys", vmin=low, vmax=low + 1.5 * (high - low))
    frame_map(axes, drawn.neurons)
    has_customers = drawn.customers > 0
    x, y = (place[has_customers] for place in drawn.neurons.centres)
    hits = drawn.customers[has_customers]
    # the dot of a full neuron just fills its cell; the few fuller ones are cut, so that no dot hides another
    full = float(np.quantile(hits, FULL_DOT_QUANTILE)) if len(hits) else 1.0
    cell = POINTS_PER_INCH * min(*drawn.neurons.cell_size(width, height), MAX_DOT)
    colours = [drawn.colours.get(int(segment_id), "black") for segment_id in drawn.image[has_customers]]
    axes.scatter(x, y, s=cell**2 * np.clip(hits / full, 0.03, 1.0), c=colours, linewidths=0, zorder=3)
    samples: dict[str, float] = {
        format_count(n): n for part in (0.1, 0.4) if 1 <= (n := round(full * part)) < full
    }
    samples[f"{format_count(full)} or more"] = full
    values = {text: cell**2 * n / full for text, n in samples.items()}
    size_key(sheet, values, LEFT, height + BELOW, "Customers of a neuron:")
    key.draw(sheet, LEFT, height + BELOW + size_key_height)
    return sheet.figure
