"""Show the progress of runs on stderr, estimate durations, and report how to resume a command."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from viz.cli import console
from viz.cli.options import ResultOptions
from viz.cli.shell import CommandError, Interrupted, json_head, log, print_result

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.runs.case import Failure

_INTERVAL = 60.0  # seconds between progress lines if stderr is not a terminal


@contextmanager
def bar(description: str, total: int, done: int = 0) -> Iterator[Callable[[], None]]:
    """Show a progress bar with the remaining time if stderr is a terminal.

    Args:
        description: name of a step, printed before the bar.
        total: number of steps.
        done: number of steps that are already done.

    Yields:
        A function to call after every step.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich import progress as rich
    from rich.console import Console

    columns = (rich.TextColumn("{task.description}"), rich.BarColumn())
    columns += (rich.MofNCompleteColumn(), rich.TimeRemainingColumn())
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=total, completed=done)
        yield lambda: progress.advance(task)


class RunProgress(ExitStack):
    """Progress of stored runs: a bar on a terminal, otherwise a line per minute.

    Args:
        maximum: maximum number of runs of all parts together, or 0 if there is one part.
    """

    def __init__(self, maximum: int = 0) -> None:
        super().__init__()
        self.maximum, self.planned, self.done, self.failed = maximum, 0, 0, 0
        self.failures: list[Failure] = []
        self._new = self._earlier = 0  # runs that ended in this part, and in earlier parts
        self._began = self._part_began = self._printed = time.monotonic()

    def start(self, name: str, planned: int, stored: int) -> None:
        """Start to count the runs of a part.

        Args:
            name: name of the part, which is logged with its size; empty to log nothing.
            planned: number of runs in the part.
            stored: number of runs that are already stored and count as done.
        """
        self.close()
        self._earlier += self._new
        if name:
            log(f"{name.replace('_', ' ')}: {planned:,} runs{self._time_left()}")
        self.maximum -= stored
        self.planned, self.done, self.failed, self._new = planned, stored, 0, 0
        self._part_began = self._printed = time.monotonic()
        if stored:
            log(f"{stored:,} of {planned:,} runs are already stored")
        self._advance = self.enter_context(bar("Runs", planned, stored))

    def _time_left(self) -> str:
        """Return the longest remaining time of all parts, or "" before ten completed runs."""
        if self._earlier < 10:
            return ""
        seconds = (time.monotonic() - self._began) / self._earlier
        return f"; at most {duration(max(0, self.maximum - self._earlier) * seconds)} left in total"

    def step(self, result: Any) -> None:
        """Count one run, and print a warning if it failed."""
        from experiments.runs.case import Failure

        self._new += 1
        if isinstance(result, Failure):
            log(f"warning: a run failed: {result}")
            self.failed += 1
            self.failures.append(result)
        else:
            self.done += 1
        self._advance()
        if not sys.stderr.isatty() and time.monotonic() - self._printed >= _INTERVAL:
            self._printed = time.monotonic()
            log(f"{self.done:,} of {self.planned:,} runs, {self}")

    def __str__(self) -> str:
        """Return the part's runs per second or minute, remaining time and failures."""
        rate = self._new / max(1e-9, time.monotonic() - self._part_began)
        if not rate:
            return "no run yet"
        left = (self.planned - self.done - self.failed) / rate
        text = f"{rate:.1f} per second" if rate >= 1.0 else f"{60 * rate:.1f} per minute"
        text += f", {duration(left)} left"
        return f"{text}, {self.failed} failed" if self.failed else text


@contextmanager
def run_bar(total: int) -> Iterator[Callable[[Any], None]]:
    """Show the progress of a study with one part, and log a warning for every failed run.

    Args:
        total: number of runs.

    Yields:
        A function to call with the result or failure of every run.
    """
    with RunProgress() as progress:
        progress.start("", total, 0)
        yield progress.step


def duration(seconds: float) -> str:
    """Format a duration, as in 40 s, 12 min, 3 h 20 min or 2 days 4 h."""
    if seconds < 100.0:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60.0)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} days {hours % 24} h"


@contextmanager
def resumable(command: Sequence[str], stored: Callable[[], str]) -> Iterator[None]:
    """Report how to resume a command if it is interrupted or its workers are lost.

    Args:
        command: words of the command that resumes the work.
        stored: returns a clause that says which runs are stored and where.

    Raises:
        Interrupted: the user interrupted the command.
        CommandError: the workers are lost, or the disk is full.
    """
    from experiments.runs.files import StorageError
    from experiments.sweeps.backend import ExecutorGone

    try:
        yield
    except (KeyboardInterrupt, ExecutorGone, StorageError) as error:
        hint = f"{stored()}. Resume with: {shlex.join(command)}"
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(f"interrupted: {hint}") from None
        raise CommandError(f"{error}. {hint}") from None


# ---- the option --dry-run ------------------------------------------------------------------------

HOW = (
    "from a timed trial on this machine: a short and a longer run of the scenario, extrapolated to "
    "its days, each run with its own warm-up"
)


def print_estimate(
    options: ResultOptions,
    runs: int,
    scenarios: Sequence[Scenario],
    workers: int,
    *,
    upto: bool = False,
    done: int = 0,
    rows: Mapping[str, Any] | None = None,
) -> int:
    """Print the number of runs in a study and their estimated duration, without running them.

    Args:
        options: command options.
        runs: number of runs.
        scenarios: the study's scenarios, which have equal shares of the runs. The first scenario
            at each scale is timed, and the other durations follow from their days.
        workers: number of simultaneous runs.
        upto: whether `runs` is an upper bound.
        done: number of runs that are already stored.
        rows: further keys of the JSON object.

    Returns:
        The exit code.
    """
    from viz.cli.timed_trial import time_run  # Only a dry run needs this module.

    first = {scenario.scale: scenario for scenario in reversed(scenarios)}
    timed = {scale: time_run(first[scale]) for scale in sorted(first)}
    run_s = sum(timed[scenario.scale].of(scenario.days) for scenario in scenarios) / len(scenarios)
    jobs = min(workers, runs)
    seconds = run_s * (runs - done) / jobs
    study = json_head(options.name) | dict(rows or {}) | {"dry_run": True, "runs": runs}
    study |= {"done": done, "jobs": jobs, "seconds": seconds, "seconds_a_run": run_s}
    count = f"{'At most ' if upto else ''}{runs:,} run{'s' if runs > 1 else ''}"
    count += f" ({done:,} of them are already stored)" if done else ""
    text = f"{count}, {jobs} at a time: about {duration(seconds)}, {run_s:.2g} s per run, {HOW}."
    return print_result(study | {"estimate": HOW}, options.as_json, partial(console.line, text))
