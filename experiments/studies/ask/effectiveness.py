"""Uncertain effectiveness of programmes.

The calibrated ensemble varies the parameters of behaviour that the record does not identify. No
record shows the effect of a programme per dollar: costs and effects of most programmes are
assumptions. Each draw therefore has one factor per instrument, log-uniform between 1 / ``DOUBT``
and ``DOUBT`` times the declared effect, for the instruments of all sides. Instruments that are
forms of one programme (``PROGRAMMES``) share a factor, so a portfolio cannot insure itself against
doubt about a programme by buying it under several names. A programme without any evaluation has no
effect in a share ``SPIKE`` of the draws
(docs/background/decisions/0048-thresholds-of-the-verdict.md). Dollars and the limits of agencies
follow the dose and not the factor (``PolicySpec.effect``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from experiments.studies.optimise.doubt import Doubt

#: [A] The same for every instrument, so that the uncertainty favours no side.
DOUBT = 2.0
#: [A] Share of draws in which a programme without any evaluation delivers nothing (0.2 to 0.3).
SPIKE = 0.25
PREFIX = "effectiveness."
_AGENTS = "Gathmann 2004, 2008; Muhlhausen 2006: agents, migration and apprehensions"
_COUNTS = "mexico/published_effects.csv: counts before and after the measures"
#: Instruments of which a published source reports an effect, and the source; all others have the
#: spike.
EVALUATED = {
    "patrol_surge": _AGENTS,
    "sector_allocation": _AGENTS,
    "fence": "Feigenberg 2020; Allen, Dobbin and Morten 2018",
    "consequence_capacity": "Bazzi et al. 2021, us/consequence_delivery.csv",
    "worksite_enforcement": "Orrenius and Zavodny 2014: earnings",
    "legal_pathways": "Clemens and Gough 2018, docs/background/evidence-people.md section 10",
    "southern_border_control": f"{_COUNTS} of 2014",
    "rural_gendarmerie": f"{_COUNTS} of 2019",
}
#: Programmes with several forms, which share one factor: paid overtime of the Border Patrol along
#: the line, in a surge of a sector, and in joint operations.
PROGRAMMES = (("patrol_effort", "sector_surge", "joint_operations"),)


def sources(ids: Sequence[str]) -> list[int]:
    """Return for each instrument the index of the first form of its programme among `ids`."""
    first = {
        name: next(x for x in forms if x in ids)
        for forms in PROGRAMMES
        for name in forms
        if name in ids
    }
    return [list(ids).index(first.get(name, name)) for name in ids]


def distinct(factors: Mapping[str, float]) -> dict[str, float]:
    """Return the factors of a draw once for each programme, under the name of its first form."""
    ids = list(factors)
    return {name: factors[name] for k, name in enumerate(ids) if sources(ids)[k] == k}


def doubt_of(ids: Sequence[str], largest: float = DOUBT, ineffective: Sequence[str] = ()) -> Doubt:
    """Return the doubt about instruments.

    Args:
        ids: instruments.
        largest: largest factor; 1 for no doubt, and then there is no spike either.
        ineffective: instruments that never have an effect.

    Returns:
        The doubt, with the spike of those that were never evaluated.
    """
    spike = {name: SPIKE for name in ids if name not in EVALUATED and largest > 1.0}
    spike |= dict.fromkeys(ineffective, 1.0)
    return Doubt(largest, np.array([spike.get(name, 0.0) for name in ids]), np.array(sources(ids)))


def draw_factors(
    ids: Sequence[str], n: int, doubt: float = DOUBT, seed: int = 1
) -> list[dict[str, float]]:
    """Draw factors with a Latin hypercube: uniform in the logarithm, and 0 in the spike.

    Forms of one programme have the same factor.

    Args:
        ids: instruments.
        n: number of draws.
        doubt: largest factor; the smallest above 0 is its inverse. 1 for no doubt.
        seed: seed of the draws.

    Returns:
        Factors by instrument, one mapping per draw.
    """
    factors = doubt_of(ids, doubt).sample(n, seed)
    return [dict(zip(ids, row, strict=True)) for row in factors.tolist()]
