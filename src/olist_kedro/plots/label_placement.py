"""Where to write the names of segments on a map: inside their own area, never over one another."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy import ndimage

from olist_kedro.plots.style import INK, LINE_HEIGHT, POINTS_PER_INCH, text_width, wrap_text, write

PADDING = 0.35  # around a label's text, in parts of the type size
GAP = 0.06  # inches between two labels, and to the map's edge
MAY_HIDE = 0.6  # share of its own segment that a label may cover
ENOUGH_INSIDE = 0.45  # share of a label inside its own segment from which it needs no pointer
FAR = 0.15  # of the map's diagonal, from a label to what it points at

IntImage = NDArray[np.int64]
FloatImage = NDArray[np.float64]


@dataclass(frozen=True)
class Label:
    """A placed label; all measures in cells of the map.

    Attributes:
        segment_id: Whose name it is.
        lines: Its text.
        size: Type size in points.
        x: Centre.
        y: Centre.
        width: Of the box with its padding.
        height: Of the box with its padding.
        anchor: The innermost point (x, y) of the segment's largest area.
        needs_pointer: Whether the box lies so far outside that a line must show what it names.
    """

    segment_id: int
    lines: tuple[str, ...]
    size: float
    x: float
    y: float
    width: float
    height: float
    anchor: tuple[float, float]
    needs_pointer: bool


def innermost_point(mask: NDArray[np.bool_], cell_size: tuple[float, float]) -> tuple[float, float]:
    """The point (x, y) of the largest connected area that is farthest from its edge.

    Args:
        mask: Cells of one segment, shape (height, width), at least one of them true.
        cell_size: Width and height of a cell in inches.
    """
    areas, _ = ndimage.label(mask)
    largest = areas == np.bincount(areas[mask]).argmax()
    depth = ndimage.distance_transform_edt(np.pad(largest, 1), sampling=cell_size[::-1])[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(x), float(y)


def _box_sums(image: FloatImage, width: float, height: float) -> FloatImage:
    """Sum of an image over a box centred on each cell; NaN where the box would leave the image."""
    rows, columns = image.shape
    integral = np.pad(image, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    x, y = np.arange(columns), np.arange(rows)
    left, right = np.floor(x + 0.5 - width / 2).astype(int), np.ceil(x + 0.5 + width / 2).astype(int)
    low, high = np.floor(y + 0.5 - height / 2).astype(int), np.ceil(y + 0.5 + height / 2).astype(int)
    fits = ((low >= 0) & (high <= rows))[:, None] & ((left >= 0) & (right <= columns))[None, :]
    left, right, low, high = left.clip(0), right.clip(max=columns), low.clip(0), high.clip(max=rows)
    sums = (
        integral[np.ix_(high, right)] - integral[np.ix_(low, right)]
        - integral[np.ix_(high, left)] + integral[np.ix_(low, left)]
    )  # fmt: skip
    return np.where(fits, sums, np.nan)


@dataclass(frozen=True)
class _Ground:
    """A map on which names are to be placed.

    Attributes:
        segments: Segment id of each cell, shape (height, width).
        cell_size: Width and height of a cell in inches.
        anchors: The innermost point (x, y) of each named segment.
    """

    segments: IntImage
    cell_size: tuple[float, float]
    anchors: Mapping[int, tuple[float, float]]

    def box(self, lines: tuple[str, ...], size: float) -> tuple[float, float]:
        """Width and height in cells of a label with its padding."""
        padding = 2 * PADDING * size / POINTS_PER_INCH
        width = max(text_width(line, size, "bold") for line in lines) + padding
        height = len(lines) * size * LINE_HEIGHT / POINTS_PER_INCH + padding
        return width / self.cell_size[0], height / self.cell_size[1]

    def away_from(self, point: tuple[float, float]) -> FloatImage:
        """Distance of each cell from a point, in parts of the map's diagonal."""
        height, width = self.segments.shape
        y, x = np.mgrid[:height, :width].astype(float)
        inches = np.hypot((x - point[0]) * self.cell_size[0], (y - point[1]) * self.cell_size[1])
        return inches / np.hypot(width * self.cell_size[0], height * self.cell_size[1])

    def is_far(self, label: Label) -> bool:
        """Whether a name lies too far from its segment for a reader to see that they belong together."""
        away = self.away_from(label.anchor)
        return label.needs_pointer and bool(away[int(label.y), int(label.x)] > FAR)

    def harm_to_others(self, segment_id: int) -> FloatImage:
        """What covering a cell costs: a bit of a large neighbour may be hidden, not all of a small one."""
        _, position, counts = np.unique(self.segments, return_inverse=True, return_counts=True)
        harm = (1.0 / counts)[position.reshape(self.segments.shape)]
        harm[(self.segments == segment_id) | ~np.isin(self.segments, list(self.anchors))] = 0.0
        return harm

    def place(
        self, segment_id: int, texts: list[tuple[str, ...]], size: float, placed: list[Label]
    ) -> Label | None:
        """The best place for a name beside those placed before; None if there is none."""
        own = (self.segments == segment_id).astype(float)
        harm, anchor = self.harm_to_others(segment_id), self.anchors[segment_id]
        away = self.away_from(anchor)
        y, x = np.mgrid[: own.shape[0], : own.shape[1]].astype(float)
        candidates: list[tuple[float, Label]] = []
        for lines in texts:
            width, height = self.box(lines, size)
            covered = _box_sums(own, width, height)
            inside = covered / _box_sums(np.ones_like(own), width, height)
            hidden = np.clip(covered / own.sum() - MAY_HIDE, 0, None)
            score = inside - 1.5 * hidden - 1.5 * _box_sums(harm, width, height)
            score -= 0.8 * away + 0.03 * len(lines)
            margin_x, margin_y = width / 2 + GAP / self.cell_size[0], height / 2 + GAP / self.cell_size[1]
            score[(x < margin_x - 0.5) | (x > own.shape[1] - 0.5 - margin_x)] = np.nan
            score[(y < margin_y - 0.5) | (y > own.shape[0] - 0.5 - margin_y)] = np.nan
            for other_id, (anchor_x, anchor_y) in self.anchors.items():
                covers = (np.abs(x - anchor_x) <= width / 2) & (np.abs(y - anchor_y) <= height / 2)
                # A name that lies outside its segment points at it, so it must leave the place it points at.
                score[covers & ((inside < ENOUGH_INSIDE) if other_id == segment_id else True)] -= 1
            for other in placed:
                near_x = np.abs(x - other.x) < (width + other.width) / 2 + GAP / self.cell_size[0]
                near_y = np.abs(y - other.y) < (height + other.height) / 2 + GAP / self.cell_size[1]
                score[near_x & near_y] = np.nan
            if np.isnan(score).all():
                continue
            row, column = np.unravel_index(int(np.nanargmax(score)), score.shape)
            covers_anchor = abs(column - anchor[0]) <= width / 2 and abs(row - anchor[1]) <= height / 2
            label = Label(
                segment_id=segment_id,
                lines=lines,
                size=size,
                x=float(column),
                y=float(row),
                width=width,
                height=height,
                anchor=anchor,
                needs_pointer=not covers_anchor and bool(inside[row, column] < ENOUGH_INSIDE),
            )
            candidates.append((float(score[row, column]), label))
        return max(candidates, key=lambda candidate: candidate[0])[1] if candidates else None


