"""The JSON that ``twoborders validate`` writes, read back: for the screen, which plays nothing.

``kept.json`` is such a file, packaged as the command wrote it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.param import SettingError
from experiments.model_fingerprint import model_source
from experiments.monthly_bands import Bands
from experiments.targets import Target, targets
from experiments.validate import Part, Range, Shares, Validation, World

SHIPPED = Path(__file__).with_name("kept.json")
_LARGEST = 5_000_000  # bytes


@dataclass(frozen=True, eq=False)
class Kept:
    """A validation, and whether the model that was validated is the one of now."""

    found: Validation
    source: str
    same_model: bool
    failed: int


def read(path: Path = SHIPPED) -> Kept:
    """Read a validation; what is accepted is taken from the targets of now.

    Raises ``SettingError`` for what is no such file, or is of targets that no longer are.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError
        told = json.loads(path.read_text(encoding="utf-8"))
        return Kept(
            _validation(told), told["source"], told["source"] == model_source(), len(told["failed"])
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        reason = "this is no validation of this version of the model"
        raise SettingError(path.name, reason, "Play twoborders validate again.") from None


def _validation(told: Mapping[str, Any]) -> Validation:
    """The whole of it."""
    known = {target.id: target for target in targets()}
    return Validation(
        scale=int(told["scale"]),
        seeds=tuple(map(int, told["seeds"])),
        members=int(told["members"]),
        ensemble=bool(told["ensemble"]),
        parts=tuple(_part(row, known) for row in told["patterns"]),
        supplies={
            letter: tuple(_part(row, known) for row in one["patterns"])
            for letter, one in told["supplies"].items()
        },
        estimator=tuple(_world(world) for world in told["estimator"]),
        shares=tuple(_shares(group) for group in told["shares"]),
        bands={episode: _bands(one) for episode, one in told["months"].items()},
        missing=tuple(map(str, told["missing"])),
        digests=dict(told["digests"]),
        cpu_s=float(told["cpu_s"]),
    )


def _part(row: Mapping[str, Any], known: Mapping[str, Target]) -> Part:
    """One part of a pattern, judged by the target of now."""
    target = known[row["id"]]
    ends = (row["simulated"], row["low50"], row["high50"], row["low90"], row["high90"])
    simulated = Range(*map(_number, ends))
    return Part(
        target,
        simulated,
        target.holds(simulated.median),
        _number(row["naive_last"]),
        _number(row["naive_trend"]),
        row["supply"] or "",
    )


def _range(told: Mapping[str, Any]) -> Range:
    """A median with its 90 % interval; half of the runs is not kept."""
    return Range(
        _number(told["median"]), math.nan, math.nan, _number(told["low90"]), _number(told["high90"])
    )


def _world(told: Mapping[str, Any]) -> World:
    """One world of the estimator."""
    estimates = {name: _range(one) for name, one in told.items() if isinstance(one, Mapping)}
    return World(told["world"], told["title"], estimates)


def _shares(told: Mapping[str, Any]) -> Shares:
    """Sector shares of a group."""
    sectors = told["sectors"].items()
    return Shares(
        told["group"],
        {name: _number(one["observed"]) for name, one in sectors},
        {name: _range(one) for name, one in sectors},
    )


def _bands(told: Mapping[str, Any]) -> Bands:
    """Monthly series of an episode."""
    series = {
        part: {name: np.array(rows, dtype=float) for name, rows in told[part].items()}
        for part in ("simulated", "observed")
    }
    return Bands(list(map(str, told["months"])), str(told["known"]), **series)


def _number(value: Any) -> float:
    """A number; what JSON says of one that is none is null."""
    return math.nan if value is None else float(value)
