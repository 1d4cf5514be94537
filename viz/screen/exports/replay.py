"""Write a run as one HTML page that contains the screen's widgets and all frames.

The page needs no server and no network. Its content security policy allows only the script that it
contains.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES
from agents.labels import SECTORS
from viz.figures.markup import el, esc
from viz.figures.palette import css_variables
from viz.screen.exports.view import View, policy_dates
from viz.screen.panels.naming import localised_payload
from viz.screen.session.frames import CHARTED, DAILY_FIGURES, policies_begin
from viz.screen.session.headers import script_hashes
from viz.screen.widgets.script import WIDGETS, bundle
from viz.screen.widgets.world import SHOW, smallest_difference, world_payload
from viz.screen.words import LANGUAGES, Words

HUMAN = tuple(name for name in DAILY_FIGURES if name in OUTCOMES and OUTCOMES[name].human)
_PAGE = ("title", "note", "language", "content")
_TIME = ("run", "pause", "first_day", "step_back", "step_on", "last_day", "speed", "day", "of")
_FIGURES = ("difference", "people_first", "persons_a_day", "show")
_VIEWS = ("layout.views", "layout.side", "layout.difference", "difference_view.title")
_LAYERS = tuple(f"layer.{name}" for name in SHOW)
_TAKE = ("take.replay", "take.on_the_day", "take.keys")
_KEYS = (*_PAGE, *_TIME, *_FIGURES, *_VIEWS, *_LAYERS, *DAILY_FIGURES, *_TAKE)
#: Content security policy, which allows the page's script and inline styles.
_POLICY = (
    "default-src 'none'; script-src {}; img-src data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_FOLDER = Path(__file__).parent
_STYLES = (_FOLDER.parent / "styles/screen.css", WIDGETS / "widgets.css", _FOLDER / "replay.css")


def replay_html(view: View) -> str:
    """Return the page as HTML, about 0.4 MB per year of two worlds."""
    data = json.dumps(_data(view), ensure_ascii=False, separators=(",", ":"))
    described = f"const DATA = {data.replace('<', chr(92) + 'u003c')};"
    film = f'const FILM = "{_film(view)}";'
    script = el("script", "\n".join((described, film, bundle("../exports/replay"))), type="module")
    inputs = {name: el("input", type="checkbox", data_show=name) for name in SHOW}
    layers = [
        el("label", box, el("span", "", data_word=f"layer.{name}")) for name, box in inputs.items()
    ]
    parts = {
        "language": view.words.language,
        "policy": esc(_POLICY.format(" ".join(script_hashes(script)))),
        "styles": css_variables() + "".join(style.read_text("utf-8") for style in _STYLES),
        "title": esc(view.words("title")),
        "note": esc(view.note),
        "run": esc(view.notes[1]),
        "question": esc(view.question),
        "answer": esc(view.answer),
        "maps": _cards("map", len(view.logs)),
        "charts": _cards("chart", len(CHARTED)),
        "layers": "".join(layers),
        "script": script,
    }
    return (_FOLDER / "replay.html").read_text(encoding="utf-8").format(**parts)


def _film(view: View) -> str:
    """Return the frames of A and B and their daily series (float32) as compressed base64."""
    days = range(1, view.simulated + 1)
    frames = [b"".join(map(log.frame, days)) for log in view.logs]
    figures = [log.daily[: view.simulated].astype("<f4").tobytes() for log in view.logs]
    return base64.b64encode(gzip.compress(b"".join((*frames, *figures)), mtime=0)).decode()


def _data(view: View) -> dict[str, Any]:
    """Return the data that the script reads, as a JSON object."""
    world, languages = world_payload(view.world), [Words(language) for language in LANGUAGES]
    return {
        "worlds": ["A", "B"][: len(view.logs)],
        "world": world,
        "size": view.logs[0].dtype.itemsize,
        "names": DAILY_FIGURES,
        "human": HUMAN,
        "smallest": smallest_difference(view.scenarios[0].scale),
        "charted": CHARTED,
        "day": view.day,
        "began": policies_begin(view.scenarios),
        "simulated": view.simulated,
        "days": view.scenarios[0].days,
        "start": view.start.isoformat(),
        "show": dict(view.show),
        "language": view.words.language,
        "words": {t.language: _words(replace(view, words=t)) for t in languages},
        "labels": {t.language: _labels(view, t, world) for t in languages},
    }


def _labels(view: View, t: Words, world: dict[str, Any]) -> dict[str, Any]:
    """Return notes, question and answer, and names of policies, places and sectors."""
    named, translated = localised_payload(t, world), replace(view, words=t)
    since = "since.title_start" if policies_begin(view.scenarios) == 1 else "since.title"
    return {
        "said": translated.notes[1],
        "question": translated.question,
        "answer": translated.answer,
        "since": view.declaration.say(t(since)),
        "titles": translated.titles,
        "marks": policy_dates(view.scenarios, t),
        "places": [{"name": place["name"]} for place in named["places"]],
        "sectors": [
            {"name": view.declaration.words.get(f"sectors.{key}", sector["name"])}
            for key, sector in zip(SECTORS, named["sectors"], strict=True)
        ],
    }


def _words(view: View) -> dict[str, Any]:
    """Return all texts for the page and its widgets in the view's language."""
    t, say = view.words, view.declaration.say
    parts = {part: t.part(part) for part in ("map", "chart")}
    parts["difference_map"] = parts["map"] | t.part("difference_map")
    widget_words = {part: {k: say(v) for k, v in words.items()} for part, words in parts.items()}
    return {key: say(t.outcome(key)) for key in _KEYS} | {"note": view.note} | widget_words


def _cards(name: str, count: int) -> str:
    """Return `count` empty cards as HTML, into which the script draws widgets."""
    return "".join(el("section", "", id=f"{name}-{k}", class_="tb-card") for k in range(count))
