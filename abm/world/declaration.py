"""A world's declaration: its name and words, and which slots it leaves open."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from abm.world.routes import World, load_world
from abm.world.vocabulary import MX_ZONES, SECTORS, sector_slug
from abm.world.words import FILE, PACKAGED_WORDS, Declaration, read_declaration
from agents.param import one_line

_ALWAYS = ("names.", "groups.")  # in every output; sectors and zones only where places use them


def declaration_of(folder: str | Path | None) -> Declaration:
    """Return the declaration of a world.

    Args:
        folder: the world's folder, as in the scenario, empty or None for the packaged world. A
            folder with copies of both packaged tables and without `world.toml` is the packaged
            world too.

    Returns:
        The declared words, and the keys that lack one.

    Raises:
        WorldError: if a file of the world is invalid.
    """
    if not folder:
        return Declaration()
    files = (FILE, "nodes.csv", "edges.csv")
    return _declaration(Path(folder), tuple(_stamp(Path(folder) / name) for name in files))


def _stamp(path: Path) -> tuple[int, int]:
    """Return a file's change time and size, zeros if there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=16)
def _declaration(folder: Path, _stamps: tuple[tuple[int, int], ...]) -> Declaration:
    """Return a folder's declaration. It is read again when a file's stamp changes."""
    declared, world = read_declaration(folder), load_world(folder)
    if declared is None:
        if world.digest == load_world().digest:
            return Declaration()
        return Declaration(name=one_line(folder.resolve().name, 40))
    undeclared = tuple(key for key in _used(world) if key not in declared.words)
    return replace(declared, undeclared=undeclared)


def _used(world: World) -> list[str]:
    """Return the keys that outputs of a world use."""
    always = [key for key in PACKAGED_WORDS if key.startswith(_ALWAYS)]
    at_line = {SECTORS[s] for s in world.place_sector.tolist() if s >= 0}
    zones = {MX_ZONES[z] for z in world.leg_zone.tolist() if z >= 0}
    sectors = [f"sectors.{sector_slug(sector)}" for sector in SECTORS if sector in at_line]
    return always + sectors + [f"zones.{zone}" for zone in MX_ZONES if zone in zones]
