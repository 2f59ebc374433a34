"""How many segments: five criteria for each number, and one rule that weighs them.

1. *knee* of the inertia: how far the curve lies below the straight line between its ends, both scaled to
   0..1 (Satopaa, Albrecht, Irwin and Raghavan 2011, "Finding a 'Kneedle' in a Haystack"). Where the knee
   lies depends on the range looked at, so it must not decide alone.
2. *silhouette* (Rousseeuw 1987), 3. *Davies-Bouldin* (1979) and 4. *Calinski-Harabasz* (1974): how compact
   and separate the customers are in the model's space.
5. *stability*: the adjusted Rand index between the clusters and those of customers drawn again with
   replacement (Ben-Hur, Elisseeff and Guyon 2002; Hennig 2007), averaged over the draws. Customers keep their
   neuron, so drawing them is drawing the neurons' hits from a multinomial distribution; the map itself is not
   trained again. A draw that leaves too few neurons for the number of clusters counts as 0.

The rule: a number is a candidate if it comes out again (stability at or above a bound), if its smallest
cluster is large enough to act upon, and if its largest is not so large that it is simply "everybody". The
candidates are ranked by each of the five criteria. The smallest number is chosen whose mean rank is within
one of the best: criteria differ by chance from draw to draw, and a further segment must be worth its while
(the thought behind the one-standard-error rule of Breiman, Friedman, Olshen and Stone 1984). If there is no
candidate, the most stable number is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from olist_kedro.progress import track
from olist_kedro.segmentation.clustering import FloatArray, IntArray, NeuronKMeans, separation_scores

RANK_TOLERANCE = 1.0
CRITERIA_COLUMNS = (
    "k",
    "inertia",
    "silhouette",
    "davies_bouldin",
    "calinski_harabasz",
    "stability",
    "knee",
    "smallest_share",
    "largest_share",
    "mean_rank",
    "is_chosen",
)


@dataclass(frozen=True)
class MappedCustomers:
    """Customers on a trained map.

    Attributes:
        matrix: Their features in the model's space, shape (n_customers, n_features).
        codebook: The neurons' weights, shape (n_neurons, n_features).
        neurons: Each customer's neuron, shape (n_customers,).
    """

    matrix: FloatArray
    codebook: FloatArray
    neurons: IntArray

    @property
    def hits(self) -> IntArray:
        """Customers of each neuron, shape (n_neurons,)."""
        return np.bincount(self.neurons, minlength=len(self.codebook))

    def sample(self, size: int, seed: int) -> NDArray[np.intp]:
        """Row numbers of at most `size` customers drawn without replacement."""
        count = len(self.matrix)
        return np.random.default_rng(seed).choice(count, min(size, count), replace=False)


def measure_numbers_of_clusters(
    customers: MappedCustomers,
    numbers: Sequence[int],
    kmeans: NeuronKMeans,
    *,
    seed: int,
    sample_size: int,
    bootstraps: int,
) -> pd.DataFrame:
    """Measure the criteria for each number of clusters.

    Args:
        customers: Customers on a trained map.
        numbers: The numbers to compare, each at least 2.
        kmeans: The clustering.
        seed: Of everything random; the same seed gives the same table.
        sample_size: Customers on whom the silhouette and the stability are measured.
        bootstraps: Draws of the customers for the stability.

    Returns:
        One row a number, ascending: k, inertia, silhouette, davies_bouldin, calinski_harabasz, stability,
        smallest_share and largest_share (customers of the smallest and the largest cluster).
    """
    from sklearn.metrics import pairwise_distances

    hits = customers.hits
    sample = customers.sample(sample_size, seed)
    # Once for all numbers; in float32, as they take the most memory of all steps.
    distances = pairwise_distances(customers.matrix[sample].astype(np.float32))
    rows = []
    for k in track(sorted(set(numbers)), "Comparing numbers of segments"):
        model = kmeans.fit(customers.codebook, hits, k, seed)
        neuron_labels = model.predict(customers.codebook).astype(np.int64)
        labels = neuron_labels[customers.neurons]
        shares = np.bincount(labels, minlength=k) / len(labels)
        rows.append(
            {
                "k": k,
                "inertia": float(model.inertia_),
                **separation_scores(customers.matrix, labels, sample, distances),
                "stability": bootstrap_stability(
                    customers, neuron_labels, k, kmeans, sample=sample, seed=seed, bootstraps=bootstraps
                ),
                "smallest_share": float(shares.min()),
                "largest_share": float(shares.max()),
            }
        )
    return pd.DataFrame(rows)


def bootstrap_stability(
    customers: MappedCustomers,
    neuron_labels: IntArray,
    k: int,
    kmeans: NeuronKMeans,
    *,
    sample: NDArray[np.intp],
    seed: int,
    bootstraps: int,
) -> float:
    """Return how alike the clusters of customers drawn again are: mean adjusted Rand index, 1 if identical.

    A draw in which there are no k clusters to find counts as 0, no better than chance.

    Args:
        customers: Customers on a trained map.
        neuron_labels: The cluster of each neuron, shape (n_neurons,).
        k: Number of clusters.
        kmeans: The clustering.
        sample: Row numbers of the customers whose clusters are compared.
        seed: Of the draws.
        bootstraps: Number of draws.
    """
    from sklearn.metrics import adjusted_rand_score

    hits = customers.hits
    neurons = customers.neurons[sample]
    random = np.random.default_rng([seed, k])
    scores = []
    for _ in range(bootstraps):
        drawn = random.multinomial(hits.sum(), hits / hits.sum())
        if np.count_nonzero(drawn) < k:
            scores.append(0.0)
            continue
        again = kmeans.labels(customers.codebook, drawn, k, seed=int(random.integers(2**31)))
        scores.append(adjusted_rand_score(neuron_labels[neurons], again[neurons]))
    return float(np.mean(scores))


def choose_number_of_clusters(
    criteria: pd.DataFrame,
    *,
    k: int | None,
    min_stability: float,
    min_smallest_share: float,
    max_largest_share: float,
) -> pd.DataFrame:
    """Choose a number of clusters by the rule at the top of this module, or take the one given.

    Args:
        criteria: What `measure_numbers_of_clusters` returned, ascending by k.
        k: The number to take; None to choose.
        min_stability: Numbers with a lower stability are no candidates.
        min_smallest_share: Numbers with a smaller smallest cluster are no candidates.
        max_largest_share: Numbers with a larger largest cluster are no candidates.

    Returns:
        The criteria with knee, mean_rank (NaN for no candidate) and is_chosen (true in one row).
    """
    weighed = criteria.assign(knee=_depth_below_chord(criteria["k"], criteria["inertia"]))
    is_candidate = (
        (weighed["stability"] >= min_stability)
        & (weighed["smallest_share"] >= min_smallest_share)
        & (weighed["largest_share"] <= max_largest_share)
    )
    weighed["mean_rank"] = _mean_rank(weighed[is_candidate]).reindex(weighed.index)
    if k is None:
        good = weighed["mean_rank"] <= weighed["mean_rank"].min() + RANK_TOLERANCE
        best = good.argmax() if good.any() else weighed["stability"].argmax()
        k = int(weighed["k"].iloc[best])
    weighed["is_chosen"] = weighed["k"] == k
    return weighed[list(CRITERIA_COLUMNS)]


def _depth_below_chord(numbers: pd.Series, inertia: pd.Series) -> pd.Series:
    """Return how far the inertia's curve lies below the line between its ends, both axes scaled to 0..1."""
    if len(numbers) < 3 or inertia.iloc[0] == inertia.iloc[-1]:
        return pd.Series(0.0, index=numbers.index)
    steps = (numbers - numbers.iloc[0]) / (numbers.iloc[-1] - numbers.iloc[0])
    heights = (inertia - inertia.iloc[-1]) / (inertia.iloc[0] - inertia.iloc[-1])
    return (1 - steps - heights).round(9)  # so that points on the line are equals


def _mean_rank(candidates: pd.DataFrame) -> pd.Series:
    """Return the mean of the five ranks, 1 for the best."""
    higher_is_better = ["knee", "silhouette", "calinski_harabasz", "stability"]
    ranks = candidates[higher_is_better].rank(ascending=False, na_option="bottom")
    ranks["davies_bouldin"] = candidates["davies_bouldin"].rank(na_option="bottom")
    return ranks.mean(axis=1)
