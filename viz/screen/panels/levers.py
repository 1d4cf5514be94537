"""Levers: what each world does, made from the declared policies and parameters; none by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import solara

from abm.policies import registry
from abm.policies.base import Policy, money
from abm.scenario import Row, parameters
from abm.scenario.policy_specs import parse_policy
from viz.figures.markup import esc
from viz.screen.choice import (
    FINEST,
    MOST_DAYS,
    STATUS_QUO,
    Policies,
    dose_of,
    preset_of,
    presets,
    with_dose,
)
from viz.screen.naming import policy_title, preset_label
from viz.screen.panels.maps import world_name
from viz.screen.panels.numbox import number_box, unless_empty
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.panels.terms import Terms
from viz.screen.session import Session
from viz.screen.words import Words, folded

_SHOWN = 8  # numbers of the model that a search shows
_STEPS = 100


@solara.component
def Levers(session: Session):
    """Both worlds' policies, the run's own settings, and any number of the model."""
    t = session.words
    with box(cls="tb-card tb-levers", tag="section"):
        heading(t("levers"))
        note(t("levers_help" if session.worlds == 2 else "levers_help_alone"))
        if session.trouble.value:
            raw(esc(t.translate(session.trouble.value)), cls="tb-trouble", tag="p")
        for world in reversed(range(session.worlds)):
            with box(cls=f"tb-world tb-{'ab'[world]}"):
                heading(world_name(session, world), 3)
                _World(session, world)
        _Run(session)
        _Numbers(session)


@solara.component
def _World(session: Session, world: int):
    """Where a world starts from, its instruments and their doses."""
    t, policies = session.words, session.choice.value.policies(world)

    def take(new: Policies) -> None:
        session.choose(**{"ab"[world]: new})

    names = _preset_names(session)
    chosen = preset_of(policies)
    solara.Select(
        t("preset"),
        values=[*names.values(), t("mine")],
        value=names[chosen] if chosen else t("mine"),
        on_value=lambda told: take(_preset(names, told, policies)),
    )
    more = [name for name in registry() if name not in (STATUS_QUO,)]
    titles = {policy_title(t, name): name for name in more}
    active = [use.id for use in map(parse_policy, policies)]
    solara.SelectMultiple(
        t("instruments"),
        values=[policy_title(t, name) for name in active],
        all_values=list(titles),
        dense=True,
        on_value=lambda told: take(_switched(policies, [titles[x] for x in told])),
    )
    if not policies:
        note(t("nothing_more"))
    for text in policies:
        _Dose(session, text, lambda dose, text=text: take(_dosed(policies, text, dose)))
        Terms(session, text, lambda new, text=text: take(_replaced(policies, text, new)))


def _preset_names(session: Session) -> dict[str, str]:
    """What one may start from, by id, in words."""
    return {name: preset_label(session.words, name) for name in presets()}


def _preset(names: dict[str, str], told: str, now: Policies) -> Policies:
    """The policies of a preset that is named in words."""
    return next((presets()[name] for name, words in names.items() if words == told), now)


def _switched(policies: Policies, names: list[str]) -> Policies:
    """The policies with some switched off, and others on at their full dose."""
    for name in {parse_policy(text).id for text in policies} - set(names):
        policies = with_dose(policies, name, None)
    for name in names:
        if name not in {parse_policy(text).id for text in policies}:
            policies = with_dose(policies, name, 1.0)
    return policies


def _dosed(policies: Policies, text: str, dose: float) -> Policies:
    """The policies with another dose of one."""
    return with_dose(policies, parse_policy(text).id, dose)


def _replaced(policies: Policies, text: str, new: str) -> Policies:
    """The policies with one of them on other terms."""
    return tuple(new if one == text else one for one in policies)


@solara.component
def _Dose(session: Session, text: str, on_dose: Callable[[float], None]):
    """A slider for the dose of one policy, with its dollars and what it is."""
    t, policy = session.words, registry()[parse_policy(text).id].full_programme()
    dose = dose_of(text)
    shown, set_shown = solara.use_state(dose)
    solara.use_effect(lambda: set_shown(dose), [dose])
    dollars = f" · {money(shown * policy.dollars_at_one)} {t('a_year')}"
    told = f"{t('dose')} {shown:.2g}{dollars if policy.dollars_at_one else ''}"
    with box(cls="tb-lever", title=_about(t, policy)):
        raw(f"<b>{esc(t.translate(policy.title))}</b> {esc(told)}", cls="tb-label")
        solara.SliderFloat(
            "",
            value=shown,
            min=policy.low,
            max=policy.high,
            step=_step(policy.high),
            on_value=set_shown,
            thumb_label=False,
        )
        if abs(shown - dose) > 1e-9:
            solara.Button(
                t("apply"),
                on_click=lambda: on_dose(round(shown, 4)),
                small=True,
                color="primary",
                classes=["tb-apply"],
            )


def _about(t: Words, policy: Policy) -> str:
    """What an instrument does and when it fails, for a pointer that rests on it."""
    return f"{t.translate(policy.mechanism)} {t.translate(policy.fails_when)}"


def _step(high: float) -> float:
    """A round step of a slider, of which a hundred or more fit."""
    return 10.0 ** math.floor(math.log10(high / _STEPS))


@solara.component
def _Run(session: Session):
    """Seed, length and scale: of both worlds."""
    t, choice = session.words, session.choice.value
    with box(cls="tb-run-settings", title=t("seed_help")):
        _whole(t("seed"), choice.seed, lambda v: session.choose(seed=max(0, v)))
        _whole(t("length"), choice.days, lambda v: session.choose(days=_within(v, 1, MOST_DAYS)))
        _whole(t("scale"), choice.scale, lambda v: session.choose(scale=_within(v, FINEST, 1000)))


def _whole(label: str, value: int, take: Callable[[int], None]) -> None:
    """A box for a whole number."""
    solara.InputInt(label, value=value, optional=True, on_value=unless_empty(take))


def _within(value: int, low: int, high: int) -> int:
    """A whole number within bounds."""
    return max(low, min(high, value))


@solara.component
def _Numbers(session: Session):
    """Any declared number of the model, found by words in its path or in what it is."""
    t, choice = session.words, session.choice.value
    word, set_word = solara.use_state("")
    with solara.Details(t("numbers")):
        note(t("numbers_help"))
        solara.InputText(t("find_number"), value=word, on_value=set_word, continuous_update=True)
        told = dict(choice.numbers)
        rows = parameters(choice.scenario(0))
        wanted = [row for row in rows if row.path in told or _meant(t, row, word)]
        for row in [r for r in wanted if r.kind in (int, float)][:_SHOWN]:
            _Number(session, row, told)


def _meant(t: Words, row: Row, word: str) -> bool:
    """Whether all words that are looked for stand in a number's path, text or unit."""
    told = folded(f"{row.path} {t.translate(row.doc)} {t.translate(row.unit)}")
    return len(word) > 2 and all(part in told for part in folded(word).split())


@solara.component
def _Number(session: Session, row: Row, told: dict[str, str]):
    """One number: unit, bounds, what it is, and whether it is assumed."""

    def take(value: float) -> None:
        changed = told | {row.path: f"{value:g}"}
        if value == row.default:
            changed.pop(row.path)
        session.choose(numbers=tuple(changed.items()))

    number_box(session.words, row.path, row, row.value, take)
