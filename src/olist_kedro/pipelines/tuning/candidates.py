"""Sets of parameters to try: the current ones, with the values of a trial in them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from olist_kedro.errors import OlistError
from olist_kedro.pipelines.som_kmeans.parameters import ClusteringParameters, SomParameters
from olist_kedro.pipelines.tuning.parameters import Choices, Range, TuningParameters
from olist_kedro.segmentation.transforms import ModelFeatures

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Tree = dict[str, dict[str, Any]]


class UnknownSearchedParameterError(OlistError):
    """The search space names a parameter that there is not."""


class Candidate(NamedTuple):
    """What a segmentation is made by."""

    model_features: ModelFeatures
    som: SomParameters
    clustering: ClusteringParameters

    def with_values(self, values: Mapping[str, Any]) -> Candidate:
        """Return the same set with other values.

        Args:
            values: By the parameter's name, levels joined by dots; a feature's by the feature's name, such as
                `model_features.recency.transform`.

        Raises:
            UnknownSearchedParameterError: There is no parameter of that name.
            pydantic.ValidationError: The parameter does not take the value, or not with the others.
        """
        tree = self.tree()
        for name, value in values.items():
            branch, leaf = _branch(tree, name)
            branch[leaf] = value
        return Candidate(
            ModelFeatures.model_validate(list(tree["model_features"].values())),
            SomParameters.model_validate(tree["som"]),
            ClusteringParameters.model_validate(tree["clustering"]),
        )

    def value(self, name: str) -> Any:
        """Return the value of a parameter, named as for `with_values`."""
        branch, leaf = _branch(self.tree(), name)
        return branch[leaf]

    def tree(self) -> Tree:
        """Return all parameters as plain values, the features by name."""
        return {
            "model_features": {
                feature.name: feature.model_dump(mode="json") for feature in self.model_features.root
            },
            "som": self.som.model_dump(mode="json"),
            "clustering": self.clustering.model_dump(mode="json"),
        }


def require_known_parameters(current: Candidate, tuning: TuningParameters) -> None:
    """Check that every parameter of the search space exists.

    Raises:
        UnknownSearchedParameterError: One does not; the closest name is given.
    """
    for name in tuning.search_space:
        for target in tuning.targets(name):
            current.value(target)


def targets_and_values(tuning: TuningParameters, values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn values by the names of the search space into values by parameter."""
    return {target: value for name, value in values.items() for target in tuning.targets(name)}


def current_values(current: Candidate, tuning: TuningParameters) -> dict[str, Any]:
    """Return the current value of each name of the search space, but for those whose parameters differ."""
    found = {name: [current.value(target) for target in tuning.targets(name)] for name in tuning.search_space}
    return {name: values[0] for name, values in found.items() if all(value == values[0] for value in values)}


def distribution(searched: Range | Choices) -> BaseDistribution:
    """Return what Optuna draws from. Choices are drawn by their labels, as Optuna stores no lists."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(searched, Choices):
        return CategoricalDistribution([label(choice) for choice in searched.choices])
    if searched.is_whole:
        return IntDistribution(int(searched.low), int(searched.high), searched.log, int(searched.step or 1))
    return FloatDistribution(searched.low, searched.high, searched.log, searched.step)


def drawn_value(searched: Range | Choices, drawn: Any) -> Any:
    """Turn what Optuna has drawn into the parameter's value."""
    if isinstance(searched, Choices):
        return next(choice for choice in searched.choices if label(choice) == drawn)
    return drawn


def is_drawable(searched: Range | Choices, value: Any) -> bool:
    """Whether a value is one of those searched."""
    if isinstance(searched, Choices):
        return label(value) in map(label, searched.choices)
    if not isinstance(value, int | float) or not searched.low <= value <= searched.high:
        return False
    return searched.step is None or (value - searched.low) % searched.step == 0


def label(value: Any) -> str:
    """Return a value as text: a text as it is, anything else as JSON, 5.0 as 5."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value)


def _branch(tree: Tree, name: str) -> tuple[dict[str, Any], str]:
    """Return the dictionary that holds a parameter, and its key there."""
    *levels, leaf = name.split(".")
    branch: Any = tree
    for level in levels:
        branch = branch.get(level) if isinstance(branch, dict) else None
    if not isinstance(branch, dict) or leaf not in branch or isinstance(branch[leaf], dict):
        close = difflib.get_close_matches(name, _names(tree), n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UnknownSearchedParameterError(
            f"tuning.search_space names {name}, but som, clustering and model_features have no such "
            f"parameter.{hint}"
        )
    return branch, leaf


def _names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _names(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
