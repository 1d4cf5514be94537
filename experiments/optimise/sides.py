"""Who may buy what: instruments by side, portfolios as dollars, and what they cost whom.

A portfolio is a row of dollars a year, all payers together, one number for each instrument in the
order of ``Instruments.ids``. A *side* says which of them may be above zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from abm.policies import registry
from abm.policies.base import Policy
from abm.scenario import SettingError
from abm.scenario.policy_specs import PolicySpec
from agents.param import meant

#: What no side may buy, and why.
EXCLUDED = {
    "status_quo": "a baseline",
    "no_cooperation": "a baseline",
    "remain_in_mexico": "a measure of 2019 that the brief does not propose; it is there for the "
    "test of 2019",
}
#: Each side by name, in words.
SIDES = {
    "us_only": "the United States alone: instruments that need nobody in Mexico",
    "cooperative": "cooperation alone: instruments that need Mexico",
    "mixed": "both together: every instrument",
}
#: How a portfolio is charged against a budget.
ACCOUNTS = {
    "joint": "dollars of all payers together",
    "us": "dollars of the U.S. government alone; Mexico adds at most as much again [A]",
}
#: [A] Dollars that Mexico adds at most for every dollar of the U.S. where only these are counted:
#: without a bound its officers would be free to the other side, however many there are.
MATCH = 1.0
_SMALL = 0.02  # share of a portfolio below which an amount is not worth a programme
_GRAIN = 1e6  # $: portfolios are told in whole millions


@dataclass(frozen=True)
class Instruments:
    """All instruments that somebody may buy: ids, and dollars a year at dose 1 by payer.

    ``high``: largest dose. All arrays are in the order of ``ids``.
    """

    ids: tuple[str, ...]
    needs_mexico: np.ndarray
    us: np.ndarray
    mexico: np.ndarray
    users: np.ndarray
    high: np.ndarray

    def __len__(self) -> int:
        """How many instruments."""
        return len(self.ids)

    @cached_property
    def full_cost(self) -> np.ndarray:
        """Dollars a year at dose 1, all payers."""
        return self.us + self.mexico + self.users

    @cached_property
    def max_dollars(self) -> np.ndarray:
        """Dollars a year at the largest dose, all payers."""
        return self.full_cost * self.high

    def allowed(self, side: str) -> np.ndarray:
        """Which instruments a side may buy; raises ``SettingError`` for a side that is none."""
        if side not in SIDES:
            hint = meant(side, SIDES) + f"Give one of {', '.join(SIDES)}."
            raise SettingError("--side", f"{side!r} is no side", hint)
        everything = np.ones(len(self), dtype=bool)
        return {"us_only": ~self.needs_mexico, "cooperative": self.needs_mexico}.get(
            side, everything
        )

    def charge(self, dollars: np.ndarray, account: str) -> np.ndarray:
        """What portfolios (rows) count against a budget, $ a year.

        Under ``us`` a portfolio in which Mexico would pay more than ``MATCH`` times the dollars of
        the U.S. government is charged as if the latter had risen to that.
        """
        doses = dollars / self.full_cost
        if account == "joint":
            return doses @ self.full_cost
        return np.maximum(doses @ self.us, doses @ self.mexico / MATCH)

    def rounded(self, dollars: np.ndarray) -> np.ndarray:
        """Portfolios without crumbs, in whole millions, within the largest doses."""
        crumbs = dollars < _SMALL * dollars.sum(axis=-1, keepdims=True)
        return np.minimum(
            np.floor(np.where(crumbs, 0.0, dollars) / _GRAIN) * _GRAIN, self.max_dollars
        )

    def portfolio(self, dollars: Mapping[str, float]) -> np.ndarray:
        """A portfolio from dollars a year by instrument."""
        return np.array([dollars.get(name, 0.0) for name in self.ids])

    def by_instrument(self, row: np.ndarray) -> dict[str, float]:
        """A portfolio as dollars a year by instrument, the largest first, without zeros."""
        told = [(name, float(x)) for name, x in zip(self.ids, row, strict=True) if x > 0.0]
        return dict(sorted(told, key=lambda pair: (-pair[1], pair[0])))

    def policy_specs(self, row: np.ndarray) -> tuple[PolicySpec, ...]:
        """A portfolio as policies for the whole run."""
        named = self.by_instrument(row)
        return tuple(PolicySpec(id=name, dollars=named[name]) for name in self.ids if name in named)

    def payers(self, row: np.ndarray) -> dict[str, float]:
        """Dollars a year by payer."""
        doses = row / self.full_cost
        parts = {"us": self.us, "mexico": self.mexico, "users": self.users}
        return {payer: float(doses @ part) for payer, part in parts.items()}

    def scale_to_budget(self, row: np.ndarray, budget: float, account: str) -> np.ndarray:
        """A portfolio scaled so that it uses up a budget, as far as the largest doses allow.

        Bisection on one common factor: the charge grows with it.
        """
        low, high = 0.0, 1.0
        while self.charge(self._scaled(row, high), account) < budget and high < 1e6:
            low, high = high, 2.0 * high
        for _ in range(50):
            middle = 0.5 * (low + high)
            fits = self.charge(self._scaled(row, middle), account) <= budget
            low, high = (middle, high) if fits else (low, middle)
        return self._scaled(row, low)

    def _scaled(self, row: np.ndarray, factor: float) -> np.ndarray:
        return np.minimum(row * factor, self.max_dollars)


def buyable() -> Instruments:
    """Every instrument of the registry that somebody may buy, by arm and name."""
    kinds = [cls for name, cls in registry().items() if name not in EXCLUDED]
    made = [cls.full_programme() for cls in sorted(kinds, key=lambda c: (c.needs_mexico, c.id))]
    return Instruments(
        ids=tuple(policy.id for policy in made),
        needs_mexico=np.array([policy.needs_mexico for policy in made]),
        us=_paid(made, "us"),
        mexico=_paid(made, "mexico"),
        users=_paid(made, "users"),
        high=np.array([policy.high for policy in made]),
    )


def _paid(made: list[Policy], payer: str) -> np.ndarray:
    """Dollars a year of one payer, by policy."""
    return np.array([policy.dollars().get(payer, 0.0) for policy in made])
