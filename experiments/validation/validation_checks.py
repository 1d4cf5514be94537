"""Checks printed with a validation: levels of known months, and doses at a corner.

The level of an episode is the simulated number of apprehensions over the record in the last twelve
months that supply knows, and in the window with which a change is compared. A level far from 1
means that the change is computed from a wrong starting point. A dose at a corner does not reproduce
Mexico's interceptions: the episode then does not test the policy of that dose.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.labels import GROUPS
from experiments.calibration.doses import EPISODES, known_levels
from experiments.calibration.ensemble import Member
from experiments.runs.case import RunResult
from experiments.runs.intervals import Interval
from experiments.validation.scored_runs import DECLARED

#: Windows whose level is checked, by role and name; all of them are known months.
WINDOWS = {
    f"2014:{DECLARED}": {
        "known": EPISODES[DECLARED].known,
        "before": ("2013-08", "2014-06"),  # the first window of H1, without July 2014
    },
    "2019": {
        "known": EPISODES["2019"].known,
        "before": ("2019-03", "2019-05"),  # the first window of H6
    },
}


@dataclass(frozen=True, slots=True)
class LevelCheck:
    """Level of a group in known months.

    Attributes:
        role: role of the runs, ``2014:b`` or ``2019``.
        window: ``known`` for the last twelve known months, ``before`` for the first window of the
            change that is judged.
        group: a label of ``agents.labels.GROUPS``.
        ratio: simulated over recorded apprehensions.
    """

    role: str
    window: str
    group: str
    ratio: Interval


@dataclass(frozen=True, slots=True)
class DoseCheck:
    """Doses of all members in an episode.

    Attributes:
        episode: key of ``experiments.calibration.doses.EPISODES``.
        dose: doses.
        observed: ratio of Mexican interceptions in the record.
        reached: ratio under the doses.
        corners: share of the members in which no dose gives the observed ratio.
    """

    episode: str
    dose: Interval
    observed: float
    reached: Interval
    corners: float


def level_checks(runs: Iterable[Mapping[str, RunResult]]) -> tuple[LevelCheck, ...]:
    """Return the levels of the known months.

    Args:
        runs: results by role, one mapping per member and seed.

    Returns:
        One check per role, window and group; none for a role without runs.
    """
    by_role = [dict(one) for one in runs]
    checks = []
    for role, windows in WINDOWS.items():
        for name, window in windows.items():
            found = [known_levels(one[role], window) for one in by_role if role in one]
            checks += [
                LevelCheck(role, name, group, _interval(level[g] for level in found))
                for g, group in enumerate(GROUPS)
                if found
            ]
    return tuple(checks)


def dose_checks(members: Sequence[Member]) -> tuple[DoseCheck, ...]:
    """Return the reached ratios and the share of members at a corner.

    Args:
        members: members of an ensemble; those without stored ratios are left out.

    Returns:
        One check per episode with stored ratios.
    """
    checks = []
    for key, episode in EPISODES.items():
        known = [m for m in members if key in m.doses and key in m.rises]
        if known:
            checks.append(
                DoseCheck(
                    key,
                    _interval(m.doses[key] for m in known),
                    episode.series.rise(),
                    _interval(m.rises[key] for m in known),
                    sum(key in m.corners for m in known) / len(known),
                )
            )
    return tuple(checks)


def _interval(values: Iterable[float]) -> Interval:
    """Return the interval of the finite values."""
    return Interval.of(value for value in values if math.isfinite(value))
