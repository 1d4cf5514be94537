"""The panel of policies: presets, instruments by who acts and where, run settings, budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.panels.budgets import yearly_total
from viz.screen.panels.number_fields import NumberSearch, RunSettings
from viz.screen.panels.number_labels import list_words
from viz.screen.panels.parts import box, button, details, heading, note, raw, show_error, widget
from viz.screen.panels.policies.actions import Refused, Request, act, millions, read_request
from viz.screen.panels.policies.view import payload
from viz.screen.session.choice import Choice
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.widgets.traits import PolicyList
from viz.screen.words import Words

Marks = dict[str, dict[str, str]]
_MOVES = ("add", "remove", "preset")  # actions that change the positions of policies
_TRANSIENT = (":add", ":preset", ":equal")  # messages that any other action removes
_MOST_MARKS = 200


@solara.component
def Policies(session: Session):
    """Show the policies of each world, their costs, the run settings and a search."""
    t, choice = session.words, session.choice.value
    marks: solara.Reactive[Marks] = solara.use_reactive({})

    def ask(message: Any) -> None:
        request = read_request(message, session.worlds)
        if request is not None:
            now, worlds = session.choice.value, session.worlds
            changed, after = done(session.words, now, worlds, request, marks.value)
            marks.set(after)
            if changed is not None:
                session.set_choice(changed)

    with box(cls="tb-card tb-policies", tag="section"):
        heading(t("policies_panel.title"))
        note(t("policies_panel.help" if session.worlds == 2 else "policies_panel.help_alone"))
        show_error(t, session.error.value)
        widget(
            PolicyList,
            payload=payload(t, choice, session.worlds, marks.value),
            words=list_words(t),
            answer=ask,
        )
        with details(t("policies_panel.more")):
            RunSettings(session)
            NumberSearch(session)
        _Footer(session, marks.value, ask)


def done(
    t: Words, choice: Choice, worlds: int, request: Request, marks: Marks
) -> tuple[Choice | None, Marks]:
    """Apply an action of a visitor; collect the marks of the fields.

    Args:
        t: the words of the language.
        choice: the present choice.
        worlds: number of worlds, 1 or 2.
        request: the action.
        marks: the marks of the fields before it.

    Returns:
        The changed choice, None if it stays, and the marks of the fields after it.
    """
    kept = {key: one for key, one in marks.items() if not key.endswith(_TRANSIENT)}
    for old in list(kept)[:-_MOST_MARKS]:  # a page has fewer fields
        del kept[old]
    kept[""] = {"turn": f"{int(marks.get('', {}).get('turn', 0)) + 1}"}  # the page gets an answer
    try:
        result = act(t, choice, request, worlds)
    except Refused as refused:
        return None, kept | {request.key: {"error": str(refused)} | _typed(request.value)}
    if request.do in _MOVES:  # the fields of this world are other ones now
        kept = {k: one for k, one in kept.items() if not k.startswith(f"{request.world}:")}
    kept.pop(request.key, None)
    note = {request.key: {"note": result.note}} if result.note else {}
    return (result.choice if result.choice != choice else None), kept | note


def _typed(value: Any) -> dict[str, str]:
    """Return a refused value as its field shows it again: a text, or dates by their end."""
    if isinstance(value, Mapping):
        return {end: str(value[end])[:10] for end in ("start", "end") if end in value}
    return {"typed": value} if isinstance(value, str) else {}


@solara.component
def _Footer(session: Session, marks: Marks, ask: Callable[[Any], None]):
    """Show what each world costs a year, and the buttons to make budgets equal and to run."""
    t, choice = session.words, session.choice.value
    totals = [yearly_total(choice.policies(k), choice.scenario(k)) for k in range(session.worlds)]
    with box(cls="tb-budget"):
        raw(budget_markup(session, totals), cls="tb-budget-totals")
        if len(totals) == 2 and abs(totals[0] - totals[1]) >= 1.0:
            button(
                t("policies_panel.equal.button"),
                lambda: ask({"do": "equal"}),
                cls="tb-equal",
                text=True,
                small=True,
            )
        _RunButton(session)
        problem = marks.get("0:-1:equal", {}).get("error", "")
        raw(esc(problem), cls="tb-trouble", tag="p")


def budget_markup(session: Session, totals: list[float]) -> str:
    """Return the totals of the worlds and their difference as markup."""
    t = session.words
    year = esc(t("a_year"))
    if len(totals) == 1:
        return el("span", f"<b>{esc(millions(totals[0]))}</b> {year}")
    parts = [
        el("span", f"{_badge(k)}<b>{esc(millions(total))}</b> {year}")
        for k, total in enumerate(totals)
    ]
    apart = abs(totals[0] - totals[1])
    said = t("policies_panel.equal.apart" if apart >= 1.0 else "policies_panel.equal.same")
    return "".join([*parts, el("span", esc(said.format(dollars=millions(apart))))])


def _badge(world: int) -> str:
    """Return the mark of a world: a disc for A, a square for B."""
    return el("i", "AB"[world], class_=f"tb-badge tb-badge-{'ab'[world]}")


@solara.component
def _RunButton(session: Session):
    """Show the button that runs or pauses the worlds."""
    t, phase = session.words, session.status.value.phase
    running = phase in (Phase.RUNNING, Phase.SEEKING)

    def run() -> None:
        drawer: Any = getattr(session, "drawer", None)  # this panel may be in a drawer
        if drawer is not None and not running:
            drawer.set(False)
        session.toggle()

    button(
        t("pause" if running else "run"),
        run,
        cls="tb-run-policies",
        color="primary",
        disabled=phase in (Phase.BUILDING, Phase.FAILED, Phase.ENDED),
    )
