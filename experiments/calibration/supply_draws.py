"""Draws of the supply terms, one for each member, from their posterior to a given month.

The month is September 2013 for the ensemble and the scenario `history`, and the September before
for a forecast one year ahead.

The terms are estimated by group (:mod:`experiments.calibration.supply_fit`). The response to
incomes is one number for both groups in a scenario, so the posteriors of the groups are combined
and their common prior counts once. The draw of a member depends on its number only: member 17 has
the same terms in every calibration, and the fit of the other parameters does not change them.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.outcomes import Group
from agents.param import params_of
from agents.supply_terms import SupplyTermParams
from experiments.calibration.supply_fit import LAST, TERMS, SupplyFit, fit_supply, priors_of

if TYPE_CHECKING:
    from experiments.calibration.ensemble import Member

#: Multiple of the base rate at which candidates are drawn [A]; it limits the rise caused by
#: recent arrivals.
ENVELOPE = 3.0
MAX_NETWORK = 0.95  # largest response to recent arrivals of a draw [A]
_SEED = 201_309
_BY_GROUP = ("network", "construction", "drift", "homicide")  # a coefficient for each group
_SHARED = ("income",)  # one coefficient for both groups
_SIGNED = ("drift",)  # can have either sign; the others are not below 0
_DIGITS = 4


def member_supply(member: Member, last: tuple[int, int] = LAST) -> dict[str, Any]:
    """Return the supply terms of a member from its posterior to a month, as settings by path.

    Runs that explain supply (scenario `history`, forecasts one year ahead) use these settings.
    Other runs use the supply of their scenario without them.

    Args:
        member: an ensemble member.
        last: last month (year, month) that the estimate reads.

    Returns:
        The stored terms for the month to which the ensemble reads. Otherwise the draw of the
        member's number.
    """
    if last == LAST and member.supply:
        return dict(member.supply)
    return draw_supply(member.number, last)


def draw_supply(number: int, last: tuple[int, int] = LAST) -> dict[str, Any]:
    """Draw the supply terms of a member.

    A draw with a response to recent arrivals above ``MAX_NETWORK`` is made again: with 1 or more,
    supply would rise without limit.

    Args:
        number: number of the member in its ensemble, from 0.
        last: last month (year, month) that the estimate reads.

    Returns:
        Settings by dotted path: coefficients from their posterior, and estimated spreads of the
        random level. The responses to homicides and incomes act under the supply ``fy2013_push``.
    """
    mean, covariance = _posterior(last)
    rng = np.random.default_rng((_SEED, number))
    coefficients = rng.multivariate_normal(mean, covariance)
    while max(coefficients[:2]) > MAX_NETWORK:
        coefficients = rng.multivariate_normal(mean, covariance)
    return _settings(coefficients, last)


def mean_supply(last: tuple[int, int] = LAST) -> dict[str, Any]:
    """Return the posterior mean of the supply terms.

    Args:
        last: last month (year, month) that the estimate reads.

    Returns:
        Settings by dotted path, as from :func:`draw_supply`.
    """
    return _settings(_posterior(last)[0], last)


def _settings(values: np.ndarray, last: tuple[int, int]) -> dict[str, Any]:
    """Return the settings of coefficients, in the order of :func:`_posterior`."""
    by_name = {
        name: values[2 * k : 2 * k + 2]
        if name in _SIGNED
        else np.maximum(values[2 * k : 2 * k + 2], 0.0)
        for k, name in enumerate(_BY_GROUP)
    }
    pairs = {name: pair.round(_DIGITS).tolist() for name, pair in by_name.items()}
    homicide = pairs.pop("homicide")
    return (
        {f"supply_terms.{name}": _bounded(name, pair) for name, pair in pairs.items()}
        | {"migrants.homicide_elasticity": 1.0, "migrants.homicide_factor": homicide}
        | {"migrants.income_elasticity": round(max(0.0, float(values[-1])), _DIGITS)}
        | _spreads(last)
        | {"migrants.envelope": ENVELOPE}
    )


def _bounded(name: str, values: list[float]) -> list[float]:
    """Clip values to the declared bounds of a term."""
    declared = params_of(SupplyTermParams)[name]
    return [float(min(declared.high, max(declared.low, value))) for value in values]


def _spreads(last: tuple[int, int]) -> dict[str, Any]:
    """Return the settings that are the same for all members."""
    fits = _fits(last)
    return {
        "supply_terms.network_keep": fits[0].keep,
        "supply_terms.cohort": [1.0, 1.0],
        "supply_terms.level_sd": [round(fit.level_sd, _DIGITS) for fit in fits],
        "supply_terms.surge_sd": [round(fit.surge_sd, _DIGITS) for fit in fits],
    }


@functools.cache
def _fits(last: tuple[int, int]) -> tuple[SupplyFit, ...]:
    """Estimate the terms of both groups, from months to the last one."""
    return tuple(fit_supply(group, last) for group in (Group.MEXICAN, Group.NORTHERN_TRIANGLE))


@functools.cache
def _posterior(last: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Combine the posteriors of both groups.

    Returns:
        The coefficients' mean and covariance: each term in ``_BY_GROUP`` for both groups, then
        the terms in ``_SHARED``.
    """
    size = 2 * len(_BY_GROUP) + len(_SHARED)
    precision, weighted = np.zeros((size, size)), np.zeros(size)
    for g, fit in enumerate(_fits(last)):
        places = [
            2 * _BY_GROUP.index(name) + g
            if name in _BY_GROUP
            else 2 * len(_BY_GROUP) + _SHARED.index(name)
            for name in TERMS
        ]
        inverse = np.linalg.inv(fit.covariance)
        precision[np.ix_(places, places)] += inverse
        weighted[places] += inverse @ np.array([fit.mean[name] for name in TERMS])
    for k, name in enumerate(_SHARED, 2 * len(_BY_GROUP)):  # their prior is in both posteriors
        mean, sd = priors_of("")[name]
        precision[k, k] -= sd**-2
        weighted[k] -= mean * sd**-2
    covariance = np.linalg.inv(precision)
    return covariance @ weighted, (covariance + covariance.T) / 2.0
