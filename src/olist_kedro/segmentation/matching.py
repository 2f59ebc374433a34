"""Segment ids that follow the customers from run to run."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pandas as pd


def assign_segment_ids(
    clusters: pd.Series,
    revenue: pd.Series,
    previous: pd.Series,
    *,
    last_used_id: int,
    min_overlap: float,
) -> dict[int, int]:
    """Give each cluster the id of the published segment that holds most of its customers.

    A cluster and a published segment that have little in common are no match. Of all ways to pair the
    others, the one is taken that leaves the most customers under their old id (the assignment problem;
    Kuhn 1955). A cluster without a match gets a new id, and the id of a segment without one is retired. New
    ids go up from the last one ever used, to the clusters with the most revenue first.

    Args:
        clusters: Each customer's cluster, indexed by customer_unique_id.
        revenue: What each customer spent, with the same index.
        previous: Each customer's published segment id, indexed by customer_unique_id; may be empty.
        last_used_id: The highest id that any published segment ever had; 0 if there was none.
        min_overlap: Least Jaccard index of a match: customers in both over customers in either, among those
            that both runs know.

    Returns:
        The segment id of each cluster.
    """
    matched = _match(clusters, previous, min_overlap)
    by_revenue = revenue.groupby(clusters.to_numpy()).sum().sort_values(ascending=False, kind="stable")
    ids = dict(matched)
    for cluster in by_revenue.index:
        if cluster not in ids:
            last_used_id += 1
            ids[int(cluster)] = last_used_id
    return ids


def find_last_used_id(published_ids: Iterable[int], published_sizes: Iterable[str]) -> int:
    """Return the highest segment id ever published, 0 if there was none.

    Args:
        published_ids: The ids of the segments that are published now.
        published_sizes: From each published run its sizes: a JSON object with the segment ids as keys.
    """
    earlier = (int(segment_id) for sizes in published_sizes for segment_id in json.loads(sizes))
    return max([0, *(int(segment_id) for segment_id in published_ids), *earlier])


def _match(clusters: pd.Series, previous: pd.Series, min_overlap: float) -> dict[int, int]:
    from scipy.optimize import linear_sum_assignment

    both = pd.concat([clusters.rename("cluster"), previous.rename("segment")], axis=1, join="inner")
    if both.empty:
        return {}
    overlap = pd.crosstab(both["cluster"], both["segment"])
    counts = overlap.to_numpy()
    either = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
    keep_id = np.where(counts / either >= min_overlap, counts, 0)
    return {
        int(overlap.index[row]): int(overlap.columns[column])
        for row, column in zip(*linear_sum_assignment(keep_id, maximize=True), strict=True)
        if keep_id[row, column] > 0
    }
