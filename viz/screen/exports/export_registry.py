"""Every file that can be exported or imported, by its key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from abm.scenario import SettingError
from agents.param import plain as plain_text
from viz.figures.numbers import plain, rounded
from viz.screen.exports.daily import daily_csv, daily_parquet, flows_csv
from viz.screen.exports.replay import replay_html
from viz.screen.exports.scenarios import read_policies_table, read_scenario, scenario_toml
from viz.screen.exports.view import View
from viz.screen.session.choice import Choice
from viz.screen.session.uploads import read_upload
from viz.screen.widgets.traits import File
from viz.screen.words import Words

_TEXT, _CSV = "text/plain", "text/csv"
_FILES: dict[str, tuple[str, Callable[[View], str | bytes], str]] = {
    "daily.csv": ("two-borders-daily.csv", daily_csv, _CSV),
    "daily.parquet": ("two-borders-daily.parquet", daily_parquet, ""),
    "flows.csv": ("two-borders-flows.csv", flows_csv, _CSV),
    "scenario.a": ("world-a.toml", lambda view: scenario_toml(view, 0), _TEXT),
    "scenario.b": ("world-b.toml", lambda view: scenario_toml(view, 1), _TEXT),
    "replay": ("two-borders-replay.html", replay_html, "text/html"),
}
_IMPORTS: dict[str, tuple[str, Callable[[str, Choice], Choice]]] = {
    "a": (".toml", lambda text, choice: read_scenario(text, choice, 0)),
    "b": (".toml", lambda text, choice: read_scenario(text, choice, 1)),
    "both": (".csv", read_policies_table),
}


def export_rows(t: Words, charted: Sequence[str], worlds: int) -> list[dict[str, Any]]:
    """Return the rows of export buttons.

    Args:
        t: words of the language.
        charted: daily figures that have a chart.
        worlds: number of worlds.

    Returns:
        For each row the title, and the key and text of every button.
    """
    pictures = {"maps": t("take.maps")} | {f"chart.{name}": t.outcome(name) for name in charted}
    return [
        _row(t("take.replay"), {"replay": "HTML"}),
        _row(t("take.daily"), {"daily.csv": "CSV", "daily.parquet": "Parquet"}),
        _row(t("take.flows"), {"flows.csv": "CSV"}),
        *(_row(text, {f"{key}.png": "PNG"}) for key, text in pictures.items()),
        *(_row(t(f"take.scenario_{w}"), {f"scenario.{w}": "TOML"}) for w in "ab"[:worlds]),
    ]


def import_rows(t: Words, worlds: int) -> list[dict[str, Any]]:
    """Return the rows of import buttons, in the form of `export_rows`.

    Args:
        t: words of the language.
        worlds: number of worlds.

    Returns:
        The rows; every button also has the ending of the files that it accepts.
    """
    endings = {key: _IMPORTS[key][0] for key in (("a", "b", "both") if worlds == 2 else ("a",))}
    return [
        _row(t(f"take.bring_{key}"), {f"bring.{key}": ending[1:].upper()}, ending)
        for key, ending in endings.items()
    ]


def _row(title: str, texts: dict[str, str], accept: str = "") -> dict[str, Any]:
    forms = [{"key": key, "text": text, "accept": accept} for key, text in texts.items()]
    return {"title": title, "forms": forms}


def export_file(view: View, key: str) -> File:
    """Make a file.

    Args:
        view: the worlds to export.
        key: key of a button of `export_rows`.

    Returns:
        The file.

    Raises:
        SettingError: if the key is unknown or the file cannot be made.
    """
    kind, _, rest = key.partition(".")
    if kind in ("maps", "chart"):
        return _picture(view, kind, rest)
    if key not in _FILES or (key == "scenario.b" and len(view.scenarios) < 2):
        raise _unknown(key)
    name, content, mime = _FILES[key]
    data = content(view)
    return File(name, data.encode() if isinstance(data, str) else data, mime)


def _picture(view: View, kind: str, rest: str) -> File:
    """Return title and notes of a picture, which the browser takes from what the page shows."""
    name = rest.removesuffix("png").rstrip(".")
    in_page = name in view.charted if kind == "chart" else not name
    if not in_page or not rest.endswith("png"):
        raise _unknown(f"{kind}.{rest}")
    stem = f"two-borders-{(name or kind).replace('_', '-')}-{view.date(view.day)}"
    drawing = view.words.outcome(name) if kind == "chart" else kind
    notes = "\n".join(picture_notes(view, drawing))
    return File(f"{stem}.png", notes.encode(), "image/png", drawing)


def picture_notes(view: View, drawing: str) -> list[str]:
    """Return the title of a picture, and notes on the day, the answer, the people and the run.

    Args:
        view: the worlds.
        drawing: "maps", or the title of a chart.

    Returns:
        The lines. A picture of maps has deaths and kidnappings, too.
    """
    t = view.words
    title = t("title") if drawing == "maps" else f"{drawing} · {t('persons_a_day')}"
    day = f"{t('day')} {view.day} {t('of')} {view.days}, {view.date(view.day)}"
    harm = [_harm_figures(view, world) for world in range(len(view.logs))]
    notes = (day, view.answer, *view.titles, *(harm if drawing == "maps" else ()), *view.notes)
    return [f"{title}, {view.date(view.day)}", *filter(None, notes)]


def _harm_figures(view: View, world: int) -> str:
    """Format deaths and kidnappings of a world since the start."""
    log, t = view.logs[world], view.words
    record = np.frombuffer(log.frame(view.day), log.dtype)[0]
    dead = record["dead"] / 10.0
    return (
        f"{'AB'[world]} · {t('picture.since_start')}: {plain(rounded(float(dead.sum())), 0)} "
        f"{t('picture.deaths')}, {plain(float(dead[-1]), 0)} {t('picture.deaths_mexico')}, "
        f"{plain(rounded(float(record['kidnapped'])))} {t('picture.kidnapped')}"
    )


def _unknown(key: str) -> SettingError:
    return SettingError("file", f"unknown file {plain_text(key)}", "Load the page again.")


def import_file(choice: Choice, key: str, name: str, data: bytes, limit: int) -> Choice:
    """Apply an uploaded file to a choice.

    Args:
        choice: the current choice.
        key: "a" or "b" for a scenario of a world, "both" for a table of policies.
        name, data: name and content of the file.
        most: largest size in bytes.

    Returns:
        The new choice.

    Raises:
        SettingError: if the file is invalid.
    """
    if key not in _IMPORTS:
        raise _unknown(key)
    ending, read = _IMPORTS[key]
    text = read_upload(name, data, limit)
    if not name.lower().endswith(ending):
        raise SettingError("file", f"this row accepts {ending} files", "Use the row for this kind.")
    return read(text, choice)
