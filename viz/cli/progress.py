"""Progress of runs on stderr, and how a long command is resumed."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from viz.cli.shell import CommandError, Interrupted, log

if TYPE_CHECKING:
    from experiments.case import Failure

_INTERVAL = 60.0  # seconds between two lines where stderr is not a terminal


@contextmanager
def bar(description: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar on a terminal, and nothing elsewhere.

    Args:
        description: unit of the steps, printed before the bar.
        total: number of steps.

    Yields:
        A function to call after every step.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import TimeRemainingColumn

    with _terminal_bar(description, TimeRemainingColumn(), total) as (progress, task):
        yield lambda: progress.advance(task)


@contextmanager
def run_bar(total: int) -> Iterator[Callable[[Any], None]]:
    """Show a progress bar of runs, and print a warning for every run that fails.

    Args:
        total: number of runs.

    Yields:
        A function to call with the result or failure of every run.
    """
    with bar("Runs", total) as step:

        def on_result(result: Any) -> None:
            step()
            _warn_if_failed(result)

        yield on_result


@contextmanager
def _terminal_bar(description: str, last: Any, total: int | None, **fields: Any) -> Iterator[Any]:
    """Open a bar of rich with `last` as its last column; yield the bar and its task."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), last)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress, progress.add_task(description, total=total, **fields)


def _warn_if_failed(result: Any) -> bool:
    """Print a warning if a result is a failure; return whether it is."""
    from experiments.case import Failure

    if isinstance(result, Failure):
        log(f"warning: a run failed: {result}")
        return True
    return False


@dataclass
class RunProgress:
    """Show the progress of stored runs: a bar on a terminal, a line per minute elsewhere.

    Args:
        maximum: largest number of runs of all stages together; 0 if there is one stage.
    """

    maximum: int = 0
    planned: int = 0
    done: int = 0
    found: int = 0
    failures: list[Failure] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _stage_began: float = field(default_factory=time.monotonic)
    _earlier: tuple[int, int] = (0, 0)  # completed and failed runs of the stages before
    _shown: Callable[[], None] = lambda: None
    _bar: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Return the progress."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        self._bar.close()

    @property
    def failed(self) -> int:
        """Number of runs of this stage that failed."""
        return len(self.failures) - self._earlier[1]

    def start(self, planned: int, found: int) -> None:
        """Start to count the runs of a stage.

        Args:
            planned: number of runs of the stage.
            found: number of runs that are stored already; they count as done.
        """
        self._bar.close()
        self._earlier = (self._completed, len(self.failures))
        self.maximum -= found
        self.planned, self.done, self.found = planned, found, found
        self._stage_began = time.monotonic()
        if found:
            log(f"{found:,} of {planned:,} runs are already stored")
        self._shown = self._open()
        self._shown()

    def start_stage(self, stage: str, planned: int, found: int) -> None:
        """Print the name and size of a stage, and start to count its runs.

        Args:
            stage: name of the stage.
            planned, found: number of runs, and of those that are stored already.
        """
        self._bar.close()
        log(f"{stage.replace('_', ' ')}: {planned:,} runs{self._time_left()}")
        self.start(planned, found)

    def step(self, result: Any) -> None:
        """Count one run; print a warning if it failed."""
        if _warn_if_failed(result):
            self.failures.append(result)
        else:
            self.done += 1
        self._shown()

    @property
    def _completed(self) -> int:
        """Runs of all stages that were run now."""
        return self._earlier[0] + self.done - self.found + self.failed

    @property
    def rate(self) -> float:
        """Runs per second in this stage."""
        completed = self.done - self.found + self.failed
        return completed / max(1e-9, time.monotonic() - self._stage_began)

    def __str__(self) -> str:
        """Return the rate, the remaining time and the number of failures."""
        if not self.rate:
            return "no run yet"
        rate = f"{self.rate:.1f} per second"
        if self.rate < 1.0:
            rate = f"{60 * self.rate:.1f} per minute"
        left = (self.planned - self.done - self.failed) / self.rate
        text = f"{rate}, {duration(left)} left"
        return f"{text}, {self.failed} failed" if self.failed else text

    def _time_left(self) -> str:
        """Return the longest time that all stages can take, at the rate so far."""
        if self._completed < 10:
            return ""
        rate = self._completed / (time.monotonic() - self._began)
        left = max(0, self.maximum - self._completed) / rate
        return f"; at most {duration(left)} left in total"

    def _open(self) -> Callable[[], None]:
        """Open the bar, or start the lines; return the function that updates them."""
        self._bar = ExitStack()
        if not sys.stderr.isatty():
            return self._print_lines()
        from rich.progress import TextColumn

        text = TextColumn("{task.fields[pace]}")
        progress, task = self._bar.enter_context(_terminal_bar("Runs", text, None, pace=""))
        return lambda: progress.update(
            task, total=self.planned, completed=self.done + self.failed, pace=str(self)
        )

    def _print_lines(self) -> Callable[[], None]:
        """Return a function that prints a line if none was printed for a minute."""
        last = time.monotonic()

        def update() -> None:
            nonlocal last
            if time.monotonic() - last >= _INTERVAL:
                last = time.monotonic()
                log(f"{self.done:,} of {self.planned:,} runs, {self}")

        return update


def duration(seconds: float) -> str:
    """Return a length of time in words: 40 s, 12 min, 3 h 20 min, 2 days 4 h."""
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
def resumable(
    command: Sequence[str], stored: Callable[[], str] = lambda: "all completed runs are stored"
) -> Iterator[None]:
    """Report how to resume a command if it is interrupted or its workers are lost.

    Args:
        command: words of the command that resumes the work.
        stored: function that returns which runs are stored and where.

    Raises:
        Interrupted: the user interrupted the command.
        CommandError: the executor is gone.
    """
    from experiments.job_queue import ExecutorGone

    try:
        yield
    except KeyboardInterrupt:
        hint = f"{stored()}. Resume with: {shlex.join(command)}"
        raise Interrupted(f"interrupted: {hint}") from None
    except ExecutorGone as error:
        raise CommandError(f"{error}. {stored()}. Resume with: {shlex.join(command)}") from None
