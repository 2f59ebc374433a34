"""What a segment is like, against all customers."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from olist_kedro.segmentation.clustering import IntArray

# Romano, Kromrey, Coraggio and Skowronek (2006) call a Cliff's delta below .147 negligible, below .33 small.
NEGLIGIBLE_EFFECT = 0.147
SMALL_EFFECT = 0.33


def profile_segments(features: pd.DataFrame, segment_ids: IntArray) -> pd.DataFrame:
    """Compare the customers of each segment with all others, feature by feature.

    The effect size is Cliff's delta (1993): how much more often a customer of the segment has the higher
    value than the lower one, in a comparison with a customer of another segment. It goes from -1 to 1, has
    no unit, and outliers and heavy tails do not sway it.

    Args:
        features: A column for each feature, in its own unit; missing values are NaN and left out.
        segment_ids: The customers' segments, shape (n_customers,).

    Returns:
        One row a segment and feature: segment_id, feature, median, mean, overall_median, overall_mean,
        effect_size. NaN where no customer of the segment (for the effect: or of the others) has a value.
    """
    return pd.DataFrame(
        [
            {
                "segment_id": int(segment_id),
                "feature": name,
                "median": values[segment_ids == segment_id].median(),
                "mean": values[segment_ids == segment_id].mean(),
                "overall_median": values.median(),
                "overall_mean": values.mean(),
                "effect_size": effect,
            }
            for name, values in features.items()
            for segment_id, effect in _cliffs_deltas(values, segment_ids).items()
        ]
    ).sort_values(["segment_id"], kind="stable", ignore_index=True)


def summarize_sizes(segment_ids: IntArray, revenue: pd.Series) -> pd.DataFrame:
    """Count customers and revenue of each segment.

    Args:
        segment_ids: The customers' segments, shape (n_customers,).
        revenue: What each customer spent, in the same order.

    Returns:
        segment_id (ascending), size, share (of customers) and revenue_share (0 to 1).
    """
    grouped = revenue.groupby(segment_ids).agg(["size", "sum"])
    total = revenue.sum()
    return pd.DataFrame(
        {
            "segment_id": grouped.index.astype("int64"),
            "size": grouped["size"].to_numpy(),
            "share": grouped["size"].to_numpy() / len(segment_ids),
            "revenue_share": grouped["sum"].to_numpy() / (total if total else 1.0),
        }
    )


def _cliffs_deltas(values: pd.Series, segment_ids: IntArray) -> dict[int, float]:
    """Return each segment's Cliff's delta against all other customers, by way of the rank sum."""
    known = values.notna().to_numpy()
    ranks = values[known].rank().groupby(segment_ids[known]).agg(["size", "sum"])
    deltas = {int(segment_id): np.nan for segment_id in np.unique(segment_ids)}
    for segment_id, inside, rank_sum in ranks.itertuples():
        outside = int(known.sum()) - inside
        if outside:
            wins = rank_sum - inside * (inside + 1) / 2
            deltas[cast("int", segment_id)] = float(2 * wins / (inside * outside) - 1)
    return deltas
