"""Governments' decisions by month, quarter and half-year.

Each month, aid is delivered and the origin countries change. Each quarter, both governments
negotiate and review their strategy. Each half-year, the United States verifies Mexico's effort. A
strategic Mexico chooses its effort each quarter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.supply import drivers_of
from agents.governments import MEXICO, US, Government, Offer, Talks
from agents.labels import AREAS, COUNTRIES
from agents.outcomes import Account, Kind

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.supply import Communities

QUARTERS, HALF_YEARS = (1, 4, 7, 10), (1, 7)
HALF_YEAR = 6  # months


class GovernmentCycle:
    """Totals that enter governments' monthly, quarterly and half-yearly decisions.

    Attributes:
        revenue: criminal revenue in the current month, $, by country in agents.labels.COUNTRIES.
        quarter: totals in the current quarter by criterion in agents.labels.CRITERIA.
        kidnapped, intercepted: persons in each of the last twelve months.
        earned: criminal revenue in each of the last twelve months, $.
    """

    def __init__(self, homes: Communities, record: np.ndarray) -> None:
        """Start without past months, and compute each country's share of the fees.

        Args:
            homes: origin communities, whose candidates determine the countries' shares.
            record: sums over the month and the quarter, one record of dtype
                :data:`abm.phases.flow_history.HISTORY`.
        """
        record["fee_share"] = _country_shares(homes)
        self._record, self.revenue = record, record["revenue"][0]
        self.kidnapped: list[float] = []
        self.intercepted: list[float] = []
        self.earned: list[float] = []
        self._base = np.zeros(3)  # base-year monthly means: kidnapped, intercepted, revenue
        self._base_intercepted = np.full(12, np.nan)  # base-year persons by calendar month
        # True where a community is in a country, shape (countries, communities)
        belongs = np.array(COUNTRIES)[:, None] == np.array(homes.country, str)
        self._belongs = belongs.astype(float)
        sums = (record[name][0] for name in ("settled", "released", "quarter"))
        self._settled, self._released, self.quarter = sums

    @property
    def settled(self) -> np.ndarray:
        """Persons who settled in the current month, shape (countries,)."""
        return self._belongs @ self._settled[: self._belongs.shape[1]]

    @property
    def released(self) -> np.ndarray:
        """Persons who were released in the current month, shape (countries, kinds)."""
        return self._belongs @ self._released[: self._belongs.shape[1]]

    def advance_month(self, model: BorderModel) -> None:
        """Make the decisions that are due on the first day of a month."""
        date, ports = model.date, model.ports
        drag = ports.trade_delay_dollars / max(ports.base_trade_delay_dollars, 1e-9) - 1.0
        model.countries.advance_month(self.revenue, drag if model.recording else 0.0)
        self._move_supply(model)
        self._close_month(model)
        model.aid.advance_month()
        _equip(model)
        if date.month in QUARTERS:
            model.strategy.advance_quarter(self.quarter)
            self.quarter.fill(0.0)
            self._negotiate(model)
        if date.month in HALF_YEARS and model.recording:
            lapsed = round(model.aid.advance_half_year(self._effort(date.month)))
            model.pay(Account.PROGRAMMES, Account.US_TREASURY, lapsed)
        if model.recording:
            self._set_mexican_effort(model)

    def _set_mexican_effort(self, model: BorderModel) -> None:
        """Advance Mexico's effort by a month: fatigue, verdict, choice of effort, and payment."""
        mexico, aid, month = model.governments.mexico, model.aid, model.date.month
        mexico.advance_month(model.settings.mexico.fatigue_half_life)
        if month in HALF_YEARS:
            mexico.learn_verdict(refused=aid.refused, target=aid.params.effort_target)
        if month in QUARTERS:
            officers = model.forces.officers
            mexico.choose_effort(Offer(aid.tranche, aid.params.effort_target, aid.error, officers))
        spent = round(mexico.effort_dollars(model.forces.officers) / 12.0)
        model.pay(Account.MEXICO_TREASURY, Account.PROGRAMMES, spent)

    def _move_supply(self, model: BorderModel) -> None:
        """Advance the supply terms by a month, and reset the counts on which they depend."""
        model.supply.terms.advance_month(
            model.date,
            self.settled + self.released.sum(axis=1),
            self.released[:, [Kind.FAMILY, Kind.CHILD]].sum(axis=1),
            drivers_of(model.settings.world),
            model.keyed_random,
            recording=model.recording,
        )
        model.supply.set_drivers(model.countries.factor)
        self._settled.fill(0)
        self._released.fill(0)

    def _close_month(self, model: BorderModel) -> None:
        """Append the month's totals to the series and reset them.

        During the warm-up, also update the means over the base year.
        """
        self.kidnapped.append(float(self._record["kidnapped"][0]))
        self.intercepted.append(float(self._record["intercepted"][0]))
        self.earned.append(float(self.revenue.sum()))
        series = self.kidnapped, self.intercepted, self.earned
        for months in series:
            del months[:-12]
        if not model.recording:
            self._base = np.array([np.mean(months) for months in series])
        if model.today <= model.calendar.first_day:  # This month belongs to the warm-up.
            self._base_intercepted[model.date.month - 2] = self.intercepted[-1]
        for name in ("kidnapped", "intercepted", "revenue"):
            self._record[name] = 0.0

    def _effort(self, month: int) -> float:
        """Return the last half-year's interceptions, divided by the same base-year months.

        A calendar month that the warm-up lacks is replaced by the mean base-year month.

        Args:
            month: number of the current month.

        Returns:
            Ratio, or 1 if the base-year months had no interceptions.
        """
        base = [self._base_intercepted[month - 1 - back] for back in range(HALF_YEAR, 0, -1)]
        base = np.where(np.isnan(base), self._base[1], base)[-len(self.intercepted) :]
        total = float(base.sum())
        return sum(self.intercepted[-HALF_YEAR:]) / total if total > 0.0 else 1.0

    def _negotiate(self, model: BorderModel) -> None:
        """Let both governments negotiate, given today's costs and benefits of cooperation."""
        if not model.recording:
            return
        paid, aid, force = np.zeros(len(AREAS)), np.zeros(len(AREAS)), np.zeros(len(AREAS), bool)
        left = 1.0 - min(1.0, float(model.levers.no_cooperation[0]))
        for policy in model.policies:
            if left > 0.0 and policy.needs_mexico and policy.active(model.today):
                k, dollars = AREAS.index(policy.area), policy.dollars()
                paid[k] += left * dollars.get("mexico", 0.0)
                aid[k] += left * dollars.get("us", 0.0)
                force[k] = True
        talks = Talks(
            {US: aid, MEXICO: paid},
            force,
            kidnappings_averted=12.0 * float(self._base[0] - np.mean(self.kidnapped)),
            revenue_averted=12.0 * float(self._base[2] - np.mean(self.earned)),
        )
        model.register_of(Government).do("negotiate", talks)


def _equip(model: BorderModel) -> None:
    """Pass on to Mexico's officers the equipment, pay and trainers that aid has bought."""
    forces, aid = model.forces, model.aid
    forces.equipment = aid.equipment
    forces.half_bribe_rise = aid.half_bribe_rise
    forces.trainers = aid.trainers


def _country_shares(homes: Communities) -> np.ndarray:
    """Return each Northern Triangle country's share of foreign candidates."""
    by_country = dict.fromkeys(COUNTRIES[:-1], 0.0)
    for share, country, group in zip(homes.share, homes.country, homes.group, strict=True):
        if group > 0 and country in by_country:
            by_country[country] += share
    shares = np.array(list(by_country.values()))
    return shares / max(float(shares.sum()), 1e-12)
