"""Criteria of progress, with the true value next to each observed proxy.

Operational control is a curve: the probability that an evader is apprehended, as a function of the
number of agents, which dollars buy. Let n be the ratio of agents to their present number. In a
sector, a person without a guide (guides avoid part of both hazards) is at the line

    detected     with probability  s(n) = 1 - exp(-h n^eta)
    apprehended  with probability  c(n) = s(n) * caught_share * answered(n)
    turned back  with probability  t(n) = s(n) * turned_share * answered(n)

and otherwise passes with probability r(n) = 1 - c(n) - t(n). Behind the line, the person is then
apprehended with probability b(n) = 1 - exp(-h_belt n^eta). The share answered(n) assumes as many
calls as today and n times the present capacity. Attempts that end in a turn-back do not count, so
the apprehension probability is (c + r b) / (1 - t). The curve is its mean over sectors, weighted by
attempts.

Returns diminish with eta, and agents can apprehend only people whose calls they answer. If the
curve is below a target for all n, no number of agents suffices. The curve excludes adaptation:
routes, fees and travellers stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from abm.measures.outcomes import GROUPS, OUTCOMES, PAYERS, dollars, indicator_means, outcomes
from abm.measures.rates import (
    DEPTHS,
    event_counts,
    expected_deaths,
    interceptions_by_depth,
    rates,
    ratio,
)
from abm.phases.indicators import INDICATORS
from abm.policies.patrol_surge import PatrolSurge
from abm.world.vocabulary import SECTORS
from agents.contest import answered_share, probability
from agents.outcomes import Event, Group

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.model import BorderModel


UNDEFINED = "not defined"
TARGETS = (0.5, 0.7, 0.9)
MAX_MULTIPLE = 1_000.0  # upper bound of the search, in multiples of the present agents
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Criterion:
    """Definition of one criterion.

    Attributes:
        label, unit, doc: label, unit and description for tables.
        observed: whether an agency can observe the criterion.
        truth: name of the true criterion that this criterion approximates, or "" if it is not a
            proxy.
        missing: text that tables show instead of NaN.
        group: key in :data:`abm.measures.outcomes.GROUPS`.
    """

    label: str
    unit: str
    doc: str
    observed: bool = False
    truth: str = ""
    missing: str = UNDEFINED
    group: str = ""


def _outcome(name: str, *, observed: bool = False, truth: str = "") -> dict[str, Criterion]:
    """Return a criteria table with one entry: a yearly outcome, by its name."""
    m = OUTCOMES[name]
    return {name: Criterion(m.label, m.unit, m.doc, observed, truth)}


def _control(q: float) -> Criterion:
    return Criterion(
        f"To apprehend {100 * q:.0f} % of evaders",
        "$ per year",
        "Cost of the additional agents with which this share of evaders is apprehended at an "
        "attempt, before people and fees adapt; 0 if it is reached already, out of reach if "
        f"{MAX_MULTIPLE:,.0f} times the agents are not enough.",
        missing="out of reach",
    )


_ENTRIES = {
    **_outcome("set_out"),
    **_outcome("departures_mexican"),
    **_outcome("departures_northern_triangle"),
    "got_aways_undetected": Criterion(
        "Undetected entries",
        "persons per year",
        "People who entered between ports undetected.",
    ),
    "got_aways_known": Criterion(
        "Known got-aways",
        "persons per year",
        "People who were detected entering between ports and not stopped.",
        True,
        "got_aways",
    ),
    "inadmissible": Criterion(
        "Found at ports",
        "events per year",
        "People found hidden or with false papers at a port.",
        True,
        "port_entries",
    ),
    **_outcome("port_entries"),
    **_outcome("got_aways"),
    "released": Criterion(
        "Released after apprehension",
        "persons per year",
        "People released to proceedings after an apprehension or after being found at a port.",
        True,
        "unlawful_entries",
    ),
    **_outcome("unlawful_entries"),
    "presented_released": Criterion(
        "Released after asking at a port",
        "persons per year",
        "People who asked for protection at a port and were released to proceedings.",
        True,
    ),
    "admitted": Criterion(
        "Admitted through the legal channel",
        "persons per year",
        "Applicants who reached the front of the queue and were not refused.",
        True,
    ),
    "granted": Criterion(
        "Admitted after a wait in Mexico",
        "persons per year",
        "People sent back to wait for a hearing who were then admitted.",
        True,
    ),
    **_outcome("legal_admissions", observed=True),
}
_ENFORCEMENT = {
    **_outcome("apprehended_us", observed=True, truth="attempts"),
    "attempts": Criterion(
        "Attempts at the line",
        "events per year",
        "Attempts to evade, surrenders and attempts through ports; apprehensions depend on effort "
        "as much as on these.",
    ),
    **_outcome("apprehended_mexico", observed=True, truth="journeys"),
    "journeys": Criterion(
        "Journeys through Mexico",
        "events per year",
        "Journeys begun by people of the Northern Triangle, first and later ones.",
    ),
    **_outcome("turned_back", observed=True),
    "interdiction_effectiveness": Criterion(
        "Interdiction effectiveness rate",
        "share",
        "Apprehended and turned back, divided by these and the known got-aways.",
        True,
        "interdiction_effectiveness_true",
    ),
    "interdiction_effectiveness_true": Criterion(
        "Interdiction effectiveness (true)",
        "share",
        "Apprehended and turned back, divided by these and all got-aways between ports.",
    ),
    "apprehension_probability_rtm": Criterion(
        "Apprehension by repeated trials",
        "probability",
        "The standard estimate: the share caught again of the evaders who were caught at their "
        "first attempt and tried the line again; excludes turn-backs.",
        True,
        "apprehension_probability",
    ),
    **_outcome("apprehension_probability"),
    "recidivism": Criterion(
        "Recidivism",
        "share",
        "Share of the persons apprehended in a fiscal year who are apprehended at least twice.",
        True,
        "retried",
    ),
    "retried": Criterion(
        "Tried again after a first arrest",
        "share",
        "Share of the evaders caught at their first attempt who tried the line again and were "
        "caught or got away.",
    ),
    "competence": Criterion("Competence of Mexican officers", "share", "On the last day."),
    "integrity": Criterion("Unbought Mexican officers", "share", "On the last day."),
}
_PEOPLE = {
    **_outcome("deaths"),
    "deaths_per_10000_apprehensions": Criterion(
        "Deaths per 10,000 apprehensions",
        "deaths",
        "Expected deaths at and behind the line over apprehensions, the rate that agencies' "
        "counts allow.",
        True,
        "deaths_us_per_10000_attempts",
    ),
    "deaths_us_per_10000_attempts": Criterion(
        "Deaths at the line per 10,000 attempts",
        "deaths",
        "Expected deaths at and behind the line over all attempts.",
    ),
    "deaths_mexico_per_10000_journeys": Criterion(
        "Deaths on the way per 10,000 journeys",
        "deaths",
        "Expected deaths on the way to the line, almost all in Mexico, over all journeys begun.",
    ),
    **_outcome("kidnapped"),
    **_outcome("extorted"),
    "returns": Criterion(
        "Returns and removals",
        "events per year",
        "People returned, removed or expelled by either country, including those prosecuted first.",
        True,
        "returned_unscreened",
    ),
    **_outcome("returned_unscreened"),
    **_outcome("debt_distress"),
}
_ORGANISATIONS = {
    **_outcome("smuggler_revenue"),
    "organisations": Criterion("Organisations", "organisations", "Mean number over the run."),
    "concentration": Criterion(
        "Concentration of organisations",
        "index",
        "Herfindahl index of contracts: 1 for one seller, 1/n for n equal ones.",
    ),
    **_outcome("fee_mexican", observed=True),
    **_outcome("fee_northern_triangle", observed=True),
    **_outcome("drugs_seized", observed=True, truth="drugs_moved"),
    **_outcome("drugs_moved"),
    **_outcome("drugs_past_border"),
    "seized_at_ports": Criterion(
        "Seized at ports",
        "share",
        "Of the hard drugs seized, by weight.",
        True,
        "moved_through_ports",
    ),
    "moved_through_ports": Criterion(
        "Moved through ports", "share", "Of the hard drugs moved, by weight."
    ),
}
_PORTS = {
    **_outcome("wait_travellers", observed=True),
    **_outcome("wait_trucks", observed=True),
    **_outcome("trade_delay", observed=True),
}
_WHERE = {
    **_outcome("depth_index", observed=True),
    "depth_south": Criterion(
        "Stopped in Mexico's south",
        "share",
        "Of the interdictions in Mexico, those at the southern border and the isthmus.",
        True,
    ),
    "displacement_seen": Criterion(
        "Displacement of apprehensions",
        "share",
        "Share of apprehensions that are in another sector than in the year before the run.",
        True,
        "displacement_index",
    ),
    "displacement_index": Criterion(
        "Displacement of attempts",
        "share",
        "Share of attempts between ports that are in another sector than in the year before the "
        "run: half the sum of the changes of all shares.",
    ),
}
_COST = {
    **_outcome("dollars", observed=True),
    "dollars_us": Criterion(
        "Paid by the United States", "$ per year", "Of the cost of the policies.", True
    ),
    "dollars_mexico": Criterion(
        "Paid by Mexico", "$ per year", "Of the cost of the policies.", True
    ),
    "dollars_users": Criterion(
        "Paid by users", "$ per year", "Of the cost of the policies: fees and tolls.", True
    ),
    **{f"control_{round(100 * q)}": _control(q) for q in TARGETS},
}
#: Tables in the same order as their groups.
_TABLES = (_ENTRIES, _ENFORCEMENT, _PEOPLE, _ORGANISATIONS, _PORTS, _WHERE, _COST)
CRITERIA: dict[str, Criterion] = {
    name: replace(criterion, group=group)
    for group, table in zip(GROUPS, _TABLES, strict=True)
    for name, criterion in table.items()
}


def observed_proxies() -> dict[str, str]:
    """Return the name of each observed proxy, by the name of the true criterion."""
    return {c.truth: name for name, c in CRITERIA.items() if c.truth}


_YEAR = 365.0
#: Criteria that are yearly counts, with the events that each criterion counts.
_COUNTED = {
    "got_aways_undetected": [Event.GOT_AWAY_UNDETECTED],
    "got_aways_known": [Event.GOT_AWAY_KNOWN],
    "inadmissible": [Event.INADMISSIBLE],
    "released": [Event.RELEASED_US],
    "presented_released": [Event.RELEASED_PORT],
    "admitted": [Event.ADMITTED],
    "granted": [Event.GRANTED],
    "attempts": [Event.LINE_ATTEMPT, Event.SURRENDERED, Event.PORT_ATTEMPT],
    "returns": [
        Event.VOLUNTARY_RETURN,
        Event.REMOVED_US,
        Event.PROSECUTED,
        Event.RETURNED_BY_MEXICO,
        Event.EXPELLED,
    ],
}


def criteria(model: BorderModel) -> dict[str, float]:
    """Compute every criterion in :data:`CRITERIA` from a model's recorded days."""
    ledger = model.ledger
    values = outcomes(ledger) | rates(ledger) | _counts(ledger) | _deaths(ledger)
    values |= _levels(ledger) | _places(model) | dollars_for_control(model)
    return {name: float(values[name]) for name in CRITERIA}


