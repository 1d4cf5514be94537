"""Daily indicators: levels at the end of a day, such as waits, prices and the number of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.drug_params import AT_PORTS, HARD, MARIJUANA
from agents.labels import AREAS, COUNTRIES, GROUPS
from agents.outcomes import GROUP_OF_NATION

if TYPE_CHECKING:
    from abm.model import BorderModel

_MEXICO = COUNTRIES.index("MX")

#: Unit of each indicator, in the same order as the ledger's columns.
INDICATORS: dict[str, str] = {
    "wait_trusted_travellers": "minutes",
    "wait_ordinary_travellers": "minutes",
    "wait_trusted_trucks": "minutes",
    "wait_ordinary_trucks": "minutes",
    "wait_travellers": "minutes",
    "wait_trucks": "minutes",
    "wait_dollars": "$ a day",
    "trade_delay": "$ a day",
    "tolls": "$ a day",
    "drugs_open_country": "tonnes per year",
    "drugs_ports": "tonnes per year",
    "seized_open_country": "tonnes per year",
    "seized_ports": "tonnes per year",
    "marijuana_moved": "tonnes per year",
    "marijuana_seized": "tonnes per year",
    "marijuana_seized_ports": "tonnes per year",
    "drug_price": "ratio to the base year",
    "organisations": "organisations",
    "cells": "cells",
    "concentration": "index",
    "revenue_ratio": "ratio to the base year",
    "competence": "share",
    "integrity": "share",
    "mexican_officers": "officers",
    "aid_delivered": "$ so far",
    "aid_undelivered": "$",
    **{f"state_failure_{c.lower()}": "index" for c in COUNTRIES},
    **{f"supply_{c.lower()}": "ratio to the base year" for c in COUNTRIES},
    **{f"income_{c}": "ratio to the base year" for c in ("mx", "us")},
    **{f"cooperation_{area}": "share" for area in AREAS},
    **{f"legal_queue_{group}": "persons" for group in GROUPS},
}


class IndicatorReader:
    """Reads a model's indicators, and renews weekly and monthly values only when they change.

    Attributes:
        latest: latest values in the order of :data:`INDICATORS`.
    """

    def __init__(self) -> None:
        """Start with zeros, which the first recorded day replaces."""
        self.latest = np.zeros(len(INDICATORS))

    def read(self, model: BorderModel) -> np.ndarray:
        """Return today's values in the order of :data:`INDICATORS`. The array is reused."""
        levels, day = self.latest, model.ports.kernel_params[0]
        ledger, forces = model.ledger, model.forces
        levels[:4], levels[4:6] = day["mean_wait"], day["mean_wait_by_mode"]
        levels[6:9] = day["wait_dollars"], day["trade_delay_dollars"], day["tolls"]
        levels[_FORCES : _FORCES + 3] = forces.competence, forces.integrity, forces.heads
        waiting = ledger.day_tallies["tickets"][0] - model.kernel_params["legal_served"][0]
        levels[-len(GROUPS) :] = np.bincount(GROUP_OF_NATION, waiting, len(GROUPS))
        if ledger.day == 0 or model.weekly:
            levels[_MARKET] = _market(model)
        if ledger.day == 0 or model.date.day == 1:
            aid, countries = model.aid, model.countries
            levels[_STATE] = (
                *(aid.delivered, aid.undelivered, *countries.failure, *countries.factor),
                *(countries.income[_MEXICO], countries.us_income),
                *model.governments.cooperation.values(),
            )
        return levels


def _market(model: BorderModel) -> tuple[float, ...]:
    """Return the indicators from `drugs_open_country` to `revenue_ratio`, in that order."""
    market, drugs = model.market, model.drugs
    number = sum(map(len, market.cells.values()))
    shipped, seized = drugs.sent.sum(axis=0), drugs.seized.sum(axis=0)
    hard, marijuana, stopped, other = *shipped.sum(axis=1), *seized.sum(axis=1)
    through_ports, *at_ports = (each[AT_PORTS].sum() for each in (shipped[HARD], *seized))
    return (
        *(hard - through_ports, through_ports, stopped - at_ports[HARD], at_ports[HARD]),
        *(marijuana, other, at_ports[MARIJUANA], drugs.price[HARD]),
        *(len(market.agents), number, market.concentration(), market.revenue_ratio),
    )


def _span(first: str, last: str) -> slice:
    """Return the slice that selects the indicators from `first` to `last`, both included."""
    names = list(INDICATORS)
    return slice(names.index(first), names.index(last) + 1)


_MARKET = _span("drugs_open_country", "revenue_ratio")
_FORCES = list(INDICATORS).index("competence")
_STATE = _span("aid_delivered", f"cooperation_{AREAS[-1]}")
