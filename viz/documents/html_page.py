"""The frame of a self-contained HTML page: header, navigation, sections, footer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files

from viz.documents.labels import BANNER
from viz.figures.markup import el, esc

#: Id, title in the navigation, and markup of a section; empty markup leaves the section out.
Section = tuple[str, str, str]


def html_page(
    sections: Sequence[Section],
    *,
    brand: str,
    title: str,
    question: str,
    facts: str,
    key: str = "",
) -> str:
    """Build a page that needs no network and no script.

    Args:
        sections: the sections in their order.
        brand, title, question, facts: texts of the header, from top to bottom.
        key: markup of a key that stays visible below the navigation.

    Returns:
        The HTML document.
    """
    shown = [section for section in sections if section[2]]
    links = [el("a", esc(name), href=f"#{anchor}") for anchor, name, _ in shown]
    header = el(
        "header",
        el("p", esc(f"Two Borders · {brand}"), class_="brand"),
        el("h1", esc(title)),
        el("p", esc(question), class_="question"),
        el("p", esc(facts), class_="facts"),
        el("p", esc(BANNER), class_="banner", role="note"),
    )
    body = el(
        "body",
        header,
        el("nav", *links, aria_label="Sections of this page"),
        key,
        el("main", *(markup for *_, markup in shown)),
        el("footer", esc(f"{BANNER} Two Borders {version('twoborders')}")),
    )
    return "<!doctype html>\n" + el("html", _head(title), body, lang="en") + "\n"


def reproduction(command: str, facts: Sequence[tuple[str, str]]) -> str:
    """Build the list of the command and of the facts that reproduce the page.

    Args:
        command: the command line.
        facts: names and values, such as the version and the seeds.

    Returns:
        Markup of the command and of a description list.
    """
    return el("pre", el("code", esc(command))) + facts_list(facts)


def facts_list(facts: Sequence[tuple[str, str]]) -> str:
    """Return a description list of names and values as markup."""
    return el("dl", *(el("dt", esc(name)) + el("dd", esc(value)) for name, value in facts))


def seeds_text(seeds: Sequence[int]) -> str:
    """Return the first 40 seeds as text."""
    return ", ".join(map(str, seeds[:40])) + (", …" if len(seeds) > 40 else "")


def _head(title: str) -> str:
    """Return the head: title, viewport and style."""
    style = (files("viz.documents") / "page.css").read_text(encoding="utf-8")
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),  # prevents a request for an icon
        el("title", esc(title)),
        el("style", style),
    )
