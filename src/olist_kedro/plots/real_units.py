"""From the model's scaled space back to a feature's own units."""

from collections.abc import Callable

import numpy as np
from matplotlib.ticker import MaxNLocator

from olist_kedro.plots.labels import FeatureLabel
from olist_kedro.segmentation.transforms import TRANSFORMS, FittedFeature, FloatArray

INVERSES: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none": np.positive,
    "log1p": np.expm1,
    "sqrt": np.square,
}
FEW_STEPS = 6  # a range whose upper end is fewer times its lower one is best served by evenly spaced ticks


def to_real_units(weights: FloatArray, feature: FittedFeature) -> FloatArray:
    """Undo the scaling and the transform of one feature.

    Args:
        weights: Values in the model's space, any shape.
        feature: How the model treats the feature.

    Returns:
        Values of the same shape in the feature's own unit.
    """
    return INVERSES[feature.transform](weights * feature.scale + feature.mean)


def nice_ticks(
    low: float, high: float, feature: FittedFeature, label: FeatureLabel, count: int = 5
) -> list[float]:
    """Round values in real units, spread evenly over a range as the feature's transform shows it.

    Args:
        low: Lower end in real units.
        high: Upper end in real units.
        feature: How the model treats the feature.
        label: Its label: ticks are round as the label writes them, whole numbers where it has no decimals.
        count: About how many.

    Returns:
        Ascending values between `low` and `high`, at least one.
    """
    if not high > low:
        return [low]
    ends = (low * label.factor, high * label.factor)
    even = np.array(MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(*ends))
    if feature.transform == "none" or ends[1] + 1 < FEW_STEPS * (ends[0] + 1):
        return [float(tick) for tick in _whole(_between(even, *ends), label) / label.factor]
    series = np.outer(10.0 ** np.arange(-3, 10), [1, 2, 5]).ravel()
    candidates = _whole(_between(np.concatenate([even, series]), *ends), label)
    candidates = candidates / label.factor
    forward = TRANSFORMS[feature.transform]
    start, end = forward(np.array([low, high]))
    places = forward(candidates)
    chosen: list[int] = []
    for target in np.linspace(start, end, count):
        nearest = int(np.abs(places - target).argmin())
        if not chosen or places[nearest] - places[chosen[-1]] >= (end - start) / (2 * count):
            chosen.append(nearest)
    return [float(candidates[place]) for place in chosen]


def _whole(numbers: FloatArray, label: FeatureLabel) -> FloatArray:
    """The whole numbers among them for a feature without decimals, if that leaves enough."""
    whole = numbers[np.isclose(numbers, np.round(numbers))]
    return whole if label.decimals == 0 and len(whole) >= 2 else numbers


def _between(numbers: FloatArray, low: float, high: float) -> FloatArray:
    """Ascending distinct numbers between two ends, a rounding error beyond them included."""
    slack = 1e-9 * (high - low)
    return np.unique(numbers[(numbers >= low - slack) & (numbers <= high + slack)])
