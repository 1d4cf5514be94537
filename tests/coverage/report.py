"""Coverage of the packages, and its section on the reliability page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.page_blocks import RELIABILITY, today, write_block

HERE = Path(__file__).parent
_BEGIN, _END = "<!-- coverage -->", "<!-- end of coverage -->"
PACKAGES = ("agents", "abm", "experiments")
REQUIRED = 0.95  # of statements and branches together, and of branches alone


@dataclass(frozen=True, slots=True)
class Counts:
    """Statements and branches of a file or of several.

    Attributes:
        statements, branches: numbers in the code.
        run, taken: number of statements that were run, and of branches that were taken.
    """

    statements: int = 0
    run: int = 0
    branches: int = 0
    taken: int = 0

    @property
    def share(self) -> float:
        """Share of statements run and branches taken; 1 without any statement or branch."""
        every = self.statements + self.branches
        return (self.run + self.taken) / every if every else 1.0

    @property
    def branch_share(self) -> float:
        """Branches that were taken, over all; 1 without any."""
        return self.taken / self.branches if self.branches else 1.0

    def __add__(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(
            self.statements + other.statements,
            self.run + other.run,
            self.branches + other.branches,
            self.taken + other.taken,
        )


def read_counts(measured: Mapping[str, Any]) -> dict[str, Counts]:
    """Return the counts by file of the packages.

    Args:
        measured: the JSON report of coverage.py.

    Returns:
        Counts by path, in the order of the paths.
    """
    found = {}
    for path, file in sorted(measured["files"].items()):
        s = file["summary"]
        if Path(path).parts[0] in PACKAGES:
            found[Path(path).as_posix()] = Counts(
                s["num_statements"], s["covered_lines"], s["num_branches"], s["covered_branches"]
            )
    return found


def by_package(counts: Mapping[str, Counts]) -> dict[str, Counts]:
    """Return the sums over the files of each package, and `all`."""
    sums = {
        name: sum((c for path, c in counts.items() if path.split("/")[0] == name), Counts())
        for name in PACKAGES
    }
    return sums | {"all": sum(sums.values(), Counts())}


def is_enough(counts: Mapping[str, Counts]) -> bool:
    """Return whether every package has the required share, also of its branches alone."""
    packages = by_package(counts).values()
    return all(min(package.share, package.branch_share) >= REQUIRED for package in packages)


def read_reasons(path: Path = HERE / "reasons.toml") -> dict[str, str]:
    """Return the reasons of files below the required share, by path."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def table(rows: Mapping[str, Counts]) -> str:
    """Return counts as a Markdown table, one row per name."""
    lines = ["| package | statements | run | branches | taken | branches alone | covered |"]
    lines.append("| --- |" + " ---: |" * 6)
    for name, c in rows.items():
        numbers = (f"{n:,}" for n in (c.statements, c.run, c.branches, c.taken))
        lines.append(
            f"| {' | '.join((name, *numbers))} | {percent(c.branch_share)} | {percent(c.share)} |"
        )
    return "\n".join(lines)


def percent(share: float) -> str:
    """Return a share as text, rounded down, so that only a complete file has 100 %."""
    return f"{int(1000 * share) / 10:.1f} %"


def low_lines(counts: Mapping[str, Counts], reasons: Mapping[str, str]) -> Iterable[str]:
    """Return one line per file below the required share, the lowest first.

    Args:
        counts: counts by path.
        reasons: reasons by path.
    """
    low = {path: c for path, c in counts.items() if c.share < REQUIRED}
    for path, c in sorted(low.items(), key=lambda item: item[1].share):
        reason = reasons.get(path, "No reason is listed.")
        missing = c.statements - c.run + c.branches - c.taken
        yield f"- `{path}`: {percent(c.share)}, {missing} missing. {reason}"


def section(counts: Mapping[str, Counts], reasons: Mapping[str, str]) -> str:
    """Return the text between the markers of the page.

    Args:
        counts: counts by path.
        reasons: reasons of files below the required share, by path.
    """
    lines = list(low_lines(counts, reasons))
    parts = [f"Measured on {today()}, {len(counts)} files.", table(by_package(counts))]
    if lines:
        parts += [f"Files below {REQUIRED:.0%}:".replace("%", " %"), "\n".join(lines)]
    else:
        parts.append(f"No file is below {100 * REQUIRED:.0f} %.")
    return "\n\n".join(parts)


def write_page(text: str, page: Path = RELIABILITY) -> None:
    """Replace the text between the markers of the page.

    Args:
        text: the section.
        page: the Markdown file.
    """
    write_block(page, _BEGIN, _END, text)
