"""Published figures with which studies compare their results, from ``published.csv``.

A row declares a figure by the item that a study varies, the group and the response. A row that
names a target has the tolerance of that target as its range.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.validation.targets import target

_FILE = Path(__file__).with_suffix(".csv")


@functools.cache
def published(response: str) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Return ``low``, ``high`` and ``source`` of a response's figures, by item and group."""
    figures = {}
    with _FILE.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if row["response"] == response:
                named = target(row["target"]) if row["target"] else None
                low, high = (named.low, named.high) if named else (row["low"], row["high"])
                values = {"low": float(low), "high": float(high), "source": row["source"]}
                figures[row["item"], row["group"]] = values
    return figures
