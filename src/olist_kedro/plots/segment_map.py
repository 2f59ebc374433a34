"""The segment map: which part of the map each segment holds, with a legend of sizes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from olist_kedro.plots.labels import format_count, format_share
from olist_kedro.plots.map_sheet import BELOW, INNER_WIDTH, LEFT, MAX_MAP_HEIGHT, WIDTH, SegmentedMap
from olist_kedro.plots.neuron_map import draw_borders, draw_image, frame_map, segment_image
from olist_kedro.plots.segments import Segment, describe_source, is_synthetic
from olist_kedro.plots.sheet import Sheet
from olist_kedro.plots.style import MUTED, line_height, shorten

NAME_SIZE, FACT_SIZE = 11.0, 9.5


def _facts(segment: Segment) -> str:
    return (
        f"{format_count(segment.size)} customers ({format_share(segment.share)}) · "
        f"{format_share(segment.revenue_share)} of revenue"
    )


def plot_segment_map(codebook: pd.DataFrame, model: Mapping[str, Any], dim_segment: pd.DataFrame) -> Figure:
    """Draw the neurons in their segments' colours, the names on them and a legend with sizes and revenue.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id.
        model: The segmentation model: grid, features, k, provenance.
        dim_segment: The published segments.

    Returns:
        A picture with one RGB image; neurons without customers are paler.
    """
    drawn = SegmentedMap.read(codebook, model, dim_segment)
    columns = 2
    column_width = (INNER_WIDTH - LEFT) / columns
    text_left, text_room = 0.34, column_width - 0.34 - 0.2
    names = [shorten(segment.name, text_room, NAME_SIZE, "bold") for segment in drawn.segments]
    rows = -(-len(names) // columns)
    lines = [max(len(name) for name in names[row::rows]) for row in range(rows)]
    heights = [n * line_height(NAME_SIZE) + line_height(FACT_SIZE) + 0.16 for n in lines]
    width, height = drawn.neurons.size_within(INNER_WIDTH - LEFT, MAX_MAP_HEIGHT)
    legend_top = height + BELOW + 0.08
    pale = " Pale cells hold none." if (drawn.customers == 0).any() else ""
    sheet = Sheet(
        WIDTH,
        legend_top + sum(heights),
        title=f"The map of customers falls into {len(drawn.segments)} segments",
        how_to_read=f"each cell is a kind of customer (a neuron); near cells hold customers alike.{pale}",
        source=describe_source(model, drawn.total_customers),
        is_synthetic=is_synthetic(model),
    )
    axes = sheet.axes(LEFT, 0, width, height)
    draw_image(axes, drawn.neurons, segment_image(drawn.image, drawn.customers, drawn.colours))
    draw_borders(axes, drawn.neurons, drawn.image, width=2)
    frame_map(axes, drawn.neurons)
    drawn.write_names(axes, (width, height))
    tops = legend_top + np.concatenate([[0.0], np.cumsum(heights)])
    for number, (segment, name) in enumerate(zip(drawn.segments, names, strict=True)):
        left, top = LEFT + column_width * (number // rows), float(tops[number % rows])
        sheet.swatch(left, top + 0.02, 0.22, drawn.colours[segment.id])
        sheet.text(left + text_left, top, "\n".join(name), size=NAME_SIZE, weight="bold", gid="legend-name")
        below = top + len(name) * line_height(NAME_SIZE) + 0.04
        sheet.text(left + text_left, below, _facts(segment), size=FACT_SIZE, colour=MUTED, gid="legend-facts")
    return sheet.figure
