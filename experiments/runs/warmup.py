"""Simulate the warm-up of a scenario and a seed once, for all runs of this process that share it.

The warm-up knows no policy (:func:`abm.schedule.morning`), so scenarios that differ in their
policies alone have the same state on the first recorded day, to the last byte. A model starts from
a copy of that state. The last states are stored in memory, as many as fit into :data:`MAX_BYTES`.

The worker processes of a pool also share a folder of states (:func:`share`), so that a worker need
not simulate what another one has.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.saved_run import Snapshot
    from abm.scenario import Scenario
    from abm.world.routes import World

#: Memory for the stored states of a process, and size of the files of a folder; a state at a
#: coarse scale has 6 MB.
MAX_BYTES = 64_000_000
_LEAST_DAYS = 30  # a copy of the state takes as long as a warm-up of about twenty days
_ROW_BYTES = 80  # of a simulated migrant in a state

#: Settings, seed, digest of the world, and classes of agents.
type Key = tuple[str, int, str, tuple[type, ...]]

_states: OrderedDict[Key, tuple[Snapshot, World]] = OrderedDict()  # the least recent first
_lock = threading.Lock()
_folder: Path | None = None  # of the states that the workers of a pool share


def start_model(scenario: Scenario, seed: int, world: World | None = None) -> BorderModel:
    """Build a model on its first recorded day, from a stored state if there is one.

    The result equals `BorderModel(scenario, rng=seed, world=world)`.

    Args:
        scenario: the settings.
        seed: seed of every draw.
        world: a loaded world, default the scenario's world.

    Returns:
        The model.

    Raises:
        SettingError: the seed or a setting of the scenario is invalid.
        WorldError: the world of the scenario is invalid.
    """
    from abm.build_agents import own_classes
    from abm.model import BorderModel
    from abm.saved_run import restore
    from abm.world.routes import load_world

    if world is None and scenario.world:
        world = load_world(scenario.world)  # its files may have changed since the last run
    classes = own_classes(scenario)
    digest = world.digest if world else "packaged"
    key = (scenario.warmup_key, seed, digest, tuple(classes.values()))
    state = _stored(key) or _shared(key)
    if state is not None:
        return restore(state[0], BorderModel, scenario, world or state[1], classes)[0]
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
        state = _states.get(key)
        if state is not None:
            _states.move_to_end(key)
        return state


def _store(key: Key, model: BorderModel) -> None:
    """Store the state of a model in memory, and for the other workers of a pool."""
    from abm.saved_run import capture

    short = model.settings.warmup_days < _LEAST_DAYS
    if short or model.migrants.count * _ROW_BYTES > MAX_BYTES // 2:
        return
    state = capture(model)[0], model.world
    _keep(key, state)
    if _folder is not None:
        with contextlib.suppress(OSError):  # a full disk, or a pool that has ended
            _write(_file(_folder, key), state)


def _keep(key: Key, state: tuple[Snapshot, World]) -> None:
    """Store a state in memory. Drop the least recent states that do not fit next to it."""
    with _lock:
        _states[key] = state
        while sum(stored.nbytes for stored, _ in _states.values()) > MAX_BYTES:
            _states.popitem(last=False)


# ---- states of other workers ---------------------------------------------------------------------


def share(folder: Path | None) -> None:
    """Share states with the processes that use the same folder, and trust its files.

    Args:
        folder: an existing folder that only this user can write, None ends the sharing.
    """
    global _folder
    _folder = folder


def _shared(key: Key) -> tuple[Snapshot, World] | None:
    """Return a state that another worker has simulated, and store it in memory."""
    if _folder is None:
        return None
    try:
        state = pickle.loads(_file(_folder, key).read_bytes())
    except OSError:  # no such state, or no longer
        return None
    _keep(key, state)
    return state


def _file(folder: Path, key: Key) -> Path:
    """Return the file of a state."""
    return folder / hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest()


def _write(path: Path, state: tuple[Snapshot, World]) -> None:
    """Write a state, which others see when it is complete. Delete the oldest that do not fit."""
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(state, pickle.HIGHEST_PROTOCOL))
    part.replace(path)
    files = sorted(path.parent.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > MAX_BYTES:
            file.unlink()
