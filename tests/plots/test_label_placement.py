from __future__ import annotations

import itertools

import numpy as np
import pytest

from olist_kedro.plots.label_placement import Label, innermost_point, place_labels

CELL = (0.12, 0.12)


def covered(label: Label, segments: np.ndarray) -> np.ndarray:
    y, x = np.indices(segments.shape)
    return segments[(np.abs(x - label.x) <= label.width / 2) & (np.abs(y - label.y) <= label.height / 2)]


def overlap(first: Label, second: Label) -> bool:
    return (
        abs(first.x - second.x) < (first.width + second.width) / 2
        and abs(first.y - second.y) < (first.height + second.height) / 2
    )


def test_innermost_point_is_in_the_largest_area() -> None:
    mask = np.zeros((9, 20), dtype=bool)
    mask[1:8, 2:9] = True
    mask[4, 15:19] = True
    assert innermost_point(mask, CELL) == (5, 4)


def test_a_name_lies_inside_a_large_segment_in_one_line() -> None:
    segments = np.ones((40, 80), dtype=np.int64)
    segments[:, 40:] = 2
    labels = {
        label.segment_id: label for label in place_labels(segments, {1: "New and happy", 2: "Lapsed"}, CELL)
    }
    for segment_id, label in labels.items():
        assert len(label.lines) == 1
        assert label.size == 11
        assert not label.needs_pointer
        assert set(covered(label, segments)) == {segment_id}


def test_a_small_segment_is_not_hidden_by_its_own_name() -> None:
    segments = np.ones((40, 80), dtype=np.int64)
    segments[:3, :3] = 2
    labels = place_labels(segments, {1: "Nearly all", 2: "A very small segment"}, CELL)
    small = next(label for label in labels if label.segment_id == 2)
    assert small.needs_pointer
    assert small.anchor == (1, 1)
    assert (covered(small, segments) == 2).sum() <= 0.6 * 9


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("height", "width"), [(10, 20), (40, 80), (80, 160), (40, 40)])
def test_names_never_overlap_or_leave_the_map(height: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 1, (10, 2)) * [height, width]
    y, x = np.indices((height, width))
    distance = np.hypot(y[..., None] - centres[:, 0], x[..., None] - centres[:, 1])
    segments = distance.argmin(-1) + 1
    names = {i: f"Segment number {i} of customers" for i in range(1, 11)}
    cell = 10.0 / width, 6.0 / height
    labels = place_labels(segments, names, cell)
    assert {label.segment_id for label in labels} == set(np.unique(segments))
    assert not any(overlap(first, second) for first, second in itertools.combinations(labels, 2))
    for label in labels:
        assert label.width / 2 - 0.5 <= label.x <= width - 0.5 - label.width / 2
        assert label.height / 2 - 0.5 <= label.y <= height - 0.5 - label.height / 2
        assert " ".join(label.lines) == names[label.segment_id]


def test_type_shrinks_before_a_name_is_left_out() -> None:
    segments = np.repeat(np.arange(1, 6), 4)[:, None] * np.ones((1, 30), dtype=np.int64)
    names = {i: f"Segment {i}" for i in range(1, 6)}
    labels = place_labels(segments, names, (0.05, 0.1), sizes=(16.0, 8.0))
    assert {label.size for label in labels} == {8.0}
    assert len(labels) == 5


def test_a_map_too_small_for_all_names_keeps_some() -> None:
    segments = np.array([[1, 2], [3, 4]])
    labels = place_labels(segments, dict.fromkeys(range(1, 5), "Much too long a name"), (0.4, 0.4))
    assert len(labels) < 4


def test_segments_without_a_neuron_have_no_label() -> None:
    labels = place_labels(np.ones((20, 40), dtype=np.int64), {1: "All", 9: "Nobody"}, CELL)
    assert [label.segment_id for label in labels] == [1]
