"""Every notebook, run from top to bottom on the finished sample project."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from olist_kedro.datasets.warehouse import connect, disconnect

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def executed(sample: Any) -> dict[str, Any]:
    """Every notebook by name, run by a kernel of its own as if it lay in the project's folder of notebooks.

    A cell that fails ends the tests here.
    """
    folder = sample.path / "notebooks"
    folder.mkdir()
    disconnect()  # a kernel is another process, which opens the warehouse itself
    notebooks = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("KEDRO_ENV", "sample")
        monkeypatch.setenv("DO_NOT_TRACK", "1")
        for path in NOTEBOOKS:
            notebook = nbformat.read(path, as_version=4)
            NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
            notebooks[path.name] = notebook
    return notebooks


def outputs(notebook: Any) -> list[Any]:
    """Return what the cells show, in order."""
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def texts(notebook: Any) -> str:
    """Return all that the cells show as plain text, without the colours that Kedro's extension adds."""
    shown = "\n".join(output.get("data", {}).get("text/plain", "") for output in outputs(notebook))
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def pictures(notebook: Any) -> int:
    """Return how many pictures the cells show."""
    return sum("image/png" in output.get("data", {}) for output in outputs(notebook))


def test_tour_shows_what_is_in_the_warehouse(executed: dict[str, Any], sample: Any) -> None:
    warehouse = connect(
        {"backend": "duckdb", "path": str(sample.path / "data/sample/03_primary/olist.duckdb")}
    )
    prices = warehouse.table("fact_sales", database="marts").price.sum().execute()
    names = warehouse.table("dim_segment", database="marts").segment_name.execute()

    shown = texts(executed["01_tour.ipynb"])

    assert "'environment': 'sample'" in shown
    assert shown.count(str(prices)) == 2  # in the raw table and in fact_sales
    assert all(name in shown for name in names)
    assert pictures(executed["01_tour.ipynb"]) == 3


def test_segmentation_comes_out_as_it_was_published(executed: dict[str, Any], sample: Any) -> None:
    model = sample.catalog("sample").load("segmentation_model")
    shown = texts(executed["02_segmentation.ipynb"])

    for metric in ("quantization_error", "topographic_error"):
        trained_here, published = re.findall(rf"^{metric} +([\d.]+) +([\d.]+)$", shown, re.MULTILINE)[0]
        assert trained_here == published == f"{model['metrics'][metric]:.4f}"
    for segment in model["segments"]:
        assert segment["segment_name"] in shown
    assert "08_reporting/segmentation_report.html" in shown


def test_segmentation_shows_every_picture(executed: dict[str, Any], sample: Any) -> None:
    drawn = list((sample.path / "data/sample/08_reporting").glob("*.png"))

    # two sheets of histograms, the training, the criteria where they are explained
    assert pictures(executed["02_segmentation.ipynb"]) == 4 + len(drawn) > 10


def test_kedros_kernel_has_catalog_context_and_session_ready(
    executed: dict[str, Any], sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make jupyter` starts this kernel: an ordinary one with Kedro's extension."""
    monkeypatch.setenv("KEDRO_ENV", "sample")
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    names = (
        "[name for name in ('catalog', 'context', 'session', 'pipelines') if name in globals()], context.env"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(names)])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(sample.path / "notebooks")}})
    client.extra_arguments = ["--ext", "kedro.ipython"]

    client.execute()

    assert "".join(texts(notebook).split()) == "(['catalog','context','session','pipelines'],'sample')"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells

    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)
