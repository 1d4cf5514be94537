"""Convert a scenario into the parameter record that the day loop reads by name.

Most entries are settings. The last entries are rewritten every morning from the state after the
previous day.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.labels import NATIONS
from agents.migrants.columns import MAX_ORIGINS, SLOTS, parameter_record
from agents.outcomes import (
    GROUP_OF_NATION,
    N_CONSEQUENCES,
    N_GROUPS,
    N_KINDS,
    Consequence,
    Group,
    Kind,
)
from agents.param import params_of

ADULT = Kind.ADULT
LOW_RETRY, HIGH_RETRY = 0.6, 0.95  # bounds of the retry probability after expulsion to the line


def nation_index(country: str, group: int) -> int:
    """Return a community's row in tables by nation.

    Args:
        country: two-letter code.
        group: the community's group. All communities in group 0 have Mexico's row.

    Returns:
        Index in NATIONS.
    """
    if group == Group.MEXICAN:
        return NATIONS.index("MX")
    foreign = country in NATIONS and country != "MX"
    return NATIONS.index(country if foreign else "other")


def by_nation(by_group: Any) -> np.ndarray:
    """Return values by nation and kind from values by group, or by group and kind.

    Args:
        by_group: values by group, shape (2,) or (2, kinds).

    Returns:
        Array of shape (nations, kinds).
    """
    values = np.asarray(by_group, dtype=float)
    if values.ndim == 1:
        values = np.repeat(values[:, None], N_KINDS, axis=1)
    return values[GROUP_OF_NATION]


def shift_log_odds(probability: float, log_odds: float) -> float:
    """Return a probability with shifted log-odds. The values 0 and 1 do not change."""
    if not 0.0 < probability < 1.0:
        return probability
    odds = probability / (1.0 - probability) * math.exp(log_odds)
    return odds / (1.0 + odds)


def _retry_table(m: Any) -> np.ndarray:
    """Return the probability of another attempt, shape (consequences, nations, kinds).

    The row for expulsions describes expulsions to the line. After them, people try again at least
    as often as after a voluntary return.
    """
    table = np.zeros((N_CONSEQUENCES, len(NATIONS), N_KINDS))
    table[Consequence.TURNED_BACK] = m.retry_turned_back
    table[Consequence.VOLUNTARY_RETURN] = by_nation((m.retry_mexican, m.retry_removed))
    removed = shift_log_odds(m.retry_mexican, -m.sanction_removal)
    table[Consequence.REMOVAL] = by_nation((removed, m.retry_removed))
    table[Consequence.PROSECUTION] = by_nation((m.retry_prosecuted, m.retry_removed))
    table[Consequence.RETURNED_BY_MEXICO] = m.retry_returned_by_mexico
    table[Consequence.KIDNAPPING] = m.retry_kidnapped
    table[Consequence.WAIT] = m.retry_waiting
    expelled = shift_log_odds(m.retry_turned_back, -m.expulsion_deterrence)
    bounded = min(max(expelled, LOW_RETRY), HIGH_RETRY)
    table[Consequence.EXPULSION] = np.maximum(bounded, table[Consequence.VOLUNTARY_RETURN])
    table[Consequence.TRANSFER] = m.retry_transferred
    return table


@dataclass(frozen=True, slots=True)
class LawTables:
    """Consequences after an apprehension by nation and kind, before beds, courts and levers.

    All tables have shape (nations, kinds), except `retry` with shape (consequences, nations,
    kinds).

    Attributes:
        release: share of all people who are released to proceedings.
        prosecution: share of people not released who are referred to prosecution (adults only).
        voluntary: share of people neither released nor prosecuted who return without a removal
            order.
        stay_removal: days in detention before removal.
        release_without_bed: probability of release before a removal if no bed is free.
        returned_to_line: 1 if U.S. custody ends where the person crossed, 0 if it ends at home.
        retry: probability that the person tries again.
    """

    release: np.ndarray
    prosecution: np.ndarray
    voluntary: np.ndarray
    stay_removal: np.ndarray
    release_without_bed: np.ndarray
    returned_to_line: np.ndarray
    retry: np.ndarray


def law_tables(settings: Any) -> LawTables:
    """Return the consequences that a scenario declares, without dated changes.

    Args:
        settings: the scenario.

    Returns:
        Tables in new arrays, which the caller may change.
    """
    m, c = settings.migrants, settings.consequences
    return LawTables(
        release=by_nation([c.release_mexican, c.release]),
        prosecution=by_nation(c.prosecution),
        voluntary=by_nation([c.voluntary_return, c.voluntary_return]),
        stay_removal=by_nation(c.stay_removal),
        release_without_bed=by_nation([c.release_without_bed, c.release_without_bed]),
        returned_to_line=by_nation((1.0, 0.0)),
        retry=_retry_table(m),
    )


def again_tables(settings: Any, law: LawTables) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of another attempt after a stop, as people expect them.

    After a U.S. apprehension, people expect the probability after a removal. Mexicans expect the
    mean over removal and voluntary return, weighted by their shares. After a stop by Mexico, people
    expect the mean over kinds, weighted by candidates.

    Args:
        settings: the scenario.
        law: consequences.

    Returns:
        Probabilities after a stop by the United States, shape (nations, kinds), and after a stop by
        Mexico, shape (nations,).
    """
    removal, voluntary = law.retry[Consequence.REMOVAL], law.retry[Consequence.VOLUNTARY_RETURN]
    mexican = (GROUP_OF_NATION == Group.MEXICAN)[:, None]
    us = removal + np.where(mexican, law.voluntary, 0.0) * (voluntary - removal)
    m = settings.migrants
    shares = by_nation([m.kind_share_mexican, m.kind_share_northern_triangle])
    by_mexico = law.retry[Consequence.RETURNED_BY_MEXICO]
    # A mean written as differences from one kind is exact for equal values.
    more = (by_mexico - by_mexico[:, :1]) * shares / np.maximum(shares.sum(axis=1), 1e-12)[:, None]
    return us, by_mexico[:, 0] + more.sum(axis=1)


