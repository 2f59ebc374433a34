"""What the default segmentation rests on: the number of segments, the features, the ids that stay.

    kedro run && python benchmarks/segments.py [k] [features] [ids]

It reads the star schema of the base environment, and trains in memory; nothing is published.

k: the number that the rule chooses, for ten seeds of each source of chance (K-Means and bootstrap; the map,
from a random start; the customers, four fifths of them), as of earlier dates, and with each bound moved.
features: other features and transforms, at the same k: balance, separation, and whether the groups told apart
who came back after the cut dates of `out_of_time`.
ids: the share of customers who keep their segment id when the last 5% of the orders come in.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from scipy.stats import chi2_contingency

from olist_kedro.pipelines.feature_engineering.nodes import (
    CUSTOMER,
    create_customer_features,
    fetch_as_floats,
)
from olist_kedro.pipelines.feature_engineering.parameters import FeatureEngineeringParameters
from olist_kedro.pipelines.out_of_time.nodes import (
    follow_customers,
    marts_as_of,
    segment_followed_customers,
)
from olist_kedro.pipelines.out_of_time.parameters import OutOfTimeParameters
from olist_kedro.pipelines.som_kmeans.nodes import (
    REVENUE,
    compare_numbers_of_segments,
    describe_segments,
    map_customers,
    train_map,
    transform_features,
)
from olist_kedro.pipelines.som_kmeans.parameters import (
    ClusteringParameters,
    SegmentIdentityParameters,
    SegmentNamingParameters,
    SomParameters,
)
from olist_kedro.segmentation.clustering import separation_scores
from olist_kedro.segmentation.k_selection import (
    MappedCustomers,
    bootstrap_stability,
    choose_number_of_clusters,
)
from olist_kedro.segmentation.matching import assign_segment_ids
from olist_kedro.segmentation.transforms import ModelFeatures

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "conf/reference/parameters_feature_engineering.yml"
SEEDS = range(10)
SEEDS_AT_A_DATE = range(3)
DAYS_BEFORE_THE_END = (90, 180, 270, 360)
LATEST_ORDERS = 0.05
MARTS = (
    "dim_customer",
    "dim_date",
    "dim_product",
    "fact_orders",
    "fact_sales",
    "fact_payments",
    "fact_reviews",
    "fact_fulfillment",
)
BOUNDS: dict[str, dict[str, float | None]] = {
    "as it is": {},
    "stability at least .7": {"min_stability": 0.7},
    "stability at least .9": {"min_stability": 0.9},
    "smallest at least 0%": {"min_smallest_share": 0.0},
    "smallest at least 2%": {"min_smallest_share": 0.02},
    "smallest at least 2.5%": {"min_smallest_share": 0.025},
    "largest at most 40%": {"max_largest_share": 0.4},
    "largest at most 55%": {"max_largest_share": 0.55},
    "largest at most 100%": {"max_largest_share": 1.0},
}


class Project:
    """The base environment: its parameters and its star schema."""

    def __init__(self) -> None:
        """Read the parameters; the warehouse is asked later."""
        bootstrap_project(ROOT)
        context = KedroSession.create(ROOT).load_context()
        self.marts = {name: context.catalog.load(name) for name in MARTS}
        self.customer_features = context.catalog.load("customer_features")
        parameters = context.params
        self.features = ModelFeatures.model_validate(parameters["model_features"])
        self.engineering = FeatureEngineeringParameters.model_validate(parameters["feature_engineering"])
        self.som = SomParameters.model_validate(parameters["som"])
        self.clustering = ClusteringParameters.model_validate(parameters["clustering"])
        self.identity = SegmentIdentityParameters.model_validate(parameters["segment_identity"])
        self.naming = SegmentNamingParameters.model_validate(parameters["segment_naming"])
        self.out_of_time = OutOfTimeParameters.model_validate(parameters["out_of_time"])

    def seeded(self, seed: int, **batch_som: Any) -> tuple[SomParameters, ClusteringParameters]:
        """Return map and clustering with another seed, and with changes to the map's training."""
        trained = self.som.batch_som.model_copy(update=batch_som)
        return (
            self.som.model_copy(update={"seed": seed, "batch_som": trained}),
            self.clustering.model_copy(update={"seed": seed}),
        )

    def customers(self, as_of: date | None = None) -> pd.DataFrame:
        """Fetch the features of all customers, or of those known on a date, as of then."""
        table = self.customer_features
        if as_of is not None:
            parameters = self.engineering.model_copy(update={"reference_date": as_of})
            table = create_customer_features(**marts_as_of(self.marts, as_of), parameters=parameters)
        names = dict.fromkeys((*self.features.names, *self.naming.profile_features, REVENUE))
        return fetch_as_floats(table, tuple(names))

    def purchase_days(self) -> pd.Series:
        """Return the day of each order, ascending."""
        days = self.marts["fact_orders"].order_purchase_date.date().to_pandas()
        return pd.to_datetime(days.dropna()).sort_values(ignore_index=True)


