"""Made-up segmentations of any shape, and ways to look into a figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text

from olist_kedro.plots.labels import FeatureLabel

NAMES = (
    "Lapsed, small and happy",
    "Big ticket in instalments",
    "Dissatisfied",
    "New and happy",
    "Several items at once",
    "Came back",
    "Spend R$ 100 or more, at most R$ 200",
    "Customers who buy more items, pay in more instalments and give worse reviews than all others",
    "Orders fell through",
    "New",
)
FEATURES = (
    ("recency", "none", 280.0, 150.0),
    ("frequency", "log1p", 0.1, 0.1),
    ("monetary", "log1p", 4.6, 0.8),
    ("items", "sqrt", 1.2, 0.2),
)


@dataclass(frozen=True)
class Artifacts:
    """What the segmentation publishes, as the plotting functions take it."""

    codebook: pd.DataFrame
    model: dict[str, Any]
    dim_segment: pd.DataFrame
    profiles: pd.DataFrame
    criteria: pd.DataFrame
    labels: dict[str, FeatureLabel]


def build_artifacts(
    rows: int = 20,
    columns: int = 10,
    k: int = 4,
    features: int = 7,
    topology: str = "rectangular",
    *,
    is_synthetic: bool = False,
) -> Artifacts:
    """Build a segmentation with the regions of a Voronoi diagram; about every tenth neuron is empty."""
    random = np.random.default_rng(rows * 1000 + columns * 10 + k)
    row, col = (index.ravel() for index in np.mgrid[:rows, :columns])
    centres = random.uniform(0, 1, (k, 2)) * [rows, columns]
    segment = 1 + np.argmin(np.hypot(row[:, None] - centres[:, 0], col[:, None] - centres[:, 1]), axis=1)
    customers = random.poisson(20, rows * columns) * (random.random(rows * columns) > 0.1)
    fitted = []
    for number in range(features):
        name, transform, mean, scale = FEATURES[number % len(FEATURES)]
        name = name if number < len(FEATURES) else f"{name}_{number}"
        fitted.append({"name": name, "impute": 0.0, "transform": transform, "mean": mean, "scale": scale})
        fitted[-1]["clip"] = [-5.0, 5.0]
    weights = {
        feature["name"]: np.sin(row / rows * (2 + number)) + np.cos(col / columns * (1 + number))
        for number, feature in enumerate(fitted)
    }
    codebook = pd.DataFrame(
        {
            "neuron": np.arange(rows * columns),
            "row": row,
            "col": col,
            "customers": customers,
            "segment_id": segment,
            "u_height": random.gamma(2, 0.2, rows * columns),
            **weights,
        }
    )
    sizes = codebook.groupby("segment_id")["customers"].sum().reindex(range(1, k + 1), fill_value=0)
    dim_segment = pd.DataFrame(
        {
            "segment_id": sizes.index,
            "segment_name": [NAMES[i % len(NAMES)] for i in range(k)],
            "size": sizes.to_numpy(),
            "share": sizes.to_numpy() / sizes.sum(),
            "revenue_share": random.dirichlet(np.ones(k)),
        }
    )
    profiles = pd.DataFrame(
        [
            {
                "segment_id": i,
                "segment_name": NAMES[(i - 1) % len(NAMES)],
                "feature": feature["name"],
                "median": 10.0 * i + number,
                "mean": 10.0 * i + number + 0.5,
                "overall_median": 12.0,
                "overall_mean": 14.25,
                "effect_size": np.clip(random.normal(0, 0.5), -1, 1),
            }
            for i in range(1, k + 1)
            for number, feature in enumerate(fitted)
        ]
    )
    ks = np.arange(2, 11)
    criteria = pd.DataFrame(
        {
            "k": ks,
            "inertia": 1e6 / ks,
            "silhouette": 1 / ks,
            "davies_bouldin": 1 + (ks - 5) ** 2 / 10,
            "calinski_harabasz": 1000.0 - 10 * (ks - 4) ** 2,
            "stability": np.where(ks == 3, 0.99, 0.8),
            "knee": np.where(ks == 4, 0.4, 0.1),
            "smallest_share": 0.2 / ks,
            "largest_share": 0.9 / ks,
            "mean_rank": np.where(ks < 4, np.nan, np.abs(ks - k) + 1.0),
            "is_chosen": ks == k,
        }
    )
    model = {
        "created_at": "2026-11-20T10:00:00",
        "features": fitted,
        "grid": {"rows": rows, "cols": columns, "topology": topology, "toroid": False},
        "k": k,
        "provenance": {"is_synthetic": is_synthetic},
    }
    labels = {
        "recency": FeatureLabel(label="Recency", unit="days"),
        "monetary": FeatureLabel(label="Spend", unit="R$", unit_first=True),
    }
    return Artifacts(codebook, model, dim_segment, profiles, criteria, labels)


@pytest.fixture(scope="session")
def make_artifacts() -> Callable[..., Artifacts]:
    """Return a function that makes up a segmentation."""
    return build_artifacts


class _BlindRenderer(RendererBase):
    """Draws nothing: what is drawn is noted by others, and much sooner."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.figure = figure

    def draw_path(self, *args: Any, **kwargs: Any) -> None: ...
    def draw_path_collection(self, *args: Any, **kwargs: Any) -> None: ...
    def draw_markers(self, *args: Any, **kwargs: Any) -> None: ...
    def draw_image(self, *args: Any, **kwargs: Any) -> None: ...
    def draw_text(self, *args: Any, **kwargs: Any) -> None: ...

    def get_canvas_width_height(self) -> tuple[float, float]:
        width, height = self.figure.bbox.size
        return float(width), float(height)

    def points_to_pixels(self, points: Any) -> Any:
        return points * self.figure.dpi / 72


def _texts(figure: Figure, gid: str | None = None) -> list[Text]:
    """The texts that are drawn: some, such as ticks beyond the limits, never are."""
    drawn: dict[Text, None] = {}
    draw = Text.draw

    def note(text: Text, renderer: RendererBase) -> None:
        if text.get_visible() and text.get_text().strip():
            drawn[text] = None
        draw(text, renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", note)
        figure.draw(_BlindRenderer(figure))
    return [text for text in drawn if gid is None or text.get_gid() == gid]


@pytest.fixture(scope="session")
def texts_of() -> Callable[..., list[str]]:
    """Return a function that lists a figure's texts, all or those with a gid, lines joined."""
    return lambda figure, gid=None: [text.get_text().replace("\n", " ") for text in _texts(figure, gid)]


@pytest.fixture(scope="session")
def assert_readable() -> Callable[[Any], None]:
    """Return a function that fails where texts overlap, leave the picture or are smaller than 8 points."""

    def check(figure: Any) -> None:
        boxes = []
        for text in _texts(figure):
            patch = text.get_bbox_patch()
            box = patch.get_window_extent() if patch else text.get_window_extent()
            boxes.append((text.get_text(), box))
            assert text.get_fontsize() >= 8, text.get_text()
            assert box.x0 >= 0 and box.y0 >= 0, f"{text.get_text()!r} leaves the picture"
            assert box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height, text.get_text()
        for number, (text, box) in enumerate(boxes):
            for other_text, other in boxes[number + 1 :]:
                across = min(box.x1, other.x1) - max(box.x0, other.x0)
                up = min(box.y1, other.y1) - max(box.y0, other.y0)
                # a pixel is what rounding to whole pixels costs
                assert across <= 1 or up <= 1, f"{text!r} overlaps {other_text!r}"

    return check
