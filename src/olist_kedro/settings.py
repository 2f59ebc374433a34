"""Project settings: see https://docs.kedro.org/en/stable/configure/project_settings/."""

import os
from pathlib import Path

import yaml
from kedro.framework.project import LOGGING
from kedro.utils import find_kedro_project
from omegaconf.resolvers import oc

from olist_kedro.dbt import DbtHooks
from olist_kedro.environment import ConfigLoader
from olist_kedro.freshness import FreshnessHooks, FreshSession
from olist_kedro.hooks import (
    InterruptGuard,
    LoadKeeper,
    ModelGuard,
    ParameterGuard,
    RunDisplay,
    RunnerGuard,
    WarehouseGuard,
)
from olist_kedro.viz import VizRecords

_display = RunDisplay()

# Of two that ask to come first, the later one does: the runner is refused before the warehouse is opened.
HOOKS = (
    ParameterGuard(),
    WarehouseGuard(),
    ModelGuard(),
    RunnerGuard(),
    InterruptGuard(),
    LoadKeeper(),
    DbtHooks(),
    FreshnessHooks(),
    _display,
    VizRecords(_display.seconds),
)

SESSION_CLASS = FreshSession

CONFIG_LOADER_CLASS = ConfigLoader

# Kedro looks for conf/logging.yml where the command was typed only, not in the project that it found.
_project = find_kedro_project(Path.cwd())
if _project is not None and "KEDRO_LOGGING_CONFIG" not in os.environ:
    LOGGING.configure(yaml.safe_load((_project / "conf/logging.yml").read_text(encoding="utf-8")))

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment names only what differs, also within one pipeline's parameters.
    "merge_strategy": {"parameters": "soft"},
    "config_patterns": {"dbt": ["dbt*"]},
    "custom_resolvers": {"oc.env": oc.env},
}
