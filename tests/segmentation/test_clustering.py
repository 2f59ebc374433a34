from __future__ import annotations

import numpy as np
import pytest
import sklearn

from olist_kedro.segmentation.clustering import (
    SILHOUETTE_MEGABYTES,
    NeuronKMeans,
    TooFewNeuronsError,
    separation_scores,
)

CODEBOOK = np.array([[0.0], [1.0], [10.0], [11.0], [30.0]])


def test_centres_lie_where_the_customers_are() -> None:
    hits = np.array([90, 10, 50, 50, 0])
    model = NeuronKMeans().fit(CODEBOOK, hits, k=2, seed=0)
    assert sorted(model.cluster_centers_.ravel().round(6)) == [0.1, 10.5]


def test_empty_neuron_has_no_say_but_gets_the_nearest_cluster() -> None:
    labels = NeuronKMeans().labels(CODEBOOK, np.array([1, 1, 1, 1, 0]), k=2, seed=0)
    assert labels[0] == labels[1]
    assert labels[2] == labels[3] == labels[4]
    with_a_say = NeuronKMeans(weighted=False, keep_empty=True).labels(CODEBOOK, np.ones(5, int), k=2, seed=0)
    assert with_a_say[4] not in set(with_a_say[:4])


def test_more_clusters_than_neurons_with_customers_are_refused() -> None:
    with pytest.raises(TooFewNeuronsError, match=r"3 segments .* with a customer are fewer: 2"):
        NeuronKMeans().fit(CODEBOOK, np.array([5, 0, 5, 0, 0]), k=3, seed=0)
    with pytest.raises(TooFewNeuronsError, match=r"6 segments .* neurons of the map are fewer: 5"):
        NeuronKMeans(keep_empty=True).fit(CODEBOOK, np.ones(5, int), k=6, seed=0)


def test_separation_scores_of_two_far_groups() -> None:
    matrix = np.repeat([[0.0, 0.0], [0.0, 2.0], [100.0, 0.0], [100.0, 2.0]], 5, axis=0)
    labels = np.repeat([1, 2], 10)
    scores = separation_scores(matrix, labels, np.arange(20))
    assert scores["silhouette"] > 0.95
    assert scores["davies_bouldin"] == pytest.approx(0.02), (
        "two mean distances of 1, over 100 between centres"
    )
    # between: 20 * 50^2 over 1; within: 20 * 1^2 over 18
    assert scores["calinski_harabasz"] == pytest.approx((20 * 2500 / 1) / (20 / 18))


def test_silhouette_is_measured_in_blocks_of_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = []

    def silhouette(*_: object) -> float:
        bounds.append(sklearn.get_config()["working_memory"])
        return 0.5

    monkeypatch.setattr("sklearn.metrics.silhouette_score", silhouette)
    separation_scores(np.arange(8.0)[:, None], np.repeat([0, 1], 4), np.arange(8))
    assert bounds == [SILHOUETTE_MEGABYTES]
    assert sklearn.get_config()["working_memory"] > SILHOUETTE_MEGABYTES


def test_one_cluster_cannot_be_scored() -> None:
    assert all(np.isnan(list(separation_scores(np.eye(4), np.ones(4, int), np.arange(4)).values())))
