"""The benchmarks of the screen, each on a small case."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import page, screen, visitors

PATIENCE = 180.0
QUERY = "?scale=1000&days=60"


def in_thread[T](work: Callable[[], T]) -> T:
    """Call a function in another thread: with an open browser, this one already has a loop."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result(3 * PATIENCE)


@pytest.mark.slow
def test_a_class_is_measured(monkeypatch: pytest.MonkeyPatch):
    smaller = {"PEOPLE": 2_000, "VISITORS": 2, "_MEASURED": 8.0, "_WARM_UP": 1.0, "_IDLE": 1.0}
    for name, value in smaller.items():
        monkeypatch.setattr(visitors, name, value)
    rows = {row.name: row for row in in_thread(visitors.measure)}
    assert len(rows) == 7
    assert rows["Class: seconds for 4 days, median visitor"].value > 0.9
    assert all(row.value == 0 for name, row in rows.items() if row.unit in ("visitors", "worlds"))


@pytest.mark.slow
def test_pages_and_frames_are_measured(chromium: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "_VISITS", 1)
    monkeypatch.setattr(page, "QUERY", QUERY)
    monkeypatch.setattr(screen, "coarsest_scale", lambda _: 1000)
    pairs = [dataclasses.replace(pair, scale=1000, days=60) for pair in screen.PAIRS[:2]]
    monkeypatch.setattr(screen, "PAIRS", pairs)
    for name, value in {"_WARM_UP": 1_000, "_MEASURED": 2_000, "_N_PAUSES": 1}.items():
        monkeypatch.setattr(screen, name, value)
    rows = in_thread(lambda: {r.name: r.value for r in (*page.measure(), *screen.measure())})
    assert len(rows) == 5 + 5 + 6
    assert 0.1 < rows["Page: comparison, weight"] < 10.0
    assert all(value > 0 for name, value in rows.items() if "pause" not in name)
