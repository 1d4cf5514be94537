"""The world as the map on the screen gets it: the ground once, and the layout of a frame."""

from __future__ import annotations

from abm.world.vocabulary import SECTORS

SIZES = {"u1": 1, "u2": 2, "u4": 4}
"""Bytes of each kind of whole number; all are little-endian."""
Field = tuple[int, int, str]
"""Offset in bytes, count and kind."""


def layout(legs: int, places: int) -> dict[str, Field]:
    """Where each field of a frame lies, in the order of the bytes; nothing lies between them.

    Flow: persons on the leg a day, mean of 7 days. Stopped (by Mexico, on the leg), caught and
    away (apprehensions and got-aways, by sector): sums of 7 days. Dead: ten times the deaths
    expected since the start, by sector, the last in Mexico. Kidnapped: since the start. Officers,
    cells (of organisations), agents: at work on the day, by place, place and sector.
    """
    sectors = len(SECTORS)
    counts = {
        "day": (1, "u4"),
        "flow": (legs, "u2"),
        "stopped": (legs, "u2"),
        "caught": (sectors, "u2"),
        "away": (sectors, "u2"),
        "dead": (sectors + 1, "u2"),
        "kidnapped": (1, "u4"),
        "officers": (places, "u2"),
        "cells": (places, "u1"),
        "agents": (sectors, "u2"),
    }
    fields, offset = {}, 0
    for name, (count, kind) in counts.items():
        fields[name] = (offset, count, kind)
        offset += count * SIZES[kind]
    return fields


def frame_bytes(legs: int, places: int) -> int:
    """Length of a frame."""
    offset, count, kind = layout(legs, places)["agents"]
    return offset + count * SIZES[kind]


FRAME_BYTES = frame_bytes
