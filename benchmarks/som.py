"""MiniSom and BatchSOM side by side on the published system's twelve features.

    OLIST_DATA=<folder or zip> python benchmarks/som.py [--held-out 3] [--minisom-steps 20000]

Each map is trained in a process of its own, one after the other, so that the peak memory is its own.
MiniSom trains its million steps, which takes minutes. Its cost is constant per step: with fewer steps its
time is extrapolated, but a map that is not trained to the end has no errors and no segments to compare.
Silhouette: of 10,000 customers, in the segments that K-Means makes of the neurons as published (k = 3, every
neuron counts the same). Wall and CPU time (of all threads) are the best of three, MiniSom's of one; compare
ratios, of CPU time on a machine that does other work as well: seconds are the machine's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from reference_features import reference_features, standardized

from olist_kedro.segmentation.clustering import NeuronKMeans, separation_scores
from olist_kedro.som import BatchSOM, measures
from olist_kedro.som.minisom_engine import train_minisom

T = TypeVar("T")

ITERATIONS = 1_000_000
REPEATS = 3
PUBLISHED = (0.2444, 0.2412)
TARGET_TOPOGRAPHIC_ERROR = 0.05
NOT_MEASURED = (float("nan"), float("nan"))
SILHOUETTE_SAMPLE = 10_000
PUBLISHED_SILHOUETTE = 0.6967
SETTINGS: dict[str, dict[str, Any]] = {
    "80x40 (10,8,3) to 0.3": {"epochs": (10, 8, 3), "sigma_end": 0.3},
    "80x40 (20,10,10) to 0.33": {"epochs": (20, 10, 10), "sigma_end": 0.33},
    "80x40 (20,10,10) to 0.5, default": {},
    "80x40 (40) to 0.33, full grid only": {"epochs": (40,), "sigma_end": 0.33},
    "80x40 (10,8,3) to 0.3, numpy": {"epochs": (10, 8, 3), "sigma_end": 0.3, "search": "numpy"},
    "80x40 hexagonal, else default": {"topology": "hexagonal"},
    "80x40 toroid, else default": {"toroid": True},
    "160x80 (10,6,6) to 0.9": {"rows": 160, "columns": 80, "epochs": (10, 6, 6), "sigma_end": 0.9},
    "160x80 (20,10,6) to 0.8": {"rows": 160, "columns": 80, "epochs": (20, 10, 6), "sigma_end": 0.8},
}


class Result(NamedTuple):
    """What a training cost (wall and CPU seconds, bytes it added to its process) and gave."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    errors: tuple[float, float] = NOT_MEASURED
    silhouette: float = float("nan")
    held_out: tuple[float, float] = NOT_MEASURED


def run_minisom(matrix: Path, iterations: int) -> Result:
    """Train MiniSom as published; its errors are those of a map trained to the end."""
    samples = np.load(matrix)
    repeats = 1 if iterations == ITERATIONS else REPEATS
    codebook, cost = measured(lambda: train_minisom(samples, iterations=iterations), repeats)
    if iterations < ITERATIONS:
        seconds, cpu_seconds, added = cost
        return Result(seconds * ITERATIONS / iterations, cpu_seconds * ITERATIONS / iterations, added)
    errors = (
        measures.quantization_error(samples, codebook),
        measures.topographic_error(samples, codebook, 80, 40),
    )
    return Result(*cost, errors, silhouette(samples, codebook))


def run_batch_som(matrix: Path, parameters: dict[str, Any], splits: int) -> Result:
    """Train a BatchSOM; its time includes the last search, which gives each sample its neuron."""
    samples = np.load(matrix)
    BatchSOM(4, 4, epochs=(1,)).fit(samples[:100])  # imports faiss
    som, cost = measured(lambda: BatchSOM(**parameters).fit(samples), REPEATS)
    errors = (som.quantization_error(samples), som.topographic_error(samples))
    unseen = [errors_on_unseen(samples, parameters, seed) for seed in range(splits)]
    held_out = tuple(np.mean(unseen, axis=0)) if unseen else NOT_MEASURED
    return Result(*cost, errors, silhouette(samples, som.codebook_), held_out)


def silhouette(samples: NDArray[np.float64], codebook: NDArray[np.float64]) -> float:
    """Silhouette of customers in the segments that the published system would make of the map."""
    bmu, _ = measures.best_matching_units(samples, codebook)
    clustering = NeuronKMeans(weighted=False, keep_empty=True)
    segments = clustering.labels(codebook, measures.hits(bmu, len(codebook)), k=3, seed=42)[bmu]
    sample = np.random.default_rng(42).choice(len(samples), SILHOUETTE_SAMPLE, replace=False)
    return separation_scores(samples, segments, sample)["silhouette"]


