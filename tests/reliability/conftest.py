"""Collect the cases of the batteries; ``--write-reliability`` writes the counts to the page.

A battery calls `record_property` with the names in `COLUMNS`. The controller of pytest-xdist
collects the counts from all workers.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "internals" / "reliability.md"
COLUMNS = ("tried", "accepted", "refused", "repaired")
_BEGIN, _END = "<!-- figures -->", "<!-- end -->"
_totals: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
_failed: dict[str, int] = defaultdict(int)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-reliability",
        action="store_true",
        help="write the figures of the batteries to docs/internals/reliability.md",
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the counts of a battery, and count failed tests."""
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
    """With ``--write-reliability``, replace the rows of the batteries that ran."""
    if session.config.getoption("--write-reliability") and not hasattr(
        session.config, "workerinput"
    ):
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
        old, _, after = rest.partition(_END)
        PAGE.write_text(f"{before}{_BEGIN}\n{table(old)}\n{_END}{after}", encoding="utf-8")


def table(old: str) -> str:
    """Return the counts as a Markdown table with one row per battery.

    Args:
        old: an earlier table, whose rows stay for batteries that did not run now.
    """
    rows = {line.split("`")[1]: line for line in old.splitlines() if line.startswith("| `")}
    for file, own in _totals.items():
        cells = [f"{own[name]:,}" if own[name] else "" for name in COLUMNS]
        rows[file] = f"| `{file}` | {' | '.join(cells)} | {_failed[file]} |"
    head = ["| battery | tries | accepted | refused | repaired | failures |"]
    return "\n".join([*head, "| --- |" + " ---: |" * 5, *(rows[file] for file in sorted(rows))])
