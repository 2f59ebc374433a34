"""What a dbt manifest says about relations and tests, as plain data that needs no dbt to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from olist_kedro.dbt.fingerprints import Fingerprints

BUILT_KINDS = ("seed", "snapshot", "model")


@dataclass(frozen=True)
class Column:
    """A column as the project documents it."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Relation:
    """A table or view that dbt builds, or a source that it reads.

    Attributes:
        unique_id: dbt's id, such as `model.shop.dim_customer`.
        kind: `seed`, `snapshot`, `model` or `source`.
        name: dbt's name for it.
        dataset: Its name in Kedro's catalog.
        schema: Schema in the warehouse.
        table: Name in the warehouse.
        layer: Namespace of its Kedro node: `seeds`, `snapshots`, `sources`, or the model's folders.
        selector: What `dbt build --select` calls it.
        tags: dbt's tags.
        path: File that defines it, within the dbt project.
        description: The project's description.
        columns: The documented columns.
        sql: The SQL as it is written; empty for seeds and sources.
        parents: Ids of the relations it is made from, sorted. Ephemeral models are no relations: whoever
            reads one reads its parents.
        materialized: dbt's word for how it is stored, such as `view` or `incremental`.
        parts: What decides what is in it, as hashes by name; the relations it is made from apart.
    """

    unique_id: str
    kind: str
    name: str
    dataset: str
    schema: str
    table: str
    layer: str
    selector: str
    tags: tuple[str, ...]
    path: str
    description: str
    columns: tuple[Column, ...]
    sql: str
    parents: tuple[str, ...]
    materialized: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def grows(self) -> bool:
        """Whether a build adds to what is there, so that its content does not follow from its parts."""
        return self.kind == "snapshot" or self.materialized == "incremental"


@dataclass(frozen=True)
class DbtTest:
    """A data test or unit test.

    Attributes:
        unique_id: dbt's id.
        name: The test in short: for a generic one its macro and column, else its name.
        selector: What `dbt build --select` calls it.
        subject: Id of the relation it is written for; empty where it looks at none.
        parents: Ids of all relations it looks at, sorted.
        fingerprint: Hash of what decides its outcome, the relations apart.
    """

    unique_id: str
    name: str
    selector: str
    subject: str
    parents: tuple[str, ...]
    fingerprint: str = ""


