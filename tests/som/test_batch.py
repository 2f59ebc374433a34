import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs
from sklearn.exceptions import NotFittedError

from olist_kedro.som import BatchSOM, batch

KINDS = [("rectangular", False), ("rectangular", True), ("hexagonal", False), ("hexagonal", True)]
SMALL = {"rows": 8, "columns": 6, "epochs": (5, 5)}


@pytest.fixture(scope="module")
def data():
    return make_blobs(n_samples=600, n_features=4, centers=5, random_state=0)[0]


@pytest.mark.parametrize(("topology", "toroid"), KINDS)
def test_orders_the_map_and_shrinks_the_error(data, topology, toroid):
    som = BatchSOM(10, 10, topology=topology, toroid=toroid, epochs=(10, 10), sigma_end=0.8).fit(data)
    spread = np.linalg.norm(data - data.mean(axis=0), axis=1).mean()
    assert som.quantization_error(data) < spread / 5
    assert som.topographic_error(data) < 0.15
    assert som.codebook_.shape == (100, 4)


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_one_epoch_is_the_batch_rule(data, topology):
    """Each neuron becomes the Gaussian mean of the samples around their winners on the grid."""
    som = BatchSOM(3, 4, topology=topology, epochs=(1,), sigma_end=0.7, search="numpy")
    start = batch._principal_axes(data - data.mean(axis=0), None)
    before = som._grid.plane(data.mean(axis=0), *start)
    winners = np.linalg.norm(data[:, None] - before[None], axis=2).argmin(axis=1)
    place = som._grid.coordinates(np.arange(12))
    influence = np.exp(-((place[:, None] - place[winners][None]) ** 2).sum(axis=2) / (2 * 0.7**2))
    expected = influence @ data / influence.sum(axis=1, keepdims=True)
    assert np.allclose(som.fit(data).codebook_, expected)


def test_history_tells_each_epoch(data):
    som = BatchSOM(8, 6, epochs=(3, 2), sigma_start=4.0, sigma_end=0.25).fit(data)
    assert [(epoch["level"], epoch["rows"], epoch["columns"]) for epoch in som.history_] == [
        (0, 4, 3), (0, 4, 3), (0, 4, 3), (1, 8, 6), (1, 8, 6),
    ]  # fmt: skip
    assert np.allclose([epoch["sigma"] for epoch in som.history_], [4.0, 2.0, 1.0, 0.5, 0.25])
    reassigned = [epoch["reassigned"] for epoch in som.history_]
    assert reassigned[0] is None and reassigned[3] is None
    assert all(0 < reassigned[epoch] < 1 for epoch in (1, 2, 4))
    errors = [epoch["quantization_error"] for epoch in som.history_]
    assert errors[0] > errors[-1] > som.quantization_error_ > 0


def test_labels_and_error_are_those_of_the_trained_map(data):
    som = BatchSOM(**SMALL).fit(data)
    assert np.array_equal(som.labels_, som.predict(data))
    assert som.quantization_error_ == pytest.approx(som.quantization_error(data))
    assert som.hits(data).sum() == len(data)
    bmu, distance = som.best_matching_units(data)
    assert np.allclose(distance, np.linalg.norm(data - som.codebook_[bmu], axis=1))
    assert som.u_matrix().shape == (8, 6)


def test_transform_gives_row_and_column(data):
    som = BatchSOM(**SMALL).fit(data)
    place = som.transform(data)
    assert np.array_equal(place[:, 0] * 6 + place[:, 1], som.predict(data))
    assert som.get_feature_names_out().tolist() == ["batchsom0", "batchsom1"]


def test_transform_gives_coordinates_on_a_hexagonal_grid(data):
    som = BatchSOM(**SMALL, topology="hexagonal").fit(data)
    row, column = np.divmod(som.predict(data), 6)
    assert np.allclose(som.transform(data), np.column_stack([row * np.sqrt(3) / 2, column + row % 2 / 2]))


def test_transform_gives_distances(data):
    som = BatchSOM(**SMALL, output="distances").fit(data)
    distances = som.transform(data)
    assert np.allclose(distances[7, 3], np.linalg.norm(data[7] - som.codebook_[3]))
    assert np.array_equal(distances.argmin(axis=1), som.predict(data))
    assert len(som.get_feature_names_out()) == 48


def test_toroid_has_no_edge():
    """On data around a ring, opposite ends of a row of neurons end up side by side; a planar row is cut."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    gaps = []
    for toroid in (True, False):
        som = BatchSOM(1, 20, toroid=toroid, epochs=(30,), initialization="sample", sigma_end=1.0).fit(ring)
        gaps.append(np.linalg.norm(som.codebook_[0] - som.codebook_[-1]))
    assert gaps[0] < gaps[1] / 2
    assert gaps[0] == pytest.approx(2 * np.pi / 20, rel=0.2)


@pytest.mark.parametrize("initialization", ["pca", "sample"])
@pytest.mark.parametrize("search", ["faiss", "numpy"])
def test_same_seed_same_map(data, initialization, search):
    def codebook():
        return (
            BatchSOM(**SMALL, initialization=initialization, search=search, random_state=3)
            .fit(data)
            .codebook_
        )

    assert np.array_equal(codebook(), codebook())


def test_another_seed_draws_other_samples(data):
    first, second = (
        BatchSOM(**SMALL, initialization="sample", random_state=seed).fit(data) for seed in (0, 1)
    )
    assert not np.array_equal(first.codebook_, second.codebook_)


SCRIPT = """
import hashlib, sys, numpy as np
from olist_kedro.som import BatchSOM
X = np.random.default_rng(0).normal(size=(6_000, 12)) ** 3
for kind in ({}, {"topology": "hexagonal", "toroid": True}):
    som = BatchSOM(20, 16, epochs=(3, 3), search=sys.argv[1], **kind).fit(X)
    print(hashlib.sha256(som.codebook_.tobytes() + som.labels_.tobytes()).hexdigest())
