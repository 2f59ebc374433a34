"""A map of Brazil: zip prefixes with their town, coordinates and share of the customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from olist_kedro.sources.synthetic import statistics as stats
from olist_kedro.sources.synthetic.csv_text import csv_bytes, floats, quoted, strings, zip_prefixes
from olist_kedro.sources.synthetic.draws import Floats, Groups, Ints, flags, pick, some
from olist_kedro.sources.synthetic.states import STATES, State
from olist_kedro.sources.synthetic.vocabulary import town_names, without_accents

STATE_CODES = tuple(state.code for state in STATES)
SAO_PAULO = STATE_CODES.index("SP")
FAR_AWAY = ((38.72, -9.14), (41.15, -8.61), (45.46, 9.19), (29.05, -110.95), (-34.6, -58.38), (42.18, -8.72))
"""Places outside Brazil to which coordinates are mistaken."""
TOWN_EXPONENT = 1.25
"""Of the law by which towns after the largest share the other customers, a little steeper than Zipf's."""
DUPLICATES_A_ROW = stats.DUPLICATED_ROWS / (1 - stats.DUPLICATED_ROWS)


@dataclass(frozen=True)
class Places:
    """Every zip prefix of Brazil, by state; arrays of shape (n_prefixes,).

    Attributes:
        code: The five digits as a number.
        state: Position in `STATES`.
        town: Position in `towns`.
        towns: Names of the towns, with accents.
        plain_towns: The same without accents.
        latitude: Degrees.
        longitude: Degrees.
        weight: Share of the customers.
        by_state: The prefixes of each state, to be drawn from.
    """

    code: Ints
    state: Ints
    town: Ints
    towns: list[str]
    plain_towns: list[str]
    latitude: Floats
    longitude: Floats
    weight: Floats
    by_state: Groups

    def town_text(self, place: Ints) -> pa.Array:
        """Return the names of the places' towns without accents."""
        return strings(self.plain_towns, self.town[place])

    def state_text(self, place: Ints) -> pa.Array:
        """Return the codes of the places' states."""
        return strings(STATE_CODES, self.state[place])

    def distance(self, here: Ints, there: Ints) -> Floats:
        """Return the distances between places in km, on a plane that fits their mean latitude."""
        middle = np.radians((self.latitude[here] + self.latitude[there]) / 2)
        north = self.latitude[here] - self.latitude[there]
        east = (self.longitude[here] - self.longitude[there]) * np.cos(middle)
        return 111.2 * np.hypot(north, east)


def draw_places(rng: np.random.Generator) -> Places:
    """Draw the map: where the towns lie, what they are called, and which prefixes they have."""
    real_towns = {city.name for state in STATES for city in state.largest_cities}
    invented = [
        town for town in rng.permutation(town_names()).tolist() if without_accents(town) not in real_towns
    ]
    towns: list[str] = []
    parts: list[list[np.ndarray]] = []
    for number, state in enumerate(STATES):
        town, code, latitude, longitude, weight = _draw_state(rng, state)
        parts.append([town + len(towns), code, np.full(len(code), number), latitude, longitude, weight])
        named = [city.name for city in state.largest_cities]
        unnamed = state.map.cities - len(named)
        towns += named + invented[:unnamed]
        del invented[:unnamed]
    town, code, state_number, latitude, longitude, weight = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    by_state = Groups(state_number, weight, len(STATES))
    plain = [without_accents(name) for name in towns]
    return Places(code, state_number, town, towns, plain, latitude, longitude, weight, by_state)


