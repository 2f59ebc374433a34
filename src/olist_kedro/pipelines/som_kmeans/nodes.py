"""From the model's matrix to a judged segmentation: map, clusters, ids, profiles, names, metrics."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.feature_engineering.definitions import DEFINITIONS
from olist_kedro.pipelines.feature_engineering.nodes import CUSTOMER, fetch_as_floats
from olist_kedro.pipelines.som_kmeans.parameters import (
    ClusteringParameters,
    SegmentIdentityParameters,
    SegmentNamingParameters,
    SegmentValidationParameters,
    SomParameters,
)
from olist_kedro.segmentation.clustering import FloatArray, IntArray, separation_scores
from olist_kedro.segmentation.k_selection import (
    MappedCustomers,
    choose_number_of_clusters,
    measure_numbers_of_clusters,
)
from olist_kedro.segmentation.matching import assign_segment_ids, find_last_used_id
from olist_kedro.segmentation.naming import FeatureWords, name_segments
from olist_kedro.segmentation.profiles import profile_segments, summarize_sizes
from olist_kedro.segmentation.transforms import FittedFeature, ModelFeatures, apply_features, fit_features
from olist_kedro.segmentation.validation import Verdict, judge

REVENUE = "monetary"

# What this run needs of the tables that earlier runs left, for ids and for the publication after the gate.
NEEDED_OF_EARLIER_RUNS = {
    "dim_customer_segmented": (CUSTOMER, "segment_id"),
    "dim_segment": ("segment_id", "created_at"),
    "segmentation_runs": ("run_at", "decision", "sizes"),
}


class NoCustomersError(OlistError):
    """There is nobody to put into segments."""


class StaleModelInputError(OlistError):
    """`model_input` was made from other parameters or other customers than those of this run."""


class UnknownTableError(OlistError):
    """A table that this pipeline publishes is there already, and something else made it."""


def transform_features(
    model_input: pd.DataFrame, model_features: ModelFeatures
) -> tuple[tuple[FittedFeature, ...], FloatArray]:
    """Learn the features' transforms and take the customers to the model's space.

    Args:
        model_input: `customer_unique_id` and the features in their own units.
        model_features: How each feature is treated.

    Returns:
        The fitted features, and the matrix, shape (n_customers, n_features), rows as in `model_input`.

    Raises:
        NoCustomersError: There is no row.
        StaleModelInputError: A feature is not there: `model_input` was made before it was asked for.
    """
    if model_input.empty:
        raise NoCustomersError(
            "There are no customers to segment: customer_features is empty.\n"
            "Build the star schema from data first: `kedro run --pipeline=elt`."
        )
    missing = [name for name in model_features.names if name not in model_input]
    if missing:
        raise _stale_model_input(f"it lacks {', '.join(missing)}")
    fitted = fit_features(model_input, model_features)
    return fitted, apply_features(model_input, fitted)


def train_map(model_matrix: FloatArray, som: SomParameters) -> FloatArray:
    """Train the Self-Organizing Map.

    Args:
        model_matrix: Customers in the model's space, shape (n_customers, n_features).
        som: Engine, grid and schedule.

    Returns:
        The codebook: the neurons' weights, row by row, shape (rows * columns, n_features).
    """
    if som.engine == "minisom":
        from olist_kedro.som.minisom_engine import train_minisom

        return train_minisom(
            model_matrix, som.rows, som.columns, random_state=som.seed, **som.minisom.model_dump()
        )
    from olist_kedro.som import BatchSOM

    batch_som = BatchSOM(
        som.rows, som.columns, **som.geometry, random_state=som.seed, **som.batch_som.model_dump()
    )
    return batch_som.fit(model_matrix).codebook_


def map_customers(
    model_input: pd.DataFrame, model_matrix: FloatArray, map_codebook: FloatArray, som: SomParameters
) -> pd.DataFrame:
    """Find each customer's neuron.

    Returns:
        customer_unique_id, neuron, neuron_row, neuron_col and distance (Euclidean, in the model's space).
    """
    from olist_kedro.som.measures import best_matching_units

    neurons, distances = best_matching_units(model_matrix, map_codebook, search=som.batch_som.search)
    return pd.DataFrame(
        {
            CUSTOMER: model_input[CUSTOMER].to_numpy(),
            "neuron": neurons,
            "neuron_row": neurons // som.columns,
            "neuron_col": neurons % som.columns,
            "distance": distances,
        }
    )


def compare_numbers_of_segments(
    model_matrix: FloatArray,
    map_codebook: FloatArray,
    mapped_customers: pd.DataFrame,
    clustering: ClusteringParameters,
) -> pd.DataFrame:
    """Measure the criteria for each number of segments and mark the one to take.

    Returns:
        One row a number, as `olist_kedro.segmentation.k_selection` describes it.

    Raises:
        TooFewNeuronsError: The customers sit on fewer neurons than the number asked for, or the least one.
    """
    customers = MappedCustomers(model_matrix, map_codebook, mapped_customers["neuron"].to_numpy())
    most = int(np.count_nonzero(customers.hits))
    # What was asked for is tried even where it must fail, so that the user is told why.
    asked_for = (clustering.numbers[0], clustering.fixed_k)
    numbers = [k for k in clustering.numbers if k <= most or k in asked_for]
    criteria = measure_numbers_of_clusters(
        customers,
        numbers,
        clustering.kmeans,
        seed=clustering.seed,
        sample_size=clustering.sample_size,
        bootstraps=clustering.bootstraps,
    )
    return choose_number_of_clusters(
        criteria,
        k=clustering.fixed_k,
        min_stability=clustering.min_stability,
        min_smallest_share=clustering.min_smallest_share,
        max_largest_share=clustering.max_largest_share,
    )


def cluster_neurons(
    map_codebook: FloatArray,
    mapped_customers: pd.DataFrame,
    segment_number_criteria: pd.DataFrame,
    clustering: ClusteringParameters,
) -> IntArray:
    """Put the neurons into as many clusters as were chosen.

    Returns:
        The cluster of each neuron, 0 to k - 1, shape (n_neurons,).
    """
    hits = np.bincount(mapped_customers["neuron"], minlength=len(map_codebook))
    return clustering.kmeans.labels(
        map_codebook, hits, _chosen(segment_number_criteria)["k"], clustering.seed
    )


def cluster_customers_directly(
    model_matrix: FloatArray, segment_number_criteria: pd.DataFrame, clustering: ClusteringParameters
) -> IntArray:
    """Put the customers themselves into as many clusters, as a control: what K-Means finds without a map.

    Returns:
        The cluster of each customer, 0 to k - 1, shape (n_customers,).
    """
    one_each = np.ones(len(model_matrix), dtype=np.int64)
    return clustering.kmeans.labels(
        model_matrix, one_each, _chosen(segment_number_criteria)["k"], clustering.seed
    )


def fetch_profile_features(
    customer_features: ir.Table, mapped_customers: pd.DataFrame, segment_naming: SegmentNamingParameters
) -> pd.DataFrame:
    """Fetch what segments are described by, and revenue, from the warehouse.

    Returns:
        customer_unique_id, the profile's features and `monetary`; rows as in `mapped_customers`.

    Raises:
        StaleModelInputError: `model_input` holds other customers than `customer_features`.
    """
    features = dict.fromkeys((*segment_naming.profile_features, REVENUE))
    profile_input = fetch_as_floats(customer_features, tuple(features))
    if profile_input[CUSTOMER].tolist() != mapped_customers[CUSTOMER].tolist():
        raise _stale_model_input("its customers are not those of customer_features")
    return profile_input


def identify_segments(
    neuron_clusters: IntArray,
    mapped_customers: pd.DataFrame,
    profile_input: pd.DataFrame,
    previous_dim_customer_segmented: ir.Table,
    previous_dim_segment: ir.Table,
    previous_segmentation_runs: ir.Table,
    segment_identity: SegmentIdentityParameters,
) -> tuple[IntArray, pd.DataFrame]:
    """Give the clusters their segment ids: those of the published segments that hold the same customers.

    Returns:
        The segment id of each neuron, shape (n_neurons,), 0 for neurons of a cluster without customers;
        and `mapped_customers` with segment_id.

    Raises:
        UnknownTableError: A table of an earlier run lacks columns that it would have.
    """
    earlier = (previous_dim_customer_segmented, previous_dim_segment, previous_segmentation_runs)
    for table, (name, needed) in zip(earlier, NEEDED_OF_EARLIER_RUNS.items(), strict=True):
        _require_columns(table, name, needed)
    published = previous_dim_customer_segmented.select(CUSTOMER, "segment_id").to_pandas()
    runs = previous_segmentation_runs
    published_sizes = runs.filter(runs.decision == "published").sizes.to_pandas()
    clusters = pd.Series(neuron_clusters[mapped_customers["neuron"]], index=mapped_customers[CUSTOMER])
    ids = assign_segment_ids(
        clusters,
        profile_input.set_index(CUSTOMER)[REVENUE].reindex(clusters.index),
        published.set_index(CUSTOMER)["segment_id"],
        last_used_id=find_last_used_id(
            [*previous_dim_segment.segment_id.to_pandas(), *published["segment_id"].unique()], published_sizes
        ),
        min_overlap=segment_identity.min_overlap,
    )
    neuron_segments = np.array([ids.get(int(cluster), 0) for cluster in neuron_clusters], dtype=np.int64)
    return neuron_segments, mapped_customers.assign(segment_id=neuron_segments[mapped_customers["neuron"]])


def describe_segments(
    located_customers: pd.DataFrame, profile_input: pd.DataFrame, segment_naming: SegmentNamingParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Profile the segments and name them by the rules.

    Returns:
        One row a segment: segment_id, size, share, revenue_share, segment_name, segment_description, advice;
        and one row a segment and feature: what `profile_segments` returns, with segment_name.
    """
    segment_ids = located_customers["segment_id"].to_numpy()
    profiles = profile_segments(profile_input[list(segment_naming.profile_features)], segment_ids)
    words = {
        name: FeatureWords(meaning.label, meaning.unit, meaning.high, meaning.low)
        for name, meaning in DEFINITIONS.items()
    }
    names = name_segments(profiles, segment_naming.rules, words, segment_naming.generic_advice)
    segments = summarize_sizes(segment_ids, profile_input[REVENUE])
    segments["segment_name"] = [names[segment_id].name for segment_id in segments["segment_id"]]
    segments["segment_description"] = [names[segment_id].description for segment_id in segments["segment_id"]]
    segments["advice"] = [names[segment_id].advice for segment_id in segments["segment_id"]]
    return segments, profiles.merge(segments[["segment_id", "segment_name"]], on="segment_id")


def evaluate_segmentation(
    model_matrix: FloatArray,
    map_codebook: FloatArray,
    located_customers: pd.DataFrame,
    control_clusters: IntArray,
    segment_number_criteria: pd.DataFrame,
    som: SomParameters,
    segment_validation: SegmentValidationParameters,
) -> Verdict:
    """Measure map and segments, and compare the metrics with their thresholds.

    `control_agreement` is the adjusted Rand index between the segments and the control's clusters: 1 if they
    are the same groups, 0 if they have no more in common than chance.
    """
    from sklearn.metrics import adjusted_rand_score

    from olist_kedro.som.measures import topographic_error

    segment_ids = located_customers["segment_id"].to_numpy()
    count = len(model_matrix)
    random = np.random.default_rng(segment_validation.seed)
    sample = random.choice(count, min(segment_validation.sample_size, count), replace=False)
    quantization_error = float(located_customers["distance"].mean())
    spread = float(np.linalg.norm(model_matrix - model_matrix.mean(axis=0), axis=1).mean())
    control = separation_scores(model_matrix, control_clusters, sample)
    metrics = {
        "quantization_error": quantization_error,
        "relative_quantization_error": quantization_error / spread if spread else float("nan"),
        "topographic_error": topographic_error(
            model_matrix, map_codebook, som.rows, som.columns, som.batch_som.search, **som.geometry
        ),
        **separation_scores(model_matrix, segment_ids, sample),
        "stability": float(_chosen(segment_number_criteria)["stability"]),
        "smallest_share": float(np.unique(segment_ids, return_counts=True)[1].min() / count),
        "control_agreement": float(adjusted_rand_score(segment_ids, control_clusters)),
        "control_silhouette": control["silhouette"],
        "control_davies_bouldin": control["davies_bouldin"],
    }
    return judge(metrics, segment_validation.thresholds)


def _stale_model_input(what: str) -> StaleModelInputError:
    return StaleModelInputError(
        f"model_input does not go with this run: {what}.\nMake it again: `kedro run --pipeline=segmentation`."
    )


def _require_columns(table: ir.Table, name: str, needed: tuple[str, ...]) -> None:
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise UnknownTableError(
            f"The warehouse has a table {name} that this pipeline did not make: "
            f"it lacks {', '.join(missing)}.\nRename or drop it, and run again."
        )


def _chosen(segment_number_criteria: pd.DataFrame) -> dict[Hashable, Any]:
    """Return the row of the number of segments that was chosen."""
    return segment_number_criteria[segment_number_criteria["is_chosen"]].iloc[0].to_dict()
