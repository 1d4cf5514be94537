"""The card "Build your own": what each world does, for which dollars, from when."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import solara

from abm.policies.base import money
from viz.figures.markup import esc
from viz.screen.panels import policy_groups
from viz.screen.panels.budgets import costs_money, read_millions
from viz.screen.panels.naming import date_label, policy_title
from viz.screen.panels.parts import box, button, raw, widget
from viz.screen.session.pairs import OWN, OwnTerms, Pair, UnmetError, first_day, last_start
from viz.screen.session.session import Session
from viz.screen.widgets.traits import OwnPair
from viz.screen.words import Words

Typed = dict[str, str]
_NOTE = "own_pair"
_LONGEST = 60  # characters of a field


class InvalidError(ValueError):
    """A field that cannot be read: its name, and the reason in the visitor's language."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


@solara.component
def OwnCard(session: Session, run: Callable[[Pair], None], change: Callable[[Pair], None]):
    """Show fields for two worlds, a button that runs them, and one that opens the policies.

    Args:
        session: the visitor's session, which stores the typed texts.
        run: called with the pair to simulate.
        change: called with the pair to change in the drawer.
    """
    t = session.words
    error, set_error = solara.use_state(dict[str, str]())
    typed: Typed = session.notes.setdefault(_NOTE, first_typed())

    def take(value: Any) -> None:
        session.notes[_NOTE] = read_typed(value)
        set_error({})

    def use(then: Callable[[Pair], None]) -> None:
        try:
            pair = own_pair(t, session.notes[_NOTE])
        except InvalidError as invalid:
            set_error({"field": invalid.field, "text": invalid.reason})
        else:
            then(pair)

    with box(cls="tb-ready tb-ready-own", tag="article", **{"aria-labelledby": "tb-own-title"}):
        with box(cls="tb-ready-head"):
            box(t("start.own"), tag="h3", id="tb-own-title")
        raw(
            esc(t("start.own_help").format(count=len(policy_groups.instruments()))),
            cls="tb-ready-text",
            tag="p",
        )
        widget(
            OwnPair,
            groups=groups(t.language),
            words=t.part("start.field"),
            dates=[first_day().isoformat(), last_start().isoformat()],
            typed=typed,
            on_typed=take,
            error=error,
            run=lambda: use(run),
        )
        with box(cls="tb-ready-foot"):
            name = f"{t('start.play')}: {t('start.own')}"
            more: dict[str, Any] = {"color": "primary", "icon_name": "mdi-play"}
            button(t("start.play"), lambda: use(run), cls="tb-play", aria_label=name, **more)
            button(t("start.own_open"), lambda: use(change), cls="tb-own-open", outlined=True)


def first_typed() -> Typed:
    """Return the texts that the fields show first."""
    millions = f"{OWN.dollars / 1e6:.0f}"
    return {"a": OWN.a, "b": OWN.b, "dollars": millions, "start": OWN.start.isoformat()}


def read_typed(value: Any) -> Typed:
    """Read what the browser sends: texts of the known fields, not longer than they can be."""
    found = value if isinstance(value, Mapping) else {}
    return {name: str(found.get(name, ""))[:_LONGEST] for name in first_typed()}


@cache
def groups(language: str) -> list[list[Any]]:
    """Return the instruments that cost money, by who acts and where."""
    t = Words(language)
    names = [one for one in policy_groups.instruments() if costs_money(one)]
    return [
        [
            t(f"policies_panel.group.{group}.title"),
            [[one, policy_title(t, one)] for one in names if policy_groups.group_of(one) == group],
        ]
        for group in policy_groups.GROUPS
    ]


def own_pair(t: Words, typed: Typed) -> Pair:
    """Return the pair that the typed texts define.

    Args:
        t: the words of the visitor's language.
        typed: texts by field.

    Returns:
        The pair.

    Raises:
        InvalidError: for a field that cannot be read, or dollars that an instrument cannot take.
    """
    known = {name for _, options in groups(t.language) for name, _ in options} | {""}
    for world in ("a", "b"):
        if typed[world] not in known:
            raise InvalidError(world, t("policies_panel.error.gone"))
    if typed["a"] == typed["b"]:
        raise InvalidError("b", t("start.own_same"))
    terms = OwnTerms(typed["a"], typed["b"], _dollars(t, typed), _start(t, typed))
    try:
        return terms.pair()
    except UnmetError as unmet:
        raise InvalidError("dollars", _unmet(t, typed, unmet)) from None


def _dollars(t: Words, typed: Typed) -> float:
    """Read the dollars of both worlds."""
    try:
        dollars = read_millions(typed["dollars"])
    except ValueError:
        dollars = 0.0
    if dollars <= 0.0:
        raise InvalidError("dollars", t("policies_panel.error.millions"))
    return dollars


def _start(t: Words, typed: Typed) -> datetime.date:
    """Read the first day of both policies."""
    try:
        start = datetime.date.fromisoformat(typed["start"])
    except ValueError:
        raise InvalidError("start", t("policies_panel.error.date")) from None
    if not first_day() <= start <= last_start():
        first, last = (date_label(t, day) for day in (first_day(), last_start()))
        raise InvalidError("start", t("start.own_dates").format(first=first, last=last))
    return start


def _unmet(t: Words, typed: Typed, unmet: UnmetError) -> str:
    """Say which dollars an instrument can take."""
    policy = policy_title(t, typed["ab"[unmet.world]])
    low, high = money(unmet.low), money(unmet.high)
    return t("start.own_unmet").format(policy=policy, low=low, high=high)
