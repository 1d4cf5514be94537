"""The baseline: the instruments in force on 1 October 2012."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuo(Policy):
    """Represents the base year; it changes no lever and has no cost."""

    id = "status_quo"
    title = "Status quo of October 2012"
    arm = "baseline"
    needs_mexico = False
    claim = (
        "Both governments already have a broad set of tools for cooperation, at an unprecedented "
        "level."
    )
    mechanism = (
        "Hazards, staff, fence and sensors of the base year contain the measures in force on 1 "
        "October 2012; the policy adds nothing to them, at any dose."
    )
    expect = "A run with it is byte-identical to a run without policies."
    fails_when = "It cannot fail: it is the baseline of the other policies."

    #: Instruments in the base year, with the source of each figure.
    instruments: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Mérida Initiative, about $1.5 billion since 2008", "mexico/cooperation_inputs.csv"),
        (
            "Border management plan for the 21st century, third pillar of Mérida",
            "mexico/cooperation_inputs.csv",
        ),
        ("Border Enforcement Security Task Force: 32 teams", "mexico/cooperation_inputs.csv"),
        ("Intelligence shared at the level of 2012", "[A]"),
        ("Northern Command working with Mexico's forces, without units in Mexico", "[A]"),
        ("18,500 Border Patrol agents in nine sectors", "us/usbp_staffing.csv"),
        ("About 650 miles of primary barrier", "drivers/barrier_miles.csv"),
        ("Cameras and sensors on part of the line", "[A]"),
    )
