"""Page About: scope, limits, agents and sources of the model.

The schedule of a day, parameters, credits and versions come from the package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import solara

from abm.scenario import declared_numbers, parameters
from abm.schedule import DAY
from abm.world import data_sources
from experiments.runs.case import model_source, versions
from experiments.scenarios import find
from viz.documents.html import text_list
from viz.figures.markup import el, esc
from viz.screen.panels.naming import wide_map
from viz.screen.panels.parts import box, card, details, heading, note, raw, table
from viz.screen.session.choice import BASE
from viz.screen.session.session import Session
from viz.screen.words import Words


@solara.component
def About(session: Session):
    """Show the page in the visitor's language."""
    t = session.words
    status = Counter(row.status for row in declared_numbers(parameters(find(BASE))))
    numbers = status | {"all": status.total()}
    credits = (map(t.translate, (c.source, c.figures, c.terms)) for c in data_sources.credits())
    files = (
        (f.names, t.translate(f.content), f"{f.rows:,}" if f.rows else "", t.translate(f.trust))
        for f in data_sources.files()
    )
    with box(cls="tb-main tb-about tb-room"):
        with box(cls="tb-opening"):
            with box(cls="tb-opening-text"):
                heading(t("about.heading"), 1)
                raw(esc(t("about.lead")), tag="p", cls="tb-lead")
            raw(wide_map(t.language), cls="tb-opening-map")
        for key in ("is", "is_not"):
            with card(t(f"about.{key}_title"), cls=f"tb-{key.replace('_', '-')}"):
                raw(
                    text_list(
                        "ul", (text.format_map(numbers) for text in t.part(f"about.{key}").values())
                    )
                )
        with card(t("about.who"), cls="tb-who"):
            deeds = t.part("about.deed").items()
            raw(_list((t(f"about.agent.{who}"), act) for who, act in deeds))
        with card(t("about.sources"), cls="tb-origins"):
            note(t("about.sources_help"))
            raw(_list(credits))
            with details(t("about.files")):
                note(t("about.trust_help"))
                heads = [t(f"about.{key}") for key in ("file", "held", "rows", "trust")]
                rows = (tuple(map(esc, row)) for row in files)
                raw(table(heads, rows, cls="tb-check"), cls="tb-heat-room")
            with details(t("about.day")):
                note(t("about.day_help"))
                raw(_day(t))
            with details(t("about.assumed")):
                note(t("about.assumed_help").format_map(numbers))
                for head, key in (("left_out", "out"), ("unknown", "unknown_of")):
                    heading(t(f"about.{head}"), 3)
                    raw(text_list("ul", t.part(f"about.{key}").values()))
            with details(t("about.cite")):
                raw(_cite(t))


def _list(rows: Iterable[Iterable[str]]) -> str:
    """Build a list in which every row has a name and one or more texts."""
    entries = ((el("dt", esc(name)), *(el("dd", esc(s)) for s in rest)) for name, *rest in rows)
    return el("dl", *(el("div", *entry) for entry in entries))


def _day(t: Words) -> str:
    """Build the list of the steps of a day, in the order of the model."""
    steps = ((step.__name__, t.translate((step.__doc__ or "").strip())) for step in DAY)
    return el("ol", *(el("li", el("code", esc(name)), " ", esc(doc)) for name, doc in steps))


def _cite(t: Words) -> str:
    """Build the citation with the versions of the model and of packages."""
    packages = versions()
    line = t("about.cite_line").format(version=packages["twoborders"], model=model_source())
    others = [f"{name} {version}" for name, version in packages.items() if name != "twoborders"]
    texts = (t("about.cite_help"), f"{t('about.versions')}: {', '.join(others)}.")
    return el("blockquote", esc(line)) + "".join(el("p", esc(text)) for text in texts)
