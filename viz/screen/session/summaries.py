"""Results of background runs, and packaged results that make runs on the first visit unnecessary.

The folder ``packaged`` has one file per ready pair and lesson, written by
``python -m viz.screen.lessons.packaged_runs``. A file is used only if the current version of the
model wrote it. Otherwise the runs take place in the background.
"""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.case import Case, Failure, model_source
from viz.screen.session.frames import DAILY_FIGURES, daily_figures, got_aways_by_sector

FOLDER = Path(__file__).parent / "packaged"
_PARTS = ("outcomes", "rates", "sectors")
Key = tuple[str, int]  # digest of the settings, and seed


@dataclass(frozen=True, eq=False)
class RunSummary:
    """Results of a background run.

    Attributes:
        daily: daily series, float32 of shape (days, len(viz.screen.session.frames.DAILY_FIGURES)).
        outcomes: yearly outcomes from `abm.measures.outcomes`, NaN if undefined.
        rates: rates from `abm.measures.rates`, NaN if undefined.
        sectors: got-aways between ports by sector, in persons per year.
    """

    daily: np.ndarray
    outcomes: dict[str, float]
    rates: dict[str, float] = field(default_factory=dict)
    sectors: dict[str, float] = field(default_factory=dict)


SummaryOrFailure = RunSummary | Failure


def summarise_run(case: Case) -> SummaryOrFailure:
    """Run a case, and return its summary or the failure. Equal warm-ups are simulated once."""
    try:
        from abm import measures
        from experiments.runs.warmup import start_model

        model = start_model(case.scenario, case.seed)
        model.run_for(case.scenario.days)
        ledger = model.ledger
        figures = measures.outcomes(ledger), measures.rates(ledger), got_aways_by_sector(ledger)
        plain = ({name: float(value) for name, value in part.items()} for part in figures)
        return RunSummary(daily_figures(ledger), *plain)
    except Exception as error:
        return Failure.of(case, error)


# ---- packaged results ---------------------------------------------------------------------------
@cache
def packaged() -> Mapping[Key, RunSummary]:
    """Return the results that the current model wrote, by digest of the settings and seed."""
    summaries: dict[Key, RunSummary] = {}
    for file in sorted(FOLDER.glob("*.json")):
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["model"] == model_source():
            summaries |= unpack(stored)
    return summaries


def pack(cases: Sequence[Case], summaries: Sequence[RunSummary]) -> dict[str, Any]:
    """Convert runs and their results to a JSON object for a file.

    Args:
        cases: the runs.
        summaries: results of the runs, in the same order.

    Returns:
        The names of the yearly values and, for each case, its digest, its seed, its yearly values,
        and its daily series, each of them compressed separately.
    """
    runs = []
    for case, run in zip(cases, summaries, strict=True):
        # Numbers are stored as text, because JSON has no NaN. repr restores them exactly.
        figures = [[repr(value) for value in getattr(run, part).values()] for part in _PARTS]
        data = lzma.compress(np.ascontiguousarray(run.daily.T, "<f4").tobytes(), preset=9)
        runs.append([case.scenario.digest, case.seed, figures, base64.b64encode(data).decode()])
    names = [list(getattr(summaries[0], part)) for part in _PARTS]
    return {"model": model_source(), "names": names, "runs": runs}


def unpack(stored: Mapping[str, Any]) -> dict[Key, RunSummary]:
    """Return the results in a packed file by digest and seed, as the inverse of `pack`."""
    summaries: dict[Key, RunSummary] = {}
    for digest, seed, figures, daily in stored["runs"]:
        named = (
            dict(zip(names, map(float, values), strict=True))
            for names, values in zip(stored["names"], figures, strict=True)
        )
        data = lzma.decompress(base64.b64decode(daily))
        days = np.frombuffer(data, "<f4").reshape(len(DAILY_FIGURES), -1).T
        summaries[digest, seed] = RunSummary(days, *named)
    return summaries
