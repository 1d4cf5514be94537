"""Evaluate the criteria of progress that :mod:`abm.measures.criteria_definitions` declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.measures.control import dollars_for_control
from abm.measures.criteria_definitions import CRITERIA
from abm.measures.outcomes import PAYERS, dollars, indicator_means, outcomes
from abm.measures.rates import (
    DEPTHS,
    event_counts,
    expected_deaths,
    interceptions_by_depth,
    rates,
    ratio,
)
from abm.phases.indicators import INDICATORS
from abm.world.vocabulary import SECTORS
from agents.outcomes import Event, Group

if TYPE_CHECKING:
    from abm.ledger import Ledger
    from abm.model import BorderModel

_YEAR = 365.0
#: Criteria that are yearly counts of events.
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
    """Compute every criterion in :data:`CRITERIA` over the recorded days of a model."""
    ledger = model.ledger
    answer = outcomes(ledger) | rates(ledger) | _counts(ledger) | _deaths(ledger)
    answer |= _standing(ledger) | _places(model) | dollars_for_control(model)
    return {name: float(answer[name]) for name in CRITERIA}


def _counts(ledger: Ledger) -> dict[str, float]:
    """Compute yearly counts and shares of events, and dollars by payer."""
    counts, years = event_counts(ledger), max(ledger.day / _YEAR, 1e-9)
    e = counts.sum(axis=(1, 2)).astype(float)
    answer = {name: e[events].sum() / years for name, events in _COUNTED.items()}
    answer["journeys"] = counts[Event.TRIP, Group.NORTHERN_TRIANGLE].sum() / years
    answer["retried"] = ratio(e[Event.EVADER_RETRIED], e[Event.EVADER_FIRST_CAUGHT])
    stopped = e[Event.APPREHENDED_US] + e[Event.TURNED_BACK]
    away = e[Event.GOT_AWAY_KNOWN] + e[Event.GOT_AWAY_UNDETECTED]
    answer["interdiction_effectiveness_true"] = ratio(stopped, stopped + away)
    paid = dollars(ledger)
    return answer | {f"dollars_{payer}": paid[payer] / years for payer in PAYERS}


def _deaths(ledger: Ledger) -> dict[str, float]:
    """Compute expected deaths per attempt and per journey, in both countries."""
    e, dead = event_counts(ledger).sum(axis=(1, 2)), expected_deaths(ledger)
    attempts = e[_COUNTED["attempts"]].sum()
    return {
        "deaths_us_per_10000_attempts": ratio(1e4 * dead[: len(SECTORS)].sum(), attempts),
        "deaths_mexico_per_10000_journeys": ratio(1e4 * dead[-1], e[Event.TRIP]),
    }


def _standing(ledger: Ledger) -> dict[str, float]:
    """Compute means of the indicators over the run, and Mexico's officers on the last day."""
    mean, recorded = indicator_means(ledger), ledger.indicators[: ledger.day]
    last = dict(zip(INDICATORS, recorded[-1].tolist(), strict=True)) if recorded.size else mean
    answer = {name: mean[name] for name in ("organisations", "concentration", "mix_people")}
    for name, in_ports, in_open in (
        ("seized_at_ports", "seized_ports", "seized_open_country"),
        ("moved_through_ports", "drugs_ports", "drugs_open_country"),
    ):
        answer[name] = ratio(mean[in_ports], mean[in_ports] + mean[in_open])
    return answer | {name: last[name] for name in ("competence", "integrity")}


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
        baseline[command.sector] = command.baseline * command.base
    return {
        "depth_south": ratio(parts["south"], sum(parts.values())),
        "displacement_index": displacement(at_line, model.flow_history.baseline_attempts()),
        "displacement_seen": displacement(caught, baseline),
    }


def displacement(counts: np.ndarray, counts_before: np.ndarray) -> float:
    """Compute the share of a total that is in another category than before.

    Args:
        counts, counts_before: counts by category, of equal shape.

    Returns:
        Half the summed absolute changes in all shares, 0 to 1, or NaN if either total is 0.
    """
    if counts.sum() <= 0.0 or counts_before.sum() <= 0.0:
        return float("nan")
    return float(np.abs(counts / counts.sum() - counts_before / counts_before.sum()).sum() / 2.0)
