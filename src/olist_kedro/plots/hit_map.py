"""The hit map: how many customers each neuron stands for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from olist_kedro.plots.labels import format_count, format_share
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
)
from olist_kedro.plots.neuron_map import draw_borders, draw_image, frame_map
from olist_kedro.plots.segments import describe_source, is_synthetic
from olist_kedro.plots.sheet import FlowKey, Sheet
from olist_kedro.plots.style import EMPTY, INK


def plot_hit_map(codebook: pd.DataFrame, model: Mapping[str, Any], dim_segment: pd.DataFrame) -> Figure:
    """Draw the customers of each neuron on a logarithmic scale, neurons without any in grey.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id.
        model: The segmentation model: grid, features, k, provenance.
        dim_segment: The published segments.

    Returns:
        A picture with one masked image of `customers`.
    """
    drawn = SegmentedMap.read(codebook, model, dim_segment)
    empty = int((drawn.customers == 0).sum())
    share = format_share(empty / drawn.customers.size)
    key = FlowKey(
        {f"No customers: {format_count(empty)} neurons ({share})": EMPTY} if empty else {}, INNER_WIDTH
    )
    room = INNER_WIDTH - LEFT - BAR_GAP - BAR_WIDTH - BAR_TEXT
    width, height = drawn.neurons.size_within(room, MAX_MAP_HEIGHT)
    sheet = Sheet(
        WIDTH,
        height + BELOW + key.height,
        title=f"Hit map: how {format_count(drawn.total_customers)} customers spread over the map",
        how_to_read="each cell is a kind of customer (a neuron); the brighter, the more customers. "
        "Lines: segment borders.",
        source=describe_source(model, drawn.total_customers),
        is_synthetic=is_synthetic(model),
    )
    axes = sheet.axes(LEFT, 0, width, height)
    most = max(float(drawn.customers.max()), 2.0)
    hits = np.ma.masked_equal(drawn.customers, 0)
    picture = draw_image(
        axes, drawn.neurons, hits, cmap=colormaps["viridis"].with_extremes(bad=EMPTY), norm=LogNorm(1, most)
    )
    draw_borders(axes, drawn.neurons, drawn.image, colour=INK)
    frame_map(axes, drawn.neurons)
    drawn.write_names(axes, (width, height))
    bar = colour_bar(sheet, picture, LEFT + width + BAR_GAP, height, "customers of a neuron (log scale)")
    bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_count(value)))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    key.draw(sheet, LEFT, height + BELOW)
    return sheet.figure
