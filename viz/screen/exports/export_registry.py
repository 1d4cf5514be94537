"""What stands on the desk: every file that can be taken away or brought back, by its key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abm.scenario import SettingError
from agents.param import plain
from viz.screen.choice import Choice
from viz.screen.exports.daily import daily_csv, daily_parquet, flows_csv
from viz.screen.exports.daily_chart import chart_svg
from viz.screen.exports.downloads import File
from viz.screen.exports.maps import maps_svg
from viz.screen.exports.replay import replay_html
from viz.screen.exports.scenarios import read_policies_table, read_scenario, scenario_toml
from viz.screen.exports.view import View
from viz.screen.uploads import read_upload
from viz.screen.words import Words

_TEXT, _CSV, _SVG = "text/plain", "text/csv", "image/svg+xml"
_READ: dict[str, tuple[str, Callable[[str, Choice], Choice]]] = {
    "a": (".toml", lambda text, choice: read_scenario(text, choice, 0)),
    "b": (".toml", lambda text, choice: read_scenario(text, choice, 1)),
    "both": (".csv", read_policies_table),
}


def rows(t: Words, charted: tuple[str, ...], worlds: int) -> list[dict[str, Any]]:
    """Titles with the keys and names of their forms, as the desk shows them."""
    found = [_row(t("take.replay"), {"replay": "HTML"})]
    found.append(_row(t("take.daily"), {"daily.csv": "CSV", "daily.parquet": "Parquet"}))
    found.append(_row(t("take.flows"), {"flows.csv": "CSV"}))
    found.append(_row(t("take.maps"), {"maps.svg": "SVG", "maps.png": "PNG"}))
    found += [
        _row(t(name), {f"chart.{name}.svg": "SVG", f"chart.{name}.png": "PNG"}) for name in charted
    ]
    found += [_row(t(f"take.scenario_{w}"), {f"scenario.{w}": "TOML"}) for w in "ab"[:worlds]]
    return found


def ways_in(t: Words, worlds: int) -> list[dict[str, Any]]:
    """The same for what may be brought."""
    keys = ("a", "b", "both") if worlds == 2 else ("a",)
    return [
        _row(t(f"take.bring_{key}"), {f"bring.{key}": _READ[key][0][1:].upper()}, _READ[key][0])
        for key in keys
    ]


def _row(title: str, forms: dict[str, str], accept: str = "") -> dict[str, Any]:
    told = [{"key": key, "text": text, "accept": accept} for key, text in forms.items()]
    return {"title": title, "forms": told}


def make(view: View, key: str) -> File:
    """The file of a key; raises ``SettingError`` where it cannot be made."""
    kind, _, rest = key.partition(".")
    if kind in ("maps", "chart"):
        return _picture(view, kind, rest)
    makers: dict[str, Callable[[], tuple[str, str | bytes, str]]] = {
        "daily.csv": lambda: ("two-borders-daily.csv", daily_csv(view), _CSV),
        "daily.parquet": lambda: ("two-borders-daily.parquet", daily_parquet(view), ""),
        "flows.csv": lambda: ("two-borders-flows.csv", flows_csv(view), _CSV),
        "scenario.a": lambda: ("world-a.toml", scenario_toml(view, 0), _TEXT),
        "scenario.b": lambda: ("world-b.toml", scenario_toml(view, 1), _TEXT),
        "replay": lambda: ("two-borders-replay.html", replay_html(view), "text/html"),
    }
    if key not in makers or (key == "scenario.b" and len(view.scenarios) < 2):
        raise _unknown(key)
    name, data, mime = makers[key]()
    return File(name, data.encode() if isinstance(data, str) else data, mime)


def _picture(view: View, kind: str, rest: str) -> File:
    """A picture in SVG, which the browser turns into PNG where that is asked for."""
    name, _, form = rest.rpartition(".")
    known = name in view.charted if kind == "chart" else not name
    if not known or form not in ("svg", "png"):
        raise _unknown(f"{kind}.{rest}")
    drawn = maps_svg(view) if kind == "maps" else chart_svg(view, name)
    stem = f"two-borders-{(name or kind).replace('_', '-')}-{view.date(view.day)}"
    return File(f"{stem}.{form}", drawn.encode(), _SVG, png=form == "png")


def _unknown(key: str) -> SettingError:
    return SettingError("file", f"there is none called {plain(key)}", "Load the page again.")


def bring(choice: Choice, key: str, name: str, data: bytes, most: int) -> Choice:
    """The choice with what an uploaded file says; raises ``SettingError`` with the reason."""
    if key not in _READ:
        raise _unknown(key)
    ending, read = _READ[key]
    text = read_upload(name, data, most)
    if not name.lower().endswith(ending):
        raise SettingError("file", f"this row takes {ending} files", "Take the row for this kind.")
    return read(text, choice)
