"""The world as the map on the screen gets it: the ground once, and the layout of a frame."""

from __future__ import annotations

import numpy as np

from abm.world.vocabulary import SECTORS

Field = tuple[int, int, str]
"""Offset in bytes, count and kind (u1, u2 or u4)."""


def frame_dtype(legs: int, places: int) -> np.dtype:
    """One frame as a packed record, little-endian.

    Flow: persons on the leg a day, mean of 7 days. Stopped (by Mexico, on the leg), caught and
    away (apprehensions and got-aways, by sector): sums of 7 days. Dead: ten times the deaths
    expected since the start, by sector, the last in Mexico. Kidnapped: since the start. Officers,
    cells (of organisations), agents: at work on the day, by place, place and sector.
    """
    sectors = len(SECTORS)
    return np.dtype([
        ("day", "<u4"),
        ("flow", "<u2", legs),
        ("stopped", "<u2", legs),
        ("caught", "<u2", sectors),
        ("away", "<u2", sectors),
        ("dead", "<u2", sectors + 1),
        ("kidnapped", "<u4"),
        ("officers", "<u2", places),
        ("cells", "u1", places),
        ("agents", "<u2", sectors),
    ])  # fmt: skip


def layout(legs: int, places: int) -> dict[str, Field]:
    """Where a script finds each field of a frame."""
    fields = frame_dtype(legs, places).fields or {}
    return {
        name: (offset, int(np.prod(dtype.shape, dtype=int)), f"u{dtype.base.itemsize}")
        for name, (dtype, offset, *_) in fields.items()
    }


def frame_bytes(legs: int, places: int) -> int:
    """Length of a frame."""
    return frame_dtype(legs, places).itemsize


FRAME_BYTES = frame_bytes
