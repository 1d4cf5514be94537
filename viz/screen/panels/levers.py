"""Controls of each world, generated from the declared policies and parameters."""

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
from viz.screen.panels.parts import box, card, heading, note, raw, select, show_error
from viz.screen.panels.terms import Terms
from viz.screen.session import Session
from viz.screen.words import Words, folded

_SHOWN = 8  # parameters shown by a search
_STEPS = 100


@solara.component
def Levers(session: Session):
    """Show the policies of each world, the run settings, and a search for parameters."""
    t = session.words
    with card(t("levers"), cls="tb-levers"):
        note(t("levers_help" if session.worlds == 2 else "levers_help_alone"))
        if session.error.value:
            show_error(t, session.error.value)
        for world in reversed(range(session.worlds)):
            with box(cls=f"tb-world tb-{'ab'[world]}"):
                heading(world_name(session, world), 3)
                _World(session, world)
        _Run(session)
        _Numbers(session)


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
        Terms(session, text, lambda new, text=text: apply(_replaced(policies, text, new)))


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
    with box(cls="tb-lever", title=_about(t, policy)):
        raw(f"<b>{esc(t.translate(policy.title))}</b> {esc(label)}", cls="tb-label")
        solara.SliderFloat(
            "",
            value=shown,
            min=policy.low,
            max=policy.high,
            step=10.0 ** math.floor(math.log10(policy.high / _STEPS)),
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
    """Return how a policy acts and when it fails, for a tooltip."""
    return f"{t.translate(policy.mechanism)} {t.translate(policy.fails_when)}"


@solara.component
def _Run(session: Session):
    """Show the seed, length and scale of both worlds."""
    t, choice = session.words, session.choice.value
    with box(cls="tb-run-settings", title=t("seed_help")):
        _whole(t("seed"), choice.seed, lambda v: session.choose(seed=max(0, v)))
        _whole(t("length"), choice.days, lambda v: session.choose(days=_within(v, 1, MOST_DAYS)))
        _whole(t("scale"), choice.scale, lambda v: session.choose(scale=_within(v, FINEST, 1000)))


def _whole(label: str, value: int, on_value: Callable[[int], None]) -> None:
    """Show a field for a whole number."""
    solara.InputInt(label, value=value, optional=True, on_value=unless_empty(on_value))


def _within(value: int, low: int, high: int) -> int:
    """Limit a number to bounds."""
    return max(low, min(high, value))


@solara.component
def _Numbers(session: Session):
    """Show the parameters that were changed or match a search in path, description and unit."""
    t, choice = session.words, session.choice.value
    word, set_word = solara.use_state("")
    with solara.Details(t("numbers")):
        note(t("numbers_help"))
        solara.InputText(t("find_number"), value=word, on_value=set_word, continuous_update=True)
        changed = dict(choice.numbers)
        rows = parameters(choice.scenario(0))
        wanted = [row for row in rows if row.path in changed or _matches(t, row, word)]
        for row in [r for r in wanted if r.kind in (int, float)][:_SHOWN]:
            _Number(session, row, changed)


def _matches(t: Words, row: Row, word: str) -> bool:
    """Return whether all words of a search are in a parameter's path, description or unit."""
    text = folded(f"{row.path} {t.translate(row.doc)} {t.translate(row.unit)}")
    return len(word) > 2 and all(part in text for part in folded(word).split())


@solara.component
def _Number(session: Session, row: Row, changed: dict[str, str]):
    """Show a field for a parameter."""

    def apply(value: float) -> None:
        numbers = changed | {row.path: f"{value:g}"}
        if value == row.default:
            numbers.pop(row.path)
        session.choose(numbers=tuple(numbers.items()))

    number_box(session.words, row.path, row, row.value, apply)
