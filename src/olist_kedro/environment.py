"""Settings from outside the project: environment variables, or the same names in `conf/local`.

Kedro reads `conf/local` only when no `--env` is given, so what belongs to a machine or an account would be
out of an environment's reach. `${setting:NAME,default}` in any file of `conf` brings it there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy, deepcopy
from functools import partial, reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError

from olist_kedro.errors import OlistError

SETTINGS_FILE = "bigquery.yml"
# Settings that name a file: where it lies in conf/local if nothing names it.
LOCAL_FILES = {"GOOGLE_APPLICATION_CREDENTIALS": "google_credentials.json"}


class MissingSettingError(OlistError):
    """A setting that has no default is nowhere to be found."""


class ConfigLoader(OmegaConfigLoader):
    """Kedro's loader with two more resolvers.

    `${setting:NAME,default}` is :func:`setting`;
    `${parameter:contracts.orders}` is a parameter, for the catalog.
    """

    def __init__(self, conf_source: str | Path, *args: Any, **kwargs: Any) -> None:
        """Take what Kedro's loader takes."""
        self._resolvers: dict[str, Callable[..., Any]] = {
            "setting": partial(setting, folder=Path(conf_source) / "local"),
            "parameter": lambda name: reduce(getitem, name.split("."), self["parameters"]),
        }
        super().__init__(conf_source, *args, **kwargs)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return a part of the configuration. It is read once: Kedro would read its files each time.

        Raises:
            MissingSettingError: It quotes a setting that is missing.
        """
        # Resolvers are OmegaConf's, so those of another loader may be in place.
        self._register_globals_resolver()
        for name, resolver in self._resolvers.items():
            OmegaConf.register_new_resolver(name, resolver, replace=True)
        try:
            if key not in self:
                self[key] = super().__getitem__(key)
        except InterpolationResolutionError as error:
            inner: BaseException | None = error  # OmegaConf wraps what a resolver raises
            while inner is not None and not isinstance(inner, OlistError):
                inner = inner.__context__
            raise inner or error from None
        return deepcopy(super().__getitem__(key))

    def without_runtime_params(self) -> ConfigLoader:
        """Return a loader of the same files that knows nothing of what was given for the run."""
        loader = copy(self)
        loader.runtime_params = {}
        loader.data.pop("parameters", None)
        return loader


def setting(name: str, *default: Any, folder: Path = Path("conf/local")) -> Any:
    """Return a setting: the environment variable, else what `conf/local/bigquery.yml` says, else the default.

    Args:
        name: Name of the variable; the file is a flat mapping with the same names.
        *default: What to return where there is neither.
        folder: The project's `conf/local`.

    Raises:
        MissingSettingError: There is neither, and no default.
    """
    if value := os.environ.get(name):
        return value
    file = folder / SETTINGS_FILE
    stored = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else None
    if not isinstance(stored, Mapping | None):
        raise MissingSettingError(f"{file} must be a mapping of names to values, such as `{name}: value`.")
    if stored and stored.get(name) is not None:
        return stored[name]
    if name in LOCAL_FILES and (path := folder / LOCAL_FILES[name]).is_file():
        return str(path.resolve())
    if default:
        return default[0]
    raise MissingSettingError(
        f"The setting {name} is missing.\n"
        f"Set it as an environment variable, `export {name}=...`, or write `{name}: ...` into {file}."
    )


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    # Only these are put back: emptying the environment first would be seen by other threads.
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
