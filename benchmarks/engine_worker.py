"""Measure one engine in this process.

``python -m benchmarks.engine_worker`` reads a case as JSON from its first argument, runs it and
prints the measurements as JSON. A new process for each case measures memory from scratch. Building,
warm-up, compilation and counting are not measured.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import mesa
import mesa.discrete_space
import numpy as np

from abm.world.routes import load_world
from agents.outcomes import Status
from agents.plain.population import MigrantObjects
from experiments.runs.case import Case
from experiments.runs.run import peak_mb, run_one
from experiments.runs.warmup import start_model
from experiments.scenarios import find

if TYPE_CHECKING:
    from abm.model import BorderModel

#: Engine names: two engines of this model, and Flee on one-way and two-way routes.
COLUMNS, OBJECTS, FLEE, FLEE_TWO_WAY = "columns", "objects", "flee", "flee_two_way"
#: An engine with Mesa agents that only walk on the same routes, and an option that times `baseline`
#: days.
TOY, DAYS = "mesa_toy", "days"
_SEED, _TIMED_DAYS, _WEEK = 1, 210, 7


@dataclass(frozen=True)
class EngineRun:
    """Cost of one engine run.

    Attributes:
        people: simulated people who set out.
        agent_days: people on the way when a day ends, summed over days.
        still_days: agent-days without movement: waits before the line or at a port, or (Flee) days
            that end in the same town as the day before.
        cpu_s: CPU seconds for the simulated days.
        peak_mb: highest process memory, in MB (10^6 bytes).
        bytes_per_row: bytes in all columns per table row, 0 for other engines.
    """

    people: int
    agent_days: int
    still_days: int
    cpu_s: float
    peak_mb: float
    bytes_per_row: float = 0.0


def time_days(
    days: int, step: Callable[[int], object], count: Callable[[], tuple[int, int]]
) -> tuple[float, int, int]:
    """Simulate days, and count people after each day outside the measured time.

    Args:
        days: number of days.
        step: function that simulates the day with an index.
        count: function that counts the people on the way, and how many of them did not move.

    Returns:
        CPU seconds for all steps, and both counts summed over days.
    """
    cpu, agent_days, still_days = 0.0, 0, 0
    for day in range(days):
        start = time.process_time()
        step(day)
        cpu += time.process_time() - start
        on_the_way, still = count()
        agent_days, still_days = agent_days + on_the_way, still_days + still
    return cpu, agent_days, still_days


def measure_model(engine: str, settings: Mapping[str, Any]) -> EngineRun:
    """Measure the scenario `million` with one of this model's engines.

    Args:
        engine: ``columns`` or ``objects``.
        settings: scenario changes by dotted path.
    """
    small = find("classroom").with_settings({"scale": 1000, "days": 30, "engine": engine})
    run_one(Case(small))  # This run compiles the kernels.
    model = start_model(find("million").with_settings({**settings, "engine": engine}), _SEED)
    cpu, agent_days, still_days = time_days(
        model.settings.days, lambda _: model.run_for(1), lambda: count_on_the_way(model)
    )
    people = round(model.ledger.totals()["set_out"] / model.settings.scale)
    size = 0.0 if engine == OBJECTS else row_bytes(model.migrants)
    return EngineRun(people, agent_days, still_days, cpu, highest_mb(), size)


def count_on_the_way(model: BorderModel) -> tuple[int, int]:
    """Count the simulated people who travel when a day ends, and how many of them wait.

    People in custody or captivity do not count, because Flee has neither. A person counts as
    waiting before the line or at a port while the arrival is further away than the leg's moving
    days. The current moving days are used, so the end of the wait is approximate if fences or posts
    have changed them since the person left the previous place.

    Args:
        model: a model with either engine.
    """
    people = model.migrants
    if isinstance(people, MigrantObjects):
        agents = [person for person in people.agents if person.status == Status.TRAVELLING]
        codes = np.array([(person.leg, person.mode) for person in agents], int).reshape(-1, 2)
        leg, mode = codes.T
        arrival = np.array([person.clock for person in agents], float)
    else:
        rows = people.live[people.live["status"] == Status.TRAVELLING]
        leg, mode, arrival = rows["leg"], rows["mode"], rows["clock"].astype(float)
    legs = model.network.leg_state
    moving_days = legs.days[leg] * model.kernel_params["pace"][0][mode]
    at_queue = (legs.is_line[leg] != 0) | (legs.is_port[leg] != 0)
    return len(leg), int((at_queue & (arrival - moving_days > model.clock)).sum())


def time_kinds_of_days() -> dict[str, float]:
    """Return the tenth percentiles of CPU seconds per day of `baseline` at scale 200.

    Weekly decisions take place on the weekday with the highest percentile.
    """
    model = start_model(find("baseline").with_settings({"scale": 200}), _SEED)
    seconds = np.empty(_TIMED_DAYS)
    for day in range(_TIMED_DAYS):
        start = time.process_time()
        model.run_for(1)
        seconds[day] = time.process_time() - start
    by_weekday = np.percentile(seconds.reshape(-1, _WEEK), 10, axis=0)
    return {"ordinary": float(np.median(by_weekday)), "weekly": float(by_weekday.max())}


class Walker(mesa.discrete_space.CellAgent):
    """A Mesa agent that moves to a random neighbouring place each day, until no place follows."""

    def step(self) -> None:
        """Move along one leg."""
        place: Any = self.cell
        if onward := list(place.connections.values()):
            self.cell = self.random.choice(onward)
        else:
            self.remove()


def measure_toy(people: int, days: int) -> EngineRun:
    """Measure a plain Mesa model in which people set out at an even rate and walk.

    Args:
        people: number of people who set out.
        days: number of simulated days.
    """
    world = load_world()
    model = mesa.Model(rng=_SEED)
    space: Any = mesa.discrete_space.Network(world.mesa_graph(), random=model.random)
    starts = [space[int(place)] for place in world.origins()]

    def step(day: int) -> None:
        for _ in range(people * day // days, people * (day + 1) // days):
            Walker(model).cell = model.random.choice(starts)
        model.agents.shuffle_do("step")

    cpu, agent_days, _ = time_days(days, step, lambda: (len(model.agents), 0))
    return EngineRun(people, agent_days, 0, cpu, highest_mb())


def row_bytes(table: Any) -> float:
    """Return the bytes in all columns per row of migrants."""
    arrays = [value for value in vars(table).values() if isinstance(value, np.ndarray)]
    return sum(a.nbytes for a in arrays if a.size == table.due.size) / table.due.size


def highest_mb() -> float:
    """Return this program's peak memory in MB (10^6 bytes).

    On Linux, ``getrusage`` would include the parent's memory, but ``/proc`` does not.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            kilobytes = [line.split()[1] for line in file if line.startswith("VmHWM:")]
    except OSError:
        return peak_mb()
    return int(kilobytes[0]) * 1024 / 1e6


def measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a case in this process.

    Args:
        options: ``engine`` with ``set`` (settings for the scenario `million`), or, for Flee and the
            toy, with ``people`` and ``days``.

    Returns:
        Attributes of :class:`EngineRun`, or seconds by kind of day.
    """
    engine = options["engine"]
    if engine == DAYS:
        return time_kinds_of_days()
    if engine == TOY:
        return asdict(measure_toy(options["people"], options["days"]))
    if engine in (COLUMNS, OBJECTS):
        return asdict(measure_model(engine, options["set"]))
    from benchmarks.flee_engine import measure_flee  # Flee may be missing

    two_way = engine == FLEE_TWO_WAY
    return asdict(measure_flee(options["people"], options["days"], two_way=two_way))


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):  # Flee prints
        figures = measure(json.loads(sys.argv[1]))
    print(json.dumps(figures))
