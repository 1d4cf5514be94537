"""Compute outcomes by place: sectors, Mexican states, and depth before the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.measures.rates import event_counts, expected_deaths, ratio
from abm.world.vocabulary import MX_ZONES, SECTORS
from agents.outcomes import Event, Group

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.model import BorderModel


def sector_shares(ledger: Ledger) -> dict[str, dict[str, float]]:
    """Compute the share of apprehensions by sector for each group."""
    counts = ledger.by_sector[Event.APPREHENDED_US]
    return {
        group.name.lower(): {
            name: ratio(counts[s, group], counts[:, group].sum()) for s, name in enumerate(SECTORS)
        }
        for group in Group
    }


def interceptions_by_state(model: BorderModel) -> dict[str, float]:
    """Count Mexico's apprehensions by state over the recorded days, largest first."""
    answer: dict[str, float] = {}
    for leg, count in enumerate(model.ledger.flow[:, 2]):
        if count:
            state = model.world.admin[model.world.head[leg]]
            answer[state] = answer.get(state, 0.0) + float(count)
    return dict(sorted(answer.items(), key=lambda item: -item[1]))


def deaths_per_apprehension(ledger: Ledger) -> dict[str, float]:
    """Compute expected deaths per 10,000 apprehensions by sector."""
    counts = ledger.by_sector[Event.APPREHENDED_US].sum(axis=1)
    deaths = expected_deaths(ledger)
    return {name: ratio(1e4 * deaths[s], counts[s]) for s, name in enumerate(SECTORS)}


#: Depths of interdiction from south to north, as keys of :func:`interceptions_by_depth`.
DEPTHS: dict[str, tuple[str, ...]] = {
    "Mexico, south": ("southern_border", "isthmus"),
    "Mexico, centre": ("central",),
    "Mexico, north": ("north", "northern_border"),
    "Ports of entry": ("ports",),
    "The U.S. line": ("line",),
    "Behind the line": ("behind_the_line",),
}


def interceptions_by_depth(model: BorderModel) -> dict[str, float]:
    """Count interdictions from Mexico's south to behind the U.S. line over the recorded days.

    In Mexico, counts are by zone of the leg; a leg into Mexico without a zone counts as the
    southern border. Turn-backs count at the line.
    """
    ledger, world = model.ledger, model.world
    answer = dict.fromkeys((*MX_ZONES, "ports", "line", "behind_the_line"), 0.0)
    for leg in np.flatnonzero(ledger.flow[:, 2]):
        zone = MX_ZONES[max(0, int(world.leg_zone[leg]))]
        answer[zone] += float(ledger.flow[leg, 2])
    e = event_counts(ledger).sum(axis=(1, 2))
    answer["ports"] = float(e[Event.INADMISSIBLE])
    answer["behind_the_line"] = float(e[Event.APPREHENDED_BELT])
    answer["line"] = float(
        e[Event.APPREHENDED_US] - e[Event.APPREHENDED_BELT] + e[Event.TURNED_BACK]
    )
    return answer