def _draw_state(rng: np.random.Generator, state: State) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Draw a state's prefixes: town (from 0), code, latitude, longitude and weight of each."""
    shares = _town_shares(state)
    extra = state.map.prefixes - len(shares)
    prefixes = 1 + np.floor(extra * shares).astype(np.int64)
    prefixes[0] += state.map.prefixes - prefixes.sum()
    order = np.concatenate([[0], 1 + rng.permutation(len(shares) - 1)])
    town = np.repeat(order, prefixes[order])
    codes = np.concatenate([np.arange(*limits) for limits in state.zip_ranges])
    code = np.sort(rng.choice(codes, state.map.prefixes, replace=False))
    # Large towns lie nearer to the capital than small ones, and the capital is where it is.
    nearness = (np.arange(len(shares)) / len(shares)) ** 0.25
    position = []
    for axis, limits in enumerate(state.map.box):
        centres = state.map.centre[axis] + state.map.spread[axis] * rng.standard_normal(len(shares))
        capital = state.map.capital[axis]
        centres = capital + nearness * (centres - capital)
        size = np.minimum(0.02 * np.sqrt(prefixes[town]), 0.15)
        spot = np.clip(centres[town] + size * rng.standard_normal(len(town)), *limits)
        # Rounded, as processors differ in the last digit of a power, and the file has all digits.
        position.append(np.round(spot, 8))
    popularity = np.exp(1.15 * rng.standard_normal(len(town)))
    in_town = np.bincount(town, popularity, minlength=len(shares))
    weight = state.trade.customers * shares[town] * popularity / in_town[town]
    return town, code, position[0], position[1], weight


def _town_shares(state: State) -> Floats:
    """Return each town's share of the state's customers: the largest known, the others by a power law."""
    largest = np.array([city.share for city in state.largest_cities])
    tail = np.arange(len(largest) + 1.0, state.map.cities + 1) ** -TOWN_EXPONENT
    return np.concatenate([largest, (1 - largest.sum()) * tail / tail.sum()])


def choose_unknown(
    rng: np.random.Generator, used: Ints, how_often: Ints, *, share: float, at_least: int
) -> Ints:
    """Choose which of the places used geolocation does not know: of the less used half of them.

    Args:
        rng: Source of randomness.
        used: Places, each once.
        how_often: How often each of them is used.
        share: Share of the places to choose.
        at_least: Least number of places, as long as there are so many.
    """
    rare = used[how_often <= np.median(how_often)]
    return some(rng, rare, share * len(used) / max(len(rare), 1), at_least)


def geolocation_csv(rng: np.random.Generator, places: Places, known: Ints, *, at_least: int) -> bytes:
    """Return the geolocation file: several points a prefix, some rows twice, some town names odd.

    Args:
        rng: Source of randomness.
        places: The map.
        known: Places in use that geolocation knows.
        at_least: Least number of rows of each rare kind.
    """
    others = np.setdiff1d(np.arange(len(places.code)), known)
    listed = np.sort(
        np.concatenate([known, some(rng, others, stats.UNUSED_PREFIXES * len(known) / len(others))])
    )
    mean, deviation = stats.ROWS_A_PREFIX
    rows = 1 + np.floor(np.exp(mean + deviation * rng.standard_normal(len(listed)))).astype(np.int64)
    place = np.repeat(listed, rows)
    latitude = places.latitude[place] + 0.006 * rng.standard_normal(len(place))
    longitude = places.longitude[place] + 0.006 * rng.standard_normal(len(place))
    everywhere = np.arange(len(place))
    astray = some(rng, everywhere, stats.OUTSIDE_BRAZIL, at_least)
    target = np.asarray(FAR_AWAY)[pick(rng, np.ones(len(FAR_AWAY)), len(astray))]
    latitude[astray], longitude[astray] = target.T + 0.05 * rng.standard_normal((2, len(astray)))

    spelling = flags(rng, len(place), stats.ACCENTED_CITIES).astype(np.int64)
    spelling[some(rng, everywhere, stats.ODD_CITIES, at_least)] = 2
    odd = [_odd_spelling(town, number) for number, town in enumerate(places.plain_towns)]
    town = strings(places.plain_towns + places.towns + odd, places.town[place] + spelling * len(places.towns))

    twice = some(rng, everywhere, DUPLICATES_A_ROW, at_least)
    row = np.concatenate([everywhere, twice])
    row = row[np.argsort(place[row] + rng.random(len(row)), kind="stable")]
    return csv_bytes(
        {
            "geolocation_zip_code_prefix": quoted(zip_prefixes(places.code[place[row]])),
            "geolocation_lat": floats(np.round(latitude[row], 14)),
            "geolocation_lng": floats(np.round(longitude[row], 14)),
            "geolocation_city": quoted(town.take(pa.array(row))),
            "geolocation_state": places.state_text(place[row]),
        }
    )


def _odd_spelling(town: str, number: int) -> str:
    """Return a town's name as somebody in a hurry might write it."""
    return (f"{town} (centro)", f"{town} - distrito", f"* {town}", f"{town}, brasil")[number % 4]
