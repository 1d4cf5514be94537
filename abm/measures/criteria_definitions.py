"""Definitions of progress criteria, with the true value next to each observed proxy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from abm.measures.control import MAX_MULTIPLE, TARGETS
from abm.measures.outcome_definitions import GROUPS, OUTCOMES

UNDEFINED = "not defined"


@dataclass(frozen=True, slots=True)
class Criterion:
    """Definition of one criterion.

    Attributes:
        label, unit, doc: label, unit and description for tables.
        observed: whether an agency can observe it.
        truth: name of the criterion for which an observed one is a proxy, or empty if it is exact.
        missing: text that tables show instead of NaN.
        group: one in :data:`abm.measures.outcome_definitions.GROUPS`.
    """

    label: str
    unit: str
    doc: str
    observed: bool = False
    truth: str = ""
    missing: str = UNDEFINED
    group: str = ""


def _outcome(name: str, *, observed: bool = False, truth: str = "") -> dict[str, Criterion]:
    """Turn a yearly outcome into a criterion with the same label, unit and description."""
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
    "mix_people": Criterion("Cells that work with people", "share", "The others carry drugs."),
    **_outcome("drugs_seized", observed=True, truth="drugs_moved"),
    **_outcome("drugs_moved"),
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
#: Tables in the order of their groups.
_TABLES = (_ENTRIES, _ENFORCEMENT, _PEOPLE, _ORGANISATIONS, _PORTS, _WHERE, _COST)
CRITERIA: dict[str, Criterion] = {
    name: replace(criterion, group=group)
    for group, table in zip(GROUPS, _TABLES, strict=True)
    for name, criterion in table.items()
}


def observed_proxies() -> dict[str, str]:
    """Map each true criterion to its observed proxy."""
    return {c.truth: name for name, c in CRITERIA.items() if c.truth}
