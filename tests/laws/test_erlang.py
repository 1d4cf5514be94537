"""Exact limits of port queues: Erlang C for a steady flow, and a fluid in overload."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.queues import (
    HOURS,
    MAX_BOOTHS,
    QUEUES,
    erlang_c,
    mean_number,
    simulate_port,
    work,
    work_table,
)

#: Pairs (booths, load per booth) at which results are compared with exact formulas.
STEADY = [(1, 0.3), (1, 0.9), (3, 0.8), (10, 0.6), (10, 0.9), (33, 0.95), (60, 0.9), (60, 0.98)]


def textbook(booths: int, rho: float) -> tuple[float, float]:
    """Return the chance to wait and the mean number in the steady M/M/c queue, by the exact sum."""
    a = Fraction(rho).limit_denominator(1_000) * booths
    top = a**booths / factorial(booths) * booths / (booths - a)
    waits = top / (sum(a**k / factorial(k) for k in range(booths)) + top)
    return float(waits), float(a + waits * a / (booths - a))


def flat_day(booths: float, arrivals: float, rate: float = 60.0, days: int = 30) -> np.void:
    """Simulate one lane under constant arrivals per hour for some days; other lanes stay empty."""
    ports, hours = np.zeros(1, QUEUES), np.zeros(1, HOURS)[0]
    hours["profile"], hours["opening"] = 1.0 / 24.0, 1.0
    hours["switch"] = hours["patience"] = 1e9
    ports["rate"] = rate
    ports["booths"][0, 1], ports["demand"][0, 1] = booths, 24.0 * arrivals
    for _ in range(days):
        for port in ports:
            simulate_port(port, hours, work_table())
    return ports[0]


@pytest.mark.parametrize(("booths", "rho"), STEADY)
def test_the_recursion_agrees_with_the_textbook_sum(booths, rho):
    waits, number = textbook(booths, rho)
    assert erlang_c(booths, rho * booths) == pytest.approx(waits, rel=1e-10)
    assert mean_number(booths, rho * booths) == pytest.approx(number, rel=1e-10)


@pytest.mark.parametrize(("booths", "rho"), STEADY)
def test_a_steady_flow_has_the_line_and_the_wait_of_erlang_c(booths, rho):
    lane = flat_day(booths, arrivals=60.0 * rho * booths)
    waits, number = textbook(booths, rho)
    assert lane["queue"][1] == pytest.approx(number, rel=1e-3)
    minutes = waits / (booths * (1.0 - rho))  # A service takes one minute.
    assert lane["wait"][1] == pytest.approx(minutes, rel=0.01, abs=1e-4)
    assert lane["hours"][1] == pytest.approx(minutes / 60.0 * lane["crossed"][1], rel=0.01, abs=0.1)


@pytest.mark.parametrize("booths", [1.0, 2.5, 17.3, 60.0, 200.0])
def test_in_overload_the_line_grows_as_a_fluid(booths):
    day1, day2 = (flat_day(booths, arrivals=60.0 * 1.25 * booths, days=d) for d in (20, 21))
    grown = day2["queue"][1] - day1["queue"][1]
    assert grown == pytest.approx(24.0 * 60.0 * 0.25 * booths, rel=1e-3)
    assert day2["crossed"][1] == pytest.approx(24.0 * 60.0 * booths, rel=1e-3)


@given(st.integers(1, MAX_BOOTHS), st.floats(0.001, 0.995))
def test_the_table_is_the_inverse_of_the_mean_number(booths, rho):
    number = mean_number(booths, rho * booths)
    share = work(work_table(), float(booths), number)[0]
    assert share * number == pytest.approx(rho * booths, rel=1e-3)


@given(st.floats(0.0, 200.0), st.floats(0.0, 300.0), st.floats(0.0, 20.0), st.floats(0.0, 20.0))
def test_work_never_falls_with_booths_or_with_the_line_and_is_within_both(booths, number, c, n):
    table = work_table()
    here = work(table, booths, number)[0] * number
    assert 0.0 <= here <= min(booths, number) * (1.0 + 1e-4)
    assert work(table, booths + c, number)[0] * number >= here * (1.0 - 1e-4)
    more = work(table, booths, number + n)[0] * (number + n)
    assert more >= here * (1.0 - 1e-12)
