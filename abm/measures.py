"""Measures: from the ledger's counts to rates and yearly figures. Pure functions.

Truth and what an agency would see stand side by side where they differ.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.world.vocabulary import SECTORS
from agents.outcomes import Account, Event, Group, Kind

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.model import BorderModel

MEXICAN, FOREIGN = Group.MEXICAN, Group.NORTHERN_TRIANGLE


@dataclass(frozen=True, slots=True)
class Measure:
    """One outcome: label, unit, meaning; `good` is the wished direction, 0 if there is none."""

    label: str
    unit: str
    doc: str
    good: int = 0
    human: bool = False


OUTCOMES: dict[str, Measure] = {
    "got_aways": Measure(
        "Evading entries (got-aways)", "persons a year",
        "People who entered the United States without being stopped, seen or unseen.", -1),
    "unlawful_entries": Measure(
        "All unlawful entries", "persons a year",
        "Got-aways and people released after an apprehension.", -1),
    "set_out": Measure(
        "People who set out", "persons a year", "People who begin a first journey."),
    "apprehended_us": Measure(
        "Apprehensions, United States", "events a year",
        "Arrests by the Border Patrol between ports; one person can be counted several times."),
    "apprehended_mexico": Measure(
        "Apprehensions, Mexico", "events a year",
        "People whom Mexican authorities stopped; nationals of Mexico travel lawfully there."),
    "turned_back": Measure(
        "Turned back at the line", "events a year", "People who went back into Mexico when seen."),
    "deaths": Measure(
        "Deaths (expected)", "persons a year",
        "People who can be expected to die on the way, in Mexico or at and behind the U.S. line: "
        "the sum of the risks people ran, which is less noisy than deaths drawn.", -1, True),
    "kidnapped": Measure(
        "Kidnappings", "events a year", "Kidnappings for ransom on the way through Mexico.",
        -1, True),
    "extorted": Measure(
        "Extortion by officers", "events a year",
        "People whom an officer in Mexico let go for money.", -1, True),
    "returned_unscreened": Measure(
        "Returned unscreened", "events a year",
        "People in need of protection who were returned without being heard.", -1, True),
    "fee_mexican": Measure(
        "Fee, Mexicans", "$ per contract", "Mean fee of a guided crossing for Mexicans."),
    "fee_northern_triangle": Measure(
        "Fee, Northern Triangle", "$ per contract",
        "Mean fee of a guided journey from the Northern Triangle."),
    "smuggler_revenue": Measure(
        "Revenue of organisations", "$ a year", "Fees paid to smuggling organisations."),
    "apprehension_probability": Measure(
        "Apprehension probability (true)", "probability",
        "Chance per attempt that an evader is apprehended; turn-backs are not counted."),
    "dollars": Measure(
        "Cost of the policies", "$ a year", "What both governments pay beyond the base year."),
}


def ratio(a: float | np.integer, b: float | np.integer) -> float:
    """`a / b`, NaN where there is nothing to divide by."""
    return float(a) / float(b) if b else float("nan")


def event_counts(ledger: Ledger) -> np.ndarray:
    """Persons by event, group and kind over the recorded days."""
    return ledger.events[: ledger.day].sum(axis=0)


def rates(ledger: Ledger) -> dict[str, float]:
    """Rates over the recorded days, each named as in the field.

    `interdiction_effectiveness` is what the agency reports, with known got-aways only;
    `apprehension_probability` is the truth for evaders; `apprehension_probability_rtm` is the
    repeated-trials estimate from evaders' first and second attempts.
    """
    n = event_counts(ledger)
    by_group = n.sum(axis=2)
    e = n.sum(axis=(1, 2))
    evaders_caught = e[Event.APPREHENDED_US] - e[Event.SURRENDERED]
    got_away = e[Event.GOT_AWAY_KNOWN] + e[Event.GOT_AWAY_UNDETECTED]
    stopped = e[Event.APPREHENDED_US] + e[Event.TURNED_BACK]
    foreign_us = by_group[Event.APPREHENDED_US, FOREIGN]
    foreign_mx = by_group[Event.APPREHENDED_MEXICO, FOREIGN]
    deaths_line = expected_deaths(ledger)[: len(SECTORS)].sum()
    first = e[Event.FIRST_APPREHENSION_FY]
    answer = {
        "apprehension_probability": ratio(evaders_caught, evaders_caught + got_away),
        "apprehension_probability_rtm": ratio(e[Event.EVADER_RETRY_CAUGHT],
                                              e[Event.EVADER_RETRIED]),
        "interdiction_effectiveness": ratio(stopped, stopped + e[Event.GOT_AWAY_KNOWN]),
        "entries_per_apprehension": ratio(got_away, e[Event.APPREHENDED_US]),
        "turn_backs_per_apprehension": ratio(e[Event.TURNED_BACK], e[Event.APPREHENDED_US]),
        "recidivism": ratio(e[Event.REPEAT_APPREHENSION_FY], first),
        "mexico_share": ratio(foreign_mx, foreign_mx + foreign_us),
        "set_out_share": ratio(e[Event.SET_OUT], e[Event.CANDIDATES]),
        "deaths_per_10000_apprehensions": ratio(1e4 * deaths_line, e[Event.APPREHENDED_US]),
        "guided_within_30_days": ratio(e[Event.GUIDED_DONE_30], e[Event.GUIDED_DONE]),
        "children_and_families_share": ratio(
            n[Event.APPREHENDED_US, :, Kind.FAMILY:].sum(), e[Event.APPREHENDED_US]),
        "overflow_share": ratio(e[Event.OVERFLOW_RELEASE], foreign_us),
    }
    for group in Group:
        name = group.name.lower()
        answer[f"smuggler_use_{name}"] = ratio(by_group[Event.GUIDED_TRIP, group],
                                               by_group[Event.TRIP, group])
        answer[f"fee_{name}"] = ratio(ledger.fees[: ledger.day, group].sum(),
                                      ledger.contracts[: ledger.day, group].sum())
    return answer


def expected_deaths(ledger: Ledger) -> np.ndarray:
    """Expected deaths over the recorded days by sector; last entry: the way through Mexico."""
    return ledger.expected_deaths[: ledger.day].sum(axis=0)


def outcomes(ledger: Ledger) -> dict[str, float]:
    """The outcomes of :data:`OUTCOMES`, per year of the recorded days."""
    years = ledger.day / 365.0
    e = event_counts(ledger).sum(axis=(1, 2)) / max(years, 1e-9)
    rate = rates(ledger)
    known, unseen = e[Event.GOT_AWAY_KNOWN], e[Event.GOT_AWAY_UNDETECTED]
    answer = {name: float(e[Event[name.upper()]]) for name in (
        "set_out", "apprehended_us", "apprehended_mexico", "turned_back", "kidnapped",
        "extorted", "returned_unscreened")}
    answer["deaths"] = float(expected_deaths(ledger).sum()) / max(years, 1e-9)
    answer["got_aways"] = float(known + unseen)
    answer["unlawful_entries"] = float(known + unseen + e[Event.RELEASED_US])
    answer["apprehension_probability"] = rate["apprehension_probability"]
    for name in ("fee_mexican", "fee_northern_triangle"):
        answer[name] = rate[name]
    answer["smuggler_revenue"] = float(ledger.fees[: ledger.day].sum()) / max(years, 1e-9)
    spent = dollars(ledger)
    answer["dollars"] = sum(spent.values()) / max(years, 1e-9)
    return {name: answer[name] for name in OUTCOMES}


def dollars(ledger: Ledger) -> dict[str, float]:
    """What each payer spent on policies over the recorded days, $."""
    money = ledger.money
    payers = {"us": Account.US_TREASURY, "mexico": Account.MEXICO_TREASURY,
              "users": Account.HOUSEHOLDS}
    return {name: float(money[account, Account.PROGRAMMES]) for name, account in payers.items()}


def sector_shares(ledger: Ledger) -> dict[str, dict[str, float]]:
    """Share of apprehensions by sector, for each group."""
    counts = ledger.by_sector[Event.APPREHENDED_US]
    return {
        group.name.lower(): {
            name: ratio(counts[s, group], counts[:, group].sum()) for s, name in enumerate(SECTORS)
        }
        for group in Group
    }


def interceptions_by_state(model: BorderModel) -> dict[str, float]:
    """Mexico's apprehensions by state, persons over the recorded days."""
    answer: dict[str, float] = {}
    for leg, count in enumerate(model.ledger.flow[:, 2]):
        if count:
            state = model.world.admin[model.world.head[leg]]
            answer[state] = answer.get(state, 0.0) + float(count)
    return dict(sorted(answer.items(), key=lambda item: -item[1]))


