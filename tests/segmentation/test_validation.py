from __future__ import annotations

import pytest
from pydantic import ValidationError

from olist_kedro.errors import OlistError
from olist_kedro.segmentation.validation import SegmentationRejected, Thresholds, judge, require_acceptance

METRICS = {"silhouette": 0.25, "davies_bouldin": 1.2, "topographic_error": 0.1}


def test_segmentation_on_its_bounds_is_accepted() -> None:
    verdict = judge(METRICS, Thresholds(min_silhouette=0.25, max_davies_bouldin=1.2))
    assert verdict.is_accepted
    assert verdict.decision == "published"
    assert verdict.metrics == METRICS
    require_acceptance(verdict)


def test_every_bound_that_is_missed_is_a_reason() -> None:
    verdict = judge(
        METRICS, Thresholds(min_silhouette=0.6, max_davies_bouldin=0.75, max_topographic_error=0.2)
    )
    assert verdict.decision == "rejected"
    assert set(verdict.reasons) == {"silhouette is 0.25, below 0.6", "davies bouldin is 1.2, above 0.75"}


def test_what_could_not_be_measured_is_not_good_enough() -> None:
    verdict = judge({"silhouette": float("nan")}, Thresholds(min_silhouette=0.1))
    assert verdict.reasons == ("silhouette could not be measured",)


def test_rejection_tells_the_reasons_and_the_way_out() -> None:
    verdict = judge(METRICS, Thresholds(min_silhouette=0.6))
    with pytest.raises(
        SegmentationRejected, match=r"silhouette is 0\.25, below 0\.6\n.*stays as it was"
    ) as error:
        require_acceptance(verdict)
    assert isinstance(error.value, OlistError)


def test_unknown_bound_is_refused() -> None:
    with pytest.raises(ValidationError, match="min_silhuette"):
        Thresholds.model_validate({"min_silhuette": 0.5})
