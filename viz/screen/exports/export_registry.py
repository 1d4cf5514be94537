"""Create the files that a visitor can export, by key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from abm.scenario import SettingError
from agents.param import plain as plain_text
from experiments.rows.records import csv_text
from viz.figures.numbers import plain, rounded
from viz.screen.exports.replay import replay_html
from viz.screen.exports.view import View
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.widgets.traits import Download
from viz.screen.words import Words

#: Units of the daily series.
UNITS = dict.fromkeys(DAILY_FIGURES, "persons a day") | {
    "kidnapped": "kidnappings a day",
    "extorted": "extortions a day",
    "apprehended_us": "apprehensions a day",
    "apprehended_mexico": "apprehensions a day",
    "deaths": "expected deaths a day",
    "in_transit": "persons under way that evening",
}


def daily_csv(view: View) -> str:
    """Return the daily series as CSV, one row per day and world, after comments with notes."""
    units = "; ".join(f"{name}: {unit}" for name, unit in UNITS.items())
    rows = (
        (name, day, view.date(day), *log.daily[day - 1])
        for name, log in zip("AB", view.logs, strict=False)
        for day in range(1, view.simulated + 1)
    )
    comments = "".join(f"# {line}\n" for line in (*view.notes, units))
    heads, cells = ("world", "day", "date", *DAILY_FIGURES), (list(map(_cell, row)) for row in rows)
    return comments + csv_text(heads, cells)


def _cell(value: Any) -> str:
    """Format a value. A float has the fewest digits that restore it."""
    is_float = isinstance(value, np.floating)
    return np.format_float_positional(value, trim="-") if is_float else str(value)


def scenario_toml(view: View, world: int) -> str:
    """Return the scenario of a world as TOML.

    Args:
        view: the worlds.
        world: world A (0) or B (1).

    Returns:
        TOML, after comments with notes and the command that runs the scenario.
    """
    command = f"twoborders run --scenario world-{'ab'[world]}.toml --seed {view.seed}"
    notes = (view.words("take.toml_note"), view.words("note"), command)
    return "".join(f"# {line}\n" for line in notes) + view.scenarios[world].to_toml()


# ---- files by key ------------------------------------------------------------------------------
_TEXT, _CSV = "text/plain", "text/csv"
_FILES: dict[str, tuple[str, Callable[[View], str | bytes], str]] = {
    "daily.csv": ("two-borders-daily.csv", daily_csv, _CSV),
    "scenario.a": ("world-a.toml", lambda view: scenario_toml(view, 0), _TEXT),
    "scenario.b": ("world-b.toml", lambda view: scenario_toml(view, 1), _TEXT),
    "replay": ("two-borders-replay.html", replay_html, "text/html"),
}


def file_titles(t: Words) -> dict[str, str]:
    """Return the title of every file by its key."""
    titles = {"maps.png": f"{t('take.maps')} (PNG)"}
    for key, (name, *_) in _FILES.items():
        word = key.removesuffix(".csv").replace(".", "_")
        titles[key] = f"{t(f'take.{word}')} ({name.rpartition('.')[2].upper()})"
    return titles


def export_file(view: View, key: str) -> Download:
    """Create a file.

    Args:
        view: the worlds to export.
        key: a key of `file_titles`.

    Returns:
        The file.

    Raises:
        SettingError: the key is unknown, or world B does not exist.
    """
    if key == "maps.png":  # The browser draws the picture from the maps on the page.
        notes, name = "\n".join(picture_notes(view)), f"two-borders-maps-{view.date(view.day)}.png"
        return Download(name, notes.encode(), "image/png", "maps")
    if key not in _FILES or (key == "scenario.b" and len(view.scenarios) < 2):
        reason = f"unknown file {plain_text(key)}"
        raise SettingError("file", reason, "Load the page again.")
    name, content, mime = _FILES[key]
    data = content(view)
    return Download(name, data.encode() if isinstance(data, str) else data, mime)


def picture_notes(view: View) -> list[str]:
    """Return the title and the notes in a picture of the maps: day, answer, deaths and run."""
    t, days = view.words, view.scenarios[0].days
    day = f"{t('day')} {view.day} {t('of')} {days}, {view.date(view.day)}"
    harm = [_harm_figures(view, world) for world in range(len(view.logs))]
    notes = (day, view.answer, *view.titles, *harm, *view.notes)
    return [f"{t('title')}, {view.date(view.day)}", *filter(None, notes)]


def _harm_figures(view: View, world: int) -> str:
    """Format the deaths and kidnappings in a world since the policies began."""
    log, t = view.logs[world], view.words
    record = np.frombuffer(log.frame(view.day), log.dtype)[0]
    dead = record["dead"] / 1e3
    return (
        f"{'AB'[world]} · {t('picture.since_start')}: {plain(rounded(float(dead.sum())), 0)} "
        f"{t('picture.deaths')}, {plain(float(dead[-1]), 0)} {t('picture.deaths_mexico')}, "
        f"{plain(rounded(float(record['kidnapped'])))} {t('picture.kidnapped')}"
    )
