"""What a run says when it has ended: what each pipeline did, how long it took, what came out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from olist_kedro.datasets import WarehouseTable
from olist_kedro.dbt.pipeline import steps_of

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline


def summarise_run(
    pipeline: Pipeline, catalog: CatalogProtocol, seconds: Mapping[str, float], total: float
) -> str:
    """Describe a run that has ended.

    Args:
        pipeline: The nodes that ran; each carries its pipeline's name as a tag.
        catalog: The run's catalog, from which the results are read.
        seconds: Seconds that each node took, by the node's name.
        total: Seconds that the run took.

    Returns:
        Lines of text: one for each pipeline that ran, then the segments and where the results are, as far
        as this run made them.
    """
    outputs = pipeline.all_outputs()
    parts: dict[str, float] = {}
    for node in pipeline.nodes:
        for tag in sorted(node.tags & DETAILS.keys()):
            parts[tag] = parts.get(tag, 0.0) + seconds.get(node.name, 0.0)
    lines = [""]
    lines += [
        f"  {part:<20} {DETAILS[part](pipeline, catalog):<80} {duration:6.1f} s"
        for part, duration in parts.items()
    ]
    lines += [f"  {'in all':<20} {'':<80} {total:6.1f} s"]
    if "dim_segment" in outputs:
        lines += ["", *_segments(catalog)]
    if "drift_report" in outputs:
        lines += ["", *_drift(catalog)]
    lines += ["", *_places(outputs, catalog)]
    return "\n".join(line.rstrip() for line in lines)


def _ingestion(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    if "ingestion_report" not in pipeline.all_outputs():
        return ""
    tables = catalog.load("ingestion_report")["tables"].values()
    rows, duplicates, quarantined = (
        sum(table[key] for table in tables) for key in ("rows_in", "duplicates", "quarantined")
    )
    return f"{rows:,} rows read, {duplicates:,} duplicates dropped, {quarantined:,} quarantined"


def _dbt(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    steps = steps_of(pipeline).values()
    relations = sum(step.relation.kind != "source" for step in steps)
    results = [step.result for step in steps if step.result is not None]
    tests, warnings = (sum(getattr(result, key) for result in results) for key in ("tests", "warnings"))
    warned = f", {warnings} with a warning" if warnings else ""
    models = "1 model" if relations == 1 else f"{relations} models"
    return f"{models} built, {tests} tests passed{warned}"


def _features(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    if "customer_features" not in pipeline.all_outputs():
        return ""
    features = catalog.load("customer_features")
    names = [name for name in features.columns if not name.endswith(("_id", "_date"))]
    return f"{features.count().execute():,} customers with {len(names)} features each"


def _segmentation(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    if "segmentation_model" not in pipeline.all_outputs():
        return ""
    model = catalog.load("segmentation_model")
    metrics = ", ".join(
        f"{name.replace('_', ' ')} {model['metrics'][name]:.3f}"
        for name in ("silhouette", "quantization_error", "topographic_error")
    )
    return f"{model['k']} segments: {metrics}"


def _out_of_time(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    if "out_of_time_check" not in pipeline.all_outputs():
        return ""
    check = catalog.load("out_of_time_check")
    if check.empty:
        return "no cut date"
    back = check[check["outcome"] == "came_back"]
    told_apart = ((back["ci_low"] > 1) | (back["ci_high"] < 1)).sum()
    dates = back["cut_date"].nunique()
    return f"{dates} cut dates: who comes back differs in {told_apart} of {len(back)} segments"


def _scoring(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    if "drift_report" not in pipeline.all_outputs():
        return ""
    report = catalog.load("drift_report")
    worst = max((*report["features"], report["segments"]), key=lambda measured: measured["psi"])
    return (
        f"{report['customers']:,} scored: {report['new']:,} new, {report['changed']:,} changed, "
        f"{report['outside_map']:,} off the map; "
        f"PSI up to {worst['psi']:.2f} ({worst.get('name', 'segments')})"
    )


def _pictures(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    outputs = pipeline.all_outputs()
    report = ", 1 report" if "segmentation_report" in outputs else ""
    return f"{sum(name.endswith('_plot') for name in outputs)} pictures{report}"


def _tuning(pipeline: Pipeline, catalog: CatalogProtocol) -> str:
    if "tuning_trials" not in pipeline.all_outputs():
        return ""
    trials = catalog.load("tuning_trials")
    states = trials["state"].value_counts()
    best = trials.loc[trials["is_best"], "trial"].iloc[0]
    failed = f", {states['failed']} more failed" if "failed" in states else ""
    verdict = "the current parameters are kept" if pd.isna(best) else f"trial {best} is best"
    return f"{states['complete']} trials{failed}: {verdict}"


DETAILS: dict[str, Callable[[Pipeline, CatalogProtocol], str]] = {
    "ingestion": _ingestion,
    "dbt": _dbt,
    "feature_engineering": _features,
    "som_kmeans": _segmentation,
    "out_of_time": _out_of_time,
    "reporting": _pictures,
    "scoring": _scoring,
    "tuning": _tuning,
}


def _segments(catalog: CatalogProtocol) -> list[str]:
    segments = catalog.load("dim_segment").order_by("segment_id").to_pandas()
    width = segments["segment_name"].str.len().max()
    return [
        f"  {row.segment_id:>3}  {row.segment_name:<{width}}  {row.size:>8,} customers {row.share:6.1%}"
        f"  {row.revenue_share:6.1%} of revenue"
        for row in segments.itertuples()
    ]


def _drift(catalog: CatalogProtocol) -> list[str]:
    report = catalog.load("drift_report")
    if report["retrain"]:
        advice = "The model should be trained again (kedro run --pipeline=segmentation):"
        return [f"  {advice}", *(f"    - {reason}" for reason in report["reasons"])]
    return [f"  The model of {report['trained_at'][:10]} still fits: no need to train again."]


def _places(outputs: set[str], catalog: CatalogProtocol) -> list[str]:
    datasets: dict[str, Any] = {name: catalog.get(name) for name in sorted(outputs)}
    pictures = [dataset._filepath for name, dataset in datasets.items() if name.endswith("_plot")]
    warehouses = [dataset.warehouse for dataset in datasets.values() if isinstance(dataset, WarehouseTable)]
    places: dict[str, Path | str] = {}
    if "tuned_parameters" in datasets:
        places["parameters to adopt"] = Path(str(datasets["tuned_parameters"]._filepath))
    if pictures:
        places["pictures"] = Path(str(pictures[0])).parent
    if "segmentation_report" in datasets:
        places["report"] = Path(str(datasets["segmentation_report"]._filepath))
    if warehouses and "path" in warehouses[0]:
        places["warehouse"] = Path(warehouses[0]["path"])
    elif warehouses:
        places["warehouse"] = f"BigQuery project {warehouses[0]['project_id']}"
    return [f"  {name:<20} {_relative(place)}" for name, place in places.items()]


def _relative(place: Path | str) -> Path | str:
    is_inside = isinstance(place, Path) and place.is_relative_to(Path.cwd())
    return Path(place).relative_to(Path.cwd()) if is_inside else place
