"""The reporting pipeline: one node a picture, and one for the report."""

from kedro.pipeline import Node, Pipeline

from olist_kedro.pipelines.reporting import nodes

_MAP = ["codebook", "segmentation_model", "dim_segment"]


def create_pipeline() -> Pipeline:
    """Build the pipeline that draws all pictures of the published segmentation and writes the report."""
    return Pipeline(
        [
            Node(
                func=nodes.plot_segment_overview,
                inputs=[*_MAP, "segment_profiles", "params:reporting"],
                outputs="segment_overview_plot",
                name="plot_segment_overview",
            ),
            Node(
                func=nodes.plot_segment_profiles,
                inputs=["segment_profiles", "dim_segment", "segmentation_model", "params:reporting"],
                outputs="segment_profiles_plot",
                name="plot_segment_profiles",
            ),
            Node(
                func=nodes.plot_segment_map, inputs=_MAP, outputs="segment_map_plot", name="plot_segment_map"
            ),
            Node(
                func=nodes.plot_component_planes,
                inputs=[*_MAP, "params:reporting"],
                outputs="component_planes_plot",
                name="plot_component_planes",
            ),
            Node(func=nodes.plot_hit_map, inputs=_MAP, outputs="hit_map_plot", name="plot_hit_map"),
            Node(func=nodes.plot_u_matrix, inputs=_MAP, outputs="u_matrix_plot", name="plot_u_matrix"),
            Node(
                func=nodes.plot_u_matrix_customers,
                inputs=_MAP,
                outputs="u_matrix_customers_plot",
                name="plot_u_matrix_customers",
            ),
            Node(
                func=nodes.plot_k_selection,
                inputs=["k_criteria", "segmentation_model"],
                outputs="k_selection_plot",
                name="plot_k_selection",
            ),
            Node(
                func=nodes.write_segmentation_report,
                inputs=[
                    *_MAP,
                    "segment_profiles",
                    "k_criteria",
                    "segmentation_runs",
                    "drift_report",
                    "out_of_time_check",
                    "params:reporting",
                ],
                outputs="segmentation_report",
                name="write_segmentation_report",
            ),
        ]
    )
