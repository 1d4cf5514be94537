"""File export, and the current view's address."""

from __future__ import annotations

import copy
import shlex
import traceback
from functools import partial

import solara

from abm.scenario import SettingError
from viz.figures.markup import el, esc
from viz.screen.exports.export_registry import export_file, file_titles
from viz.screen.exports.view import View
from viz.screen.panels.headline import answer_sentence
from viz.screen.panels.parts import box, card, note, raw, widget
from viz.screen.session.address import address
from viz.screen.session.choice import BASE
from viz.screen.session.replicates import SEEDS
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Downloads, File
from viz.screen.words import LANGUAGES, one_line


@solara.component
def Exports(session: Session):
    """Show a menu of figures, images, a replay and scenarios; files are made on request."""
    t = session.words
    files = [[key, title] for key, title in file_titles(t, session.charted.value).items()]
    with card(t("take.title")):
        note(t("take.help"))
        with box():  # a widget gets the height of its parent, so it needs its own box
            widget(Downloads, files=files, words=t.part("take"), answer=partial(_answer, session))
        raw(_report_markup(session), cls="tb-note", tag="p")
        raw(el("a", esc(t("address")), href=f"?{address(session)}", class_="tb-link"), tag="p")
        note(t("note"))


def _report_markup(session: Session) -> str:
    """Say where the report is made, and show the command for the policies of the page."""
    if not any(session.choice.value.policies(world) for world in (0, 1)):
        return esc(session.words("take.report_none"))
    return esc(session.words("take.report")) + " " + el("code", esc(report_command(session)))


def _view(session: Session) -> View:
    """Return the current view, or raise ``SettingError`` before the first day."""
    runs = (session.loop.scenarios, session.loop.seed) if session.loop else ((), 0)
    settings = (session.words, session.charted.value, session.layers.value)
    return View(*runs, session.logs, session.now.day, *settings, _answers(session))


def _answers(session: Session) -> dict[str, str]:
    """Return the answer of the page by language."""
    answers = {}
    for language in LANGUAGES:
        other = copy.copy(session)  # the same worlds, read in another language
        other.language = solara.reactive(language)
        answers[language] = answer_sentence(other)
    return answers


def report_command(session: Session) -> str:
    """Return the command that compares the policies of the page and writes a report.

    Args:
        session: the session that holds the worlds.

    Returns:
        The command, quoted for a shell; each world with policies is compared with the status quo.
    """
    choice = session.choice.value
    arms = ["+".join(choice.policies(world)) for world in (0, 1)]
    options = ("--scenario", BASE, "--seed", choice.seed, "--days", choice.days)
    words = ["twoborders", "compare", *filter(None, dict.fromkeys(arms)), *options]
    words += ["--scale", choice.scale, "--reps", SEEDS]
    for path, value in choice.numbers:
        words += ["--set", f"{path}={value}"]
    return shlex.join(map(str, [*words, "--out", "out/report"]))


def _answer(session: Session, key: str) -> File | str:
    """Make the file of a key, and return it or a message."""
    t = session.words
    try:
        return export_file(_view(session), key)
    except SettingError as error:
        return t.translate(one_line(error))
    except Exception as error:  # without an answer, the button would wait forever
        traceback.print_exc()
        return f"{t('take.broken')} {type(error).__name__}"
