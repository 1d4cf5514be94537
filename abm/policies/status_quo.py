"""First baseline: the instruments in force on 1 October 2012."""

from __future__ import annotations

from dataclasses import dataclass

from abm.policies.base import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuo(Policy):
    """Represents the base year. It changes no lever and has no cost."""

    id = "status_quo"
    title = "Status quo of October 2012"
    arm = "baseline"
    claim = (
        "Both governments already have a broad set of tools for cooperation, at an unprecedented "
        "level."
    )
    mechanism = (
        "The base year contains the measures in force on 1 October 2012; the policy adds nothing "
        "to them, at any dose."
    )
    expect = "A run with it is byte-identical to a run without policies."
    fails_when = "It cannot fail: it is the baseline of the other policies."
