"""About: the model, its agents, assumptions, limits and sources.

The daily schedule, parameters, credits and versions are read from the package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import solara

from abm.scenario import declared_numbers, parameters
from abm.schedule import DAY
from abm.world import data_sources
from experiments.runs.case import model_source, versions
from experiments.scenarios import find
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, card, details, note, raw, table
from viz.screen.session.choice import BASE
from viz.screen.session.session import Session
from viz.screen.words import Words


@solara.component
def About(session: Session):
    """Show the page in the visitor's language."""
    t = session.words
    with box(cls="tb-main tb-about tb-room"):
        stressed_note = el("p", el("strong", esc(t("note"))))
        _Section(t, "what", _paragraphs(t, "what_1", "what_2") + stressed_note)
        _Section(t, "read", _paragraphs(t, "read_1", "read_2", "content"))
        _Section(t, "who", _agents(t))
        _Section(t, "day", el("p", esc(t("about.day_help"))) + _day(t))
        _Section(t, "assumed", _assumed(t))
        _Section(t, "limits", _limits(t))
        _Sources(t)
        _Section(t, "cite", _cite(t))


@solara.component
def _Section(t: Words, key: str, html: str):
    """Show a section with its heading."""
    with card(t(f"about.{key}")):
        raw(html, cls="tb-heat-room")


def _paragraphs(t: Words, *keys: str) -> str:
    """Build paragraphs."""
    return "".join(el("p", esc(t(f"about.{key}"))) for key in keys)


def _table(t: Words, keys: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Build a table of texts; each key belongs to a column head."""
    heads = [t(f"about.{key}") for key in keys]
    return table(heads, (tuple(map(esc, row)) for row in rows), cls="tb-check")


def _agents(t: Words) -> str:
    """Build the table of agents and their actions."""
    deeds = t.part("about.deed").items()
    return _table(t, ("who", "does"), ((t(f"about.agent.{agent}"), does) for agent, does in deeds))


def _day(t: Words) -> str:
    """Build the list of daily steps, in the model's order."""
    steps = ((step.__name__, t.translate((step.__doc__ or "").strip())) for step in DAY)
    return el("ol", *(el("li", el("code", esc(name)), " ", esc(doc)) for name, doc in steps))


def _assumed(t: Words) -> str:
    """Build the table that counts parameters and assumptions by group."""
    rows = declared_numbers(parameters(find(BASE)))
    every = Counter(_group(row.path) for row in rows)
    ours = Counter(_group(row.path) for row in rows if row.assumed)
    status = Counter(row.status for row in rows)
    status["all"] = every.total()
    text = t("about.assumed_help").format_map(status)
    counts = ((t(f"about.room.{name}"), n, ours[name]) for name, n in every.most_common())
    return el("p", esc(text)) + _table(t, ("room_of", "numbers", "assumptions"), counts)


def _group(path: str) -> str:
    """Return a parameter's group; "run" for one without a group."""
    group, dot, _ = path.partition(".")
    return group if dot else "run"


def _limits(t: Words) -> str:
    """Build the limits of the model: purpose, omissions, open questions."""
    parts = [_paragraphs(t, "limits_1")]
    for head, key in (("left_out", "out"), ("unknown", "unknown_of")):
        items = (el("li", esc(text)) for text in t.part(f"about.{key}").values())
        parts += [el("h3", esc(t(f"about.{head}"))), el("ul", *items)]
    return "".join(parts) + _paragraphs(t, "unknown_help")


@solara.component
def _Sources(t: Words):
    """Show credits and licences, and every data file."""
    origins = ((c.figures, c.source, c.terms) for c in data_sources.credits())
    credits = (tuple(map(t.translate, row)) for row in origins)
    files = (
        (f.names, t.translate(f.content), f"{f.rows:,}" if f.rows else "", t.translate(f.trust))
        for f in data_sources.files()
    )
    with card(t("about.sources")):
        note(t("about.sources_help"))
        raw(_table(t, ("held", "from", "terms"), credits), cls="tb-heat-room")
        with details(t("about.files")):
            note(t("about.trust_help"))
            raw(_table(t, ("file", "held", "rows", "trust"), files), cls="tb-heat-room")


def _cite(t: Words) -> str:
    """Build the citation, with model version and package versions."""
    packages = versions()
    line = t("about.cite_line").format(version=packages["twoborders"], model=model_source())
    others = [f"{name} {version}" for name, version in packages.items() if name != "twoborders"]
    text = f"{t('about.versions')}: {', '.join(others)}."
    return el("blockquote", esc(line)) + _paragraphs(t, "cite_help") + el("p", esc(text))
