"""Conversion of a scenario into the record of parameters that the day loop reads by name.

Most entries are settings; those in :data:`DYNAMIC` are rewritten every morning from the state of
the previous day.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.migrants.columns import MAX_ORIGINS, SLOTS, parameter_record
from agents.outcomes import N_CONSEQUENCES, Consequence

DYNAMIC = (
    "fiscal_year",
    "heat",
    "bed_free",
    "court_free",
    "legal_hope",
    "legal_served",
    "legal_rate",
    "legal_fee",
    "release_view",
    "release_share",
    "surrender_now",
    "wait_share",
    "wait_kidnap_hazard",
    "screening_us",
    "stay_removal",
    "ports",
)


def _retry_table(m: Any) -> np.ndarray:
    """Return the probability of another attempt by consequence and group, (consequences, 2)."""
    table = np.zeros((N_CONSEQUENCES, 2))
    table[Consequence.TURNED_BACK] = m.retry_turned_back
    table[Consequence.VOLUNTARY_RETURN] = (m.retry_mexican, m.retry_removed)
    table[Consequence.REMOVAL] = (m.retry_mexican, m.retry_removed)
    table[Consequence.PROSECUTION] = (m.retry_prosecuted, m.retry_removed)
    table[Consequence.RETURNED_BY_MEXICO] = m.retry_returned_by_mexico
    table[Consequence.KIDNAPPING] = m.retry_kidnapped
    table[Consequence.WAIT] = m.retry_waiting
    return table


def _release_table(c: Any) -> np.ndarray:
    """Return the share released by group and kind while beds are free, shape (2, 3)."""
    return np.array([c.release_mexican, c.release])


def build_kernel_params(settings: Any, origin_place: np.ndarray, first_guided: int) -> np.ndarray:
    """Build the record of parameters of a scenario.

    Args:
        settings: the scenario.
        origin_place: place of each origin community.
        first_guided: row of the first guided class in the route tables.

    Returns:
        Structured array of shape (1,).

    Raises:
        ValueError: there are more than MAX_ORIGINS communities.
    """
    if origin_place.size > MAX_ORIGINS:
        raise ValueError(
            f"world: {origin_place.size} communities of origin; at most {MAX_ORIGINS} are supported"
        )
    m, c, x = settings.migrants, settings.consequences, settings.mexico
    places = np.zeros(MAX_ORIGINS)
    places[: origin_place.size] = origin_place
    names = (
        "prelec_alpha",
        "loss_aversion",
        "gain",
        "loss",
        "stay_value",
        "decision_noise",
        "mode_noise",
        "solo_burden",
        "solo_cost",
        "danger_aversion",
        "reputation_value",
        "solo_attempts",
        "guided_attempts",
        "legal_value",
        "legal_fee",
        "credit",
        "wealth_median",
        "wealth_log_sd",
        "knowledge_mean",
        "knowledge_spread",
        "need_of_protection",
        "port_burden",
        "legal_refusal",
        "wait_in_mexico_days",
        "wait_kidnap_hazard",
        "wait_granted",
        "retry_value_slope",
        "retry_fatigue",
        "ransom",
        "kidnap_days",
        "kidnap_death",
        "return_rate",
        "return_elasticity",
    )
    values = {name: getattr(m, name) for name in names}
    values |= {
        "prospect": float(m.theory == "prospect"),
        "origin_place": places,
        "first_guided": first_guided,
        "first_port": first_guided + 3 * SLOTS,
        "retry": _retry_table(m),
        "again_us": (m.retry_mexican, m.retry_removed),
        "again_mx": m.retry_returned_by_mexico,
        "pace": (m.pace_solo, m.pace_guided, m.pace_guided),  # by mode
        "wait_days": (m.wait_days_solo, m.wait_days_guided, m.wait_days_guided),
        "delay_us": (m.delay_mexican_return, m.delay_removal),
        "delay_mexico": m.delay_return_by_mexico,
        "kidnap_factor": (m.kidnap_mexican_factor, 1.0),
        "caught_share": settings.border_patrol.caught_share,
        "turned_share": settings.border_patrol.turned_share,
        "extortion": x.extortion,
        "release_share": _release_table(c),
        "release_base": _release_table(c),
        "prosecution": c.prosecution,
        "voluntary": c.voluntary_return,
        "stay_removal": c.stay_removal,
        "stay_prosecution": c.stay_prosecution,
        "screening_us": c.screening_us,
        "screening_mexico": c.screening_mexico,
        "returned_by_mexico": c.returned_by_mexico,
        "asylum_mexico": c.asylum_mexico,
        "stay_mexico": c.stay_mexico,
        # rewritten every morning
        "fiscal_year": 0.0,
        "heat": 1.0,
        "bed_free": 1.0,
        "court_free": 1.0,
        "legal_hope": (0.0, 0.0),
        "legal_served": (0.0, 0.0),
        "legal_rate": (1.0, 1.0),
        "wait_share": 0.0,
        "ports": 0.0,
        "release_view": _release_table(c),
        "surrender_now": m.surrender,
    }
    return parameter_record(values)
