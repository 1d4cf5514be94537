"""What things are called on the screen: policies as they are used, presets, dates, countries."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from abm.policies import registry
from abm.policies.base import money
from abm.scenario.policy_specs import PolicySpec, parse_policy
from viz.screen.choice import PORTFOLIOS, STATUS_QUO

if TYPE_CHECKING:
    from viz.screen.words import Words


def policy_title(t: Words, policy: str) -> str:
    """The title of a policy by its id; an id that nobody declared is told as it is."""
    known = registry().get(policy)
    return t.translate(known.title) if known else policy


def policy_label(t: Words, text: str) -> str:
    """A policy in its written form, in words: its title and, where they are set, dose and dates."""
    use = parse_policy(text)
    return ", ".join([policy_title(t, use.id), *_amount(t, use), *_period(t, use)])


def _amount(t: Words, use: PolicySpec) -> list[str]:
    """How much of it, and whether its own numbers are others than declared."""
    if use.dollars is not None:
        told = [f"{money(use.dollars)} {t('a_year')}"]
    else:
        told = [] if use.dose == 1.0 else [f"{t('dose')} {use.dose:.4g}"]
    return [*told, t("naming.own_numbers")] if use.numbers else told


def _period(t: Words, use: PolicySpec) -> list[str]:
    """From when to when; nothing where it is the whole run."""
    ends = (("naming.from_date", use.start), ("naming.to_date", use.end))
    return [f"{t(key)} {date_label(t, date)}" for key, date in ends if date]


def preset_label(t: Words, preset: str) -> str:
    """What one may start from."""
    if preset == STATUS_QUO:
        return t("status_quo")
    return t(f"preset_of.{preset}") if preset in PORTFOLIOS else policy_title(t, preset)


def date_label(t: Words, date: datetime.date) -> str:
    """A day of the calendar, such as 1 Oct 2012."""
    return f"{date.day} {t('naming.months').split()[date.month - 1]} {date.year}"


def localised_payload(t: Words, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload of a map with the names of its places and sectors in this language."""
    places = [place | _names(t.translate(place["name"])) for place in payload["places"]]
    sectors = [sector | {"name": t.translate(sector["name"])} for sector in payload["sectors"]]
    return payload | {"places": places, "sectors": sectors}


def _names(name: str) -> dict[str, str]:
    """Of a place: the whole name, and the one on the map."""
    return {"name": name, "short": name.split(" (")[0]}
