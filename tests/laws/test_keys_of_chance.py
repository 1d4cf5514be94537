"""Every draw in a run has a unique key (stream, uid, event)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from agents.chance import KeyedRandom
from agents.environment import Stream
from agents.migrants.columns import MAX_EVENTS_PER_PERSON


class RecordingRandom(KeyedRandom):
    """Keyed random draws that record their keys."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.keys: Counter[tuple[int, int, int]] = Counter()

    def uniform(self, stream: int, uid: int, event: int) -> float:
        self.keys[int(stream), uid, event] += 1
        return super().uniform(stream, uid, event)

    def normals(self, stream: int, n: int, event: int) -> np.ndarray:
        self.keys.update((int(stream), uid, event) for uid in range(n))
        return super().normals(stream, n, event)

    def poisson(self, stream: int, uid: int, rate: float) -> int:
        self.keys[int(stream), uid, 0] += 1
        return super().poisson(stream, uid, rate)

    def twice(self) -> set[str]:
        """Return the streams in which a key was used more than once."""
        return {Stream(stream).name for (stream, _, _), n in self.keys.items() if n > 1}


def _recorded(build: Callable, **changes: Any) -> RecordingRandom:
    model = build(
        "rural_gendarmerie:8",
        days=300,
        scale=1000,
        warmup_days=200,
        changes={"mexico.hiring": 100_000.0} | changes,
    )
    vars(model)["keyed_random"] = RecordingRandom(model.seed)
    model.run_for(300)
    return model.keyed_random


def test_no_unit_draws_a_key_twice(build: Callable) -> None:
    """The run has maps of both agencies, and decapitations at the base hazard."""
    keyed_random = _recorded(build)
    assert {stream for stream, _, _ in keyed_random.keys} >= {
        Stream.US_MAP,
        Stream.MX_MAP,
        Stream.DECAPITATION,
    }
    assert keyed_random.twice() == set()


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [True, False], ids=["caught", "turned back"])
def test_repeated_attempts_end_before_keys_repeat(
    stopped: bool, play: Callable, fixed: dict
) -> None:
    """Keys stay unique even if every attempt fails and is repeated."""
    changes = fixed | {
        "border_patrol.line_hazard": [10.0] * 9,
        "border_patrol.caught_share": float(stopped),
        "border_patrol.turned_share": float(not stopped),
        "migrants.retry_mexican": 1.0,
        "migrants.retry_turned_back": 1.0,
        "migrants.retry_removed": 1.0,
        "migrants.delay_mexican_return": 1.0,
        "migrants.delay_removal": 1.0,
        "consequences.stay_removal": [0.0, 0.0],
        "migrants.wait_days_solo": 0.0,
        "migrants.pace_solo": 1.0,
        "migrants.pool": [100_000.0, 100_000.0],
    }
    rows = play(scale=1000, days=1_200, warmup_days=0, changes=changes).migrants.live
    tries = rows["line_tries"].astype(int)
    assert 150 < tries.max() <= MAX_EVENTS_PER_PERSON
    for name in ("trips", "decisions", "caught"):
        assert rows[name].max() <= MAX_EVENTS_PER_PERSON, name
    assert rows["hop"].max() <= 30_000
