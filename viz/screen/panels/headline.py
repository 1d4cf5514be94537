"""Head of the page Compare: the question, the answer, and buttons."""

from __future__ import annotations

import dataclasses
import threading
from functools import partial

import solara

from abm.measures import HUMAN_COSTS
from abm.policies.base import money
from abm.scenario import Scenario
from experiments.runs.case import YEAR, Case
from viz.documents.comparison.sentences import Changes, clauses, sentence
from viz.figures.markup import el, esc
from viz.figures.numbers import ranged_percent, rounded
from viz.screen.panels.budgets import equal_spending, planned_dollars
from viz.screen.panels.maps import mark
from viz.screen.panels.naming import day_label, question_of
from viz.screen.panels.parts import LiveMarkup, box, button
from viz.screen.panels.person_choice import PersonHead, paragraph, state_markup
from viz.screen.panels.policy_period_counts import changes_since, is_equal, policies_began, times
from viz.screen.session.replicates import SEEDS
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary
from viz.screen.words import Words

#: [A] Persons per simulated migrant in runs that measure spending, which hardly depends on scale.
COARSE = 1_000
_LONG = 52  # largest number of characters of a question on one line


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
    """Show the answer, an error, or the reason for waiting, always at the same height."""
    for field in (session.choice, session.error):  # Their changes matter even without a run.
        field.get()
    phase = session.status.value.phase
    steady = {} if phase is Phase.RUNNING else {"role": "status"}  # silent during a run
    with box(cls="tb-answer", **steady):
        LiveMarkup(session, lambda: answer_markup(session), every=0.5)


def answer_markup(session: Session) -> str:
    """Build the line below the question.

    Args:
        session: session that holds the worlds.

    Returns:
        HTML with an error, the state of a loop that builds or seeks, or the answer.
    """
    state, runs = state_markup(session), session.replicates.value.seeds
    if "tb-trouble" in state or not (session.now.day or runs or session.seed_runs.ahead):
        return state or paragraph(session.words("layout.ready"))
    text = answer_sentence(session)
    if (lead := _money(session)[0]) and text.startswith(lead):
        return el("p", el("mark", esc(lead[:-1])), esc(text[len(lead) - 1 :]), title=text)
    return paragraph(text)


@solara.component
def EqualMoney(session: Session):
    """Show a button that makes the spending of both worlds equal, if it differs."""
    t, busy_choice, set_busy = session.words, *solara.use_state(None)
    choice, spent = session.choice.value, [spent for spent, _ in _spending(session)]
    busy = busy_choice is choice
    if min(spent) > 0.0 and not is_equal(*spent):

        def work() -> None:
            set_busy(choice)
            changed = equal_spending(choice, spent, partial(_coarse_spending, session))
            if changed and session.choice.value is choice:
                session.set_choice(changed)
            elif not changed:
                session.error.set(t("answer.not_equal"))
            set_busy(None)

        button(
            t("answer.search" if busy else "answer.make_equal"),
            lambda: threading.Thread(target=work, daemon=True).start(),
            cls="tb-make-equal",
            text=True,
            disabled=busy,
        )


def _coarse_spending(session: Session, scenario: Scenario) -> float:
    """Return the spending of a scenario in dollars per year, from a coarse background run."""
    case = Case(dataclasses.replace(scenario, scale=COARSE), session.choice.value.seed)
    for _, run in session.background.submit([case]):
        if isinstance(run, RunSummary):
            return run.outcomes["dollars"]
    return 0.0


@solara.component
def _Views(session: Session):
    """Show a switch between the two views of the worlds, and a button to follow a person."""
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
    """Show the button that opens a view."""
    marks = [mark(0), mark(1)] if name == "side" else []
    solara.Button(
        children=[*marks, session.words(f"layout.{name}")],
        on_click=lambda: session.view.set(name),
        text=True,
        classes=["tb-on"] if name == view else [],
        attributes={"aria-pressed": str(name == view).lower()},
    )


# ---- answer in words
#: Figures that the answer names, in this order.
NAMED = ("got_aways", *HUMAN_COSTS)


