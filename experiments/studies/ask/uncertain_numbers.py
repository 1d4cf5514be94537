"""Uncertain numbers in a draw: contested numbers on Mexico's operations, and labels.

The tempo limit and the returns of Mexico's operations were set with knowledge of the 2014-15 record
(docs/background/decisions/governments.md), and the comparison between the two countries depends on
them. Each draw therefore has two contested numbers, uniform between 0 and 1. At 0, Mexico's tempo
limits equal the U.S. limits, and operations have the same returns as staff. At 1, Mexico has the
declared values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from abm.policies import registry
from abm.scenario import Scenario, parameters
from experiments.calibration.priors import PRIORS
from experiments.studies.optimise.drawn_numbers import drawn_numbers, settings_of

if TYPE_CHECKING:
    from abm.policies import Policy
    from experiments.calibration.members import EnsembleSample


#: Names of the two contested numbers among a draw's uncertain numbers.
TEMPO, RETURNS = "contested.mexico_tempo", "contested.operations_returns"
NAMES = (TEMPO, RETURNS)
#: Prefix of the names of effectiveness factors.
PREFIX = "effectiveness."
#: Position at which limits and returns are equal, and the declared position.
SAME, DECLARED = (0.0, 0.0), (1.0, 1.0)
_LIMITS = ("sustained_tempo", "tempo_cap")
_RETURNS = "mexico.operations_returns"
_TEMPO_LEVER = "mx_effort"  # lever with which policies raise the operational tempo
_DIGITS = 4  # decimals in a position, which then has the same text in every file

type Position = tuple[float, float]


def depends_on_operations(policies: Iterable[Policy], others: Iterable[Policy] = ()) -> bool:
    """Return whether a comparison depends on the contested numbers.

    Args:
        policies: one arm's policies.
        others: the other arm's policies.

    Returns:
        True if the arms differ in the policies that raise the tempo of Mexico's operations.
    """
    raising = [
        {policy for policy in arm if policy.needs_mexico and _TEMPO_LEVER in policy.lever_names}
        for arm in (policies, others)
    ]
    return raising[0] != raising[1]


def draw_numbers(n: int, seed: int) -> list[dict[str, float]]:
    """Draw both contested numbers and all drawn numbers with a Latin hypercube.

    Args:
        n: number of draws.
        seed: seed for the draws.

    Returns:
        Values by name, one mapping per draw. Contested numbers are between 0 and 1.
    """
    from scipy.stats import qmc

    numbers = drawn_numbers()
    width = len(NAMES) + len(numbers)
    rows = qmc.LatinHypercube(width, rng=np.random.default_rng([seed, len(NAMES)])).random(n)
    return [
        dict(zip(NAMES, row[: len(NAMES)].round(_DIGITS).tolist(), strict=True))
        | {number.name: number.at(u) for number, u in zip(numbers, row[len(NAMES) :], strict=True)}
        for row in rows
    ]


def contested_settings(scenario: Scenario, position: Position) -> dict[str, float]:
    """Return Mexico's tempo limits and returns of operations at a position.

    Args:
        scenario: a draw's scenario, with its member's settings and its drawn numbers.
        position: values of ``TEMPO`` and ``RETURNS``, each from 0 to 1.

    Returns:
        Values by dotted path. A value that the user has set is left out.
    """
    tempo, returns = position
    declared, mexico, us = Scenario().mexico, scenario.mexico, scenario.border_patrol
    ends = {
        f"mexico.{name}": (getattr(us, name), getattr(declared, name), tempo) for name in _LIMITS
    }
    ends[_RETURNS] = (scenario.contest.eta, declared.operations_returns, returns)
    return {
        path: low + share * (high - low)
        for path, (low, high, share) in ends.items()
        if getattr(mexico, path.partition(".")[2]) == high
    }


def with_numbers(
    sample: EnsembleSample, scenario: Scenario, values: Sequence[Mapping[str, float]]
) -> EnsembleSample:
    """Return ensemble members with contested and drawn numbers.

    Args:
        sample: ensemble members.
        scenario: scenario of the runs.
        values: values by name, one mapping per member. A number that is missing has its declared
            value.

    Returns:
        The members. Policy parameters are in ``numbers``, not in ``settings``.
    """
    declared = dict(zip(NAMES, DECLARED, strict=True))
    declared |= {number.name: number.declared.value for number in drawn_numbers()}
    numbers = tuple({**declared, **draw_values} for draw_values in values)
    drawn = [
        dict(member) | settings_of(at, scenario)
        for member, at in zip(sample.settings, numbers, strict=True)
    ]
    settings = tuple(
        row | contested_settings(scenario.with_settings(row), (at[TEMPO], at[RETURNS]))
        for row, at in zip(drawn, numbers, strict=True)
    )
    merged = tuple(dict(member) | at for member, at in zip(sample.numbers, numbers, strict=True))
    return replace(sample, settings=settings, numbers=merged)


# ---- plain names ---------------------------------------------------------------------------------

#: End of the first part of a description. It does not match "U.S.", which a lower-case word
#: follows.
_END = re.compile(r"\. (?=[A-Z])|[;:] ")
_BY_NAME = {
    TEMPO: "Mexico's limit of tempo (0: as the Border Patrol, 1: as declared)",
    RETURNS: "Returns of Mexico's operations (0: as those of officers, 1: as declared)",
    "budget": "Budget",
    "expulsion_deterrence": "Fall of the log-odds of an attempt after an expulsion to the line",
}


@cache
def number_label(name: str) -> str:
    """Return an uncertain number's plain name.

    Args:
        name: name of the number in a draw, such as ``contested.mexico_tempo``,
            ``effectiveness.fence`` or ``retry_removed``.

    Returns:
        For a parameter, the beginning of its description with its name. For a programme's effect,
        its title (or the text of a user's class). For an undeclared number, the name itself.
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    policy = name.removeprefix(PREFIX)
    if policy != name:
        kind = registry().get(policy)
        return f"Effect of {kind.title if kind else policy} (1: as declared)"
    if name in PRIORS:
        return f"{_described(name)} ({name})"
    docs = _docs() | {path: n.declared.doc for n in drawn_numbers() for path in n.paths}
    return f"{_END.split(docs[name])[0].removesuffix('.')} ({name})" if name in docs else name


def _described(name: str) -> str:
    """Return the first part of a parameter's description (for several settings, of the first)."""
    prior = PRIORS[name]
    text = _END.split(_docs()[prior.paths[0]])[0].removesuffix(".")
    return f"Fall of the log-odds: {text}" if prior.below else text


@cache
def _docs() -> dict[str, str]:
    """Return all parameter descriptions by path."""
    return {row.path: row.doc for row in parameters(Scenario())}
