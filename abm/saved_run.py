"""A saved run: the state of a model in a file that can be read on another day or another machine.

The file is a ZIP archive with `state.json` (version, scenario, seed, and the object graph) and
`buffers.bin` (all arrays' contents, one after the other). Reading a file executes no code from it,
in contrast to a pickle. The values are not checked one by one, so a file that was changed on
purpose may still end the process or give wrong results.
"""

from __future__ import annotations

import itertools
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.agent_classes import check_agent_classes, check_saved, names_of
from abm.output_files import atomic_path
from abm.scenario import Scenario, load_scenario
from abm.scenario.tree import read_path
from abm.snapshot import Snapshot, restore
from abm.source_hash import state_source
from abm.state_graph import Parts
from abm.world.routes import World, load_world
from agents.param import SettingError, one_line

if TYPE_CHECKING:
    from abm.model import BorderModel

FORMAT = "twoborders saved run 1"
_STATE, _BUFFERS = "state.json", "buffers.bin"
_HINT = "Give a file that model.save has written."
_DAMAGED = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, NotImplementedError),
    *(RuntimeError, TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error),
)


def write(path: str | Path, snapshot: Snapshot, settings: Scenario, world: World) -> None:
    """Write a file atomically.

    Args:
        path: file to create or replace. Its folder must exist.
        snapshot: the state.
        settings: the scenario.
        world: the world. Its digest is stored.

    Raises:
        SettingError: the file cannot be written.
    """
    state = {
        "format": FORMAT,
        "source": state_source(),
        "world": world.digest,
        "scenario": settings.to_toml(full=True),
        "seed": snapshot.seed,
        "mesa": snapshot.mesa,
        "agent_classes": snapshot.subclasses,
        "root": snapshot.parts.root,
        "nodes": snapshot.parts.nodes,
        "sizes": [buffer.size for buffer in snapshot.parts.buffers],
    }
    with (
        atomic_path(read_path("path", path)) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        archive.writestr(_STATE, json.dumps(state, separators=(",", ":")))
        with archive.open(_BUFFERS, "w", force_zip64=True) as out:
            for buffer in snapshot.parts.buffers:
                out.write(buffer.tobytes())


def read[M: BorderModel](
    path: str | Path,
    kind: type[M],
    world: World | None,
    agent_classes: Mapping[str, type[Any]] | None = None,
) -> M:
    """Read a file and build its model.

    Args:
        path: file that `write` has written.
        kind: class of the model.
        world: the world, or None for the world that the scenario names.
        agent_classes: the agent subclasses with which the run was saved.

    Returns:
        The model.

    Raises:
        SettingError: the file cannot be read, is not a saved run, is damaged, or was written by
            another version of the model, in another world or with other agent subclasses.
        WorldError: the world of the scenario is missing or invalid.
    """
    classes, origin = check_agent_classes(agent_classes), str(path)
    state, content = _contents(read_path("path", path), origin)
    if not str(state.get("format")).startswith(FORMAT.rsplit(" ", 1)[0]):
        raise _damaged(origin)
    check_source(str(state.get("source")), origin)
    try:
        settings, digest = load_scenario(state["scenario"]), str(state["world"])
    except _DAMAGED:
        raise _damaged(origin) from None
    check_saved(_own_classes(state, origin), classes, origin)
    world = world or load_world(settings.world or None)
    check_world(world, digest, origin)
    try:
        parts = Parts(state["root"], state["nodes"], _split(content, state["sizes"]))
        snapshot = Snapshot(state["seed"], state["mesa"], parts, names_of(classes))
        return restore(snapshot, kind, settings, world, classes)[0]
    except _DAMAGED:
        raise _damaged(origin) from None


def check_source(source: str, origin: str = "") -> None:
    """Raise SettingError unless a state was written by this version of the model.

    Args:
        source: hash of the version that wrote it.
        origin: file of the state, "" if none.
    """
    if source != state_source():
        reason = (
            f"it was saved by another version of the model (sources {one_line(source, 40)}, here "
            f"{state_source()})"
        )
        hint = "Load it with that version, with the same numpy and numba, or run it again."
        raise SettingError("file", reason, hint, origin)


def check_world(world: World, digest: str, origin: str = "") -> None:
    """Raise SettingError unless a state was written in this world.

    Args:
        world: the world.
        digest: digest of the world in which it was written.
        origin: file of the state, "" if none.
    """
    if world.digest != digest:
        reason = (
            f"it was saved in another world (digest {one_line(digest, 12)}, here "
            f"{world.digest[:12]})"
        )
        hint = "Give that world: BorderModel.load(path, world=load_world(folder))."
        raise SettingError("world", reason, hint, origin)


def _contents(path: Path, origin: str) -> tuple[dict[str, Any], bytes]:
    """Return the state and the buffers of a file."""
    try:
        if not path.is_file():
            raise OSError(0, "it is not a regular file" if path.exists() else "no such file")
        with zipfile.ZipFile(path) as archive:
            state = json.loads(archive.read(_STATE))
            if not isinstance(state, dict):
                raise TypeError("the state is not a mapping")
            return state, archive.read(_BUFFERS)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingError("file", f"it cannot be read ({reason})", _HINT, origin) from None
    except _DAMAGED:
        raise _damaged(origin) from None


def _own_classes(state: dict[str, Any], origin: str) -> dict[str, str]:
    """Return the names of a user's subclasses in a saved run."""
    classes = state.get("agent_classes")
    if not isinstance(classes, dict) or not all(isinstance(name, str) for name in classes.values()):
        raise _damaged(origin)
    return {one_line(name, 60): one_line(kind, 60) for name, kind in classes.items()}


def _split(content: bytes, sizes: list[int]) -> list[np.ndarray]:
    """Return the buffers one by one."""
    if min(sizes, default=0) < 0 or sum(sizes) != len(content):
        raise ValueError("the buffers have other sizes")
    ends = np.cumsum([0, *sizes]).tolist()
    data = np.frombuffer(content, np.uint8)
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def _damaged(origin: str) -> SettingError:
    """Return the error about a file with other contents."""
    return SettingError("file", "it is not a saved run, or it is damaged", _HINT, origin)
