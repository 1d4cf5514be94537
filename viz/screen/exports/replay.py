"""A run as one page that needs no server and no network: the widgets of the screen and the frames.

The page may load nothing: its policy allows the one script that is written into it.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from viz.figures.markup import el, esc
from viz.screen.exports.sheet import A, B
from viz.screen.exports.view import SHOW, View, dated, told_policies
from viz.screen.frames import DAILY
from viz.screen.headers import script_hashes
from viz.screen.live_traits import max_flow
from viz.screen.naming import localised_payload
from viz.screen.widgets.script import HERE, bundle
from viz.screen.widgets.world import world_payload
from viz.screen.words import LANGUAGES, Words

HUMAN = ("deaths", "kidnapped", "returned_unscreened")
_WORDS = (
    "title",
    "note",
    "language",
    "world_a",
    "world_b",
    "status_quo",
    "run",
    "pause",
    "first_day",
    "step_back",
    "step_on",
    "last_day",
    "speed",
    "day",
    "of",
    "passing",
    "since_start",
    "difference",
    "people_first",
    "content",
    "persons_a_day",
    "show",
    "seed",
    *DAILY,
    "flow",
    "enforcement",
    "organisations",
    "harm",
    "take.replay",
    "take.on_the_day",
    "take.keys",
)
_BUTTONS = (
    ("first", "|◀", "first_day"),
    ("back", "◀", "step_back"),
    ("run", "", ""),
    ("on", "▶", "step_on"),
    ("last", "▶|", "last_day"),
)
_ROOM = Path(__file__).parent
_EXPORT = "export default { render };"


def replay_html(view: View) -> str:
    """The page; about 0.4 MB a year of two worlds."""
    script = el("script", _script(view), type="module")
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in _sheets())
    head = (
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),
        el("title", esc(view.words("title"))),
        el("style", style),
    )
    page = el(
        "html",
        el("head", *head),
        el("body", _body(view), script, class_="tb-app"),
        lang=view.words.language,
    )
    return f"<!doctype html>\n{page}\n"


def _sheets() -> list[Path]:
    """Sheets of style: of the screen, of its widgets, and of this page."""
    return [_ROOM.parent / "styles" / "screen.css", HERE / "widgets.css", _ROOM / "replay.css"]


def _policy(script: str) -> str:
    """What the browser lets the page do: run this script, and style itself."""
    return (
        f"default-src 'none'; script-src {' '.join(script_hashes(script))}; img-src data:; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    )


def _script(view: View) -> str:
    """Data, the widgets of the screen, and what plays them."""
    data = json.dumps(_data(view), ensure_ascii=False, separators=(",", ":"))
    own = (_ROOM / "replay.js").read_text(encoding="utf-8")
    return "\n".join(
        (
            f"const DATA = {data.replace('<', chr(92) + 'u003c')};",
            f'const FILM = "{_film(view)}";',
            _part("FlowMap", "flowmap"),
            _part("LiveChart", "chart"),
            own,
        )
    )


def _part(name: str, script: str) -> str:
    """A widget of the screen as a constant that can render."""
    text = bundle(script).replace(_EXPORT, "")
    return f"const {name} = (() => {{\n{text}\nreturn {{ render }};\n}})();"


def _film(view: View) -> str:
    """Frames of A, of B, then daily figures of A, of B (float32), packed, as text."""
    frames = [b"".join(log.frames[: view.played]) for log in view.logs]
    figures = [log.daily[: view.played].astype("<f4").tobytes() for log in view.logs]
    return base64.b64encode(gzip.compress(b"".join((*frames, *figures)), mtime=0)).decode()


def _data(view: View) -> dict[str, Any]:
    """What the script is told; plain JSON."""
    world, languages = world_payload(view.world), [Words(one) for one in LANGUAGES]
    days = range(1, view.played + 1)
    return {
        "worlds": [{"letter": "AB"[k], "colour": (A, B)[k]} for k in range(len(view.logs))],
        "world": world,
        "size": view.logs[0].dtype.itemsize,
        "names": DAILY,
        "human": HUMAN,
        "full": max(max_flow(log, day) for log in view.logs for day in days),
        "charted": view.charted,
        "day": view.day,
        "played": view.played,
        "days": view.days,
        "start": view.start.isoformat(),
        "show": dict(view.show),
        "language": view.words.language,
        "words": {t.language: _words(t) for t in languages},
        "told": {t.language: _told(view, t, world) for t in languages},
    }


def _told(view: View, t: Words, world: dict[str, Any]) -> dict[str, Any]:
    """Names of policies, dates, places and sectors in a language."""
    named = localised_payload(t, world)
    return {
        "said": replace(view, words=t).said[1],
        "policies": [told_policies(scenario, t) for scenario in view.scenarios],
        "marks": dated(view.scenarios, t),
        "places": [{key: place[key] for key in ("name", "short")} for place in named["places"]],
        "sectors": [sector["name"] for sector in named["sectors"]],
    }


def _words(t: Words) -> dict[str, str]:
    """All words of the page in a language."""
    found = {key: t(key) for key in _WORDS}
    for part in ("map", "chart"):
        found |= {f"{part}.{key}": text for key, text in t.part(part).items()}
    return found


def _body(view: View) -> str:
    """The page without its words, which the script writes in the language that is chosen."""
    header = el(
        "header",
        el("h1", esc(view.words("title")), data_word="title"),
        el("p", esc(view.words("note")), class_="tb-note", data_word="note"),
        el("button", "", id="language", type="button", data_word="language"),
        class_="tb-header",
    )
    maps = [el("section", "", id=f"map-{k}", class_="tb-card") for k in range(len(view.logs))]
    charts = [
        el("section", "", id=f"chart-{k}", class_="tb-card") for k in range(len(view.charted))
    ]
    return header + el(
        "main",
        el("div", *maps, class_="tb-maps"),
        _bar(),
        _shown(),
        el("div", *charts, class_="tb-charts"),
        _figures(),
        el("p", esc(view.said[1]), id="said", class_="tb-note"),
        class_="tb-replay",
    )


def _bar() -> str:
    """Buttons, the day, and the two sliders."""
    buttons = [
        el(
            "button",
            sign,
            id=name,
            type="button",
            data_label=label or None,
            class_="tb-replay-run" if name == "run" else None,
        )
        for name, sign, label in _BUTTONS
    ]
    slider = {"type": "range", "step": 1}
    return el(
        "div",
        *buttons,
        el("input", id="scrub", min=0, data_label="day", **slider),
        el("b", "", id="when"),
        el("label", el("span", "", id="speed-told"), el("input", id="speed", min=1, **slider)),
        class_="tb-timebar",
        role="group",
    )


def _shown() -> str:
    """What the maps show, and the keys."""
    boxes = [
        el("label", el("input", type="checkbox", data_show=name), el("span", "", data_word=name))
        for name in SHOW
    ]
    keys = el("p", "", class_="tb-note", data_word="take.keys")
    title = el("b", "", data_word="show")
    return el("section", title, *boxes, keys, class_="tb-card tb-replay-show")


def _figures() -> str:
    """Figures since the start, in A, in B, and B minus A."""
    table = el(
        "table",
        el("thead", el("tr", el("td", ""), id="heads")),
        el("tbody", "", id="figures"),
        class_="tb-outcomes",
    )
    notes = [el("span", "", data_word=key) for key in ("people_first", "content")]
    return el(
        "section",
        el("h2", "", data_word="since_start"),
        table,
        el("p", "◆ ", " ".join(notes), class_="tb-note"),
        class_="tb-card",
    )
