"""A sweep that this server runs or can continue: progress, Stop, Resume, and its command line."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable
from pathlib import Path

import solara

from abm.scenario import SettingError
from experiments.sweeps.store_list import StoreData, StoreSummary
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, button, card, details, note, raw, show_error, widget
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_factors import axis_name, level_text
from viz.screen.sweeps.sweep_runs import COMPLETE, STOPPING, SWEEPS, SweepRefused, SweepState
from viz.screen.widgets.traits import Downloads, File
from viz.screen.words import Words, one_line

_PAUSE = 0.7  # seconds between renderings while runs arrive
_IDLE = "idle"
_UNITS = ((86_400.0, "days"), (3_600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


def use_sweep_changes() -> int:
    """Render a component again when a sweep or a measured speed changes. Return the count."""
    number, set_number = solara.use_state(SWEEPS.changes.number)

    def watch() -> Callable[[], None]:
        over = threading.Event()

        def follow() -> None:
            number = -1
            while not over.is_set():
                new = SWEEPS.changes.wait(number, 1.0)
                if new != number and not over.is_set():
                    number = new
                    set_number(new)
                    over.wait(_PAUSE)

        threading.Thread(target=follow, name="sweep-changes", daemon=True).start()
        return over.set

    solara.use_effect(watch, [])
    return number


def duration(t: Words, seconds: float) -> str:
    """Return a time in words, with a number below two in the smaller unit."""
    size, key = next((unit for unit in _UNITS if seconds >= 2.0 * unit[0]), _UNITS[-1])
    return t(f"sweep_new.duration.{key}").format(n=f"{max(1, round(seconds / size))}")


def refusal_text(t: Words, error: SweepRefused) -> str:
    """Return a refusal in the language."""
    return t(f"sweep_new.error.{error.key}").format(**error.values)


def state_of(name: str, store: StoreSummary) -> SweepState:
    """Return the state of a sweep that this server did not start, from its store."""
    phase = COMPLETE if store.done >= store.planned else _IDLE
    return SweepState(name, phase, store.planned, store.done, store.failed)


@solara.component
def SweepProgress(session: Session, state: SweepState):
    """Show how far a sweep is, with buttons to stop and to resume it."""
    t = session.words
    refused, set_refused = solara.use_state("")

    def attempt(action: Callable[[str], None]) -> None:
        try:
            action(state.name)
            set_refused("")
        except SweepRefused as error:
            set_refused(refusal_text(t, error))
        except SettingError as error:
            set_refused(t.translate(one_line(error)))

    with card(t("sweep_run.title"), cls="tb-sweep-run"):
        _bar(t, state)
        raw(esc(progress_text(t, state)), cls="tb-sweep-state", tag="p")
        show_error(t, t.translate(state.error) if not state.is_active else "")
        with box(cls="tb-files"):
            _Buttons(t, state, attempt)
        raw(esc(refused), cls="tb-trouble", tag="p")
        if state.is_active:
            note(t("sweep_run.stop_help"))
        if (file := SWEEPS.design_file(state.name)) is not None:
            _Command(session, state.name, file)


@solara.component
def _Buttons(t: Words, state: SweepState, attempt: Callable[..., None]):
    """Show Stop while a sweep runs, else Resume if runs are missing."""
    name = f" {state.name}"
    if state.is_active:
        button(
            t("sweep_run.stop"),
            lambda: attempt(SWEEPS.stop),
            aria_label=t("sweep_run.stop") + name,
            disabled=state.phase == STOPPING,
            color="primary",
        )
    elif state.done < state.planned:
        button(
            t("sweep_run.resume"),
            lambda: attempt(SWEEPS.resume),
            aria_label=t("sweep_run.resume") + name,
            color="primary",
        )


def _bar(t: Words, state: SweepState) -> None:
    """Show the share of finished runs as a bar, with its value for screen readers."""
    share = 100.0 * state.done / max(1, state.planned)
    attributes = {
        "role": "progressbar",
        "aria-label": t("sweep_run.bar"),
        "aria-valuemin": "0",
        "aria-valuemax": f"{state.planned}",
        "aria-valuenow": f"{state.done}",
        "aria-valuetext": progress_text(t, state),
    }
    fill = solara.v.Html(tag="div", class_="tb-sweep-fill", style_=f"width:{share:.1f}%")
    box(fill, cls="tb-sweep-bar", **attributes)


def progress_text(t: Words, state: SweepState) -> str:
    """Return phase, finished and failed runs, and the time left."""
    counts = {"done": f"{state.done:,}", "planned": f"{state.planned:,}"}
    parts = [t("sweep_run.progress").format(**counts)]
    if state.failed:
        parts.append(t("sweep_run.failed").format(failed=f"{state.failed:,}"))
    left = state.seconds_left(time.monotonic()) if state.is_active else None
    if left is not None and state.phase != STOPPING:
        parts.append(t("sweep_run.left").format(time=duration(t, left)))
    return f"{t(f'sweep_new.phase.{state.phase}')}: {', '.join(parts)}."


@solara.component
def _Command(session: Session, name: str, file: Path):
    """Show the command line that continues a sweep, and its design file."""
    t = session.words
    with details(t("sweep_run.command")):
        raw(el("code", esc(shlex.join(SWEEPS.command(name)))), tag="pre", cls="tb-command")
        note(t("sweep_new.command_help"))
        with box():
            name = f"{file.parent.name}.toml"
            save_design(session, lambda: File(name, file.read_bytes(), "text/plain"))


def save_design(session: Session, file: Callable[[], File | str]) -> None:
    """Show a button that saves a design file.

    Args:
        session: the visitor's session.
        file: returns the file, or a message if there is none.
    """
    t = session.words
    form = {"key": "design", "text": "TOML", "accept": ""}
    rows = [{"title": t("sweep_new.file_row"), "forms": [form]}]

    def answer(_key: str, _name: str, _data: bytes) -> File | str:
        return file()

    widget(Downloads, rows=rows, words=t.part("take"), answer=answer)


def failures_markup(t: Words, data: StoreData) -> str:
    """Return the runs that failed as list items: where, seed and error."""
    items, scenario = [], data.summary.scenario
    for run in data.failed_runs:
        where = ", ".join(
            f"{axis_name(t, p, scenario)}: {level_text(t, p, value, scenario)}"
            for p, value in run.inputs.items()
        )
        about = t("sweep_run.failure").format(where=where, seed=run.seed)
        items.append(el("li", esc(f"{about}: {t.translate(run.error)}")))
    if (more := data.summary.failed - len(items)) > 0:
        items.append(el("li", esc(t("sweep_run.more_failures").format(more=f"{more:,}"))))
    return "".join(items)
