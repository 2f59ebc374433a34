"""What each picture shows: arrays, counts, words and limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import LogNorm, to_rgb, to_rgba

from olist_kedro.errors import OlistError
from olist_kedro.plots.component_planes import plot_component_planes
from olist_kedro.plots.hit_map import plot_hit_map
from olist_kedro.plots.k_selection import format_value, plot_k_selection
from olist_kedro.plots.labels import FeatureLabel, format_share
from olist_kedro.plots.real_units import to_real_units
from olist_kedro.plots.segment_map import plot_segment_map
from olist_kedro.plots.segment_overview import plot_segment_overview
from olist_kedro.plots.segment_profiles import effect_limit, plot_segment_profiles
from olist_kedro.plots.segments import distinctive_facts, read_features, read_segments
from olist_kedro.plots.style import SEGMENT_COLOURS, segment_colours, tint
from olist_kedro.plots.u_matrix import plot_u_matrix, plot_u_matrix_customers


@pytest.fixture(scope="module")
def artifacts(make_artifacts: Any) -> Any:
    """20 rows by 10 columns, so that pictures show it transposed; 4 segments, 7 features."""
    return make_artifacts()


def grid(artifacts: Any, column: str) -> np.ndarray:
    """A codebook column as the pictures show it."""
    return artifacts.codebook[column].to_numpy(dtype=float).reshape(20, 10).T


def test_u_matrix_shows_the_heights(artifacts: Any) -> None:
    figure = plot_u_matrix(artifacts.codebook, artifacts.model, artifacts.dim_segment)
    heights = grid(artifacts, "u_height")
    (image,) = figure.axes[0].images
    np.testing.assert_array_equal(image.get_array(), heights)
    assert image.get_clim() == (heights.min(), pytest.approx(np.quantile(heights, 0.99)))
    assert image.get_cmap().name == "cividis"


def test_a_flat_u_matrix_is_no_error(artifacts: Any, assert_readable: Any) -> None:
    flat = artifacts.codebook.assign(u_height=0.3)
    assert_readable(plot_u_matrix(flat, artifacts.model, artifacts.dim_segment))


def test_customers_are_dots_of_their_area_and_colour(artifacts: Any, texts_of: Any) -> None:
    figure = plot_u_matrix_customers(artifacts.codebook, artifacts.model, artifacts.dim_segment)
    (dots,) = figure.axes[0].collections
    customers, segments = grid(artifacts, "customers"), grid(artifacts, "segment_id")
    y, x = np.nonzero(customers)
    np.testing.assert_array_equal(dots.get_offsets(), np.stack([x, y], axis=1))
    full = np.quantile(customers[y, x], 0.98)
    assert dots.get_sizes() == pytest.approx(
        dots.get_sizes().max() * np.clip(customers[y, x] / full, 0.03, 1)
    )
    colours = segment_colours(artifacts.dim_segment["segment_id"])
    assert [tuple(c) for c in dots.get_facecolors()] == [to_rgba(colours[i]) for i in segments[y, x]]
    assert f"{int(full):,} or more" in texts_of(figure, "key")


def test_hit_map_is_logarithmic_and_leaves_empty_neurons_out(artifacts: Any, texts_of: Any) -> None:
    figure = plot_hit_map(artifacts.codebook, artifacts.model, artifacts.dim_segment)
    customers = grid(artifacts, "customers")
    (image,) = figure.axes[0].images
    shown = image.get_array()
    np.testing.assert_array_equal(np.ma.getmaskarray(shown), customers == 0)
    np.testing.assert_array_equal(shown.filled(0), customers)
    assert isinstance(image.norm, LogNorm)
    assert image.get_clim() == (1, customers.max())
    empty = int((customers == 0).sum())
    assert texts_of(figure, "key") == [f"No customers: {empty} neurons ({format_share(empty / 200)})"]
    assert texts_of(figure, "title") == [
        f"Hit map: how {int(customers.sum()):,} customers spread over the map"
    ]


def test_hit_map_without_empty_neurons_has_no_key(artifacts: Any, texts_of: Any) -> None:
    full = artifacts.codebook.assign(customers=1)
    figure = plot_hit_map(full, artifacts.model, artifacts.dim_segment)
    assert texts_of(figure, "key") == []


def test_segment_map_paints_and_lists_the_segments(artifacts: Any, texts_of: Any) -> None:
    figure = plot_segment_map(artifacts.codebook, artifacts.model, artifacts.dim_segment)
    segments, customers = grid(artifacts, "segment_id"), grid(artifacts, "customers")
    image = figure.axes[0].images[0].get_array()
    for number, colour in enumerate(SEGMENT_COLOURS[:4], start=1):
        own = segments == number
        np.testing.assert_allclose(
            image[own & (customers > 0)], [to_rgb(colour)] * (own & (customers > 0)).sum()
        )
        np.testing.assert_allclose(
            image[own & (customers == 0)],
            np.array([tint(colour, 0.62)] * (own & (customers == 0)).sum()).reshape(-1, 3),
        )
    ordered = artifacts.dim_segment.sort_values("size", ascending=False)
    assert texts_of(figure, "legend-name") == ordered["segment_name"].tolist()
    largest = ordered.iloc[0]
    assert texts_of(figure, "legend-facts")[0].startswith(
        f"{largest['size']:,} customers ({largest['share']:.0%})"
    )
    assert sorted(texts_of(figure, "segment-name")) == sorted(ordered["segment_name"])


def test_component_planes_are_in_real_units(artifacts: Any, texts_of: Any) -> None:
    figure = plot_component_planes(
        artifacts.codebook, artifacts.model, artifacts.dim_segment, artifacts.labels
    )
    planes = [axes.images[0] for axes in figure.axes if axes.images]
    features = read_features(artifacts.model)
    assert len(planes) == len(features) + 1
    for plane, feature in zip(planes, features, strict=False):
        expected = to_real_units(grid(artifacts, feature.name), feature)
        np.testing.assert_allclose(plane.get_array(), expected)
    assert planes[-1].get_array().shape == (10, 20, 3)
    headings = texts_of(figure, "panel-heading")
    assert headings[:3] == ["Recency (days)", "Frequency", "Spend (R$)"]
    assert headings[-1] == "Segments"


@pytest.mark.parametrize(
    ("transform", "mean", "value"), [("none", 280, 280), ("sqrt", 0, 0), ("log1p", 0, 0)]
)
def test_a_constant_feature_has_a_plane(
    artifacts: Any, assert_readable: Any, transform: str, mean: float, value: float
) -> None:
    constant = artifacts.codebook.assign(recency=0.0)
    recency, *others = artifacts.model["features"]
    model = {**artifacts.model, "features": [{**recency, "transform": transform, "mean": mean}, *others]}
    figure = plot_component_planes(constant, model, artifacts.dim_segment, artifacts.labels)
    assert_readable(figure)
    low, high = figure.axes[0].images[0].get_clim()
    assert low <= value < high


def test_k_selection_marks_the_chosen_k_and_each_criterions_own(artifacts: Any, texts_of: Any) -> None:
    figure = plot_k_selection(artifacts.criteria, artifacts.model)
    assert len(figure.axes) == 8
    assert texts_of(figure, "title") == ["How many segments? k = 4 was chosen out of 2 to 10"]
    for axes in figure.axes:
        assert axes.get_xlim() == (1.5, 10.5)
        assert list(axes.lines[0].get_xdata()) == [4, 4]
    np.testing.assert_array_equal(figure.axes[1].lines[1].get_ydata(), 1 / np.arange(2, 11))
    rings = [
        axes.lines[2].get_xdata()[0] if axes.lines[2].get_markersize() == 12 else None for axes in figure.axes
    ]
    assert rings == [4, 2, 5, 4, 3, None, None, 4]
    assert texts_of(figure, "verdict") == [
        "Inertia (elbow): 250k, the sharpest bend",
        "Silhouette: 0.25; best 0.5 (k=2)",
        "Davies-Bouldin: 1.1; best 1 (k=5)",
        "Calinski-Harabasz: 1,000, the best",
        "Stability: 0.8; best 0.99 (k=3)",
        "Smallest segment: 5.0%",
        "Largest segment: 22%",
        "Mean rank: 1, the best",
    ]


def test_k_selection_with_what_there_is(artifacts: Any, texts_of: Any, assert_readable: Any) -> None:
    criteria = artifacts.criteria[["k", "inertia", "silhouette", "stability", "is_chosen"]].head(1)
    criteria = criteria.assign(stability=np.nan, is_chosen=False)
    figure = plot_k_selection(criteria, artifacts.model)
    assert_readable(figure)
    assert len(figure.axes) == 2
    assert texts_of(figure, "verdict") == [
        "Inertia (elbow): not measured",
        "Silhouette: not measured; best 0.5 (k=2)",
    ]


def test_k_selection_without_rows_says_what_to_do(artifacts: Any) -> None:
    with pytest.raises(OlistError, match="kedro run --pipeline=segmentation"):
        plot_k_selection(artifacts.criteria.head(0), artifacts.model)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.25049, "0.25"), (847.3, "847"), (4321, "4,321"), (255526, "256k"), (2.5e6, "2.5M"), (3e9, "3G")],
)
def test_short_numbers(value: float, text: str) -> None:
    assert format_value(value) == text


def test_profiles_show_effects_medians_and_means(artifacts: Any, texts_of: Any) -> None:
    figure = plot_segment_profiles(
        artifacts.profiles, artifacts.dim_segment, artifacts.model, artifacts.labels
    )
    heat = next(axes.images[0] for axes in figure.axes if axes.images)
    order = artifacts.dim_segment.sort_values("size", ascending=False)["segment_id"].tolist()
    features = [feature.name for feature in read_features(artifacts.model)]
    wide = artifacts.profiles.pivot_table(index="segment_id", columns="feature", values="effect_size")
    expected = wide.loc[order, features].to_numpy()
    np.testing.assert_allclose(heat.get_array(), expected)
    assert heat.get_clim() == (-effect_limit(expected), effect_limit(expected))
    first = order[0]
    assert texts_of(figure, "median")[:3] == [f"{10 * first}", f"{10 * first + 1}.00", f"{10 * first + 2}"]
    assert texts_of(figure, "mean")[0] == f"ø {10 * first}.5"
    assert texts_of(figure, "overall-median")[0] == "12"
    assert texts_of(figure, "overall-mean")[0] == "ø 14.2"
    assert texts_of(figure, "segment-name")[-1] == "All customers"
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    shares = artifacts.dim_segment.set_index("segment_id").loc[order]
    np.testing.assert_allclose(widths, [*shares["share"], *shares["revenue_share"]])


def test_profiles_with_missing_numbers(artifacts: Any, texts_of: Any, assert_readable: Any) -> None:
    profiles = artifacts.profiles.copy()
    profiles.loc[0, ["median", "mean", "effect_size"]] = np.nan
    segments = artifacts.dim_segment.assign(revenue_share=np.nan)
    figure = plot_segment_profiles(profiles, segments, artifacts.model, artifacts.labels)
    assert_readable(figure)
    assert texts_of(figure, "median").count("n/a") == 1
    assert texts_of(figure, "share").count("n/a") == 4


def test_profiles_put_the_models_features_first(artifacts: Any, texts_of: Any) -> None:
    extra = artifacts.profiles[artifacts.profiles["feature"] == "recency"].assign(feature="late_share")
    profiles = pd.concat([extra, artifacts.profiles.iloc[::-1]])
    figure = plot_segment_profiles(profiles, artifacts.dim_segment, artifacts.model, artifacts.labels)
    heads = texts_of(figure, "head")[2:]
    assert heads[:3] == ["Recency (days)", "Frequency", "Spend (R$)"]
    assert heads[-1] == "Late share"


def test_effect_colours_do_not_exaggerate() -> None:
    assert effect_limit(np.array([[0.05, -0.1]])) == 0.5
    assert effect_limit(np.array([[0.05, -0.8, np.nan]])) == 0.8
    assert effect_limit(np.array([[np.nan]])) == 0.5


def test_overview_lists_the_segments_with_their_facts(artifacts: Any, texts_of: Any) -> None:
    figure = plot_segment_overview(
        artifacts.codebook, artifacts.model, artifacts.dim_segment, artifacts.profiles, artifacts.labels
    )
    ordered = artifacts.dim_segment.sort_values("size", ascending=False)
    assert texts_of(figure, "list-name") == ordered["segment_name"].tolist()
    total = int(artifacts.codebook["customers"].sum())
    assert texts_of(figure, "title") == [
        f"{total:,} customers in 4 segments: who they are, how many, how much they spend"
    ]
    first = ordered.iloc[0]
    profile = artifacts.profiles[artifacts.profiles["segment_id"] == first["segment_id"]]
    assert texts_of(figure, "facts")[0] == " ".join(distinctive_facts(profile, artifacts.labels))
    shares = texts_of(figure, "share")
    assert shares[0].endswith(f"{first['size']:,}")
    assert shares[1].endswith("of revenue")


def test_facts_are_the_strongest_and_use_means_where_medians_agree(artifacts: Any) -> None:
    profile = pd.DataFrame(
        [
            ("recency", 442.0, 451.0, 269.0, 288.0, 0.7),
            ("frequency", 0.0, 1.11, 0.0, 0.02, -0.9),
            ("monetary", 90.0, 120.0, 89.0, 140.0, 0.1),
            ("items", 1.0, 1.0, 1.0, 1.0, np.nan),
            ("late", 0.0, 0.334, 0.0, 0.0681, 0.3),
        ],
        columns=["feature", "median", "mean", "overall_median", "overall_mean", "effect_size"],
    )
    labels = artifacts.labels | {"late": FeatureLabel(label="Late", unit="%", factor=100)}
    assert distinctive_facts(profile, labels, count=4) == [
        "Frequency ø 1.11 (all: ø 0.02)",
        "Recency 442 days (all: 269)",
        "Late ø 33.4% (all: ø 6.81%)",
        "Spend R$ 90 (all: R$ 89)",
    ]


def test_segments_come_largest_first() -> None:
    frame = pd.DataFrame(
        {
            "segment_id": [1, 2, 3],
            "segment_name": list("abc"),
            "size": [5, 9, 5],
            "share": [0.25, 0.5, 0.25],
            "revenue_share": [0.2, 0.2, 0.6],
        }
    )
    assert [segment.id for segment in read_segments(frame)] == [2, 1, 3]


def test_hexagonal_map_has_a_hexagon_a_neuron(make_artifacts: Any) -> None:
    made = make_artifacts(9, 14, 4, 3, "hexagonal")
    arguments = (made.codebook, made.model, made.dim_segment)
    heights = plot_u_matrix(*arguments).axes[0].collections[0]
    np.testing.assert_array_equal(heights.get_array(), made.codebook["u_height"])
    assert {len(path.vertices) for path in heights.get_paths()} == {7}, "six corners and back"
    hits = plot_hit_map(*arguments).axes[0].collections[0]
    np.testing.assert_array_equal(np.ma.getmaskarray(hits.get_array()), made.codebook["customers"] == 0)
    colours = segment_colours(made.dim_segment["segment_id"])
    shown = plot_segment_map(*arguments).axes[0].collections[0].get_facecolors()
    full = (made.codebook["customers"] > 0).to_numpy()
    expected = [to_rgba(colours[i]) for i in made.codebook["segment_id"][full]]
    np.testing.assert_allclose(shown[full], expected)
    dots = plot_u_matrix_customers(*arguments).axes[0].collections[1].get_offsets()
    row, col = made.codebook.loc[full, ["row", "col"]].to_numpy().T
    np.testing.assert_allclose(dots, np.column_stack([col + row % 2 / 2, row]))
