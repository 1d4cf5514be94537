"""Compare this model's two engines with each other and with Flee.

Every run uses one core and is repeated three times in separate processes. The smallest CPU time
counts, because load from other programs can only increase it. An agent-day is one simulated person
who is on the way when a day ends: in this model a person who travels, in Flee an agent who is not
in a camp. The rows also state the share of agent-days without movement.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.engine_worker import COLUMNS, FLEE, FLEE_TWO_WAY, OBJECTS, TOY, EngineRun
from benchmarks.flee_engine import flee_version
from benchmarks.measurement import BenchmarkError, Measurement, run_command

#: Lower bounds on the column engine's speed (agent-days per CPU second) relative to the plain
#: engine and to Flee at equal size, and upper bound on the bytes per row.
MIN_OVER_PLAIN, MIN_OVER_FLEE, MAX_ROW_BYTES = 60.0, 20.0, 96.0
#: Simulated departures in a year, which represent ``_PERSONS`` persons.
SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
_PERSONS = 1_000_000
#: Environment variables that limit a process to one core.
_ONE_THREAD: dict[str, str] = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)
#: Supply level in the scenario `million` at which a million people set out.
_LEVEL = 1.485
_DAYS = 365
_REPEATS = 3
#: A case whose run takes more CPU seconds than this is repeated only once.
_SLOW_S = 60.0
_ENGINES = {
    COLUMNS: (SMALL, MIDDLE, LARGE),
    OBJECTS: (1_000, SMALL),
    FLEE: (SMALL, MIDDLE),
    FLEE_TWO_WAY: (SMALL,),
    TOY: (SMALL,),
}

type Key = tuple[str, int]  # engine and number of people


def measure() -> list[Measurement]:
    """Measure all engines, or raise ``BenchmarkError`` if Flee is missing or a process fails."""
    if flee_version() is None:
        raise BenchmarkError("Flee is not installed; use uv run --group bench python -m benchmarks")
    return measurements(run_engines(_cases()))


def run_engines(cases: dict[Key, dict[str, Any]]) -> dict[Key, EngineRun]:
    """Run each case up to three times and return the fastest runs.

    Cases alternate, so that a load of some minutes does not affect all repeats of one case.

    Args:
        cases: options for the measuring process, by engine and people.
    """
    fastest: dict[Key, EngineRun] = {}
    for repeat in range(_REPEATS):
        for key, case in cases.items():
            if repeat > 1 and fastest[key].cpu_s > _SLOW_S:
                continue
            words = ("benchmarks.engine_worker", json.dumps(case))
            run = EngineRun(**json.loads(run_command(words, _ONE_THREAD)))
            fastest[key] = min(fastest.get(key, run), run, key=lambda run: run.cpu_s)
    return fastest


def measurements(runs: dict[Key, EngineRun]) -> list[Measurement]:
    """Return every engine's speed and memory, and the columns' relative speed."""
    speed = {key: run.agent_days / run.cpu_s for key, run in runs.items()}

    def ratio(name: str, columns: int, other: Key, bound: float | None = None) -> Measurement:
        value = speed[COLUMNS, columns] / speed[other]
        sizes = f"{columns:,} people in columns, {other[1]:,} in the other engine"
        return Measurement(f"Columns over {name}", value, "times", bound, sizes, is_minimum=True)

    rows = [
        ratio("Flee, equal size", SMALL, (FLEE, SMALL), MIN_OVER_FLEE),
        ratio("Mesa agents without decisions, equal size", SMALL, (TOY, SMALL)),
        ratio("Flee, equal size", MIDDLE, (FLEE, MIDDLE)),
        ratio("Flee", LARGE, (FLEE, SMALL)),
        ratio("Flee with routes in both directions, equal size", SMALL, (FLEE_TWO_WAY, SMALL)),
        ratio("Flee with routes in both directions", LARGE, (FLEE_TWO_WAY, SMALL)),
        ratio("the plain engine, equal size", SMALL, (OBJECTS, SMALL)),
        ratio("the plain engine", LARGE, (OBJECTS, SMALL), MIN_OVER_PLAIN),
    ]
    rows += [_speed_row(key, run) for key, run in runs.items()]
    row_bytes = max(run.bytes_per_row for run in runs.values())
    rows.append(Measurement("Columns, bytes per row", row_bytes, "bytes", MAX_ROW_BYTES))
    for engine in (COLUMNS, OBJECTS, FLEE):
        smaller, larger = (runs[engine, people] for people in _ENGINES[engine][-2:])
        size = (larger.peak_mb - smaller.peak_mb) * 1e6 / (larger.people - smaller.people)
        detail = f"from {smaller.people:,} to {larger.people:,} people"
        name = f"Peak memory per additional person who sets out, {engine}"
        rows.append(Measurement(name, size, "bytes", detail=detail))
    return rows


def _speed_row(key: Key, run: EngineRun) -> Measurement:
    """Return a run's agent-days per CPU second."""
    engine, people = key
    detail = (
        f"{run.agent_days:,} agent-days, {run.still_days / max(run.agent_days, 1):.0%} without "
        f"movement; {run.cpu_s:.2f} CPU s; peak {run.peak_mb:.0f} MB"
    )
    name = f"Engine {engine}, {people:,} people"
    return Measurement(name, run.agent_days / run.cpu_s, "agent-days/CPU s", detail=detail)


def _cases() -> dict[Key, dict[str, Any]]:
    """Return the measuring process's options for every case."""
    cases: dict[Key, dict[str, Any]] = {}
    for engine, sizes in _ENGINES.items():
        for people in sizes:
            cases[engine, people] = {"engine": engine}
            if engine in (COLUMNS, OBJECTS):
                settings = {"supply_level": _LEVEL, "scale": _PERSONS // people, "days": _DAYS}
                cases[engine, people]["set"] = settings
            else:
                cases[engine, people] |= {"people": people, "days": _DAYS}
    return cases