def deaths_per_apprehension(ledger: Ledger) -> dict[str, float]:
    """Expected deaths per 10,000 apprehensions by sector."""
    counts = ledger.by_sector[Event.APPREHENDED_US].sum(axis=1)
    deaths = expected_deaths(ledger)
    return {
        name: ratio(1e4 * deaths[s], counts[s]) for s, name in enumerate(SECTORS)
    }


def months(start: datetime.date, days: int) -> tuple[list[str], np.ndarray]:
    """Calendar months of a run and the month of each day."""
    dates = [start + datetime.timedelta(days=d) for d in range(days)]
    names = [d.strftime("%Y-%m") for d in dates]
    order = list(dict.fromkeys(names))
    return order, np.array([order.index(n) for n in names])


def monthly(ledger: Ledger, start: datetime.date) -> tuple[list[str], dict[str, np.ndarray]]:
    """Persons a month by outcome over the recorded days."""
    names, index = months(start, ledger.day)
    e = ledger.events[: ledger.day].sum(axis=(2, 3))
    by_group = ledger.events[: ledger.day].sum(axis=3)

    def add(column: np.ndarray) -> np.ndarray:
        return np.bincount(index, column, len(names))

    away = e[:, Event.GOT_AWAY_KNOWN] + e[:, Event.GOT_AWAY_UNDETECTED]
    series = {name: add(e[:, Event[name.upper()]]) for name in (
        "set_out", "apprehended_us", "apprehended_mexico", "kidnapped", "returned_unscreened")}
    series["deaths"] = add(ledger.expected_deaths[: ledger.day].sum(axis=1))
    series["got_aways"] = add(away)
    series["unlawful_entries"] = add(away + e[:, Event.RELEASED_US])
    series["apprehended_us_northern_triangle"] = add(by_group[:, Event.APPREHENDED_US, FOREIGN])
    series["apprehended_us_mexican"] = add(by_group[:, Event.APPREHENDED_US, MEXICAN])
    return names, series
