"""``twoborders sweep``: a design played into a ledger, run by run, and gone on with at any time."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from agents.param import plain
from experiments import design as designs
from experiments.design import Design
from experiments.job_queue import ExecutorGone
from experiments.pool import Failure, cores
from experiments.store import FILE, SweepResults, needs_pyarrow
from experiments.sweep import Swept, sweep
from experiments.sweep_writer import RunRecord
from viz.cli import console
from viz.cli.files import ready
from viz.cli.run import about, failed
from viz.cli.shell import BANNER, FAILED, OK, PARTLY, USAGE, Stopped, is_input, print_json, say

DEFAULT_OUT = Path("out") / "sweep"
_EVERY = 60.0  # seconds between two lines of progress where there is no terminal
_SHOWN = 20  # points of the table at the end
_HEADLINES = ("got_aways", "unlawful_entries", "deaths")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was given on the command line."""

    design: str
    out: Path | None = None
    jobs: int | None = None
    resume: bool = False
    executor: str = "processes"
    export: Path | None = None
    as_json: bool = False

    def folder(self, design: Design) -> Path:
        """Where the ledger is."""
        return self.out or DEFAULT_OUT / design.name

    def words(self, *, resume: bool) -> list[str]:
        """The command, as it is typed; only the start of a fresh sweep has no --resume."""
        words = ["twoborders", "sweep", self.design]
        given = [("--out", self.out), ("--jobs", self.jobs), ("--export", self.export)]
        if self.executor != "processes":
            given.append(("--executor", self.executor))
        for option, value in given:
            words += [option, str(value)] if value is not None else []
        return [*words, "--resume"] if resume else words


def command(asked: Asked, *, dry_run: bool) -> int:
    """Check everything, play, tell; give the exit code."""
    design = designs.load(asked.design)
    _check_export(asked.export)
    if dry_run:
        return _foretell(asked, design)
    folder = ready(asked.folder(design))
    pace = Pace()
    try:
        with shown(pace):
            swept = _sweep(asked, design, folder, pace)
    except KeyboardInterrupt:
        raise Stopped(f"interrupted: {_stays(asked, folder, pace)}") from None
    except ExecutorGone as error:
        say(f"error: {error}. {_stays(asked, folder, pace)}")
        return FAILED
    if asked.export:
        _export(folder, asked.export)
    _tell(asked, design, swept)
    return _code(swept)


def _sweep(asked: Asked, design: Design, folder: Path, pace: Pace) -> Swept:
    """Play what the folder does not hold."""

    def start(planned: int, found: int) -> None:
        factors = ", ".join(design.factors)
        say(f"{design.name}: {len(design.points):,} points over {factors}; {_each(design)}")
        pace.start(planned, found)

    return sweep(
        design,
        folder,
        executor=asked.executor,
        jobs=asked.jobs,
        resume=asked.resume,
        on_start=start,
        on_result=pace.step,
        command=asked.words(resume=asked.resume),
    )


def _each(design: Design) -> str:
    """How often a point is played, in words."""
    seeds = f"{design.reps} {'paired ' if design.paired else ''}seed{'s' * (design.reps != 1)} each"
    return f"{len(design.members)} members of the ensemble, {seeds}" if design.members else seeds


def _stays(asked: Asked, folder: Path, pace: Pace) -> str:
    """What is kept, and how to go on."""
    return (
        f"{pace.done:,} of {pace.planned:,} runs are in {folder / FILE} and stay. "
        f"Go on with: {shlex.join(asked.words(resume=True))}"
    )


def _code(swept: Swept) -> int:
    """The exit code of a sweep that went to its end."""
    if not swept.failures:
        return OK
    if swept.found + swept.played:
        return PARTLY
    return USAGE if all(is_input(f.kind) for f in swept.failures) else FAILED


# ---- before it is played -------------------------------------------------------------------------


def _foretell(asked: Asked, design: Design) -> int:
    """Say how many runs there are and how long they may take; nothing of the design is played."""
    from experiments.design.cost import HOW, estimate

    done = _done(asked.folder(design), design)
    jobs = 1 if asked.executor == "serial" else asked.jobs or cores()
    guess = estimate(design)
    seconds = guess.total(len(design) - done, jobs)
    if asked.as_json:
        told = {
            "runs": len(design),
            "done": done,
            "jobs": jobs,
            "seconds": seconds,
            "seconds_a_run": guess.run_s,
            "estimate": HOW,
        }
        print_json(_about(design) | {"dry_run": True} | told)
        return OK
    console.line(
        f"{design.name}: {len(design.points):,} points over {', '.join(design.factors)}; "
        f"{_each(design)}: {len(design):,} runs."
    )
    if done:
        console.line(f"{done:,} of them are in {asked.folder(design)} already.")
    console.line(f"About {span(seconds)}, {jobs} at a time, {guess.run_s:.2g} s a run: {HOW}.")
    return OK


def _done(folder: Path, design: Design) -> int:
    """Runs of the design that a folder holds."""
    try:
        with SweepResults(folder) as store:
            return store.done if store.meta["design"] == design.digest else 0
    except SettingError:
        return 0


def _check_export(path: Path | None) -> None:
    """Refuse an export that could not be written, before hours are spent."""
    if path is None:
        return
    if path.suffix not in (".csv", ".parquet"):
        hint = "Give a file that ends in .csv or .parquet."
        raise SettingError("--export", f"{plain(str(path))} is no such file", hint)
    if path.suffix == ".parquet":
        needs_pyarrow()
    ready(path.parent)


