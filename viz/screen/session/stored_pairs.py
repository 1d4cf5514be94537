"""Packaged runs of the ready pairs, so that their answer is available at once.

``python -m viz.screen.session.stored_pairs`` runs both worlds of every pair of the start card on
all seeds of an answer, and writes one file per pair to the folder ``packaged``. A file is only used
if it was written by the current version of the model; otherwise the seeds are run in the
background.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario
from experiments.runs.case import Case
from experiments.runs.files import write_text
from experiments.runs.model_fingerprint import model_source
from viz.screen.lessons.stored import compress, expand
from viz.screen.session.background import RunSummary, summarise_run
from viz.screen.session.frames import DAILY
from viz.screen.session.pairs import PAIRS, Pair
from viz.screen.session.replicates import cases, unnamed

FOLDER = Path(__file__).parent / "packaged"
_PARTS = ("outcomes", "rates", "sectors")

Summaries = Mapping[int, RunSummary]  # by seed


def stored_summaries(scenario: Scenario) -> Summaries:
    """Return the packaged runs of a world.

    Args:
        scenario: the world; its name does not matter.

    Returns:
        Results by seed; empty if the world is in no ready pair, or if another version ran it.
    """
    return _read().get(unnamed(scenario).digest, {})


def pack(pair: Pair, summaries: Sequence[RunSummary]) -> dict[str, Any]:
    """Return the content of a file.

    Args:
        pair: the pair.
        summaries: results in the order of its `cases`.

    Returns:
        Plain JSON: the names of the figures, and for each case its digest, its seed, its yearly
        figures, and its compressed daily figures, one outcome after the other.
    """
    (one, *_), runs = summaries, []
    for case, run in zip(_cases(pair), summaries, strict=True):
        figures = [list(map(_text, getattr(run, part).values())) for part in _PARTS]
        daily = compress(np.ascontiguousarray(run.daily.T, "<f4"))
        runs.append([case.scenario.digest, case.seed, figures, daily])
    names = [list(getattr(one, part)) for part in _PARTS]
    return {"model": model_source(), "names": names, "runs": runs}


def unpack(stored: Mapping[str, Any]) -> dict[str, dict[int, RunSummary]]:
    """Return results by digest of the world and seed; the inverse of `pack`."""
    found: dict[str, dict[int, RunSummary]] = {}
    for digest, seed, figures, daily in stored["runs"]:
        named = (
            dict(zip(names, map(float, values), strict=True))
            for names, values in zip(stored["names"], figures, strict=True)
        )
        days = np.frombuffer(expand(daily), "<f4").reshape(len(DAILY), -1).T
        found.setdefault(digest, {})[seed] = RunSummary(days, *named)
    return found


@cache
def _read() -> Mapping[str, Summaries]:
    """Read the files that the current model wrote; return results by digest of the world."""
    found: dict[str, Summaries] = {}
    for file in sorted(FOLDER.glob("*.json")):
        stored = json.loads(file.read_text(encoding="utf-8"))
        if stored["model"] == model_source():
            found |= unpack(stored)
    return found


def _cases(pair: Pair) -> list[Case]:
    """List the runs of a pair."""
    choice = pair.choice
    return cases([choice.scenario(world) for world in (0, 1)], choice.seed)


def _text(value: float) -> str:
    """Return a number as text that parses to the same number, because JSON has no NaN."""
    return repr(float(value))


def main() -> None:
    """Run all pairs and write their files."""
    FOLDER.mkdir(exist_ok=True)
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for pair in PAIRS:
            summaries = []
            for result in pool.map(summarise_run, _cases(pair)):
                if not isinstance(result, RunSummary):
                    raise RuntimeError(f"pair {pair.id}: {result}")
                summaries.append(result)
            text = json.dumps(pack(pair, summaries), separators=(",", ":"))
            write_text(FOLDER / f"{pair.id}.json", text + "\n")
            print(f"{pair.id}: {len(text):,} characters")


if __name__ == "__main__":
    main()
