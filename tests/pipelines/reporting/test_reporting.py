"""The reporting pipeline: its nodes, its parameters and its catalog entries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import ibis
import pandas as pd
import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from kedro_datasets.matplotlib import MatplotlibDataset
from kedro_viz.models.flowchart.node_metadata import DataNodeMetadata
from kedro_viz.models.flowchart.nodes import GraphNode
from PIL import Image
from pydantic import ValidationError

from olist_kedro.pipelines import tuning
from olist_kedro.pipelines.feature_engineering.definitions import COLUMNS
from olist_kedro.pipelines.reporting import create_pipeline, nodes
from olist_kedro.pipelines.reporting.parameters import ReportingParameters

CONF = Path(__file__).parents[3] / "conf/base"
PICTURES = {
    "component_planes_plot",
    "hit_map_plot",
    "k_selection_plot",
    "segment_map_plot",
    "segment_overview_plot",
    "segment_profiles_plot",
    "u_matrix_customers_plot",
    "u_matrix_plot",
}
REPORT = "segmentation_report"
SEGMENTS = pd.DataFrame(
    {
        "segment_id": [1, 2],
        "segment_name": ["Lapsed", "Came back"],
        "segment_description": ["Bought long ago.", "Bought again."],
        "advice": ["Win them back.", "Thank them."],
        "size": [30, 10],
        "share": [0.75, 0.25],
        "revenue_share": [0.6, 0.4],
        "run_id": "a-run",
    }
)


def published() -> dict[str, Any]:
    """A tiny published segmentation, by catalog name."""
    rows, columns = 4, 6
    neurons = pd.DataFrame({"neuron": range(rows * columns)})
    neurons["row"], neurons["col"] = neurons["neuron"] // columns, neurons["neuron"] % columns
    feature = {
        "name": "recency",
        "impute": 0,
        "transform": "none",
        "mean": 280,
        "scale": 150,
        "clip": [-2, 3],
    }
    profiles = pd.DataFrame(
        {"segment_id": [1, 2], "segment_name": ["Lapsed", "Came back"], "feature": "recency"}
    )
    criteria = pd.DataFrame({"k": [2, 3], "inertia": [9.0, 5.0], "silhouette": [0.4, 0.3]})
    runs = {
        "run_id": "a-run",
        "run_at": pd.Timestamp("2026-11-20T10:00:00"),
        "k": 2,
        "metrics": "{}",
        "parameters": json.dumps(
            {"clustering": {"k": 2}, "segment_validation": {"thresholds": {"min_silhouette": 0.2}}}
        ),
        "decision": "published",
        "reasons": "",
    }
    return {
        "codebook": neurons.assign(
            customers=neurons["neuron"] % 5,
            segment_id=1 + (neurons["col"] > 3),
            u_height=0.1 * neurons["col"],
            recency=neurons["row"] / rows,
        ),
        "segmentation_model": {
            "run_id": "a-run",
            "created_at": "2026-11-20T10:00:00",
            "engine": "batch_som",
            "features": [feature],
            "grid": {"rows": rows, "cols": columns, "topology": "rectangular"},
            "schedule": {"epochs": [3]},
            "seed": 42,
            "k": 2,
            "metrics": {"silhouette": 0.4},
            "provenance": {
                "is_synthetic": True,
                "sources": ["synthetic"],
                "loaded_at": "2026-11-20T09:00:00",
                "customers": 40,
                "data_fingerprint": "0123",
                "matrix_fingerprint": "4567",
                "versions": {"olist-kedro": "0.1.0"},
            },
        },
        "dim_segment": ibis.memtable(SEGMENTS),
        "segment_profiles": profiles.assign(
            median=[440.0, 270.0], mean=[450.0, 280.0], overall_median=269.0, overall_mean=288.0,
            effect_size=[0.8, -0.1],
        ),
        "k_criteria": criteria.assign(is_chosen=[True, False]),
        "segmentation_runs": ibis.memtable(pd.DataFrame([runs])),
        "drift_report": {},
        "out_of_time_check": pd.DataFrame(),
        "params:reporting": ReportingParameters.model_validate(configured_parameters()),
    }  # fmt: skip


def configured_parameters() -> dict[str, Any]:
    return yaml.safe_load((CONF / "parameters_reporting.yml").read_text())["reporting"]


def configured_datasets(folder: Path) -> dict[str, Any]:
    text = (CONF / "catalog_08_reporting.yml").read_text().replace("${globals:data}", str(folder))
    entries = yaml.safe_load(text).items()
    return {name: entry for name, entry in entries if not name.startswith("_")}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> DataCatalog:
    """The catalog after a run of the pipeline."""
    catalog = DataCatalog.from_config(configured_datasets(tmp_path_factory.mktemp("data")))
    for name, value in published().items():
        catalog[name] = MemoryDataset(value, copy_mode="assign")
    SequentialRunner().run(create_pipeline(), catalog)
    return catalog


def test_one_picture_a_node_and_the_report() -> None:
    pipeline = create_pipeline()
    assert pipeline.all_outputs() == PICTURES | {REPORT}
    assert {node.name for node in pipeline.nodes} == {
        "write_segmentation_report",
        *(f"plot_{name.removesuffix('_plot')}" for name in PICTURES),
    }


def test_the_catalog_declares_every_file(tmp_path: Path) -> None:
    entries = configured_datasets(tmp_path)
    of_tuning = {name for name in tuning.create_pipeline().all_outputs() if name.endswith("_plot")}
    assert entries.keys() == PICTURES | of_tuning | {REPORT}, (
        "no entry without a pipeline, no picture without one"
    )
    for name, entry in entries.items():
        file = f"{name}.html" if name == REPORT else f"{name.removesuffix('_plot')}.png"
        assert entry["filepath"] == f"{tmp_path}/08_reporting/{file}"
        assert entry["metadata"] == {"kedro-viz": {"layer": "reporting"}}


def test_the_run_writes_pictures_of_a_readable_size(drawn: DataCatalog) -> None:
    for name in PICTURES:
        dataset = drawn[name]
        assert isinstance(dataset, MatplotlibDataset)
        with Image.open(str(dataset._describe()["filepath"])) as picture:
            assert picture.format == "PNG"
            assert 1100 <= picture.width <= 2600


def test_the_run_writes_the_report(drawn: DataCatalog) -> None:
    page = drawn.load(REPORT)

    assert Path(drawn[REPORT]._describe()["filepath"]).read_text(encoding="utf-8") == page
    for text in ("Lapsed", "Win them back.", "SYNTHETIC DATA: ", "≥ 0.2", "Not checked"):
        assert text in page


def test_kedro_viz_previews_every_picture(drawn: DataCatalog) -> None:
    for name in PICTURES:
        node = GraphNode.create_data_node(
            dataset_id=name,
            dataset_name=name,
            layer="reporting",
            tags=set(),
            dataset=drawn[name],
            modular_pipelines=None,
        )
        metadata = DataNodeMetadata(data_node=node)
        assert metadata.preview_type == "ImagePreview"
        assert isinstance(metadata.preview, str)
        assert metadata.preview.startswith("iVBORw0KGgo")  # base64 of PNG's signature


def test_kedro_can_read_the_nodes_annotations() -> None:
    """Else it would hand the parameters over unvalidated."""
    for node in create_pipeline().nodes:
        if "params:reporting" in node.inputs:
            assert get_type_hints(node.func)["parameters"] is ReportingParameters


def test_frames_do_as_well_as_warehouse_tables() -> None:
    inputs = published()
    figures = [
        nodes.plot_segment_map(inputs["codebook"], inputs["segmentation_model"], table)
        for table in (SEGMENTS, inputs["dim_segment"])
    ]
    first, second = ([text.get_text() for text in figure.texts] for figure in figures)
    assert first == second


def test_every_feature_has_a_label() -> None:
    features = {
        column.name
        for column in COLUMNS
        if column.name != "customer_unique_id" and not column.name.endswith("_date")
    }
    assert ReportingParameters.model_validate(configured_parameters()).features.keys() == features


def test_unknown_parameters_are_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        ReportingParameters.model_validate({"colour": "blue"})


def test_the_pipeline_is_imported_without_matplotlib() -> None:
    code = "import sys, olist_kedro.pipelines.reporting; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
