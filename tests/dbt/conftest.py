"""A dbt project small enough to read: one seed, a view on it, a table on that, and tests over both."""

from __future__ import annotations

from pathlib import Path

import pytest

from olist_kedro.dbt import DbtProject

FILES = {
    "dbt_project.yml": """
name: tiny
version: "1.0"
profile: tiny
seeds: {tiny: {+schema: staging}}
models: {tiny: {staging: {+materialized: view}, marts: {+materialized: table}}}
""",
    "profiles.yml": """
tiny:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('TINY_PATH') }}", schema: main, keep_open: false}
""",
    "seeds/states.csv": "state,orders\nSP,3\nRJ,2\n",
    "models/staging/stg_states.sql": "select state, orders from {{ ref('states') }}\n",
    "models/staging/stg_states.yml": """
models:
  - name: stg_states
    columns:
      - {name: state, data_tests: [unique, not_null]}
unit_tests:
  - name: keeps_orders
    model: stg_states
    given: [{input: ref('states'), rows: [{state: AC, orders: 1}]}]
    expect: {rows: [{state: AC, orders: 1}]}
""",
    "models/marts/totals.sql": "select 'all' as scope, sum(orders) as orders from {{ ref('stg_states') }}\n",
    "models/marts/totals.yml": """
models:
  - name: totals
    columns:
      - {name: orders, data_tests: [not_null]}
""",
    "models/marts/by_state.sql": "select * from {{ ref('stg_states') }}\n",
    "models/marts/by_state.yml": """
models:
  - name: by_state
    columns:
      - name: state
        data_tests:
          - relationships: {arguments: {to: ref('states'), field: state}}
""",
}

STAGES = {"staging": ["seeds", "models/staging"], "marts": ["models/marts"]}


@pytest.fixture
def tiny_project(tmp_path: Path) -> DbtProject:
    folder = tmp_path / "tiny"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.lstrip())
    return DbtProject(
        project_dir=folder,
        profiles_dir=folder,
        target_path=folder / "target",
        target="duckdb",
        stages=STAGES,
        environment={"TINY_PATH": str(tmp_path / "tiny.duckdb")},
    )