def _export(folder: Path, path: Path) -> None:
    """Write the frame."""
    with SweepResults(folder) as store:
        (store.to_csv if path.suffix == ".csv" else store.to_parquet)(path)
    say(f"written: {path}")


# ---- while it is played --------------------------------------------------------------------------


@dataclass
class Pace:
    """How far a sweep is, how fast it goes, and how long it will take."""

    planned: int = 0
    done: int = 0
    failed: int = 0
    found: int = 0
    began: float = field(default_factory=time.monotonic)
    hear: Any = None  # called after every step

    def start(self, planned: int, found: int) -> None:
        """Take note of what there is."""
        self.planned, self.done, self.found, self.began = planned, found, found, time.monotonic()
        if found:
            say(f"{found:,} of {planned:,} runs are there already")
        if self.hear:
            self.hear()

    def step(self, answer: RunRecord | Failure) -> None:
        """Count one run."""
        if isinstance(answer, Failure):
            self.failed += 1
            say(f"warning: a run failed: {answer}")
        else:
            self.done += 1
        if self.hear:
            self.hear()

    @property
    def rate(self) -> float:
        """Runs a second since it was started."""
        over = self.done - self.found + self.failed
        return over / max(1e-9, time.monotonic() - self.began)

    def __str__(self) -> str:
        """Rate, remaining time and failures, in words."""
        if not self.rate:
            return "no run yet"
        rate = f"{self.rate:.1f} a second" if self.rate >= 1.0 else f"{60 * self.rate:.1f} a minute"
        left = (self.planned - self.done - self.failed) / self.rate
        words = f"{rate}, {span(left)} left"
        return f"{words}, {self.failed} failed" if self.failed else words


@contextmanager
def shown(pace: Pace) -> Iterator[None]:
    """A bar on a terminal, a line a minute elsewhere; both on stderr."""
    if not sys.stderr.isatty():
        pace.hear = _Lines(pace).hear
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    words = TextColumn("{task.fields[pace]}")
    columns = (TextColumn("Runs"), BarColumn(), MofNCompleteColumn(), words)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Runs", total=None, pace="")
        pace.hear = lambda: progress.update(
            task, total=pace.planned, completed=pace.done + pace.failed, pace=str(pace)
        )
        yield


@dataclass
class _Lines:
    """A line now and then, for a log."""

    pace: Pace
    last: float = field(default_factory=time.monotonic)

    def hear(self) -> None:
        """Say how far it is, if nothing was said for a minute."""
        if time.monotonic() - self.last >= _EVERY:
            self.last = time.monotonic()
            say(f"{self.pace.done:,} of {self.pace.planned:,} runs, {self.pace}")


def span(seconds: float) -> str:
    """A length of time for a person: 40 s, 12 min, 3 h 20 min, 2 days 4 h."""
    if seconds < 100.0:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60.0)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} days {hours % 24} h"


# ---- when it is over -----------------------------------------------------------------------------


def _about(design: Design) -> dict[str, Any]:
    """What every JSON of the command begins with."""
    return {
        "command": "sweep",
        "version": version("twoborders"),
        "note": BANNER,
        "design": {
            "name": design.name,
            "method": design.sample.method,
            "digest": design.digest,
            "factors": list(design.factors),
            "points": len(design.points),
            "reps": design.reps,
            "seed": design.seed,
            "paired": design.paired,
            "members": [one.number for one in design.members],
        },
        "scenario": about(design.scenario),
    }


def _tell(asked: Asked, design: Design, swept: Swept) -> None:
    """Say what there is now."""
    if asked.as_json:
        print_json(
            _about(design)
            | {
                "folder": str(swept.folder),
                "runs": swept.planned,
                "done": swept.found + swept.played,
                "played": swept.played,
                "failed": [failed(failure) for failure in swept.failures],
            }
        )
        return
    console.line(
        f"{swept.found + swept.played:,} of {swept.planned:,} runs are in "
        f"{swept.folder / FILE}; {swept.played:,} were played now.\n"
    )
    if len(design.points) <= _SHOWN and swept.found + swept.played:
        _table(design, swept.folder)
    if swept.failures:
        console.line(
            f"{len(swept.failures)} runs gave nothing; Store.failures() says why, and "
            "--resume tries them again."
        )
    console.line(f'In pandas: experiments.store.Store("{swept.folder}").frame()')
    console.line(BANNER)


def _table(design: Design, folder: Path) -> None:
    """Medians over seeds of the main outcomes, point by point."""
    from abm.measures import OUTCOMES
    from viz.figures.numbers import plain as figure
    from viz.figures.numbers import rounded

    with SweepResults(folder) as store:
        frame = store.frame()
    medians = frame.groupby("point")[list(_HEADLINES)].median()
    rows = [
        (
            *(v if isinstance(v, str) else f"{v:.4g}" for v in design.points[point]),
            *(figure(rounded(value)) for value in values),
        )
        for point, values in zip(medians.index.tolist(), medians.to_numpy().tolist(), strict=True)
    ]
    heads = (*design.factors, *(OUTCOMES[name].label for name in _HEADLINES))
    over = "members and seeds" if design.members else "seeds"
    console.table(f"Medians over {over}, a year", heads, rows, left=0)
