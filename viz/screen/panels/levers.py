"""Controls of each world, generated from the declared policies; their dates and own numbers."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import solara

from abm.policies import registry
from abm.policies.base import money
from abm.scenario.policy_specs import parse_policy
from agents.param import params_of
from viz.figures.markup import esc
from viz.screen.choice import (
    STATUS_QUO,
    Policies,
    dose_of,
    preset_of,
    presets,
    with_dose,
    with_terms,
)
from viz.screen.naming import policy_title, preset_label
from viz.screen.panels.maps import world_names
from viz.screen.panels.number_fields import NumberSearch, RunSettings, number_field
from viz.screen.panels.parts import box, button, card, heading, note, raw, select, show_error
from viz.screen.session import Session

_STEPS = 100


@solara.component
def Levers(session: Session):
    """Show the policies of each world, the run settings, and a search for parameters."""
    t = session.words
    with card(t("levers"), cls="tb-levers"):
        note(t("levers_help" if session.worlds == 2 else "levers_help_alone"))
        show_error(t, session.error.value)
        for world in reversed(range(session.worlds)):
            with box(cls=f"tb-world tb-{'ab'[world]}"):
                heading(world_names(session)[world], 3)
                _World(session, world)
        RunSettings(session)
        NumberSearch(session)


@solara.component
def _World(session: Session, world: int):
    """Show the preset of a world, its instruments and their doses."""
    t, policies = session.words, session.choice.value.policies(world)

    def apply(new: Policies) -> None:
        session.choose(**{"ab"[world]: new})

    def apply_preset(name: str | None) -> None:
        apply(policies if name is None else presets()[name])

    names: dict[str, str | None] = {preset_label(t, name): name for name in presets()}
    select(t("preset"), names | {t("mine"): None}, preset_of(policies), apply_preset)
    titles = {policy_title(t, name): name for name in registry() if name != STATUS_QUO}
    solara.SelectMultiple(
        t("instruments"),
        values=[policy_title(t, use.id) for use in map(parse_policy, policies)],
        all_values=list(titles),
        dense=True,
        on_value=lambda chosen: apply(_switched(policies, [titles[x] for x in chosen])),
    )
    if not policies:
        note(t("nothing_more"))
    for text in policies:
        name = parse_policy(text).id
        _Dose(session, text, lambda dose, name=name: apply(with_dose(policies, name, dose)))
        _Terms(session, text, lambda new, text=text: apply(_replaced(policies, text, new)))


def _switched(policies: Policies, names: list[str]) -> Policies:
    """Return the named policies: others are removed, new ones are added at full dose."""
    active = {parse_policy(text).id for text in policies}
    for name in active - set(names):
        policies = with_dose(policies, name, None)
    for name in names:
        if name not in active:
            policies = with_dose(policies, name, 1.0)
    return policies


def _replaced(policies: Policies, text: str, new: str) -> Policies:
    """Replace one policy."""
    return tuple(new if one == text else one for one in policies)


@solara.component
def _Dose(session: Session, text: str, on_dose: Callable[[float], None]):
    """Show a slider for the dose of a policy, with its dollars."""
    t, policy = session.words, registry()[parse_policy(text).id].full_programme()
    dose = dose_of(text)
    shown, set_shown = solara.use_state(dose)
    solara.use_effect(lambda: set_shown(dose), [dose])
    dollars = f" · {money(shown * policy.dollars_at_one)} {t('a_year')}"
    label = f"{t('dose')} {shown:.2g}{dollars if policy.dollars_at_one else ''}"
    about = f"{t.translate(policy.mechanism)} {t.translate(policy.fails_when)}"
    with box(cls="tb-lever", title=about):
        raw(f"<b>{esc(t.translate(policy.title))}</b> {esc(label)}", cls="tb-label")
        solara.SliderFloat(
            f"{t.translate(policy.title)}: {t('dose')}",  # for screen readers only
            value=shown,
            min=policy.low,
            max=policy.high,
            step=10.0 ** math.floor(math.log10(policy.high / _STEPS)),
            on_value=set_shown,
            thumb_label=False,
        )
        if abs(shown - dose) > 1e-9:
            apply = partial(on_dose, round(shown, 4))
            button(t("apply"), apply, cls="tb-apply", small=True, color="primary")


@solara.component
def _Terms(session: Session, text: str, on_change: Callable[[str], None]):
    """Show the dates and numbers of an instrument, which is given in its written form."""
    t, use = session.words, parse_policy(text)

    def change(**changes: Any) -> None:
        on_change(with_terms(text, **changes))

    with solara.Details(t("terms")):
        note(t("terms_help"))
        with box(cls="tb-dates"):
            for key in ("start", "end"):
                date = str(getattr(use, key) or "")
                _Day(t(f"terms_{key}"), date, lambda date, key=key: change(**{key: date}))
        own: dict[str, Any] = dict(use.numbers)
        for name, declared in params_of(registry()[use.id]).items():
            if declared.is_table or declared.kind not in (int, float):
                continue  # entries of a table are set by label, in a scenario file
            value = own.get(name, declared.value)
            number_field(t, name, declared, value, lambda v, name=name: change(numbers={name: v}))


@solara.component
def _Day(label: str, value: str, on_date: Callable[[datetime.date | None], None]):
    """Show a date field with the browser's calendar; empty means no date."""

    def changed(text: str) -> None:
        try:
            on_date(datetime.date.fromisoformat(text) if text else None)
        except (TypeError, ValueError):
            return  # incomplete input, or no text

    solara.v.TextField(
        label=label, type="date", v_model=value, on_v_model=changed, dense=True, clearable=True
    )
