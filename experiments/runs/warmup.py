"""Simulate the warm-up of a scenario and a seed once, for all runs that share it.

The warm-up runs without policies (:func:`abm.schedule.morning`), so scenarios that differ only in
their policies have the same state on the first recorded day, to the last byte. A model starts from
a copy of that state. The most recent states stay in memory, as many as fit into :data:`MAX_BYTES`.

Commands and workers also store states in the folder ``warmups`` of the user's cache
(:func:`agents.jit.cache_folder`), as many as fit into :data:`MAX_FILE_BYTES`. The name of a file is
a hash of settings, seed, world and all source files of the model, and the file begins with its
checksum. A damaged file counts as missing. A program that imports the package writes no files
unless it calls :func:`share`, because it may have changed the model's code.

Runs with the user's agent classes simulate their warm-up every time, because such a class, or what
it reads, may have changed since the last run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import threading
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.saved_run import Snapshot
    from abm.scenario import Scenario
    from abm.world.routes import World

#: Memory in bytes for the stored states of a process. A state at a coarse scale takes 4 MB.
MAX_BYTES = 64_000_000
#: Total size of the files in bytes. The least recently used files are deleted first [A].
MAX_FILE_BYTES = 256_000_000
_MIN_DAYS = 30  # a copy of the state takes as long as a warm-up of about twenty days
_ROW_BYTES = 80  # bytes per simulated migrant in a state

#: The scenario's warm-up key, the seed, and the world's digest.
type Key = tuple[str, int, str]

_states: OrderedDict[Key, tuple[Snapshot, World]] = OrderedDict()  # least recent first
_lock = threading.Lock()
_is_shared = False  # whether this process reads and writes state files


def start_model(scenario: Scenario, seed: int, world: World | None = None) -> BorderModel:
    """Build a model on its first recorded day, from a stored state if there is one.

    The result equals `BorderModel(scenario, rng=seed, world=world)`.

    Args:
        scenario: the settings.
        seed: seed of all random draws.
        world: a loaded world. The default is the world that the scenario names.

    Returns:
        A model that no other run shares.

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
    if own_classes(scenario):
        return BorderModel(scenario, rng=seed, world=world)
    key = (scenario.warmup_key, seed, world.digest if world else "packaged")
    state = _stored(key) or _read(key)
    if state is not None:
        return restore(state[0], BorderModel, scenario, world or state[1], {})[0]
    model = BorderModel(scenario, rng=seed, world=world)
    _store(key, model)
    return model


def share() -> None:
    """Start to read and write state files, which all processes of this user share."""
    global _is_shared
    _is_shared = True


def forget() -> None:
    """Drop the states of this process, and stop using files."""
    global _is_shared
    _is_shared = False
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
    """Store the state of a model in memory and in a file."""
    from abm.saved_run import capture

    short = model.settings.warmup_days < _MIN_DAYS
    if short or model.migrants.count * _ROW_BYTES > MAX_BYTES // 2:
        return
    state = capture(model)[0], model.world
    _keep(key, state)
    _write(key, state)


def _keep(key: Key, state: tuple[Snapshot, World]) -> tuple[Snapshot, World]:
    """Store a state in memory, and return it. States of the same world share one copy of it.

    The least recent states are dropped until all states fit into :data:`MAX_BYTES`.
    """
    with _lock:
        same = (world for (_, _, digest), (_, world) in _states.items() if digest == key[2])
        state = _states[key] = state[0], next(same, state[1])
        while sum(stored.parts.nbytes for stored, _ in _states.values()) > MAX_BYTES:
            _states.popitem(last=False)
    return state


# ---- files ---------------------------------------------------------------------------------------


def _read(key: Key) -> tuple[Snapshot, World] | None:
    """Read a state from its file, and store it in memory. Return None if no file is intact."""
    from agents.jit import read_checked

    path = _path(key)
    content = read_checked(path) if path else None
    if path is None or content is None:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # marks the file as the most recent one
    return _keep(key, pickle.loads(content))


def _write(key: Key, state: tuple[Snapshot, World]) -> None:
    """Write a state to a file, and delete the least recent files beyond :data:`MAX_FILE_BYTES`."""
    from agents.jit import write_checked

    path = _path(key)
    if path is None:
        return
    with contextlib.suppress(OSError):  # the disk is full, or another process deleted a file
        write_checked(path, pickle.dumps(state, pickle.HIGHEST_PROTOCOL))
        ages = [(file.stat(), file) for file in path.parent.iterdir()]
        total = 0
        for status, file in sorted(ages, key=lambda age: age[0].st_mtime, reverse=True):
            total += status.st_size
            if total > MAX_FILE_BYTES:
                file.unlink()


def _path(key: Key) -> Path | None:
    """Return the path of the file for a state, or None if this process uses no file for it."""
    import mesa

    from abm.source_hash import state_source

    if not _is_shared:
        return None
    text = repr((key, state_source(), mesa.__version__))
    name = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return _folder() / f"{name}.state"


@cache
def _folder() -> Path:
    """Return the folder of the state files, which no other user can open."""
    from agents.jit import cache_folder

    return cache_folder("warmups")
