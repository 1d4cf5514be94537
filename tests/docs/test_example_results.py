"""The tables of the default comparison agree with its record, `docs/records/compare.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments.rows.comparison import MEASURES
from experiments.runs.intervals import Interval
from viz.figures.numbers import MISSING, NBSP, amount, ranged_percent, signed_amount

ROOT = Path(__file__).resolve().parents[2]
RECORD: dict[str, Any] = json.loads((ROOT / "docs/records/compare.json").read_text("utf-8"))
KEYS = {measure.label: key for key, measure in MEASURES.items()}


def expected(key: str) -> list[str]:
    """Return an outcome's cells: its level, then its change under each policy."""
    level, unit = RECORD["baseline"]["outcomes"].get(key), MEASURES[key].unit
    changes = [policy["outcomes"][key] for policy in RECORD["policies"]]
    if level is None:
        # None if the change is not meaningful.
        prices = [change["difference"] for change in changes]
        return [MISSING, *(MISSING if p is None else amount(p, unit) for p in prices)]
    if level == 0:
        levels = [signed_amount(change["difference"], unit) for change in changes]
        return [amount(level, unit), *levels]
    cells = [amount(level, unit)]
    for change in changes:
        middle, low, high = (
            100 * change[name] / level for name in ("difference", "low90", "high90")
        )
        texts = ranged_percent(Interval(middle, low, high, low, high))
        cells.append(f"{texts.median} ({texts.low} to {texts.high})")
    return cells


@pytest.mark.parametrize(("page", "rows"), [("README.md", 5), ("docs/example_results.md", 13)])
def test_rows_of_the_default_comparison_agree_with_its_record(page: str, rows: int):
    text = (ROOT / page).read_text(encoding="utf-8")
    table = text.partition("| status quo |")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(table) == rows
    for line in table:
        label, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        assert cells == [cell.replace(NBSP, " ") for cell in expected(KEYS[label])], label
