"""Is a segmentation good enough to be published?"""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from olist_kedro.errors import OlistError


class SegmentationRejected(OlistError):  # noqa: N818 (a verdict, not a fault)
    """A segmentation did not pass the gate; what is published stays as it was."""


class Thresholds(BaseModel):
    """What a segmentation must reach; None where it does not matter.

    Attributes:
        max_quantization_error: Mean distance of the customers from their neuron, in the model's space.
        max_relative_quantization_error: The same, divided by their mean distance from the centre of all.
        max_topographic_error: Share of customers whose two nearest neurons are not neighbours.
        min_silhouette: On a sample of the customers.
        max_davies_bouldin: On all customers.
        min_calinski_harabasz: On all customers.
        min_stability: Adjusted Rand index over customers drawn again.
        min_smallest_share: Share of customers in the smallest segment.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_quantization_error: float | None = None
    max_relative_quantization_error: float | None = None
    max_topographic_error: float | None = None
    min_silhouette: float | None = None
    max_davies_bouldin: float | None = None
    min_calinski_harabasz: float | None = None
    min_stability: float | None = None
    min_smallest_share: float | None = None


class Verdict(NamedTuple):
    """The metrics of a segmentation, and the reasons not to publish it, if any."""

    metrics: dict[str, float]
    reasons: tuple[str, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    @property
    def decision(self) -> str:
        """The decision as `segmentation_runs` records it."""
        return "published" if self.is_accepted else "rejected"


def judge(metrics: Mapping[str, float], thresholds: Thresholds) -> Verdict:
    """Compare the metrics with their thresholds.

    Args:
        metrics: By name, without the "min_" or "max_" of the threshold; NaN where one could not be measured.
        thresholds: What must be reached.

    Returns:
        The verdict, with one reason for each threshold that is missed.
    """
    reasons = []
    for name, bound in thresholds:
        kind, _, metric = name.partition("_")
        if bound is None:
            continue
        value = metrics[metric]
        words = metric.replace("_", " ")
        if isnan(value):
            reasons.append(f"{words} could not be measured")
        elif kind == "max" and value > bound:
            reasons.append(f"{words} is {value:.4g}, above {bound:g}")
        elif kind == "min" and value < bound:
            reasons.append(f"{words} is {value:.4g}, below {bound:g}")
    return Verdict(dict(metrics), tuple(reasons))


def require_acceptance(verdict: Verdict) -> None:
    """Let an accepted segmentation pass.

    Raises:
        SegmentationRejected: It was rejected; the message lists the reasons.
    """
    if not verdict.is_accepted:
        reasons = "\n".join(f"  - {reason}" for reason in verdict.reasons)
        raise SegmentationRejected(
            f"The segmentation is not good enough to be published:\n{reasons}\n"
            "What was published before stays as it was; the attempt is in the table segmentation_runs.\n"
            "Change the model (parameters_feature_engineering.yml, parameters_som_kmeans.yml) or, where "
            "a bound is too strict, segment_validation."
        )
