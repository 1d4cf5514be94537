"""About: what the model is, who acts in it, what is assumed, its limits and its sources.

What the package declares is read from there: the day, the numbers, credits, versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import solara

from abm.scenario import parameters
from abm.schedule import DAY
from experiments.model_fingerprint import model_source, versions
from experiments.scenarios import find
from viz.figures.markup import el, esc
from viz.screen import sources
from viz.screen.choice import BASE
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.session import Session
from viz.screen.words import Words


@solara.component
def About(session: Session):
    """The page in the visitor's language."""
    t = session.words
    with box(cls="tb-about tb-room", tag="main"):
        _Told(t, "what", _paragraphs(t, "what_1", "what_2") + _strong(t("note")))
        _Told(t, "read", _paragraphs(t, "read_1", "read_2", "content"))
        _Told(t, "who", _agents(t))
        _Told(t, "day", el("p", esc(t("told.day_help"))) + _day(t))
        _Told(t, "assumed", _assumed(t))
        _Told(t, "limits", _limits(t))
        _Sources(t)
        _Told(t, "cite", _cite(t))


@solara.component
def _Told(t: Words, key: str, html: str):
    """A section with its heading."""
    with box(cls="tb-card", tag="section"):
        heading(t(f"told.{key}"))
        raw(html, cls="tb-heat-room")


def _paragraphs(t: Words, *keys: str) -> str:
    """Paragraphs of words."""
    return "".join(el("p", esc(t(f"told.{key}"))) for key in keys)


def _strong(text: str) -> str:
    """A paragraph that stands out."""
    return el("p", el("strong", esc(text)))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first cell of a row names it."""
    top = el("tr", *(el("th", esc(head), scope="col") for head in heads))
    body = [
        el("tr", el("th", esc(first), scope="row"), *(el("td", esc(cell)) for cell in rest))
        for first, *rest in rows
    ]
    return el("table", el("thead", top), el("tbody", *body), class_="tb-check")


def _agents(t: Words) -> str:
    """Who acts, and what they do."""
    deeds = t.part("told.deed")
    return _table(
        (t("told.who"), t("told.does")),
        [(t(f"told.agent.{who}"), deed) for who, deed in deeds.items()],
    )


def _day(t: Words) -> str:
    """The steps of a day, as the model plays them."""
    told = ((step.__name__, t.translate((step.__doc__ or "").strip())) for step in DAY)
    return el("ol", *(el("li", el("code", esc(name)), " ", esc(what)) for name, what in told))


def _assumed(t: Words) -> str:
    """How many declared numbers are assumptions, by room of the model."""
    rows = parameters(find(BASE))
    every = Counter(_room(row.path) for row in rows)
    ours = Counter(_room(row.path) for row in rows if row.assumed)
    told = t("told.assumed_help").format(assumed=ours.total(), all=every.total())
    table = _table(
        [t(f"told.{key}") for key in ("room_of", "numbers", "assumptions")],
        [(t(f"told.room.{room}"), f"{n}", f"{ours[room]}") for room, n in every.most_common()],
    )
    return el("p", esc(told)) + table


def _room(path: str) -> str:
    """The group of a number; those of no group are of the run itself."""
    group, dot, _ = path.partition(".")
    return group if dot else "run"


def _limits(t: Words) -> str:
    """What it is not for, what is left out, what nobody knows."""
    out, unknown = (
        el("ul", *(el("li", esc(text)) for text in t.part(f"told.{key}").values()))
        for key in ("out", "unknown_of")
    )
    return (
        _paragraphs(t, "limits_1")
        + el("h3", esc(t("told.left_out")))
        + out
        + el("h3", esc(t("told.unknown")))
        + unknown
        + _paragraphs(t, "unknown_help")
    )


@solara.component
def _Sources(t: Words):
    """Credits and licences, and every file of the data."""
    with box(cls="tb-card", tag="section"):
        heading(t("told.sources"))
        note(t("told.sources_help"))
        credits = [
            (t.translate(c.what), t.translate(c.source), t.translate(c.terms))
            for c in sources.credits()
        ]
        heads = [t(f"told.{key}") for key in ("held", "from", "terms")]
        raw(_table(heads, credits), cls="tb-heat-room")
        with solara.Details(t("told.files")):
            note(t("told.trust_help"))
            heads = [t(f"told.{key}") for key in ("file", "held", "rows", "trust")]
            rows = [
                (
                    f.names,
                    t.translate(f.what),
                    f"{f.rows:,}" if f.rows else "",
                    t.translate(f.trust),
                )
                for f in sources.files()
            ]
            raw(_table(heads, rows), cls="tb-heat-room")


def _cite(t: Words) -> str:
    """A line to cite, and with what it was played."""
    found = versions()
    line = t("told.cite_line").format(version=found["twoborders"], model=model_source())
    played = ", ".join(
        f"{name} {version}" for name, version in found.items() if name != "twoborders"
    )
    return (
        el("blockquote", esc(line))
        + _paragraphs(t, "cite_help")
        + el("p", esc(f"{t('told.versions')}: {played}."))
    )