"""


@pytest.mark.parametrize("search", ["faiss", "numpy"])
def test_same_map_whatever_the_number_of_threads(search):
    def start(threads):
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, search], env=environment, stdout=subprocess.PIPE, text=True
        )

    one, two = (process.communicate()[0] for process in [start("1"), start("2")])
    assert len(one.split()) == 2
    assert one == two


def test_weight_two_counts_as_two_samples(data):
    weights = np.random.default_rng(0).integers(0, 3, len(data))
    weighted = BatchSOM(**SMALL).fit(data, sample_weight=weights)
    repeated = BatchSOM(**SMALL).fit(np.repeat(data, weights, axis=0))
    assert np.allclose(weighted.codebook_, repeated.codebook_)
    assert weighted.quantization_error_ == pytest.approx(repeated.quantization_error_)


def test_sample_start_draws_no_sample_of_weight_zero(data):
    weights = np.zeros(len(data))
    weights[:3] = 1.0
    som = BatchSOM(4, 4, epochs=(1,), initialization="sample", sigma_end=1e-3).fit(
        data, sample_weight=weights
    )
    assert np.allclose(som.quantization_error(data[:3]), 0.0, atol=1e-6)


def test_units_of_the_data_are_kept(data):
    plain = BatchSOM(**SMALL).fit(data)
    moved = BatchSOM(**SMALL).fit(data * 1e9 + 5e9)
    assert np.allclose(moved.codebook_, plain.codebook_ * 1e9 + 5e9, rtol=1e-6)
    assert moved.history_[2]["quantization_error"] == pytest.approx(
        plain.history_[2]["quantization_error"] * 1e9, rel=1e-4
    )


@pytest.mark.parametrize("search", ["faiss", "numpy"])
@pytest.mark.parametrize("initialization", ["pca", "sample"])
@pytest.mark.parametrize(
    "odd",
    [
        np.arange(5.0)[:, None] * [1.0, 2.0],  # fewer samples than neurons
        np.ones((50, 3)),  # constant features
        np.arange(50.0)[:, None],  # one feature
        np.array([[1.0, 2.0]]),  # one sample
    ],
)
def test_odd_data(odd, initialization, search):
    som = BatchSOM(**SMALL, initialization=initialization, search=search).fit(odd)
    assert np.isfinite(som.codebook_).all()
    assert som.codebook_.min() >= odd.min() - 1e-9
    assert som.codebook_.max() <= odd.max() + 1e-9


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_narrow_grids(data, shape):
    som = BatchSOM(*shape, epochs=(3, 3, 3)).fit(data)
    assert som.codebook_.shape == (shape[0] * shape[1], 4)
    if shape == (1, 1):
        assert np.allclose(som.codebook_[0], data.mean(axis=0))


def test_neurons_out_of_reach_keep_their_place():
    """With a very narrow Gaussian nothing divides by zero."""
    som = BatchSOM(60, 1, epochs=(5,), sigma_start=0.02, sigma_end=0.01).fit([[0.0], [1.0], [1.1]])
    assert np.isfinite(som.codebook_).all()
    assert som.quantization_error_ == pytest.approx(0.0, abs=1e-6)


def test_feature_names_are_checked():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["recency", "spend"])
    som = BatchSOM(2, 2, epochs=(2,)).fit(frame)
    assert som.feature_names_in_.tolist() == ["recency", "spend"]
    with pytest.raises(ValueError, match="feature names"):
        som.predict(frame[["spend", "recency"]])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rows": 0}, "rows == 0, must be >= 1"),
        ({"columns": -1}, "columns == -1"),
        ({"epochs": ()}, "epochs must name the epochs of at least one level"),
        ({"epochs": 5}, "epochs must name the epochs of at least one level, got 5"),
        ({"epochs": (3, 0)}, "epochs of a level == 0"),
        ({"sigma_end": 0.0}, "sigma_end == 0.0, must be > 0"),
        ({"sigma_start": 0.1, "sigma_end": 0.5}, "sigma_start == 0.1, must be >= 0.5"),
        ({"initialization": "zeros"}, "initialization must be one of 'pca', 'sample', got 'zeros'"),
        ({"search": "tree"}, "search must be one of"),
        ({"topology": "triangular"}, "topology must be one of 'rectangular', 'hexagonal', got 'triangular'"),
        ({"rows": 7, "topology": "hexagonal", "toroid": True}, "needs an even number of rows, got 7"),
        ({"output": "labels"}, "output must be one of 'coordinates', 'distances', got 'labels'"),
    ],
)
def test_parameters_are_checked_in_fit(data, parameters, message):
    som = BatchSOM(**parameters)
    with pytest.raises(ValueError, match=message):
        som.fit(data)


def test_toroid_is_a_yes_or_a_no(data):
    with pytest.raises(TypeError, match="toroid must be an instance of"):
        BatchSOM(toroid="no").fit(data)


def test_missing_values_are_refused(data):
    holed = data.copy()
    holed[3, 1] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        BatchSOM(**SMALL).fit(holed)


def test_unfitted_map_says_so(data):
    with pytest.raises(NotFittedError):
        BatchSOM().predict(data)
    with pytest.raises(NotFittedError):
        BatchSOM().u_matrix()