def show_choices_of_k(project: Project) -> None:
    """Print which number is chosen, how often, for each source of chance, date and bound."""
    customers = project.customers()

    def choices(
        runs: Iterator[tuple[pd.DataFrame, tuple[SomParameters, ClusteringParameters]]],
    ) -> list[pd.DataFrame]:
        return [_criteria(project, rows, *parameters) for rows, parameters in runs]

    by_chance = {
        "seeds of K-Means and bootstrap": choices((customers, project.seeded(seed)) for seed in SEEDS),
        "and of the map, from a random start": choices(
            (customers, project.seeded(seed, initialization="sample")) for seed in SEEDS
        ),
        "and of the customers, 80% of them": choices(
            (
                customers.sample(frac=0.8, random_state=seed).sort_values(CUSTOMER, ignore_index=True),
                project.seeded(seed),
            )
            for seed in SEEDS
        ),
    }
    end = project.purchase_days().quantile(0.999, interpolation="higher").date() + timedelta(days=1)
    by_date = {}
    for days in DAYS_BEFORE_THE_END:
        as_of = end - timedelta(days=days)
        known = project.customers(as_of)
        by_date[f"as of {as_of}, {len(known):,} customers"] = choices(
            (known, project.seeded(seed)) for seed in SEEDS_AT_A_DATE
        )
    print("\nk chosen (times)")
    for name, tables in {**by_chance, **by_date}.items():
        print(f"  {name:<44} {_counted(tables, project.clustering)}")
    print("\nk chosen with a bound moved: all runs on today's customers; earlier dates")
    today = [table for tables in by_chance.values() for table in tables]
    earlier = [table for tables in by_date.values() for table in tables]
    for name, bounds in BOUNDS.items():
        moved = project.clustering.model_copy(update=bounds)
        print(f"  {name:<44} {_counted(today, moved):<24} {_counted(earlier, moved)}")


def show_features(project: Project, k: int = 6) -> None:
    """Print what other features and transforms make of the same customers."""
    sets = _feature_sets(project.features)
    everything = ModelFeatures(tuple({f.name: f for s in sets.values() for f in s.root}.values()))
    followed = follow_customers(
        **project.marts,
        feature_engineering=project.engineering,
        model_features=everything,
        segment_naming=project.naming,
        out_of_time=project.out_of_time,
    )
    customers = fetch_as_floats(
        project.customer_features,
        tuple(dict.fromkeys((*everything.names, *project.naming.profile_features, REVENUE))),
    )
    rows = []
    for name, features in sets.items():
        _, matrix = transform_features(customers, features)
        codebook = train_map(matrix, project.som)
        mapped = map_customers(customers, matrix, codebook, project.som)
        on_map = MappedCustomers(matrix, codebook, mapped["neuron"].to_numpy())
        sample = on_map.sample(10_000, 42)
        neuron_clusters = project.clustering.kmeans.labels(codebook, on_map.hits, k, 42)
        clusters = neuron_clusters[on_map.neurons]
        shares = np.bincount(clusters, minlength=k) / len(clusters)
        _, profiles = describe_segments(mapped.assign(segment_id=clusters), customers, project.naming)
        strongest = profiles["effect_size"].abs().groupby(profiles["segment_id"]).max()
        segmented = segment_followed_customers(
            followed, {"k": k}, features, project.som, project.clustering, project.naming
        )
        rows.append(
            {
                "features": name,
                "silhouette": separation_scores(matrix, clusters, sample)["silhouette"],
                "stability": bootstrap_stability(
                    on_map,
                    neuron_clusters,
                    k,
                    project.clustering.kmeans,
                    sample=sample,
                    seed=42,
                    bootstraps=project.clustering.bootstraps,
                ),
                "smallest": shares.min(),
                "largest": shares.max(),
                "weakest effect": strongest.min(),
                **{
                    f"returns {cut_date}": _cramers_v(group["segment_name"], group["came_back"])
                    for cut_date, group in segmented.groupby("cut_date")
                },
            }
        )
    print(f"\nFeatures at k = {k}: weakest effect is the least of the segments' strongest |Cliff's delta|,")
    print("returns is Cramer's V (x100) between segment and coming back after the cut date")
    print(pd.DataFrame(rows).round(3).to_string(index=False))


def show_ids(project: Project) -> None:
    """Print how many customers keep their segment's id, and its name, when orders come in."""
    days = project.purchase_days()
    as_of = days.iloc[int(len(days) * (1 - LATEST_ORDERS))].date()
    before, after = _named(project, project.customers(as_of)), _named(project, project.customers())
    ids = assign_segment_ids(
        after["cluster"],
        after["revenue"],
        before["cluster"],
        last_used_id=before["cluster"].max(),
        min_overlap=project.identity.min_overlap,
    )
    both = before.join(after.assign(cluster=after["cluster"].map(ids)), rsuffix="_after", how="inner")
    kept = both["cluster"] == both["cluster_after"]
    stayed = both["segment_name"] == both["segment_name_after"]
    print(f"\nOf {len(both):,} customers, when the orders from {as_of} on come in ({LATEST_ORDERS:.0%})")
    print(f"  are in a segment of the same name   {stayed.mean():.1%}")
    print(f"  of these, keep its id               {kept[stayed].mean():.1%}")
    print(f"  keep their id, of all               {kept.mean():.1%}")


