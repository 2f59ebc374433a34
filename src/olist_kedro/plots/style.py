"""The common look of all pictures: colours and type."""

from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

FONT = "DejaVu Sans"  # comes with matplotlib, so that pictures look the same everywhere
INK = "#1f2430"
MUTED = "#5c6370"
FAINT = "#d5d8de"
PAPER = "#ffffff"
EMPTY = "#eceef1"
ACCENT = "#b3261e"

POINTS_PER_INCH = 72
LINE_HEIGHT = 1.32  # from baseline to baseline, of the type size
ASCENT, DESCENT, HALF_HEIGHT = 0.97, 0.26, 0.36  # of a line from its baseline: up, down, middle
LINE_SPACING = 1.42  # what matplotlib calls it, for the same distance of the baselines
MARGIN = 0.35  # inches

# Six hues of Okabe & Ito, "Color Universal Design" (2008), then six more found by a search that keeps every
# pair at least 12 apart (CIEDE2000) for normal, protanopic and deuteranopic eyes (Machado et al., 2009).
SEGMENT_COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9",
    "#334400", "#773355", "#aa3344", "#3322aa", "#88ddaa", "#66dddd",
)  # fmt: skip


def segment_colours(segment_ids: Iterable[int]) -> dict[int, str]:
    """A colour for each segment that follows its id, so that a segment keeps it from run to run.

    Args:
        segment_ids: The ids, in any order.

    Returns:
        Colour by id. Distinct for up to twelve segments: where two ids would share a colour, the higher one
        takes the next free one; beyond twelve, colours repeat.
    """
    colours: dict[int, str] = {}
    for segment_id in sorted(set(segment_ids)):
        start = (segment_id - 1) % len(SEGMENT_COLOURS)
        preference = SEGMENT_COLOURS[start:] + SEGMENT_COLOURS[:start]
        colours[segment_id] = next((c for c in preference if c not in colours.values()), preference[0])
    return colours


def tint(colour: str, amount: float) -> tuple[float, float, float]:
    """A colour mixed with white; `amount` 0 leaves it, 1 gives white."""
    red, green, blue = to_rgb(colour)
    return (red + (1 - red) * amount, green + (1 - green) * amount, blue + (1 - blue) * amount)


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width in inches of one line of text at a type size in points."""
    font = FontProperties(family=FONT, size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / POINTS_PER_INCH


def line_height(size: float) -> float:
    """Height in inches of one line at a type size in points."""
    return size * LINE_HEIGHT / POINTS_PER_INCH


def wrap_text(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break text into lines that fit a width in inches; a single word wider than that is cut."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        candidate = f"{current} {word}".strip()
        if text_width(candidate, size, weight) <= width:
            current = candidate
            continue
        if current:
            lines.append(current)
        current = word
        while text_width(current, size, weight) > width and len(current) > 1:
            fits = max(
                (n for n in range(1, len(current)) if text_width(current[:n], size, weight) <= width),
                default=1,
            )
            lines.append(current[:fits])
            current = current[fits:]
    return [*lines, current] if current or not lines else lines


def shorten(text: str, width: float, size: float, weight: str = "normal", lines: int = 2) -> list[str]:
    """Wrap text to at most `lines` lines; an ellipsis at the end says that something was left out."""
    wrapped = wrap_text(text, width, size, weight)
    if len(wrapped) <= lines:
        return wrapped
    last = wrapped[lines - 1]
    while last and text_width(f"{last}…", size, weight) > width:
        last = last[:-1]
    return [*wrapped[: lines - 1], f"{last.rstrip()}…"]


def plain_axes(axes: Axes) -> None:
    """Take ticks and frame off."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def quiet_axes(axes: Axes, size: float = 9.5) -> None:
    """Keep ticks in the common type and a light frame at the left and the bottom only."""
    axes.tick_params(labelsize=size, labelcolor=MUTED, color=FAINT, labelfontfamily=FONT, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(FAINT)


def write(
    target: Axes | Figure,
    x: float,
    y: float,
    text: str,
    *,
    size: float = 10.5,
    colour: str = INK,
    **properties: Any,
) -> Text:
    """Write plain text: `$` in a name or in `R$` is a dollar sign, not the start of a formula."""
    properties.setdefault("va", "baseline")
    return target.text(
        x,
        y,
        text,
        fontsize=size,
        color=colour,
        fontfamily=FONT,
        linespacing=LINE_SPACING,
        parse_math=False,
        **properties,
    )
