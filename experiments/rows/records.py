"""Convert attributes of objects to rows, and rows to JSON and CSV texts."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from operator import attrgetter
from typing import Any, get_type_hints

NOTE = "Model output within stated priors, not a forecast."
#: Figures of an interval, which are the default keys.
FIGURES = ("median", "low90", "high90")


def record(value: object, keys: Iterable[str] = FIGURES) -> dict[str, Any]:
    """Return an object's attributes by key.

    Args:
        value: object with the attributes.
        keys: attribute names, or ``key=path`` for a dotted path under another key. The default is
            the figures of an interval.

    Returns:
        The values, ordered like `keys`.
    """
    pairs = (key.partition("=") for key in keys)
    return {key: attrgetter(path or key)(value) for key, _, path in pairs}


def read_record[Record](kind: type[Record], row: Mapping[str, Any]) -> Record:
    """Create a dataclass from a JSON object with a key for each field.

    Args:
        kind: the dataclass. Fields may be dataclasses.
        row: values by field name. A number that is null or missing is NaN.

    Returns:
        An instance of `kind`.

    Raises:
        AttributeError, TypeError: the row does not match the dataclass fields.
    """
    types = get_type_hints(kind)
    return kind(**{name: _field_value(types[name], row.get(name)) for name in types})


def _field_value(kind: Any, value: Any) -> Any:
    """Convert a JSON value to a field's type if it is float or a dataclass."""
    if kind is float:
        return math.nan if value is None else float(value)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        return read_record(kind, value)
    return value


def json_text(rows: Any) -> str:
    """Return strict JSON. NaN and infinity become null, arrays become lists."""
    return json.dumps(plain_values(rows), indent=2, ensure_ascii=False, allow_nan=False)


def plain_values(value: Any) -> Any:
    """Convert nested rows to mappings, lists, texts and finite numbers."""
    if isinstance(value, dict):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if hasattr(value, "tolist"):  # numpy values, without importing numpy
        return plain_values(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]], world_note: str = "") -> str:
    """Return a header and rows as CSV text.

    Args:
        header: names of the columns.
        rows: cells, ordered like `header`.
        world_note: sentence about a world other than the packaged one. Every row repeats it in a
            last column ``world_note``. If it is empty, there is no such column.

    Returns:
        The lines, each ended by a line feed.
    """
    text, more = io.StringIO(), [world_note] if world_note else []
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "world_note"] if more else header)
    writer.writerows([*row, *more] for row in rows)
    return text.getvalue()
