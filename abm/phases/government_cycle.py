"""Affairs of state: once a month aid and the countries of origin, once a quarter both
governments and their strategy, twice a year the verification of Mexico's effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.labels import AREAS, COUNTRIES
from agents.outcomes import Account, Event

if TYPE_CHECKING:
    from abm.model import BorderModel

_TAKERS = [Account.CRIMINAL_GROUPS, Account.OFFICIALS]  # in Mexico, of migrants' money
_ORGANISATIONS = Account.ORGANISATIONS
QUARTERS, HALF_YEARS = (1, 4, 7, 10), (1, 7)


class GovernmentCycle:
    """What was counted since governments last looked.

    Attributes:
        revenue: criminal revenue of the running month by country of agents.labels.COUNTRIES, $.
        kidnapped, intercepted: events of the last twelve months, by month.
    """

    def __init__(self, model: BorderModel) -> None:
        """Nothing is counted yet."""
        self.revenue = np.zeros(len(COUNTRIES))
        self.seen = np.zeros(4)  # of the running quarter, by criterion of agents.labels.CRITERIA
        self.kidnapped: list[float] = []
        self.intercepted: list[float] = []
        self.earned: list[float] = []
        self._month = np.zeros(2)  # kidnapped, intercepted
        self._base = np.zeros(3)  # a month of the base year: kidnapped, intercepted, revenue
        self._north = _shares(model)

    def count(self, model: BorderModel, by_group: np.ndarray) -> None:
        """Daily: add up what criminals earned and what agencies saw.

        Args:
            model: whose day is over.
            by_group: persons by event and group.
        """
        day_tallies, trade = model.ledger.day_tallies[0], model.market.trade
        events = by_group.sum(axis=1)
        fees, money = day_tallies["fees"], day_tallies["money"]
        self.revenue[:-1] += fees[1] * self._north
        taken = int(money[:, _TAKERS].sum()) + int(money[Account.DRUG_BUYERS, _ORGANISATIONS])
        self.revenue[-1] += fees[0] + taken
        # by expectation: that a coarse run draws few kidnappings is no business of governments
        self._month += (float(day_tallies["expected_kidnaps"]), events[Event.APPREHENDED_MEXICO])
        self.seen += (
            events[Event.APPREHENDED_US],
            events[Event.GOT_AWAY_KNOWN],
            day_tallies["expected_deaths"].sum(),
            float(trade.seized.sum()) / 365.0,
        )

    def turn(self, model: BorderModel) -> None:
        """On the first of a month: everything that is due then."""
        date, ports = model.date, model.ports
        drag = ports.trade_delay_dollars / max(ports.base_trade_delay_dollars, 1e-9) - 1.0
        model.countries.month(self.revenue, drag if model.recording else 0.0)
        model.supply.driven[: len(COUNTRIES)] = model.countries.factor
        self._close_month(model)
        model.aid.month()
        _equip(model)
        if date.month in QUARTERS:
            model.strategy.quarter(self.seen)
            self.seen = np.zeros(4)
            self._negotiate(model)
        if date.month in HALF_YEARS and model.recording:
            lapsed = round(model.aid.half_year(self._over_base(self.intercepted[-6:], 1)))
            model.pay(Account.PROGRAMMES, Account.US_TREASURY, lapsed)

    def _close_month(self, model: BorderModel) -> None:
        self.kidnapped.append(float(self._month[0]))
        self.intercepted.append(float(self._month[1]))
        self.earned.append(float(self.revenue.sum()))
        for series in (self.kidnapped, self.intercepted, self.earned):
            del series[:-12]
        if not model.recording:
            self._base = np.array(
                [np.mean(s) for s in (self.kidnapped, self.intercepted, self.earned)]
            )
        self._month, self.revenue = np.zeros(2), np.zeros(len(COUNTRIES))

    def _over_base(self, series: list[float], which: int) -> float:
        base = float(self._base[which])
        return float(np.mean(series)) / base if series and base > 0.0 else 1.0

    def _negotiate(self, model: BorderModel) -> None:
        """What cooperation costs Mexico and brings it, for both governments to look at."""
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
        model.governments.quarter(
            paid,
            aid,
            in_force=force,
            kidnappings_averted=12.0 * float(self._base[0] - np.mean(self.kidnapped)),
            revenue_averted=12.0 * float(self._base[2] - np.mean(self.earned)),
        )


def _equip(model: BorderModel) -> None:
    """What delivered aid bought is in the hands of Mexico's officers."""
    forces, aid = model.forces, model.aid
    forces.equipment, forces.pay, forces.trainers = aid.equipment, aid.pay, aid.trainers


def _shares(model: BorderModel) -> np.ndarray:
    """Share of the foreign candidates by country of the Northern Triangle."""
    homes = model.homes
    share = np.array(
        [
            sum(
                s
                for s, c, g in zip(homes.share, homes.country, homes.group, strict=True)
                if g > 0 and c == country
            )
            for country in COUNTRIES[:-1]
        ]
    )
    return share / max(float(share.sum()), 1e-12)
