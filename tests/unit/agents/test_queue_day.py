"""A day of queues, compared with a plain Python version that solves each step by root finding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from agents.queues import HOURS, QUEUES, simulate_port, work_table

PEAKS = np.array([1.0, 1, 1, 1, 3, 6, 8, 6, 4, 3, 3, 3, 3, 3, 4, 5, 6, 6, 5, 4, 3, 2, 2, 1])
COUNTED = ("joined", "turned", "crossed", "wait", "peak", "hours")
COMPARED = ("queue", *COUNTED)
Lane = dict[str, float]


def make_hours(switch: float, patience: float) -> np.void:
    """Return the hours of a day in which trucks peak later and fewer booths are open at night."""
    hours = np.zeros(1, HOURS)[0]
    hours["profile"][:] = PEAKS / PEAKS.sum(), np.roll(PEAKS, 3) / PEAKS.sum()
    hours["opening"][:] = np.where(np.arange(24) < 6, 0.5, 3.5 / 3.0)
    hours["switch"], hours["patience"] = switch, patience
    return hours


def busy_share(booths: float, units: float) -> float:
    """Return the booths at work over the number of units, interpolated in the table."""

    def of_row(row: int, booths: float) -> float:
        s = units / (units + booths)
        rows = work_table()
        return (1.0 - s) * float(np.interp(s, np.linspace(0.0, 1.0, rows.shape[1]), rows[row]))

    whole, last = int(booths), len(work_table()) - 1
    if whole >= last:
        return of_row(last, booths)
    low = of_row(whole, whole) if whole else 0.0
    high = of_row(whole + 1, whole + 1) if booths > whole else 0.0
    return low + (booths - whole) * (high - low)


def wait_at(share: float, rate: float) -> float:
    """Return the wait in hours: at most 24, and 24 if no booth is open."""
    return min((1.0 / share - 1.0) / rate, 24.0) if share > 0.0 else 24.0


def ramp(x: float) -> float:
    return min(max(x, 0.0), 1.0)


def step(lane: Lane, arrivals: float, visible: float, booths: float, patience: float) -> float:
    """Simulate half an hour of a lane; return the wait at its end in hours."""
    rate, before = lane["rate"], lane["queue"]
    served = 0.5 * rate
    room = booths * (1.0 + 2.0 * patience * rate) + served * booths - before
    joins = min(arrivals * (1.0 - ramp(visible / patience - 1.0)), max(room, 0.0))
    total = before + joins
    after, share = total, busy_share(booths, total) if total + booths > 0.0 else 0.0
    if total > 0.0 and booths > 0.0:
        after = float(
            brentq(lambda x: x * (1.0 + served * busy_share(booths, x)) - total, 0, total)
        )
        share = busy_share(booths, after)
    wait = wait_at(share, rate)
    lane["queue"] = after
    lane["joined"] += joins
    lane["turned"] += arrivals - joins
    lane["crossed"] += total - after
    lane["wait"] += joins * wait * 60.0
    lane["peak"] = max(lane["peak"], 60.0 * wait)
    lane["hours"] += 0.5 * after * (1.0 - share)
    return wait


def expected_mode(fast: Lane, slow: Lane, mode: int, hours: np.void) -> None:
    """Simulate a day of the trusted and the ordinary lane of a mode."""
    waits = []
    for lane in (fast, slow):
        booths = lane["booths"] * hours["opening"][mode, 0]
        start = busy_share(booths, lane["queue"]) if booths + lane["queue"] > 0.0 else 0.0
        waits.append(wait_at(start, lane["rate"]))
    for half in range(48):
        share = hours["profile"][mode, half // 2] / 2.0
        open_now = hours["opening"][mode, half // 2]
        move = ramp(1.5 * (waits[0] - waits[1]) / hours["switch"] - 0.5)
        moved = fast["demand"] * share * move
        arrivals = fast["demand"] * share - moved, slow["demand"] * share + moved
        waits = [
            step(lane, n, visible, lane["booths"] * open_now, float(hours["patience"]))
            for lane, n, visible in zip((fast, slow), arrivals, waits, strict=True)
        ]
    for lane in (fast, slow):
        if lane["joined"] > 0.0:
            lane["wait"] /= lane["joined"]
        elif lane["turned"] > 0.0:
            lane["wait"] = lane["peak"]


def make_port(demand: Any, booths: Any, queue: Any = 0.0) -> np.ndarray:
    """Return an array that holds one port."""
    ports = np.zeros(1, QUEUES)
    ports["demand"], ports["booths"], ports["queue"] = demand, booths, queue
    ports["rate"] = (180.0, 80.0, 60.0, 30.0)
    return ports


def compare(ports: np.ndarray, hours: np.void) -> None:
    """Simulate a day with both versions and compare the results.

    The counts of a day start at zero. The tolerance is for Newton's method, which stops at a
    relative change of 1e-4.
    """
    names = (*COMPARED, "demand", "booths", "rate")
    lanes = [{name: float(ports[name][0, k]) for name in names} for k in range(4)]
    lanes = [lane | dict.fromkeys(COUNTED, 0.0) for lane in lanes]
    for mode in range(2):
        expected_mode(lanes[2 * mode], lanes[2 * mode + 1], mode, hours)
    for port in ports:
        simulate_port(port, hours, work_table())
    for name in COMPARED:
        expected = [lane[name] for lane in lanes]
        assert ports[name][0] == pytest.approx(expected, rel=3e-3, abs=0.05), name


UNITS = st.lists(st.floats(0.0, 30_000.0), min_size=4, max_size=4)
BOOTHS = st.lists(st.just(0.0) | st.floats(0.1, 90.0), min_size=4, max_size=4)


@given(UNITS, BOOTHS, UNITS, st.floats(0.2, 3.0), st.floats(0.3, 4.0))
@example((9e3, 2e4, 900.0, 5e3), (3.5, 12.0, 1.0, 9.0), 0.0, 0.5, 1.0)
@example((2e4, 9e3, 3e3, 500.0), (3.0, 20.4, 1.0, 9.0), (0.0, 0.0, 400.0, 0.0), 3.0, 0.4)
@example((500.0, 100.0, 40.0, 0.0), (0.0, 3.0, 0.2, 0.0), 0.0, 0.5, 1.0)
@example((0.0, 9e4, 10.0, 4e4), (0.3, 70.0, 0.5, 64.0), (5.0, 2e3, 0.0, 100.0), 3.0, 0.4)
def test_any_two_days_equal_the_plain_version(demand, booths, queue, switch, patience):
    ports = make_port(demand, booths, queue)
    for _ in range(2):
        compare(ports, make_hours(switch, patience))


@given(UNITS, BOOTHS, st.floats(1.0, 2.0), st.sampled_from([4.0, 1e6]))
def test_more_booths_never_raise_waits_or_turn_arounds(demand, booths, more, patience):
    hours = make_hours(1e6, patience)
    fewer, larger = make_port(demand, booths), make_port(demand, more * np.array(booths))
    for _ in range(5):
        for port in (fewer[0], larger[0]):
            simulate_port(port, hours, work_table())
    # Users react to the queue of the last step, which oscillates if demand far exceeds capacity.
    slack = 1.05 if patience < 1e6 else 1.001
    for name in ("peak", "turned"):
        assert (larger[name] <= fewer[name] * slack + 1e-3).all()


@pytest.mark.parametrize("name", ["demand", "booths", "rate", "queue"])
@pytest.mark.parametrize("lane", range(4))
def test_a_day_is_simulated_again_if_any_input_of_a_mode_changes(name: str, lane: int):
    hours = make_hours(0.5, 1.0)
    ports = make_port((3_000.0, 6_000.0, 300.0, 900.0), (4.0, 12.0, 2.0, 5.0))
    for _ in range(4):
        for port in ports:
            simulate_port(port, hours, work_table())
    assert ports["queue"] == pytest.approx(ports["last_queue"], rel=1e-6)
    marked = ports.copy()
    marked["peak"] = -1.0
    for port in marked:
        simulate_port(port, hours, work_table())
    assert (marked["peak"] == -1.0).all() and np.array_equal(marked["crossed"], marked["joined"])
    marked[name][0, lane] *= 1.0 + 3e-6
    for port in marked:
        simulate_port(port, hours, work_table())
    mode = lane // 2
    assert (marked["peak"][0, 2 * mode : 2 * mode + 2] >= 0.0).all()
    assert (marked["peak"][0, 2 - 2 * mode : 4 - 2 * mode] == -1.0).all()
