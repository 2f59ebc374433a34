"""Which tests belong to which stage."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from olist_kedro.dbt.stages import StageError, select_stage

STAGES = {
    "staging": ["models/staging"],
    "facts": ["models/facts", "models/extra.sql"],
    "rest": ["models/extra.sql_like.sql"],
}


def node(unique_id: str, path: str = "", depends_on: tuple[str, ...] = ()) -> Any:
    kind, *_, name = unique_id.split(".")
    return SimpleNamespace(
        unique_id=unique_id,
        resource_type=kind,
        original_file_path=path,
        fqn=["shop", name],
        depends_on=SimpleNamespace(nodes=list(depends_on)),
    )


def manifest(*nodes: Any) -> Any:
    return SimpleNamespace(
        nodes={n.unique_id: n for n in nodes if n.resource_type != "unit_test"},
        unit_tests={n.unique_id: n for n in nodes if n.resource_type == "unit_test"},
    )


MANIFEST = manifest(
    node("model.shop.stg_orders", "models/staging/stg_orders.sql"),
    node("model.shop.fact_orders", "models/facts/fact_orders.sql", ("model.shop.stg_orders",)),
    node("model.shop.extra", "models/extra.sql"),
    node("model.shop.extra.sql_like", "models/extra.sql_like.sql"),
    node("test.shop.unique_stg", depends_on=("model.shop.stg_orders",)),
    node("test.shop.same_rows", depends_on=("model.shop.fact_orders", "model.shop.stg_orders")),
    node("test.shop.source_not_null", depends_on=("source.shop.raw.orders",)),
    node("unit_test.shop.flags", depends_on=("model.shop.fact_orders",)),
)


def test_a_test_over_two_stages_belongs_to_the_last() -> None:
    assert select_stage(MANIFEST, STAGES, "facts") == [
        "fqn:shop.extra",
        "fqn:shop.fact_orders",
        "fqn:shop.flags",
        "fqn:shop.same_rows",
    ]


def test_a_test_of_sources_alone_belongs_to_the_first() -> None:
    assert select_stage(MANIFEST, STAGES, "staging") == [
        "fqn:shop.source_not_null",
        "fqn:shop.stg_orders",
        "fqn:shop.unique_stg",
    ]


def test_unknown_stage() -> None:
    with pytest.raises(KeyError):
        select_stage(MANIFEST, STAGES, "gold")


def test_a_model_that_no_stage_holds_is_refused() -> None:
    with pytest.raises(StageError, match=r"dbt's models/facts/fact_orders\.sql belongs to no stage"):
        select_stage(MANIFEST, {**STAGES, "facts": ["models/extra.sql"]}, "staging")
