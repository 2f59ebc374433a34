"""Settings from environment variables and conf/local."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from olist_kedro.environment import ConfigLoader, MissingSettingError, setting, variables
from olist_kedro.settings import CONFIG_LOADER_ARGS


def test_the_variable_comes_before_the_file_and_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLIST_TEST", raising=False)
    assert setting("OLIST_TEST", "default", folder=tmp_path) == "default"

    (tmp_path / "bigquery.yml").write_text("OLIST_TEST: stored\n")
    assert setting("OLIST_TEST", "default", folder=tmp_path) == "stored"

    monkeypatch.setenv("OLIST_TEST", "given")
    assert setting("OLIST_TEST", folder=tmp_path) == "given"

    monkeypatch.setenv("OLIST_TEST", "")  # as if it were not set
    assert setting("OLIST_TEST", folder=tmp_path) == "stored"


def test_the_key_file_in_conf_local_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    assert setting("GOOGLE_APPLICATION_CREDENTIALS", None, folder=tmp_path) is None

    (tmp_path / "google_credentials.json").write_text("{}")
    found = setting("GOOGLE_APPLICATION_CREDENTIALS", None, folder=tmp_path)

    assert found == str(tmp_path / "google_credentials.json")


@pytest.mark.parametrize("content", ["", "OTHER: 1\n", "OLIST_TEST:\n"])
def test_a_missing_setting_says_where_it_belongs(tmp_path: Path, content: str) -> None:
    (tmp_path / "bigquery.yml").write_text(content)

    with pytest.raises(MissingSettingError, match="export OLIST_TEST=") as error:
        setting("OLIST_TEST", folder=tmp_path)
    assert str(tmp_path / "bigquery.yml") in str(error.value)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bigquery.yml").write_text("- GCP_PROJECT_ID\n")

    with pytest.raises(MissingSettingError, match="must be a mapping"):
        setting("GCP_PROJECT_ID", "default", folder=tmp_path)


def loader(conf: Path) -> ConfigLoader:
    return ConfigLoader(conf, env="bigquery", **CONFIG_LOADER_ARGS)


def test_the_environment_bigquery_needs_a_project_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "GCP_PROJECT_ID",
        "BQ_DATASET_PREFIX",
        "BQ_DATASET_LOCATION",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ):
        monkeypatch.delenv(name, raising=False)
    conf = tmp_path / "conf"  # without what the developer has in conf/local
    shutil.copytree(Path(__file__).parents[1] / "conf", conf, ignore=shutil.ignore_patterns("local"))
    with pytest.raises(MissingSettingError, match="GCP_PROJECT_ID"):
        loader(conf)

    monkeypatch.setenv("GCP_PROJECT_ID", "my-project")
    monkeypatch.setenv("BQ_DATASET_PREFIX", "shop")
    monkeypatch.setenv("LOAD_TIMESTAMP_OFFSET_HOURS", "2")
    found = loader(conf)

    assert found["globals"]["warehouse"]["project_id"] == "my-project"
    assert found["globals"]["warehouse"]["location"] == "US"
    assert found["globals"]["schemas"]["marts"] == "shop_marts"
    assert found["dbt"]["environment"]["BQ_DATASET_PREFIX"] == "shop"
    assert found["parameters"]["ingestion"]["load_timestamp_offset_hours"] == "2"
    contract = found["catalog"]["raw_orders"]["contract"]
    assert contract == found["parameters"]["contracts"]["orders"]


def conf_of(folder: Path) -> Path:
    """A small conf: the catalog quotes a parameter."""
    (folder / "base").mkdir(parents=True)
    (folder / "local").mkdir()
    (folder / "base/parameters.yml").write_text("shop: {size: 1, name: olist}\n")
    (folder / "base/catalog.yml").write_text(
        "orders: {type: MemoryDataset, size: '${parameter:shop.size}'}\n"
    )
    return folder


def test_the_catalog_quotes_the_parameters_of_the_run(tmp_path: Path) -> None:
    found = ConfigLoader(conf_of(tmp_path), runtime_params={"shop": {"size": 2}}, **CONFIG_LOADER_ARGS)

    assert found.without_runtime_params()["parameters"] == {"shop": {"size": 1, "name": "olist"}}
    assert found["parameters"] == {"shop": {"size": 2, "name": "olist"}}
    assert found.without_runtime_params()["parameters"] == {"shop": {"size": 1, "name": "olist"}}
    assert found["catalog"]["orders"]["size"] == 2


def test_each_loader_quotes_its_own_parameters(tmp_path: Path) -> None:
    first = ConfigLoader(conf_of(tmp_path), **CONFIG_LOADER_ARGS)
    second = ConfigLoader(tmp_path, runtime_params={"shop": {"size": 2}}, **CONFIG_LOADER_ARGS)

    assert [found["catalog"]["orders"]["size"] for found in (first, second)] == [1, 2]


def test_each_loader_quotes_its_own_globals(tmp_path: Path) -> None:
    conf = conf_of(tmp_path)
    (conf / "base/catalog.yml").write_text("orders: {type: MemoryDataset, place: '${globals:place}'}\n")
    (conf / "base/globals.yml").write_text("place: here\n")
    (conf / "away").mkdir()
    (conf / "away/globals.yml").write_text("place: there\n")
    loaders = [ConfigLoader(conf, env=env, **CONFIG_LOADER_ARGS) for env in ("base", "away")]

    assert [found["catalog"]["orders"]["place"] for found in loaders] == ["here", "there"]


def test_what_is_read_once_cannot_be_changed_by_who_gets_it(tmp_path: Path) -> None:
    found = ConfigLoader(conf_of(tmp_path), **CONFIG_LOADER_ARGS)
    found["parameters"]["shop"]["size"] = 3

    assert found["parameters"]["shop"]["size"] == 1


def test_variables_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLIST_TEST", "before")
    monkeypatch.delenv("OLIST_OTHER", raising=False)

    with variables({"OLIST_TEST": "inside", "OLIST_OTHER": "inside"}):
        assert os.environ["OLIST_TEST"] == os.environ["OLIST_OTHER"] == "inside"

    assert os.environ["OLIST_TEST"] == "before"
    assert "OLIST_OTHER" not in os.environ
