"""Every file that can be exported or imported, by its key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from abm.scenario import SettingError
from agents.param import plain
from viz.screen.exports.daily import daily_csv, daily_parquet, flows_csv
from viz.screen.exports.images import chart_svg
from viz.screen.exports.maps import maps_svg
from viz.screen.exports.replay import replay_html
from viz.screen.exports.scenarios import read_policies_table, read_scenario, scenario_toml
from viz.screen.exports.view import View
from viz.screen.session.choice import Choice
from viz.screen.session.uploads import read_upload
from viz.screen.widgets.traits import File
from viz.screen.words import Words

_TEXT, _CSV, _SVG = "text/plain", "text/csv", "image/svg+xml"
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
        *(_row(text, {f"{k}.svg": "SVG", f"{k}.png": "PNG"}) for k, text in pictures.items()),
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
    """Make an image as SVG, which the browser converts for PNG."""
    name, _, form = rest.rpartition(".")
    known = name in view.charted if kind == "chart" else not name
    if not known or form not in ("svg", "png"):
        raise _unknown(f"{kind}.{rest}")
    svg = maps_svg(view) if kind == "maps" else chart_svg(view, name)
    stem = f"two-borders-{(name or kind).replace('_', '-')}-{view.date(view.day)}"
    return File(f"{stem}.{form}", svg.encode(), _SVG, png=form == "png")


def _unknown(key: str) -> SettingError:
    return SettingError("file", f"unknown file {plain(key)}", "Load the page again.")


def import_file(choice: Choice, key: str, name: str, data: bytes, most: int) -> Choice:
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
    text = read_upload(name, data, most)
    if not name.lower().endswith(ending):
        raise SettingError("file", f"this row accepts {ending} files", "Use the row for this kind.")
    return read(text, choice)
