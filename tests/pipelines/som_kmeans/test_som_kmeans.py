"""The pipeline from end to end, on customers whose groups are known."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog
from sklearn.exceptions import ConvergenceWarning

from olist_kedro.pipelines.som_kmeans import create_pipeline
from olist_kedro.pipelines.som_kmeans.nodes import (
    NoCustomersError,
    StaleModelInputError,
    UnknownTableError,
    cluster_customers_directly,
    fetch_profile_features,
    transform_features,
)
from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters, SegmentNamingParameters
from olist_kedro.pipelines.som_kmeans.publication import trace_input
from olist_kedro.segmentation.clustering import TooFewNeuronsError
from olist_kedro.segmentation.transforms import FittedFeature, ModelFeatures, apply_features
from olist_kedro.segmentation.validation import SegmentationRejected
from olist_kedro.som.measures import best_matching_units, u_matrix

PUBLISHED_FILES = ("codebook", "segmentation_model", "k_criteria", "segment_assignments", "segment_profiles")


@pytest.fixture(scope="module")
def project(make_small_project: Callable[..., Any]) -> Any:
    return make_small_project()


@pytest.fixture(scope="module")
def published(project: Any) -> DataCatalog:
    return project.run()


def _published_tables(catalog: DataCatalog) -> dict[str, pd.DataFrame]:
    return {
        "segments": _table(catalog, "dim_segment", "segment_id"),
        "customers": _table(catalog, "dim_customer_segmented", "customer_unique_id"),
        "runs": _table(catalog, "segmentation_runs", "run_at"),
    }


def _table(catalog: DataCatalog, name: str, order: str) -> pd.DataFrame:
    return catalog.load(name).order_by(order).to_pandas()


def test_groups_are_found_and_named(published: DataCatalog, known_groups: pd.Series) -> None:
    names = _table(published, "dim_segment", "segment_id").set_index("segment_id")["segment_name"]
    assignments = published.load("segment_assignments").set_index("customer_unique_id")
    found = assignments["segment_id"].map(names)
    assert set(found) == set(known_groups)
    assert (found == known_groups.reindex(found.index)).mean() > 0.98


def test_number_of_segments_is_chosen(published: DataCatalog) -> None:
    criteria = published.load("k_criteria").set_index("k")
    assert criteria.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert criteria.index[criteria["is_chosen"]].tolist() == [5]


def test_dim_segment(published: DataCatalog, customer_features: pd.DataFrame) -> None:
    segments = _table(published, "dim_segment", "segment_id")
    assert segments["segment_id"].tolist() == [1, 2, 3, 4, 5]
    assert segments["revenue_share"].is_monotonic_decreasing, "first ids go by revenue"
    assert segments["size"].sum() == len(customer_features)
    assert segments["share"].sum() == pytest.approx(1)
    assert segments["revenue_share"].sum() == pytest.approx(1)
    assert segments["advice"].str.len().min() > 0
    profile = json.loads(segments.set_index("segment_name").loc["Dissatisfied customers", "profile"])
    assert profile["distinguished_by"][0] == "avg_review_score"
    assert profile["features"]["avg_review_score"]["median"] == pytest.approx(1.2, abs=0.2)


def test_dim_customer_segmented_has_every_feature_and_the_place_on_the_map(
    published: DataCatalog, customer_features: pd.DataFrame
) -> None:
    customers = _table(published, "dim_customer_segmented", "customer_unique_id")
    located = ["segment_id", "neuron_row", "neuron_col", "distance", "run_id"]
    assert customers.columns.tolist() == [*customer_features.columns, *located]
    assert customers["customer_unique_id"].tolist() == customer_features["customer_unique_id"].tolist()
    pd.testing.assert_series_equal(customers["monetary"], customer_features["monetary"])
    assert customers["neuron_row"].between(0, 13).all()
    assert customers["neuron_col"].between(0, 8).all()


def test_codebook_and_model_alone_assign_customers_as_the_run_did(published: DataCatalog) -> None:
    model, codebook = published.load("segmentation_model"), published.load("codebook")
    features = [FittedFeature.model_validate(feature) for feature in model["features"]]
    matrix = apply_features(published.load("model_input"), features)
    weights = codebook[[feature.name for feature in features]].to_numpy()
    neurons, distances = best_matching_units(matrix, weights)
    assignments = published.load("segment_assignments")
    assert (neurons == assignments["neuron"]).all()
    np.testing.assert_allclose(distances, assignments["distance"])
    assert (codebook["segment_id"].to_numpy()[neurons] == assignments["segment_id"]).all()
    assert (codebook["row"] * 9 + codebook["col"] == codebook["neuron"]).all()
    assert codebook["customers"].sum() == len(assignments)
    assert set(codebook["segment_id"]) == {1, 2, 3, 4, 5}, "empty neurons belong to a segment as well"


def test_control_without_a_map_finds_the_same_groups(published: DataCatalog) -> None:
    metrics = published.load("segmentation_model")["metrics"]
    recorded = json.loads(published.load("segmentation_runs").to_pandas()["metrics"].iloc[0])
    assert metrics == recorded
    assert metrics["control_agreement"] > 0.95
    assert metrics["control_silhouette"] == pytest.approx(metrics["silhouette"], abs=0.02)


def test_control_is_k_means_on_the_customers() -> None:
    matrix = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], [5, 3, 2], axis=0)
    clustering = ClusteringParameters.model_validate(
        {
            "k": 3,
            "k_range": (2, 3),
            "weight_by_customers": True,
            "keep_empty_neurons": False,
            "n_init": 5,
            "seed": 1,
            "sample_size": 10,
            "bootstraps": 2,
            "min_stability": 0.8,
            "min_smallest_share": 0.01,
            "max_largest_share": 0.5,
        }
    )
    criteria = pd.DataFrame({"k": [2, 3], "is_chosen": [False, True]})
    clusters = cluster_customers_directly(matrix, criteria, clustering)
    assert [len(set(clusters[part])) for part in (slice(0, 5), slice(5, 8), slice(8, 10))] == [1, 1, 1]
    assert len(set(clusters)) == 3


def test_model_says_where_it_comes_from(published: DataCatalog) -> None:
    model = published.load("segmentation_model")
    assert model["grid"] == {"rows": 14, "cols": 9, "topology": "rectangular", "toroid": False}
    assert model["k"] == 5
    assert model["engine"] == "batch_som"
    assert model["schedule"]["epochs"] == [20, 10, 10]
    assert {segment["segment_id"] for segment in model["segments"]} == {1, 2, 3, 4, 5}
    provenance = model["provenance"]
    assert provenance["is_synthetic"] is True
    assert provenance["sources"] == ["made up"]
    assert provenance["loaded_at"] == "2026-01-02T03:04:05"
    assert provenance["customers"] == 1000
    assert "scikit-learn" in provenance["versions"]


def test_profiles_cover_every_segment_and_feature(published: DataCatalog) -> None:
    profiles = published.load("segment_profiles")
    assert len(profiles) == 5 * 11
    loyal = profiles[profiles["segment_name"] == "Loyal customers"].set_index("feature")
    assert loyal.loc["frequency", "median"] == 4
    assert loyal.loc["frequency", "effect_size"] == 1


def test_attempts_are_recorded_and_a_repeated_run_publishes_the_same_tables(
    make_small_project: Callable[..., Any],
) -> None:
    project = make_small_project()
    first, second = (_published_tables(project.run()) for _ in range(2))
    assert len(second["runs"]) == 2
    for name in ("segments", "customers"):
        pd.testing.assert_frame_equal(first[name].drop(columns="run_id"), second[name].drop(columns="run_id"))
        for tables in (first, second):
            assert set(tables[name]["run_id"]) == {tables["runs"]["run_id"].iloc[-1]}, "which run it is of"
    pd.testing.assert_frame_equal(second["runs"].head(1), first["runs"])
    last = second["runs"].iloc[-1]
    assert (last["engine"], last["k"], last["decision"], last["reasons"]) == ("batch_som", 5, "published", "")
    assert json.loads(last["metrics"])["silhouette"] > 0.3
    assert sum(json.loads(last["sizes"]).values()) == 1000
    parameters = json.loads(last["parameters"])
    assert parameters["clustering"]["k"] == "auto"
    assert parameters["feature_engineering"] == {"reference_date": None, "left_out_order_statuses": []}
    provenance = json.loads(last["provenance"])
    assert provenance["is_synthetic"] is True
    assert len(provenance["data_fingerprint"]) == len(provenance["matrix_fingerprint"]) == 64
    assert provenance["versions"]["numpy"] == np.__version__


def test_segments_keep_their_ids_when_one_vanishes_and_a_new_one_appears(
    make_small_project: Callable[..., Any], customer_features: pd.DataFrame, known_groups: pd.Series
) -> None:
    project = make_small_project()
    before = _ids_by_name(project.run())
    loyal = known_groups.to_numpy() == "Loyal customers"
    project.features = customer_features[~loyal]
    without = _ids_by_name(project.run())
    assert without == {name: before[name] for name in without}
    assert "Loyal customers" not in without
    project.features = customer_features
    again = _ids_by_name(project.run())
    assert again == {**without, "Loyal customers": 6}, "a retired id is not used again"


def test_customers_keep_their_ids_when_orders_come_in(
    make_small_project: Callable[..., Any], customer_features: pd.DataFrame, known_groups: pd.Series
) -> None:
    """A month later there are 5% more orders: half from known customers, half from new ones."""
    project = make_small_project()
    before = project.run().load("segment_assignments").set_index("customer_unique_id")["segment_id"]
    later = customer_features.set_index("customer_unique_id")
    later["recency"] += 30
    again = later.index[10:35]
    later.loc[again, "recency"] = 5
    bought_more = ["frequency", "number_of_orders", "total_order_items", "num_unique_products"]
    later.loc[again, bought_more] += 1
    new = later[(known_groups == "New happy customers").to_numpy()].drop(again, errors="ignore").head(25)
    new = new.assign(recency=5).rename(index=lambda customer: f"new {customer}")
    project.features = pd.concat([later, new]).sort_index().reset_index()
    after = project.run().load("segment_assignments").set_index("customer_unique_id")["segment_id"]

    same_group = before.index.drop(again)
    assert (after[same_group] == before[same_group]).mean() >= 0.95
    fresh = known_groups.index[(known_groups == "New happy customers").to_numpy()].drop(
        again, errors="ignore"
    )
    assert set(after[new.index]) == set(after[fresh].mode()), "new customers join those who are like them"


def _ids_by_name(catalog: DataCatalog) -> dict[str, int]:
    segments = catalog.load("dim_segment").to_pandas()
    return dict(zip(segments["segment_name"], segments["segment_id"], strict=True))


def test_rejected_segmentation_publishes_nothing(make_small_project: Callable[..., Any]) -> None:
    project = make_small_project()
    catalog = project.run()
    files = {path: path.read_bytes() for path in project.data.rglob("*") if path.is_file()}
    segments = _table(catalog, "dim_segment", "segment_id")
    customers = _table(catalog, "dim_customer_segmented", "customer_unique_id")

    with pytest.raises(SegmentationRejected, match=r"silhouette is 0\.\d+, below 0\.99"):
        project.run(clustering__k=3, segment_validation__thresholds__min_silhouette=0.99)

    after = {path: path.read_bytes() for path in project.data.rglob("*") if path.is_file()}
    assert {path.stem for path in after} == {*PUBLISHED_FILES, "model_input"}
    assert after == files
    pd.testing.assert_frame_equal(_table(project.catalog(), "dim_segment", "segment_id"), segments)
    pd.testing.assert_frame_equal(
        _table(project.catalog(), "dim_customer_segmented", "customer_unique_id"), customers
    )
    last = _table(project.catalog(), "segmentation_runs", "run_at").iloc[-1]
    assert last["decision"] == "rejected"
    assert last["k"] == 3
    assert "below 0.99" in last["reasons"]


def test_first_segmentation_can_be_rejected(make_small_project: Callable[..., Any]) -> None:
    project = make_small_project()
    with pytest.raises(SegmentationRejected):
        project.run(segment_validation__thresholds__max_topographic_error=0.0)
    assert not project.catalog().exists("dim_segment")
    assert not project.catalog().exists("codebook")
    assert project.catalog().load("segmentation_runs").count().execute() == 1


def test_number_of_segments_from_the_parameters_overrules_the_choice(
    make_small_project: Callable[..., Any],
) -> None:
    catalog = make_small_project().run(clustering__k=9, segment_validation__thresholds={})
    criteria = catalog.load("k_criteria").set_index("k")
    assert criteria.index[criteria["is_chosen"]].tolist() == [9], "also outside the range"
    names = catalog.load("dim_segment").to_pandas()["segment_name"]
    assert names.nunique() == 9, "no two segments share a name"


def test_minisom_is_an_engine_as_well(make_small_project: Callable[..., Any]) -> None:
    catalog = make_small_project().run(
        som__engine="minisom",
        som__minisom={"iterations": 5000, "sigma": 1.2, "learning_rate": 0.3},
        clustering__k=5,
        clustering__weight_by_customers=False,
        clustering__keep_empty_neurons=True,
        segment_validation__thresholds={},
    )
    model = catalog.load("segmentation_model")
    assert model["engine"] == "minisom"
    assert model["schedule"]["iterations"] == 5000
    assert model["metrics"]["relative_quantization_error"] < 0.3


def test_hexagonal_toroid_is_trained_measured_and_published(
    make_small_project: Callable[..., Any], known_groups: pd.Series
) -> None:
    geometry = {"topology": "hexagonal", "toroid": True}
    catalog = make_small_project().run(som__topology="hexagonal", som__toroid=True)
    model, codebook = catalog.load("segmentation_model"), catalog.load("codebook")
    assert model["grid"] == {"rows": 14, "cols": 9, **geometry}
    weights = codebook[[feature["name"] for feature in model["features"]]].to_numpy()
    np.testing.assert_allclose(codebook["u_height"], u_matrix(weights, 14, 9, **geometry).ravel())
    names = _table(catalog, "dim_segment", "segment_id")["segment_name"]
    assert set(names) == set(known_groups)


def test_nobody_to_segment_is_said_in_plain_words() -> None:
    empty = pd.DataFrame({"customer_unique_id": [], "recency": []})
    with pytest.raises(NoCustomersError, match="customer_features is empty"):
        transform_features(empty, ModelFeatures.model_validate([{"name": "recency"}]))


def test_feature_that_model_input_lacks_is_said_in_plain_words() -> None:
    frame = pd.DataFrame({"customer_unique_id": ["a"], "recency": [5.0]})
    features = ModelFeatures.model_validate([{"name": "recency"}, {"name": "monetary"}])
    with pytest.raises(StaleModelInputError, match="it lacks monetary"):
        transform_features(frame, features)


def test_model_input_of_other_customers_is_refused(customer_features: pd.DataFrame) -> None:
    naming = SegmentNamingParameters(profile_features=("recency",), generic_advice="", rules=())
    mapped = customer_features[["customer_unique_id"]].sort_values("customer_unique_id")
    table = ibis.memtable(customer_features)
    fetched = fetch_profile_features(table, mapped, naming)
    assert fetched.columns.tolist() == ["customer_unique_id", "recency", "monetary"]
    assert fetched["customer_unique_id"].tolist() == mapped["customer_unique_id"].tolist()
    others = mapped.replace("customer0007", "somebody else")
    with pytest.raises(StaleModelInputError, match="not those of customer_features"):
        fetch_profile_features(table, others, naming)


@pytest.mark.parametrize(
    "change", [{}, {"clustering__keep_empty_neurons": True, "clustering__k_range": [2, 3]}], ids=["", "keep"]
)
def test_customers_who_are_all_alike_are_no_segments(
    make_small_project: Callable[..., Any], customer_features: pd.DataFrame, change: dict[str, Any]
) -> None:
    alike = pd.concat([customer_features.head(1)] * 30, ignore_index=True)
    alike["customer_unique_id"] = [f"customer{number:02}" for number in range(30)]
    project = make_small_project(alike)
    with pytest.raises((TooFewNeuronsError, SegmentationRejected)), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        project.run(**change)
    assert not project.catalog().exists("dim_segment")


@pytest.mark.parametrize("table", ["dim_customer_segmented", "dim_segment", "segmentation_runs"])
def test_table_that_something_else_made_is_left_alone(
    make_small_project: Callable[..., Any], table: str
) -> None:
    project = make_small_project()
    foreign = pd.DataFrame({"segment_id": [1]})
    project.catalog().save(table, foreign)
    with pytest.raises(UnknownTableError, match=f"a table {table} that this pipeline did not make: it lacks"):
        project.run()
    pd.testing.assert_frame_equal(project.catalog().load(table).to_pandas(), foreign)
    assert not project.catalog().exists("codebook")


def test_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("olist_kedro.pipelines.som_kmeans.publication.PACKAGES", ("numpy", "no-such-package"))
    log = {
        "table_name": ["orders"],
        "fingerprint": ["ab"],
        "load_timestamp": [pd.Timestamp("2026-01-01")],
        "source": ["made up"],
        "is_synthetic": [True],
    }
    versions = trace_input(ibis.memtable(pd.DataFrame(log)), np.eye(2))["versions"]
    assert versions["numpy"] == np.__version__
    assert versions["no-such-package"] is None


def test_publication_comes_after_the_gate() -> None:
    behind_the_gate = create_pipeline().from_nodes("accept_segmentation").all_outputs()
    assert {*PUBLISHED_FILES, "dim_segment", "dim_customer_segmented"} <= behind_the_gate
    assert "segmentation_runs" in create_pipeline().to_nodes("accept_segmentation").all_outputs()
