"""The tuning pipeline. It publishes nothing: what it finds is a file to adopt."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from olist_kedro.pipelines.tuning import nodes

_CURRENT = ["params:model_features", "params:som", "params:clustering"]


def create_pipeline() -> Pipeline:
    """Return the pipeline from `model_input` to the table, the pictures and the best set of parameters."""
    return Pipeline(
        [
            Node(
                func=nodes.search_parameters,
                inputs=["model_input", "tuning_studies", *_CURRENT, "params:tuning"],
                outputs=["tuning_trials", "tuning_importance", "tuning_winner"],
                name="search_parameters",
            ),
            Node(
                func=nodes.compare_with_current,
                inputs=["model_input", "tuning_winner", *_CURRENT, "params:tuning"],
                outputs="tuning_comparison",
                name="compare_with_current",
            ),
            Node(
                func=nodes.write_parameters,
                inputs=["tuning_trials", "tuning_comparison", "tuning_winner", "params:tuning"],
                outputs="tuned_parameters",
                name="write_parameters",
            ),
            Node(
                func=nodes.plot_objectives,
                inputs=["tuning_trials", "tuning_winner", "load_log"],
                outputs="tuning_objectives_plot",
                name="plot_objectives",
            ),
            Node(
                func=nodes.plot_history,
                inputs=["tuning_trials", "tuning_winner", "load_log"],
                outputs="tuning_history_plot",
                name="plot_history",
            ),
            Node(
                func=nodes.plot_parameters,
                inputs=["tuning_trials", "tuning_importance", "tuning_winner", "load_log", "params:tuning"],
                outputs="tuning_parameters_plot",
                name="plot_parameters",
            ),
        ]
    )
