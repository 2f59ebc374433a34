"""A dbt project: where it is, what it consists of, and how dbt is called on it within this process."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml
from kedro.framework.project import settings
from kedro.utils import find_kedro_project

from olist_kedro.dbt.fingerprints import project_variables
from olist_kedro.dbt.graph import Graph
from olist_kedro.environment import variables
from olist_kedro.errors import OlistError
from olist_kedro.progress import task

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

GRAPH_FILE = "kedro_graph.json"
_WRITTEN_BY_DBT = ("target", "logs")
_ENV_VAR = re.compile(rb"""env_var\(\s*['"]([^'"]+)""")


class DbtError(OlistError):
    """dbt could not parse the project, or a model or test failed."""


@dataclass(frozen=True)
class DbtProject:
    """A dbt project with the profile, target and environment that it runs in.

    Attributes:
        project_dir: Folder of `dbt_project.yml`.
        profiles_dir: Folder of `profiles.yml`.
        target_path: Folder for what dbt writes: manifest, compiled SQL, run results.
        target: Target of the profile.
        environment: Environment variables for dbt, as `env_var()` in its files reads them.
    """

    project_dir: Path
    profiles_dir: Path
    target_path: Path
    target: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], root: Path) -> DbtProject:
        """Read the project's description from `conf/*/dbt.yml`.

        Args:
            config: `project`, `artifacts` and, unless it is the project's folder, `profiles`: folders,
                relative to the root; `target`; `environment`: values by name, where one that is a path
                relative to the root is written as a mapping with the one key `path`, and null sets nothing.
            root: Folder of the Kedro project.
        """
        return cls(
            project_dir=root / config["project"],
            profiles_dir=root / config.get("profiles", config["project"]),
            target_path=root / config["artifacts"],
            target=config["target"],
            environment={
                name: str(root / value["path"] if isinstance(value, Mapping) else value)
                for name, value in config.get("environment", {}).items()
                if value is not None
            },
        )

    @cached_property
    def graph(self) -> Graph:
        """Relations and tests. dbt parses the project only if it has changed since it last did so.

        Raises:
            DbtError: The project does not parse.
        """
        path = self.target_path / GRAPH_FILE
        fingerprint = self.fingerprint()
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            if known["fingerprint"] == fingerprint:
                return Graph.from_dict(known["graph"])
        except (OSError, ValueError, LookupError, TypeError):
            pass  # it is not there yet, or damaged: it is made anew
        assert self.manifest is not None  # parsing writes manifest.json
        manifest = json.loads((self.target_path / "manifest.json").read_text(encoding="utf-8"))
        config = yaml.safe_load((self.project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
        graph = Graph.from_manifest(manifest, project_variables(config), self.environment)
        unfinished = path.with_suffix(".part")
        unfinished.write_text(
            json.dumps({"fingerprint": fingerprint, "graph": graph.to_dict()}), encoding="utf-8"
        )
        unfinished.replace(path)
        return graph

    def fingerprint(self) -> str:
        """Return a hash of all that decides what dbt makes of the project.

        That is every file of the project and of its profiles, the target, the environment variables that the
        files read, and the versions of dbt and of this module.
        """
        digest = hashlib.sha256()
        names: set[str] = set()
        for path in self._files():
            content = path.read_bytes()
            names.update(name.decode() for name in _ENV_VAR.findall(content))
            digest.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
        variables = {name: self.environment.get(name, os.environ.get(name)) for name in sorted(names)}
        here = Path(__file__)
        code = [here.with_name(name).read_bytes() for name in ("fingerprints.py", "graph.py", here.name)]
        digest.update(repr((self.target, variables, version("dbt-core"))).encode() + b"".join(code))
        return digest.hexdigest()

    def _files(self) -> list[Path]:
        found: set[Path] = set()
        for top in {self.project_dir, self.profiles_dir}:
            for folder, folders, files in os.walk(top):
                here = Path(folder)
                folders[:] = [
                    name
                    for name in folders
                    if not name.startswith(".")
                    and here / name != self.target_path
                    and not (here == top and name in _WRITTEN_BY_DBT)
                ]
                found.update(here / name for name in files if not name.startswith("."))
        return sorted(found)

    @cached_property
    def manifest(self) -> Manifest:
        """The parsed project, for dbt's own use.

        Raises:
            DbtError: The project does not parse.
        """
        with task("dbt parse"):
            return cast("Manifest", self._invoke("parse").result)

    def build(self, selectors: Sequence[str], follow: Callable[[Any], None]) -> list[Any]:
        """Build and test what is selected, to the letter: no test comes along by itself.

        Args:
            selectors: For `dbt build --select`.
            follow: Is called with each of dbt's events, from dbt's threads. It must not raise.

        Returns:
            dbt's `RunResult`s; also those of what failed or was skipped.

        Raises:
            DbtError: dbt could not even begin.
            KeyboardInterrupt: The build was interrupted; dbt itself swallows that.
        """
        arguments = ["--indirect-selection", "empty", "--select", *selectors]
        outcome = self._invoke("build", *arguments, manifest=self.manifest, follow=follow)
        return list(getattr(outcome.result, "results", ()))

    def compile(self) -> list[Any]:
        """Compile models, snapshots and tests; what runs the SQL is not asked for anything.

        Returns:
            dbt's `RunResult`s, with the SQL as `node.compiled_code`.

        Raises:
            DbtError: Something does not compile.
        """
        offline = ("--no-introspect", "--no-populate-cache")
        results = list(
            getattr(self._invoke("compile", *offline, manifest=self.manifest).result, "results", ())
        )
        failed = [result for result in results if str(result.status) != "success"]
        if failed:
            raise DbtError(f"dbt cannot compile {failed[0].node.name}: {failed[0].message}")
        return results

    def _invoke(
        self,
        command: str,
        *arguments: str,
        manifest: Manifest | None = None,
        follow: Callable[[Any], None] | None = None,
    ) -> dbtRunnerResult:
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=manifest, callbacks=[follow] if follow is not None else [])
        with variables(self.environment):
            outcome = runner.invoke([*self.global_flags(), command, *self.flags(), *arguments])
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if outcome.exception is not None:
            raise DbtError(f"dbt {command} failed: {outcome.exception}") from outcome.exception
        return outcome

    @staticmethod
    def global_flags() -> list[str]:
        """Return dbt's flags that come before the command: silent, since the caller shows progress."""
        return [
            "--quiet",
            "--log-level",
            "none",
            "--log-level-file",
            "none",
            "--no-use-colors",  # else a unit test's message holds escape codes, in log files too
            "--no-send-anonymous-usage-stats",
        ]

    def flags(self) -> list[str]:
        """Return dbt's flags that say which project runs where."""
        return [
            *("--project-dir", str(self.project_dir)),
            *("--profiles-dir", str(self.profiles_dir)),
            *("--target-path", str(self.target_path)),
            *("--target", self.target),
        ]


_current: list[DbtProject] = []


def current_project() -> DbtProject:
    """Return the dbt project of the newest Kedro session, or of the Kedro project in the working directory.

    The second is for what works without a session, such as `kedro registry describe`, and for Kedro-Viz
    without hooks; it takes the environment from `KEDRO_ENV`.
    """
    if _current:
        return _current[0]
    root = find_kedro_project(Path.cwd())
    if root is None:
        raise DbtError(f"{Path.cwd()} is not in a Kedro project, so there is no dbt project to look at.")
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(root / settings.CONF_SOURCE),
        env=os.environ.get("KEDRO_ENV"),
        **settings.CONFIG_LOADER_ARGS,
    )
    return DbtProject.from_config(loader["dbt"], root)


def set_current_project(project: DbtProject) -> None:
    """Make a project that of the newest Kedro session."""
    _current[:] = [project]
