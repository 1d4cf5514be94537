"""The terms of an instrument in one world: its dates and its own numbers."""

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
def Terms(session: Session, text: str, on_change: Callable[[str], None]):
    """Show the dates and numbers of an instrument.

    Args:
        session: the visitor's session.
        text: the instrument in its written form.
        on_change: called with its new written form.
    """
    t, use = session.words, parse_policy(text)

    def change(**changes: Any) -> None:
        on_change(with_terms(text, **changes))

    with solara.Details(t("terms")):
        note(t("terms_help"))
        with box(cls="tb-dates"):
            for key in ("start", "end"):
                value = getattr(use, key)
                date = value.isoformat() if value else ""
                _Day(t(f"terms_{key}"), date, lambda date, key=key: change(**{key: date}))
        own: dict[str, Any] = dict(use.numbers)
        for name, declared in params_of(registry()[use.id]).items():
            if declared.is_table or declared.kind not in (int, float):
                continue  # entries of a table are set by label, in a scenario file
            value = own.get(name, declared.value)
            number_box(t, name, declared, value, lambda v, name=name: change(numbers={name: v}))


@solara.component
def _Day(label: str, value: str, on_date: Callable[[datetime.date | None], None]):
    """Show a date field with the browser's calendar; empty means no date."""

    def changed(text: str) -> None:
        try:
            on_date(datetime.date.fromisoformat(text) if text else None)
        except ValueError:
            return  # incomplete input

    solara.v.TextField(
        label=label, type="date", v_model=value, on_v_model=changed, dense=True, clearable=True
    )