def _counts(ledger: Ledger) -> dict[str, float]:
    """Compute yearly counts and shares of events, and dollars a year by payer."""
    counts, years = event_counts(ledger), max(ledger.day / _YEAR, 1e-9)
    e = counts.sum(axis=(1, 2)).astype(float)
    values = {name: e[events].sum() / years for name, events in _COUNTED.items()}
    values["journeys"] = counts[Event.TRIP, Group.NORTHERN_TRIANGLE].sum() / years
    values["retried"] = ratio(e[Event.EVADER_RETRIED], e[Event.EVADER_FIRST_CAUGHT])
    stopped = e[Event.APPREHENDED_US] + e[Event.TURNED_BACK]
    away = e[Event.GOT_AWAY_KNOWN] + e[Event.GOT_AWAY_UNDETECTED]
    values["interdiction_effectiveness_true"] = ratio(stopped, stopped + away)
    paid = dollars(ledger)
    return values | {f"dollars_{payer}": paid[payer] / years for payer in PAYERS}


def _deaths(ledger: Ledger) -> dict[str, float]:
    """Compute expected deaths per attempt at the line and per journey through Mexico."""
    e, dead = event_counts(ledger).sum(axis=(1, 2)), expected_deaths(ledger)
    attempts = e[_COUNTED["attempts"]].sum()
    return {
        "deaths_us_per_10000_attempts": ratio(1e4 * dead[: len(SECTORS)].sum(), attempts),
        "deaths_mexico_per_10000_journeys": ratio(1e4 * dead[-1], e[Event.TRIP]),
    }


