"""A Self-Organizing Map trained by Kohonen's batch algorithm, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Literal, Self, TypedDict

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils import check_random_state, check_scalar
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from olist_kedro.som import measures
from olist_kedro.som.grid import FloatArray, Grid, IntArray, Topology
from olist_kedro.som.search import Engine, nearest_neuron, resolve_search

INITIALIZATIONS = ("pca", "sample")
OUTPUTS = ("coordinates", "distances")


class Epoch(TypedDict):
    """One epoch of training.

    sigma is in steps of the full grid. The quantization error is measured before the update; `reassigned`
    is the share of the samples with another best-matching unit than in the epoch before, None in a level's
    first epoch.
    """

    level: int
    rows: int
    columns: int
    sigma: float
    quantization_error: float
    reassigned: float | None


class BatchSOM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Self-Organizing Map on a rectangular or hexagonal grid, trained in batches, coarse to fine.

    In each epoch every sample is given to its nearest neuron (an exact search), then every neuron moves to
    the mean of all samples, weighted by a Gaussian of the distance on the grid between it and the sample's
    neuron. The width sigma of the Gaussian shrinks exponentially from epoch to epoch. Training begins on a
    coarser grid that spans the same map, which orders the map at a fraction of the cost; its weights,
    interpolated, start the next level. The result is the same for the same data and seed, whatever the
    number of threads.

    Kohonen, T. (2001). Self-Organizing Maps, 3rd ed., Springer, section 3.6. Kohonen, T. (2013). Essentials
    of the self-organizing map. Neural Networks 37, 52-65.

    Args:
        rows: rows of the grid.
        columns: columns of the grid.
        topology: "rectangular", where a neuron has up to eight neighbours, or "hexagonal", where it has up
            to six and odd rows are shifted to the right by half a step.
        toroid: whether opposite edges touch, so that no neuron lies at an edge. A hexagonal toroid needs an
            even number of rows.
        epochs: epochs on each level. The last is the full grid, the one before it has half as many rows
            and columns, the one before that a quarter, and so on: (20,) trains the full grid only.
        sigma_start: width of the first epoch's Gaussian, in steps of the full grid. By default an eighth of
            the longer side, a quarter where samples start the map in no order; at least 1 and sigma_end.
        sigma_end: width of the last epoch's Gaussian, in steps of the full grid. The smaller, the lower
            the quantization error and the higher the topographic error.
        initialization: "pca" starts on the plane of the first two principal components, "sample" on
            samples drawn at random.
        search: who finds the nearest neurons: "faiss", "numpy", or "auto" for faiss where it is installed.
        output: what `transform` returns: "coordinates" of the best-matching units on the map, or
            "distances" from all neurons.
        random_state: seed or generator of initialization "sample"; "pca" draws nothing.

    Attributes:
        codebook_: the neurons' weights, shape (rows * columns, n_features); neuron = row * columns + column.
        labels_: each training sample's best-matching unit, shape (n_samples,).
        quantization_error_: weighted mean distance of the training samples from their best-matching units.
        history_: one `Epoch` for each epoch, in order.
        n_features_in_: number of features seen by `fit`.
        feature_names_in_: their names, if `fit` was given a data frame.

    Examples:
        >>> import numpy as np
        >>> from olist_kedro.som import BatchSOM
        >>> X = np.repeat([[0.0, 0.0], [0.0, 9.0], [9.0, 9.0]], 10, axis=0)
        >>> som = BatchSOM(rows=1, columns=3, epochs=(10,), sigma_end=0.1).fit(X)
        >>> som.predict([[1.0, 0.0], [8.0, 9.0]])
        array([0, 2])
        >>> som.hits(X)
        array([10, 10, 10])
    """

    def __init__(
        self,
        rows: int = 80,
        columns: int = 40,
        *,
        topology: Topology = "rectangular",
        toroid: bool = False,
        epochs: Sequence[int] = (20, 10, 10),
        sigma_start: float | None = None,
        sigma_end: float = 0.5,
        initialization: Literal["pca", "sample"] = "pca",
        search: Literal["auto", "faiss", "numpy"] = "auto",
        output: Literal["coordinates", "distances"] = "coordinates",
        random_state: int | np.random.RandomState | None = 42,
    ) -> None:
        """Store the parameters; `fit` checks them."""
        self.rows = rows
        self.columns = columns
        self.topology = topology
        self.toroid = toroid
        self.epochs = epochs
        self.sigma_start = sigma_start
        self.sigma_end = sigma_end
        self.initialization = initialization
        self.search = search
        self.output = output
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Train the map.

        Args:
            X: samples, shape (n_samples, n_features). Scale the features first: distances are Euclidean.
            y: ignored, there for scikit-learn's conventions.
            sample_weight: weight of each sample, shape (n_samples,); a weight of 2 counts as two samples.

        Returns:
            The fitted map.

        Raises:
            ValueError: if a parameter is out of range, a value missing or infinite, or all weights zero.
            ImportError: if search is "faiss" and faiss is not installed.
        """
        sigmas, grid = self._sigmas(), self._grid
        engine = resolve_search(self.search)
        samples: FloatArray = validate_data(self, X, dtype=np.float64)
        weights: FloatArray | None = None
        if sample_weight is not None:
            weights = _check_sample_weight(
                sample_weight,
                samples,
                dtype=np.float64,
                ensure_non_negative=True,
                allow_all_zero_weights=False,
            )

        # Around the origin and within 1, so that float32 has its digits where the search needs them.
        centre = np.average(samples, axis=0, weights=weights)
        spread = np.abs(samples - centre).max()
        scale = float(spread) if spread > 0 else 1.0
        codebook = self._train((samples - centre) / scale, weights, grid, sigmas, engine)
        self.codebook_ = codebook * scale + centre
        for epoch in self.history_:
            epoch["quantization_error"] *= scale
        self.labels_, distances = measures.best_matching_units(samples, self.codebook_, self.search)
        self.quantization_error_ = float(np.average(distances, weights=weights))
        return self

    def predict(self, X: ArrayLike) -> IntArray:
        """Find each sample's best-matching unit.

        Args:
            X: samples, shape (n_samples, n_features).

        Returns:
            Neuron numbers, shape (n_samples,).
        """
        return self.best_matching_units(X)[0]

    def transform(self, X: ArrayLike) -> FloatArray:
        """Place each sample on the map, or measure its distances from all neurons.

        Args:
            X: samples, shape (n_samples, n_features).

        Returns:
            With output="coordinates" the place of the best-matching unit on the map, down and to the right
            of neuron 0 in steps of the grid, shape (n_samples, 2); on a rectangular grid its row and column.
            With output="distances" Euclidean distances in the data space, shape (n_samples, rows * columns).
        """
        if self.output == "distances":
            return cdist(self._samples(X), self.codebook_)
        return self._grid.coordinates(self.predict(X))

    def best_matching_units(self, X: ArrayLike) -> tuple[IntArray, FloatArray]:
        """Find each sample's best-matching unit and its Euclidean distance, both of shape (n_samples,)."""
        return measures.best_matching_units(self._samples(X), self.codebook_, self.search)

    def quantization_error(self, X: ArrayLike) -> float:
        """Mean distance of the samples from their best-matching units."""
        return measures.quantization_error(self._samples(X), self.codebook_, self.search)

    def topographic_error(self, X: ArrayLike) -> float:
        """Share of the samples whose two nearest neurons are not neighbours on the grid."""
        return measures.topographic_error(
            self._samples(X),
            self.codebook_,
            self.rows,
            self.columns,
            self.search,
            topology=self.topology,
            toroid=self.toroid,
        )

    def hits(self, X: ArrayLike) -> IntArray:
        """Count the samples of each neuron, shape (rows * columns,)."""
        return measures.hits(self.predict(X), self.rows * self.columns)

    def u_matrix(self) -> FloatArray:
        """Mean distance of each neuron's weights from its neighbours', shape (rows, columns)."""
        check_is_fitted(self)
        return measures.u_matrix(
            self.codebook_, self.rows, self.columns, topology=self.topology, toroid=self.toroid
        )

    @property
    def _grid(self) -> Grid:
        return Grid(self.rows, self.columns, self.topology, self.toroid)

    @property
    def _n_features_out(self) -> int:
        """Number of columns that `transform` returns."""
        return self.rows * self.columns if self.output == "distances" else 2

    def _samples(self, X: ArrayLike) -> FloatArray:
        """Check samples against what the map was trained on."""
        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, reset=False)

    def _sigmas(self) -> FloatArray:
        """Check the parameters and return each epoch's sigma, in steps of the full grid."""
        check_scalar(self.rows, "rows", Integral, min_val=1)
        check_scalar(self.columns, "columns", Integral, min_val=1)
        check_scalar(self.toroid, "toroid", (bool, np.bool_))
        if not isinstance(self.epochs, Sequence) or not len(self.epochs):
            raise ValueError(f"epochs must name the epochs of at least one level, got {self.epochs!r}.")
        for count in self.epochs:
            check_scalar(count, "epochs of a level", Integral, min_val=1)
        check_scalar(self.sigma_end, "sigma_end", Real, min_val=0.0, include_boundaries="neither")
        for name, known in (("initialization", INITIALIZATIONS), ("output", OUTPUTS)):
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, got {value!r}.")
        start = self.sigma_start
        if start is None:
            share = 8 if self.initialization == "pca" else 4
            start = max(max(self.rows, self.columns) / share, 1.0, self.sigma_end)
        check_scalar(start, "sigma_start", Real, min_val=self.sigma_end)
        # From the end, so that a single epoch is one at sigma_end.
        return np.geomspace(self.sigma_end, start, sum(self.epochs))[::-1]

    def _train(
        self,
        X: FloatArray,
        weights: FloatArray | None,
        full_grid: Grid,
        sigmas: FloatArray,
        engine: Engine,
    ) -> FloatArray:
        """Run all levels, write `history_` and return the codebook."""
        points = X.astype(np.float32)
        ones = np.ones(len(X))
        summands = np.vstack([X.T, ones]) * (ones if weights is None else weights)
        remaining = iter(sigmas)
        history: list[Epoch] = []
        codebook, previous = np.empty(0), None
        for level, epochs in enumerate(self.epochs):
            factor = 2 ** (len(self.epochs) - 1 - level)
            grid = full_grid.coarsened(factor)
            codebook = (
                self._initial_codebook(X, weights, grid)
                if previous is None
                else grid.upsampled(codebook, previous)
            )
            winners: IntArray | None = None
            for sigma in (next(remaining) for _ in range(epochs)):
                earlier = winners
                winners, distances = nearest_neuron(points, codebook.astype(np.float32), engine)
                codebook = _updated(codebook, winners, summands, grid, sigma / factor)
                history.append(
                    Epoch(
                        level=level,
                        rows=grid.rows,
                        columns=grid.columns,
                        sigma=float(sigma),
                        quantization_error=float(np.average(distances, weights=summands[-1])),
                        reassigned=None
                        if earlier is None
                        else float(np.average(winners != earlier, weights=summands[-1])),
                    )
                )
            previous = grid
        self.history_ = history
        return codebook

    def _initial_codebook(self, X: FloatArray, weights: FloatArray | None, grid: Grid) -> FloatArray:
        """Lay the neurons on the plane of the principal components, or on samples."""
        if self.initialization == "sample":
            random = check_random_state(self.random_state)
            chances = None if weights is None else weights / weights.sum()
            # Each sample once, as far as there are enough of them.
            enough = np.count_nonzero(np.ones(len(X)) if weights is None else weights) >= grid.n_neurons
            return X[random.choice(len(X), grid.n_neurons, replace=not enough, p=chances)]
        first, second = _principal_axes(X, weights)
        return grid.plane(np.zeros(X.shape[1]), first, second)

    def __sklearn_tags__(self) -> Any:
        """Say that float64 comes out whatever goes in."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags


def _updated(
    codebook: FloatArray, winners: IntArray, summands: FloatArray, grid: Grid, sigma: float
) -> FloatArray:
    """Move every neuron to the mean of the samples around it.

    Args:
        codebook: weights before, shape (n_neurons, n_features).
        winners: each sample's neuron, shape (n_samples,).
        summands: weighted features and, last, the weights, shape (n_features + 1, n_samples).
        grid: where the neurons lie.
        sigma: width of the Gaussian, in steps of this grid.

    Returns:
        The new codebook.
    """
    # bincount adds in the samples' order, in float64: no rounding that depends on threads.
    sums = np.column_stack([np.bincount(winners, summand, grid.n_neurons) for summand in summands])
    smoothed = grid.smooth(sums.astype(np.float64, copy=False), sigma)
    near_data = smoothed[:, -1] > np.finfo(np.float64).tiny
    updated = codebook.copy()
    # A neuron so far from all samples that the Gaussian vanishes stays where it is.
    updated[near_data] = smoothed[near_data, :-1] / smoothed[near_data, -1:]
    return updated


def _principal_axes(X: FloatArray, weights: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """First two principal axes, each as long as its standard deviation, of samples around the origin.

    Where there is only one feature, the second axis is zero.
    """
    weighted = X if weights is None else X * weights[:, None]
    total = len(X) if weights is None else weights.sum()
    # einsum rather than BLAS, whose rounding may depend on the number of threads.
    covariance = np.einsum("ni,nj->ij", weighted, X) / total
    variances, axes = np.linalg.eigh(covariance)
    deviations = np.sqrt(np.maximum(variances, 0.0))
    # An axis has no direction of its own: let its largest component be positive.
    largest = np.abs(axes).argmax(axis=0)
    signs = np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    scaled = axes * (deviations * signs)
    first = scaled[:, -1]
    second = scaled[:, -2] if X.shape[1] > 1 else np.zeros_like(first)
    return first, second
