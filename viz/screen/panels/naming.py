"""Names on the screen: policies with their terms, presets, dates, and places on the map."""

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from abm.policies import registry
from abm.policies.base import money
from abm.scenario.policy_specs import parse_policy
from viz.screen.session.choice import STATUS_QUO, Policies, packaged_world
from viz.screen.session.pairs import ALONE
from viz.screen.widgets.world import world_payload
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.screen.session.session import Session


def policy_title(t: Words, policy: str) -> str:
    """Return the title of a policy.

    Args:
        t: words in the display language.
        policy: the policy's id.

    Returns:
        The translated title; the id for an unknown policy.
    """
    policy_class = registry().get(policy)
    return t.translate(policy_class.title) if policy_class else policy


def policy_label(t: Words, text: str) -> str:
    """Describe a policy by its title and, where set, dose and dates.

    Args:
        t: words in the display language.
        text: the policy in its written form.

    Returns:
        The description, parts separated by commas.
    """
    use = parse_policy(text)
    parts = [policy_title(t, use.id)]
    if use.dollars is not None:
        parts.append(t("naming.planned").format(money(use.dollars)))
    elif use.dose != 1.0:
        parts.append(f"{t('dose')} {use.dose:.4g}")
    if use.numbers:
        parts.append(t("naming.own_numbers"))
    for key, date in (("naming.from_date", use.start), ("naming.to_date", use.end)):
        if date:
            parts.append(f"{t(key)} {date_label(t, date)}")
    return ", ".join(parts)


def preset_label(t: Words, preset: str) -> str:
    """Return the name of a preset: the status quo or a portfolio."""
    return t("status_quo" if preset == STATUS_QUO else f"preset_of.{preset}")


def date_label(t: Words, date: datetime.date) -> str:
    """Format a date.

    Args:
        t: words in the display language.
        date: the date.

    Returns:
        Text such as "1 Oct 2012".
    """
    return f"{date.day} {t('naming.months').split()[date.month - 1]} {date.year}"


def date_of(session: Session, day: int) -> datetime.date:
    """Return the date of a day of the run, from 1."""
    return session.choice.value.scenario(0).start + datetime.timedelta(days=max(0, day - 1))


def day_label(session: Session, day: int) -> str:
    """Format the date of a day of the run, from 1, in the visitor's language."""
    return date_label(session.words, date_of(session, day))


def localised_payload(t: Words, payload: dict[str, Any]) -> dict[str, Any]:
    """Translate place and sector names in a map's payload.

    Args:
        t: words in the display language.
        payload: result of `viz.screen.widgets.world.world_payload`.

    Returns:
        A new payload.
    """
    names = [t.translate(place["name"]) for place in payload["places"]]
    places = [
        place | {"name": name, "short": name.split(" (")[0]}
        for place, name in zip(payload["places"], names, strict=True)
    ]
    sectors = [sector | {"name": t.translate(sector["name"])} for sector in payload["sectors"]]
    return payload | {"places": places, "sectors": sectors}


@cache
def map_payload(language: str) -> dict[str, Any]:
    """Return the world as a map widget takes it, with names in a language; do not change it."""
    return localised_payload(Words(language), world_payload(packaged_world()))


# ---- the question that two worlds, or one in a replay, answer; it is made of their policies
def _ids(policies: Policies) -> frozenset[str]:
    return frozenset(parse_policy(text).id for text in policies)


#: Keys of questions by the policies of A and of B; other pairs get a question made of their titles.
QUESTIONS: dict[tuple[frozenset[str], frozenset[str]], str] = {
    (frozenset(), frozenset({"southern_border_control"})): "layout.border_question",
    (
        frozenset({"cameras_and_sensors"}),
        frozenset({"southern_border_control"}),
    ): "layout.border_question",
    (_ids(ALONE.a), _ids(ALONE.b)): "layout.alone_question",
}
_NAMED = 2  # policies of a world that a question names


def question_of(t: Words, a: Policies, b: Policies | None) -> str:
    """Return the question that worlds answer.

    Args:
        t: words in the display language.
        a, b: policies in A and B in their written form, or None for B if there is one world.

    Returns:
        The question.
    """
    if b is None:
        return _filled(t, "question_alone", a) if a else t("layout.question_now")
    used = (_ids(a), _ids(b))
    if question := QUESTIONS.get(used):
        return t(question)
    if set(a) == set(b):
        return t("layout.question_same")
    if used[0] == used[1]:
        return _filled(t, "question_terms", a, b)
    key = "question_with" if not a else "question" if b else "question_without"
    return _filled(t, key, a, b)


def _filled(t: Words, key: str, a: Policies = (), b: Policies = ()) -> str:
    """Return a question that names the policies in A and B."""
    return t(f"layout.{key}").format(a=_names(t, a), b=_names(t, b))


def _names(t: Words, policies: Policies) -> str:
    """Return the first policies' titles, and how many others there are."""
    titles = [t("layout.named").format(policy_title(t, parse_policy(text).id)) for text in policies]
    if (more := len(titles) - _NAMED) > 0:
        titles = [*titles[:_NAMED], t("layout.more").format(count=more)]
    *first, last = titles or [""]
    return f"{', '.join(first)} {t('layout.and')} {last}" if first else last
