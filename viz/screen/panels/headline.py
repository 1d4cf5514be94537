"""The head of Compare: the question, the answer, and the page buttons."""

from __future__ import annotations

import solara

from abm.measures import HUMAN_COSTS
from abm.policies.base import money
from viz.documents.comparison.sentences import Changes, clauses, sentence
from viz.figures.numbers import ranged_percent, rounded
from viz.screen.panels.maps import mark
from viz.screen.panels.naming import day_label, question_of
from viz.screen.panels.parts import LiveMarkup, box, button
from viz.screen.panels.person_choice import PersonHead, paragraph, state_markup
from viz.screen.panels.policy_period_counts import changes_since, policies_began
from viz.screen.session.replicates import SEEDS
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.words import Words

_LONG = 52  # characters of a question from which on it takes two lines


@solara.component
def Headline(session: Session):
    """Show the question and the answer between the policy button and the view buttons."""
    t = session.words
    if session.view.value == "person":
        PersonHead(session)
        return
    choice = session.choice.value
    heading = question_of(t, choice.a, choice.b)
    with box(cls="tb-headline"):
        button(
            t("layout.policies"),
            lambda: session.drawer.set(True),
            cls="tb-open-policies",
            outlined=True,
            icon_name="mdi-tune",
        )
        with box(cls="tb-ask"):
            box(heading, tag="h1", cls="tb-long" if len(heading) > _LONG else "", title=heading)
            _Answer(session)
        _Views(session)


@solara.component
def _Answer(session: Session):
    """Show the answer sentence, or an error, or what the page waits for; always of one height."""
    for field in (session.choice, session.error):  # the line shows them, also without a run
        field.get()
    phase = session.status.value.phase
    steady = {} if phase is Phase.RUNNING else {"role": "status"}  # a run would never stop talking
    with box(cls="tb-answer", **steady):
        LiveMarkup(session, lambda: answer_markup(session), every=0.5)


def answer_markup(session: Session) -> str:
    """Build the line under the question.

    Args:
        session: the session that holds the worlds.

    Returns:
        Markup: an error, the state of a loop that builds or seeks, or the answer.
    """
    ready = session.words("layout.ready")
    return state_markup(session) or paragraph(
        answer_sentence(session) if session.now.day else ready
    )


@solara.component
def _Views(session: Session):
    """Show a switch between the views of both worlds, and a button to follow a person."""
    t, view = session.words, session.view.value
    with box(cls="tb-views"):
        with box(cls="tb-switch", role="group", **{"aria-label": t("layout.views")}):
            for name in ("side", "difference"):
                _switch(session, name, view)
        button(
            t("layout.person"),
            lambda: session.view.set("person"),
            cls="tb-person-view",
            outlined=True,
        )


def _switch(session: Session, name: str, view: str) -> None:
    """Show the button of a view."""
    marks = [mark(0), mark(1)] if name == "side" else []
    solara.Button(
        children=[*marks, session.words(f"layout.{name}")],
        on_click=lambda: session.view.set(name),
        text=True,
        classes=["tb-on"] if name == view else [],
        attributes={"aria-pressed": str(name == view).lower()},
    )


# ---- the answer to the comparison in words: the changes, and those that are not known
#: Figures of the answer; the first one comes first, human costs follow.
NAMED = ("got_aways", *HUMAN_COSTS)


def answer_sentence(session: Session) -> str:
    """State the changes since the policies began, and those that are not known.

    Args:
        session: the session that holds the worlds.

    Returns:
        One or two short sentences.
    """
    t, day = session.words, session.now.day
    if (missing := _missing(session, day)) is not None:
        return missing
    figures = {count.name: count for count in changes_since(session, day)}
    over, paid = day >= session.choice.value.days, _paid(session, day)
    shares = [count.percent for count in figures.values()]
    if all(share and share.low90 == share.high90 == 0.0 for share in shares):
        return sentence(_so_far(t, paid + t("answer.nothing"), over))
    return answer_of(t, {name: figures[name].change for name in NAMED}, over, paid)


def answer_of(t: Words, changes: Changes, over: bool, paid: str = "") -> str:
    """Say which figures differ, are about equal, or are not known to be either.

    Args:
        t: words in the display language.
        changes: changes by name, in the order of `NAMED`.
        over: whether the run is over, otherwise the answer begins with "so far".
        paid: what A and B spent, with which the first sentence begins.

    Returns:
        One or two sentences.
    """
    first, *rest = clauses(lambda key: t(f"answer.{key}"), changes)
    first = _so_far(t, paid + t("answer.with_b").format(first), over)
    return " ".join(map(sentence, [first, *rest]))


def _paid(session: Session, day: int) -> str:
    """Say what the policies of A and B spent until a day, or "" if neither plans to spend money.

    No dollars are spent before the policies begin, so the sums have the period of the changes.
    """
    (a, planned_a), (b, planned_b) = (log.dollars(day) for log in session.logs)
    if not planned_a + planned_b > 0.0:  # NaN without a ledger
        return ""
    return session.words("answer.paid").format(*(money(rounded(spent)) for spent in (a, b)))


def _missing(session: Session, day: int) -> str | None:
    """Return why there is no answer yet, or None if there is one."""
    t, replicates = session.words, session.replicates.value
    a, b = (session.choice.value.scenario(world) for world in (0, 1))
    if set(a.policies) == set(b.policies):
        return t("answer.same_policies")
    if not day or not session.logs:
        return t("answer.not_run")
    began = policies_began(session)
    if day < began:
        key = "answer.too_late" if began > a.days else "answer.not_begun"
        return t(key).format(date=day_label(session, began))
    finished = len(replicates.seeds)
    if finished >= SEEDS:
        return None
    if replicates.error:
        return t("answer.failed").format(error=t.translate(replicates.error))
    return t("answer.few").format(done=finished, of=SEEDS) + _estimate(session, day)


def _estimate(session: Session, day: int) -> str:
    """Return the preliminary change of the first figure, empty for few seeds."""
    t = session.words
    first = next(count for count in changes_since(session, day) if count.name == NAMED[0])
    if first.percent is None:
        return ""
    estimate = t("answer.estimate").format(*ranged_percent(first.percent))
    return " " + sentence(_paid(session, day) + estimate)


def _so_far(t: Words, clause: str, over: bool) -> str:
    """Return a clause with "so far", unless the run is over."""
    return clause if over else t("answer.so_far").format(clause)
