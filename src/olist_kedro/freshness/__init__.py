"""Fresh or stale: which nodes have something to do, known before anything runs. Knows nothing of Olist."""

from olist_kedro.freshness.decision import Freshness, Verdict
from olist_kedro.freshness.session import FreshnessHooks, FreshSession, select

__all__ = ["FreshSession", "Freshness", "FreshnessHooks", "Verdict", "select"]
