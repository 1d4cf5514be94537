"""Compute the yearly outcomes and the cost of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.measures.outcome_definitions import AVERTED, OUTCOMES
from abm.measures.rates import event_counts, expected_deaths, rates, ratio
from abm.phases.indicators import INDICATORS
from agents.outcomes import PAYERS, Account, Event, Group
from agents.param import param

if TYPE_CHECKING:
    from abm.ledger import Ledger

_COUNTED = (
    "set_out",
    "apprehended_us",
    "apprehended_mexico",
    "turned_back",
    "kidnapped",
    "extorted",
    "returned_unscreened",
)
_RATES = ("apprehension_probability", "fee_mexican", "fee_northern_triangle", "debt_distress")
_AWAY = [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED, Event.PORT_ENTRY]
_LEGAL = [Event.ADMITTED, Event.RELEASED_PORT, Event.GRANTED]
_YEAR = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountParams:
    """Discounting of later dollars and entries."""

    rate: float = param(
        0.03,
        unit="per year",
        low=0.0,
        high=0.1,
        doc="Discount on dollars and entries of later years in the price of an averted entry.",
        source="OMB Circular A-4 (2003), the lower of its two rates",
    )


def outcomes(ledger: Ledger) -> dict[str, float]:
    """Compute the outcomes in :data:`OUTCOMES` per year of the recorded days."""
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
    answer["depth_index"] = ratio(
        e[Event.APPREHENDED_MEXICO], e[Event.APPREHENDED_MEXICO] + stopped
    )
    answer["deaths"] = float(expected_deaths(ledger).sum()) / years
    drugs = float(ledger.money[Account.DRUG_BUYERS, Account.ORGANISATIONS])
    answer["smuggler_revenue"] = (float(ledger.fees[: ledger.day].sum()) + drugs) / years
    answer["dollars"] = sum(dollars(ledger).values()) / years
    return {name: float(answer[name]) for name in OUTCOMES}


def _entries(e: np.ndarray) -> dict[str, Any]:
    """Compute entries by type from counts by event, shape (events,) or (events, days)."""
    away = e[_AWAY].sum(axis=0)
    return {
        "got_aways": away,
        "unlawful_entries": away + e[Event.RELEASED_US],
        "port_entries": e[Event.PORT_ENTRY],
        "legal_admissions": e[_LEGAL].sum(axis=0),
    }


def indicator_means(ledger: Ledger) -> dict[str, float]:
    """Compute every indicator's mean over the recorded days, NaN without recorded values."""
    recorded = ledger.indicators[: ledger.day]
    if not recorded.size:
        return dict.fromkeys(INDICATORS, float("nan"))
    return dict(zip(INDICATORS, recorded.mean(axis=0).tolist(), strict=True))


def _standing(ledger: Ledger) -> dict[str, float]:
    """Compute the outcomes that are indicator means rather than event counts."""
    mean = indicator_means(ledger)
    return {
        "drugs_seized": mean["seized_open_country"] + mean["seized_ports"],
        "drugs_moved": mean["drugs_open_country"] + mean["drugs_ports"],
        "wait_travellers": mean["wait_travellers"],
        "wait_trucks": mean["wait_trucks"],
        "trade_delay": mean["trade_delay"] * _YEAR,
    }


def dollars(ledger: Ledger) -> dict[str, float]:
    """Compute net dollars by payer spent on policies over the recorded days."""
    return {name: float(days.sum()) for name, days in daily_spent(ledger).items()}


def dollars_unspent(ledger: Ledger) -> dict[str, float]:
    """Compute the planned dollars by payer that were not spent, over the recorded days.

    They are dollars for which an agency could not deliver: agents not yet hired, or a tempo above
    its limit.
    """
    return dict(zip(PAYERS, ledger.unspent[: ledger.day].sum(axis=0).tolist(), strict=True))


def daily_spent(ledger: Ledger) -> dict[str, np.ndarray]:
    """Compute net dollars by payer and recorded day."""
    money, bought = ledger.daily_money[: ledger.day], Account.PROGRAMMES
    return {
        name: money[:, account, bought] - money[:, bought, account]
        for name, account in PAYERS.items()
    }


def discounted(ledger: Ledger, rate: float = DiscountParams().rate) -> dict[str, float]:
    """Compute discounted sums of dollars and entries over the recorded days.

    A day weighs (1 + rate) to the power of minus the years since the first day. The price per
    averted entry is a difference in dollars divided by a difference in entries.

    Args:
        ledger: ledger of the run.
        rate: discount rate per year.

    Returns:
        Discounted totals: `dollars` (all payers) and each outcome in :data:`AVERTED`.
    """
    weight = (1.0 + rate) ** (-np.arange(ledger.day) / _YEAR)
    entries = _entries(ledger.events[: ledger.day].sum(axis=(2, 3)).T.astype(float))
    spent = sum(daily_spent(ledger).values())
    daily = {"dollars": spent} | {name: entries[name] for name in AVERTED.values()}
    return {name: float((weight * values).sum()) for name, values in daily.items()}