def _levels(ledger: Ledger) -> dict[str, float]:
    """Compute the criteria that are levels, as means over the run or values on the last day."""
    mean, recorded = indicator_means(ledger), ledger.indicators[: ledger.day]
    last = dict(zip(INDICATORS, recorded[-1].tolist(), strict=True)) if recorded.size else mean
    values = {name: mean[name] for name in ("organisations", "concentration")}
    for name, in_ports, in_open in (
        ("seized_at_ports", "seized_ports", "seized_open_country"),
        ("moved_through_ports", "drugs_ports", "drugs_open_country"),
    ):
        values[name] = ratio(mean[in_ports], mean[in_ports] + mean[in_open])
    return values | {name: last[name] for name in ("competence", "integrity")}


def _places(model: BorderModel) -> dict[str, float]:
    """Compute the depth of interdictions in Mexico and the displacement between sectors."""
    depth = interceptions_by_depth(model)
    parts = {
        name: sum(depth[zone] for zone in DEPTHS[f"Mexico, {name}"])
        for name in ("south", "centre", "north")
    }
    at_line = model.ledger.by_sector[[Event.LINE_ATTEMPT, Event.SURRENDERED]].sum(axis=(0, 2))
    caught = model.ledger.by_sector[Event.APPREHENDED_US].sum(axis=1)
    baseline = np.zeros(len(SECTORS))
    for command in model.patrol.commands:
        baseline[command.sector] = command.baseline * float(model.patrol.base[command.sector])
    return {
        "depth_south": ratio(parts["south"], sum(parts.values())),
        "displacement_index": displacement(at_line, model.flow_history.baseline_attempts()),
        "displacement_seen": displacement(caught, baseline),
    }


