"""Progress of work in stages: how far each is, how fast it goes, how long the whole will take."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from experiments.job_queue import ExecutorGone
from experiments.pool import Failure, cores
from experiments.run import Case, run_one
from viz.cli import console
from viz.cli.shell import OK, Stopped, print_json, say
from viz.cli.sweep import Pace, shown, span

if TYPE_CHECKING:
    from abm.scenario import Scenario

_TRIAL = 120  # days of the run that tells what a day costs


@dataclass
class Stages:
    """Hears of every stage and run; ``most`` is how many runs there will be at most."""

    most: int
    begun: float = field(default_factory=time.monotonic)
    played: int = 0
    left: int = 0
    failures: list[Failure] = field(default_factory=list)
    _pace: Pace | None = None
    _bar: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """All is left."""
        self.left = self.most

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._bar.close()

    def start(self, stage: str, planned: int, found: int) -> None:
        """A stage begins; what is there already counts as done."""
        self._bar.close()
        say(f"{stage.replace('_', ' ')}: {planned:,} runs{self._estimate()}")
        self._pace = Pace()
        self._bar = ExitStack()
        self._bar.enter_context(shown(self._pace))
        self._pace.start(planned, found)
        self.left -= found

    def step(self, answer: Any) -> None:
        """A run has come."""
        self.played += 1
        self.left -= 1
        if isinstance(answer, Failure):
            self.failures.append(answer)
        if self._pace:
            self._pace.step(answer)

    def _estimate(self) -> str:
        """How long the whole will take at most, at the pace so far."""
        if self.played < 10:
            return ""
        rate = self.played / (time.monotonic() - self.begun)
        return f"; at most {span(max(0, self.left) / rate)} left in all"


@contextmanager
def going_on(words: Sequence[str]) -> Iterator[None]:
    """Whatever ends the work early says how it goes on: with the command of these words."""
    stays = f"every run that was played is kept. Go on with: {shlex.join(words)}"
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped(f"interrupted: {stays}") from None
    except ExecutorGone as error:
        raise RuntimeError(f"{error}. {stays}") from None


def foretell(
    head: dict[str, Any], runs: int, scenario: Scenario, jobs: int | None, as_json: bool
) -> int:
    """Say how many runs and how long at most, from one short trial; play none of them."""
    at_once = jobs or cores()
    run_one(Case(scenario.with_settings({"days": 1})))  # compiles and loads
    start = run_one(Case(scenario.with_settings({"days": 1}))).cost["wall_s"]
    trial = run_one(Case(scenario.with_settings({"days": _TRIAL}))).cost["wall_s"]
    a_run = start + max(0.0, trial - start) / (_TRIAL - 1) * scenario.days
    seconds = a_run * runs / at_once
    if as_json:
        print_json(head | {"dry_run": True, "runs": runs, "seconds": seconds, "jobs": at_once})
        return OK
    console.line(
        f"At most {runs:,} runs of ten years, {at_once} at a time: about {span(seconds)}. "
        "What is found twice is played once."
    )
    return OK
