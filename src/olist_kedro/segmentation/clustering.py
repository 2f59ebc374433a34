"""K-Means on the neurons of a map, as a summary of its customers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from olist_kedro.errors import OlistError

if TYPE_CHECKING:
    from sklearn.cluster import KMeans
    from threadpoolctl import ThreadpoolController

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SILHOUETTE_MEGABYTES = 64  # for a block of distances; scikit-learn's own bound is a gigabyte


class TooFewNeuronsError(OlistError):
    """There are fewer neurons to cluster than clusters wanted."""


@dataclass(frozen=True)
class NeuronKMeans:
    """K-Means on neurons.

    With weights and without empty neurons it minimizes the inertia of the customers, each put where their
    neuron is. Neurons without a customer lie between the groups, where the map only bends from one to
    the other: given a say, they draw the borders (Vesanto and Alhoniemi, 2000, IEEE Trans. Neural Networks
    11(3), cluster the map without them). They are given to the nearest centre afterwards.

    Attributes:
        weighted: A neuron counts as much as it has customers; else each counts the same.
        keep_empty: Neurons without a customer take part.
        n_init: Starts, of which the best is kept.
    """

    weighted: bool = True
    keep_empty: bool = False
    n_init: int = 10

    def fit(self, codebook: FloatArray, hits: IntArray, k: int, seed: int) -> KMeans:
        """Fit k centres.

        Args:
            codebook: The neurons' weights, shape (n_neurons, n_features).
            hits: Customers of each neuron, shape (n_neurons,).
            k: Number of clusters.
            seed: Of the random starts.

        Returns:
            The fitted model; its `predict(codebook)` gives every neuron its cluster.

        Raises:
            TooFewNeuronsError: Fewer than k neurons take part.
        """
        from sklearn.cluster import KMeans

        taking_part = np.flatnonzero((hits > 0) | self.keep_empty)
        if len(taking_part) < k:
            raise TooFewNeuronsError(
                f"{k} segments are wanted, but the neurons of the map "
                f"{'' if self.keep_empty else 'with a customer '}are fewer: {len(taking_part)}.\n"
                "Take fewer segments (clustering.k, clustering.k_range), a larger map (som.rows, "
                "som.columns) or features in which the customers differ (model_features)."
            )
        weights = hits[taking_part] if self.weighted else None
        # A few thousand neurons do not pay for threads, and on a busy machine threads wait for each other.
        with _thread_pools().limit(limits=1):
            model = KMeans(n_clusters=k, n_init=self.n_init, random_state=seed)
            return model.fit(codebook[taking_part], sample_weight=weights)

    def labels(self, codebook: FloatArray, hits: IntArray, k: int, seed: int) -> IntArray:
        """Return the cluster of every neuron, 0 to k - 1, shape (n_neurons,)."""
        return self.fit(codebook, hits, k, seed).predict(codebook).astype(np.int64)


def separation_scores(
    matrix: FloatArray,
    labels: IntArray,
    sample: NDArray[np.intp],
    distances: NDArray[np.floating] | None = None,
) -> dict[str, float]:
    """Measure how compact and separate clusters are, in the model's space.

    Args:
        matrix: Customers' features, shape (n_customers, n_features).
        labels: Their clusters, shape (n_customers,).
        sample: Row numbers of the customers for the silhouette, which costs the square of their number.
        distances: Between these customers, shape (n_sample, n_sample), where they are known already.

    Returns:
        silhouette (Rousseeuw 1987; higher is better), davies_bouldin (1979; lower is better) and
        calinski_harabasz (1974; higher is better); NaN where there is but one cluster.
    """
    from sklearn import config_context
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

    def score(
        measure: Callable[..., float], rows: NDArray[np.floating], clusters: IntArray, **options: str
    ) -> float:
        separable = 1 < len(np.unique(clusters)) < len(clusters)
        return float(measure(rows, clusters, **options)) if separable else np.nan

    if distances is None:
        with config_context(working_memory=SILHOUETTE_MEGABYTES):
            silhouette = score(silhouette_score, matrix[sample], labels[sample])
    else:
        silhouette = score(silhouette_score, distances, labels[sample], metric="precomputed")
    return {
        "silhouette": silhouette,
        "davies_bouldin": score(davies_bouldin_score, matrix, labels),
        "calinski_harabasz": score(calinski_harabasz_score, matrix, labels),
    }


@cache
def _thread_pools() -> ThreadpoolController:
    """Look up the thread pools of this process once: it takes longer than a small K-Means."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
