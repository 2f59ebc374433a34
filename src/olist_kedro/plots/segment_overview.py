"""The first picture to look at: the map with its segments, who they are, how many, how much revenue."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from olist_kedro.plots.labels import FeatureLabel, format_count, format_share
from olist_kedro.plots.map_sheet import SegmentedMap
from olist_kedro.plots.neuron_map import draw_borders, draw_image, frame_map, segment_image
from olist_kedro.plots.segments import describe_source, distinctive_facts, is_synthetic
from olist_kedro.plots.sheet import Sheet
from olist_kedro.plots.style import MARGIN, MUTED, line_height, plain_axes, shorten, tint, write

MAP_WIDTH, MAX_MAP_HEIGHT = 5.8, 5.2  # inches
GAP, TEXT_WIDTH, BARS_WIDTH = 0.4, 3.4, 2.3
NAME_SIZE, FACT_SIZE = 11.5, 10.0
HEAD, ROW_GAP = 0.36, 0.24
MAX_STRETCH = 1.5  # of the map's cells, to go with a long list


def plot_segment_overview(
    codebook: pd.DataFrame,
    model: Mapping[str, Any],
    dim_segment: pd.DataFrame,
    profiles: pd.DataFrame,
    labels: Mapping[str, FeatureLabel],
) -> Figure:
    """Draw the named map beside a list of the segments with their sizes and what sets them apart.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id.
        model: The segmentation model: grid, features, k, provenance.
        dim_segment: The published segments.
        profiles: One row a segment and feature: median, mean, overall_median, effect_size.
        labels: Human labels by feature.

    Returns:
        A picture with one RGB image and one axes of bars.
    """
    drawn = SegmentedMap.read(codebook, model, dim_segment)
    texts: list[tuple[list[str], list[str]]] = []
    for segment in drawn.segments:
        facts = distinctive_facts(profiles[profiles["segment_id"] == segment.id], labels)
        fact_lines = [line for fact in facts for line in shorten(fact, TEXT_WIDTH - 0.34, FACT_SIZE)]
        texts.append((shorten(segment.name, TEXT_WIDTH - 0.34, NAME_SIZE, "bold"), fact_lines))
    heights = ROW_GAP + np.array(
        [len(name) * line_height(NAME_SIZE) + len(facts) * line_height(FACT_SIZE) for name, facts in texts]
    )
    width, map_height = drawn.neurons.size_within(MAP_WIDTH, MAX_MAP_HEIGHT)
    body = max(map_height, HEAD + float(heights.sum()))
    map_height = min(body, map_height * MAX_STRETCH)
    list_left = MAP_WIDTH + GAP
    bars_left = list_left + TEXT_WIDTH + 0.1
    sheet = Sheet(
        bars_left + BARS_WIDTH + 2 * MARGIN,
        body,
        title=f"{format_count(drawn.total_customers)} customers in {len(drawn.segments)} segments: "
        "who they are, how many, how much they spend",
        how_to_read="near cells of the map are customers alike; pale cells hold none. The facts are "
        "medians, or means where marked ø.",
        source=describe_source(model, drawn.total_customers),
        is_synthetic=is_synthetic(model),
    )
    axes = sheet.axes((MAP_WIDTH - width) / 2, (body - map_height) / 2, width, map_height)
    draw_image(axes, drawn.neurons, segment_image(drawn.image, drawn.customers, drawn.colours))
    draw_borders(axes, drawn.neurons, drawn.image, width=2)
    frame_map(axes, drawn.neurons, with_ticks=False)
    drawn.write_names(axes, (width, map_height), sizes=(10.5, 9.5, 8.5, 8.0))
    # where the map is the taller of the two, the list spreads over its height
    spread = (body - HEAD - float(heights.sum())) / max(len(texts), 1)
    heights = heights + min(spread, 0.25)
    list_top = max(0.0, (body - HEAD - float(heights.sum())) / 2)
    tops = list_top + HEAD + np.concatenate([[0.0], np.cumsum(heights)[:-1]])
    for segment, (name, facts), top in zip(drawn.segments, texts, tops, strict=True):
        sheet.swatch(list_left, top + 0.01, 0.22, drawn.colours[segment.id])
        sheet.text(list_left + 0.34, top, "\n".join(name), size=NAME_SIZE, weight="bold", gid="list-name")
        top_of_facts = top + len(name) * line_height(NAME_SIZE) + 0.04
        sheet.text(
            list_left + 0.34, top_of_facts, "\n".join(facts), size=FACT_SIZE, colour=MUTED, gid="facts"
        )
    sheet.text(
        bars_left, list_top, "Customers (full), revenue (pale)", size=FACT_SIZE, colour=MUTED, gid="head"
    )
    _draw_bars(sheet, drawn, bars_left, tops)
    return sheet.figure


def _draw_bars(sheet: Sheet, drawn: SegmentedMap, left: float, tops: np.ndarray) -> None:
    """Draw two bars a segment, beside its row of the list; y is inches below the top of the body."""
    axes = sheet.axes(left, 0, BARS_WIDTH, sheet.body_height)
    colours = [drawn.colours[segment.id] for segment in drawn.segments]
    shares = np.nan_to_num([[segment.share, segment.revenue_share] for segment in drawn.segments])
    longest = float(shares.max()) or 1.0
    axes.barh(tops + 0.13, shares[:, 0], 0.2, color=colours)
    axes.barh(
        tops + 0.36, shares[:, 1], 0.2, color=[tint(c, 0.65) for c in colours], edgecolor=colours, linewidth=1
    )
    axes.set_xlim(0, longest * 2.1)
    axes.set_ylim(sheet.body_height, 0)
    plain_axes(axes)
    axes.set_facecolor("none")
    for segment, top in zip(drawn.segments, tops, strict=True):
        customers = f"{format_share(segment.share)}  {format_count(segment.size)}"
        revenue = f"{format_share(segment.revenue_share)} of revenue"
        for offset, share, text in ((0.13, segment.share, customers), (0.36, segment.revenue_share, revenue)):
            place = (float(np.nan_to_num(share)) + longest * 0.04, top + offset)
            write(axes, *place, text, size=FACT_SIZE, va="center", gid="share")
