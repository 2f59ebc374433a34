"""What customers say afterwards: scores, and comments in Portuguese put together from phrases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic import vocabulary as words
from olist_kedro.sources.synthetic.baskets import Baskets
from olist_kedro.sources.synthetic.csv_text import (
    SECONDS_A_DAY,
    csv_bytes,
    integers,
    quoted,
    quoted_if_needed,
    strings,
    timestamps,
)
from olist_kedro.sources.synthetic.customers import Purchases
from olist_kedro.sources.synthetic.deliveries import Deliveries
from olist_kedro.sources.synthetic.draws import (
    Floats,
    Ints,
    Mask,
    flags,
    from_quantiles,
    hex_ids,
    pick_by_row,
    pick_value,
    recorded,
    some,
    stratified,
)


@dataclass(frozen=True)
class Reviews:
    """Reviews as customers write them; arrays of shape (n_reviews,).

    Attributes:
        order: Position of the order, the first one where a checkout was split into several.
        score: 1 to 5.
        created: Midnight of the survey's day, seconds since 1970.
        answered: Seconds since 1970.
    """

    order: Ints
    score: Ints
    created: Ints
    answered: Ints


def draw_reviews(
    rng: np.random.Generator, purchases: Purchases, baskets: Baskets, deliveries: Deliveries
) -> Reviews:
    """Draw who answers the survey, when, and with which score.

    Returns:
        The first reviews by order, followed by the few second ones.
    """
    size = len(purchases.time)
    refusal = np.array([stats.NO_REVIEW[name] for name in stats.STATUSES])
    answers = (rng.random(size) >= refusal[purchases.status]) & (purchases.leader == np.arange(size))
    order = np.flatnonzero(answers)
    score = 1 + pick_by_row(rng, SCORES, _score_rows(purchases, baskets, deliveries)[order])
    created = _survey_days(rng, deliveries)[order] * SECONDS_A_DAY

    again = np.flatnonzero(flags(rng, len(order), stats.SECOND_REVIEW))
    agrees = flags(rng, len(again), stats.SECOND_REVIEW_AGREES)
    other = rng.integers(1, 6, len(again))
    order = np.concatenate([order, order[again]])
    score = np.concatenate([score, np.where(agrees, score[again], other)])
    created = np.concatenate([created, created[again] + rng.integers(0, 9, len(again)) * SECONDS_A_DAY])
    hours = from_quantiles(stratified(rng, len(order)), stats.ANSWER_HOURS_QUANTILES)
    created = recorded(rng, purchases.time[order], created) // SECONDS_A_DAY * SECONDS_A_DAY
    answered = recorded(rng, created, created + (hours * 3600).astype(np.int64))
    return Reviews(order, score, created, answered)


SCORES = np.array(
    [
        *stats.SCORES_BY_WEEKS,
        *stats.SCORES_BY_ITEMS,
        *stats.SCORES_BY_ITEMS_OF_SEVERAL_SELLERS,
        *stats.SCORES_BY_DAYS_LATE,
        *stats.SCORES_BY_STATUS.values(),
    ]
)
"""All tables of scores, one below the other."""


def _score_rows(purchases: Purchases, baskets: Baskets, deliveries: Deliveries) -> Ints:
    """Return the row of `SCORES` that fits each order."""
    weeks, items = len(stats.SCORES_BY_WEEKS), len(stats.SCORES_BY_ITEMS)
    row = np.clip((deliveries.delivered - purchases.time) // (7 * SECONDS_A_DAY), 0, weeks - 1)
    several = weeks + np.clip(baskets.items, 2, items + 1) - 2 + np.where(baskets.sellers > 1, items, 0)
    row = np.where(baskets.items > 1, several, row)
    late = (deliveries.delivered - deliveries.estimate) // SECONDS_A_DAY
    band = weeks + 2 * items + np.searchsorted(stats.DAYS_LATE_BANDS, late, side="right")
    row = np.where(late > 0, band, row)
    first = weeks + 2 * items + len(stats.SCORES_BY_DAYS_LATE)
    unhappy = list(stats.SCORES_BY_STATUS)
    by_status = [first + unhappy.index(name if name in unhappy else "processing") for name in stats.STATUSES]
    return np.where(
        stats.STATUSES.index("delivered") == purchases.status, row, np.array(by_status)[purchases.status]
    )


def _survey_days(rng: np.random.Generator, deliveries: Deliveries) -> Ints:
    """Draw the day of the survey: after delivery, or after the promised day where nothing came till then."""
    size = len(deliveries.estimate)
    promised = deliveries.estimate // SECONDS_A_DAY + pick_value(rng, stats.DAYS_FROM_ESTIMATE, size)
    arrived = deliveries.delivered // SECONDS_A_DAY + pick_value(rng, stats.DAYS_FROM_DELIVERY, size)
    return np.where(deliveries.has_delivery, np.minimum(arrived, promised), promised)


def reviews_csv(
    rng: np.random.Generator, reviews: Reviews, leader: Ints, order_ids: pa.Array, *, at_least: int
) -> bytes:
    """Return the reviews file, its rows in random order.

    Orders of one checkout share its review: a row each with the same key.

    Args:
        rng: Source of randomness.
        reviews: The reviews as written.
        leader: Each order's first order from the same checkout.
        order_ids: Key of each order.
        at_least: Least number of reviews of each rare kind.
    """
    titles, messages = _titles(rng, reviews), _messages(rng, reviews, at_least)
    size = len(reviews.order)
    unanswered = np.zeros(size, dtype=bool)
    unanswered[some(rng, np.arange(size), stats.WITHOUT_ANSWER_TIME, 2 * at_least)] = True
    undated = np.zeros(size, dtype=bool)
    undated[some(rng, np.flatnonzero(unanswered), stats.WITHOUT_CREATION_DATE, at_least)] = True

    by_order = np.argsort(reviews.order, kind="stable")
    followers = np.flatnonzero(leader != np.arange(len(leader)))
    first = np.minimum(np.searchsorted(reviews.order[by_order], leader[followers]), max(size - 1, 0))
    found = (
        reviews.order[by_order][first] == leader[followers] if size else np.zeros(len(followers), dtype=bool)
    )
    row = np.concatenate([np.arange(size), by_order[first[found]]])
    order = np.concatenate([reviews.order, followers[found]])
    shuffled = rng.permutation(len(row))
    row, order = row[shuffled], order[shuffled]
    take = pa.array(row)
    return csv_bytes(
        {
            "review_id": quoted(hex_ids(rng, size), always=True).take(take),
            "order_id": quoted(order_ids, always=True).take(pa.array(order)),
            "review_score": integers(reviews.score[row]),
            "review_comment_title": quoted_if_needed(titles).take(take),
            "review_comment_message": quoted_if_needed(messages).take(take),
            "review_creation_date": timestamps(reviews.created[row], undated[row]),
            "review_answer_timestamp": timestamps(reviews.answered[row], unanswered[row]),
        },
        newline="\r\n",
    )


def _titles(rng: np.random.Generator, reviews: Reviews) -> pa.Array:
    """Return the titles, null where there is none: the survey did not always ask for one."""
    chance = np.array(stats.HAS_TITLE)[reviews.score - 1]
    asked = np.zeros(len(chance))
    for date, share in stats.TITLES_BEGIN.items():
        asked[reviews.created >= np.datetime64(date, "s").astype(np.int64)] = share
    has_title = rng.random(len(chance)) < chance * asked
    title = _phrases(words.TITLES, reviews.score, rng.random(len(chance)))
    return _only(has_title, _join(title, _blanks(rng, len(chance))))


def _messages(rng: np.random.Generator, reviews: Reviews, at_least: int) -> pa.Array:
    """Return the messages, null where there is none."""
    size = len(reviews.score)
    has_message = rng.random(size) < np.array(stats.HAS_MESSAGE)[reviews.score - 1]
    written = np.flatnonzero(has_message)
    sentences = 1 + pick_by_row(rng, stats.SENTENCES, reviews.score - 1)

    breaks = _mask(size, some(rng, written, stats.HAS_NEWLINE, at_least))
    separator = pc.if_else(pa.array(breaks), "\r\n", ". ")
    sentences[breaks] = np.maximum(sentences[breaks], 2)
    uniform, step = rng.random(size), rng.integers(1, 4, size)
    text = _phrases(words.MESSAGES, reviews.score, uniform)
    for number in (2, 3, 4):
        # Some phrases further on in the same list, so that no message says the same twice.
        longer = _join(text, separator, _phrases(words.MESSAGES, reviews.score, uniform, (number - 1) * step))
        text = pc.if_else(pa.array(sentences >= number), longer, text)
    text = _join(text, _one_of(rng, words.ENDINGS, size))
    for choices, share in ((words.QUOTED, stats.HAS_QUOTES), (words.EMOJI, stats.HAS_EMOJI)):
        has_it = _mask(size, some(rng, written, share, at_least))
        text = pc.if_else(pa.array(has_it), _join(text, " ", _one_of(rng, choices, size)), text)
    text = pc.utf8_slice_codeunits(text, 0, stats.LONGEST_MESSAGE - 1)
    return _only(has_message, _join(text, _blanks(rng, size)))


def _phrases(
    phrases: tuple[tuple[str, ...], ...], score: Ints, uniform: Floats, further: Ints | int = 0
) -> pa.Array:
    """Return a phrase for each score: the one at the uniform number, or one so much further on."""
    counts = np.array([len(row) for row in phrases])
    starts = np.cumsum(counts) - counts
    position = np.floor(uniform * counts[score - 1]).astype(np.int64) + further
    in_one = [phrase for row in phrases for phrase in row]
    return strings(in_one, starts[score - 1] + position % counts[score - 1])


def _one_of(rng: np.random.Generator, choices: tuple[str, ...], size: int) -> pa.Array:
    """Draw from the choices, each as likely as the others."""
    return strings(choices, rng.integers(0, len(choices), size))


def _blanks(rng: np.random.Generator, size: int) -> pa.Array:
    """Draw the blanks that some leave at the end."""
    return pc.if_else(pa.array(flags(rng, size, stats.HAS_TRAILING_BLANK)), " ", "")


def _join(*parts: pa.Array | str) -> pa.Array:
    """Put texts together, row by row."""
    return pc.binary_join_element_wise(*parts, "")


def _only(mask: Mask, text: pa.Array) -> pa.Array:
    """Return the text where the mask is true, null elsewhere."""
    return pc.if_else(pa.array(mask), text, pa.scalar(None, pa.string()))


def _mask(size: int, positions: Ints) -> Mask:
    """Return a mask that is true at the positions."""
    mask = np.zeros(size, dtype=bool)
    mask[positions] = True
    return mask
