"""Fields for declared numbers: a label, a value in a readable unit, and whether it is assumed.

The label is the first clause of the declaration. If that clause names a field of the model,
`policies_panel.label` has a label instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm.scenario import Row
from agents.param import Param
from viz.screen.panels.budgets import read_integer, read_number
from viz.screen.words import Words
from viz.screen.words import table as word_table

_PERCENT = {"share", "probability"}
_PLAIN = 1e9  # size from which numbers have no decimals
_LARGE = 1e6  # size from which amounts of money are in millions
_END = r"(?<!U\.S\.)(?<!EE\.)(?<!UU\.)"  # excludes full stops that end an abbreviation
_CLAUSE = re.compile(rf"[;:](?=\s)|\.{_END}(?=\s|$)")
_SENTENCE = re.compile(rf"(?<=[.!?]){_END}\s+(?=[A-ZÁÉÍÓÚÑ¿¡])")
_HOUR = re.compile(r"(\d\d)h")


def first_sentence(text: str) -> str:
    """Return the first sentence of a text. The full stops of "U.S." and "EE. UU." do not end it."""
    return _SENTENCE.split(text, maxsplit=1)[0]


def list_words(t: Words) -> dict[str, str]:
    """Return the texts for the scripts of the policy list and the number fields."""
    words = t.part("policies_panel").items()
    return {key: text for key, text in words if "." not in key} | {"locale": t.language}


def entry_label(t: Words, entry: str) -> str:
    """Return the name of a table entry, such as a nation, a sector or an hour."""
    if hour := _HOUR.fullmatch(entry):
        return f"{int(hour[1])}:00"
    for key in (f"country.{entry}", f"policies_panel.entry.{entry}"):
        if key in word_table("en"):
            return t(key)
    return t.translate(" ".join(word.capitalize() for word in entry.split("_")))


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit in which a number is shown: its value times ``factor``, and the name of the unit."""

    factor: float
    text: str

    def field_text(self, value: float) -> str:
        """Format a value for a field. Integers are exact."""
        if isinstance(value, int) and self.factor == 1.0:
            return f"{value:,}"
        size = value * self.factor
        return f"{size:,.10g}" if abs(size) < _PLAIN else f"{size:,.0f}"

    def read(self, text: str, integer: bool) -> float | int:
        """Convert the text of a field to a value, or raise ``ValueError`` if it is not a number."""
        return read_integer(text) if integer else float(f"{read_number(text) / self.factor:.12g}")

    def bound(self, value: float) -> str:
        """Format a bound, with a typographic minus."""
        return self.field_text(value).replace("-", "\u2212")


def unit_of(t: Words, declared: Param | Row, default: Any) -> Unit:
    """Return the unit in which a number is shown: percent, million dollars, or its declared unit.

    Args:
        t: texts in the display language.
        declared: declaration of the number.
        default: declared value of the number or of its table entry.
    """
    unit = declared.unit
    if declared.kind is int:
        return Unit(1.0, t.translate(unit))
    if unit in _PERCENT:
        return Unit(100.0, "%")
    if unit.startswith("share of "):
        texts = t.part("policies_panel.percent")
        return Unit(100.0, texts.get(unit.replace(" ", "_"), unit.replace("share", "%", 1)))
    if unit.startswith("$") and abs(default) >= _LARGE:
        return Unit(1e-6, t.translate(unit).replace("$", "$M", 1))
    return Unit(1.0, t.translate(unit))


@dataclass(frozen=True, slots=True)
class Number:
    """A number with a field.

    Attributes:
        name: name of the number, or ``table.entry`` for a table entry.
        label, about, source: texts.
        value, default: current value and declared value.
        low, high: bounds.
        unit: unit in which the values and the bounds are shown.
        whole: whether the value is an integer.
        assumed: whether the declared value is an assumption.
    """

    name: str
    label: str
    value: float
    default: float
    low: float
    high: float
    unit: Unit
    whole: bool
    about: str = ""
    source: str = ""
    assumed: bool = False

    def read(self, t: Words, text: str) -> float | int:
        """Read a typed value.

        Raises:
            ValueError: the text is not a number, or the value is outside the bounds. The message is
                in the display language.
        """
        try:
            value = self.unit.read(text, self.whole)
        except ValueError:
            raise ValueError(self._range(t, "whole" if self.whole else "number")) from None
        if not self.low <= value <= self.high:
            raise ValueError(self._range(t, "range"))
        return value

    def _range(self, t: Words, key: str) -> str:
        """Return a sentence on the values that are allowed."""
        low, high = self.unit.bound(self.low), self.unit.bound(self.high)
        if not math.isfinite(self.high):
            return t("policies_panel.error.least").format(low=low)
        return t(f"policies_panel.error.{key}").format(low=low, high=high, unit=self.unit.text)

    def field(self, t: Words, key: str, problem: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the data for the script of the field.

        Args:
            t: texts in the display language.
            key: key of the field.
            problem: refused text (``typed``) and reason (``error``), if there is a problem.
        """
        text = self.unit.field_text(self.value)
        bounds = t("policies_panel.bounds").format(
            low=self.unit.bound(self.low), high=self.unit.bound(self.high)
        )
        return {
            "key": key,
            "name": self.name,
            "label": self.label,
            "about": self.about,
            "source": self.source,
            "value": (problem or {}).get("typed", text),
            "unit": self.unit.text,
            "bounds": bounds if math.isfinite(self.high) else "",
            "assumed": self.assumed,
            "changed": self.value != self.default,
            "error": (problem or {}).get("error", ""),
        }


def row_number(t: Words, row: Row) -> Number:
    """Return the number for the field of a model parameter."""
    path, entry = row.path, ""
    if path.count(".") >= 2:  # folder, table and entry
        path, _, entry = path.rpartition(".")
    return declared_number(t, row, path, entry, name=row.path, value=row.value, default=row.default)


def declared_number(t: Words, declared: Param | Row, key: str, entry: str, **fields: Any) -> Number:
    """Return the number for the field of a declaration.

    Args:
        t: texts in the display language.
        declared: declaration of the number.
        key: text key of a separate label, which need not exist.
        entry: name of the entry if the declaration is a table, otherwise "".
        fields: name, value and default of the number.
    """
    about, source = t.translate(declared.doc), declared.source
    label = _CLAUSE.split(about, maxsplit=1)[0].strip()
    if (own_label := f"policies_panel.label.{key}") in word_table("en"):
        label = t(own_label)
    if isinstance(declared, Param):
        source = declared.sources.get(entry, source)
    return Number(
        label=f"{label}: {entry_label(t, entry)}" if entry else label,
        about=about,
        source=t.translate(source),
        low=declared.low,
        high=declared.high,
        unit=unit_of(t, declared, fields["default"]),
        whole=declared.kind is int,
        assumed=declared.assumed,
        **fields,
    )
