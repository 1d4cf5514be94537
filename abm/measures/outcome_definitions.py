"""What the yearly outcomes are: label, unit, meaning, wished direction, and where they belong."""

from __future__ import annotations

from dataclasses import dataclass

#: Groups of measures, in the order in which they are shown.
GROUPS: dict[str, str] = {
    "entries": "Departures and entries",
    "enforcement": "Enforcement",
    "people": "What it costs people",
    "organisations": "Organisations and drugs",
    "ports": "Ports and trade",
    "where": "Where people are stopped",
    "cost": "Cost",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One outcome: label, unit, meaning; `good` is the wished direction, 0 if there is none.

    `human` marks costs to people, `group` is one of :data:`GROUPS`.
    """

    label: str
    unit: str
    doc: str
    good: int = 0
    human: bool = False
    group: str = ""


OUTCOMES: dict[str, Measure] = {
    "got_aways": Measure(
        "Evading entries (got-aways)",
        "persons a year",
        "People who entered the United States without being stopped, seen or unseen, between ports "
        "or hidden through one.",
        -1,
        group="entries",
    ),
    "unlawful_entries": Measure(
        "All unlawful entries",
        "persons a year",
        "Got-aways and people released after an apprehension, or after being found at a port.",
        -1,
        group="entries",
    ),
    "port_entries": Measure(
        "Hidden through ports",
        "persons a year",
        "Of the got-aways, those who passed a port hidden or with false papers.",
        -1,
        group="entries",
    ),
    "legal_admissions": Measure(
        "Admitted legally",
        "persons a year",
        "People admitted through the legal channel, after asking for protection at a port, or "
        "after a hearing for which they waited in Mexico.",
        1,
        group="entries",
    ),
    "set_out": Measure(
        "People who set out", "persons a year", "People who begin a first journey.", group="entries"
    ),
    "departures_mexican": Measure(
        "Departures, Mexicans",
        "persons a year",
        "Mexicans who begin a first journey.",
        group="entries",
    ),
    "departures_northern_triangle": Measure(
        "Departures, Northern Triangle",
        "persons a year",
        "People of the Northern Triangle who begin a first journey.",
        group="entries",
    ),
    "apprehended_us": Measure(
        "Apprehensions, United States",
        "events a year",
        "Arrests by the Border Patrol between ports; one person can be counted several times.",
        group="enforcement",
    ),
    "apprehended_mexico": Measure(
        "Apprehensions, Mexico",
        "events a year",
        "People whom Mexican authorities stopped; nationals of Mexico travel lawfully there.",
        group="enforcement",
    ),
    "turned_back": Measure(
        "Turned back at the line",
        "events a year",
        "People who went back into Mexico when seen.",
        group="enforcement",
    ),
    "apprehension_probability": Measure(
        "Apprehension probability (true)",
        "probability",
        "Chance per attempt that an evader is apprehended; turn-backs are not counted.",
        group="enforcement",
    ),
    "deaths": Measure(
        "Deaths (expected)",
        "persons a year",
        "People who can be expected to die on the way, in Mexico or at and behind the U.S. line: "
        "the sum of the risks people ran, which is less noisy than deaths drawn.",
        -1,
        True,
        "people",
    ),
    "kidnapped": Measure(
        "Kidnappings",
        "events a year",
        "Kidnappings for ransom on the way through Mexico or while waiting there.",
        -1,
        True,
        "people",
    ),
    "extorted": Measure(
        "Extortions by officers",
        "events a year",
        "People whom an officer in Mexico let go for money.",
        -1,
        True,
        "people",
    ),
    "returned_unscreened": Measure(
        "Returned unscreened",
        "events a year",
        "People in need of protection who were returned without being heard.",
        -1,
        True,
        "people",
    ),
    "debt_distress": Measure(
        "Share left in debt",
        "share",
        "Of those who gave up, the share who owe for the journey.",
        -1,
        True,
        "people",
    ),
    "fee_mexican": Measure(
        "Fee, Mexicans",
        "$ per contract",
        "Mean fee of a guided crossing for Mexicans.",
        group="organisations",
    ),
    "fee_northern_triangle": Measure(
        "Fee, Northern Triangle",
        "$ per contract",
        "Mean fee of a guided journey from the Northern Triangle.",
        group="organisations",
    ),
    "smuggler_revenue": Measure(
        "Revenue of organisations",
        "$ a year",
        "Fees paid by migrants, and what buyers of drugs pay.",
        group="organisations",
    ),
    "drugs_seized": Measure(
        "Hard drugs seized",
        "tonnes a year",
        "Hard drugs that both agencies find, between ports and at them.",
        group="organisations",
    ),
    "drugs_moved": Measure(
        "Hard drugs moved",
        "tonnes a year",
        "Hard drugs that organisations send over the line, found or not.",
        -1,
        group="organisations",
    ),
    "wait_travellers": Measure(
        "Wait of travellers",
        "minutes",
        "Mean wait of travellers at ports of entry, trusted lanes included.",
        -1,
        group="ports",
    ),
    "wait_trucks": Measure(
        "Wait of trucks",
        "minutes",
        "Mean wait of trucks at ports of entry, trusted lanes included.",
        -1,
        group="ports",
    ),
    "trade_delay": Measure(
        "Cost of delay in trade",
        "$ a year",
        "Truck hours lost at ports, in dollars.",
        -1,
        group="ports",
    ),
    "depth_index": Measure(
        "Stopped before the line",
        "share",
        "Share of all interdictions that happen in Mexico, before the U.S. line.",
        group="where",
    ),
    "dollars": Measure(
        "Cost of the policies",
        "$ a year",
        "What both governments, and users where they pay, spend beyond the base year; what comes "
        "back is taken off.",
        group="cost",
    ),
}

#: Measures that only a policy beside a baseline has. Never shown without :data:`BESIDE_PRICES`.
PRICES: dict[str, Measure] = {
    "dollars_per_averted_entry": Measure(
        "Dollars per averted entry",
        "$ per averted entry",
        "Joint dollars for every evading entry (got-away) that did not happen; dollars and "
        "entries are discounted.",
        group="cost",
    ),
    "dollars_per_averted_unlawful_entry": Measure(
        "Dollars per averted unlawful entry",
        "$ per averted entry",
        "The same for all unlawful entries, releases included; the two can rank policies "
        "differently.",
        group="cost",
    ),
}
#: Of which outcome each price counts what is averted.
AVERTED = {
    "dollars_per_averted_entry": "got_aways",
    "dollars_per_averted_unlawful_entry": "unlawful_entries",
}
#: What an averted entry can mean for people: always directly beside the prices.
BESIDE_PRICES = ("returned_unscreened", "deaths")