@dataclass(frozen=True)
class Graph:
    """The relations of a dbt project and its tests, by dbt's id.

    Attributes:
        adapter: What runs dbt's SQL, such as `duckdb`.
    """

    relations: Mapping[str, Relation]
    tests: Mapping[str, DbtTest]
    adapter: str = ""
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def from_manifest(
        cls,
        manifest: Mapping[str, Any],
        variables: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Graph:
        """Read dbt's `manifest.json`.

        Args:
            manifest: The artifact, see https://docs.getdbt.com/reference/artifacts/manifest-json.
            variables: The project's variables by name.
            environment: Environment variables that are set for dbt alone.

        Returns:
            Everything that `dbt build` builds, the sources, and every test.
        """
        nodes = manifest["nodes"]
        everything = {**nodes, **manifest["sources"]}
        fingerprints = Fingerprints(manifest, variables or {}, environment or {})
        relations = {
            unique_id: _relation(node, everything, fingerprints)
            for unique_id, node in everything.items()
            if _is_relation(node)
        }
        tests = [node for node in nodes.values() if node["resource_type"] == "test"]
        tests += manifest["unit_tests"].values()
        return cls(
            relations,
            {test["unique_id"]: _test(test, everything, fingerprints) for test in tests},
            manifest["metadata"]["adapter_type"],
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Graph:
        """Undo :meth:`to_dict`, also after a way through JSON."""
        relations = [
            Relation(
                **{
                    **relation,
                    "columns": tuple(Column(**column) for column in relation["columns"]),
                    "tags": tuple(relation["tags"]),
                    "parents": tuple(relation["parents"]),
                }
            )
            for relation in data["relations"]
        ]
        tests = [DbtTest(**{**test, "parents": tuple(test["parents"])}) for test in data["tests"]]
        return cls({r.unique_id: r for r in relations}, {t.unique_id: t for t in tests}, data["adapter"])

    def to_dict(self) -> dict[str, Any]:
        """Return the graph as plain data."""
        return {
            "relations": [asdict(relation) for relation in self.relations.values()],
            "tests": [asdict(test) for test in self.tests.values()],
            "adapter": self.adapter,
        }

    def built(self, unique_ids: Iterable[str]) -> list[str]:
        """Return those of the ids that dbt builds: all but sources."""
        return [unique_id for unique_id in unique_ids if self.relations[unique_id].kind != "source"]

    def ancestors(self, unique_id: str) -> frozenset[str]:
        """Return the ids of all that a relation is made from, directly or not."""
        if unique_id not in self._ancestors:
            parents = self.relations[unique_id].parents
            self._ancestors[unique_id] = frozenset(parents).union(*map(self.ancestors, parents))
        return self._ancestors[unique_id]

    def carriers(self, test: DbtTest) -> list[str]:
        """Return the relations that can answer for a test: after the last of them, all it looks at is there.

        They are those that dbt builds. But a source that none of those is made from may be loaded later than
        any of them, and a test of sources alone looks at nothing that dbt builds: those are the source's.
        """
        built = self.built(test.parents)
        made_from = frozenset[str]().union(*map(self.ancestors, built))
        apart = [parent for parent in test.parents if parent not in built and parent not in made_from]
        if apart:
            return [test.subject if test.subject in apart else apart[0]]
        return built

    def last_carrier(self, test: DbtTest) -> str | None:
        """Return the relation that a change of the test concerns: one that no other carrier is made from."""
        return max(self.carriers(test), key=lambda name: (len(self.ancestors(name)), name), default=None)


def _is_relation(node: Mapping[str, Any]) -> bool:
    kind = node["resource_type"]
    return kind == "source" or (kind in BUILT_KINDS and not _is_ephemeral(node))


def _is_ephemeral(node: Mapping[str, Any]) -> bool:
    return node.get("config", {}).get("materialized") == "ephemeral"


def _relation(node: Mapping[str, Any], everything: Mapping[str, Any], fingerprints: Fingerprints) -> Relation:
    kind = node["resource_type"]
    return Relation(
        unique_id=node["unique_id"],
        kind=kind,
        materialized=node.get("config", {}).get("materialized") or "",
        name=node["name"],
        dataset=_dataset(node),
        schema=node["schema"],
        table=node["identifier"] if kind == "source" else node["alias"],
        layer=_layer(node),
        selector=_selector(node),
        tags=tuple(node.get("tags", ())),
        path=node["original_file_path"],
        description=node["description"].strip(),
        columns=tuple(
            Column(column["name"], column.get("data_type") or "", column["description"].strip())
            for column in node["columns"].values()
        ),
        sql=node.get("raw_code") or "",
        parents=_parents(node, everything),
        parts=fingerprints.of_relation(node) | _of_ephemeral_parents(node, everything, fingerprints),
    )


def _of_ephemeral_parents(
    node: Mapping[str, Any], everything: Mapping[str, Any], fingerprints: Fingerprints
) -> dict[str, str]:
    """Return the parts of the ephemeral models that a node reads: their SQL becomes part of its own."""
    parts: dict[str, str] = {}
    for unique_id in node.get("depends_on", {}).get("nodes", ()):
        parent = everything[unique_id]
        if not _is_relation(parent):
            own = fingerprints.of_relation(parent)
            parts |= {f"{name} of {parent['name']}": value for name, value in own.items()}
            parts |= _of_ephemeral_parents(parent, everything, fingerprints)
    return parts


def _test(node: Mapping[str, Any], everything: Mapping[str, Any], fingerprints: Fingerprints) -> DbtTest:
    generic, column = node.get("test_metadata"), node.get("column_name")
    name = generic["name"] if generic else node["name"]
    parents = _parents(node, everything)
    return DbtTest(
        unique_id=node["unique_id"],
        name=f"{name}({column})" if column else name,
        selector=_selector(node),
        subject=node["attached_node"] if node.get("attached_node") in parents else next(iter(parents), ""),
        parents=parents,
        fingerprint=fingerprints.of_test(node),
    )


def _parents(node: Mapping[str, Any], everything: Mapping[str, Any]) -> tuple[str, ...]:
    parents: set[str] = set()
    for unique_id in node.get("depends_on", {}).get("nodes", ()):
        parent = everything[unique_id]
        if _is_relation(parent):
            parents.add(unique_id)
        else:
            parents.update(_parents(parent, everything))
    return tuple(sorted(parents))


def _dataset(node: Mapping[str, Any]) -> str:
    """Return `meta: {kedro: {name: ...}}`, or dbt's name; for a source the source's and the table's."""
    meta = node.get("config", {}).get("meta") or node.get("meta") or {}
    default = f"{node['source_name']}_{node['name']}" if node["resource_type"] == "source" else node["name"]
    if node.get("version") is not None:
        default += f"_v{node['version']}"
    return str(meta.get("kedro", {}).get("name", default))


def _layer(node: Mapping[str, Any]) -> str:
    kind = node["resource_type"]
    if kind != "model":
        return f"{kind}s"
    _project, *folders = node["fqn"][: -2 if node.get("version") is not None else -1]
    return ".".join(folders) or "models"


def _selector(node: Mapping[str, Any]) -> str:
    if node["resource_type"] == "source":
        return f"source:{node['source_name']}.{node['name']}"
    return f"fqn:{'.'.join(node['fqn'])}"


def one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())
