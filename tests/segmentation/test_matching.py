from __future__ import annotations

import pandas as pd

from olist_kedro.segmentation.matching import assign_segment_ids, find_last_used_id

NOTHING_PUBLISHED = pd.Series(dtype="int64")


def _customers(**groups: str) -> pd.Series:
    """Return the group of each customer; a customer is a letter."""
    return pd.Series({customer: int(group[1:]) for group, letters in groups.items() for customer in letters})


def _assign(
    clusters: pd.Series, previous: pd.Series, last_used_id: int = 0, **spend: float
) -> dict[int, int]:
    revenue = pd.Series(1.0, index=clusters.index)
    revenue.update(pd.Series(spend, dtype="float64"))
    return assign_segment_ids(clusters, revenue, previous, last_used_id=last_used_id, min_overlap=0.3)


def test_first_ids_go_by_revenue() -> None:
    clusters = _customers(c0="abc", c1="def", c2="gh")
    assert _assign(clusters, NOTHING_PUBLISHED, g=100.0, d=20.0) == {2: 1, 1: 2, 0: 3}


def test_ids_follow_the_customers_not_the_labels() -> None:
    previous = _customers(s1="abcd", s2="efgh", s3="ijkl")
    clusters = _customers(c0="ijkl", c1="abcdx", c2="efghyz")
    assert _assign(clusters, previous, last_used_id=3, x=999.0) == {0: 3, 1: 1, 2: 2}


def test_same_clusters_keep_their_ids_whatever_their_revenue() -> None:
    clusters = _customers(c0="abc", c1="def")
    first = _assign(clusters, NOTHING_PUBLISHED, a=50.0)
    assert _assign(clusters, clusters.map(first), last_used_id=2, d=500.0) == first


def test_as_many_customers_as_possible_keep_their_id() -> None:
    # Greedily c0 would take s1 (3 customers) and leave c1 with nothing of s2; together 2 + 3 is more.
    previous = _customers(s1="abcdef", s2="gh")
    clusters = _customers(c0="abcgh", c1="def")
    assert _assign(clusters, previous, last_used_id=2) == {0: 2, 1: 1}


def test_split_segment_gives_its_id_to_the_larger_part() -> None:
    previous = _customers(s4="abcdefgh", s5="ijk")
    clusters = _customers(c0="abcde", c1="fgh", c2="ijk")
    assert _assign(clusters, previous, last_used_id=5) == {0: 4, 1: 6, 2: 5}


def test_little_in_common_is_no_match_and_retired_ids_are_not_used_again() -> None:
    previous = _customers(s1="abcdefghij", s2="klm")
    clusters = _customers(c0="avw", c1="bcdefghijklm")
    assert _assign(clusters, previous, last_used_id=9) == {0: 10, 1: 1}


def test_pair_that_is_no_match_keeps_no_other_from_its_match() -> None:
    # c0 holds 6 of s1's customers, but with 14 others that is too little in common; c1 holds the other 4.
    previous = _customers(s1="abcdefghij", s2="klmnopqrstuvwxABCDEFGHIJKLMNOPQRSTUVWXYZ")
    clusters = _customers(c0="abcdefklmnopqrstuvwx", c1="ghij", c2="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert _assign(clusters, previous, last_used_id=2) == {0: 3, 1: 1, 2: 2}


def test_customers_that_only_one_run_knows_do_not_count() -> None:
    previous = _customers(s1="abUVWXYZ", s2="cd")
    clusters = _customers(c0="abefghij", c1="cdkl")
    assert _assign(clusters, previous, last_used_id=2) == {0: 1, 1: 2}


def test_last_used_id_remembers_retired_segments() -> None:
    assert find_last_used_id([], []) == 0
    assert find_last_used_id([1, 3], []) == 3
    assert find_last_used_id([1, 3], ['{"1": 50, "7": 20}', '{"1": 10}']) == 7
