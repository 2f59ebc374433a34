"""Project settings: see https://docs.kedro.org/en/stable/configure/project_settings/."""

from omegaconf.resolvers import oc

from olist_kedro.hooks import ParameterGuard, RunDisplay, RunnerGuard

HOOKS = (ParameterGuard(), RunnerGuard(), RunDisplay())

CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment names only what differs, also within one pipeline's parameters.
    "merge_strategy": {"parameters": "soft"},
    "custom_resolvers": {"oc.env": oc.env},
}
