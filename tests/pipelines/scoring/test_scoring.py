"""Scoring by a small published model, both ways, and what the report says of drift."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import ibis
import numpy as np
import pandas as pd
import pytest
import sqlglot
from pydantic import ValidationError

from olist_kedro.pipelines.scoring import in_warehouse
from olist_kedro.pipelines.scoring.nodes import measure_drift, read_published_model, score_customers
from olist_kedro.pipelines.scoring.parameters import DriftParameters, ScoringParameters
from olist_kedro.segmentation.drift import describe_training
from olist_kedro.segmentation.scoring import PublishedModel, UnusableModelError
from olist_kedro.segmentation.transforms import ModelFeatures, apply_features, fit_features
from olist_kedro.som import BatchSOM

CUSTOMER = "customer_unique_id"
FEATURES = ModelFeatures.model_validate(
    [
        {"name": "recency"},
        {"name": "total_payment_value", "transform": "log1p", "clip_sigmas": 5},
        {"name": "late_share", "transform": "sqrt", "clip_quantiles": [0.01, 0.99]},
        {"name": "avg_review_score", "weight": 2.0},
    ]
)
ENGINES = ("python", "warehouse")
DRIFT = DriftParameters(moderate_psi=0.1, significant_psi=0.25, max_outside_share=0.01)


class Published(NamedTuple):
    """What a training leaves behind: the customers with their place on the map, and the model."""

    customers: pd.DataFrame
    assignments: pd.DataFrame
    model: dict[str, Any]
    codebook: pd.DataFrame

    @property
    def dim_customer_segmented(self) -> pd.DataFrame:
        return self.customers.assign(segment_id=self.assignments["segment_id"], run_id=self.model["run_id"])


@pytest.fixture(scope="module")
def published() -> Published:
    """2,000 customers on a map of 8 by 5, its upper half segment 1, its lower half 4."""
    random = np.random.default_rng(5)
    count = 2_000
    customers = pd.DataFrame(
        {
            CUSTOMER: [f"c{number:05}" for number in range(count)],
            "recency": random.integers(1, 700, count),
            "total_payment_value": random.lognormal(4.7, 0.8, count).round(2),
            "late_share": random.choice([0, 1 / 3, 1], count, p=[0.9, 0.05, 0.05]),
            "avg_review_score": random.choice([1, 13 / 3, 5, np.nan], count, p=[0.2, 0.2, 0.5, 0.1]),
        }
    )
    features = fit_features(customers, FEATURES)
    matrix = apply_features(customers, features)
    som = BatchSOM(8, 5, epochs=(10,), random_state=0).fit(matrix)
    neurons = som.predict(matrix)
    distances = np.linalg.norm(matrix - som.codebook_[neurons], axis=1)
    numbers = np.arange(40)
    codebook = pd.DataFrame({"neuron": numbers, "row": numbers // 5, "col": numbers % 5})
    codebook["segment_id"] = np.where(numbers < 20, 1, 4)
    for column, feature in enumerate(features):
        codebook[feature.name] = som.codebook_[:, column]
    codebook["run_id"] = "run"
    segment_ids = codebook["segment_id"].to_numpy()[neurons]
    baseline = describe_training(customers, features, segment_ids, distances)
    model = {
        "run_id": "run",
        "created_at": "2026-01-01T00:00:00",
        "features": [feature.model_dump(mode="json") for feature in features],
        "segments": [{"segment_id": 1, "segment_name": "North"}, {"segment_id": 4, "segment_name": "South"}],
        "drift_baseline": baseline.model_dump(mode="json"),
    }
    assignments = pd.DataFrame({"neuron": neurons, "distance": distances, "segment_id": segment_ids})
    return Published(customers, assignments, json.loads(json.dumps(model)), codebook)


def _parameters(engine: str, quantile: float = 0.999) -> ScoringParameters:
    return ScoringParameters(engine=engine, outside_quantile=quantile, drift=DRIFT)  # type: ignore[arg-type]


def _read(published: Published, customers: pd.DataFrame, known: pd.DataFrame | None = None) -> PublishedModel:
    return read_published_model(
        published.model,
        ibis.memtable(published.codebook),
        ibis.memtable(customers),
        ibis.memtable(published.dim_customer_segmented if known is None else known),
    )


def _score(
    published: Published, customers: pd.DataFrame, engine: str, known: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    model, parameters = _read(published, customers), _parameters(engine)
    known = published.dim_customer_segmented if known is None else known
    scores = score_customers(
        model, ibis.memtable(published.codebook), ibis.memtable(customers), ibis.memtable(known), parameters
    )
    frame = scores.order_by(CUSTOMER).to_pandas()
    return frame, measure_drift(model, ibis.memtable(customers), ibis.memtable(frame), parameters)


@pytest.mark.parametrize("engine", ENGINES)
def test_customers_of_the_training_come_out_as_in_training(published: Published, engine: str) -> None:
    scores, report = _score(published, published.customers, engine)
    trained = published.assignments
    assert scores[CUSTOMER].tolist() == published.customers[CUSTOMER].tolist()
    assert (scores["neuron"] == trained["neuron"]).all()
    assert (scores["segment_id"] == trained["segment_id"]).all()
    assert (scores["previous_segment_id"] == trained["segment_id"]).all()
    np.testing.assert_allclose(scores["distance"], trained["distance"], rtol=0, atol=1e-12)
    assert (scores["beyond_training"] == 0).all()
    assert set(scores["status"]) == {"unchanged"}
    assert (scores["segment_name"] == scores["segment_id"].map({1: "North", 4: "South"})).all()
    assert (scores["neuron_row"] * 5 + scores["neuron_col"] == scores["neuron"]).all()
    assert scores["is_outside_map"].sum() == 2, "a thousandth of them"
    assert scores.loc[scores["is_outside_map"], "distance"].min() == pytest.approx(
        trained["distance"].nlargest(2).min()
    )
    assert (report["new"], report["changed"], report["moved"], report["outside_map"]) == (0, 0, 0, 2)
    assert {feature["psi"] for feature in report["features"]} == {0.0}
    assert (report["segments"]["psi"], report["retrain"], report["reasons"]) == (0.0, False, [])


@pytest.mark.parametrize("engine", ENGINES)
def test_new_and_changed_customers_are_told_apart(published: Published, engine: str) -> None:
    customers = published.customers.copy()
    scored = customers["avg_review_score"].notna()
    losing_their_score = customers.index[scored][100:110]
    customers.loc[losing_their_score, "avg_review_score"] = np.nan
    customers.loc[300:319, "recency"] += 1
    known = published.dim_customer_segmented.iloc[50:]
    scores, report = _score(published, customers, engine, known)
    assert (scores["status"] == "new").to_numpy().nonzero()[0].tolist() == list(range(50))
    assert scores.loc[:49, "previous_segment_id"].isna().all()
    assert (scores.loc[:49, "segment_id"] == published.assignments.loc[:49, "segment_id"]).all()
    changed = scores.index[scores["status"] == "changed"]
    assert changed.tolist() == [*losing_their_score, *range(300, 320)]
    moved = (scores["segment_id"] != scores["previous_segment_id"]) & (scores.index >= 50)
    assert (report["new"], report["changed"], report["moved"]) == (50, 30, moved.sum())
    assert moved[~scores.index.isin(changed)].sum() == 0


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("change", "is_outside"),
    [
        ({"recency": 720}, False),
        ({"recency": 2_000}, True),
        ({"recency": -2_000}, True),
        ({"total_payment_value": 1e7}, True),
        ({"avg_review_score": 12}, True),
        ({"total_payment_value": None}, False),
    ],
)
def test_customer_far_outside_is_flagged(
    published: Published, engine: str, change: dict[str, float], is_outside: bool
) -> None:
    """Clipping puts all of these on the edge of the map, so that distance alone would not tell."""
    middling = {CUSTOMER: "x", "recency": 350, "total_payment_value": 108.0, "late_share": 0.0}
    customer = pd.DataFrame([{**middling, "avg_review_score": 5.0, **change}])
    customer = customer.astype({"total_payment_value": float})
    score = _score(published, customer, engine)[0].iloc[0]
    assert score["is_outside_map"] == is_outside
    if is_outside:
        assert score["beyond_training"] > 3
        assert score["distance"] < published.assignments["distance"].max() * 1.5


@pytest.mark.parametrize("engine", ENGINES)
def test_neuron_without_a_segment_takes_nobody(published: Published, engine: str) -> None:
    codebook = published.codebook.assign(
        segment_id=published.codebook["segment_id"].mask(published.codebook["neuron"] % 2 == 0, 0)
    )
    scores, _ = _score(published._replace(codebook=codebook), published.customers, engine)
    assert (scores["neuron"] % 2 == 1).all()
    assert set(scores["segment_id"]) == {1, 4}


@pytest.mark.parametrize("engine", ENGINES)
def test_of_equal_neurons_the_first_is_taken(published: Published, engine: str) -> None:
    """As in training."""
    copies = published.codebook.assign(neuron=published.codebook["neuron"] + 40)
    codebook = pd.concat([published.codebook, copies]).sample(frac=1, random_state=0)
    scores, _ = _score(published._replace(codebook=codebook), published.customers, engine)
    assert (scores["neuron"] == published.assignments["neuron"]).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_drift_is_found_and_named(published: Published, engine: str) -> None:
    customers = published.customers.assign(recency=published.customers["recency"] + 250)
    _, report = _score(published, customers, engine)
    levels = {feature["name"]: feature["level"] for feature in report["features"]}
    assert levels == {
        "recency": "significant",
        "total_payment_value": "stable",
        "late_share": "stable",
        "avg_review_score": "stable",
    }
    assert report["changed"] == 2_000
    assert report["retrain"] is True
    assert report["reasons"][0].startswith("recency has drifted: PSI ")
    assert json.loads(json.dumps(report)) == report


def test_lost_reviews_are_drift(published: Published) -> None:
    customers = published.customers.copy()
    customers.loc[::2, "avg_review_score"] = np.nan
    _, report = _score(published, customers, "python")
    assert report["reasons"][0].startswith("avg_review_score has drifted")


def test_drift_of_segments(published: Published) -> None:
    south = published.assignments["segment_id"] == 4
    _, report = _score(published, published.customers[south], "python")
    shares = {share["segment_name"]: share["share"] for share in report["segments"]["shares"]}
    assert shares == {"North": 0, "South": 1}
    before = {share["segment_name"]: share["share_in_training"] for share in report["segments"]["shares"]}
    assert before["South"] == pytest.approx(south.mean())
    assert any(reason.startswith("the segments' shares have drifted") for reason in report["reasons"])


def test_many_outside_the_map_are_a_reason_to_train_again(published: Published) -> None:
    customers = published.customers.copy()
    customers.loc[:59, "total_payment_value"] = 1e8
    _, report = _score(published, customers, "python")
    assert report["outside_map"] == pytest.approx(62, abs=2)
    assert report["reasons"] == ["3.1% of the customers are outside the map, bound 1.0%"]


def test_few_customers_raise_no_false_alarm(published: Published) -> None:
    for seed in range(5):
        _, report = _score(published, published.customers.sample(30, random_state=seed), "python")
        assert not report["retrain"], report["reasons"]


def test_bins_in_the_warehouse_are_those_of_the_training(published: Published) -> None:
    """Thirds are no decimals: an edge that lost its last digit would move a whole value into another bin."""
    model = _read(published, published.customers)
    counts = in_warehouse.count_in_bins(ibis.memtable(published.customers), model.drift_baseline.features)
    for feature in model.drift_baseline.features:
        assert counts[feature.name] == [*feature.counts, feature.missing]


def test_model_that_does_not_go_with_the_warehouse_is_refused(published: Published) -> None:
    customers = published.customers
    with pytest.raises(UnusableModelError, match=r"needs recency, which customer_features does not have"):
        _read(published, customers.drop(columns="recency"))
    with pytest.raises(UnusableModelError, match=r"of run run, .* of run another"):
        _read(published._replace(codebook=published.codebook.assign(run_id="another")), customers)
    for known in (
        published.dim_customer_segmented.assign(run_id="another"),
        published.dim_customer_segmented.drop(columns="run_id"),
    ):
        with pytest.raises(
            UnusableModelError, match=r"dim_customer_segmented of run (another|unknown): a publ"
        ):
            _read(published, customers, known)
    with pytest.raises(UnusableModelError, match="customer_features is empty"):
        _read(published, customers.head(0))
    with pytest.raises(UnusableModelError, match="total_payment_value that the model's log1p cannot take"):
        _read(published, customers.assign(total_payment_value=customers["total_payment_value"] - 500))
    old = {name: value for name, value in published.model.items() if name != "drift_baseline"}
    with pytest.raises(UnusableModelError, match=r"lacks drift_baseline.*\n.*--pipeline=segmentation"):
        _read(published._replace(model=old), customers)


def test_query_for_bigquery(published: Published) -> None:
    model = _read(published, published.customers)
    unbound = {
        name: ibis.table(ibis.memtable(frame).schema(), name=name)
        for name, frame in {
            "customer_features": published.customers,
            "segmentation_codebook": published.codebook,
            "dim_customer_segmented": published.dim_customer_segmented,
        }.items()
    }
    query = score_customers(
        model,
        unbound["segmentation_codebook"],
        unbound["customer_features"],
        unbound["dim_customer_segmented"],
        _parameters("warehouse"),
    )
    parsed = sqlglot.parse_one(str(ibis.to_sql(query, dialect="bigquery")), dialect="bigquery")
    assert {table.name for table in parsed.find_all(sqlglot.exp.Table)} == set(unbound)
    assert [column.alias_or_name for column in parsed.selects] == list(query.columns)


def test_parameters() -> None:
    with pytest.raises(ValidationError, match=r"the model keeps these quantiles .* 0\.999"):
        _parameters("python", quantile=0.42)
    with pytest.raises(ValidationError, match="significant_psi must be at least moderate_psi"):
        DriftParameters(moderate_psi=0.3, significant_psi=0.2, max_outside_share=0.01)
