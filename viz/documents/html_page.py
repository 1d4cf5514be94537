"""The frame of a self-contained HTML page: header, navigation, sections, footer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import NamedTuple

from viz.documents.html_table import Table
from viz.documents.labels import BANNER
from viz.figures.markup import el, esc, section


class Section(NamedTuple):
    """Id, text of the link, heading, markup and introduction; left out if the markup is empty."""

    name: str
    link: str
    title: str
    body: str
    lead: str = ""


def html_page(
    sections: Iterable[Section],
    *,
    brand: str,
    title: str,
    question: str,
    facts: str,
    key: str = "",
    world_note: str = "",
) -> str:
    """Build a page that needs no network and no script.

    Args:
        sections: the sections in their order.
        brand: name of the page in the bar.
        title, question, facts: texts of the header, from top to bottom.
        key: markup of a key after the first section; it stays visible below the bar.
        world_note: sentence about another world, the first line of the header.

    Returns:
        The HTML document.
    """
    shown = [one for one in sections if one.body]
    links = [el("a", esc(one.link), href=f"#{one.name}") for one in shown]
    nav = el("nav", *links, aria_label="Sections of this page")
    name = el("p", el("b", "Two Borders"), esc(brand), class_="brand")
    note = el("p", esc(world_note), class_="banner", role="note") if world_note else ""
    header = el(
        "header",
        note,
        el("h1", esc(title)),
        el("p", esc(question), class_="question"),
        el("p", esc(facts), class_="facts"),
        el("p", esc(BANNER), class_="banner", role="note"),
    )
    first, *others = [section(s.name, s.title, s.body, lead=s.lead) for s in shown] or [""]
    footer = el("footer", esc(f"{BANNER} Two Borders {version('twoborders')}"))
    main = el("main", first, key, *others)
    body = el("body", el("div", name, nav, class_="bar"), header, main, footer)
    return "<!doctype html>\n" + el("html", _head(title), body, lang="en") + "\n"


def table_section(name: str, link: str, table: Table, lead: str, title: str = "") -> Section:
    """Build a section of one table; it is left out if the table has no rows.

    Args:
        name, link, lead: as in `Section`.
        table: the table.
        title: heading; by default the caption, which the page then hides in the table.

    Returns:
        The section.
    """
    markup = table.html("" if title else "titled") if table.rows else ""
    return Section(name, link, title or table.caption, markup, lead)


def reproduction(name: str, command: str, facts: Sequence[tuple[str, str]]) -> Section:
    """Build the section with the command and the facts that reproduce the page.

    Args:
        name: id of the section.
        command: the command line.
        facts: names and values, such as the version and the seeds.

    Returns:
        The section.
    """
    body = el("pre", el("code", esc(command))) + facts_list(facts)
    return Section(name, "Reproduction", "Reproduction", body)


def facts_list(facts: Iterable[tuple[str, str]]) -> str:
    """Return a description list of names and values as markup."""
    return el("dl", *(el("dt", esc(name)) + el("dd", esc(value)) for name, value in facts))


def text_list(tag: str, texts: Iterable[str]) -> str:
    """Return a list of texts as markup; `tag` is ``ol`` or ``ul``."""
    return el(tag, *(el("li", esc(text)) for text in texts))


def grid(charts: Iterable[str]) -> str:
    """Return charts as figures in a grid."""
    return el("div", *(el("figure", chart) for chart in charts), class_="grid")


def seeds_text(seeds: Sequence[int]) -> str:
    """Return the first 40 seeds as text."""
    return ", ".join(map(str, seeds[:40])) + (", …" if len(seeds) > 40 else "")


def _head(title: str) -> str:
    """Return the head: title, viewport and style."""
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),  # prevents a request for an icon
        el("title", esc(title)),
        el("style", (files("viz.documents") / "page.css").read_text(encoding="utf-8")),
    )
