"""Scores of mutants: lists of exceptions, rows by target, and a section of the reliability page."""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.page_blocks import write_block

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "background" / "reliability.md"
_BEGIN, _END = "<!-- mutants -->", "<!-- end of mutants -->"
REQUIRED = 0.92  # share of mutants that must be killed


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Mutants with a note, by key.

    Attributes:
        equivalent: changes that cannot change any result, with the reason; they have no score.
        survivors: changes that no test detects, with the reason; they count as survived.
    """

    equivalent: Mapping[str, str]
    survivors: Mapping[str, str]


def read_exceptions(path: Path = HERE / "equivalent.toml") -> Exceptions:
    """Read the list of exceptions.

    Args:
        path: TOML file with the tables ``equivalent`` and ``survivor``.

    Returns:
        Reasons by key of the mutant.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    equivalent, survivors = (
        {row["mutant"]: row["reason"] for row in tables.get(name, [])}
        for name in ("equivalent", "survivor")
    )
    return Exceptions(equivalent, survivors)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of a mutant: the test that detected it, "" if none did, None if it was not run."""

    target: str
    mutant: Mutant
    killed_by: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """Numbers of mutants of a target."""

    mutants: int
    killed: int
    equivalent: int

    @property
    def survived(self) -> int:
        """Number of mutants that are not equivalent and that no test detects."""
        return self.mutants - self.killed - self.equivalent

    @property
    def share(self) -> float:
        """Share of killed mutants among those that are not equivalent; 1 without any."""
        counted = self.mutants - self.equivalent
        return self.killed / counted if counted else 1.0


def score(outcomes: Iterable[Outcome]) -> Score:
    """Count outcomes."""
    found = [outcome.killed_by for outcome in outcomes]
    return Score(len(found), sum(map(bool, found)), found.count(None))


def table(outcomes: list[Outcome]) -> str:
    """Return the scores as a Markdown table, one row per target and one for all."""
    lines = ["| module | mutants | killed | equivalent | survived | score |"]
    lines.append("| --- |" + " ---: |" * 5)
    names = dict.fromkeys(outcome.target for outcome in outcomes)
    parts = {name: [o for o in outcomes if o.target == name] for name in names}
    for name, own in (parts | {"all": outcomes}).items():
        s = score(own)
        cells = (name, s.mutants, s.killed, s.equivalent, s.survived, f"{100 * s.share:.1f} %")
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def survivor_lines(outcomes: Iterable[Outcome], reasons: Mapping[str, str]) -> list[str]:
    """Return one line per survivor: file, line, change and reason.

    Args:
        outcomes: results of the mutants.
        reasons: reasons by key.
    """
    return [
        f"- `{m.file}`, line {m.line}, `{m.function or 'module'}`: `{m.before}` became "
        f"`{m.after}`. {reasons.get(m.key, 'No reason is known; a test is missing.')}"
        for m in (outcome.mutant for outcome in outcomes if outcome.killed_by == "")
    ]


def section(outcomes: list[Outcome], seed: int, exceptions: Exceptions) -> str:
    """Return the text between the markers of the page.

    Args:
        outcomes: results of the mutants.
        seed: seed of the sample.
        exceptions: reasons of survivors.
    """
    day = datetime.date.today()
    began = f"The sample is that of seed {seed}, run on {day.day} {day:%B %Y}."
    lines = survivor_lines(outcomes, exceptions.survivors)
    left = ["", "Survivors:", "", *lines] if lines else ["", "No mutant survived."]
    return "\n".join([began, "", table(outcomes), *left])


def write_page(text: str, page: Path = PAGE) -> None:
    """Replace the text between the markers of the page.

    Args:
        text: the section.
        page: the Markdown file.
    """
    write_block(page, _BEGIN, _END, text)


def read_results(path: Path | None) -> dict[str, str]:
    """Return the stored results of an earlier run: the killing test by key of the mutant."""
    if path is None or not path.exists():
        return {}
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row["mutant"]: row["killed_by"] for row in rows}


def add_result(path: Path | None, outcome: Outcome) -> None:
    """Append a result to a file of results, one JSON object per line."""
    if path is not None:
        row = {"mutant": outcome.mutant.key, "killed_by": outcome.killed_by}
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
