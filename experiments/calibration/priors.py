"""Uncertain parameters and their prior bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.labels import SECTORS


@dataclass(frozen=True, slots=True)
class Uncertain:
    """An uncertain parameter.

    Attributes:
        paths: settings that the parameter changes together.
        low, high: bounds of the prior.
        log: whether the prior is uniform in the logarithm.
        below: name of another parameter, a probability. The log-odds of the settings are then the
            other parameter's log-odds minus the value.
    """

    paths: tuple[str, ...]
    low: float
    high: float
    log: bool = False
    below: str = ""

    def setting(self, value: float, other: float = 0.5) -> float:
        """Return the value to which the settings are set.

        Args:
            value: value of the parameter, between its prior bounds.
            other: value of the parameter ``below``, a probability. Not used if there is none.

        Returns:
            The value itself, or the probability that it determines.
        """
        if not self.below:
            return value
        odds = other / (1.0 - other) * math.exp(-value)
        return odds / (1.0 + odds)


#: Bounds are [A], ranges that the authors consider possible, unless a comment gives a source.
#: "(people)" refers to docs/background/evidence-people.md.
PRIORS: dict[str, Uncertain] = {
    "line_hazard": Uncertain(
        tuple(map("border_patrol.line_hazard.{}".format, SECTORS)), 0.7, 2.8, log=True
    ),
    "caught_share": Uncertain(("border_patrol.caught_share",), 0.40, 0.75),
    "turned_share": Uncertain(("border_patrol.turned_share",), 0.12, 0.35),
    "belt_hazard": Uncertain(("border_patrol.belt_hazard",), 0.05, 0.30),
    "response": Uncertain(("border_patrol.response",), 0.8, 4.0, log=True),
    "eta": Uncertain(("contest.eta",), 0.3, 0.8),
    "chi": Uncertain(("contest.chi",), 0.0, 0.12),
    "retry_mexican": Uncertain(("migrants.retry_mexican",), 0.35, 0.75),
    "retry_removed": Uncertain(("migrants.retry_removed",), 0.10, 0.50),
    "retry_turned_back": Uncertain(("migrants.retry_turned_back",), 0.80, 0.98),
    "retry_fatigue": Uncertain(("migrants.retry_fatigue",), 0.0, 0.6),
    "pace_guided": Uncertain(("migrants.pace_guided",), 1.4, 3.2),
    "find_goods": Uncertain(("ports.find_goods.traveller", "ports.find_goods.truck"), 0.05, 0.25),
    # 0.30 +- 0.10: intentions and earlier attempts of people returned by Mexico, EMIF Sur (people)
    "retry_returned_by_mexico": Uncertain(("migrants.retry_returned_by_mexico",), 0.12, 0.48),
    "retry_transferred": Uncertain(("migrants.retry_transferred",), 0.35, 0.7),
    # 0.44 +- 0.15 log-odds, administrative sanctions: Bazzi et al. 2021, which is
    # us/consequence_delivery.csv effect_admin_sanctions (people). The study reports
    # re-apprehensions, the product of retry and apprehension probabilities. At an apprehension
    # probability of 0.55, they correspond to 0.53 in the log-odds of the retry after 3 months and
    # 0.35 after 18 months.
    "sanction_removal": Uncertain(("migrants.sanction_removal",), 0.14, 0.74),
    # 0.57 +- 0.15 log-odds, full sanctions: the same study, effect_full_sanctions (people)
    "sanction_full": Uncertain(("migrants.retry_prosecuted",), 0.27, 0.87, below="retry_mexican"),
    "expulsion_deterrence": Uncertain(("migrants.expulsion_deterrence",), 0.5, 1.5),
    "surrender_slope": Uncertain(("migrants.surrender_slope",), 0.8, 3.0),
    # 140 to 200 hours a month [A]
    "duty_hours": Uncertain(("border_patrol.duty_hours",), 4.6, 6.6),
    # The next two ranges come from the spring of 2017, and the range of experience_days from
    # 2005-06 (E5). All use us/sw_monthly_by_citizenship.csv.
    "news_response": Uncertain(("migrants.news_response",), 1.1, 1.9),
    "news_half_life": Uncertain(("migrants.news_half_life",), 80.0, 120.0),
    "experience_days": Uncertain(("migrants.experience_days",), 10.0, 30.0),
    "confirmation": Uncertain(("migrants.confirmation",), 0.25, 1.0, log=True),
    "waiting_share": Uncertain(("migrants.waiting_share",), 0.2, 0.8),
    "belief_prior": Uncertain(("migrants.belief_prior",), 150.0, 1_500.0, log=True),
    "belief_half_life": Uncertain(("migrants.belief_half_life",), 60.0, 180.0),
    # This range is as wide as an earlier range, 0.4 to 1, but starts at 0. The fitted responses
    # (E2, E4, E5) prefer less knowledge of routes, and half the members were in the lowest quarter
    # of the earlier range.
    "knowledge": Uncertain(("migrants.knowledge_mean",), 0.0, 0.6),
    "decision_noise": Uncertain(("migrants.decision_noise",), 4_000.0, 12_000.0),
    # The bounds allow the response to release in 2003-07 (pattern E4).
    "noise_northern_triangle": Uncertain(("migrants.noise_factor.northern_triangle",), 0.3, 0.5),
    "fatigue": Uncertain(("mexico.fatigue_half_life",), 12.0, 240.0, log=True),
    "mexican_response": Uncertain(("mexico.response",), 0.08, 0.5, log=True),
    "tax_response": Uncertain(("smugglers.tax_response",), 0.3, 2.0),
    "cell_pace": Uncertain(("smugglers.cell_pace",), 0.1, 4.0, log=True),
    "mexican_pay": Uncertain(("mexico.pay",), 0.8, 1.5),
    "ports_refocus": Uncertain(("ports.refocus",), 0.2, 0.8),
}

NAMES = tuple(PRIORS)


def sample(n: int, seed: int) -> np.ndarray:
    """Draw a scrambled Sobol' sequence in the unit cube.

    Args:
        n: number of points.
        seed: seed for the scrambling.

    Returns:
        Points, shape (n, priors). A smaller `n` gives the first points of a larger one.
    """
    from scipy.stats import qmc

    # The sequence is balanced for powers of two. The first n of these points are used.
    power = max(1, int(np.ceil(np.log2(max(n, 2)))))
    return qmc.Sobol(len(NAMES), scramble=True, rng=seed).random_base2(power)[:n]


def values(unit: np.ndarray) -> dict[str, float]:
    """Return the parameters at a point of the unit cube."""
    return {name: value_at(PRIORS[name], float(u)) for name, u in zip(NAMES, unit, strict=True)}


def units(numbers: Mapping[str, float]) -> np.ndarray:
    """Return the unit-cube point for parameters. This is the inverse of `values`.

    Args:
        numbers: parameters by name.

    Returns:
        Shares of the prior ranges, shape (priors,).
    """
    return np.array([share_of(PRIORS[name], numbers[name]) for name in NAMES])


def settings(numbers: Mapping[str, float]) -> dict[str, Any]:
    """Convert parameters by name to settings by dotted path."""
    return {
        path: u.setting(numbers[name], numbers.get(u.below, 0.5))
        for name, u in PRIORS.items()
        for path in u.paths
    }


def value_at(u: Uncertain, share: float) -> float:
    """Return a parameter's value at a share of its prior range.

    Args:
        u: parameter with its prior bounds.
        share: position between the bounds, 0 to 1, on a logarithmic scale if ``u.log``.

    Returns:
        The value.
    """
    if u.log:
        return float(u.low * (u.high / u.low) ** share)
    return float(u.low + (u.high - u.low) * share)


def share_of(u: Uncertain, value: float) -> float:
    """Return a value's position in the prior range, 0 to 1, the inverse of `value_at`."""
    if u.log:
        return float(np.log(value / u.low) / np.log(u.high / u.low))
    return float((value - u.low) / (u.high - u.low))
