"""Refusals of sweeps: by size, and by visitor and client address on a shared server.

A new page is a new visitor, so the limits of the address hold for all its visitors together. Starts
and owners are in memory only: a sweep that was stored before the server started has no owner.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.sweeps.design import Design
from viz.screen.sweeps.sweep_limits import SweepCaps, TurnCaps, migrants_in
from viz.screen.sweeps.sweep_plan import most_migrants_in

HOUR = 3600.0


class SweepRefused(Exception):
    """A request about a sweep was refused: a key below ``sweep_new.error``, and its values."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def check_size(design: Design, caps: SweepCaps, most_migrants: int) -> None:
    """Raise SweepRefused if a design that continues is above the limits.

    Args:
        design: the design.
        caps: limits of one sweep.
        most_migrants: simulated migrants a year that one run may have.
    """
    if len(design) > caps.runs:
        raise SweepRefused("large")
    per_run = most_migrants_in(design)
    work = migrants_in(per_run, design.scenario.days, len(design))
    if work > caps.migrants or per_run > most_migrants:
        raise SweepRefused("large")


@dataclass(frozen=True, slots=True)
class Owner:
    """A visitor, and the address of the client; the address is empty if it is not known."""

    kernel: str
    address: str = ""


@dataclass(slots=True)
class _Turn:
    """One start of a sweep, with the times of its begin and end in seconds."""

    name: str
    owner: Owner
    began: float
    ended: float = math.inf


class SweepQuota:
    """Counts run time and stored sweeps by owner; the caller holds a lock.

    Args:
        clock: returns the time in seconds; it never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._turns: list[_Turn] = []
        self._stored: dict[Path, Owner] = {}

    def begin(self, name: str, owner: Owner, folder: Path | None = None) -> None:
        """Record a start.

        Args:
            name: name of the sweep.
            owner: the visitor who started it.
            folder: folder of a new sweep; None for one that continues.
        """
        self._turns.append(_Turn(name, owner, self._clock()))
        if folder is not None:
            self._stored[folder] = owner

    def end(self, name: str) -> None:
        """Record the end of a sweep, and drop what ended more than an hour ago."""
        now = self._clock()
        for turn in self._turns:
            if turn.name == name:
                turn.ended = min(turn.ended, now)
        self._turns = [turn for turn in self._turns if turn.ended > now - HOUR]

    def seconds(self, name: str) -> float:
        """Return the time since the last start of a sweep that runs; 0 for others."""
        began = [turn.began for turn in self._turns if turn.name == name and turn.ended == math.inf]
        return self._clock() - began[-1] if began else 0.0

    def check_time(self, caps: TurnCaps, owner: Owner) -> None:
        """Raise SweepRefused if the visitor or the address has used its run time of this hour.

        Args:
            caps: the limits.
            owner: the visitor who requests a sweep.
        """
        for key, most, own in (
            ("hour", caps.visitor_seconds, self._is_visitor(owner)),
            ("hour_address", caps.address_seconds, self._is_address(owner)),
        ):
            if sum(self._within_hour(turn) for turn in self._turns if own(turn.owner)) >= most:
                raise SweepRefused(key, minutes=f"{most / 60:g}")

    def check_stored(self, caps: TurnCaps, owner: Owner) -> None:
        """Raise SweepRefused if the visitor or the address has stored all sweeps that it may.

        Args:
            caps: the limits.
            owner: the visitor who requests a new sweep.
        """
        self._stored = {folder: one for folder, one in self._stored.items() if folder.exists()}
        for key, most, own in (
            ("stored", caps.visitor_sweeps, self._is_visitor(owner)),
            ("stored_address", caps.address_sweeps, self._is_address(owner)),
        ):
            if sum(own(one) for one in self._stored.values()) >= most:
                raise SweepRefused(key, most=f"{most}")

    def _within_hour(self, turn: _Turn) -> float:
        """Return the seconds of a turn within the last hour."""
        now = self._clock()
        return max(0.0, min(turn.ended, now) - max(turn.began, now - HOUR))

    def _is_visitor(self, owner: Owner) -> Callable[[Owner], bool]:
        return lambda other: other.kernel == owner.kernel

    def _is_address(self, owner: Owner) -> Callable[[Owner], bool]:
        return lambda other: bool(owner.address) and other.address == owner.address
