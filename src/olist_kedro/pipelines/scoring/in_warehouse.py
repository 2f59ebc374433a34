"""Scoring and counting as Ibis expressions, on DuckDB and BigQuery alike: no customer leaves them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from operator import add, or_
from typing import Any, cast

import ibis
import ibis.expr.types as ir

from olist_kedro.pipelines.feature_engineering.nodes import CUSTOMER
from olist_kedro.segmentation.drift import FeatureBaseline
from olist_kedro.segmentation.scoring import PublishedModel
from olist_kedro.segmentation.transforms import Transform

TRANSFORMS: dict[Transform, Callable[[ir.FloatingValue], ir.FloatingValue]] = {
    "none": lambda values: values,
    "log1p": lambda values: cast("ir.FloatingValue", (values + 1).ln()),
    "sqrt": lambda values: cast("ir.FloatingValue", values.sqrt()),
}


def place_on_map(customer_features: ir.Table, model: PublishedModel, codebook: ir.Table) -> ir.Table:
    """Find each customer's neuron by comparing every customer with every neuron.

    The same as :func:`olist_kedro.segmentation.scoring.place_on_map`, but for the distances' last digit.

    Args:
        customer_features: One row a customer, features in their own units.
        model: The published model.
        codebook: The neurons to choose from: neuron and the weight for each feature.

    Returns:
        customer_unique_id, neuron, distance and beyond_training.
    """
    names = model.feature_names
    # Of neurons with the same weights the lowest number wins.
    neurons = codebook.group_by([codebook[name].name(f"weight_{name}") for name in names]).agg(
        neuron=codebook.neuron.min()
    )
    customers = _to_model_space(customer_features, model)
    # Grouping by a number takes half the time that grouping by the customer's 32 characters takes.
    numbered = customers.mutate(number=ibis.row_number().over(order_by=customers[CUSTOMER]))
    pairs = numbered.cross_join(neurons)
    differences = [pairs[f"at_{name}"] - pairs[f"weight_{name}"] for name in names]
    square = reduce(add, [difference * difference for difference in differences])
    compared = pairs.select("number", "neuron", square=square)
    nearest = compared.group_by("number").agg(
        neuron=compared.neuron.argmin(compared.square), distance=compared.square.min().sqrt()
    )
    return numbered.inner_join(nearest, "number").select(CUSTOMER, "neuron", "distance", "beyond_training")


def label_status(
    customer_features: ir.Table, dim_customer_segmented: ir.Table, features: tuple[str, ...]
) -> ir.Table:
    """Say of each customer whether the published segmentation knows them as they are now.

    Returns:
        customer_unique_id, status and previous_segment_id (null for new customers). Status is `new`,
        `changed` (any feature of the model differs from what it was in training) or `unchanged`.
    """
    published = dim_customer_segmented.select(
        CUSTOMER, previous_segment_id="segment_id", **{f"previous_{name}": name for name in features}
    )
    both = customer_features.select(CUSTOMER, *features).left_join(published, CUSTOMER)
    differs = reduce(or_, [~both[name].identical_to(both[f"previous_{name}"]) for name in features])
    status = ibis.cases((both.previous_segment_id.isnull(), "new"), (differs, "changed"), else_="unchanged")
    return both.select(CUSTOMER, "previous_segment_id", status=status)


def count_in_bins(
    customer_features: ir.Table, baselines: tuple[FeatureBaseline, ...]
) -> dict[str, list[int]]:
    """Count the customers in each bin of each feature, all in one query.

    Returns:
        By feature, the counts of its bins, then of its missing values.
    """
    row = counts_of_bins(customer_features, baselines).to_pandas().iloc[0]
    return {
        baseline.name: [
            int(row[f"{baseline.name}_{place}"]) for place in (*range(len(baseline.counts)), "missing")
        ]
        for baseline in baselines
    }


def counts_of_bins(customer_features: ir.Table, baselines: tuple[FeatureBaseline, ...]) -> ir.Table:
    """Return the query of :func:`count_in_bins`: one row, a column `<feature>_<number of the bin>` each."""
    counts: dict[str, ir.Value] = {}
    for baseline in baselines:
        values = customer_features[baseline.name].cast("float64")
        bounds: list[Any] = [None, *map(_exactly, baseline.edges), None]
        for number, (above, up_to) in enumerate(pairwise(bounds)):
            inside = values.notnull()
            if above is not None:
                inside &= values > above
            if up_to is not None:
                inside &= values <= up_to
            counts[f"{baseline.name}_{number}"] = inside.sum()
        counts[f"{baseline.name}_missing"] = values.isnull().sum()
    return customer_features.agg(**counts)


def _to_model_space(customer_features: ir.Table, model: PublishedModel) -> ir.Table:
    """Return customer_unique_id, `at_<feature>` as training would have it, and beyond_training."""
    places: dict[str, ir.Value] = {}
    beyond = []
    for feature, baseline in zip(model.features, model.drift_baseline.features, strict=True):
        transform = TRANSFORMS[feature.transform]
        mean, scale = _exactly(feature.mean), _exactly(feature.scale)
        values = customer_features[feature.name].cast("float64").fill_null(_exactly(feature.impute))
        places[f"at_{feature.name}"] = _clip((transform(values) - mean) / scale, *feature.clip)
        within = _clip(values, baseline.lowest, baseline.highest)
        beyond.append(((transform(values) - transform(within)) / scale) ** 2)
    return customer_features.select(CUSTOMER, **places, beyond_training=reduce(add, beyond).sqrt())


def _clip(values: ir.FloatingValue, lowest: float, highest: float) -> ir.FloatingValue:
    """Clip values that are never null; Ibis's own `clip` asks four times whether they are."""
    return cast("ir.FloatingValue", ibis.greatest(_exactly(lowest), ibis.least(_exactly(highest), values)))


def _exactly(number: float) -> ir.FloatingValue:
    """Return a number as a literal that loses no digit: DuckDB takes 4.333333333333333 for a decimal."""
    return cast("ir.FloatingValue", ibis.literal(repr(number)).cast("float64"))
