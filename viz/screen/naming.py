"""Names on the screen: policies with their terms, presets, dates, and places on the map."""

from __future__ import annotations

import datetime
from typing import Any

from abm.policies import registry
from abm.policies.base import money
from abm.scenario.policy_specs import PolicySpec, parse_policy
from viz.screen.choice import PORTFOLIOS, STATUS_QUO
from viz.screen.words import Words


def policy_title(t: Words, policy: str) -> str:
    """Return the title of a policy.

    Args:
        t: the words of the language.
        policy: id of the policy.

    Returns:
        The translated title; the id for an unknown policy.
    """
    known = registry().get(policy)
    return t.translate(known.title) if known else policy


def policy_label(t: Words, text: str) -> str:
    """Describe a policy by its title and, where set, dose and dates.

    Args:
        t: the words of the language.
        text: the policy in its written form.

    Returns:
        The description, parts separated by commas.
    """
    use = parse_policy(text)
    return ", ".join([policy_title(t, use.id), *_amount(t, use), *_period(t, use)])


def _amount(t: Words, use: PolicySpec) -> list[str]:
    """Describe the dose or dollars, and whether numbers differ from the default."""
    if use.dollars is not None:
        parts = [f"{money(use.dollars)} {t('a_year')}"]
    else:
        parts = [] if use.dose == 1.0 else [f"{t('dose')} {use.dose:.4g}"]
    return [*parts, t("naming.own_numbers")] if use.numbers else parts


def _period(t: Words, use: PolicySpec) -> list[str]:
    """Describe the start and end; empty for the whole run."""
    ends = (("naming.from_date", use.start), ("naming.to_date", use.end))
    return [f"{t(key)} {date_label(t, date)}" for key, date in ends if date]


def preset_label(t: Words, preset: str) -> str:
    """Return the name of a preset.

    Args:
        t: the words of the language.
        preset: key of the preset.

    Returns:
        The name of the status quo, of a portfolio, or the title of a policy.
    """
    if preset == STATUS_QUO:
        return t("status_quo")
    return t(f"preset_of.{preset}") if preset in PORTFOLIOS else policy_title(t, preset)


def date_label(t: Words, date: datetime.date) -> str:
    """Format a date.

    Args:
        t: the words of the language.
        date: the date.

    Returns:
        Text such as "1 Oct 2012".
    """
    return f"{date.day} {t('naming.months').split()[date.month - 1]} {date.year}"


def localised_payload(t: Words, payload: dict[str, Any]) -> dict[str, Any]:
    """Translate the names of places and sectors in the payload of a map.

    Args:
        t: the words of the language.
        payload: result of `viz.screen.widgets.world.world_payload`.

    Returns:
        A new payload.
    """
    places = [place | _names(t.translate(place["name"])) for place in payload["places"]]
    sectors = [sector | {"name": t.translate(sector["name"])} for sector in payload["sectors"]]
    return payload | {"places": places, "sectors": sectors}


def _names(name: str) -> dict[str, str]:
    """Return the full name of a place and its short name on the map."""
    return {"name": name, "short": name.split(" (")[0]}
