"""Measure one engine of the field in this process, for ``experiments.bench_field``.

``python -m experiments.field_child`` reads a case as JSON from its first argument, runs it and
prints the measurements as JSON. Building, warm-up, compilation and counting are not timed.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.outcomes import Status
from experiments.runs.run import peak_mb

if TYPE_CHECKING:
    from abm.model import BorderModel

COLUMNS, OBJECTS, FLEE, FLEE_TWO_WAY, FLOOR = "columns", "objects", "flee", "flee_two_way", "floor"
#: Statuses of a person on the way: only those of people who travel, because Flee has no custody and
#: no captivity. Everyone else is at rest.
ON_THE_WAY = (Status.TRAVELLING,)
_MILLION, _SEED = "million", 1
_TINY: dict[str, Any] = {"scale": 1000, "days": 30}
_STATUS_FILE = "/proc/self/status"

type Figures = dict[str, Any]


def count_on_the_way(model: BorderModel) -> int:
    """Return the number of simulated people who are on the way at the end of the day.

    Each row or agent counts once, however many persons it represents.

    Args:
        model: a model with either engine.
    """
    from agents.plain.population import MigrantObjects

    people = model.migrants
    if isinstance(people, MigrantObjects):
        return sum(person.status in ON_THE_WAY for person in people.agents)
    counts = np.bincount(people.live["status"], minlength=len(Status))
    return int(counts[list(ON_THE_WAY)].sum())


def count_waits(model: BorderModel) -> int:
    """Return how many of the people on the way wait before the line or at a port.

    A row has the moment of its arrival only. People wait as long as that moment is further away
    than the moving days of their leg. These are the present ones: where fences or posts have
    changed them since the person left the place before, the end of the wait is approximate.

    Args:
        model: a model with either engine, at the end of a day.
    """
    leg, mode, arrival = _journeys(model)
    legs = model.network.leg_state
    moving = legs.days[leg] * model.kernel_params["pace"][0][mode]
    waits = (legs.is_line[leg] != 0) | (legs.is_port[leg] != 0)
    return int((waits & (arrival - moving > model.clock)).sum())


def _journeys(model: BorderModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return leg, mode and moment of arrival of the people on the way."""
    from agents.plain.population import MigrantObjects

    people = model.migrants
    if isinstance(people, MigrantObjects):
        moving = [person for person in people.agents if person.status in ON_THE_WAY]
        codes = np.array([(person.leg, person.mode) for person in moving], int).reshape(-1, 2)
        return codes[:, 0], codes[:, 1], np.array([person.clock for person in moving], float)
    rows = people.live[np.isin(people.live["status"], ON_THE_WAY)]
    return rows["leg"], rows["mode"], rows["clock"].astype(float)


def measure_model(engine: str, settings: Mapping[str, Any]) -> Figures:
    """Measure a recorded year, or another number of days, of the scenario `million`.

    Args:
        engine: ``columns`` or ``objects``.
        settings: changes of the scenario by dotted path.

    Returns:
        ``people`` (simulated people who set out), ``on_the_way`` (their number on the way, by day),
        ``wait_days`` (of these agent-days, waits), ``cpu_s``, ``peak_mb`` and
        ``bytes_per_person``.
    """
    from experiments.runs.case import Case
    from experiments.runs.run import run_one
    from experiments.runs.warmup import start_model
    from experiments.scenarios import find

    run_one(Case(find("classroom").with_settings({**_TINY, "engine": engine})))  # compiles
    base = highest_mb()
    model = start_model(find(_MILLION).with_settings({**settings, "engine": engine}), _SEED)
    cpu, counts = time_days(
        model.settings.days,
        lambda _: model.run_for(1),
        lambda: (count_on_the_way(model), count_waits(model)),
    )
    daily, waits = [n for n, _ in counts], sum(n for _, n in counts)
    people = round(model.ledger.totals()["set_out"] / model.settings.scale)
    peak = highest_mb()
    size = (peak - base) * 1e6 / max(people, 1) if engine == OBJECTS else row_bytes(model.migrants)
    return figures(people, daily, cpu, peak, size) | {"wait_days": waits}


def time_days[Count](
    days: int, step: Callable[[int], object], count: Callable[[], Count]
) -> tuple[float, list[Count]]:
    """Simulate days, and count people at the end of each day outside of the measured time.

    Args:
        days: number of days.
        step: simulates the day of this index.
        count: counts people at the end of a day.

    Returns:
        CPU seconds of all steps, and the counts by day.
    """
    cpu, daily = 0.0, []
    for day in range(days):
        start = time.process_time()
        step(day)
        cpu += time.process_time() - start
        daily.append(count())
    return cpu, daily


def row_bytes(table: Any) -> float:
    """Return the bytes of all columns per row that may be in use.

    Args:
        table: a :class:`agents.migrants.columns.MigrantTable`; every array with an element per row
            counts.
    """
    held = [value for value in vars(table).values() if isinstance(value, np.ndarray)]
    arrays = [value for value in held if value.size == table.capacity]
    return sum(array.nbytes for array in arrays) / table.capacity


def figures(people: int, daily: list[int], cpu: float, peak: float, size: float) -> Figures:
    """Return the measurements of a run by name.

    Args:
        people: people who set out.
        daily: people on the way, by day.
        cpu: CPU seconds.
        peak: highest memory of the process in MB (10^6 bytes).
        size: bytes per person.
    """
    return {
        "people": people,
        "on_the_way": daily,
        "cpu_s": cpu,
        "peak_mb": peak,
        "bytes_per_person": size,
    }


def highest_mb() -> float:
    """Return the highest memory of this program so far, in MB (10^6 bytes).

    Linux counts the memory of the process that started this one in the value of ``getrusage``, but
    not in that of ``/proc``.
    """
    try:
        with open(_STATUS_FILE, encoding="ascii", errors="replace") as file:
            found = [line.split()[1] for line in file if line.startswith("VmHWM:")]
    except OSError:
        found = []
    return int(found[0]) * 1024 / 1e6 if found else peak_mb()


def run(options: Mapping[str, Any]) -> Figures:
    """Run a case in this process.

    Args:
        options: ``engine``; for an engine of the model ``set`` (settings); for Flee ``people`` and
            ``days``; for the floor ``people`` and ``on_the_way`` (people by day).

    Returns:
        The measurements, see :func:`measure_model`.
    """
    match options["engine"]:
        case "floor":
            from experiments.field_floor import measure_floor

            return measure_floor(options["people"], options["on_the_way"])
        case "flee" | "flee_two_way" as engine:
            from experiments.field_flee import measure_flee

            two_way = engine == FLEE_TWO_WAY
            return measure_flee(options["people"], options["days"], two_way=two_way)
        case engine:
            return measure_model(engine, options["set"])


def main(argument: str) -> None:
    """Run the case of a JSON text and print the measurements; drop what Flee prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = run(json.loads(argument))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
