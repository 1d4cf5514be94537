"""Gauges: what stands, rather than happens, on a day. Read once in the evening and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.labels import AREAS, COUNTRIES, GROUPS

if TYPE_CHECKING:
    from abm.model import BorderModel
    from agents.smugglers import Market

#: Name and unit, in the order of the record.
GAUGES: dict[str, str] = {
    "wait_trusted_travellers": "minutes", "wait_ordinary_travellers": "minutes",
    "wait_trusted_trucks": "minutes", "wait_ordinary_trucks": "minutes",
    "wait_travellers": "minutes", "wait_trucks": "minutes",
    "wait_dollars": "$ a day", "trade_delay": "$ a day", "tolls": "$ a day",
    "drugs_open_country": "tonnes a year", "drugs_ports": "tonnes a year",
    "seized_open_country": "tonnes a year", "seized_ports": "tonnes a year",
    "mix_people": "share of cells", "organisations": "organisations", "cells": "cells",
    "concentration": "index", "revenue_ratio": "ratio to the base year",
    "competence": "share", "integrity": "share", "mexican_officers": "officers",
    "aid_delivered": "$ so far", "aid_undelivered": "$",
    **{f"state_failure_{c.lower()}": "index" for c in COUNTRIES},
    **{f"supply_{c.lower()}": "ratio to the base year" for c in COUNTRIES},
    **{f"cooperation_{area}": "share" for area in AREAS},
    **{f"legal_queue_{group}": "persons" for group in GROUPS},
}


def _cells(market: Market) -> int:
    """Cells of all organisations."""
    return sum(len(agent.cells) for agent in market.agents.values())


def _people(market: Market) -> float:
    """Share of all cells that work with people."""
    cells = {slot: len(agent.cells) for slot, agent in market.agents.items()}
    total = sum(cells.values())
    busy = sum(n * market.book["mix"][slot, 0] for slot, n in cells.items())
    return float(busy / total) if total else 1.0


def read(model: BorderModel) -> np.ndarray:
    """Today's figures, in the order of :data:`GAUGES`."""
    ports, market, forces = model.ports, model.market, model.forces
    trade, queue = market.trade, model.ledger.books[0]["tickets"] - model.rules[0]["legal_served"]
    return np.array([
        *ports.mean_wait(), *ports.wait_of_all(), ports.wait_dollars, ports.trade_delay_dollars,
        ports.tolls,
        trade.volume[1], trade.volume[2], trade.seized[1], trade.seized[2],
        _people(market), len(market.agents), _cells(market), market.concentration(),
        market.revenue_ratio,
        forces.competence, forces.integrity, forces.heads,
        model.aid.delivered, model.aid.undelivered,
        *model.countries.failure, *model.countries.factor,
        *model.governments.vector, *queue,
    ])
