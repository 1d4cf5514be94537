"""Definitions of the yearly outcomes: label, unit, description, desired direction and group."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        good: desired direction, 1 or -1, 0 if there is none.
        group: one in :data:`GROUPS`.
    """

    label: str
    unit: str
    doc: str
    good: int = 0
    group: str = ""

    @property
    def human(self) -> bool:
        """Whether it is a human cost."""
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
            "Fees paid by migrants, and payments of drug buyers.",
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

#: Measures of a policy compared with a baseline. Always shown with :data:`BESIDE_PRICES`.
PRICES: dict[str, Measure] = {
    "dollars_per_averted_entry": Measure(
        "Dollars per averted entry",
        "$ per averted entry",
        "Joint dollars per averted evading entry (got-away); dollars and entries are discounted.",
        group="cost",
    ),
    "dollars_per_averted_unlawful_entry": Measure(
        "Dollars per averted unlawful entry",
        "$ per averted entry",
        "Joint dollars per averted unlawful entry, including releases; the two prices can rank "
        "policies differently.",
        group="cost",
    ),
}
#: Unlawful entries, by which policies are judged.
ENTRIES = ("got_aways", "unlawful_entries")
#: Outcome whose averted entries each price counts.
AVERTED = dict(zip(PRICES, ENTRIES, strict=True))
#: Human costs that are counts of persons or events.
HUMAN_COSTS = ("deaths", "kidnapped", "extorted", "returned_unscreened")
#: The same in the order in which tables show them next to the prices.
BESIDE_PRICES = HUMAN_COSTS[::-1]