def build_kernel_params(
    settings: Any,
    origin_place: np.ndarray,
    origin_nation: np.ndarray,
    first_guided: int,
    south_place: int = 0,
) -> np.ndarray:
    """Build a scenario's parameter record.

    Args:
        settings: the scenario.
        origin_place: place index by community.
        origin_nation: index in NATIONS by community.
        first_guided: row of the first guided class in the route tables.
        south_place: place in southern Mexico to which Mexico moves people, negative if there is
            none.

    Returns:
        Structured array, shape (1,).

    Raises:
        ValueError: there are more than MAX_ORIGINS communities.
    """
    if origin_place.size > MAX_ORIGINS:
        raise ValueError(
            f"world: {origin_place.size} communities of origin; at most {MAX_ORIGINS} are supported"
        )
    m, c = settings.migrants, settings.consequences
    law = law_tables(settings)
    again_us, again_mx = again_tables(settings, law)
    places, nations, zeros = np.zeros(MAX_ORIGINS), np.zeros(MAX_ORIGINS), np.zeros(len(NATIONS))
    places[: origin_place.size], nations[: origin_nation.size] = origin_place, origin_nation
    values = {
        name: getattr(group, name)
        for group in (m, c)
        for name, p in params_of(type(group)).items()
        if p.kind is not str
    }
    values |= {
        "prospect": float(m.theory == "prospect"),
        "origin_place": places,
        "nation": nations,
        "first_guided": first_guided,
        "first_port": first_guided + 3 * SLOTS,
        "retry": law.retry,
        **dict.fromkeys(("again_us", "again_us_law", "again_us_base"), again_us),
        **dict.fromkeys(("again_mx", "again_mx_law", "again_mx_base"), again_mx),
        "returned_to_line": law.returned_to_line,
        "day_cost": settings.routes.day_cost,
        "pace": (m.pace_solo, m.pace_guided, m.pace_guided),  # by mode
        "wait_days": (m.wait_days_solo, m.wait_days_guided, m.wait_days_guided),
        "delay_us": (m.delay_mexican_return, m.delay_removal),
        "delay_mexico": m.delay_return_by_mexico,
        "kidnap_factor": (m.kidnap_mexican_factor, 1.0),
        "caught_share": settings.border_patrol.caught_share,
        "turned_share": settings.border_patrol.turned_share,
        "extortion": settings.mexico.extortion,
        **{
            f"release_{part}": law.release
            for part in ("share", "base", "law", "seen", "usual", "view")
        },
        "prosecution": law.prosecution[:, ADULT],
        "voluntary": law.voluntary,
        "stay_removal": law.stay_removal,
        "stay_removal_law": law.stay_removal,
        "release_without_bed": law.release_without_bed,
        "screening_us_base": c.screening_us,
        "legal_fee_base": m.legal_fee,
        "wait_kidnap_hazard_base": m.wait_kidnap_hazard,
        "south_place": float(south_place),
        # These entries change every morning.
        **dict.fromkeys(("fiscal_year", "wait_share", "transferred", "ports"), 0.0),
        **dict.fromkeys(("heat", "bed_free", "court_free"), 1.0),
        **dict.fromkeys(("legal_hope", "legal_served", "expelled_to_line"), zeros),
        **dict.fromkeys(
            ("belief", "release_news", "deterred", "bar_loss"), np.zeros((len(NATIONS), N_KINDS))
        ),
        "work_value": np.zeros(N_GROUPS),
        "experience": np.zeros((2, len(NATIONS), N_KINDS, 4)),
        "legal_rate": np.ones(len(NATIONS)),
        "expelled": np.zeros((len(NATIONS), N_KINDS)),
        "surrender": by_nation([m.surrender_mexican, m.surrender]),
    }
    return parameter_record(values)
