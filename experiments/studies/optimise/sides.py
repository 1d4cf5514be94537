"""Sides: instruments that each side can buy, portfolios in dollars, and costs by payer.

A portfolio is a row with dollars per year over all payers, one number per instrument in the order
of ``Instruments.ids``. A *side* determines which numbers may be above zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from abm.policies import Policy, policy_class, registry
from abm.scenario.policy_specs import PolicySpec
from agents.param import SettingError, check_name
from experiments.studies.optimise.horizons import PAYERS
from experiments.sweeps.design import full_programme

#: Levers on lawful movement (visas, ports of entry, trusted travellers, trade) and development.
LAWFUL = frozenset(
    ("visas", "visas_by_country", "visa_fee", "petitions", "port_officers", "port_booths")
    + ("truck_time", "toll", "trusted_travellers", "trusted_trucks", "validation")
    + ("governance", "growth", "jobs", "cash")
)
#: Menus: which instruments can be bought, by the reasons that they declare (`Policy.basis`).
MENUS = {
    "core": "instruments that the brief names or a government used before 2020, without the two "
    "that take the U.S. hearing away",
    "all": "core, remain_in_mexico and expulsion, which take the U.S. hearing away (2019-20)",
    "enforcement": "core, without instruments that act on lawful movement or development alone",
}
#: Sides and their descriptions.
SIDES = {
    "us_only": "the United States alone: instruments that do not need Mexico",
    "cooperative": "cooperation alone: instruments that need Mexico",
    "mixed": "both together: every instrument",
}
#: Accounts: ways to charge a portfolio against a budget.
ACCOUNTS = {
    "joint": "dollars of all payers together",
    "governments": "dollars of both governments, without the costs to port users",
    "us": "dollars of the U.S. government alone; Mexico adds at most as much again [A]",
}
#: [A] Maximum Mexican dollars per U.S. dollar if only U.S. dollars are counted. Without this bound,
#: any number of Mexican officers would be free of charge.
MATCH = 1.0
_COUNTED = {"joint": PAYERS, "governments": ("us", "mexico")}
_SMALL = 0.02  # smaller shares of a portfolio are set to 0
MILLION = 1e6  # $; portfolios and additions are rounded to whole millions


@dataclass(frozen=True)
class Instruments:
    """All instruments that can be bought. Arrays have shape (instruments,) in the order of ``ids``.

    Attributes:
        ids: policies.
        needs_mexico: whether the instrument needs Mexico's cooperation.
        payer_dollars: $ per year at dose 1, by payer, ordered like ``horizons.PAYERS``.
        high: maximum dose.
        on_menu: whether any side can buy the instrument.
    """

    ids: tuple[str, ...]
    needs_mexico: np.ndarray
    payer_dollars: Mapping[str, np.ndarray]
    high: np.ndarray
    on_menu: np.ndarray

    def __len__(self) -> int:
        """Return the number of instruments."""
        return len(self.ids)

    @cached_property
    def full_cost(self) -> np.ndarray:
        """Dollars per year at dose 1, all payers."""
        return np.sum([*self.payer_dollars.values()], axis=0)

    @cached_property
    def max_dollars(self) -> np.ndarray:
        """Dollars per year at the maximum dose, all payers."""
        return self.full_cost * self.high

    def allowed(self, side: str) -> np.ndarray:
        """Return which instruments a side can buy. Raise ``SettingError`` for an unknown side."""
        check_name("--side", side, SIDES)
        if side == "mixed":
            return self.on_menu
        return self.on_menu & (self.needs_mexico == (side == "cooperative"))

    def open_to(self, portfolios: np.ndarray, side: str) -> np.ndarray:
        """Return which portfolios (rows) a side can buy."""
        return ~(portfolios[:, ~self.allowed(side)].sum(axis=1) > 0.0)

    def charge(self, dollars: np.ndarray, account: str) -> np.ndarray:
        """Compute how much of a budget portfolios use.

        Under ``us``, a portfolio in which Mexico would pay more than ``MATCH`` times the dollars of
        the U.S. government is charged as if the U.S. dollars were raised to that ratio.

        Args:
            dollars: portfolios, shape (..., instruments).
            account: a value from ``ACCOUNTS``.

        Returns:
            $ per year, shape (...).
        """
        doses = dollars / self.full_cost
        if account in _COUNTED:  # these accounts are sums over payers
            return doses @ account_charge(self.payer_dollars, account)
        paid = {payer: doses @ full for payer, full in self.payer_dollars.items()}
        return account_charge(paid, account)

    def rounded(self, dollars: np.ndarray) -> np.ndarray:
        """Round portfolios down to whole millions within the maximum doses. Drop small amounts."""
        is_small = dollars < _SMALL * dollars.sum(axis=-1, keepdims=True)
        return np.minimum(
            np.floor(np.where(is_small, 0.0, dollars) / MILLION) * MILLION, self.max_dollars
        )

    def portfolio(self, dollars: Mapping[str, float]) -> np.ndarray:
        """Return a portfolio from dollars per year by instrument."""
        return np.array([dollars.get(name, 0.0) for name in self.ids])

    def by_instrument(self, row: np.ndarray) -> dict[str, float]:
        """Return a portfolio's $ per year by instrument, in descending order, without zeros."""
        dollars = [(name, float(x)) for name, x in zip(self.ids, row, strict=True) if x > 0.0]
        return dict(sorted(dollars, key=lambda pair: (-pair[1], pair[0])))

    def policy_specs(self, row: np.ndarray) -> tuple[PolicySpec, ...]:
        """Return a portfolio as policies for the whole run."""
        named = self.by_instrument(row)
        return tuple(
            PolicySpec(
                id=name,
                dollars=named[name],
                numbers=tuple(policy_class(name).without_us_part.items()),
            )
            for name in self.ids
            if name in named
        )

    def at_prices(
        self, numbers: Mapping[str, Mapping[str, float]]
    ) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
        """Return instrument parameters, and the factors on doses with which dollars do not change.

        Args:
            numbers: parameters that differ from the declared values, by policy and name.
        """
        by_name: dict[str, dict[str, float]] = {}
        doses: dict[str, float] = {}
        for name, declared in zip(self.ids, self.full_cost, strict=True):
            kind = policy_class(name)
            by_name[name] = {**numbers.get(name, {}), **kind.without_us_part}
            price = kind(dose=1.0, start=1, end=2, **by_name[name]).full_dollars
            if price != declared:
                # For an instrument without a cost the factor is large, so that it gets its maximum
                # dose.
                doses[name] = float(declared / max(price, 1.0))
        return {name: values for name, values in by_name.items() if values}, doses

    def payers(self, row: np.ndarray) -> dict[str, float]:
        """Return dollars per year by payer."""
        doses = row / self.full_cost
        return {payer: float(doses @ full) for payer, full in self.payer_dollars.items()}

    def scale_to_budget(self, row: np.ndarray, budget: float, account: str) -> np.ndarray:
        """Scale a portfolio by a common factor so that it uses a budget, within the maximum doses.

        The factor is computed by bisection, because the charge increases with the factor.

        Args:
            row: portfolio, shape (instruments,).
            budget: $ per year.
            account: a value from ``ACCOUNTS``.

        Returns:
            The scaled portfolio.
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
        """Return a portfolio multiplied by a factor, within the maximum doses."""
        return np.minimum(row * factor, self.max_dollars)


def account_charge(paid: Mapping[str, Any], account: str) -> Any:
    """Compute the charge on an account from each payer's dollars.

    Args:
        paid: dollars by payer (``us``, ``mexico``, ``users``), numbers or arrays of one shape.
        account: a value from ``ACCOUNTS``.

    Returns:
        Dollars in the shape of `paid`.
    """
    if account in _COUNTED:
        return sum(paid[payer] for payer in _COUNTED[account])
    return np.maximum(paid["us"], paid["mexico"] / MATCH)


def buyable(more: Sequence[str] = (), menu: str = "core") -> Instruments:
    """Return all registered instruments that cost dollars, ordered by arm and name.

    The columns do not depend on the menu. If the United States can buy a part of an instrument
    alone (agents' overtime, visas), the instrument is bought without this part.

    Args:
        more: further policies that can be bought, as ids or user-defined classes (module:Class).
        menu: key in `MENUS`.

    Raises:
        SettingError: a policy in `more` is invalid or costs nothing.
    """
    names = [*registry(), *more]
    full = {name: full_programme(name, "policies") for name in names}
    programmes = {name: replace(policy, **policy.without_us_part) for name, policy in full.items()}
    free = [name for name, policy in programmes.items() if policy.full_dollars <= 0.0]
    if refused := sorted({*free} & {*more}):
        hint = "Give a policy that costs dollars."
        raise SettingError("policies", f"{refused[0]} cannot be bought: it costs nothing", hint)
    ids = sorted({*names} - {*free}, key=lambda name: (programmes[name].needs_mexico, name))
    policies = [programmes[name] for name in ids]
    paid = [policy.dollars() for policy in policies]
    return Instruments(
        ids=tuple(ids),
        needs_mexico=np.array([policy.needs_mexico for policy in policies]),
        payer_dollars={
            payer: np.array([part.get(payer, 0.0) for part in paid]) for payer in PAYERS
        },
        high=np.array([policy.high for policy in policies]),
        on_menu=np.array([name in more or on_menu(programmes[name], menu) for name in ids]),
    )


def is_enforcement(policy: Policy | type[Policy]) -> bool:
    """Return whether an instrument acts on anything but lawful movement and development.

    Levers in `LAWFUL` are not enforcement. The rule does not depend on whether the instrument needs
    Mexico. Prosecution, checks at work and aid to police are enforcement. Accords are too, because
    they are bought without their visas.
    """
    return not {*policy.lever_names} <= LAWFUL


def on_menu(policy: Policy, menu: str) -> bool:
    """Return whether an instrument is on a menu. Announcements are on no menu."""
    if policy.basis == "event" or (menu == "enforcement" and not is_enforcement(policy)):
        return False
    return menu == "all" or policy.basis != "no hearing"


def largest_budget(instruments: Instruments, side: str) -> float:
    """Return the cost of all of a side's instruments at their maximum doses, $ per year."""
    largest = np.where(instruments.allowed(side), instruments.max_dollars, 0.0)
    return float(np.ceil(largest.sum() / MILLION) * MILLION)
