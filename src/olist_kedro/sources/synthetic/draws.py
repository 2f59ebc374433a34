"""Random draws that the generator is made of, all from one numpy generator handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from olist_kedro.sources.synthetic.statistics import END_OF_RECORDS, LEVELS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def stratified(rng: np.random.Generator, size: int) -> Floats:
    """Draw uniform numbers that fill [0, 1) evenly, one in each of `size` equal parts, shuffled.

    Shares then come out right even in small samples: stratified sampling (Cochran, Sampling Techniques).
    """
    return rng.permutation((np.arange(size) + rng.random(size)) / max(size, 1))


def pick(rng: np.random.Generator, weights: ArrayLike, size: int) -> Ints:
    """Draw `size` positions of `weights` with probabilities proportional to them."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(cumulative, stratified(rng, size) * cumulative[-1], side="right")
    return np.minimum(found, len(cumulative) - 1)


def pick_value(rng: np.random.Generator, weights: Mapping[int, float], size: int) -> Ints:
    """Draw `size` keys of `weights` with probabilities proportional to the values."""
    return np.asarray(list(weights), dtype=np.int64)[pick(rng, list(weights.values()), size)]


def pick_by_row(rng: np.random.Generator, weights: ArrayLike, rows: Ints) -> Ints:
    """Draw a column for each of `rows` with the probabilities of that row of `weights`.

    Args:
        rng: Source of randomness.
        weights: Weights, shape (n_rows, n_columns).
        rows: Row of each draw, shape (n,).

    Returns:
        Columns, shape (n,).
    """
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64), axis=1)
    threshold = rng.random(len(rows)) * cumulative[rows, -1]
    return (threshold[:, None] >= cumulative[rows]).sum(axis=1)


class Groups:
    """Members of groups, to be drawn by weight from one group at a time."""

    def __init__(self, group: Ints, weights: Floats, n_groups: int) -> None:
        """Sort the members by group.

        Args:
            group: Group of each member, shape (n_members,).
            weights: Weight of each member, above 0, shape (n_members,).
            n_groups: Number of groups, empty ones included.
        """
        self._members = np.argsort(group, kind="stable")
        self._ends = np.cumsum(np.bincount(group, minlength=n_groups))
        self._starts = self._ends - np.bincount(group, minlength=n_groups)
        self._cumulative = np.concatenate([[0.0], np.cumsum(weights[self._members])])

    def is_empty(self, group: Ints) -> Mask:
        """Tell which of the groups have no members."""
        return self._starts[group] == self._ends[group]

    def pick(self, rng: np.random.Generator, group: Ints) -> Ints:
        """Draw one member of each group named, none of them empty."""
        start, end = self._starts[group], self._ends[group]
        low, high = self._cumulative[start], self._cumulative[end]
        position = np.searchsorted(
            self._cumulative, low + rng.random(len(group)) * (high - low), side="right"
        )
        return self._members[np.clip(position - 1, start, end - 1)]


def from_quantiles(uniform: Floats, quantiles: Sequence[float]) -> Floats:
    """Turn uniform numbers into numbers with the given quantiles at `LEVELS`."""
    return np.interp(uniform, LEVELS, quantiles)


def ranks(values: Floats, weights: Floats | None = None) -> Floats:
    """Turn numbers into ones in (0, 1) of the same order that are uniform when weighted.

    Args:
        values: Numbers, shape (n,).
        weights: Weight of each, above 0; all the same where not given.

    Returns:
        The share of the weight below each number, half its own included.
    """
    weights = np.ones(len(values)) if weights is None else weights
    order = np.argsort(values, kind="stable")
    result = np.empty(len(values))
    result[order] = (np.cumsum(weights[order]) - weights[order] / 2) / weights.sum()
    return result


def some(rng: np.random.Generator, candidates: Ints, share: float, at_least: int = 0) -> Ints:
    """Draw about `share` of the candidates without replacement, `at_least` so many as long as there are."""
    wanted = max(int(len(candidates) * share + rng.random()), at_least)
    return rng.permutation(candidates)[:wanted]


def flags(rng: np.random.Generator, size: int, share: float) -> Mask:
    """Draw a mask that is true for `share` of the positions."""
    return stratified(rng, size) < share


def recorded(rng: np.random.Generator, after: Ints, time: Ints) -> Ints:
    """Draw anew the times beyond the end of the records: evenly between `after` and that end.

    Args:
        rng: Source of randomness.
        after: What happened before, seconds since 1970, in time to be recorded.
        time: Seconds since 1970.
    """
    end = int(np.datetime64(END_OF_RECORDS, "s").astype(np.int64))
    in_time = after + np.floor(rng.random(len(time)) * (end - after)).astype(np.int64)
    return np.where(time < end, time, in_time)


def hex_ids(rng: np.random.Generator, size: int) -> pa.Array:
    """Draw keys of 32 hexadecimal digits; of 128 random bits each, no two are the same."""
    digits = rng.bytes(16 * size).hex().encode()
    offsets = np.arange(0, 32 * size + 1, 32, dtype=np.int32)
    return pa.StringArray.from_buffers(size, pa.py_buffer(offsets), pa.py_buffer(digits))
