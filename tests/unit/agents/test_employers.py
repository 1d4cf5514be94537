"""Employers: limits of lawful work, its price, jobs without papers, and what arrivals earn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.employers import EmployerParams, Employers
from agents.labels import NATIONS
from agents.levers import Levers

GT, HN, SV, MX, OTHER = range(len(NATIONS))
SHARES = np.array([0.8, 0.1, 0.1, 1.0, 0.0])
ISSUED = np.array([4_000.0, 600.0, 500.0, 110_000.0, 0.0])
FARM = np.array([0.25, 0.3, 0.05, 0.6, 0.0])
FREE = np.array([400.0, 70.0, 70.0, 6_000.0, 0.0])
ADULTS = np.array([[2_000.0, 1_500.0], [400.0, 160.0]])  # of a usual week


def employers(shares: np.ndarray = SHARES, **params: Any) -> Employers:
    """Create employers after a year of warm-up, in the base year."""
    levers = Levers(sectors=9, places=1, legs=1)
    environment: Any = SimpleNamespace(levers=levers, recording=False)
    made = Employers(environment, EmployerParams(**params), shares)
    made.open_year(ISSUED, FARM, FREE, 1.0)
    for week in range(52):
        made.advance_week(ADULTS, ISSUED * (week + 1) / 52.142857, 1.0)
    environment.recording = True
    return made


def offer(made: Employers, mexican: float, price: float = 1_950.0, checks: float = 0.0) -> float:
    """Offer visas to Mexicans and return those for which employers petition."""
    levers = made.environment.levers
    levers.reset()
    levers.visas[0], levers.checks[:] = mexican, checks
    levers.petitions[:] = mexican * price
    made.petition()
    return float(made.more[MX])


def work(made: Employers, weeks: int, admitted: np.ndarray, arrive: float = 1.0) -> float:
    """Admit workers at a yearly rate for some weeks, and return what arrivals earn."""
    for _ in range(weeks):
        served = made._served + admitted / 52.142857
        made.advance_week(ADULTS * [[1.0], [arrive]], served, 1.0)
    return made.earnings


@given(st.floats(1.0, 4.0))
def test_a_request_above_the_limits_is_neither_decided_nor_paid(more: float) -> None:
    """The H-2A visas grow by the largest rate, and the rest of the H-2B cap is used."""
    made = employers()
    limit = 0.209 * 66_000.0 + 6_000.0
    assert offer(made, more * limit) == pytest.approx(limit)
    work(made, 60, ISSUED + made.more)
    assert made.delivered()["visas"] * more * limit == pytest.approx(limit, rel=1e-3)
    assert offer(made, 0.5 * limit) == pytest.approx(0.5 * limit)


def test_a_decision_that_nobody_uses_is_not_paid() -> None:
    made = employers()
    offer(made, 10_000.0)
    work(made, 60, ISSUED)
    assert made.delivered()["visas"] < 1e-6 and made.vacancies == pytest.approx(1.0)


def test_farms_may_grow_from_the_level_of_the_year_before() -> None:
    made = employers()
    first = offer(made, 1e6) - FREE[MX]
    work(made, 60, ISSUED + made.more)
    made.open_year(ISSUED, FARM, FREE, 1.0)
    farm = ISSUED[MX] * FARM[MX]
    assert offer(made, 1e6) - FREE[MX] == pytest.approx(1.209 * (farm + first) - farm, rel=1e-3)
    assert offer(employers(h2a_growth=10.0), 1e6) > 6e5


def test_no_employer_hires_lawfully_at_a_price_above_the_alternative() -> None:
    """Checks make a worker without papers dearer, so that the same price is worth paying."""
    made = employers(unlawful_cost=3_000.0)
    dear = 6_000.0 - made.params.wage_premium * made.params.season_wage
    assert offer(made, 1e4, price=dear) == 0.0 < offer(made, 1e4, price=0.5 * dear)
    assert offer(made, 1e4, price=dear, checks=0.44) == pytest.approx(1e4)
    assert employers().profitable_jobs(12_000.0) == 0.0


def test_the_price_stops_visas_only_in_a_joint_corner() -> None:
    """Either dear petitions or cheap workers without papers leave more demand than visas issued."""
    cheap, usual = employers(unlawful_cost=3_000.0), employers()
    assert cheap.profitable_jobs(5_000.0) == 0.0
    assert min(cheap.profitable_jobs(1_950.0), usual.profitable_jobs(5_000.0)) > 3 * ISSUED.sum()


def test_jobs_follow_the_construction_of_another_year_and_not_without_visas() -> None:
    boom = employers(construction=1.28)
    assert work(boom, 9, ISSUED) == 1.0 == boom.vacancies
    for made in (boom, usual := employers()):
        offer(made, 10_000.0)
        work(made, 60, ISSUED + made.more)
    taken = (1.0 - usual.vacancies) / (1.0 - boom.vacancies)
    assert taken == pytest.approx(1.28**2.4, rel=1e-3)


def test_most_workers_of_a_season_come_back_and_leave_less_room_for_new_ones() -> None:
    made = employers(returning=0.8)
    made.advance_month(3)
    offer(made, 10_000.0)
    work(made, 60, ISSUED + made.more)
    made.advance_month(4)  # the season of March
    made.advance_month(3)  # a year later
    offer(made, 10_000.0)
    assert made.new_workers[MX] == pytest.approx(2_000.0, rel=1e-2)


@given(st.floats(0.0, 1.0), st.floats(0.3, 1.0))
def test_lawful_workers_take_jobs_in_proportion_to_substitution(s: float, m: float) -> None:
    """Earnings fall with the vacancies that are left, and not at all without substitution."""
    made = employers(substitution=s, rationing=m, jobs=100_000.0)
    offer(made, 10_000.0)
    earned = work(made, 100, ISSUED + made.more)
    assert made.vacancies == pytest.approx(1.0 - s * 10_000.0 / 140_000.0, rel=1e-3)
    assert earned == pytest.approx(made.vacancies**m, rel=1e-6)
    made._construction = 0.5
    assert made.vacancies <= 1.0 - s * 10_000.0 / 140_000.0 + 1e-4


def test_unlimited_visas_leave_no_vacancy() -> None:
    made = employers(substitution=1.0, h2b_cap=1e8)
    made.open_year(ISSUED, FARM, FREE * 1e4, 1.0)
    assert offer(made, 1e6) > 4e5
    assert work(made, 100, ISSUED + made.more) == pytest.approx(0.01**0.5, rel=1e-6)


@given(st.floats(0.25, 4.0))
def test_arrivals_above_the_vacancies_earn_less_and_the_base_year_is_neutral(more: float) -> None:
    made = employers()
    assert work(made, 9, ISSUED) == 1.0
    made.environment.levers.us_earnings[:] = 0.1
    assert work(made, 400, ISSUED, more) == pytest.approx(0.9 * more**-0.5, rel=1e-6)
    before = made.expected
    made.spread_news(1e9)
    assert made.expected == pytest.approx(before) == 1.0
    made.spread_news(1e-3)
    assert made.expected == pytest.approx(made.earnings)


def test_visas_of_a_country_without_communities_are_for_its_group() -> None:
    made = employers(np.array([0.0, 0.5, 0.5, 1.0, 0.0]))
    made.environment.levers.visas_by_country[:] = (100.0, 10.0, 0.0, 7.0)
    np.testing.assert_allclose(made._offers(), [0.0, 60.0, 50.0, 7.0, 0.0])