def _criteria(
    project: Project, customers: pd.DataFrame, som: SomParameters, clustering: ClusteringParameters
) -> pd.DataFrame:
    _, matrix = transform_features(customers, project.features)
    codebook = train_map(matrix, som)
    mapped = map_customers(customers, matrix, codebook, som)
    return compare_numbers_of_segments(matrix, codebook, mapped, clustering)


def _counted(tables: Sequence[pd.DataFrame], clustering: ClusteringParameters) -> str:
    """Say how often the rule chooses which number, such as '6 (9), 7 (1)'."""
    chosen = Counter()
    for table in tables:
        weighed = choose_number_of_clusters(
            table,
            k=None,
            min_stability=clustering.min_stability,
            min_smallest_share=clustering.min_smallest_share,
            max_largest_share=clustering.max_largest_share,
        )
        chosen[int(weighed.loc[weighed["is_chosen"], "k"].iloc[0])] += 1
    return ", ".join(f"{k} ({times})" for k, times in sorted(chosen.items()))


def _feature_sets(default: ModelFeatures) -> dict[str, ModelFeatures]:
    """Return the default, each of its choices undone, and the reference's twelve untransformed features."""
    plain = [{"name": feature.name} for feature in default.root]
    treated = [feature.model_dump() for feature in default.root]

    def without(*names: str) -> list[dict[str, Any]]:
        return [feature for feature in treated if feature["name"] not in names]

    at_5_sigma = [{**feature, "clip_sigmas": 5} for feature in treated]
    unclipped = [{**feature, "clip_sigmas": None} for feature in treated]
    sets: dict[str, Any] = {
        "default": treated,
        "no transforms, no clipping": plain,
        "frequency clipped as well": at_5_sigma,
        "nothing clipped": unclipped,
        "without distinct products": without("num_unique_products"),
        "without instalments": without("avg_payment_installments"),
        "without review score": without("avg_review_score"),
        "without frequency": without("frequency"),
        "with late_share": [*treated, {"name": "late_share", "impute": 0}],
        "with freight_share": [*treated, {"name": "freight_share"}],
        "reference": yaml.safe_load(REFERENCE.read_text())["model_features"],
    }
    return {name: ModelFeatures.model_validate(features) for name, features in sets.items()}


def _named(project: Project, customers: pd.DataFrame) -> pd.DataFrame:
    """Segment customers and return cluster (from 1), segment_name and revenue, by customer."""
    _, matrix = transform_features(customers, project.features)
    codebook = train_map(matrix, project.som)
    mapped = map_customers(customers, matrix, codebook, project.som)
    criteria = compare_numbers_of_segments(matrix, codebook, mapped, project.clustering)
    k = int(criteria.loc[criteria["is_chosen"], "k"].iloc[0])
    hits = np.bincount(mapped["neuron"], minlength=len(codebook))
    clusters = project.clustering.kmeans.labels(codebook, hits, k, project.clustering.seed)
    located = mapped.assign(segment_id=clusters[mapped["neuron"]] + 1)
    segments, _ = describe_segments(located, customers, project.naming)
    names = segments.set_index("segment_id")["segment_name"]
    named = pd.DataFrame(
        {
            CUSTOMER: located[CUSTOMER],
            "cluster": located["segment_id"],
            "segment_name": located["segment_id"].map(names),
            "revenue": customers[REVENUE].to_numpy(),
        }
    )
    return named.set_index(CUSTOMER)


def _cramers_v(segments: pd.Series, came_back: pd.Series) -> float:
    """Return 100 times Cramer's V with Bergsma's (2013) correction for bias; 0 for no association."""
    table = pd.crosstab(segments, came_back)
    count = len(segments)
    rows, columns = table.shape
    expected = (rows - 1) * (columns - 1) / (count - 1)  # of segments that say nothing
    phi = max(0.0, chi2_contingency(table, correction=False).statistic / count - expected)
    least = min(size - (size - 1) ** 2 / (count - 1) for size in (rows, columns)) - 1
    return float(100 * np.sqrt(phi / least))


PARTS: dict[str, Callable[[Project], None]] = {
    "k": show_choices_of_k,
    "features": show_features,
    "ids": show_ids,
}

if __name__ == "__main__":
    asked_for = sys.argv[1:] or list(PARTS)
    if unknown := set(asked_for) - PARTS.keys():
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}.")
    base = Project()
    for part in asked_for:
        PARTS[part](base)
