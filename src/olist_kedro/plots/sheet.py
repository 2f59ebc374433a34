"""A picture's sheet, laid out in inches: head, body and foot; and a key that runs in lines."""

from collections.abc import Mapping
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from olist_kedro.plots.style import (
    ACCENT,
    ASCENT,
    DESCENT,
    HALF_HEIGHT,
    LINE_HEIGHT,
    MARGIN,
    MUTED,
    PAPER,
    POINTS_PER_INCH,
    line_height,
    shorten,
    text_width,
    wrap_text,
    write,
)

SYNTHETIC_NOTICE = "SYNTHETIC DATA: these customers are made up. Draw no business conclusions."


class Sheet:
    """A figure with a head (title), a foot (how to read it, where it comes from) and a body to draw in.

    All measures are inches from the left and the top of the body, so that nothing depends on a layout engine.

    Args:
        width: Of the whole sheet.
        body_height: Of the part between head and foot.
        title: What one sees.
        how_to_read: One line for the foot.
        source: Where it comes from: data, model, date.
        is_synthetic: Whether to put the notice for made-up data on top.
    """

    TITLE_SIZE = 16.0
    NOTE_SIZE = 10.0
    SOURCE_SIZE = 9.0

    def __init__(
        self,
        width: float,
        body_height: float,
        *,
        title: str,
        how_to_read: str,
        source: str,
        is_synthetic: bool,
    ) -> None:
        """Write head and foot; the sheet is as high as they and the body need."""
        self.width = width
        self.body_height = body_height
        inner_width = width - 2 * MARGIN
        titles = wrap_text(title, inner_width, self.TITLE_SIZE, "bold")
        notes = wrap_text(f"How to read: {how_to_read}", inner_width, self.NOTE_SIZE)
        banner = 0.4 if is_synthetic else 0.0
        title_top = banner + 0.25
        self.body_top = title_top + len(titles) * line_height(self.TITLE_SIZE) + 0.12
        note_top = self.body_top + body_height + 0.18
        source_top = note_top + len(notes) * line_height(self.NOTE_SIZE) + 0.04
        self.height = source_top + line_height(self.SOURCE_SIZE) + 0.16
        self.figure = Figure(figsize=(self.width, self.height), facecolor=PAPER)
        if is_synthetic:
            self._write_synthetic_notice(banner)
        top = title_top - self.body_top
        self.text(0, top, "\n".join(titles), size=self.TITLE_SIZE, weight="bold", gid="title")
        top = note_top - self.body_top
        self.text(0, top, "\n".join(notes), size=self.NOTE_SIZE, colour=MUTED, gid="how-to-read")
        self.text(0, source_top - self.body_top, source, size=self.SOURCE_SIZE, colour=MUTED, gid="source")

    def _write_synthetic_notice(self, height: float) -> None:
        fraction = height / self.height
        self.figure.add_artist(
            Rectangle((0, 1 - fraction), 1, fraction, transform=self.figure.transFigure, color=ACCENT, lw=0)
        )
        self.text(
            (self.width - 2 * MARGIN) / 2,
            height / 2 - self.body_top,
            SYNTHETIC_NOTICE,
            size=11.5,
            va="center",
            ha="center",
            colour=PAPER,
            weight="bold",
            gid="synthetic",
        )

    def text(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float,
        va: Literal["top", "center", "bottom"] = "top",
        **properties: Any,
    ) -> Text:
        """Write text at a place of the body: its upper left corner unless `ha` and `va` say otherwise."""
        # Set by the last line's baseline: matplotlib's own top, center and bottom move with the letters.
        following = text.count("\n") * LINE_HEIGHT
        below = {"top": ASCENT + following, "center": HALF_HEIGHT + following / 2, "bottom": -DESCENT}[va]
        x = (MARGIN + left) / self.width
        y = 1 - (self.body_top + top + below * size / POINTS_PER_INCH) / self.height
        return write(self.figure, x, y, text, size=size, va="baseline", **properties)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes that fill a rectangle of the body."""
        bottom = self.height - self.body_top - top - height
        return self.figure.add_axes(
            ((MARGIN + left) / self.width, bottom / self.height, width / self.width, height / self.height)
        )

    def swatch(self, left: float, top: float, size: float, colour: Any) -> None:
        """Draw a small square of colour."""
        x, y = (MARGIN + left) / self.width, 1 - (self.body_top + top + size) / self.height
        self.figure.add_artist(
            Rectangle(
                (x, y),
                size / self.width,
                size / self.height,
                transform=self.figure.transFigure,
                fc=colour,
                lw=0,
            )
        )


class FlowKey:
    """A key of swatches and names that runs in lines, as many as needed.

    Measured first, since the sheet's height depends on it; drawn later.
    """

    SIZE = 10.0
    GAP = 0.3

    def __init__(self, entries: Mapping[str, Any], width: float) -> None:
        """Lay out names and their colours in lines of a width in inches."""
        swatch = line_height(self.SIZE) * 0.75
        left, line = 0.0, 0
        self.swatch = swatch
        self.items: list[tuple[float, int, str, Any]] = []
        for name, colour in entries.items():
            text = shorten(name, width - swatch - 0.1, self.SIZE, lines=1)[0]
            needed = swatch + 0.08 + text_width(text, self.SIZE)
            if left > 0 and left + needed > width:
                left, line = 0.0, line + 1
            self.items.append((left, line, text, colour))
            left += needed + self.GAP
        self.line = line_height(self.SIZE) * 1.2
        self.height = self.line * (line + 1) if self.items else 0.0

    def draw(self, sheet: Sheet, left: float, top: float) -> None:
        """Draw the key with its upper left corner at a place of the sheet's body."""
        for offset, line, text, colour in self.items:
            x, y = left + offset, top + line * self.line
            sheet.swatch(x, y + (self.line - self.swatch) / 2, self.swatch, colour)
            sheet.text(
                x + self.swatch + 0.08, y + self.line / 2, text, size=self.SIZE, va="center", gid="key"
            )
