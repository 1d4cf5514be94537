"""Tables as records and as accessible HTML; a narrow screen shows one block per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viz.figures.markup import el, esc


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: a text, a second line, and the element around the text (``b``, ``mark`` or none).

    ``markup`` replaces the text in HTML, for a picture.
    """

    text: str
    detail: str = ""
    tag: str = ""
    markup: str = ""

    @property
    def html(self) -> str:
        """The content of the cell as markup."""
        text = self.markup or esc(self.text)
        return (el(self.tag, text) if self.tag else text) + (
            el("small", esc(self.detail)) if self.detail else ""
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its header, and the first head names these cells."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def html(self, class_: str = "") -> str:
        """Return the table as markup with the CSS class `class_`."""
        rows = [
            row(first.html, [cell.html for cell in cells], self.heads[1:])
            for first, *cells in self.rows
        ]
        return table(self.caption, [esc(head) for head in self.heads], rows, class_)


def table(caption: str, heads: Sequence[str], rows: Sequence[str], class_: str = "") -> str:
    """Build an HTML table.

    Args:
        caption: text of the caption.
        heads, rows: markup of the column headers and of the rows.
        class_: CSS class, if any.

    Returns:
        Markup with ARIA roles, which survive a CSS layout in blocks.
    """
    head = el("tr", *[el("th", h, scope="col", role="columnheader") for h in heads], role="row")
    return el(
        "table",
        el("caption", esc(caption)),
        el("thead", head, role="rowgroup"),
        el("tbody", *rows, role="rowgroup"),
        class_=class_ or None,
        role="table",
    )


def row(header: str, cells: Sequence[str], labels: Sequence[str], class_: str = "") -> str:
    """Build a row of an HTML table.

    Args:
        header: markup of the row header.
        cells: markup of the other cells.
        labels: column titles of these cells, which a narrow screen shows above them.
        class_: CSS class, if any.

    Returns:
        The markup of the row.
    """
    data = [
        el("td", cell, data_label=label, role="cell")
        for cell, label in zip(cells, labels, strict=True)
    ]
    head = el("th", header, scope="row", role="rowheader")
    return el("tr", head, *data, class_=class_ or None, role="row")
