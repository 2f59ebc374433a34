"""The project's pipelines by name."""

from kedro.pipeline import Pipeline

from olist_kedro.pipelines import dbt, feature_engineering, ingestion, reporting, som_kmeans


def register_pipelines() -> dict[str, Pipeline]:
    """Return each pipeline that `kedro run --pipeline=<name>` can run.

    Every node carries the name of its own pipeline as a tag, so `--tags` selects the same way and
    the summary at the end of a run can tell how long each part took.
    """
    parts = {
        "ingestion": ingestion.create_pipeline(),
        "dbt": dbt.create_pipeline(),
        "feature_engineering": feature_engineering.create_pipeline(),
        "som_kmeans": som_kmeans.create_pipeline(),
        "reporting": reporting.create_pipeline(),
    }
    parts = {name: Pipeline(nodes, tags=name) for name, nodes in parts.items()}
    elt = parts["ingestion"] + parts["dbt"]
    segmentation = parts["feature_engineering"] + parts["som_kmeans"] + parts["reporting"]
    return {**parts, "elt": elt, "segmentation": segmentation, "__default__": elt + segmentation}
