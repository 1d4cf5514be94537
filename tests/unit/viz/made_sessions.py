"""Screen sessions without a run loop, and recorded days of a model."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np

from abm.model import BorderModel
from abm.scenario import Scenario
from viz.screen.session.choice import Choice
from viz.screen.session.frames import FrameLog, FrameRecorder
from viz.screen.session.replicates import Replicates
from viz.screen.session.runloop import LoopStatus, Phase
from viz.screen.session.session import Session
from viz.screen.session.summaries import RunSummary

DTYPE = np.dtype([("flow", "f4", 2)])


def record_days(scenario: Scenario, seed: int = 3, days: int | None = None) -> FrameRecorder:
    """Run a model, by default over the whole scenario, and record every day."""
    recorder = FrameRecorder(BorderModel(scenario, rng=seed))
    for _ in range(scenario.days if days is None else days):
        recorder.model.run_for(1)
        recorder.record()
    return recorder


def paused_session(
    choice: Choice,
    figures: Iterable[np.ndarray],
    summaries: Iterable[tuple[int, int, RunSummary]],
    day: int | None = None,
) -> Session:
    """Return a session that is paused on a day.

    Args:
        choice: the visitor's choice.
        figures: the daily figures of both worlds, shape (days, figures) each. All days are
            simulated.
        summaries: finished runs, each with its world and its seed.
        day: the day on which the session is paused (default: the last one).
    """
    session, logs, replicates = Session(), [], Replicates()
    session.choice.set(choice)
    for daily in figures:
        log = FrameLog(len(daily), DTYPE, frames=[b""] * len(daily))
        log.daily[:] = daily
        logs.append(log)
    days = len(logs[0])
    session.now = LoopStatus(days if day is None else day, days, days, Phase.PAUSED)
    session.loop = SimpleNamespace(logs=logs, recorders=logs)  # type: ignore[assignment]
    for finished in summaries:
        replicates = replicates.with_run(*finished)
    session.replicates.set(replicates)
    return session