def answer_sentence(session: Session) -> str:
    """State the changes from the first day with policies to the end of the run.

    Args:
        session: session that holds the worlds.

    Returns:
        One or two short sentences, or the reason why the answer is not available.
    """
    t, days = session.words, session.choice.value.days
    if (missing := _missing(session)) is not None:
        return missing
    figures = {count.name: count for count in changes_since(session, days)}
    is_over, (lead, paid) = session.now.day >= days, _money(session)
    shares = [count.percent for count in figures.values()]
    if all(share and share.low90 == share.high90 == 0.0 for share in shares):
        return lead + sentence(_in_all(t, paid + t("answer.nothing"), is_over))
    return lead + answer_of(t, {name: figures[name].change for name in NAMED}, is_over, paid)


def answer_of(t: Words, changes: Changes, is_over: bool, paid: str = "") -> str:
    """State which figures change, which stay about equal, and which changes are unclear.

    Args:
        t: texts in the display language.
        changes: changes by name, in the order of `NAMED`.
        is_over: whether the run on the screen is over. Otherwise the answer starts with "in all".
        paid: clause on the spending of A and B, with which the first sentence starts.

    Returns:
        One or two sentences.
    """
    first, *rest = clauses(lambda key: t(f"answer.{key}"), changes)
    first = _in_all(t, paid + t("answer.with_b").format(first), is_over)
    return " ".join(map(sentence, [first, *rest]))


def _spending(session: Session) -> list[tuple[float, float]]:
    """Return the dollars that A and B spend and plan during the whole run.

    Spending is the mean over seeds. No dollars are spent before the policies begin, so the sums
    cover the same period as the changes.
    """
    choice, spent = session.choice.value, session.replicates.value.means("dollars")
    planned = (planned_dollars(choice, world) for world in (0, 1))
    return [
        (dollars * choice.days / YEAR, plan) for dollars, plan in zip(spent, planned, strict=True)
    ]


def _money(session: Session) -> tuple[str, str]:
    """Return a sentence if one world spends more, or else a clause if both spend about the same.

    If a world spends less than it plans by more than a tenth, both sums are named. Both texts are
    empty if no world spends any money.
    """
    t, sums = session.words, _spending(session)
    low, high = sorted(spent for spent, _ in sums)
    if not high > 0.0:
        return "", ""
    texts = [money(rounded(spent)) for spent, _ in sums]
    for k, (spent, planned) in enumerate(sums):
        if not is_equal(spent, planned):
            texts[k] = t("answer.of_planned").format(texts[k], money(rounded(planned)))
    if is_equal(low, high):
        return "", t("answer.paid").format(*texts)
    names = ("A", "B") if sums[0][0] == high else ("B", "A")
    more = dict(zip(("world", "other", "a", "b"), (*names, *texts), strict=True))
    key = "times" if low > 0.0 else f"{names[0].lower()}_alone"
    return t(f"answer.{key}").format(times=times(low, high), **more) + " ", ""


def _missing(session: Session) -> str | None:
    """Return why the answer is not available yet, or None if it is available."""
    t, replicates = session.words, session.replicates.value
    a, b = (session.choice.value.scenario(world) for world in (0, 1))
    if set(a.policies) == set(b.policies):
        return t("answer.same_policies")
    began = policies_began(session)
    if began > a.days:
        return t("answer.too_late").format(date=day_label(session, began))
    if replicates.finished >= SEEDS:
        return None
    if replicates.error:
        return t("answer.failed").format(error=t.translate(replicates.error))
    counts = session.seed_counts
    first = next(count for count in changes_since(session, a.days) if count.name == NAMED[0])
    if first.percent is None:
        queue = session.seed_runs.ahead
        return t("answer.few").format(**counts) + (t("answer.queue").format(queue) if queue else "")
    change = ranged_percent(first.percent)
    lead, paid = _money(session)
    return lead + sentence(paid + t("answer.estimate").format(*change, **counts))


def _in_all(t: Words, clause: str, is_over: bool) -> str:
    """Add "in all" to a clause, unless the run is over."""
    return clause if is_over else t("answer.in_all").format(clause)
