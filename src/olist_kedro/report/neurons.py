"""The map as data for the report's script: what each neuron is like, in words and as colours."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from olist_kedro.plots.component_planes import SHOWN_QUANTILES, tick_texts
from olist_kedro.plots.label_placement import place_labels
from olist_kedro.plots.labels import FeatureLabel, format_count, label_for
from olist_kedro.plots.neuron_map import NeuronMap
from olist_kedro.plots.real_units import nice_ticks, to_real_units
from olist_kedro.plots.segments import read_features
from olist_kedro.segmentation.transforms import TRANSFORMS, FittedFeature

LEVELS = 254  # of a colour scale
NO_LEVEL = 255
MAP_SIZE = (8.0, 6.5)  # inches of the map in a wide window, at most
NAME_SIZE = 9.5  # points
PALETTE = tuple(to_hex(colour) for colour in colormaps["viridis"](np.linspace(0, 1, 64)))


@dataclass(frozen=True)
class Plane:
    """One quantity over the map.

    Attributes:
        key: Its name in the page.
        heading: For humans, with the unit.
        caption: What a colour means.
        levels: Place on the colour scale of each neuron, 0 to 254, 255 for none; bytes in base64.
        texts: The value of each neuron as it is read, in the same order, joined by "|".
        ticks: Places on the colour scale (0 to 1) and what they stand for.
        overall: Place of the average customer; None where there is none.
    """

    key: str
    heading: str
    caption: str
    levels: str
    texts: str
    ticks: list[tuple[float, str]]
    overall: float | None = None


@dataclass(frozen=True)
class Name:
    """A segment's name on the map: its centre, and what it points at where it lies outside its segment.

    Places are in percent of the map's width and height, from the left and the top.
    """

    segment_id: int
    lines: tuple[str, ...]
    left: float
    top: float
    anchor: tuple[float, float] | None


def read_map(
    codebook: pd.DataFrame, model: Mapping[str, Any], labels: Mapping[str, FeatureLabel]
) -> dict[str, Any]:
    """Turn the codebook into what the script draws and tells.

    Args:
        codebook: One row a neuron: row, col, customers, segment_id, u_height, and a column of scaled
            weights a feature.
        model: The segmentation model: its grid, and its features' transform, mean and scale.
        labels: Human labels by feature.

    Returns:
        Plain data, ready for JSON: rows, columns, is_transposed (whether rows run along x), is_hexagonal,
        palette, planes, and the segment (id) and customers of each neuron, row by row.
    """
    neurons = NeuronMap.from_codebook(codebook)
    ordered = codebook.sort_values(["row", "col"])
    customers = ordered["customers"].to_numpy()
    planes = [
        _customers_plane(customers),
        _distance_plane(ordered["u_height"].to_numpy(dtype=np.float64)),
        *(
            _feature_plane(
                ordered[feature.name].to_numpy(dtype=np.float64), feature, label_for(feature.name, labels)
            )
            for feature in read_features(model)
        ),
    ]
    return {
        "rows": int(ordered["row"].max()) + 1,
        "columns": int(ordered["col"].max()) + 1,
        "is_transposed": neurons.is_transposed,
        "is_hexagonal": model["grid"].get("topology") == "hexagonal",
        "palette": PALETTE,
        "planes": [asdict(plane) for plane in planes],
        "segments": ordered["segment_id"].astype(int).tolist(),
        "customers": customers.astype(int).tolist(),
    }


def place_names(codebook: pd.DataFrame, names: Mapping[int, str]) -> list[Name]:
    """Find places on the map for the segments' names, as in the pictures.

    Args:
        codebook: One row a neuron: row, col, segment_id.
        names: Name by segment id.
    """
    neurons = NeuronMap.from_codebook(codebook)
    width, height = neurons.size_within(*MAP_SIZE)
    cell = (width / neurons.width, height / neurons.height)

    def place(x: float, y: float) -> tuple[float, float]:
        left, top = (x + 0.5) / neurons.width, 1 - (y + 0.5) / neurons.height
        return round(100 * left, 2), round(100 * top, 2)

    return [
        Name(
            label.segment_id,
            label.lines,
            *place(label.x, label.y),
            place(*label.anchor) if label.needs_pointer else None,
        )
        for label in place_labels(neurons.segments(codebook), names, cell, (NAME_SIZE,))
    ]


def _customers_plane(customers: NDArray[Any]) -> Plane:
    most = max(float(customers.max()), 2.0)
    ticks = [tick for tick in np.outer(10.0 ** np.arange(7), [1, 2, 5]).ravel() if tick <= most]
    levels = _levels(np.log(np.maximum(customers, 1)), 0.0, np.log(most))
    levels[customers == 0] = NO_LEVEL
    return Plane(
        "customers",
        "Customers",
        "How many customers a neuron stands for, on a logarithmic scale. Grey: none.",
        _encode(levels),
        "|".join(format_count(count) for count in customers),
        [(float(np.log(tick) / np.log(most)), format_count(tick)) for tick in ticks],
    )


def _distance_plane(heights: NDArray[np.float64]) -> Plane:
    low, high = _limits(heights)
    label = FeatureLabel(label="Distance to neighbours", decimals=2)
    linear = FittedFeature(name="u_height", impute=0, transform="none", mean=0, scale=1, clip=(0, np.inf))
    return Plane(
        "u_height",
        label.heading,
        "U-matrix: how far a neuron's customers are from those around it. Bright ridges are real borders; a "
        "segment border without one cuts through a continuum.",
        _encode(_levels(heights, low, high)),
        "|".join(label.number(height) for height in heights),
        _ticks(low, high, linear, label),
    )


def _feature_plane(weights: NDArray[np.float64], feature: FittedFeature, label: FeatureLabel) -> Plane:
    values = to_real_units(weights, feature)
    low, high = _limits(values)
    start, end = TRANSFORMS[feature.transform](np.array([low, high]))
    overall = (feature.mean - start) / (end - start)  # of the transformed values, as the map sees them
    return Plane(
        feature.name,
        label.heading,
        "The map's own value at each place, in the feature's unit; colours are even steps of what the model "
        "sees.",
        _encode(_levels(TRANSFORMS[feature.transform](np.maximum(values, low)), start, end)),
        "|".join(label.mean(value) for value in values),
        _ticks(low, high, feature, label),
        float(np.clip(overall, 0, 1)),
    )


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """What the colours span: all but the rarest neurons, as in the pictures."""
    low, high = (float(value) for value in np.nanquantile(values, SHOWN_QUANTILES))
    return low, high if high > low else low + 1.0


def _ticks(low: float, high: float, feature: FittedFeature, label: FeatureLabel) -> list[tuple[float, str]]:
    ticks = nice_ticks(low, high, feature, label)
    start, end = TRANSFORMS[feature.transform](np.array([low, high]))
    places = (TRANSFORMS[feature.transform](np.array(ticks)) - start) / (end - start)
    return list(zip((float(place) for place in places), tick_texts(ticks, label), strict=True))


def _levels(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    return np.rint(LEVELS * np.clip((values - low) / (high - low), 0, 1)).astype(np.uint8)


def _encode(levels: Sequence[int] | NDArray[np.uint8]) -> str:
    return base64.b64encode(bytes(levels)).decode("ascii")
