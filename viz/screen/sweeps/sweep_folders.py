"""Folders of sweeps: check paths, create new folders, remove unused ones."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from experiments.sweeps.store_file import FILE
from experiments.sweeps.store_list import root
from viz.screen.sweeps.sweep_quota import SweepRefused

DESIGN_FILE = "sweep.toml"


def is_inside(path: Path, folder: Path | None) -> bool:
    """Return whether a path is in a folder; links and ``..`` on its way are not followed.

    Args:
        path: an absolute path, which need not exist.
        folder: a folder without links in its path; None contains nothing.
    """
    return folder is not None and path.resolve() == path and path.is_relative_to(folder)


def has_design_file(folder: Path) -> bool:
    """Return whether a folder has a design file that is not a link."""
    file = folder / DESIGN_FILE
    return file.is_file() and not file.is_symlink()


def new_folder(sweeps: Path, name: str, most: int) -> Path:
    """Create the folder of a new sweep; nothing that exists is replaced.

    Args:
        sweeps: folder of all sweeps, inside that of the stores.
        name: name of the new folder.
        most: largest number of entries of the folder of all sweeps.

    Returns:
        The new folder.

    Raises:
        SweepRefused: the name is taken, the folder of all sweeps is full, or cannot be written.
    """
    folder = sweeps / name
    try:
        sweeps.mkdir(parents=True, exist_ok=True)
        if not is_inside(sweeps, root()):
            raise SweepRefused("folder")
        if len(os.listdir(sweeps)) >= most:
            raise SweepRefused("full", most=f"{most}")
        folder.mkdir()
    except FileExistsError:
        raise SweepRefused("exists") from None
    except OSError:
        raise SweepRefused("folder") from None
    return folder


def free_name(folder: Path | None) -> str:
    """Return a name that no sweep of a folder has."""
    taken = set(os.listdir(folder)) if folder and folder.is_dir() else set()
    return next(name for k in range(1, 10_000) if (name := f"sweep-{k}") not in taken)


def remove_unused(folder: Path) -> None:
    """Remove a folder without a store, so that its name is free again."""
    if folder.is_symlink() or (folder / FILE).exists():
        return
    with contextlib.suppress(OSError):
        for name in (DESIGN_FILE, "ledger.lock"):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()
