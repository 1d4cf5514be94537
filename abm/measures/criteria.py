"""Criteria of progress: what to look at, each defined once, the truth beside what is seen.

Some criteria are what an agency can know and publish (`seen`); beside each of these stands the
truth that it is meant for, which only a model knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.gauges import GAUGES
from abm.measures.control import TARGETS, dollars_for_control
from abm.measures.outcomes import outcomes
from abm.measures.places import interceptions_by_depth
from abm.measures.rates import event_counts, expected_deaths, rates, ratio
from abm.world.vocabulary import SECTORS
from agents.outcomes import Event

if TYPE_CHECKING:
    from abm.model import BorderModel

_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: label, unit, meaning, whether an agency sees it, and what it stands for."""

    label: str
    unit: str
    doc: str
    seen: bool = False
    truth: str = ""  # of what is seen: the criterion that it is meant to measure


def _control(q: float) -> Criterion:
    return Criterion(
        f"Dollars to apprehend {q:.0%} of evaders", "$ a year",
        "What further agents would cost until so many evaders are apprehended at an attempt, "
        "before people and fees adapt; not a number where no number of agents is enough.")


CRITERIA: dict[str, Criterion] = {
    "got_aways_undetected": Criterion(
        "Entries unseen", "persons a year", "People who entered between ports and were not seen."),
    "got_aways_known": Criterion(
        "Known got-aways", "persons a year",
        "People who were seen to enter between ports and not stopped.", True, "got_aways"),
    "port_entries": Criterion(
        "Entries hidden through ports", "persons a year",
        "People who passed a port hidden or with false papers."),
    "got_aways": Criterion(
        "Evading entries", "persons a year", "The three above together."),
    "released": Criterion(
        "Released after apprehension", "persons a year",
        "People released to proceedings after an apprehension or after being found.", True,
        "unlawful_entries"),
    "unlawful_entries": Criterion(
        "All unlawful entries", "persons a year", "Evading entries and people released."),
    "presented_released": Criterion(
        "Released after asking at a port", "persons a year",
        "People who asked for protection at a port and were released to proceedings.", True,
        "legal_admissions"),
    "legal_admissions": Criterion(
        "Admitted legally", "persons a year",
        "The same, and people admitted through the legal channel."),
    "apprehensions": Criterion(
        "Apprehensions", "events a year",
        "Arrests by the Border Patrol; they depend on effort as much as on flow.", True,
        "attempts"),
    "attempts": Criterion(
        "Attempts at the line", "events a year",
        "Attempts to evade, surrenders and attempts through ports."),
    "interdiction_effectiveness": Criterion(
        "Interdiction effectiveness rate", "share",
        "Apprehended and turned back over those and the known got-aways.", True,
        "interdiction_effectiveness_true"),
    "interdiction_effectiveness_true": Criterion(
        "Interdiction effectiveness, unseen entries included", "share",
        "Apprehended and turned back over those and everybody who got away between ports."),
    "apprehension_probability_rtm": Criterion(
        "Apprehension probability, repeated trials", "probability",
        "Share of second attempts of evaders that end in apprehension.", True,
        "apprehension_probability"),
    "apprehension_probability": Criterion(
        "Apprehension probability", "probability",
        "Share of attempts to evade that end in apprehension; turn-backs left out."),
    "recidivism": Criterion(
        "Recidivism", "share",
        "Of the persons apprehended in a fiscal year, those apprehended twice or more.", True,
        "retried"),
    "retried": Criterion(
        "Tried again", "share", "Of the evaders caught at their first attempt, who tried again."),
    "deaths_per_10000_apprehensions": Criterion(
        "Deaths at the line per 10,000 apprehensions", "deaths", "As agencies count them.", True,
        "deaths_us_per_10000_attempts"),
    "deaths_us_per_10000_attempts": Criterion(
        "Deaths at and behind the line per 10,000 attempts", "deaths", "By expectation."),
    "deaths_mexico_per_10000_journeys": Criterion(
        "Deaths on the way through Mexico per 10,000 journeys", "deaths", "By expectation."),
    "kidnapped": Criterion("Kidnappings", "events a year", "For ransom, on the way or waiting."),
    "extorted": Criterion("Extortion by officers", "events a year", "In Mexico."),
    "returned_unscreened": Criterion(
        "Returned unscreened", "events a year",
        "People in need of protection returned by either country without being heard."),
    "debt_distress": Criterion(
        "Left with debt", "share", "Of those who gave up, the share who owe for the journey."),
    "smuggler_revenue": Criterion(
        "Revenue of organisations", "$ a year",
        "Fees paid by migrants, and what buyers of drugs pay."),
    "concentration": Criterion(
        "Concentration of organisations", "index",
        "Herfindahl index of contracts: 1 for one seller, 1/n for n equal ones."),
    "fee_mexican": Criterion("Fee, Mexicans", "$ per contract", "Mean.", True),
    "fee_northern_triangle": Criterion("Fee, Northern Triangle", "$ per contract", "Mean.", True),
    "mix_people": Criterion(
        "Cells that work with people", "share", "The others carry drugs."),
    "drugs_moved": Criterion("Hard drugs moved", "tonnes a year", "Found or not."),
    "drugs_seized": Criterion(
        "Hard drugs seized", "tonnes a year", "By both agencies.", True, "drugs_moved"),
    "seized_at_ports": Criterion(
        "Seized at ports", "share", "Of the hard drugs seized, by weight.", True),
    "wait_travellers": Criterion("Wait of travellers", "minutes", "Ordinary lanes.", True),
    "wait_trucks": Criterion("Wait of trucks", "minutes", "Ordinary lanes.", True),
    "trade_delay": Criterion("Cost of delay in trade", "$ a year", "Truck hours lost."),
    "depth_index": Criterion(
        "Stopped before the line", "share", "Share of all interdictions that happen in Mexico."),
    "depth_south": Criterion(
        "Stopped in Mexico's south", "share",
        "Of the interdictions in Mexico, those at the southern border and the isthmus."),
    "displacement_index": Criterion(
        "Displacement", "share",
        "Share of attempts at the line that are in another sector than before the run: half the "
        "sum of the changes of all shares."),
    "competence": Criterion("Competence of Mexican officers", "share", "On the last day."),
    "integrity": Criterion("Unbought Mexican officers", "share", "On the last day."),
    **{f"control_{round(100 * q)}": _control(q) for q in TARGETS},
}


