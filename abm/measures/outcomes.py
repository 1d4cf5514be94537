"""Declarations of the yearly outcomes, and functions that compute them and the cost of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.measures.rates import daily_counts, event_counts, expected_deaths, rates, ratio
from abm.phases.indicators import INDICATORS
from agents.outcomes import PAYERS, Account, Event, Group
from agents.param import param

if TYPE_CHECKING:
    from abm.ledger import Ledger


#: Groups of measures, in display order.
GROUPS: dict[str, str] = {
    "entries": "Departures and entries",
    "enforcement": "Enforcement",
    "people": "Human costs",
    "organisations": "Organisations and drugs",
    "ports": "Ports and trade",
    "where": "Where people are stopped",
    "cost": "Cost",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """Definition of one outcome.

    Attributes:
        label, unit, doc: label, unit and description for tables.
        good: desired direction of change: 1, -1, or 0 for outcomes that are not judged.
        group: key in :data:`GROUPS`.
    """

    label: str
    unit: str
    doc: str
    good: int = 0
    group: str = ""

    @property
    def human(self) -> bool:
        """Whether the outcome is a human cost."""
        return self.group == "people"


_BY_GROUP: dict[str, dict[str, Measure]] = {
    "entries": {
        "got_aways": Measure(
            "Got away at the line",
            "persons per year",
            "People who entered the United States without being stopped, detected or not, between "
            "ports or hidden through one.",
            -1,
        ),
        "unlawful_entries": Measure(
            "All unlawful entries",
            "persons per year",
            "Got-aways, and people released after an apprehension or after detection at a port.",
            -1,
        ),
        "port_entries": Measure(
            "Hidden through ports",
            "persons per year",
            "Of the got-aways, those who passed a port hidden or with false papers.",
            -1,
        ),
        "legal_admissions": Measure(
            "Admitted legally",
            "persons per year",
            "People admitted through the legal channel, after asking for protection at a port, or "
            "after a hearing for which they waited in Mexico.",
            1,
        ),
        "set_out": Measure(
            "People who set out",
            "persons per year",
            "People who begin a first journey.",
        ),
        "departures_mexican": Measure(
            "Departures, Mexicans",
            "persons per year",
            "Mexicans who begin a first journey.",
        ),
        "departures_northern_triangle": Measure(
            "Departures, Northern Triangle",
            "persons per year",
            "People of the Northern Triangle who begin a first journey.",
        ),
    },
    "enforcement": {
        "apprehended_us": Measure(
            "Apprehended by the U.S.",
            "events per year",
            "Arrests by the Border Patrol between ports; one person can be counted several times.",
        ),
        "apprehended_mexico": Measure(
            "Stopped by Mexico",
            "events per year",
            "People stopped by Mexican authorities; nationals of Mexico travel lawfully there.",
        ),
        "turned_back": Measure(
            "Turned back at the line",
            "events per year",
            "People who went back into Mexico when detected.",
        ),
        "apprehension_probability": Measure(
            "Apprehension probability (true)",
            "probability",
            "Chance per attempt that an evader is apprehended; turn-backs are not counted.",
        ),
    },
    "people": {
        "deaths": Measure(
            "Deaths (expected)",
            "persons per year",
            "Expected deaths on the journey, in Mexico or at and behind the U.S. line: the sum of "
            "the risks of death, which is less noisy than random draws.",
            -1,
        ),
        "kidnapped": Measure(
            "Kidnappings",
            "events per year",
            "Kidnappings for ransom on the way through Mexico or while waiting there.",
            -1,
        ),
        "extorted": Measure(
            "Extorted by officers",
            "events per year",
            "People released by an officer in Mexico for money.",
            -1,
        ),
        "returned_unscreened": Measure(
            "Sent back without a hearing",
            "events per year",
            "People in need of protection who were returned without a hearing.",
            -1,
        ),
        "debt_distress": Measure(
            "Share left in debt",
            "share",
            "Share of the people who gave up who have a debt for the journey.",
            -1,
        ),
    },
    "organisations": {
        "fee_mexican": Measure(
            "Fee, Mexicans",
            "$ per contract",
            "Mean fee of a guided crossing for Mexicans.",
        ),
        "fee_northern_triangle": Measure(
            "Fee, Northern Triangle",
            "$ per contract",
            "Mean fee of a guided journey from the Northern Triangle.",
        ),
        "smuggler_revenue": Measure(
            "Revenue of organisations",
            "$ per year",
            "Fees paid by migrants.",
        ),
        "drugs_seized": Measure(
            "Hard drugs seized",
            "tonnes per year",
            "Hard drugs that both agencies find, between ports and at them.",
        ),
        "drugs_moved": Measure(
            "Hard drugs moved",
            "tonnes per year",
            "Hard drugs that organisations send over the line, found or not.",
            -1,
        ),
        "drugs_past_border": Measure(
            "Hard drugs past the border",
            "tonnes per year",
            "Hard drugs that arrive: moved less seized.",
            -1,
        ),
    },
    "ports": {
        "wait_travellers": Measure(
            "Wait of travellers",
            "minutes",
            "Mean wait of travellers at ports of entry, trusted lanes included.",
            -1,
        ),
        "wait_trucks": Measure(
            "Wait of trucks",
            "minutes",
            "Mean wait of trucks at ports of entry, trusted lanes included.",
            -1,
        ),
        "trade_delay": Measure(
            "Cost of delay in trade",
            "$ per year",
            "Truck hours lost at ports, in dollars.",
            -1,
        ),
    },
    "where": {
        "depth_index": Measure(
            "Stopped before the line",
            "share",
            "Share of all interdictions that happen in Mexico, before the U.S. line.",
        ),
    },
    "cost": {
        "dollars": Measure(
            "Cost of the policies",
            "$ per year",
            "Spending of both governments, and of users where they pay, beyond the base year, net "
            "of refunds.",
        ),
    },
}
OUTCOMES: dict[str, Measure] = {
    name: replace(measure, group=group)
    for group, measures in _BY_GROUP.items()
    for name, measure in measures.items()
}

#: Prices of a policy relative to a baseline. Tables always show :data:`BESIDE_PRICES` next to them.
PRICES: dict[str, Measure] = {
    "dollars_per_averted_entry": Measure(
        "Dollars per averted got-away",
        "$ per averted got-away",
        "Joint dollars per averted got-away at the line; dollars and got-aways are discounted.",
        group="cost",
    ),
    "dollars_per_averted_unlawful_entry": Measure(
        "Dollars per averted unlawful entry",
        "$ per averted unlawful entry",
        "Joint dollars per averted unlawful entry, including releases; the two prices can rank "
        "policies differently.",
        group="cost",
    ),
}
#: Outcomes that show how well policies reduce unlawful entries.
ENTRIES = ("got_aways", "unlawful_entries")
#: For each price, the outcome that counts the averted entries.
AVERTED = dict(zip(PRICES, ENTRIES, strict=True))
#: Human costs that count persons or events.
HUMAN_COSTS = ("deaths", "kidnapped", "extorted", "returned_unscreened")
#: Human costs in the order in which tables show them next to the prices.
BESIDE_PRICES = HUMAN_COSTS[::-1]


#: Outcomes that count the event with the same name. Monthly series exist for them.
MONTHLY_EVENTS = (
    "set_out",
    "apprehended_us",
    "apprehended_mexico",
    "kidnapped",
    "extorted",
    "returned_unscreened",
)
_COUNTED = (*MONTHLY_EVENTS, "turned_back")
_RATES = ("apprehension_probability", "fee_mexican", "fee_northern_triangle", "debt_distress")
_AWAY = [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED, Event.PORT_ENTRY]
_LEGAL = [Event.ADMITTED, Event.RELEASED_PORT, Event.GRANTED]
_YEAR = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountParams:
    """Rate at which later dollars and entries are discounted."""

    rate: float = param(
        0.03,
        unit="per year",
        high=0.1,
        doc="Discount on dollars and entries of later years in the price of an averted entry.",
        source="OMB Circular A-4 (2003), the lower of its two rates",
    )


def outcomes(ledger: Ledger) -> dict[str, float]:
    """Compute the outcomes in :data:`OUTCOMES` per year over the recorded days."""
    years = max(ledger.day / _YEAR, 1e-9)
    counts = event_counts(ledger)
    e = counts.sum(axis=(1, 2)) / years
    values = {name: float(e[Event[name.upper()]]) for name in _COUNTED}
    for group in Group:
        departures = counts[Event.SET_OUT, group].sum() / years
        values[f"departures_{group.name.lower()}"] = float(departures)
    values |= _entries(e) | _levels(ledger)
    rate = rates(ledger)
    values |= {name: rate[name] for name in _RATES}
    stopped = sum(e[k] for k in (Event.APPREHENDED_US, Event.INADMISSIBLE, Event.TURNED_BACK))
    values["depth_index"] = ratio(
        e[Event.APPREHENDED_MEXICO], e[Event.APPREHENDED_MEXICO] + stopped
    )
    values["deaths"] = float(expected_deaths(ledger).sum()) / years
    values["smuggler_revenue"] = float(ledger.fees[: ledger.day].sum()) / years
    values["dollars"] = sum(dollars(ledger).values()) / years
    return {name: float(values[name]) for name in OUTCOMES}


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
    """Compute the mean of every indicator over the recorded days, NaN if there are none."""
    recorded = ledger.indicators[: ledger.day]
    if not recorded.size:
        return dict.fromkeys(INDICATORS, float("nan"))
    return dict(zip(INDICATORS, recorded.mean(axis=0).tolist(), strict=True))


def _levels(ledger: Ledger) -> dict[str, float]:
    """Compute the outcomes that are means of indicators, not counts of events."""
    mean = indicator_means(ledger)
    seized = mean["seized_open_country"] + mean["seized_ports"]
    moved = mean["drugs_open_country"] + mean["drugs_ports"]
    return {
        "drugs_seized": seized,
        "drugs_moved": moved,
        "drugs_past_border": moved - seized,
        "wait_travellers": mean["wait_travellers"],
        "wait_trucks": mean["wait_trucks"],
        "trade_delay": mean["trade_delay"] * _YEAR,
    }


def dollars(ledger: Ledger) -> dict[str, float]:
    """Compute net dollars spent on policies over the recorded days, by payer."""
    return {name: float(days.sum()) for name, days in daily_spent(ledger).items()}


def dollars_unspent(ledger: Ledger) -> dict[str, float]:
    """Compute planned dollars that were not spent over the recorded days, by payer.

    Dollars remain unspent if an agency cannot deliver a request, for example because agents are not
    yet hired, or because the requested tempo is above the agency's limit.
    """
    return dict(zip(PAYERS, ledger.unspent[: ledger.day].sum(axis=0).tolist(), strict=True))


def daily_spent(ledger: Ledger) -> dict[str, np.ndarray]:
    """Compute net dollars spent on policies by recorded day and payer."""
    money, bought = ledger.daily_money[: ledger.day], Account.PROGRAMMES
    return {
        name: money[:, account, bought] - money[:, bought, account]
        for name, account in PAYERS.items()
    }


def discounted(ledger: Ledger, rate: float = DiscountParams().rate) -> dict[str, float]:
    """Compute discounted sums over the recorded days, for dollars and entries.

    A day's weight is (1 + rate) ** (-years since the first day). The price of an averted entry is
    the difference in discounted dollars, divided by the difference in discounted entries.

    Args:
        ledger: ledger of a run.
        rate: discount rate per year.

    Returns:
        Discounted totals: `dollars` over all payers, and each outcome in :data:`AVERTED`.
    """
    weight = (1.0 + rate) ** (-np.arange(ledger.day) / _YEAR)
    entries = _entries(daily_counts(ledger).T.astype(float))
    spent = sum(daily_spent(ledger).values())
    daily = {"dollars": spent} | {name: entries[name] for name in AVERTED.values()}
    return {name: float((weight * values).sum()) for name, values in daily.items()}
