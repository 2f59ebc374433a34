"""Customers whose groups are known, and a catalog of the project's own to run the pipeline on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro.validation import ParameterValidator

from olist_kedro.datasets.warehouse import disconnect
from olist_kedro.pipelines.feature_engineering.definitions import COLUMN_NAMES
from olist_kedro.pipelines.feature_engineering.nodes import fetch_as_floats
from olist_kedro.pipelines.som_kmeans import create_pipeline

CONF = Path(__file__).parents[3] / "conf"
LAYERS = ("04_feature", "05_model_input", "06_models", "07_model_output")

# What sets each group apart from a small, content, one-time customer of half a year ago.
GROUPS: dict[str, tuple[int, dict[str, float]]] = {
    "New happy customers": (300, {"recency": 60}),
    "Lapsed happy customers": (300, {"recency": 450}),
    "Dissatisfied customers": (150, {"recency": 250, "avg_review_score": 1.2, "late_share": 0.6}),
    "Big-ticket instalment buyers": (
        200,
        {"recency": 250, "monetary": 600, "total_payment_value": 640, "avg_payment_installments": 8},
    ),
    "Loyal customers": (
        50,
        {
            "recency": 150,
            "frequency": 4,
            "number_of_orders": 5,
            "total_order_items": 6,
            "num_unique_products": 5,
            "monetary": 400,
            "total_payment_value": 440,
        },
    ),
}
TYPICAL: dict[str, float] = {
    "recency": 180,
    "frequency": 0,
    "monetary": 60,
    "number_of_orders": 1,
    "avg_order_value": 60,
    "avg_item_price": 60,
    "total_order_items": 1,
    "total_payment_value": 75,
    "avg_payment_installments": 1.5,
    "avg_review_score": 4.7,
    "num_reviews": 1,
    "avg_product_category_value": 120,
    "num_unique_products": 1,
    "num_categories": 1,
    "freight_share": 0.2,
    "late_share": 0,
    "num_canceled_orders": 0,
    "avg_days_between_orders": np.nan,
}
NOISY = ("recency", "monetary", "total_payment_value", "avg_payment_installments", "freight_share")


@pytest.fixture(scope="session")
def known_groups() -> pd.Series:
    """The true group of each of 1,000 customers, by customer_unique_id."""
    groups = np.repeat(list(GROUPS), [size for size, _ in GROUPS.values()])
    shuffled = np.random.default_rng(3).permutation(groups)
    return pd.Series(shuffled, index=[f"customer{number:04d}" for number in range(len(shuffled))])


@pytest.fixture(scope="session")
def customer_features(known_groups: pd.Series) -> pd.DataFrame:
    """`customer_features` of those customers, with noise and a few missing scores."""
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        [{**TYPICAL, **GROUPS[group][1]} for group in known_groups], index=known_groups.index
    )
    for name in NOISY:
        frame[name] *= random.normal(1, 0.1, len(frame)).clip(0.7, 1.3)
    frame["avg_review_score"] = (frame["avg_review_score"] + random.normal(0, 0.2, len(frame))).clip(1, 5)
    typical = np.flatnonzero(known_groups.isin(["New happy customers", "Lapsed happy customers"]))
    frame.iloc[random.choice(typical, 10, replace=False), frame.columns.get_loc("avg_review_score")] = np.nan
    frame["first_purchase_date"] = frame["last_purchase_date"] = pd.Timestamp("2018-01-01").date()
    return frame.rename_axis("customer_unique_id").reset_index()[list(COLUMN_NAMES)]


class SmallProject:
    """The real catalog and parameters in a folder of their own, on a small map, with the features at hand."""

    def __init__(self, folder: Path, features: pd.DataFrame) -> None:
        base = folder / "conf/base"
        base.mkdir(parents=True)
        for layer in LAYERS:
            shutil.copy(CONF / f"base/catalog_{layer}.yml", base)
        for pipeline in ("feature_engineering", "som_kmeans"):
            shutil.copy(CONF / f"base/parameters_{pipeline}.yml", base)
        settings = yaml.safe_load((CONF / "base/globals.yml").read_text())
        settings |= {
            "data": str(folder / "data"),
            "warehouse": {"backend": "duckdb", "path": str(folder / "olist.duckdb")},
        }
        (base / "globals.yml").write_text(yaml.dump(settings))
        self.data = folder / "data"
        self.loader = OmegaConfigLoader(str(folder / "conf"), base_env="base", default_run_env="base")
        self.features = features

    def catalog(self) -> DataCatalog:
        return DataCatalog.from_config(self.loader["catalog"])

    def run(self, **changes: Any) -> DataCatalog:
        """Run `som_kmeans`; a change names a parameter, with "__" between its levels."""
        parameters = self.loader["parameters"]
        small = {
            "som__rows": 14,
            "som__columns": 9,
            "clustering__k_range": [2, 7],
            "clustering__bootstraps": 3,
        }
        for name, value in {**small, **changes}.items():
            *levels, last = name.split("__")
            target = parameters
            for level in levels:
                target = target[level]
            target[last] = value
        catalog = self.catalog()
        catalog.save("customer_features", self.features)
        model_features = [feature["name"] for feature in parameters["model_features"]]
        catalog.save("model_input", fetch_as_floats(catalog.load("customer_features"), tuple(model_features)))
        load_log = {
            "table_name": ["orders", "customers"],
            "fingerprint": ["ab", "cd"],
            "row_count": [5, 5],
            "load_timestamp": pd.to_datetime(["2026-01-02 03:04:05", "2026-01-01 00:00:00"]),
            "source": "made up",
            "is_synthetic": True,
        }
        catalog["load_log"] = MemoryDataset(_as_ibis(pd.DataFrame(load_log)), copy_mode="assign")
        validated = ParameterValidator({"som_kmeans": create_pipeline()}).validate_raw_params(parameters)
        for name, value in validated.items():
            catalog[f"params:{name}"] = MemoryDataset(value, copy_mode="assign")
        SequentialRunner().run(create_pipeline(), catalog)
        return catalog


def _as_ibis(frame: pd.DataFrame) -> Any:
    import ibis

    return ibis.memtable(frame)


@pytest.fixture(scope="module")
def make_small_project(
    tmp_path_factory: pytest.TempPathFactory, customer_features: pd.DataFrame
) -> Iterator[Callable[..., SmallProject]]:
    def make(features: pd.DataFrame = customer_features) -> SmallProject:
        return SmallProject(tmp_path_factory.mktemp("small"), features)

    yield make
    disconnect()
