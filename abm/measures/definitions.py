"""What the yearly outcomes are: label, unit, meaning, wished direction."""

from __future__ import annotations

from dataclasses import dataclass


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
        "People who entered the United States without being stopped, seen or unseen, between ports "
        "or hidden through one.", -1),
    "unlawful_entries": Measure(
        "All unlawful entries", "persons a year",
        "Got-aways and people released after an apprehension, or after being found at a port.", -1),
    "port_entries": Measure(
        "Hidden through ports", "persons a year",
        "Of the got-aways, those who passed a port hidden or with false papers.", -1),
    "legal_admissions": Measure(
        "Admitted legally", "persons a year",
        "People admitted through the legal channel, or after asking for protection at a port.", 1),
    "set_out": Measure(
        "People who set out", "persons a year", "People who begin a first journey."),
    "departures_mexican": Measure(
        "Departures, Mexicans", "persons a year", "Mexicans who begin a first journey."),
    "departures_northern_triangle": Measure(
        "Departures, Northern Triangle", "persons a year",
        "People of the Northern Triangle who begin a first journey."),
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
    "debt_distress": Measure(
        "Left with debt", "share",
        "Of those who gave up, the share who owe for the journey.", -1, True),
    "fee_mexican": Measure(
        "Fee, Mexicans", "$ per contract", "Mean fee of a guided crossing for Mexicans."),
    "fee_northern_triangle": Measure(
        "Fee, Northern Triangle", "$ per contract",
        "Mean fee of a guided journey from the Northern Triangle."),
    "smuggler_revenue": Measure(
        "Revenue of organisations", "$ a year",
        "Fees paid by migrants, and what buyers of drugs pay."),
    "drugs_seized": Measure(
        "Hard drugs seized", "tonnes a year",
        "Hard drugs that both agencies find, between ports and at them."),
    "drugs_moved": Measure(
        "Hard drugs moved", "tonnes a year",
        "Hard drugs that organisations send over the line, found or not.", -1),
    "wait_travellers": Measure(
        "Wait of travellers", "minutes", "Mean wait of ordinary travellers at ports of entry.", -1),
    "wait_trucks": Measure(
        "Wait of trucks", "minutes", "Mean wait of ordinary trucks at ports of entry.", -1),
    "trade_delay": Measure(
        "Cost of delay in trade", "$ a year", "Truck hours lost at ports, in dollars.", -1),
    "depth_index": Measure(
        "Stopped before the line", "share",
        "Share of all interdictions that happen in Mexico, before the U.S. line."),
    "apprehension_probability": Measure(
        "Apprehension probability (true)", "probability",
        "Chance per attempt that an evader is apprehended; turn-backs are not counted."),
    "dollars": Measure(
        "Cost of the policies", "$ a year", "What both governments pay beyond the base year."),
}
