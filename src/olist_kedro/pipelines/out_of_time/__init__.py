"""Do segments tell apart what customers do later?"""

from olist_kedro.pipelines.out_of_time.pipeline import create_pipeline

__all__ = ["create_pipeline"]
