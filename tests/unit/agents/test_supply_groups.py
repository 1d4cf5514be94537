"""Terms of supply that move one group alone, their draws and their base in the warm-up."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from agents.chance import KeyedRandom
from agents.environment import Stream
from agents.labels import COUNTRIES
from agents.outcomes import N_KINDS, Kind
from agents.supply_terms import SupplyTermParams, SupplyTerms

START, LATER = datetime.date(2013, 10, 1), datetime.date(2015, 4, 1)
N = len(COUNTRIES)
MEXICO = np.array([country == "MX" for country in COUNTRIES])
ARRIVALS = np.linspace(100.0, 400.0, N)
NONE = np.zeros(N)


class Record:
    """Drivers that grow by 0.1 and 0.2 a year, and an initial stock of twice the base year's."""

    def log_construction(self, year: float) -> float:
        return 0.1 * year

    def log_cohort(self, year: float) -> np.ndarray:
        return 0.2 * year * np.arange(1.0, N + 1.0)

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        return np.full(N, 2.0), np.full(N, 0.5)


def make_terms(**params) -> SupplyTerms:
    return SupplyTerms(SupplyTermParams(**params), Record(), START)


def month(terms: SupplyTerms, date=LATER, entered=ARRIVALS, released=NONE, recording=True):
    terms.advance_month(date, entered, released, Record(), KeyedRandom(7), recording=recording)
    return terms


BOTH = [((0.5, 0.0), MEXICO), ((0.0, 0.5), ~MEXICO)]


@pytest.mark.parametrize(("pair", "moved"), BOTH)
@pytest.mark.parametrize("term", ["construction", "cohort", "drift"])
def test_a_term_of_one_group_moves_its_countries_only(term: str, pair, moved):
    pair = tuple(0.2 * x for x in pair) if term == "drift" else pair
    log_factors = np.log(month(make_terms(**{term: pair})).policy_free)
    years = 2015.25 - 2013.25
    grown = {"construction": 0.1, "cohort": 0.2 * np.arange(1.0, N + 1.0), "drift": 1.0}[term]
    assert log_factors == pytest.approx(np.where(moved, max(pair) * grown * years, 0.0))


@pytest.mark.parametrize(("pair", "moved"), BOTH)
def test_the_network_of_one_group_moves_its_countries_only(pair, moved):
    factors = month(make_terms(network=pair), START, NONE, recording=False).from_run
    assert factors == pytest.approx(np.where(moved, 2.0**0.5, 1.0)[:, None] * np.ones(N_KINDS))


def test_level_and_surge_follow_their_draws():
    """A month has draws for two groups and then for the countries.

    Level and surge use draws of separate events.
    """
    sd, common = (0.1, 0.3), 0.36
    terms = make_terms(level_sd=sd, surge_sd=(0.2, 0.0), surge_keep=0.5, level_common=common)
    expected = {"level": np.zeros(N), "surge": np.zeros(N)}
    group = np.where(MEXICO, 0, 1)
    for k, date in enumerate((datetime.date(2015, 3, 1), datetime.date(2015, 4, 1))):
        month(terms, date)
        number = 12 * 2015 + 3 + k
        for j, (name, sds, keep) in enumerate((("level", sd, 1.0), ("surge", (0.2, 0.0), 0.5))):
            draws = KeyedRandom(7).normals(Stream.SUPPLY, 2 + N, 2 * number + j)
            mixed = 0.6 * draws[:2][group] + 0.8 * draws[2:]
            expected[name] = keep * expected[name] + np.array(sds)[group] * mixed
        both = expected["level"] + expected["surge"]
        assert np.log(terms.policy_free) == pytest.approx(both)


def warm(terms: SupplyTerms, released=ARRIVALS / 10.0, months: int = 14) -> SupplyTerms:
    """Advance through a warm-up whose arrivals are equal in the last twelve months only."""
    for k in range(months):
        factor = 9.0 if k < months - 12 else 1.0
        month(terms, START, factor * ARRIVALS, factor * released, recording=False)
    return terms


def test_the_base_stock_comes_from_the_last_twelve_months_of_the_warm_up():
    keep = 0.6 ** (1.0 / 12.0)
    terms = warm(make_terms(network=(1.0, 1.0), network_keep=0.6))
    base = ARRIVALS * 0.5 / (1.0 - keep)  # half of the stock that these arrivals sustain
    assert terms.recent_arrivals.tolist() == [0.0] * N
    month(terms, LATER, 3.0 * ARRIVALS)
    stock = keep * base + 3.0 * ARRIVALS
    assert terms.recent_arrivals == pytest.approx(stock)
    assert terms.from_run[:, Kind.ADULT] == pytest.approx(2.0 * stock / base)
    month(terms, LATER, NONE)
    assert terms.recent_arrivals == pytest.approx(keep * stock)
    assert terms.from_run[:, Kind.CHILD] == pytest.approx(2.0 * keep * stock / base)


def test_awareness_follows_releases_relative_to_the_base_and_moves_families_and_children():
    terms = warm(make_terms(awareness_speed=1.2, awareness_start=0.3))
    ratio = np.linspace(0.0, 3.0, N)
    month(terms, LATER, ARRIVALS, ratio * ARRIVALS / 10.0)
    odds = 0.3 / 0.7 * np.exp(0.1 * ratio)
    assert terms.awareness == pytest.approx(odds / (1.0 + odds))
    rise = terms.awareness / 0.3
    assert terms.from_run[:, Kind.FAMILY] == pytest.approx(rise)
    assert terms.from_run[:, Kind.CHILD] == pytest.approx(rise)
    assert terms.from_run[:, Kind.ADULT] == pytest.approx(np.ones(N))