def criteria(model: BorderModel) -> dict[str, float]:
    """Every criterion of :data:`CRITERIA` over the recorded days of a model."""
    ledger = model.ledger
    years = max(ledger.day / _YEAR, 1e-9)
    e = event_counts(ledger).sum(axis=(1, 2)).astype(float)
    answer = {k: v for k, v in (outcomes(ledger) | rates(ledger)).items() if k in CRITERIA}
    answer |= {
        "got_aways_undetected": e[Event.GOT_AWAY_UNDETECTED] / years,
        "got_aways_known": e[Event.GOT_AWAY_KNOWN] / years,
        "released": e[Event.RELEASED_US] / years,
        "presented_released": e[Event.RELEASED_PORT] / years,
        "apprehensions": e[Event.APPREHENDED_US] / years,
        "retried": ratio(e[Event.EVADER_RETRIED], e[Event.EVADER_FIRST_CAUGHT]),
    }
    attempts = e[[Event.LINE_ATTEMPT, Event.SURRENDERED, Event.PORT_ATTEMPT]].sum()
    answer["attempts"] = attempts / years
    stopped = e[Event.APPREHENDED_US] + e[Event.TURNED_BACK]
    away = e[Event.GOT_AWAY_KNOWN] + e[Event.GOT_AWAY_UNDETECTED]
    answer["interdiction_effectiveness_true"] = ratio(stopped, stopped + away)
    dead = expected_deaths(ledger)
    answer["deaths_us_per_10000_attempts"] = ratio(1e4 * dead[: len(SECTORS)].sum(), attempts)
    answer["deaths_mexico_per_10000_journeys"] = ratio(1e4 * dead[-1], e[Event.TRIP])
    answer |= _standing(model) | _places(model) | dollars_for_control(model)
    return {name: float(answer[name]) for name in CRITERIA}


def _standing(model: BorderModel) -> dict[str, float]:
    """From the gauges: means over the run, and where both countries' officers stand now."""
    shown = model.ledger.gauges[: model.ledger.day]
    mean = dict(zip(GAUGES, shown.mean(axis=0).tolist(), strict=True))
    last = dict(zip(GAUGES, shown[-1].tolist(), strict=True))
    seized = mean["seized_open_country"] + mean["seized_ports"]
    return {
        "concentration": mean["concentration"], "mix_people": mean["mix_people"],
        "seized_at_ports": ratio(mean["seized_ports"], seized),
        "competence": last["competence"], "integrity": last["integrity"],
    }


def _places(model: BorderModel) -> dict[str, float]:
    depth = interceptions_by_depth(model)
    mexico = sum(depth[zone] for zone in ("southern_border", "isthmus", "central", "north",
                                          "northern_border"))
    south = depth["southern_border"] + depth["isthmus"]
    now = model.ledger.by_sector[Event.LINE_ATTEMPT].sum(axis=1).astype(float)
    then = model.yesterday.usual_attempts()
    moved = float("nan")
    if now.sum() > 0.0 and then.sum() > 0.0:
        moved = float(np.abs(now / now.sum() - then / then.sum()).sum() / 2.0)
    return {"depth_south": ratio(south, mexico), "displacement_index": moved}