def displacement(counts: np.ndarray, counts_before: np.ndarray) -> float:
    """Compute the share of a total that moved to another category.

    Args:
        counts, counts_before: present and earlier counts by category, of equal shape.

    Returns:
        Half the summed absolute changes in shares, 0 to 1, or NaN if either total is 0.
    """
    if counts.sum() <= 0.0 or counts_before.sum() <= 0.0:
        return float("nan")
    return float(np.abs(counts / counts.sum() - counts_before / counts_before.sum()).sum() / 2.0)


# ---- operational control -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Inputs to the apprehension curve on one day. Arrays have shape (sectors,).

    Attributes:
        attempts: persons a day who attempt to cross the line.
        hazard: hazard of detection at the line for people without a guide.
        belt: hazard of apprehension behind the line for people without a guide.
        load: calls relative to the number that the present agents can answer.
        staff: number of agents in all sectors.
        caught_share: share of answered detections that end in an apprehension.
        turned_share: share of answered detections that end in a turn-back.
        eta: exponent of returns to strength.
        guided: share of attempts with a guide.
        quality: share of a hazard that guides avoid, mean over smuggler cells.
    """

    attempts: np.ndarray
    hazard: np.ndarray
    belt: np.ndarray
    load: np.ndarray
    staff: float
    caught_share: float
    turned_share: float
    eta: float
    guided: float = 0.0
    quality: float = 0.0


def line_of(model: BorderModel) -> Line:
    """Return the inputs to the apprehension curve on a model's last simulated day."""
    p, patrol = model.settings.border_patrol, model.patrol
    declared = np.array(p.line_hazard)
    law = np.where(declared > 0.0, model.conditions.line_hazard / np.maximum(declared, 1e-12), 1.0)
    capacity = p.response * patrol.on_the_line() * patrol.tempo()
    e = event_counts(model.ledger).sum(axis=(1, 2))
    guided = ratio(e[Event.GUIDED_TRIP], e[Event.TRIP])
    return Line(
        attempts=model.flow_history.attempts(),
        hazard=model.conditions.line_hazard,
        belt=p.belt_hazard * law,
        load=model.flow_history.calls / np.maximum(capacity, 1e-9),
        staff=float(patrol.on_the_line().sum()),
        caught_share=p.caught_share,
        turned_share=p.turned_share,
        eta=model.settings.contest.eta,
        guided=guided if np.isfinite(guided) else 0.0,
        quality=model.market.quality(),
    )


def apprehension_probability(line: Line, agents: float) -> float:
    """Compute the apprehension curve's value at a number of agents.

    Args:
        line: inputs of the curve.
        agents: agents in every sector, as a multiple of the present number.

    Returns:
        Probability that an evader is apprehended at one attempt, or NaN if there are no attempts.
    """
    if line.attempts.sum() <= 0.0:
        return float("nan")
    answered, chance = answered_share(line.load / agents), np.zeros(line.attempts.size)
    for share, exposed in ((1.0 - line.guided, 1.0), (line.guided, 1.0 - line.quality)):
        power = exposed * agents**line.eta
        detected = probability(line.hazard * power) * answered
        caught, turned = detected * line.caught_share, detected * line.turned_share
        past = np.maximum(1.0 - caught - turned, 0.0)
        stopped = caught + past * probability(line.belt * power)
        chance += share * stopped / np.maximum(1.0 - turned, 1e-12)
    return float(np.average(chance, weights=line.attempts))


def dollars_to_reach(line: Line, target: float) -> float:
    """Compute by bisection the cost of the additional agents that a target probability requires.

    Args:
        line: inputs of the curve.
        target: apprehension probability per attempt.

    Returns:
        Dollars per year: 0 if the present agents reach the target, NaN if no number of agents
        reaches it.
    """
    present = apprehension_probability(line, 1.0)
    if present >= target:
        return 0.0
    if not apprehension_probability(line, MAX_MULTIPLE) >= target:  # "not >=" is also true for NaN.
        return float("nan")
    low, high = 1.0, MAX_MULTIPLE
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if apprehension_probability(line, middle) < target:
            low = middle
        else:
            high = middle
    return (high - 1.0) * line.staff * PatrolSurge.full_programme().cost_per_agent


def dollars_for_control(model: BorderModel) -> dict[str, float]:
    """Compute :func:`dollars_to_reach` for every target in :data:`TARGETS`, by criterion."""
    line = line_of(model)
    return {f"control_{round(100 * q)}": dollars_to_reach(line, q) for q in TARGETS}
