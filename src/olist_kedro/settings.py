"""Project settings: see https://docs.kedro.org/en/stable/configure/project_settings/."""

from pathlib import Path

from kedro.utils import find_kedro_project
from omegaconf.resolvers import oc

from olist_kedro.hooks import ParameterGuard, RunDisplay


def _project_path(relative: str) -> str:
    """Make a path in the configuration absolute, for the tools that Kedro does not do it for."""
    return str((find_kedro_project(Path.cwd()) or Path.cwd()) / relative)


HOOKS = (ParameterGuard(), RunDisplay())

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {"oc.env": oc.env, "project_path": _project_path},
}
