"""The segmentation pipeline. Publication comes last: a rejected segmentation ends the run before it."""

from __future__ import annotations

from kedro.pipeline import Node, Pipeline

from olist_kedro.pipelines.som_kmeans import nodes, publication


def create_pipeline() -> Pipeline:
    """Return the pipeline from `model_input` to the published segments."""
    return _create_model_pipeline() + _create_publication_pipeline()


def _create_model_pipeline() -> Pipeline:
    """Return the part that makes and judges a segmentation, all of it in memory."""
    return Pipeline(
        [
            Node(
                func=nodes.transform_features,
                inputs=["model_input", "params:model_features"],
                outputs=["fitted_features", "model_matrix"],
                name="transform_features",
            ),
            Node(
                func=nodes.train_map,
                inputs=["model_matrix", "params:som"],
                outputs="map_codebook",
                name="train_map",
            ),
            Node(
                func=nodes.map_customers,
                inputs=["model_input", "model_matrix", "map_codebook", "params:som"],
                outputs="mapped_customers",
                name="map_customers",
            ),
            Node(
                func=nodes.compare_numbers_of_segments,
                inputs=["model_matrix", "map_codebook", "mapped_customers", "params:clustering"],
                outputs="segment_number_criteria",
                name="compare_numbers_of_segments",
            ),
            Node(
                func=nodes.cluster_neurons,
                inputs=["map_codebook", "mapped_customers", "segment_number_criteria", "params:clustering"],
                outputs="neuron_clusters",
                name="cluster_neurons",
            ),
            Node(
                func=nodes.cluster_customers_directly,
                inputs=["model_matrix", "segment_number_criteria", "params:clustering"],
                outputs="control_clusters",
                name="cluster_customers_directly",
            ),
            Node(
                func=nodes.fetch_profile_features,
                inputs=["customer_features", "mapped_customers", "params:segment_naming"],
                outputs="profile_input",
                name="fetch_profile_features",
            ),
            Node(
                func=nodes.identify_segments,
                inputs=[
                    "neuron_clusters",
                    "mapped_customers",
                    "profile_input",
                    "previous_dim_customer_segmented",
                    "previous_dim_segment",
                    "previous_segmentation_runs",
                    "params:segment_identity",
                ],
                outputs=["neuron_segments", "located_customers"],
                name="identify_segments",
            ),
            Node(
                func=nodes.describe_segments,
                inputs=["located_customers", "profile_input", "params:segment_naming"],
                outputs=["segments", "profiles"],
                name="describe_segments",
            ),
            Node(
                func=nodes.evaluate_segmentation,
                inputs=[
                    "model_matrix",
                    "map_codebook",
                    "located_customers",
                    "control_clusters",
                    "segment_number_criteria",
                    "params:som",
                    "params:segment_validation",
                ],
                outputs="verdict",
                name="evaluate_segmentation",
            ),
        ]
    )


def _create_publication_pipeline() -> Pipeline:
    """Return the part that records the attempt, stops a rejected one and publishes an accepted one."""
    return Pipeline(
        [
            Node(
                func=publication.trace_input,
                inputs=["load_log", "model_matrix"],
                outputs="provenance",
                name="trace_input",
            ),
            Node(
                func=publication.record_attempt,
                inputs=[
                    "verdict",
                    "segments",
                    "provenance",
                    "previous_segmentation_runs",
                    "params:feature_engineering",
                    "params:model_features",
                    "params:som",
                    "params:clustering",
                    "params:segment_identity",
                    "params:segment_naming",
                    "params:segment_validation",
                ],
                outputs=["segmentation_runs", "attempt"],
                name="record_attempt",
            ),
            Node(
                func=publication.accept_segmentation,
                inputs=["attempt", "segment_number_criteria", "located_customers", "segments", "profiles"],
                outputs=[
                    "accepted_attempt",
                    "k_criteria",
                    "segment_assignments",
                    "accepted_segments",
                    "segment_profiles",
                ],
                name="accept_segmentation",
            ),
            Node(
                func=publication.publish_model,
                inputs=[
                    "accepted_attempt",
                    "accepted_segments",
                    "segment_assignments",
                    "fitted_features",
                    "model_input",
                    "map_codebook",
                    "neuron_segments",
                    "params:som",
                ],
                outputs=["codebook", "segmentation_model"],
                name="publish_model",
            ),
            Node(
                func=publication.publish_codebook,
                inputs=["codebook", "segmentation_model"],
                outputs="segmentation_codebook",
                name="publish_codebook",
            ),
            Node(
                func=publication.publish_segments,
                inputs=[
                    "accepted_attempt",
                    "accepted_segments",
                    "segment_profiles",
                    "previous_dim_segment",
                ],
                outputs="dim_segment",
                name="publish_segments",
            ),
            Node(
                func=publication.publish_customers,
                inputs=["accepted_attempt", "customer_features", "segment_assignments"],
                outputs="dim_customer_segmented",
                name="publish_customers",
            ),
        ]
    )
