"""Component planes: what each feature looks like over the map, in its own units."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import FuncNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from numpy.typing import NDArray

from olist_kedro.plots.labels import FeatureLabel, label_for
from olist_kedro.plots.map_sheet import SegmentedMap
from olist_kedro.plots.neuron_map import draw_borders, draw_image, frame_map, segment_image
from olist_kedro.plots.real_units import INVERSES, nice_ticks, to_real_units
from olist_kedro.plots.segments import describe_source, is_synthetic, read_features
from olist_kedro.plots.sheet import FlowKey, Sheet
from olist_kedro.plots.style import FONT, MARGIN, MUTED, line_height, shorten
from olist_kedro.segmentation.transforms import TRANSFORMS, FittedFeature

PANEL_WIDTH, PANEL_GAP = 3.3, 0.35  # inches
MAX_PANEL_HEIGHT, LEAST_PANEL_HEIGHT = 3.3, 0.7
HEADING_SIZE = 11.0
BAR_TOP, BAR_HEIGHT, BELOW_PANEL = 0.08, 0.1, 0.58
# The colours span all but the rarest neurons: one odd corner must not leave the rest in a single colour.
SHOWN_QUANTILES = (0.005, 0.995)


def _panel_columns(panels: int) -> int:
    return min(panels, 4 if panels > 9 else 3 if panels > 4 else 2)


def _draw_plane(
    sheet: Sheet,
    drawn: SegmentedMap,
    values: NDArray[np.float64],
    *,
    feature: FittedFeature,
    label: FeatureLabel,
    box: tuple[float, float, float, float],
) -> None:
    """Draw one feature's plane, and its colour bar in real units below it.

    Args:
        sheet: Where to draw.
        drawn: The map.
        values: The feature in its own unit, an image.
        feature: How the model treats it.
        label: What it is called.
        box: Left, top, width and height of the plane in inches.
    """
    left, top, width, height = box
    axes = sheet.axes(left, top, width, height)
    low, high = (float(v) for v in np.nanquantile(values, SHOWN_QUANTILES))
    if not high > low:
        high = low + 1.0  # upwards, as not every transform takes what lies below
    # colours are even steps of the transformed feature, as the map itself sees it; numbers are real units
    norm = FuncNorm((TRANSFORMS[feature.transform], INVERSES[feature.transform]), vmin=low, vmax=high)
    picture = draw_image(axes, drawn.neurons, values, cmap="viridis", norm=norm)
    draw_borders(axes, drawn.neurons, drawn.image, width=1.0)
    frame_map(axes, drawn.neurons, with_ticks=False)
    bar_axes = sheet.axes(left, top + height + BAR_TOP, width, BAR_HEIGHT)
    bar = sheet.figure.colorbar(picture, cax=bar_axes, orientation="horizontal")
    bar.outline.set_visible(False)
    ticks = nice_ticks(low, high, feature, label)
    bar_axes.xaxis.set_major_locator(FixedLocator(ticks))
    bar_axes.xaxis.set_major_formatter(FixedFormatter(tick_texts(ticks, label)))
    bar_axes.xaxis.set_minor_locator(NullLocator())
    bar_axes.tick_params(labelsize=9, labelcolor=MUTED, color=MUTED, labelfontfamily=FONT, length=3)


def tick_texts(ticks: list[float], label: FeatureLabel) -> list[str]:
    """Numbers for ticks, with the fewest decimals that tell them apart."""
    texts: list[str] = []
    for decimals in range(7):
        texts = [label.with_decimals(decimals).number(tick) for tick in ticks]
        shown = [float(text.replace(",", "")) for text in texts]
        if np.allclose(shown, np.array(ticks) * label.factor, rtol=0.02, atol=1e-9):
            break
    return texts


def plot_component_planes(
    codebook: pd.DataFrame,
    model: Mapping[str, Any],
    dim_segment: pd.DataFrame,
    labels: Mapping[str, FeatureLabel],
) -> Figure:
    """Draw one panel a feature, in real units, and one with the segments as a key.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id, and a column of scaled weights a feature.
        model: The segmentation model: its features' transform, mean and scale; grid, k, provenance.
        dim_segment: The published segments.
        labels: Human labels by feature.

    Returns:
        A picture with one image a feature, in the feature's own unit, and one RGB image of the segments.
    """
    drawn = SegmentedMap.read(codebook, model, dim_segment)
    features = read_features(model)
    named = [label_for(feature.name, labels) for feature in features]
    panels = len(features) + 1
    columns = _panel_columns(panels)
    width, height = drawn.neurons.size_within(PANEL_WIDTH, MAX_PANEL_HEIGHT, LEAST_PANEL_HEIGHT)
    full_width = columns * PANEL_WIDTH + (columns - 1) * PANEL_GAP
    headings = [shorten(label.heading, PANEL_WIDTH, HEADING_SIZE, "bold") for label in named]
    heading_height = max(len(lines) for lines in headings) * line_height(HEADING_SIZE) + 0.05
    step = heading_height + height + BELOW_PANEL
    rows = -(-panels // columns)
    key = FlowKey({segment.name: drawn.colours[segment.id] for segment in drawn.segments}, full_width)
    sheet = Sheet(
        full_width + 2 * MARGIN,
        rows * step + key.height,
        title=f"What the map learned: {len(features)} features over the same map",
        how_to_read="one place is one kind of customer in all panels; colour is a feature's value there. "
        "Lines: segment borders.",
        source=describe_source(model, drawn.total_customers),
        is_synthetic=is_synthetic(model),
    )
    boxes = [
        (
            (PANEL_WIDTH + PANEL_GAP) * (panel % columns),
            step * (panel // columns) + heading_height,
            width,
            height,
        )
        for panel in range(panels)
    ]
    for lines, (left, top, _, _) in zip([*headings, ["Segments"]], boxes, strict=True):
        heading = "\n".join(lines)
        sheet.text(
            left, top - 0.05, heading, size=HEADING_SIZE, weight="bold", va="bottom", gid="panel-heading"
        )
    for feature, label, box in zip(features, named, boxes[:-1], strict=True):
        values = to_real_units(drawn.neurons.image(codebook[feature.name]), feature)
        _draw_plane(sheet, drawn, values, feature=feature, label=label, box=box)
    axes = sheet.axes(*boxes[-1])
    draw_image(axes, drawn.neurons, segment_image(drawn.image, drawn.customers, drawn.colours))
    draw_borders(axes, drawn.neurons, drawn.image, width=1.0)
    frame_map(axes, drawn.neurons, with_ticks=False)
    key.draw(sheet, 0, rows * step)
    return sheet.figure