def errors_on_unseen(
    samples: NDArray[np.float64], parameters: dict[str, Any], seed: int
) -> tuple[float, float]:
    """Train on four fifths of the samples and return (QE, TE) on the others."""
    order = np.random.default_rng(seed).permutation(len(samples))
    unseen, seen = np.split(samples[order], [len(samples) // 5])
    som = BatchSOM(**parameters).fit(seen)
    return som.quantization_error(unseen), som.topographic_error(unseen)


def measured(work: Callable[[], T], repeats: int) -> tuple[T, tuple[float, float, int]]:
    """Do the work; return its result, and its best seconds, CPU seconds and bytes added to the peak."""
    before, seconds, cpu_seconds = peak_bytes(), [], []
    for _ in range(repeats):
        started, cpu_started = time.perf_counter(), time.process_time()
        result = work()
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(time.process_time() - cpu_started)
    return result, (min(seconds), min(cpu_seconds), peak_bytes() - before)


def peak_bytes() -> int:
    """Highest resident memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def save_samples(data: Path, matrix: Path) -> tuple[int, ...]:
    """Build the scaled features, write them and return their shape."""
    samples = standardized(reference_features(data))
    np.save(matrix, samples)
    return samples.shape


def in_own_process(function: Callable[..., T], *arguments: Any) -> T:
    """Call the function in a fresh process. This one stays small: a child's peak begins at its parent's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def print_row(name: str, result: Result, minisom: Result) -> None:
    """Print one line of the table."""
    figures = (*result.errors, result.silhouette, *result.held_out)
    cells = ["-" if np.isnan(figure) else f"{figure:.4f}" for figure in figures]
    print(
        f"{name:<34} {result.seconds:>8.2f} {result.cpu_seconds:>8.2f} "
        f"{minisom.cpu_seconds / result.cpu_seconds:>7.0f}x "
        f"{result.peak_bytes / 2**20:>6.0f} {cells[0]:>8} {cells[1]:>8} {cells[2]:>10} "
        f"{cells[3]:>9} {cells[4]:>9}",
        flush=True,
    )


def main() -> None:
    """Read the arguments, train every map, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("OLIST_DATA"), help="folder or zip; else OLIST_DATA")
    parser.add_argument(
        "--minisom-steps", type=int, default=ITERATIONS, metavar="N", help="time only N of MiniSom's million"
    )
    parser.add_argument(
        "--held-out", type=int, default=0, metavar="N", help="also measure on N unseen fifths"
    )
    arguments = parser.parse_args()
    if not arguments.data:
        parser.error("name the Olist files with --data or OLIST_DATA")

    with tempfile.TemporaryDirectory() as folder:
        matrix = Path(folder) / "samples.npy"
        rows, columns = in_own_process(save_samples, Path(arguments.data), matrix)
        print(f"{rows:,} customers x {columns} features; best of {REPEATS} trainings each")
        print(
            f"{'map':<34} {'seconds':>8} {'of CPU':>8} {'less CPU':>8} {'MB':>6} "
            f"{'QE':>8} {'TE':>8} {'silhouette':>10} {'QE unseen':>9} {'TE unseen':>9}"
        )
        print(
            f"{'as published':<34} {'':>8} {'':>8} {'':>8} {'':>6} {PUBLISHED[0]:>8} {PUBLISHED[1]:>8} "
            f"{PUBLISHED_SILHOUETTE:>10}"
        )
        steps = min(arguments.minisom_steps, ITERATIONS)
        minisom = in_own_process(run_minisom, matrix, steps)
        extrapolated = "" if steps == ITERATIONS else f", from {steps:,} steps"
        print_row(f"MiniSom 80x40{extrapolated}", minisom, minisom)
        beating = []
        for name, parameters in SETTINGS.items():
            result = in_own_process(run_batch_som, matrix, parameters, arguments.held_out)
            print_row(name, result, minisom)
            error, topographic_error = result.errors
            if error < PUBLISHED[0] and topographic_error < TARGET_TOPOGRAPHIC_ERROR:
                beating.append(f"{name} in {result.seconds:.2f} s, {result.cpu_seconds:.2f} s of CPU")
        print(
            f"QE below {PUBLISHED[0]} and TE below {TARGET_TOPOGRAPHIC_ERROR} at once: {'; '.join(beating)}"
        )


if __name__ == "__main__":
    main()
