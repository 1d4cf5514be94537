"""JSON and CSV texts of rows."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any


def json_text(rows: Any) -> str:
    """Return strict JSON; NaN and infinity become null, arrays become lists."""
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


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV text.

    Args:
        header: names of the columns.
        rows: cells in the order of the columns.

    Returns:
        The lines, each ended by a line feed.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
