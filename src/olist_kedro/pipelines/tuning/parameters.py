"""Parameters of the pipeline `tuning`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

Scalar = bool | int | float | str | None


class _Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Parameters):
    """Numbers between two ends, both included; whole ones if both ends are.

    Attributes:
        low: Lower end.
        high: Upper end.
        step: Distance between neighbouring values; without one, every number.
        log: Search on a logarithmic scale.
        sets: The parameters that are given the value; without any, the one that the search is named after.
    """

    low: int | float
    high: int | float
    step: int | float | None = Field(default=None, gt=0)
    log: bool = False
    sets: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _can_be_searched(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low ({self.low:g}) must be below high ({self.high:g})")
        if self.log and (self.step is not None or self.low <= 0):
            raise ValueError("log needs a low above 0 and no step")
        if self.is_whole and isinstance(self.step, float):
            raise ValueError("step must be a whole number where low and high are")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether the values are whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)


class Choices(_Parameters):
    """A few values to choose from.

    Attributes:
        choices: The values; each may be a list.
        sets: As for `Range`.
    """

    choices: tuple[Scalar | tuple[Scalar, ...], ...] = Field(min_length=2)
    sets: tuple[str, ...] = ()


class Bounds(_Parameters):
    """What a set of parameters must reach, on customers it was not trained on; None where it does not matter.

    The names are those of the metrics, with "min_" or "max_", see `evaluation.evaluate`.
    """

    max_relative_quantization_error: float | None
    max_topographic_error: float | None
    min_silhouette: float | None
    max_davies_bouldin: float | None
    min_stability: float | None
    min_smallest_share: float | None
    max_largest_share: float | None


class TuningParameters(_Parameters):
    """What is searched, for how long, and how a set of parameters is judged.

    Attributes:
        trials: Trials of the study in all: a run continues where the last one ended.
        timeout_seconds: No trial begins later than this after the search began.
        seed: Of the sampler and of the ways the customers are split.
        adopt: Which set is written to be adopted: the best, or a trial's number.
        validation_share: Share of the customers on whom trials are judged.
        test_share: Share of the customers on whom the set to adopt is compared with the current one.
        repeats: How often that comparison is made, each time with other customers to train on.
        sample_size: Customers on whom the silhouettes are measured.
        bounds: What a set must reach.
        search_space: By name, the values to choose from.
    """

    trials: PositiveInt
    timeout_seconds: PositiveFloat | None
    seed: NonNegativeInt
    adopt: Literal["best"] | NonNegativeInt
    validation_share: float = Field(gt=0, lt=1)
    test_share: float = Field(gt=0, lt=1)
    repeats: PositiveInt
    sample_size: PositiveInt
    bounds: Bounds
    search_space: dict[str, Range | Choices] = Field(min_length=1)

    @model_validator(mode="after")
    def _customers_left_to_train_on(self) -> TuningParameters:
        if self.validation_share + self.test_share >= 1:
            raise ValueError("validation_share and test_share leave no customers to train on")
        return self

    @model_validator(mode="after")
    def _sets_each_parameter_once(self) -> TuningParameters:
        targets = [target for name in self.search_space for target in self.targets(name)]
        doubled = {target for target in targets if targets.count(target) > 1}
        if doubled:
            raise ValueError(f"search_space sets a parameter twice: {', '.join(sorted(doubled))}")
        return self

    def targets(self, name: str) -> tuple[str, ...]:
        """Return the parameters that a name of the search space stands for."""
        return self.search_space[name].sets or (name,)
