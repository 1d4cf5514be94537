"""Published figures with which studies compare their results, from ``published.csv``.

A row declares a figure for an item that a study varies, a group and a response. If a row names a
target, the target's tolerance is the row's range.
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
    """Return ``low``, ``high`` and ``source`` for a response, by item and group."""
    figures = {}
    with _FILE.open(encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            if row["response"] == response:
                named = target(row["target"]) if row["target"] else None
                low, high = (named.low, named.high) if named else (row["low"], row["high"])
                values = {"low": float(low), "high": float(high), "source": row["source"]}
                figures[row["item"], row["group"]] = values
    return figures
