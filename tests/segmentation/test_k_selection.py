from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from olist_kedro.segmentation.clustering import NeuronKMeans
from olist_kedro.segmentation.k_selection import (
    MappedCustomers,
    choose_number_of_clusters,
    measure_numbers_of_clusters,
)

RULE: dict[str, Any] = {"k": None, "min_stability": 0.8, "min_smallest_share": 0.02, "max_largest_share": 0.6}


@pytest.fixture(scope="module")
def four_groups() -> MappedCustomers:
    """Four far groups of 200 customers on a map of 80 neurons, some of which are empty."""
    random = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [0.0, 20.0], [20.0, 0.0], [20.0, 20.0]])
    matrix = np.repeat(centres, 200, axis=0) + random.normal(size=(800, 2))
    codebook = np.repeat(centres, 20, axis=0) + random.normal(size=(80, 2))
    distances = np.linalg.norm(matrix[:, None] - codebook[None], axis=2)
    return MappedCustomers(matrix, codebook, distances.argmin(axis=1))


def _measure(customers: MappedCustomers, seed: int = 0) -> pd.DataFrame:
    return measure_numbers_of_clusters(
        customers, range(2, 8), NeuronKMeans(), seed=seed, sample_size=300, bootstraps=4
    )


def test_known_number_of_groups_is_found(four_groups: MappedCustomers) -> None:
    criteria = choose_number_of_clusters(_measure(four_groups), **RULE)
    chosen = criteria[criteria["is_chosen"]].iloc[0]
    assert chosen["k"] == 4
    assert chosen["stability"] == pytest.approx(1)
    assert chosen["silhouette"] > 0.9
    assert chosen["smallest_share"] == chosen["largest_share"] == 0.25
    assert criteria["inertia"].is_monotonic_decreasing
    assert criteria.loc[criteria["knee"].idxmax(), "k"] == 4


def test_same_seed_gives_the_same_table(four_groups: MappedCustomers) -> None:
    pd.testing.assert_frame_equal(_measure(four_groups), _measure(four_groups))


def test_other_seeds_choose_the_same_number(four_groups: MappedCustomers) -> None:
    chosen = {
        int(criteria.loc[criteria["is_chosen"], "k"].iloc[0])
        for seed in range(5)
        for criteria in [choose_number_of_clusters(_measure(four_groups, seed), **RULE)]
    }
    assert chosen == {4}


def _criteria(**columns: list[float]) -> pd.DataFrame:
    """Criteria of k = 2, 3, 4, 5, equally good where nothing else is said."""
    default = {
        "k": [2, 3, 4, 5],
        "inertia": [100.0, 70.0, 40.0, 10.0],
        "silhouette": [0.3] * 4,
        "davies_bouldin": [1.0] * 4,
        "calinski_harabasz": [50.0] * 4,
        "stability": [0.9] * 4,
        "smallest_share": [0.1] * 4,
        "largest_share": [0.5] * 4,
    }
    return pd.DataFrame({**default, **columns})


def _choice(criteria: pd.DataFrame, **rule: Any) -> int:
    table = choose_number_of_clusters(criteria, **{**RULE, **rule})
    return int(table.loc[table["is_chosen"], "k"].iloc[0])


def test_of_equals_the_smallest_number_is_chosen() -> None:
    assert _choice(_criteria()) == 2


BETTER_AT_FOUR: dict[str, list[float]] = {
    "silhouette": [0.3, 0.3, 0.4, 0.3],
    "davies_bouldin": [1.0, 1.0, 0.9, 1.0],
    "calinski_harabasz": [50.0, 50.0, 60.0, 50.0],
    "stability": [0.9, 0.9, 0.95, 0.9],
    "inertia": [100.0, 70.0, 20.0, 10.0],
}


@pytest.mark.parametrize("criterion", BETTER_AT_FOUR)
def test_each_criterion_counts(criterion: str) -> None:
    ranks = choose_number_of_clusters(_criteria(**{criterion: BETTER_AT_FOUR[criterion]}), **RULE)[
        "mean_rank"
    ]
    assert ranks.idxmin() == 2
    assert ranks.min() == pytest.approx((1 + 4 * 2.5) / 5)


def test_criterion_that_could_not_be_measured_is_the_worst() -> None:
    for criterion in ("silhouette", "davies_bouldin", "calinski_harabasz"):
        criteria = _criteria(**{criterion: [BETTER_AT_FOUR[criterion][0]] * 2 + [np.nan] * 2})
        ranks = choose_number_of_clusters(criteria, **RULE)["mean_rank"]
        assert ranks.tolist() == pytest.approx([(1.5 + 4 * 2.5) / 5] * 2 + [(3.5 + 4 * 2.5) / 5] * 2)


def test_larger_number_must_be_better_by_more_than_one_rank() -> None:
    two = {name: BETTER_AT_FOUR[name] for name in ("silhouette", "stability")}
    three = {name: BETTER_AT_FOUR[name] for name in ("silhouette", "stability", "davies_bouldin")}
    assert _choice(_criteria(**two)) == 2
    assert _choice(_criteria(**three)) == 4
    assert _choice(_criteria(**BETTER_AT_FOUR)) == 4


@pytest.mark.parametrize(
    ("bound", "values"),
    [
        ("stability", [0.9, 0.9, 0.7, 0.9]),
        ("smallest_share", [0.1, 0.1, 0.01, 0.1]),
        ("largest_share", [0.5, 0.5, 0.7, 0.5]),
    ],
)
def test_number_beyond_a_bound_is_no_candidate(bound: str, values: list[float]) -> None:
    criteria = _criteria(**{**BETTER_AT_FOUR, bound: values})
    table = choose_number_of_clusters(criteria, **RULE)
    assert _choice(criteria) == 2
    assert table["mean_rank"].isna().tolist() == [False, False, True, False]


def test_without_a_candidate_the_most_stable_number_is_chosen() -> None:
    assert _choice(_criteria(stability=[0.1, 0.2, 0.5, 0.3])) == 4


def test_number_asked_for_overrules_the_rule() -> None:
    assert _choice(_criteria(), k=5) == 5


def test_few_numbers_have_no_knee() -> None:
    assert choose_number_of_clusters(_criteria().head(2), **RULE)["knee"].tolist() == [0, 0]


def test_too_few_customers_to_draw_again_are_not_stable() -> None:
    codebook = np.array([[0.0], [5.0], [9.0]])
    customers = MappedCustomers(codebook, codebook, np.array([0, 1, 2]))
    criteria = measure_numbers_of_clusters(
        customers, [3], NeuronKMeans(), seed=1, sample_size=10, bootstraps=200
    )
    # All three come up in 3! / 3^3 of the draws; the others leave no three clusters to find.
    assert criteria["stability"].iloc[0] == pytest.approx(6 / 27, abs=0.1)
    assert np.isnan(criteria["silhouette"].iloc[0])