def _wraps(name: str, widest: float, size: float) -> list[tuple[str, ...]]:
    """A name in one to four lines, words whole unless one alone is too wide (inches)."""
    whole = text_width(name, size, "bold")
    longest_word = max((text_width(word, size, "bold") for word in name.split()), default=0.0)
    widths = [min(max(1.2 * whole / lines, longest_word + 0.01), widest) for lines in (1, 2, 3, 4)]
    return sorted(
        {tuple(wrap_text(name, width, size, "bold")) for width in widths},
        key=lambda lines: (len(lines), lines),
    )


def place_labels(
    segments: IntImage,
    names: Mapping[int, str],
    cell_size: tuple[float, float],
    sizes: tuple[float, ...] = (11.0, 10.0, 9.0, 8.0),
) -> list[Label]:
    """Find a place for each segment's name.

    Each name is tried in one to four lines at every cell. A place is the better the more of the label lies
    inside its own segment (as long as it does not hide most of it), the nearer it is to the segment's
    innermost point and the less it covers of others, small ones above all. Small segments choose first. If
    not all names find a place near their segments at a type size, the next smaller one is tried.

    Args:
        segments: Segment id of each cell, shape (height, width).
        names: Name by segment id. Segments without a cell are passed over.
        cell_size: Width and height of a cell in inches.
        sizes: Type sizes in points to try, largest first.

    Returns:
        The labels; on a map too small for all of them at any size, those that found a place.
    """
    present = {segment_id: int((segments == segment_id).sum()) for segment_id in names}
    order = sorted((i for i, cells in present.items() if cells), key=lambda i: (present[i], i))
    ground = _Ground(segments, cell_size, {i: innermost_point(segments == i, cell_size) for i in order})
    map_width = segments.shape[1] * cell_size[0]
    attempts: list[tuple[int, list[Label]]] = []
    for size in sizes:
        placed: list[Label] = []
        for segment_id in order:
            texts = _wraps(names[segment_id], map_width * 0.6, size)
            label = ground.place(segment_id, texts, size, placed)
            if label:
                placed.append(label)
        faults = len(order) - len(placed) + sum(ground.is_far(label) for label in placed)
        attempts.append((faults, placed))
        if faults == 0:
            break
    return min(attempts, key=lambda attempt: attempt[0])[1]


def draw_labels(axes: Axes, labels: list[Label], colours: Mapping[int, str]) -> None:
    """Write placed labels on white boxes framed in their segments' colours."""
    for label in labels:
        if label.needs_pointer:
            x, y = zip((label.x, label.y), label.anchor, strict=True)
            axes.plot(x, y, color=INK, lw=1, zorder=4)
            axes.plot(*label.anchor, marker="o", ms=4, mfc="white", mec=INK, zorder=4)
        frame = {"boxstyle": f"round,pad={PADDING}", "fc": "white", "ec": colours[label.segment_id]}
        write(
            axes,
            label.x,
            label.y,
            "\n".join(label.lines),
            size=label.size,
            weight="bold",
            ha="center",
            va="center",
            bbox={**frame, "lw": 1.6, "alpha": 0.92},
            zorder=5,
            gid="segment-name",
        )
