"""Simulate the warm-up of a scenario and a seed once, for all runs of this process that share it.

The warm-up knows no policy (:func:`abm.schedule.morning`), so scenarios that differ in their
policies alone have the same state on the first recorded day, to the last byte. A model starts from
a copy of that state. The last states are stored in memory, as many as fit into :data:`MOST_BYTES`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.scenario import Scenario
    from abm.snapshot import Snapshot
    from abm.world.routes import World

#: Memory for the stored states of a process; a state at a coarse scale has 6 MB.
MOST_BYTES = 64_000_000
_LEAST_DAYS = 30  # a copy of the state takes as long as a warm-up of about twenty days
_ROW_BYTES = 80  # of a simulated migrant in a state

type Key = tuple[str, int, str]  # settings, seed, digest of the world

_states: OrderedDict[Key, tuple[Snapshot, World]] = OrderedDict()  # the least recent first
_lock = threading.Lock()


def start_model(scenario: Scenario, seed: int, world: World | None = None) -> BorderModel:
    """Build a model on its first recorded day, from a stored state if there is one.

    The result equals `BorderModel(scenario, rng=seed, world=world)`.

    Args:
        scenario: the settings.
        seed: seed of every draw.
        world: a loaded world; default the scenario's world.

    Returns:
        The model.

    Raises:
        ValueError: the seed is out of range.
        SettingError: a setting of the scenario is invalid.
        WorldError: the world of the scenario is invalid.
    """
    from abm.model import BorderModel
    from abm.snapshot import restore
    from abm.world.routes import load_world

    if world is None and scenario.world:
        world = load_world(scenario.world)  # its files may have changed since the last run
    key = (scenario.warmup_key, seed, world.digest if world else "packaged")
    found = _stored(key)
    if found is not None:
        return restore(found[0], BorderModel, scenario, world or found[1])[0]
    model = BorderModel(scenario, rng=seed, world=world)
    _store(key, model)
    return model


def forget() -> None:
    """Drop all stored states."""
    with _lock:
        _states.clear()


def _stored(key: Key) -> tuple[Snapshot, World] | None:
    """Return a stored state and its world, and mark it as the most recent one."""
    with _lock:
        found = _states.get(key)
        if found is not None:
            _states.move_to_end(key)
        return found


def _store(key: Key, model: BorderModel) -> None:
    """Store the state of a model; drop the least recent states that do not fit next to it."""
    from abm.snapshot import capture

    short = model.settings.warmup_days < _LEAST_DAYS
    if short or model.migrants.count * _ROW_BYTES > MOST_BYTES // 2:
        return
    state = capture(model)[0]
    with _lock:
        _states[key] = state, model.world
        while sum(stored.nbytes for stored, _ in _states.values()) > MOST_BYTES:
            _states.popitem(last=False)
