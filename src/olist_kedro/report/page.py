"""The report as a page: everything in one string of HTML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from olist_kedro.plots.labels import FeatureLabel, format_count
from olist_kedro.plots.segments import is_synthetic
from olist_kedro.report.criteria import HEIGHT, WIDTH, read_panels
from olist_kedro.report.drift import read_drift
from olist_kedro.report.evidence import (
    find_record,
    read_metrics,
    read_runs,
    read_treatments,
    rejected_since,
    require_one_run,
)
from olist_kedro.report.neurons import place_names, read_map
from olist_kedro.report.outcomes import read_outcomes
from olist_kedro.report.segments import read_cards

SHOWN_RUNS = 12


def write_report(
    codebook: pd.DataFrame,
    model: Mapping[str, Any],
    dim_segment: pd.DataFrame,
    profiles: pd.DataFrame,
    criteria: pd.DataFrame,
    segmentation_runs: pd.DataFrame,
    labels: Mapping[str, FeatureLabel],
    drift_report: Mapping[str, Any],
    out_of_time_check: pd.DataFrame,
) -> str:
    """Write the report.

    Args:
        codebook: One row a neuron.
        model: The segmentation model: features, metrics, grid, schedule, provenance.
        dim_segment: The published segments.
        profiles: One row a segment and feature.
        criteria: One row a number of segments.
        segmentation_runs: One row an attempt.
        labels: Human labels by feature.
        drift_report: What the last scoring run found; empty where there was none.
        out_of_time_check: One row a cut date, segment and outcome; no row where the check was left out.

    Returns:
        A page that needs nothing but itself: style, script and data are in it.

    Raises:
        OlistError: The tables do not belong together, or one of them is empty.
    """
    require_one_run(dim_segment, model)
    columns, cards = read_cards(dim_segment, profiles, model, labels)
    names = {card.id: card.name for card in cards}
    parameters = find_record(segmentation_runs, model)
    runs = read_runs(segmentation_runs, model)
    environment = Environment(
        loader=PackageLoader("olist_kedro.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day,
        "minute": _minute,
        "count": format_count,
        "pretty": _pretty,
        "place": _place,
    }
    return environment.get_template("report.html").render(
        style=_resource("report.css"),
        script=_resource("report.js"),
        is_synthetic=is_synthetic(model),
        model=model,
        created_at=datetime.fromisoformat(model["created_at"]),
        columns=columns,
        cards=cards,
        map=read_map(codebook, model, labels),
        names_on_map=place_names(codebook, names),
        metrics=read_metrics(model["metrics"], parameters["segment_validation"]["thresholds"]),
        panels=read_panels(criteria, model),
        panel_width=WIDTH,
        panel_height=HEIGHT,
        clustering=parameters["clustering"],
        outcomes=read_outcomes(out_of_time_check, list(names.values())),
        horizon_days=out_of_time_check["horizon_days"].max() if len(out_of_time_check) else None,
        drift=read_drift(drift_report, model, names, labels),
        runs=runs[:SHOWN_RUNS],
        older_runs=len(runs[SHOWN_RUNS:]),
        rejected=rejected_since(runs),
        treatments=read_treatments(model, labels),
        parameters=parameters,
    )


def _resource(name: str) -> Markup:
    """A file of the templates as it is: our own style and script need no escaping."""
    return Markup(files("olist_kedro.report").joinpath("templates", name).read_text(encoding="utf-8"))


def _day(time: datetime) -> str:
    return f"{time.day} {time:%B %Y}"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def _place(source: str) -> str:
    """A source without the folders it is in: a page that is handed on is not to tell of a machine."""
    kind, _, path = source.partition(" ")
    return f"{kind} {PurePath(path).name}" if kind in ("zip", "folder") else source


def _pretty(parameters: Mapping[str, Any]) -> str:
    """Parameters as they are written in conf."""
    return yaml.safe_dump(dict(parameters), sort_keys=False, allow_unicode=True, width=100)
