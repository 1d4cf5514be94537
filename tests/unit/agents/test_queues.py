"""Queues at a port: conservation, order, two lanes, patience, days that repeat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.queues import HOURS, QUEUES, simulate_port, work_table

PEAKS = np.array([1.0, 1, 1, 1, 3, 6, 8, 6, 4, 3, 3, 3, 3, 3, 4, 5, 6, 6, 5, 4, 3, 2, 2, 1])
UNITS = st.lists(st.floats(0.0, 30_000.0), min_size=4, max_size=4)
BOOTHS = st.lists(st.just(0.0) | st.floats(0.1, 90.0), min_size=4, max_size=4)
FEW = settings(max_examples=40)


def a_day(*, switch: float = 1.0, patience: float = 4.0) -> np.void:
    """Return hours with two peaks and constant booths."""
    hours = np.zeros(1, HOURS)[0]
    hours["profile"], hours["opening"] = PEAKS / PEAKS.sum(), 1.0
    hours["switch"], hours["patience"] = switch, patience
    return hours


def a_port(demand, booths, queue=0.0, rate=(180.0, 80.0, 60.0, 30.0)) -> np.ndarray:
    """Return one port."""
    ports = np.zeros(1, QUEUES)
    ports["demand"], ports["booths"], ports["queue"], ports["rate"] = demand, booths, queue, rate
    return ports


def simulate(ports: np.ndarray, hours: np.void, days: int = 1) -> np.void:
    """Simulate days and return the record of the port."""
    for _ in range(days):
        for port in ports:
            simulate_port(port, hours, work_table())
    return ports[0]


@FEW
@given(UNITS, BOOTHS, UNITS)
def test_units_that_joined_have_crossed_or_are_in_the_queue(demand, booths, queue):
    ports = a_port(demand, booths, queue)
    for _ in range(3):
        before = ports["queue"][0].copy()
        port = simulate(ports, a_day())
        left = before + port["joined"] - port["crossed"]
        assert port["queue"] == pytest.approx(left, rel=1e-9, abs=1e-6)
        assert (port["crossed"] >= -1e-9).all() and (port["queue"] >= 0.0).all()


@FEW
@given(UNITS, BOOTHS)
def test_arriving_units_join_a_lane_of_their_mode_or_turn_around(demand, booths):
    port = simulate(a_port(demand, booths), a_day())
    came = (port["joined"] + port["turned"]).reshape(2, 2).sum(axis=1)
    assert came == pytest.approx(np.reshape(demand, (2, 2)).sum(axis=1), rel=1e-9, abs=1e-9)
    assert (port["turned"] >= 0.0).all()


@FEW
@given(UNITS, BOOTHS, st.floats(1.0, 2.0), st.sampled_from([4.0, 1e6]))
def test_more_booths_never_raise_waits_or_turn_arounds(demand, booths, more, patience):
    hours = a_day(switch=1e6, patience=patience)
    few, many = (simulate(a_port(demand, b), hours, 5) for b in (booths, more * np.array(booths)))
    # users see the queue of the last step: at arrivals far above capacity it oscillates
    slack = 1.05 if patience < 1e6 else 1.001
    assert (many["peak"] <= few["peak"] * slack + 1e-3).all()
    assert (many["turned"] <= few["turned"] * slack + 1e-3).all()
    if patience > 4.0:  # with patient users, the queue in units is not longer either
        assert (many["queue"] <= few["queue"] * (1 + 1e-3) + 1e-6).all()


def test_a_queue_persists_over_midnight():
    hours = a_day(patience=1e6)
    hours["profile"][:, :12], hours["profile"][:, 12:] = 0.0, 1.0 / 12.0
    ports = a_port((0.0, 20_000.0, 0.0, 0.0), (0.0, 8.0, 0.0, 0.0))
    first = simulate(ports, hours).copy()
    assert first["queue"][1] > 1_000.0
    assert simulate(ports, hours)["crossed"][1] > first["crossed"][1]


def test_trusted_users_take_a_much_faster_ordinary_lane():
    load, booths = (12_000.0, 5_000.0, 0.0, 0.0), (2.0, 30.0, 0.0, 0.0)
    stay, leave = (simulate(a_port(load, booths), a_day(switch=s), 3).copy() for s in (1e6, 1.0))
    assert stay["joined"][1] == pytest.approx(5_000.0)
    assert leave["joined"][1] > 6_000.0
    assert leave["wait"][0] < stay["wait"][0]
    assert leave["joined"][:2].sum() + leave["turned"][:2].sum() == pytest.approx(17_000.0)


def test_the_steady_cycle_repeats_bit_for_bit_until_an_input_changes():
    ports, hours = a_port((3_000.0, 15_000.0, 100.0, 400.0), (2.0, 12.0, 1.0, 1.0)), a_day()
    settled = simulate(ports, hours, 30).copy()
    assert simulate(ports, hours, 30).tobytes() == settled.tobytes()
    ports["booths"][0, 1] *= 1.01
    assert simulate(ports, hours)["wait"][1] < settled["wait"][1]
