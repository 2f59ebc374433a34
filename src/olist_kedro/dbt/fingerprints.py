"""What decides a relation or the outcome of a test, as hashes by name: so a change can be told and named.

dbt's `state:modified` compares two manifests. Here each finished relation has a record of its own, and
variables of the project and the environment count, which dbt does not see.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

# Configuration that changes neither what is in a relation nor how it is stored.
_DESCRIBING = ("tags", "meta", "docs", "group", "access")
_VARIABLE = re.compile(r"""\b(env_var|var)\(\s*['"]([^'"]+)""")


@dataclass(frozen=True)
class Fingerprints:
    """Makes the fingerprints of a project's nodes.

    Attributes:
        manifest: dbt's `manifest.json`.
        variables: The project's variables (`vars` in `dbt_project.yml`) by name.
        environment: Environment variables that are set for dbt alone.
    """

    manifest: Mapping[str, Any]
    variables: Mapping[str, Any]
    environment: Mapping[str, str]

    def of_relation(self, node: Mapping[str, Any]) -> dict[str, str]:
        """Return the parts of a seed, snapshot or model; of a source only its place."""
        columns = node["columns"].values()
        texts = [node["description"], *(f"{column['name']} {column['description']}" for column in columns)]
        config = {key: value for key, value in node.get("config", {}).items() if key not in _DESCRIBING}
        shape = [(column["name"], column.get("data_type"), column.get("constraints")) for column in columns]
        parts = {
            "configuration": _hash([node["schema"], node.get("alias"), config, shape]),
            "documentation": _hash(texts),
            **self._of_code(node, self._overriding_macros),
        }
        if node["resource_type"] == "seed":
            parts["rows"] = _hash(node["checksum"])
        return parts

    def of_test(self, node: Mapping[str, Any]) -> str:
        """Return the fingerprint of a data test or unit test."""
        keys = ("checksum", "test_metadata", "column_name", "given", "expect", "overrides")
        own = {key: node.get(key) for key in keys}
        config = {key: value for key, value in node["config"].items() if key not in _DESCRIBING}
        return _hash([own, config, self._of_code(node)])

    def _of_code(
        self, node: Mapping[str, Any], more_macros: Iterable[Mapping[str, Any]] = ()
    ) -> dict[str, str]:
        code = {"sql": node.get("raw_code") or ""}
        macros = [*self._macros(node, set()), *more_macros]
        code |= {f"macro {macro['name']}": macro["macro_sql"] for macro in macros}
        parts = {name: _hash(text) for name, text in code.items() if text}
        for kind, name in sorted({found for text in code.values() for found in _VARIABLE.findall(text)}):
            if kind == "var":
                parts[f"variable {name}"] = _hash(self.variables.get(name))
            else:
                parts[f"environment {name}"] = _hash(self.environment.get(name, os.environ.get(name)))
        return parts

    def _macros(self, node: Mapping[str, Any], seen: set[str]) -> Iterator[Mapping[str, Any]]:
        """Yield the project's own macros that a node uses, directly or not; dbt's go by dbt's version."""
        for unique_id in node.get("depends_on", {}).get("macros", ()):
            macro = self.manifest["macros"].get(unique_id)
            if macro and unique_id not in seen and macro["package_name"] == node["package_name"]:
                seen.add(unique_id)
                yield macro
                yield from self._macros(macro, seen)

    @cached_property
    def _overriding_macros(self) -> list[Mapping[str, Any]]:
        """The project's own macros in the place of dbt's or a package's; dbt may use them anywhere."""
        project = self.manifest["metadata"]["project_name"]
        macros = self.manifest["macros"].values()
        names = {macro["name"] for macro in macros if macro["package_name"] != project}
        own = [macro for macro in macros if macro["package_name"] == project]
        return [macro for macro in own if {macro["name"], macro["name"].partition("__")[2]} & names]


def project_variables(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of `dbt_project.yml`, those for the project itself before those for all."""
    variables = config.get("vars") or {}
    return {**variables, **(variables.get(config["name"]) or {})}


def engine_versions(adapter: str) -> dict[str, str]:
    """Return the versions of dbt and of what runs its SQL."""
    packages = ("dbt-core", f"dbt-{adapter}", *(["duckdb"] if adapter == "duckdb" else []))
    return {f"package {name}": version(name) for name in packages}


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
