"""Panel with exported files, texts to copy, and the address of the current view."""

from __future__ import annotations

import copy
import shlex
import traceback
from collections.abc import Callable
from functools import partial

import solara

from abm.scenario import SettingError, parse_set
from viz.figures.markup import el, esc
from viz.screen.exports.export_registry import export_file, file_titles, scenario_toml
from viz.screen.exports.view import View
from viz.screen.panels.headline import answer_sentence
from viz.screen.panels.naming import question_of
from viz.screen.panels.parts import box, card, note, raw, widget_element
from viz.screen.panels.policy_period_counts import STRIP, policies_began
from viz.screen.session.address import address
from viz.screen.session.choice import BASE
from viz.screen.session.replicates import SEEDS
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Download, Downloads
from viz.screen.words import LANGUAGES, one_line

#: Python program that computes the counts on the page: levels on one seed, changes over all seeds.
_PYTHON = """\
import pandas as pd
import twoborders as tb  # {question} ?{address}
def count(policies, seed):
    settings = {{"days": {days}, "scale": {scale}, "policies": policies}}
    model = tb.start_model(tb.load_scenario(settings){numbers}, seed)
    for day in ({before}, {last}):  # before the policies begin, and the day on the page
        model.run_for(day - model.time)
        yield pd.Series(tb.measures.outcomes(model.ledger)) * day / 365
a, b = (pd.DataFrame(end - start for start, end in (count(policies, {seed} + k) \
for k in range({seeds}))) for policies in ({a}, {b}))
print(pd.DataFrame({{"A": a.loc[0], "B": b.loc[0], "B minus A, %": 100 * (b - a).mean() \
/ a.median()}}).loc[{names}].round(2))
"""
_COPIES = ("python", "command", "toml")


@solara.component
def Exports(session: Session):
    """Show a menu of tables, images, a replay and scenarios. Files are created on request."""
    t = session.words
    files = [[key, title] for key, title in file_titles(t).items()]
    with card(t("take.title")):
        note(t("take.help"))
        with box():  # A widget takes the height of its parent, so it needs its own box.
            buttons = [[key, t(f"take.copy_{key}")] for key in _COPIES]
            more = {"files": files, "buttons": buttons, "words": t.part("take")}
            widget_element(Downloads, answer=answered(session, partial(_file, session)), **more)
        note(t("take.report"))
        raw(el("a", esc(t("address")), href=f"?{address(session)}", class_="tb-link"), tag="p")
        note(t("note"))


def _text(session: Session, key: str) -> str:
    """Return the text to copy for a key in `_COPIES`."""
    if key == "toml":
        return scenario_toml(view_of(session), 1)
    return python_text(session) if key == "python" else report_command(session)


def python_text(session: Session) -> str:
    """Return a Python program that computes the counts on the page with `import twoborders`.

    The counts start on the first day with policies. They end on the displayed day or, if this is
    before the first day with policies, with the run.

    Args:
        session: session that holds the worlds.
    """
    choice, began = session.choice.value, policies_began(session)
    numbers = dict(parse_set(f"{path}={value}") for path, value in choice.numbers)
    return _PYTHON.format(
        question=question_of(session.words, choice.a, choice.b),
        address=address(session),
        days=choice.days,
        scale=choice.scale,
        numbers=f".with_settings({numbers})" if numbers else "",
        before=began - 1,
        last=session.now.day if session.now.day >= began else choice.days,
        a=list(choice.a),
        b=list(choice.b),
        seed=choice.seed,
        seeds=SEEDS,
        names=list(STRIP),
    )


def view_of(session: Session) -> View:
    """Return the worlds on the screen, or raise ``SettingError`` before the first day."""
    runs = (session.loop.scenarios, session.loop.seed) if session.loop else ((), 0)
    settings = (session.words, session.layers.value)
    return View(*runs, session.logs, session.now.day, *settings, _answers(session))


def _answers(session: Session) -> dict[str, str]:
    """Return the answer on the page in each language."""
    answers = {}
    for language in LANGUAGES:
        other = copy.copy(session)  # The copy has the same worlds but another language.
        other.language = solara.reactive(language)
        answers[language] = answer_sentence(other)
    return answers


def report_command(session: Session) -> str:
    """Return the command that compares the policies on the page and writes a report.

    Args:
        session: session that holds the worlds.

    Returns:
        The command, quoted for a shell. It compares each world that has policies with the status
        quo.
    """
    choice = session.choice.value
    arms = ["+".join(choice.policies(world)) for world in (0, 1)]
    options = ("--scenario", BASE, "--seed", choice.seed, "--days", choice.days)
    words = ["twoborders", "compare", *filter(None, dict.fromkeys(arms)), *options]
    words += ["--scale", choice.scale, "--reps", SEEDS]
    for path, value in choice.numbers:
        words += ["--set", f"{path}={value}"]
    return shlex.join(map(str, [*words, "--out", "out/report"]))


def _file(session: Session, key: str) -> Download:
    """Create the file for a key in the menu or of a button."""
    if key in _COPIES:
        return Download(key, _text(session, key).encode(), copied=True)
    return export_file(view_of(session), key)


def answered(session: Session, make: Callable[[str], Download]) -> Callable[[str], Download | str]:
    """Return a function that creates the file for a key, or returns the message of an error.

    Args:
        session: session of the visitor.
        make: creates the file, or raises an error.
    """

    def answer(key: str) -> Download | str:
        t = session.words
        try:
            return make(key)
        except SettingError as error:
            return t.translate(one_line(error))
        except Exception as error:  # Without an answer, the button would wait forever.
            traceback.print_exc()
            return f"{t('take.broken')} {type(error).__name__}"

    return answer
