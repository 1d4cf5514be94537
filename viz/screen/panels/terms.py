"""The terms of one instrument in one world: from when to when, and the numbers of its own."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import solara

from abm.policies import registry
from abm.scenario.policy_specs import parse_policy
from agents.param import params_of
from viz.screen.choice import with_terms
from viz.screen.panels.numbox import number_box
from viz.screen.panels.parts import box, note
from viz.screen.session import Session


@solara.component
def Terms(session: Session, text: str, take: Callable[[str], None]):
    """Dates and numbers; ``take`` is given the instrument in its written form."""
    t, use = session.words, parse_policy(text)
    with solara.Details(t("terms")):
        note(t("terms_help"))
        with box(cls="tb-dates"):
            for key in ("start", "end"):
                value = getattr(use, key)
                _Day(
                    t(f"terms_{key}"),
                    value.isoformat() if value else "",
                    lambda date, key=key: take(with_terms(text, **{key: date})),
                )
        own: dict[str, Any] = dict(use.numbers)
        for name, declared in params_of(registry()[use.id]).items():
            if declared.is_table or declared.kind not in (int, float):
                continue  # a table's entries are set in a scenario, by label
            number_box(
                t,
                name,
                declared,
                own.get(name, declared.value),
                lambda v, name=name: take(with_terms(text, numbers={name: v})),
            )


@solara.component
def _Day(label: str, value: str, on_date: Callable[[datetime.date | None], None]):
    """A day, by the browser's own calendar; empty is none."""

    def changed(told: str) -> None:
        try:
            on_date(datetime.date.fromisoformat(told) if told else None)
        except ValueError:
            return  # half typed

    solara.v.TextField(
        label=label, type="date", v_model=value, on_v_model=changed, dense=True, clearable=True
    )
