"""Names on the screen: policies with doses and dates, presets, pairs, dates and places."""

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from abm.policies import registry
from abm.policies.base import money
from abm.scenario.policy_specs import parse_policy
from viz.figures.basemap import map_data
from viz.figures.route_map import wide_map_svg
from viz.screen.session.choice import STATUS_QUO, Policies, packaged_world, preset_of, presets
from viz.screen.session.pairs import PAIRS, Pair
from viz.screen.widgets.world import world_payload
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.screen.session.session import Session


def policy_title(t: Words, policy: str) -> str:
    """Return the title of a policy.

    Args:
        t: texts in the display language.
        policy: id of the policy.

    Returns:
        The translated title, or the id of an unknown policy.
    """
    policy_class = registry().get(policy)
    return t.translate(policy_class.title) if policy_class else policy


def policy_label(t: Words, text: str) -> str:
    """Describe a policy by its title and, if they are set, its dose and dates.

    Args:
        t: texts in the display language.
        text: policy as text.

    Returns:
        The description, with commas between its parts.
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
    """Return the name of a preset and, for a portfolio, the dollars that it plans."""
    if preset == STATUS_QUO:
        return t("status_quo")
    dollars = sum(parse_policy(text).dollars or 0.0 for text in presets()[preset])
    return f"{t(f'preset_of.{preset}')}, {t('naming.planned').format(money(dollars))}"


def short_title(t: Words, policies: Policies) -> str:
    """Return the name of a world in a few words.

    Args:
        t: texts in the display language.
        policies: policies of the world as text.

    Returns:
        The name in a ready pair or of a preset, the title of the only policy, or the side that acts
        and the number of policies.
    """
    if not policies:
        return t("status_quo")
    for pair in PAIRS:
        if policies in (pair.a, pair.b):
            return pair_texts(t, pair)["b" if policies == pair.b else "a"]
    if preset := preset_of(policies):
        return t(f"preset_of.{preset}")
    if len(ids := {parse_policy(text).id for text in policies}) == 1:
        return policy_title(t, *ids)
    side = "cooperation" if _needs_mexico(policies) else "us_only"
    return t("naming.portfolio").format(name=t(f"preset_of.{side}"), count=len(ids))


def _needs_mexico(policies: Policies) -> bool:
    """Return whether any of the policies needs Mexico."""
    classes = (registry().get(parse_policy(text).id) for text in policies)
    return any(policy.needs_mexico for policy in classes if policy)


def pair_texts(t: Words, pair: Pair) -> dict[str, str]:
    """Return the texts of a ready pair, with values that are computed from its declaration.

    Args:
        t: texts in the display language.
        pair: pair from `PAIRS`.

    Returns:
        Texts by name: title, text, a and b.
    """
    a, b = pair.dollars(0), pair.dollars(1)
    figures = {
        "dollars": money(max(a, b)),
        "about_a": money(float(f"{a:.2g}")),
        "about_b": money(float(f"{b:.2g}")),
        "times": f"{b / a if a else 0.0:.0f}",
        "miles": f"{pair.miles(1):.0f}",
        "date": date_label(t, pair.start + datetime.timedelta(days=pair.began - 1)),
    }
    return {name: text.format(**figures) for name, text in t.part(f"start.pair.{pair.id}").items()}


def date_label(t: Words, date: datetime.date) -> str:
    """Format a date in the display language, as in "1 Oct 2012"."""
    return f"{date.day} {t('naming.months').split()[date.month - 1]} {date.year}"


def date_of(session: Session, day: int) -> datetime.date:
    """Return the date of a day in the run, which counts from 1."""
    return session.choice.value.scenario(0).start + datetime.timedelta(days=max(0, day - 1))


def day_label(session: Session, day: int) -> str:
    """Format the date of a day in the run in the visitor's language."""
    return date_label(session.words, date_of(session, day))


def localised_payload(t: Words, payload: dict[str, Any]) -> dict[str, Any]:
    """Return map data in which places and sectors have translated names.

    Args:
        t: texts in the display language.
        payload: result of `viz.screen.widgets.world.world_payload`.
    """
    places = [place | {"name": t.translate(place["name"])} for place in payload["places"]]
    sectors = [sector | {"name": t.translate(sector["name"])} for sector in payload["sectors"]]
    return payload | {"places": places, "sectors": sectors}


@cache
def map_payload(language: str) -> dict[str, Any]:
    """Return the data of the packaged world for map widgets. Do not change the result."""
    return localised_payload(Words(language), world_payload(packaged_world()))


#: Places that the wide map names.
_CITIES = ("Tijuana", "Ciudad Juárez", "Reynosa", "Mexico City", "Tapachula", "San Pedro Sula")


@cache
def wide_map(language: str) -> str:
    """Draw the map next to the question of the start card and at the top of About, as SVG."""
    t = Words(language)
    names = {place: t.translate(place) for place in _CITIES}
    texts = {"title": t("start.wide"), "text": t("start.wide_text")}
    return wide_map_svg(map_data(packaged_world()), names, **texts)


# ---- question about the policies of two worlds, or of a single world in a replay
_NAMED = 2  # maximum number of policies per world that a question names


def question_of(t: Words, a: Policies, b: Policies | None) -> str:
    """Return the question that the worlds answer.

    Args:
        t: texts in the display language.
        a, b: policies in A and in B as text, or None for B if there is a single world.
    """
    if b is None:
        return _filled(t, "question_alone", a) if a else t("layout.question_now")
    if set(a) == set(b):
        return t("layout.question_same")
    if pair := next((pair for pair in PAIRS if (pair.a, pair.b) == (a, b)), None):
        return pair_texts(t, pair)["title"]
    if a and b and _needs_mexico(a) != _needs_mexico(b):
        return t("layout.border_question")
    if _ids(a) == _ids(b):
        return _filled(t, "question_terms", a, b)
    key = "question_with" if not a else "question" if b else "question_without"
    return _filled(t, key, a, b)


def _filled(t: Words, key: str, a: Policies = (), b: Policies = ()) -> str:
    """Insert the names of the policies in A and B into a question."""
    return t(f"layout.{key}").format(a=_names(t, a), b=_names(t, b))


def _names(t: Words, policies: Policies) -> str:
    """Return the titles of up to `_NAMED` policies, or a portfolio's name."""
    if len(policies) > _NAMED:
        return t("layout.named").format(short_title(t, policies))
    titles = [policy_title(t, parse_policy(text).id) for text in policies]
    return f" {t('layout.and')} ".join(map(t("layout.named").format, titles))


def _ids(policies: Policies) -> frozenset[str]:
    return frozenset(parse_policy(text).id for text in policies)
