"""Tables as HTML and Markdown, and self-contained HTML pages with header, navigation and footer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import NamedTuple

from viz.documents.labels import BANNER, markdown_row
from viz.figures.markup import el, esc, section

# ---- tables --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: a text, a second line, and the element around the text, such as ``code``.

    ``markup`` replaces the text in HTML, for example with a picture.
    """

    text: str
    detail: str = ""
    tag: str = ""
    markup: str = ""

    @property
    def html(self) -> str:
        """The cell content as HTML."""
        text = self.markup or esc(self.text)
        return (el(self.tag, text) if self.tag else text) + (
            el("small", esc(self.detail)) if self.detail else ""
        )

    @property
    def markdown(self) -> str:
        """The cell content as Markdown."""
        text = f"`{self.text}`" if self.tag == "code" else self.text
        return f"{text} ({self.detail})" if self.detail else text


@dataclass(frozen=True, slots=True)
class Table:
    """A table. The first cell of each row is a row header.

    A row with a single cell is a title for the rows below it. ``head_markup`` replaces the heads in
    HTML. A narrow screen shows each head as a label in the cells of its column.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    head_markup: Sequence[str] = ()

    def html(self, class_: str = "") -> str:
        """Return the table as HTML. ARIA roles keep it a table if CSS turns rows into blocks."""
        heads = self.head_markup or [esc(head) for head in self.heads]
        columns = [el("th", head, scope="col", role="columnheader") for head in heads]
        return el(
            "table",
            el("caption", esc(self.caption)),
            el("thead", el("tr", *columns, role="row"), role="rowgroup"),
            el("tbody", *map(self._row, self.rows), role="rowgroup"),
            class_=class_ or None,
            role="table",
        )

    def without(self, *heads: str) -> Table:
        """Return the table without the columns that have these heads."""
        columns = [i for i, head in enumerate(self.heads) if head not in heads]
        rows = [[row[i] for i in columns] for row in self.rows]
        return Table(self.caption, [self.heads[i] for i in columns], rows)

    def markdown(self) -> str:
        """Return heads and rows as Markdown. The second line of a cell is in brackets."""
        rule = "| --- " * len(self.heads) + "|\n"
        rows = (markdown_row(cell.markdown for cell in row) for row in self.rows)
        return markdown_row(self.heads) + rule + "".join(rows)

    def _row(self, cells: Sequence[Cell]) -> str:
        """Return a row as HTML."""
        first, *others = cells
        if not others:
            wide = {"colspan": len(self.heads), "scope": "colgroup", "role": "rowheader"}
            return el("tr", el("th", first.html, **wide), class_="group", role="row")
        head = el("th", first.html, scope="row", role="rowheader")
        data = [
            el("td", cell.html, data_label=label, role="cell")
            for cell, label in zip(others, self.heads[1:], strict=True)
        ]
        return el("tr", head, *data, role="row")


# ---- pages ---------------------------------------------------------------------------------------


class Section(NamedTuple):
    """A section of a page: id, link text, heading, HTML and introduction.

    A page leaves out a section whose ``body`` is empty.
    """

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
    """Build an HTML page that needs no network and no script.

    Args:
        sections: sections in page order.
        brand: page name in the bar.
        title, question, facts: texts of the header, from top to bottom.
        key: HTML of the key after the first section, which stays visible below the bar.
        world_note: first line of the header if the world is not the packaged world.

    Returns:
        The HTML document.
    """
    filled = [part for part in sections if part.body]
    links = [el("a", esc(part.link), href=f"#{part.name}") for part in filled]
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
    first, *others = [section(s.name, s.title, s.body, lead=s.lead) for s in filled] or [""]
    footer = el("footer", esc(f"{BANNER} Two Borders {version('twoborders')}"))
    main = el("main", first, key, *others)
    body = el("body", el("div", name, nav, class_="bar"), header, main, footer)
    return "<!doctype html>\n" + el("html", _head(title), body, lang="en") + "\n"


def table_section(name: str, link: str, table: Table, lead: str, title: str = "") -> Section:
    """Build a section with one table, which is empty if the table has no rows.

    Args:
        name, link, lead: as in `Section`.
        table: content of the section.
        title: heading. By default it is the caption, which the table then hides.

    Returns:
        The section.
    """
    markup = table.html("" if title else "titled") if table.rows else ""
    return Section(name, link, title or table.caption, markup, lead)


def reproduction(name: str, command: str, facts: Sequence[tuple[str, str]]) -> Section:
    """Build the section that says how to reproduce the page.

    Args:
        name: section id.
        command: command line that writes the page.
        facts: names and values, such as the version and the seeds.

    Returns:
        The section.
    """
    body = el("pre", el("code", esc(command))) + facts_list(facts)
    return Section(name, "Reproduction", "Reproduction", body)


def facts_list(facts: Iterable[tuple[str, str]]) -> str:
    """Return names and values as an HTML description list."""
    return el("dl", *(el("dt", esc(name)) + el("dd", esc(value)) for name, value in facts))


def text_list(tag: str, texts: Iterable[str]) -> str:
    """Return texts as an HTML list, where `tag` is ``ol`` or ``ul``."""
    return el(tag, *(el("li", esc(text)) for text in texts))


def grid(charts: Iterable[str]) -> str:
    """Return charts as HTML figures in a grid, or an empty text if there are none."""
    figures = [el("figure", chart) for chart in charts]
    return el("div", *figures, class_="grid") if figures else ""


def seeds_text(seeds: Sequence[int]) -> str:
    """Return the seeds separated by commas, at most the first 40."""
    return ", ".join(map(str, seeds[:40])) + (", …" if len(seeds) > 40 else "")


def _head(title: str) -> str:
    """Return the HTML head with title, viewport and styles."""
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),  # Prevent a request for an icon.
        el("title", esc(title)),
        el("style", (files("viz.documents") / "page.css").read_text(encoding="utf-8")),
    )
