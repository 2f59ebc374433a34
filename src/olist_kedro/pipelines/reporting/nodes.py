"""Nodes that draw the pictures and write the report; what they call imports matplotlib: imported on use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir
import pandas as pd

from olist_kedro.pipelines.reporting.parameters import ReportingParameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure
else:
    # Kedro resolves the annotations of a node to find the model that validates its parameters.
    Figure = Any


def _frame(table: ir.Table | pd.DataFrame) -> pd.DataFrame:
    """A small table from the warehouse as a frame."""
    return table if isinstance(table, pd.DataFrame) else table.to_pandas()


def plot_k_selection(k_criteria: pd.DataFrame, segmentation_model: dict[str, Any]) -> Figure:
    """Draw the elbow and the other criteria over k; see `olist_kedro.plots.k_selection`."""
    from olist_kedro.plots.k_selection import plot_k_selection as plot

    return plot(k_criteria, segmentation_model)


def plot_u_matrix(
    codebook: pd.DataFrame, segmentation_model: dict[str, Any], dim_segment: ir.Table | pd.DataFrame
) -> Figure:
    """Draw the U-matrix; see `olist_kedro.plots.u_matrix`."""
    from olist_kedro.plots.u_matrix import plot_u_matrix as plot

    return plot(codebook, segmentation_model, _frame(dim_segment))


def plot_u_matrix_customers(
    codebook: pd.DataFrame, segmentation_model: dict[str, Any], dim_segment: ir.Table | pd.DataFrame
) -> Figure:
    """Draw the customers on the U-matrix; see `olist_kedro.plots.u_matrix`."""
    from olist_kedro.plots.u_matrix import plot_u_matrix_customers as plot

    return plot(codebook, segmentation_model, _frame(dim_segment))


def plot_component_planes(
    codebook: pd.DataFrame,
    segmentation_model: dict[str, Any],
    dim_segment: ir.Table | pd.DataFrame,
    parameters: ReportingParameters,
) -> Figure:
    """Draw each feature over the map; see `olist_kedro.plots.component_planes`."""
    from olist_kedro.plots.component_planes import plot_component_planes as plot

    return plot(codebook, segmentation_model, _frame(dim_segment), parameters.features)


def plot_hit_map(
    codebook: pd.DataFrame, segmentation_model: dict[str, Any], dim_segment: ir.Table | pd.DataFrame
) -> Figure:
    """Draw the customers of each neuron; see `olist_kedro.plots.hit_map`."""
    from olist_kedro.plots.hit_map import plot_hit_map as plot

    return plot(codebook, segmentation_model, _frame(dim_segment))


def plot_segment_map(
    codebook: pd.DataFrame, segmentation_model: dict[str, Any], dim_segment: ir.Table | pd.DataFrame
) -> Figure:
    """Draw the segments on the map; see `olist_kedro.plots.segment_map`."""
    from olist_kedro.plots.segment_map import plot_segment_map as plot

    return plot(codebook, segmentation_model, _frame(dim_segment))


def plot_segment_profiles(
    segment_profiles: pd.DataFrame,
    dim_segment: ir.Table | pd.DataFrame,
    segmentation_model: dict[str, Any],
    parameters: ReportingParameters,
) -> Figure:
    """Draw the segment dashboard; see `olist_kedro.plots.segment_profiles`."""
    from olist_kedro.plots.segment_profiles import plot_segment_profiles as plot

    return plot(segment_profiles, _frame(dim_segment), segmentation_model, parameters.features)


def plot_segment_overview(
    codebook: pd.DataFrame,
    segmentation_model: dict[str, Any],
    dim_segment: ir.Table | pd.DataFrame,
    segment_profiles: pd.DataFrame,
    parameters: ReportingParameters,
) -> Figure:
    """Draw map and list of the segments in one picture; see `olist_kedro.plots.segment_overview`."""
    from olist_kedro.plots.segment_overview import plot_segment_overview as plot

    return plot(codebook, segmentation_model, _frame(dim_segment), segment_profiles, parameters.features)


def write_segmentation_report(
    codebook: pd.DataFrame,
    segmentation_model: dict[str, Any],
    dim_segment: ir.Table | pd.DataFrame,
    segment_profiles: pd.DataFrame,
    k_criteria: pd.DataFrame,
    segmentation_runs: ir.Table | pd.DataFrame,
    drift_report: dict[str, Any],
    out_of_time_check: pd.DataFrame,
    parameters: ReportingParameters,
) -> str:
    """Write the report, a page of HTML; see `olist_kedro.report.page`."""
    from olist_kedro.report.page import write_report

    return write_report(
        codebook,
        segmentation_model,
        _frame(dim_segment),
        segment_profiles,
        k_criteria,
        _frame(segmentation_runs),
        parameters.features,
        drift_report,
        out_of_time_check,
    )
