"""Self-Organizing Maps in scikit-learn's conventions, and measures of their quality."""

from olist_kedro.som.batch import BatchSOM

__all__ = ["BatchSOM"]
