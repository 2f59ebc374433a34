"""The segment dashboard: sizes, revenue and what sets each segment apart, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from olist_kedro.plots.labels import FeatureLabel, format_count, format_share, label_for
from olist_kedro.plots.segments import Segment, describe_source, is_synthetic, read_features, read_segments
from olist_kedro.plots.sheet import Sheet
from olist_kedro.plots.style import (
    EMPTY,
    FONT,
    INK,
    MARGIN,
    MUTED,
    line_height,
    plain_axes,
    segment_colours,
    shorten,
    text_width,
    tint,
    write,
)

# inches
NAME_WIDTH, BARS_WIDTH, GAP = 2.55, 1.75, 0.3
ROW_HEIGHT, EFFECT_BAR_HEIGHT = 0.62, 0.42
LEAST_CELL_WIDTH, MOST_CELL_WIDTH, LEAST_WIDTH = 0.72, 1.25, 10.3
# points
HEAD_SIZE, NAME_SIZE, SIZE_SIZE, MEDIAN_SIZE, MEAN_SIZE = 10.0, 10.5, 9.5, 11.0, 8.5
EFFECT_COLOURS = "PuOr_r"  # diverging, safe for colour-blind readers
EFFECT_LIMITS = (0.5, 1.0)
HEAT_LEFT = NAME_WIDTH + BARS_WIDTH + GAP


@dataclass(frozen=True)
class ProfileTable:
    """The profiles as matrices of shape (n_segments, n_features), and the row of all customers.

    Attributes:
        segments: The rows.
        labels: The columns' labels.
        effects: Effect sizes (Cliff's delta, -1 to 1); NaN where there is none.
        medians: In the features' own units.
        means: In the features' own units.
        overall_medians: Of all customers, shape (n_features,).
        overall_means: Of all customers, shape (n_features,).
    """

    segments: list[Segment]
    labels: list[FeatureLabel]
    effects: NDArray[np.float64]
    medians: NDArray[np.float64]
    means: NDArray[np.float64]
    overall_medians: NDArray[np.float64]
    overall_means: NDArray[np.float64]

    @classmethod
    def read(
        cls,
        profiles: pd.DataFrame,
        segments: list[Segment],
        features: list[str],
        labels: Mapping[str, FeatureLabel],
    ) -> "ProfileTable":
        """Arrange the rows of `segment_profiles`."""
        ids = [segment.id for segment in segments]

        def matrix(column: str) -> NDArray[np.float64]:
            wide = profiles.pivot_table(
                index="segment_id", columns="feature", values=column, aggfunc="first", dropna=False
            )
            return wide.reindex(index=ids, columns=features).to_numpy(dtype=np.float64)

        overall = profiles.groupby("feature")[["overall_median", "overall_mean"]].first().reindex(features)
        return cls(
            segments,
            [label_for(feature, labels) for feature in features],
            matrix("effect_size"),
            matrix("median"),
            matrix("mean"),
            *overall.to_numpy(dtype=np.float64).T,
        )


def profile_features(profiles: pd.DataFrame, model: Mapping[str, Any]) -> list[str]:
    """The profile's features: the model's first, in its order, then the others."""
    known = set(profiles["feature"])
    first = [feature.name for feature in read_features(model) if feature.name in known]
    return first + [name for name in dict.fromkeys(profiles["feature"]) if name not in first]


def effect_limit(effects: NDArray[np.float64]) -> float:
    """Where the colours end: at the largest effect, yet not so near 0 that negligible ones look large."""
    finite = np.abs(effects[np.isfinite(effects)])
    return float(np.clip(finite.max(initial=0.0), *EFFECT_LIMITS))


def readable_on(colour: NDArray[np.float64]) -> str:
    """Ink or white, whichever contrasts more with an sRGB colour (relative luminance, WCAG 2.2)."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return INK if float(linear[:3] @ np.array([0.2126, 0.7152, 0.0722])) > 0.19 else "white"


def plot_segment_profiles(
    profiles: pd.DataFrame,
    dim_segment: pd.DataFrame,
    model: Mapping[str, Any],
    labels: Mapping[str, FeatureLabel],
) -> Figure:
    """Draw a row a segment: name, size, shares, and a heatmap of effects with medians and means written in.

    Args:
        profiles: One row a segment and feature: median, mean, overall_median, overall_mean and effect_size
            (Cliff's delta).
        dim_segment: The published segments.
        model: The segmentation model: its features' order, grid, k, provenance.
        labels: Human labels by feature.

    Returns:
        A picture with an axes of bars and one with an image of effect sizes.
    """
    table = ProfileTable.read(profiles, read_segments(dim_segment), profile_features(profiles, model), labels)
    columns = len(table.labels)
    cell_width = _cell_width(table.labels)
    heads = [shorten(label.heading, cell_width - 0.06, HEAD_SIZE, lines=4) for label in table.labels]
    head_height = max(2, *(len(lines) for lines in heads)) * line_height(HEAD_SIZE) + 0.1
    table_bottom = head_height + len(table.segments) * ROW_HEIGHT
    sheet = Sheet(
        max(HEAT_LEFT + cell_width * columns, LEAST_WIDTH) + 2 * MARGIN,
        table_bottom + ROW_HEIGHT + EFFECT_BAR_HEIGHT,
        title=f"Who the {len(table.segments)} segments are, and what sets them apart",
        how_to_read="bold is a segment's median, ø its mean. Colour: its customers lie above (orange) or "
        "below (purple) the others; +1: all above all, -1: all below.",
        source=describe_source(model, sum(segment.size for segment in table.segments)),
        is_synthetic=is_synthetic(model),
    )
    for offset, text in ((0.0, "Segment"), (NAME_WIDTH, "Customers (full) and\nrevenue (pale)")):
        sheet.text(offset, head_height - 0.1, text, size=HEAD_SIZE, colour=MUTED, va="bottom", gid="head")
    centred: dict[str, Any] = {"ha": "center", "colour": MUTED, "gid": "head"}
    for number, lines in enumerate(heads):
        place = HEAT_LEFT + cell_width * (number + 0.5)
        sheet.text(place, head_height - 0.1, "\n".join(lines), size=HEAD_SIZE, va="bottom", **centred)
    _write_segments(sheet, table, head_height)
    _draw_bars(sheet, table, head_height)
    scale = _draw_heatmap(sheet, table, head_height, cell_width)
    _write_all_customers(sheet, table, table_bottom, cell_width)
    _draw_effect_bar(sheet, scale, table_bottom + ROW_HEIGHT + 0.06, cell_width * columns)
    return sheet.figure


def _cell_width(labels: list[FeatureLabel]) -> float:
    """Inches: wide enough for the longest word of the heads, wider where there are few columns."""
    words = [word for label in labels for word in label.heading.split()]
    longest = max(text_width(word, HEAD_SIZE) for word in words) + 0.14
    return float(np.clip(max(6.6 / len(labels), longest), LEAST_CELL_WIDTH, MOST_CELL_WIDTH))


def _write_segments(sheet: Sheet, table: ProfileTable, top: float) -> None:
    """Write name and size of each segment."""
    colours = segment_colours(segment.id for segment in table.segments)
    for number, segment in enumerate(table.segments):
        centre = top + (number + 0.5) * ROW_HEIGHT
        lines = shorten(segment.name, NAME_WIDTH - 0.45, NAME_SIZE, "bold")
        half = (len(lines) * line_height(NAME_SIZE) + line_height(SIZE_SIZE) + 0.03) / 2
        size = f"{format_count(segment.size)} customers"
        sheet.swatch(0, centre - 0.1, 0.2, colours[segment.id])
        sheet.text(0.3, centre - half, "\n".join(lines), size=NAME_SIZE, weight="bold", gid="segment-name")
        sheet.text(0.3, centre + half, size, size=SIZE_SIZE, colour=MUTED, va="bottom", gid="size")


def _draw_bars(sheet: Sheet, table: ProfileTable, top: float) -> None:
    """Draw each segment's shares of customers (full) and of revenue (pale)."""
    segments = table.segments
    axes = sheet.axes(NAME_WIDTH, top, BARS_WIDTH, len(segments) * ROW_HEIGHT)
    shares = np.nan_to_num([[segment.share, segment.revenue_share] for segment in segments])
    rows = np.arange(len(segments))
    by_id = segment_colours(segment.id for segment in segments)
    colours = [by_id[segment.id] for segment in segments]
    pale = [tint(colour, 0.65) for colour in colours]
    axes.barh(rows - 0.17, shares[:, 0], 0.3, color=colours)
    axes.barh(rows + 0.17, shares[:, 1], 0.3, color=pale, edgecolor=colours, linewidth=1)
    longest = float(shares.max()) or 1.0
    axes.set_xlim(0, longest * 1.55)
    axes.set_ylim(len(segments) - 0.5, -0.5)
    plain_axes(axes)
    for row, segment in enumerate(segments):
        for offset, share, length in (
            (-0.17, segment.share, shares[row, 0]),
            (0.17, segment.revenue_share, shares[row, 1]),
        ):
            place = (length + longest * 0.04, row + offset)
            write(axes, *place, format_share(share), size=SIZE_SIZE, va="center", gid="share")


def _draw_heatmap(sheet: Sheet, table: ProfileTable, top: float, cell_width: float) -> ScalarMappable:
    """Draw effects as colours, with medians and means written in."""
    rows, columns = table.effects.shape
    limit = effect_limit(table.effects)
    norm, colours = Normalize(-limit, limit), colormaps[EFFECT_COLOURS]
    axes = sheet.axes(HEAT_LEFT, top, columns * cell_width, rows * ROW_HEIGHT)
    axes.set_facecolor(EMPTY)
    effects = np.ma.masked_invalid(table.effects)
    axes.imshow(effects, cmap=colours, norm=norm, aspect="auto", interpolation="nearest")
    plain_axes(axes)
    for edge in range(1, columns):
        axes.axvline(edge - 0.5, color="white", lw=2.5)
    for edge in range(1, rows):
        axes.axhline(edge - 0.5, color="white", lw=2.5)
    for row, column in np.ndindex(rows, columns):
        effect, label = table.effects[row, column], table.labels[column]
        ink = INK if np.isnan(effect) else readable_on(np.array(colours(norm(effect))))
        style: dict[str, Any] = {"colour": ink, "ha": "center", "va": "center"}
        median, mean = (
            label.number(float(table.medians[row, column])),
            label.mean(float(table.means[row, column])),
        )
        write(axes, column, row - 0.14, median, size=MEDIAN_SIZE, weight="bold", gid="median", **style)
        write(axes, column, row + 0.24, f"ø {mean}", size=MEAN_SIZE, gid="mean", **style)
    return ScalarMappable(norm, colours)


def _write_all_customers(sheet: Sheet, table: ProfileTable, top: float, cell_width: float) -> None:
    """Write the row of all customers."""
    centre = top + ROW_HEIGHT / 2
    total = format_count(sum(segment.size for segment in table.segments))
    sheet.text(0.3, centre, "All customers", size=NAME_SIZE, weight="bold", va="center", gid="segment-name")
    sheet.text(NAME_WIDTH, centre, total, size=NAME_SIZE, va="center", gid="size")
    style: dict[str, Any] = {"ha": "center", "va": "center"}
    for number, label in enumerate(table.labels):
        place = HEAT_LEFT + cell_width * (number + 0.5)
        median, mean = label.number(table.overall_medians[number]), label.mean(table.overall_means[number])
        sheet.text(
            place, centre - 0.09, median, size=MEDIAN_SIZE, weight="bold", gid="overall-median", **style
        )
        sheet.text(
            place, centre + 0.15, f"ø {mean}", size=MEAN_SIZE, colour=MUTED, gid="overall-mean", **style
        )


def _draw_effect_bar(sheet: Sheet, scale: ScalarMappable, top: float, width: float) -> None:
    axes = sheet.axes(HEAT_LEFT, top, width, 0.12)
    bar = sheet.figure.colorbar(scale, cax=axes, orientation="horizontal")
    bar.outline.set_visible(False)
    low, high = scale.get_clim()
    bar.set_ticks([low, 0.0, high], labels=[f"{low:.2g}: lower", "as the others", f"higher: +{high:.2g}"])
    axes.tick_params(labelsize=9, labelcolor=MUTED, length=0, labelfontfamily=FONT)
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
