"""Rows from records: attributes by key, and their JSON and CSV texts."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

#: Figures of an interval.
FIGURES = ("median", "low90", "high90")


def record(value: object, keys: Iterable[str] = FIGURES) -> dict[str, Any]:
    """Return attributes of an object by key.

    Args:
        value: the object, by default an interval.
        keys: names of attributes, or ``key=path`` for an attribute with another name or of an
            attribute.

    Returns:
        The values in the order of the keys.
    """
    pairs = (key.partition("=") for key in keys)
    return {key: attrgetter(path or key)(value) for key, _, path in pairs}


def json_text(rows: Any) -> str:
    """Return strict JSON. NaN and infinity become null, arrays become lists."""
    return json.dumps(plain_values(rows), indent=2, ensure_ascii=False, allow_nan=False)


def plain_values(value: Any) -> Any:
    """Convert nested rows to mappings, lists, texts and finite numbers."""
    if isinstance(value, dict):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if hasattr(value, "tolist"):  # numpy, which is not imported here
        return plain_values(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]], world_note: str = "") -> str:
    """Return a CSV text.

    Args:
        header: names of the columns.
        rows: cells in the order of the columns.
        world_note: sentence about another world, in a last column ``world_note`` of every row.
            Without one there is no such column.

    Returns:
        The lines, each ended by a line feed.
    """
    text, more = io.StringIO(), [world_note] if world_note else []
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, "world_note"] if more else header)
    writer.writerows([*row, *more] for row in rows)
    return text.getvalue()
