"""Yearly outcomes of a run, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.gauges import GAUGES
from abm.measures.definitions import OUTCOMES
from abm.measures.rates import event_counts, expected_deaths, rates, ratio
from agents.outcomes import Account, Event, Group

if TYPE_CHECKING:
    from abm.ledger import Ledger

_COUNTED = ("set_out", "apprehended_us", "apprehended_mexico", "turned_back", "kidnapped",
            "extorted", "returned_unscreened")
_RATES = ("apprehension_probability", "fee_mexican", "fee_northern_triangle", "debt_distress")
PAYERS = {"us": Account.US_TREASURY, "mexico": Account.MEXICO_TREASURY,
          "users": Account.HOUSEHOLDS}
_YEAR = 365.0


def outcomes(ledger: Ledger) -> dict[str, float]:
    """The outcomes of :data:`OUTCOMES`, per year of the recorded days."""
    years = max(ledger.day / _YEAR, 1e-9)
    counts = event_counts(ledger)
    e = counts.sum(axis=(1, 2)) / years
    answer = {name: float(e[Event[name.upper()]]) for name in _COUNTED}
    for group in Group:
        left = counts[Event.SET_OUT, group].sum() / years
        answer[f"departures_{group.name.lower()}"] = float(left)
    answer |= _entries(e) | _standing(ledger)
    rate = rates(ledger)
    answer |= {name: rate[name] for name in _RATES}
    stopped = sum(e[k] for k in (Event.APPREHENDED_US, Event.INADMISSIBLE, Event.TURNED_BACK))
    answer["depth_index"] = ratio(e[Event.APPREHENDED_MEXICO],
                                  e[Event.APPREHENDED_MEXICO] + stopped)
    answer["deaths"] = float(expected_deaths(ledger).sum()) / years
    drugs = float(ledger.money[Account.DRUG_BUYERS, Account.ORGANISATIONS])
    answer["smuggler_revenue"] = (float(ledger.fees[: ledger.day].sum()) + drugs) / years
    answer["dollars"] = sum(dollars(ledger).values()) / years
    return {name: answer[name] for name in OUTCOMES}


def _entries(e: np.ndarray) -> dict[str, float]:
    """Entries by kind, from yearly counts by event."""
    away = e[Event.GOT_AWAY_KNOWN] + e[Event.GOT_AWAY_UNDETECTED] + e[Event.PORT_ENTRY]
    return {
        "got_aways": float(away),
        "unlawful_entries": float(away + e[Event.RELEASED_US]),
        "port_entries": float(e[Event.PORT_ENTRY]),
        "legal_admissions": float(e[Event.ADMITTED] + e[Event.RELEASED_PORT]),
    }


def _standing(ledger: Ledger) -> dict[str, float]:
    """Means of gauges over the recorded days; NaN in a ledger without gauges."""
    shown = ledger.gauges[: ledger.day]
    if not shown.size:
        names = ("drugs_seized", "drugs_moved", "wait_travellers", "wait_trucks", "trade_delay")
        return dict.fromkeys(names, float("nan"))
    mean = dict(zip(GAUGES, shown.mean(axis=0).tolist(), strict=True))
    return {
        "drugs_seized": mean["seized_open_country"] + mean["seized_ports"],
        "drugs_moved": mean["drugs_open_country"] + mean["drugs_ports"],
        "wait_travellers": mean["wait_travellers"], "wait_trucks": mean["wait_trucks"],
        "trade_delay": mean["trade_delay"] * _YEAR,
    }


def dollars(ledger: Ledger) -> dict[str, float]:
    """What each payer spent on policies over the recorded days, $."""
    money = ledger.money
    return {name: float(money[account, Account.PROGRAMMES]) for name, account in PAYERS.items()}
