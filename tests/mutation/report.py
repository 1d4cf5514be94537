"""Scores of mutants: lists of exceptions, rows by target, and a section of the reliability page."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.page_blocks import RELIABILITY, today, write_block

HERE = Path(__file__).parent
SEEN = HERE / "seen.txt"
_TABLE = "<!-- mutants -->", "<!-- end of mutants -->"
_UNSEEN = "<!-- unseen mutants -->", "<!-- end of unseen mutants -->"
_Z = 1.959964  # standard normal quantile of a 95 % interval
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


def wilson(killed: int, counted: int) -> tuple[float, float]:
    """Return the bounds of the 95 % Wilson interval of a share.

    Args:
        killed: number of successes.
        counted: number of trials; without any, the interval is 0 to 1.
    """
    if not counted:
        return 0.0, 1.0
    share, more = killed / counted, _Z * _Z / counted
    half = _Z * math.sqrt(share * (1.0 - share) / counted + more / (4.0 * counted))
    middle, size = share + more / 2.0, 1.0 + more
    return (middle - half) / size, (middle + half) / size


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
    """Return the text of a sample of every target.

    Args:
        outcomes: results of the mutants.
        seed: seed of the sample.
        exceptions: reasons of survivors.
    """
    began = f"The sample is that of seed {seed}, run on {today()}."
    return "\n".join([began, "", table(outcomes), *_survivors(outcomes, exceptions)])


def unseen_section(
    outcomes: list[Outcome], seed: int, left: int, total: int, exceptions: Exceptions
) -> str:
    """Return the text of a sample of mutants that no earlier sample contains.

    Args:
        outcomes: results of the mutants, those of a target together.
        seed: seed of the sample.
        left: number of mutants from which the sample was drawn.
        total: number of mutants of all targets.
        exceptions: reasons of survivors.
    """
    s = score(outcomes)
    counted = s.mutants - s.equivalent
    low, high = (100 * bound for bound in wilson(s.killed, counted))
    drawn = (
        f"{s.mutants} mutants were drawn with seed {seed} from the {left:,} of {total:,} mutants "
        "that no earlier sample contains; each of these had the same chance. They were run on "
        f"{today()}."
    )
    found = (
        f"**{s.killed} of {counted} were killed: {100 * s.share:.1f} %, 95 % Wilson interval "
        f"{low:.1f} to {high:.1f} %.** {s.survived} survived, and {s.equivalent} more are "
        "equivalent."
    )
    if s.share < REQUIRED:
        found += f" This is below the required {100 * REQUIRED:.0f} %."
    return "\n".join([drawn, found, "", table(outcomes), *_survivors(outcomes, exceptions)])


def _survivors(outcomes: list[Outcome], exceptions: Exceptions) -> list[str]:
    """Return the lines of the page about survivors."""
    lines = survivor_lines(outcomes, exceptions.survivors)
    return ["", "Survivors:", "", *lines] if lines else ["", "No mutant survived."]


def write_page(text: str, *, unseen: bool = False, page: Path = RELIABILITY) -> None:
    """Replace the text of one kind of sample in the page, and leave that of the other kind.

    Args:
        text: the section.
        unseen: whether the sample consists of mutants that no earlier sample contains.
        page: the Markdown file.
    """
    write_block(page, *(_UNSEEN if unseen else _TABLE), text)


def read_seen(path: Path = SEEN) -> set[str]:
    """Return the names of the mutants of earlier samples, for which tests may have been written."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("# ")}


def add_seen(keys: Iterable[str], title: str, path: Path = SEEN) -> None:
    """Append the names of a sample to the mutants of earlier samples.

    Args:
        keys: names of mutants; those that the file contains are not repeated.
        title: the sample, for the line above its names.
        path: file of names.
    """
    new = sorted(set(keys) - read_seen(path))
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(["", f"# {title}", *new, ""]))


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
