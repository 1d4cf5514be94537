"""Rates, and outcomes by place, over the recorded days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.world.vocabulary import MX_ZONES, SECTORS
from agents.outcomes import Event, Group, Kind

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.model import BorderModel

FOREIGN = Group.NORTHERN_TRIANGLE


def ratio(a: float | np.integer, b: float | np.integer) -> float:
    """Divide two numbers.

    Args:
        a, b: numerator and denominator.

    Returns:
        `a / b`, or NaN if `b` is 0.
    """
    return float(a) / float(b) if b else float("nan")


def event_counts(ledger: Ledger) -> np.ndarray:
    """Return persons over the recorded days by event, shape (events, groups, kinds)."""
    return ledger.events[: ledger.day].sum(axis=0)


def daily_counts(ledger: Ledger) -> np.ndarray:
    """Return persons by recorded day and event, shape (days, events)."""
    return np.einsum("degk->de", ledger.events[: ledger.day])


def rates(ledger: Ledger) -> dict[str, float]:
    """Compute rates over the recorded days, under the names used in the literature.

    The agency reports `interdiction_effectiveness`, which counts only known got-aways.
    `apprehension_probability` is the true rate for evaders. `apprehension_probability_rtm` is the
    repeated-trials estimate, computed from evaders' first and second attempts.
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
    values = {
        "apprehension_probability": ratio(evaders_caught, evaders_caught + got_away),
        "apprehension_probability_rtm": ratio(
            e[Event.EVADER_RETRY_CAUGHT], e[Event.EVADER_RETRIED]
        ),
        "interdiction_effectiveness": ratio(stopped, stopped + e[Event.GOT_AWAY_KNOWN]),
        "entries_per_apprehension": ratio(got_away, e[Event.APPREHENDED_US]),
        "turn_backs_per_apprehension": ratio(e[Event.TURNED_BACK], e[Event.APPREHENDED_US]),
        "recidivism": ratio(e[Event.REPEAT_APPREHENSION_FY], first),
        "mexico_share": ratio(foreign_mx, foreign_mx + foreign_us),
        "set_out_share": ratio(e[Event.SET_OUT], e[Event.CANDIDATES]),
        "deaths_per_10000_apprehensions": ratio(1e4 * deaths_line, e[Event.APPREHENDED_US]),
        "guided_within_30_days": ratio(e[Event.GUIDED_DONE_30], e[Event.GUIDED_DONE]),
        "children_and_families_share": ratio(
            n[Event.APPREHENDED_US, :, Kind.FAMILY :].sum(), e[Event.APPREHENDED_US]
        ),
        "overflow_share": ratio(
            e[Event.OVERFLOW_RELEASE],
            foreign_us + by_group[[Event.INADMISSIBLE, Event.PRESENTED], FOREIGN].sum(),
        ),
        "debt_distress": ratio(e[Event.LEFT_IN_DEBT], e[Event.GAVE_UP]),
        "found_at_ports": ratio(e[Event.INADMISSIBLE], e[Event.PORT_ATTEMPT]),
    }
    for group in Group:
        name = group.name.lower()
        values[f"smuggler_use_{name}"] = ratio(
            by_group[Event.GUIDED_TRIP, group], by_group[Event.TRIP, group]
        )
        values[f"fee_{name}"] = ratio(
            ledger.fees[: ledger.day, group].sum(), ledger.contracts[: ledger.day, group].sum()
        )
    return values


def expected_deaths(ledger: Ledger) -> np.ndarray:
    """Return expected deaths over the recorded days, shape (sectors + 1,), Mexico last."""
    return ledger.expected_deaths[: ledger.day].sum(axis=0)


# ---- by place ------------------------------------------------------------------------------------


def sector_shares(ledger: Ledger) -> dict[str, dict[str, float]]:
    """Compute each sector's share of apprehensions, by group and sector."""
    counts = ledger.by_sector[Event.APPREHENDED_US]
    return {
        group.name.lower(): {
            name: ratio(counts[s, group], counts[:, group].sum()) for s, name in enumerate(SECTORS)
        }
        for group in Group
    }


def interceptions_by_state(model: BorderModel) -> dict[str, float]:
    """Count people stopped by Mexico over the recorded days, by state in descending order."""
    counts: dict[str, float] = {}
    for leg, count in enumerate(model.ledger.flow[:, 2]):
        if count:
            state = model.world.admin[model.world.head[leg]]
            counts[state] = counts.get(state, 0.0) + float(count)
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def deaths_per_apprehension(ledger: Ledger) -> dict[str, float]:
    """Compute expected deaths per 10,000 apprehensions by sector."""
    counts = ledger.by_sector[Event.APPREHENDED_US].sum(axis=1)
    deaths = expected_deaths(ledger)
    return {name: ratio(1e4 * deaths[s], counts[s]) for s, name in enumerate(SECTORS)}


#: Depths from south to north, each with the keys in :func:`interceptions_by_depth` that it adds up.
DEPTHS: dict[str, tuple[str, ...]] = {
    "Mexico, south": ("southern_border", "isthmus"),
    "Mexico, centre": ("central",),
    "Mexico, north": ("north", "northern_border"),
    "Ports of entry": ("ports",),
    "The U.S. line": ("line",),
    "Behind the line": ("behind_the_line",),
}


def interceptions_by_depth(model: BorderModel) -> dict[str, float]:
    """Count interdictions over the recorded days by depth, from Mexico's south to the border belt.

    An interdiction in Mexico counts in the zone of its leg. A leg into Mexico without a zone
    belongs to the southern border. Turn-backs count at the line.
    """
    ledger, world = model.ledger, model.world
    counts = dict.fromkeys((*MX_ZONES, "ports", "line", "behind_the_line"), 0.0)
    for leg in np.flatnonzero(ledger.flow[:, 2]):
        zone = MX_ZONES[max(0, int(world.leg_zone[leg]))]
        counts[zone] += float(ledger.flow[leg, 2])
    e = event_counts(ledger).sum(axis=(1, 2))
    counts["ports"] = float(e[Event.INADMISSIBLE])
    counts["behind_the_line"] = float(e[Event.APPREHENDED_BELT])
    counts["line"] = float(
        e[Event.APPREHENDED_US] - e[Event.APPREHENDED_BELT] + e[Event.TURNED_BACK]
    )
    return counts
