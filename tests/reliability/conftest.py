"""Batteries record what they tried; ``--write-reliability`` puts the figures into the documents.

A battery calls `record_property` with the names of `COLUMNS`; the controller of pytest-xdist
collects them from all workers.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "background" / "reliability.md"
COLUMNS = ("tried", "accepted", "refused", "repaired")
_BEGIN, _END = "<!-- figures -->", "<!-- end -->"
_totals: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
_failed: dict[str, int] = defaultdict(int)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-reliability",
        action="store_true",
        help="write the figures of the batteries to docs/background/reliability.md",
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the figures of a battery, and count failed tests."""
    if "tests/reliability" not in report.nodeid:
        return
    file = report.nodeid.partition("::")[0].rpartition("/")[2]
    if report.failed:
        _failed[file] += 1
    if report.when == "call":
        own = {name: value for name, value in report.user_properties if name in COLUMNS}
        own.setdefault("tried", 1)
        for name, value in own.items():
            _totals[file][name] += int(str(value))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the figures if that was asked for, in the process that knows all of them."""
    if session.config.getoption("--write-reliability") and not hasattr(
        session.config, "workerinput"
    ):
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        PAGE.write_text(f"{before}{_BEGIN}\n{table()}\n{_END}{after}", encoding="utf-8")


def table() -> str:
    """Return the figures as a Markdown table, one row per battery."""
    lines = [
        "| battery | tries | accepted | refused | repaired | failures |",
        "| --- |" + " ---: |" * 5,
    ]
    for file in sorted(_totals):
        own = _totals[file]
        cells = [f"{own[name]:,}" if own[name] else "" for name in COLUMNS]
        lines.append(f"| `{file}` | {' | '.join(cells)} | {_failed[file]} |")
    return "\n".join(lines)
