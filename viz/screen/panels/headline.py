"""Head of the page Compare: the question, the answer, and buttons."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from functools import partial

import solara

from abm.measures import HUMAN_COSTS
from abm.policies.base import money
from abm.scenario import Scenario
from experiments.runs.case import YEAR, Case
from viz.documents.comparison.sentences import Changes, clauses, sentence, verdict
from viz.figures.markup import el, esc
from viz.figures.numbers import ranged_percent, rounded
from viz.screen.panels.budgets import equal_spending, planned_dollars
from viz.screen.panels.maps import mark
from viz.screen.panels.naming import day_label, question_of
from viz.screen.panels.parts import LiveMarkup, box, button
from viz.screen.panels.person_choice import PersonHead, paragraph, state_markup
from viz.screen.panels.policy_period_counts import (
    apart,
    changes_since,
    is_equal,
    policies_began,
    times,
)
from viz.screen.session.replicates import SEEDS
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary
from viz.screen.words import Words

#: [A] Persons per simulated migrant in runs that measure spending, which hardly depends on scale.
COARSE = 1_000
#: Characters of a question that fit into its line next to the ratio of the money.
LONGEST = 62


@solara.component
def Headline(session: Session):
    """Show the question and the answer between the policy button and the view buttons."""
    t = session.words
    if session.view.value == "person":
        PersonHead(session)
        return
    with box(cls="tb-headline"):
        button(
            t("layout.policies"),
            lambda: session.drawer.set(True),
            cls="tb-open-policies",
            outlined=True,
            icon_name="mdi-tune",
        )
        with box(cls="tb-ask"):
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
        LiveMarkup(session, lambda: answer_markup(session), cls="tb-told", every=0.5)


def answer_markup(session: Session) -> str:
    """Build the question in a small line, the answer as headline, and the other results.

    Args:
        session: session that holds the worlds.

    Returns:
        HTML. Without an answer, the headline is the question, and the line below it is an error,
        the state of the run, or the reason for waiting.
    """
    choice, state = session.choice.value, state_markup(session)
    question = question_of(session.words, choice.a, choice.b)
    if len(question) > LONGEST:
        question = session.words("layout.question_short")
    runs = session.replicates.value.seeds
    if "tb-trouble" in state or not (session.now.day or runs or session.seed_runs.ahead):
        return el("h1", esc(question)) + (state or paragraph(session.words("layout.ready")))
    ratio, lead, rest = _sentences(session)
    ratio = el("mark", esc(ratio)) if ratio else ""
    if not lead:
        return el("h1", esc(question)) + el("p", ratio, esc(f" {rest}"))
    days = (day_label(session, day) for day in (policies_began(session), choice.days))
    period = el("span", esc(session.words("answer.period").format(*days)))
    kicker = el("p", ratio, esc(question), period, class_="tb-question")
    return kicker + el("h1", esc(lead.removesuffix("."))) + paragraph(rest)


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
    """Return a scenario's spending in dollars per year from a coarse run, or 0 if the run fails."""
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
#: Outcomes that the answer names, in this order.
NAMED = ("got_aways", *HUMAN_COSTS)
_KNOWN = ("fewer", "more", "alike")  # verdicts


def answer_sentence(session: Session) -> str:
    """State the changes from the first day with policies to the end of the run.

    Args:
        session: session that holds the worlds.

    Returns:
        Some short sentences.
    """
    ratio, lead, rest = _sentences(session)
    if lead and session.now.day < session.choice.value.days:  # An earlier day is displayed.
        lead = sentence(session.words("answer.in_all").format(lead[:1].lower() + lead[1:-1]))
    return " ".join(filter(None, (ratio, lead, rest)))


def _sentences(session: Session) -> tuple[str, str, str]:
    """Return which world spent how much more, the change in got-aways, and the other changes.

    As long as there is no answer, the second text is empty and the third gives the reason.
    """
    t, days = session.words, session.choice.value.days
    if (missing := _missing(session)) is not None:
        return missing
    figures = {count.name: count for count in changes_since(session, days)}
    ratio, paid = _money(session)
    shares = [count.percent for count in figures.values()]
    if all(share and share.low90 == share.high90 == 0.0 for share in shares):
        return ratio, sentence(t("answer.nothing")), paid
    lead, rest = answer_of(t, {name: figures[name].change for name in NAMED})
    return ratio, lead, f"{paid} {rest}".strip()


def answer_of(t: Words, changes: Changes) -> tuple[str, str]:
    """State which outcomes differ, are about equal, or have an unclear change.

    Args:
        t: texts in the display language.
        changes: changes by name, in the order of `NAMED`.

    Returns:
        A sentence on the first outcome, and one or two sentences on the other outcomes, which give
        no ranges.
    """

    def write(names: Sequence[str], skipped: str = "") -> str:
        chosen = {name: changes[name] for name in names}
        first, *rest = clauses(lambda key: t(f"answer.{key}") if key != skipped else "", chosen)
        if any(verdict(change) in _KNOWN for change in chosen.values()):
            first = t("answer.with_b").format(first)
        return " ".join(map(sentence, [first, *rest]))

    return write(NAMED[:1]), write(NAMED[1:], "range")


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
    """Return which world spent how many times as much as the other, and the sums that both spent.

    If a world's spending and plan differ by more than a tenth, the text gives both sums. The first
    text is empty if both worlds spend about the same. The second text is empty if only one world
    spends money. Both texts are empty if no world does.
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
        return "", t("answer.paid").format(*texts, apart(t, low, high))
    names = ("A", "B") if sums[0][0] == high else ("B", "A")
    if not low > 0.0:
        return t("answer.alone").format(names[0], texts["AB".index(names[0])]), ""
    times_text = t("answer.times").format(*names, times(low, high))
    return times_text, t("answer.sums").format(*texts)


def _missing(session: Session) -> tuple[str, str, str] | None:
    """Return the parts of `_sentences` that say why there is no answer yet, or None if there is."""
    t, replicates = session.words, session.replicates.value
    a, b = (session.choice.value.scenario(world) for world in (0, 1))
    if set(a.policies) == set(b.policies):
        return "", "", t("answer.same_policies")
    began = policies_began(session)
    if began > a.days:
        return "", "", t("answer.too_late").format(date=day_label(session, began))
    if replicates.finished >= SEEDS:
        return None
    if replicates.error:
        return "", "", t("answer.failed").format(error=t.translate(replicates.error))
    counts = session.seed_counts
    first = next(count for count in changes_since(session, a.days) if count.name == NAMED[0])
    if first.percent is None:
        queue = session.seed_runs.ahead
        waiting = t("answer.queue").format(queue) if queue else ""
        return "", "", t("answer.few").format(**counts) + waiting
    estimate = sentence(t("answer.estimate").format(*ranged_percent(first.percent), **counts))
    ratio, paid = _money(session)
    return ratio, "", f"{paid} {estimate}".strip()
