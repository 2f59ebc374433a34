"""From a judged segmentation to what is published: the attempt on record, the gate, files and tables."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple
from uuid import uuid4

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from pydantic import BaseModel

from olist_kedro.pipelines.feature_engineering.nodes import CUSTOMER
from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.pipelines.som_kmeans.parameters import (
    ClusteringParameters,
    SegmentIdentityParameters,
    SegmentNamingParameters,
    SegmentValidationParameters,
    SomParameters,
)
from olist_kedro.segmentation.clustering import FloatArray, IntArray
from olist_kedro.segmentation.drift import describe_training
from olist_kedro.segmentation.naming import distinguishing_features
from olist_kedro.segmentation.transforms import FittedFeature, ModelFeatures
from olist_kedro.segmentation.validation import Verdict, require_acceptance

PACKAGES = ("olist-kedro", "numpy", "scikit-learn", "faiss-cpu", "minisom")
PROFILE_COLUMNS = [
    "segment_id",
    "segment_name",
    "feature",
    "median",
    "mean",
    "overall_median",
    "overall_mean",
    "effect_size",
]
SEGMENT_COLUMNS = [
    "segment_id",
    "segment_name",
    "segment_description",
    "size",
    "share",
    "revenue_share",
    "profile",
    "advice",
    "created_at",
    "run_id",
]
ASSIGNMENT_COLUMNS = [CUSTOMER, "neuron", "neuron_row", "neuron_col", "distance", "segment_id"]
LOCATION_COLUMNS = ["segment_id", "neuron_row", "neuron_col", "distance"]


class Attempt(NamedTuple):
    """One attempt at a segmentation, as `segmentation_runs` records it."""

    run_id: str
    run_at: datetime
    verdict: Verdict
    provenance: dict[str, Any]


def trace_input(load_log: ir.Table, model_matrix: FloatArray) -> dict[str, Any]:
    """Say what the model is made from: the raw data, the matrix, and the packages that decide the result.

    Args:
        load_log: One row a raw table: table_name, fingerprint, load_timestamp, source, is_synthetic.
        model_matrix: Customers in the model's space.

    Returns:
        is_synthetic, sources, loaded_at, data_fingerprint (SHA-256 over the raw tables' fingerprints),
        matrix_fingerprint (SHA-256 over the matrix's bytes), customers and versions.
    """
    log = load_log.order_by("table_name").to_pandas()
    fingerprints = "\n".join(f"{row.table_name} {row.fingerprint}" for row in log.itertuples())
    return {
        "is_synthetic": bool(log["is_synthetic"].any()),
        "sources": sorted(log["source"].unique()),
        "loaded_at": log["load_timestamp"].max().isoformat(),
        "data_fingerprint": hashlib.sha256(fingerprints.encode()).hexdigest(),
        "matrix_fingerprint": hashlib.sha256(np.ascontiguousarray(model_matrix).tobytes()).hexdigest(),
        "customers": len(model_matrix),
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }


def record_attempt(
    verdict: Verdict,
    segments: pd.DataFrame,
    provenance: dict[str, Any],
    previous_segmentation_runs: ir.Table,
    feature_engineering: FeatureEngineeringParameters,
    model_features: ModelFeatures,
    som: SomParameters,
    clustering: ClusteringParameters,
    segment_identity: SegmentIdentityParameters,
    segment_naming: SegmentNamingParameters,
    segment_validation: SegmentValidationParameters,
) -> tuple[pd.DataFrame, Attempt]:
    """Add the attempt to the record, accepted or not.

    Returns:
        All attempts with this one as the last row, and this one.
    """
    run_at = datetime.now(UTC).replace(tzinfo=None)
    attempt = Attempt(f"{run_at:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}", run_at, verdict, provenance)
    parameters = {
        "feature_engineering": feature_engineering,
        "model_features": model_features,
        "som": som,
        "clustering": clustering,
        "segment_identity": segment_identity,
        "segment_naming": segment_naming,
        "segment_validation": segment_validation,
    }
    row = {
        "run_id": attempt.run_id,
        "run_at": pd.Timestamp(run_at),
        "engine": som.engine,
        "k": len(segments),
        "metrics": _to_json(verdict.metrics),
        "sizes": _to_json(dict(zip(segments["segment_id"], segments["size"], strict=True))),
        "parameters": _to_json(parameters),
        "provenance": _to_json(provenance),
        "decision": verdict.decision,
        "reasons": "; ".join(verdict.reasons),
    }
    earlier = previous_segmentation_runs.order_by("run_at").to_pandas().to_dict("records")
    return pd.DataFrame([*earlier, row], columns=list(row)), attempt


def accept_segmentation(
    attempt: Attempt,
    segment_number_criteria: pd.DataFrame,
    located_customers: pd.DataFrame,
    segments: pd.DataFrame,
    profiles: pd.DataFrame,
) -> tuple[Attempt, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Let an accepted segmentation through to publication; a rejected one ends the run here.

    Returns:
        The attempt, k_criteria, segment_assignments, the segments and segment_profiles.

    Raises:
        SegmentationRejected: The attempt missed a threshold. It is on record by now, nothing is published.
    """
    require_acceptance(attempt.verdict)
    return (
        attempt,
        segment_number_criteria,
        located_customers[ASSIGNMENT_COLUMNS],
        segments,
        profiles[PROFILE_COLUMNS],
    )


def publish_model(
    accepted_attempt: Attempt,
    accepted_segments: pd.DataFrame,
    segment_assignments: pd.DataFrame,
    fitted_features: tuple[FittedFeature, ...],
    model_input: pd.DataFrame,
    map_codebook: FloatArray,
    neuron_segments: IntArray,
    som: SomParameters,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Write the model down as data: a table of neurons, and all else that scoring a customer needs.

    Returns:
        codebook: one row a neuron: neuron, row, col, customers, segment_id, u_height and the neuron's weight
        for each feature, in the model's space; and segmentation_model, JSON.
    """
    from olist_kedro.som.measures import hits, u_matrix

    neurons = np.arange(som.rows * som.columns)
    codebook = pd.DataFrame(
        {
            "neuron": neurons,
            "row": neurons // som.columns,
            "col": neurons % som.columns,
            "customers": hits(segment_assignments["neuron"], len(neurons)),
            "segment_id": neuron_segments,
            "u_height": u_matrix(map_codebook, som.rows, som.columns, **som.geometry).ravel(),
            **{feature.name: map_codebook[:, column] for column, feature in enumerate(fitted_features)},
        }
    )
    model = {
        "run_id": accepted_attempt.run_id,
        "created_at": accepted_attempt.run_at.isoformat(timespec="seconds"),
        "engine": som.engine,
        "features": [feature.model_dump(mode="json") for feature in fitted_features],
        "grid": {"rows": som.rows, "cols": som.columns, **som.geometry},
        "schedule": som.schedule,
        "seed": som.seed,
        "k": len(accepted_segments),
        "segments": accepted_segments[["segment_id", "segment_name"]].to_dict("records"),
        "metrics": accepted_attempt.verdict.metrics,
        "provenance": accepted_attempt.provenance,
        "drift_baseline": describe_training(
            model_input, fitted_features, segment_assignments["segment_id"], segment_assignments["distance"]
        ),
    }
    return codebook, json.loads(_to_json(model))


def publish_codebook(codebook: pd.DataFrame, segmentation_model: dict[str, Any]) -> pd.DataFrame:
    """Return the neurons for the warehouse, with the run that published them: files and tables can differ."""
    return codebook.assign(run_id=segmentation_model["run_id"])


def publish_segments(
    accepted_attempt: Attempt,
    accepted_segments: pd.DataFrame,
    segment_profiles: pd.DataFrame,
    previous_dim_segment: ir.Table,
) -> pd.DataFrame:
    """Make `dim_segment`; a segment that was published before keeps the time of its first publication.

    Returns:
        One row a segment, by segment_id. `profile` is JSON: the features that set the segment apart,
        strongest first, and for each feature median and mean of the segment and of all customers, and
        the effect size (Cliff's delta). `run_id` as in `dim_customer_segmented`: the two are replaced one
        after the other, and only rows of one run belong together.
    """
    created = previous_dim_segment.select("segment_id", "created_at").to_pandas().set_index("segment_id")
    profiles = {
        segment_id: _profile_as_json(profile.set_index("feature"))
        for segment_id, profile in segment_profiles.groupby("segment_id")
    }
    now = pd.Timestamp(accepted_attempt.run_at)
    first_published = created["created_at"].to_dict()
    segments = accepted_segments.assign(
        profile=accepted_segments["segment_id"].map(profiles),
        created_at=[first_published.get(segment_id, now) for segment_id in accepted_segments["segment_id"]],
        run_id=accepted_attempt.run_id,
    )
    return segments[SEGMENT_COLUMNS].sort_values("segment_id", ignore_index=True)


def publish_customers(
    accepted_attempt: Attempt, customer_features: ir.Table, segment_assignments: pd.DataFrame
) -> ir.Table:
    """Join the customers' segments and places on the map to their features, in the warehouse.

    Returns:
        One row a customer: every column of `customer_features`, segment_id, neuron_row, neuron_col, distance,
        and the run_id of the segments.
    """
    located = ibis.memtable(segment_assignments[[CUSTOMER, *LOCATION_COLUMNS]])
    joined = customer_features.inner_join(located, CUSTOMER)
    run_id = ibis.literal(accepted_attempt.run_id)
    return joined.select(*customer_features.columns, *LOCATION_COLUMNS, run_id=run_id)


def _version(package: str) -> str | None:
    """Return a package's version; None where it is not installed (a map can do without faiss)."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _profile_as_json(profile: pd.DataFrame) -> str:
    statistics = profile[["median", "mean", "overall_median", "overall_mean", "effect_size"]]
    return _to_json(
        {
            "distinguished_by": distinguishing_features(profile),
            "features": statistics.to_dict("index"),
        }
    )


def _to_json(value: object) -> str:
    """Write JSON; NaN, which JSON does not know, becomes null."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
