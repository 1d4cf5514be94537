"""Tables as records and as accessible HTML; a narrow screen shows one block per row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viz.figures.markup import el, esc


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: a text, a second line, and the element around the text (``b``, ``mark`` or none).

    ``markup`` replaces the text in HTML, for a picture. ``row_class`` of the first cell of a row is
    the CSS class of the row.
    """

    text: str
    detail: str = ""
    tag: str = ""
    markup: str = ""
    row_class: str = ""

    @property
    def html(self) -> str:
        """The content of the cell as markup."""
        text = self.markup or esc(self.text)
        return (el(self.tag, text) if self.tag else text) + (
            el("small", esc(self.detail)) if self.detail else ""
        )


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its header, and the first head names these cells.

    A row of one cell is the title of the rows below it. ``head_markup`` replaces the heads in HTML;
    a narrow screen shows the heads as labels of the cells.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    head_markup: Sequence[str] = ()

    def html(self, class_: str = "") -> str:
        """Return the table as markup with ARIA roles, which survive a CSS layout in blocks."""
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

    def _row(self, cells: Sequence[Cell]) -> str:
        """Return a row as markup."""
        first, *others = cells
        if not others:
            wide = {"colspan": len(self.heads), "scope": "colgroup", "role": "rowheader"}
            return el("tr", el("th", first.html, **wide), class_="group", role="row")
        head = el("th", first.html, scope="row", role="rowheader")
        data = [
            el("td", cell.html, data_label=label, role="cell")
            for cell, label in zip(others, self.heads[1:], strict=True)
        ]
        return el("tr", head, *data, class_=first.row_class or None, role="row")
