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
ADULTS = np.array([[2_000.0, 1_500.0], [400.0, 160.0]])  # adults in a usual week


def make_employers(shares: np.ndarray = SHARES, **params: Any) -> Employers:
    """Return the employers of the base year after a year of warm-up."""
    levers = Levers(sectors=9, places=1, legs=1)
    environment: Any = SimpleNamespace(levers=levers, recording=False)
    firms = Employers(environment, EmployerParams(**params), shares)
    firms.open_year(ISSUED, FARM, FREE, 1.0)
    for week in range(52):
        firms.advance_week(ADULTS, ISSUED * (week + 1) / 52.142857, 1.0)
    environment.recording = True
    return firms


def offer(firms: Employers, mexican: float, price: float = 1_950.0, checks: float = 0.0) -> float:
    """Offer visas to Mexicans; return the number for which employers petition."""
    levers = firms.environment.levers
    levers.reset()
    levers.visas[0], levers.checks[:] = mexican, checks
    levers.petitions[:] = mexican * price
    firms.petition()
    return float(firms.more[MX])


def work(firms: Employers, weeks: int, admitted: np.ndarray, arrive: float = 1.0) -> float:
    """Admit workers at a yearly rate for some weeks; return the relative earnings of arrivals."""
    for _ in range(weeks):
        served = firms._served + admitted / 52.142857
        firms.advance_week(ADULTS * [[1.0], [arrive]], served, 1.0)
    return firms.earnings


@given(st.floats(1.0, 4.0))
def test_a_request_above_the_limits_is_neither_decided_nor_paid(more: float) -> None:
    """The limit is the highest growth of H-2A visas plus the unused part of the H-2B cap."""
    firms = make_employers()
    limit = 0.209 * 66_000.0 + 6_000.0
    assert offer(firms, more * limit) == pytest.approx(limit)
    work(firms, 60, ISSUED + firms.more)
    assert firms.delivered()["visas"] * more * limit == pytest.approx(limit, rel=1e-3)
    assert offer(firms, 0.5 * limit) == pytest.approx(0.5 * limit)


def test_a_decision_that_nobody_uses_is_not_paid() -> None:
    firms = make_employers()
    offer(firms, 10_000.0)
    work(firms, 60, ISSUED)
    assert firms.delivered()["visas"] < 1e-6 and firms.vacancies == pytest.approx(1.0)


def test_farms_may_grow_from_the_level_of_the_year_before() -> None:
    firms = make_employers()
    first = offer(firms, 1e6) - FREE[MX]
    work(firms, 60, ISSUED + firms.more)
    firms.open_year(ISSUED, FARM, FREE, 1.0)
    farm = ISSUED[MX] * FARM[MX]
    assert offer(firms, 1e6) - FREE[MX] == pytest.approx(1.209 * (farm + first) - farm, rel=1e-3)
    assert offer(make_employers(h2a_growth=10.0), 1e6) > 6e5


def test_no_employer_hires_lawfully_at_a_price_above_the_alternative() -> None:
    """Checks make unlawful work more expensive, so that the same price is worth paying."""
    firms = make_employers(unlawful_cost=3_000.0)
    dear = 6_000.0 - firms.params.wage_premium * firms.params.season_wage
    assert offer(firms, 1e4, price=dear) == 0.0 < offer(firms, 1e4, price=0.5 * dear)
    assert offer(firms, 1e4, price=dear, checks=0.44) == pytest.approx(1e4)
    assert make_employers().profitable_jobs(12_000.0) == 0.0


def test_only_expensive_petitions_and_cheap_unlawful_work_together_stop_visas() -> None:
    """Each of the two alone leaves a demand of more than three times the visas issued."""
    cheap, usual = make_employers(unlawful_cost=3_000.0), make_employers()
    assert cheap.profitable_jobs(5_000.0) == 0.0
    assert min(cheap.profitable_jobs(1_950.0), usual.profitable_jobs(5_000.0)) > 3 * ISSUED.sum()


def test_jobs_scale_with_construction_and_are_taken_only_by_more_visas() -> None:
    boom = make_employers(construction=1.28)
    assert work(boom, 9, ISSUED) == 1.0 == boom.vacancies
    for firms in (boom, usual := make_employers()):
        offer(firms, 10_000.0)
        work(firms, 60, ISSUED + firms.more)
    ratio = (1.0 - usual.vacancies) / (1.0 - boom.vacancies)
    assert ratio == pytest.approx(1.28**2.4, rel=1e-3)


def test_returning_seasonal_workers_leave_less_room_for_new_workers() -> None:
    firms = make_employers(returning=0.8)
    firms.advance_month(3)
    offer(firms, 10_000.0)
    work(firms, 60, ISSUED + firms.more)
    firms.advance_month(4)  # the season of March
    firms.advance_month(3)  # a year later
    offer(firms, 10_000.0)
    assert firms.new_workers[MX] == pytest.approx(2_000.0, rel=1e-2)


@given(st.floats(0.0, 1.0), st.floats(0.3, 1.0))
def test_lawful_workers_take_jobs_in_proportion_to_substitution(s: float, m: float) -> None:
    """Earnings fall with the remaining vacancies. Without substitution they do not fall."""
    firms = make_employers(substitution=s, rationing=m, jobs=100_000.0)
    offer(firms, 10_000.0)
    earnings = work(firms, 100, ISSUED + firms.more)
    assert firms.vacancies == pytest.approx(1.0 - s * 10_000.0 / 140_000.0, rel=1e-3)
    assert earnings == pytest.approx(firms.vacancies**m, rel=1e-6)
    firms._construction = 0.5
    assert firms.vacancies <= 1.0 - s * 10_000.0 / 140_000.0 + 1e-4


def test_unlimited_visas_leave_no_vacancy() -> None:
    firms = make_employers(substitution=1.0, h2b_cap=1e8)
    firms.open_year(ISSUED, FARM, FREE * 1e4, 1.0)
    assert offer(firms, 1e6) > 4e5
    assert work(firms, 100, ISSUED + firms.more) == pytest.approx(0.01**0.5, rel=1e-6)


@given(st.floats(0.25, 4.0))
def test_arrivals_above_the_vacancies_earn_less_and_the_base_year_is_neutral(more: float) -> None:
    firms = make_employers()
    assert work(firms, 9, ISSUED) == 1.0
    firms.environment.levers.us_earnings[:] = 0.1
    assert work(firms, 400, ISSUED, more) == pytest.approx(0.9 * more**-0.5, rel=1e-6)
    before = firms.expected
    firms.spread_news(1e9)
    assert firms.expected == pytest.approx(before) == 1.0
    firms.spread_news(1e-3)
    assert firms.expected == pytest.approx(firms.earnings)


def test_visas_of_a_country_without_communities_are_for_its_group() -> None:
    firms = make_employers(np.array([0.0, 0.5, 0.5, 1.0, 0.0]))
    firms.environment.levers.visas_by_country[:] = (100.0, 10.0, 0.0, 7.0)
    np.testing.assert_allclose(firms._offers(), [0.0, 60.0, 50.0, 7.0, 0.0])
