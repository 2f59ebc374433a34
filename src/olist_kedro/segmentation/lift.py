"""How a segment's customers differ from all others in what they did later: lift, with an interval.

Lift is the segment's value divided by that of the customers of all other segments. An interval that holds 1
means that the two cannot be told apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Z = 1.959964  # of the normal distribution, for 95%
PERCENTILES = (2.5, 97.5)
# Fewer values above 0 than this have no tail to draw again: a bootstrap would claim too narrow an interval.
FEWEST_VALUES = 10


class Lift(NamedTuple):
    """A ratio and its 95% interval; NaN where there is too little to measure it from."""

    lift: float
    ci_low: float
    ci_high: float


def share_lift(events: int, customers: int, other_events: int, other_customers: int) -> Lift:
    """Compare two shares.

    The interval is that of Katz, Baptista, Azen and Pike (1978, Biometrics 34), normal in the logarithm of
    the ratio; where one count is 0 it is taken with half an event more in each group (Walter, 1975).

    Args:
        events: Customers of the segment who did it.
        customers: Customers of the segment, at least 1.
        other_events: The same of all other segments.
        other_customers: Customers of all other segments, at least 1.
    """
    a, n, b, m = float(events), float(customers), float(other_events), float(other_customers)
    lift = _ratio(a / n, b / m)
    if min(a, b) == 0:
        a, n, b, m = a + 0.5, n + 0.5, b + 0.5, m + 0.5
    centre = np.log((a / n) / (b / m))
    reach = Z * np.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    low, high = float(np.exp(centre - reach)), float(np.exp(centre + reach))
    return Lift(lift, low if events else 0.0, high if other_events else np.inf)


def mean_lifts(values: pd.Series, segments: pd.Series, *, draws: int, seed: int) -> dict[str, Lift]:
    """Compare each segment's mean with that of all others.

    The interval is the percentile bootstrap's (Efron and Tibshirani, 1993, chapter 13): each segment's
    customers are drawn again with replacement. It asks for no shape of the values: of spend, most are 0.

    Args:
        values: One value, 0 or more, a customer; missing ones are left out.
        segments: The customers' segments, with the same index.
        draws: Number of draws.
        seed: Of the draws.

    Returns:
        The lift by segment.
    """
    random = np.random.default_rng(seed)
    known = values.notna()
    names = sorted(segments.unique())
    groups = {name: values[known & (segments == name)].to_numpy(np.float64) for name in names}
    sizes = np.array([len(group) for group in groups.values()], dtype=np.float64)
    sums = np.array([group.sum() for group in groups.values()])
    above_zero = np.array([np.count_nonzero(group) for group in groups.values()])
    drawn = np.array([_drawn_sums(group, draws, random) for group in groups.values()])
    lifts = {}
    for position, name in enumerate(names):
        others = np.arange(len(names)) != position
        size, other_size = sizes[position], sizes[others].sum()
        if not size or not other_size:
            lifts[name] = Lift(np.nan, np.nan, np.nan)
            continue
        lift = _ratio(sums[position] / size, sums[others].sum() / other_size)
        low = high = np.nan
        if min(above_zero[position], above_zero[others].sum()) >= FEWEST_VALUES:
            ratios = (drawn[position] / size) / (drawn[others].sum(axis=0) / other_size)
            low, high = (float(bound) for bound in np.percentile(ratios, PERCENTILES))
        lifts[name] = Lift(lift, low, high)
    return lifts


def _drawn_sums(group: FloatArray, draws: int, random: np.random.Generator) -> FloatArray:
    """Return the sums of `draws` bootstrap samples, drawn as counts of the distinct values."""
    if not len(group):
        return np.zeros(draws)
    distinct, counts = np.unique(group, return_counts=True)
    return random.multinomial(len(group), counts / len(group), size=draws) @ distinct


def _ratio(value: float, of: float) -> float:
    return float(value / of) if of else float("nan")
