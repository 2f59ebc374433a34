"""Parameters of the pipeline `som_kmeans`: one model for each key of parameters_som_kmeans.yml."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from olist_kedro.segmentation.clustering import NeuronKMeans
from olist_kedro.segmentation.naming import SegmentRule
from olist_kedro.segmentation.validation import Thresholds


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BatchSOMParameters(_Parameters):
    """Schedule of `engine: batch_som`; see :class:`olist_kedro.som.BatchSOM`."""

    epochs: tuple[PositiveInt, ...] = Field(min_length=1)
    sigma_start: PositiveFloat | None
    sigma_end: PositiveFloat
    initialization: Literal["pca", "sample"]
    search: Literal["auto", "faiss", "numpy"]

    @model_validator(mode="after")
    def _sigma_shrinks(self) -> BatchSOMParameters:
        if self.sigma_start is not None and self.sigma_start < self.sigma_end:
            raise ValueError(f"sigma_start must be at least sigma_end ({self.sigma_end:g}), or null")
        return self


class MiniSomParameters(_Parameters):
    """Schedule of `engine: minisom`, the online algorithm of the package MiniSom."""

    iterations: PositiveInt
    sigma: PositiveFloat
    learning_rate: PositiveFloat


class SomParameters(_Parameters):
    """The map: its grid and how it is trained."""

    engine: Literal["batch_som", "minisom"]
    rows: PositiveInt
    columns: PositiveInt
    topology: Literal["rectangular", "hexagonal"]
    toroid: bool
    seed: int = Field(ge=0)
    batch_som: BatchSOMParameters
    minisom: MiniSomParameters

    @model_validator(mode="after")
    def _grid_exists(self) -> SomParameters:
        if self.engine == "minisom" and (self.topology != "rectangular" or self.toroid):
            raise ValueError("engine minisom trains a rectangular map that is no toroid; take batch_som")
        if self.topology == "hexagonal" and self.toroid and self.rows % 2:
            raise ValueError(f"a hexagonal toroid needs an even number of rows, got {self.rows}")
        return self

    @property
    def geometry(self) -> dict[str, Any]:
        """What the grid looks like beside its rows and columns."""
        return {"topology": self.topology, "toroid": self.toroid}

    @property
    def schedule(self) -> dict[str, object]:
        """The parameters of the engine that is used."""
        return getattr(self, self.engine).model_dump(mode="json")


class ClusteringParameters(_Parameters):
    """K-Means on the neurons and the choice of k; see `olist_kedro.segmentation.k_selection`."""

    k: int | Literal["auto"]
    k_range: tuple[int, int]
    weight_by_customers: bool
    keep_empty_neurons: bool
    n_init: PositiveInt
    seed: int = Field(ge=0)
    sample_size: PositiveInt
    bootstraps: PositiveInt
    min_stability: float
    min_smallest_share: float
    max_largest_share: float

    @model_validator(mode="after")
    def _at_least_two_segments(self) -> ClusteringParameters:
        smallest, largest = self.k_range
        if not 2 <= smallest <= largest:
            raise ValueError("k_range must be two numbers in order, the first at least 2")
        if self.k != "auto" and self.k < 2:
            raise ValueError("k must be at least 2, or auto")
        return self

    @property
    def fixed_k(self) -> int | None:
        """The number of segments asked for; None where it is to be chosen."""
        return None if self.k == "auto" else self.k

    @property
    def numbers(self) -> list[int]:
        """The numbers of segments to compare: the range, and a k that was asked for outside it."""
        smallest, largest = self.k_range
        return sorted({*range(smallest, largest + 1), *([] if self.fixed_k is None else [self.fixed_k])})

    @property
    def kmeans(self) -> NeuronKMeans:
        """The clustering these parameters describe."""
        return NeuronKMeans(
            weighted=self.weight_by_customers, keep_empty=self.keep_empty_neurons, n_init=self.n_init
        )


class SegmentIdentityParameters(_Parameters):
    """When a segment is the same as one published before; see `olist_kedro.segmentation.matching`."""

    min_overlap: float = Field(ge=0, le=1)


class SegmentNamingParameters(_Parameters):
    """What a segment's profile consists of, and the rules that name it."""

    profile_features: tuple[str, ...] = Field(min_length=1)
    generic_advice: str
    rules: tuple[SegmentRule, ...]

    @model_validator(mode="after")
    def _features_named_once(self) -> SegmentNamingParameters:
        doubled = {name for name in self.profile_features if self.profile_features.count(name) > 1}
        if doubled:
            raise ValueError(f"profile_features named twice: {', '.join(sorted(doubled))}")
        return self

    @model_validator(mode="after")
    def _rules_can_be_told(self) -> SegmentNamingParameters:
        unknown = {
            condition.feature
            for rule in self.rules
            for condition in rule.when
            if condition.feature not in self.profile_features
        }
        if unknown:
            raise ValueError(f"rules use features that profile_features lacks: {', '.join(sorted(unknown))}")
        return self


class SegmentValidationParameters(_Parameters):
    """How a segmentation is measured and what it must reach."""

    sample_size: PositiveInt
    seed: int = Field(ge=0)
    thresholds: Thresholds
