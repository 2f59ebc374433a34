"""Scoring by the published model, and drift since it was trained."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from olist_kedro.pipelines.feature_engineering.nodes import CUSTOMER
from olist_kedro.pipelines.scoring import in_warehouse
from olist_kedro.pipelines.scoring.parameters import ScoringParameters
from olist_kedro.segmentation import scoring
from olist_kedro.segmentation.drift import exceeds_by_more_than_chance, judge_index
from olist_kedro.segmentation.scoring import PublishedModel, UnusableModelError, read_model
from olist_kedro.segmentation.transforms import TRANSFORMS

TRAIN_AGAIN = "Train and publish the model again: `kedro run --pipeline=segmentation`."


def read_published_model(
    segmentation_model: dict[str, Any],
    segmentation_codebook: ir.Table,
    customer_features: ir.Table,
    dim_customer_segmented: ir.Table,
) -> PublishedModel:
    """Read the published model and see that it, the codebook and the customers go together.

    Raises:
        UnusableModelError: One is of another run or lacks a feature, or a feature has values that its
            transform cannot take, or there are no customers.
    """
    model = read_model(segmentation_model)
    features = model.feature_names
    tables = {
        "segmentation_codebook": segmentation_codebook,
        "customer_features": customer_features,
        "dim_customer_segmented": dim_customer_segmented,
    }
    for name, table in tables.items():
        missing = [feature for feature in features if feature not in table.columns]
        if missing:
            raise UnusableModelError(
                f"The published model needs {', '.join(missing)}, which {name} does not have.\n{TRAIN_AGAIN}"
            )
    for name in ("segmentation_codebook", "dim_customer_segmented"):
        table = tables[name]
        runs = table.select("run_id").distinct().run_id.to_list() if "run_id" in table.columns else []
        if runs != [model.run_id]:
            raise UnusableModelError(
                f"segmentation_model.json is of run {model.run_id}, the table {name} of run "
                f"{', '.join(sorted(runs)) or 'unknown'}: a publication was cut short.\n{TRAIN_AGAIN}"
            )
    _check_values(customer_features, model)
    return model


def score_customers(
    published_model: PublishedModel,
    segmentation_codebook: ir.Table,
    customer_features: ir.Table,
    dim_customer_segmented: ir.Table,
    parameters: ScoringParameters,
) -> ir.Table:
    """Put every customer on the published map.

    Those who have not changed come out as they were published; scoring them as well keeps all scores those of
    one model, and drift needs all customers anyway.

    Args:
        published_model: The model.
        segmentation_codebook: Its neurons. Those of clusters without a customer (segment 0) are left out.
        customer_features: The customers as they are now.
        dim_customer_segmented: The customers as they were published.
        parameters: Who searches, and from where on a customer is outside the map.

    Returns:
        One row a customer: customer_unique_id, status (new, changed, unchanged), segment_id, segment_name,
        previous_segment_id, neuron, neuron_row, neuron_col, distance (in the model's space, as in training),
        beyond_training (how far values lie beyond the range seen in training, in the same unit),
        is_outside_map, run_id of the model and scored_at, UTC.
    """
    neurons = segmentation_codebook.filter(segmentation_codebook.segment_id > 0)
    if parameters.engine == "warehouse":
        places = in_warehouse.place_on_map(customer_features, published_model, neurons)
    else:
        places = _place_on_map_here(customer_features, published_model, neurons)
    status = in_warehouse.label_status(
        customer_features, dim_customer_segmented, published_model.feature_names
    )
    scores = status.inner_join(places, CUSTOMER).inner_join(
        neurons.select("neuron", "segment_id", neuron_row="row", neuron_col="col"), "neuron"
    )
    bound = published_model.drift_baseline.distance_at(parameters.outside_quantile)
    names = [(segment.segment_id, segment.segment_name) for segment in published_model.segments]
    from_map = scores.distance * scores.distance + scores.beyond_training * scores.beyond_training
    return scores.select(
        CUSTOMER,
        "status",
        "segment_id",
        "previous_segment_id",
        "neuron",
        "neuron_row",
        "neuron_col",
        "distance",
        "beyond_training",
        segment_name=scores.segment_id.cases(*names),
        is_outside_map=from_map > bound * bound,
        run_id=ibis.literal(published_model.run_id),
        scored_at=ibis.literal(datetime.now(UTC).replace(tzinfo=None, microsecond=0)),
    ).relocate("segment_name", after="segment_id")


def measure_drift(
    published_model: PublishedModel,
    customer_features: ir.Table,
    customer_scores: ir.Table,
    parameters: ScoringParameters,
) -> dict[str, Any]:
    """Compare today's customers with those the model was trained on, and say whether to train again.

    Only counts leave the warehouse.

    Returns:
        The report: scored_at, run_id and trained_at of the model; customers and how many of them are new,
        changed, in another segment than published (moved) and outside the map; for each feature and for the
        shares of the segments the population stability index and its level; retrain, and the reasons.
    """
    bounds = {
        "moderate": parameters.drift.moderate_psi,
        "significant": parameters.drift.significant_psi,
    }
    baseline = published_model.drift_baseline
    counts = in_warehouse.count_in_bins(customer_features, baseline.features)
    features = []
    for feature in baseline.features:
        psi, level = judge_index([*feature.counts, feature.missing], counts[feature.name], **bounds)
        features.append({"name": feature.name, "psi": psi, "level": level})

    totals = _count_scores(customer_scores)
    sizes = customer_scores.group_by("segment_id").agg(size=customer_scores.count()).to_pandas()
    now = sizes.set_index("segment_id")["size"].to_dict()
    then = {segment.segment_id: segment.customers for segment in baseline.segments}
    psi, level = judge_index(list(then.values()), [int(now.get(segment, 0)) for segment in then], **bounds)
    shares = [
        {
            **segment.model_dump(),
            "share_in_training": then.get(segment.segment_id, 0) / baseline.customers,
            "share": int(now.get(segment.segment_id, 0)) / totals["customers"],
        }
        for segment in published_model.segments
    ]
    segments = {"psi": psi, "level": level, "shares": shares}
    reasons = _reasons_to_train(features, segments, totals, parameters)
    return {
        "scored_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": published_model.run_id,
        "trained_at": published_model.created_at,
        "engine": parameters.engine,
        **totals,
        "features": features,
        "segments": segments,
        "retrain": bool(reasons),
        "reasons": reasons,
    }


def _check_values(customer_features: ir.Table, model: PublishedModel) -> None:
    """Look at count and extremes: every transform grows with the value, so these decide for all."""
    values = {name: customer_features[name].cast("float64") for name in model.feature_names}
    extremes = customer_features.agg(
        customers=customer_features.count(),
        **{f"lowest_{name}": column.min() for name, column in values.items()},
        **{f"highest_{name}": column.max() for name, column in values.items()},
    )
    row = extremes.to_pandas().iloc[0]
    if row["customers"] == 0:
        raise UnusableModelError(
            "There are no customers to score: customer_features is empty.\n"
            "Build the star schema from data first: `kedro run --pipeline=elt`."
        )
    for feature in model.features:
        ends = row[[f"lowest_{feature.name}", f"highest_{feature.name}"]].dropna().to_numpy(dtype=np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            usable = np.isfinite(TRANSFORMS[feature.transform](ends)).all()
        if not usable:
            raise UnusableModelError(
                f"customer_features has values of {feature.name} that the model's {feature.transform} cannot "
                f"take: from {ends[0]:g} to {ends[-1]:g}.\nMend them at their source, or train a model with "
                "another transform (parameters_feature_engineering.yml): `kedro run --pipeline=segmentation`."
            )


def _place_on_map_here(customer_features: ir.Table, model: PublishedModel, codebook: ir.Table) -> ir.Table:
    neurons = codebook.order_by("neuron").to_pandas()
    values = {name: customer_features[name].cast("float64") for name in model.feature_names}
    # The customers' keys stay Arrow: a million strings of Python's take longer than the search.
    fetched = customer_features.select(CUSTOMER, **values).to_pyarrow()
    nearest, distances, beyond = scoring.place_on_map(
        fetched.drop_columns(CUSTOMER).to_pandas(),
        model,
        neurons["neuron"].to_numpy(),
        neurons[list(model.feature_names)].to_numpy(),
    )
    places = {"neuron": nearest, "distance": distances, "beyond_training": beyond}
    return ibis.memtable(pa.table({CUSTOMER: fetched[CUSTOMER], **places}))


def _count_scores(customer_scores: ir.Table) -> dict[str, int]:
    counts = customer_scores.agg(
        customers=customer_scores.count(),
        new=(customer_scores.status == "new").sum(),
        changed=(customer_scores.status == "changed").sum(),
        moved=(customer_scores.segment_id != customer_scores.previous_segment_id).fill_null(False).sum(),
        outside_map=customer_scores.is_outside_map.sum(),
    )
    return {str(name): int(count) for name, count in counts.to_pandas().iloc[0].items()}


def _reasons_to_train(
    features: list[dict[str, Any]],
    segments: dict[str, Any],
    totals: dict[str, int],
    parameters: ScoringParameters,
) -> list[str]:
    bounds = parameters.drift
    reasons = [
        f"{feature['name']} has drifted: PSI {feature['psi']:.2f}, bound {bounds.significant_psi:g}"
        for feature in features
        if feature["level"] == "significant"
    ]
    if segments["level"] == "significant":
        reasons.append(
            f"the segments' shares have drifted: PSI {segments['psi']:.2f}, bound {bounds.significant_psi:g}"
        )
    outside, customers = totals["outside_map"], totals["customers"]
    if exceeds_by_more_than_chance(outside, customers, bounds.max_outside_share):
        reasons.append(
            f"{outside / customers:.1%} of the customers are outside the map, bound "
            f"{bounds.max_outside_share:.1%}"
        )
    return reasons
