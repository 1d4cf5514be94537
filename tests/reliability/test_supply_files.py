"""Any supply file runs and conserves, or is refused with its name, row and column."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from abm.scenario import Scenario
from abm.supply import check_supply
from agents.labels import COUNTRIES
from tests.reliability.cases import Counts, run
from tests.reliability.tries import TRIES

KINDS = ("single_adult", "family_member", "unaccompanied_child", "adult", "*", "")
WORDS = (
    *("0", "1", "-1", "50", "51", "1e400", "nan", "5e-324", "2000000", "2000001", "½", "US"),
    *("GT", "gt", "*", "child", "2012-13", "2013-01", "2013-1", "9999-01", "month", "persons"),
    *("factor", "9" * 40, "x" * 400, "", " ", "a\nb", "\x00", "\u202e", '"', "1,2", "1;2"),
)


def months(chance: random.Random) -> list[str]:
    """Draw consecutive months."""
    first = 12 * chance.choice([1900, 1989, 2011, 2012, 2013, 2020, 2150]) + chance.randrange(12)
    count = chance.choice([1, 2, 11, 12, 13, 40])
    return [f"{m // 12}-{m % 12 + 1:02d}" for m in range(first, first + count)]


def table(chance: random.Random) -> list[list[str]]:
    """Generate a valid file: one series for all people, or one per country or kind."""
    unit = chance.choice(["factor", "persons"])
    high = 3.0 if unit == "factor" else 60_000.0
    by = chance.choice([[("*", "")], [(c, "*") for c in COUNTRIES], [("", k) for k in KINDS[:3]]])
    rows = [["month", "country", "kind", unit]]
    for country, kind in chance.sample(by, chance.randint(1, len(by))):
        for month in months(chance):
            value = chance.choice([0.0, 5e-324, high, chance.uniform(0.0, high)])
            rows.append([month, country, kind, repr(value)])
    return rows


def damage(rows: list[list[str]], chance: random.Random) -> None:
    """Change, exchange, remove or repeat a cell or a row."""
    k = chance.randrange(len(rows))
    at = chance.randrange(len(rows[k])) if rows[k] else 0
    kind = chance.randrange(6)
    if kind == 0 and rows[k]:
        rows[k][at] = chance.choice(WORDS)
    elif kind == 1:
        rows[k] = list(chance.choice(rows))
    elif kind == 2 and len(rows) > 1:
        del rows[k]
    elif kind == 3:
        rows.insert(k, list(chance.choice(rows)))
    elif kind == 4:
        rows[k] = rows[k][: chance.randrange(len(rows[k]) + 1)]
    else:
        chance.shuffle(rows)


def supply_of(path: Path, start: str) -> Scenario:
    """Return a scenario with this file after checking the file."""
    scenario = Scenario().with_settings({"supply": str(path), "start": start})
    check_supply(scenario)
    return scenario


def test_a_supply_file_runs_or_is_refused(
    tmp_path: Path, record_property: Callable[..., None]
) -> None:
    counts, path = Counts(), tmp_path / "supply.csv"
    for number in range(TRIES // 2):
        chance = random.Random(f"supply {number}")
        rows = table(chance)
        for _ in range(chance.choice([0, 0, 1, 2])):
            damage(rows, chance)
        text = "\n".join(",".join(row) for row in rows)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        start = chance.choice(["1990-01-01", "2012-10-01", "2019-12-31", "2060-12-31"])
        try:
            counts.judge(partial(supply_of, path, start), run)
        except Exception as error:
            raise AssertionError(f"try {number}: {error!r}, rows {rows[:5]}") from error
    assert all(text.startswith(f"supply: {path}"[:60]) for text in counts.messages)
    assert min(counts.accepted, counts.refused) > 0.1 * (TRIES // 2)
    counts.record(record_property)
