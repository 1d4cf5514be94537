"""Measure this model against the field: its two engines, Flee, and a loop that only reads.

All rows are measured on one core of one machine, each in processes of its own, several times; the
smallest CPU time counts. An agent-day is one simulated person on the way for one day
(:data:`experiments.field_child.ON_THE_WAY`: a person who travels; for Flee an agent who travels or
is not in a camp), at the end of the day. People at rest do not count, and the time that they cost
does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments.bench import ONE_THREAD, Measurement, run_child
from experiments.field_child import COLUMNS, FLEE, FLEE_TWO_WAY, FLOOR, OBJECTS
from experiments.field_flee import flee_version

#: Lower bounds of ratios of agent-days per CPU second; upper bounds of growth and bytes.
OVER_REFERENCE, OVER_FLEE, MOST_GROWTH, MOST_BYTES = 60.0, 100.0, 1.02, 96.0
#: Persons per simulated person, by the number of people who set out in a year.
SCALES = {10_000: 100, 100_000: 10, 1_000_000: 1}
#: Level of supply of the scenario `million` at which a million people set out.
LEVEL = 1.485
DAYS = 365
REPEATS = 3
MISSING = (
    "Flee is not installed, so its rows are left out; install it with the extra bench: "
    "uv run --extra bench twoborders bench --part field"
)
_SMALL, _LARGE = min(SCALES), max(SCALES)

type Case = dict[str, Any]
type Ratio = float | None


@dataclass(frozen=True)
class FieldRow:
    """Cost of one engine.

    Attributes:
        engine: ``columns``, ``objects``, ``flee``, ``flee_two_way`` or ``floor``.
        people: simulated people who set out.
        agent_days: people on the way, summed over days.
        cpu_s: CPU seconds of the simulated days, without building and warm-up.
        agent_days_per_cpu_s: their quotient.
        peak_mb: highest memory of the process, in MB (10^6 bytes).
        bytes_per_person: of columns, per row of the table; of others, memory of the run per person
            who sets out.
    """

    engine: str
    people: int
    agent_days: int
    cpu_s: float
    agent_days_per_cpu_s: float
    peak_mb: float
    bytes_per_person: float


@dataclass(frozen=True)
class FieldResult:
    """Rows of the field, the smallest of the three sizes first.

    Attributes:
        rows: one row per engine and size.
        repeats: number of runs of each row.
        flee: version of Flee; None if it is not installed.
    """

    rows: tuple[FieldRow, ...]
    repeats: int = REPEATS
    flee: str | None = None

    def row(self, engine: str) -> FieldRow | None:
        """Return the row of an engine, the largest if there are several; None without a row."""
        found = [row for row in self.rows if row.engine == engine]
        return max(found, key=lambda row: row.people, default=None)

    @property
    def columns(self) -> list[FieldRow]:
        """The rows of the columns by number of people."""
        found = [row for row in self.rows if row.engine == COLUMNS]
        return sorted(found, key=lambda row: row.people)

    @property
    def ratios(self) -> dict[str, Ratio]:
        """Ratios of agent-days per CPU second; None without Flee.

        `fast` is the largest run of the columns, `reference` the plain engine.
        """
        fast = self.row(COLUMNS)
        return {
            "fast_over_reference": _ratio(fast, self.row(OBJECTS)),
            "fast_over_flee": _ratio(fast, self.row(FLEE)),
            "floor_over_fast": _ratio(self.row(FLOOR), fast),
        }

    @property
    def growth(self) -> float:
        """CPU time per person who sets out in the largest run relative to the smallest one."""
        small, *_, large = self.columns
        return (large.cpu_s / large.people) / (small.cpu_s / small.people)

    @property
    def marginal_growth(self) -> float:
        """Growth without the cost that does not depend on the number of people.

        CPU time per further person from the middle run to the largest, relative to that from the
        smallest to the middle run.
        """
        small, middle, large = self.columns
        return _per_further_person(middle, large) / _per_further_person(small, middle)

    def as_json(self) -> dict[str, Any]:
        """Return rows, ratios, growth, the number of repeats and the version of Flee."""
        rows = [asdict(row) for row in self.rows]
        found = {"rows": rows, "ratios": self.ratios, "growth": self.growth}
        return found | {"repeats": self.repeats, "flee": self.flee}

    def measurements(self) -> list[Measurement]:
        """Return the ratios, growth and bytes, each with its bound."""
        ratios, small = self.ratios, self.columns[0]
        two_way, both_ways = self.row(FLEE_TWO_WAY), "over Flee with routes in both directions"
        sizes = f"{_LARGE:,} people in columns, {_SMALL:,} in the other"
        found = [
            _times("over the plain engine", ratios["fast_over_reference"], OVER_REFERENCE, sizes),
            _times("over the plain engine, equal size", _ratio(small, self.row(OBJECTS))),
            _times("over Flee", ratios["fast_over_flee"], OVER_FLEE, sizes),
            _times("over Flee, equal size", _ratio(small, self.row(FLEE))),
            _times(both_ways, _ratio(self.row(COLUMNS), two_way), None, sizes),
            _times(f"{both_ways}, equal size", _ratio(small, two_way)),
        ]
        return [figure for figure in found if figure is not None] + self._own_measurements()

    def _own_measurements(self) -> list[Measurement]:
        """Return the figures of the columns alone."""
        floor, most = self.ratios["floor_over_fast"], max(r.bytes_per_person for r in self.columns)
        per_person = "CPU per person who sets out"
        return [
            Measurement("A loop that only reads, over columns", floor or 0.0, "times", None),
            Measurement(
                f"{per_person}, {_LARGE:,} people relative to {_SMALL:,}",
                self.growth,
                "times",
                MOST_GROWTH,
            ),
            Measurement(
                f"{per_person} in addition, from {_LARGE // 10:,} relative to from {_SMALL:,}",
                self.marginal_growth,
                "times",
                None,
            ),
            Measurement("Bytes of all columns per row", most, "bytes", MOST_BYTES),
        ]


def measure() -> FieldResult:
    """Measure all rows, those of Flee if it is installed.

    The repeats of a row do not follow each other, so that a load of the machine that lasts for
    minutes does not affect all of them.

    Raises:
        BenchError: a measuring process failed.
    """
    version = flee_version()
    cases = _cases(with_flee=version is not None)
    best: dict[tuple[str, int], dict[str, Any]] = {}
    for _ in range(REPEATS):
        for key, case in cases.items():
            if case["engine"] == FLOOR:
                case = case | _of_largest(best[COLUMNS, _LARGE])
            found = run_child(case, ONE_THREAD, module="experiments.field_child")
            best[key] = min(best.get(key, found), found, key=lambda run: run["cpu_s"])
    rows = tuple(_row(engine, run) for (engine, _), run in best.items())
    return FieldResult(rows, REPEATS, version)


def _cases(*, with_flee: bool) -> dict[tuple[str, int], Case]:
    """Return the case of every row by engine and number of people."""
    cases: dict[tuple[str, int], Case] = {
        (COLUMNS, people): {"engine": COLUMNS, "set": _settings(people)} for people in SCALES
    }
    cases[OBJECTS, _SMALL] = {"engine": OBJECTS, "set": _settings(_SMALL)}
    for engine in (FLEE, FLEE_TWO_WAY) if with_flee else ():
        cases[engine, _SMALL] = {"engine": engine, "people": _SMALL, "days": DAYS}
    cases[FLOOR, _LARGE] = {"engine": FLOOR}
    return cases


def _settings(people: int) -> dict[str, Any]:
    """Return the settings of the scenario `million` with a number of simulated people."""
    return {"supply_level": LEVEL, "scale": SCALES[people], "days": DAYS}


def _of_largest(run: Mapping[str, Any]) -> Case:
    """Return the people of a run, whose columns the floor reads."""
    return {key: run[key] for key in ("people", "on_the_way")}


def _row(engine: str, run: Mapping[str, Any]) -> FieldRow:
    """Return the row of a run."""
    days, cpu = sum(run["on_the_way"]), run["cpu_s"]
    size = run["peak_mb"], run["bytes_per_person"]
    return FieldRow(engine, run["people"], days, cpu, days / cpu, *size)


def _ratio(one: FieldRow | None, other: FieldRow | None) -> Ratio:
    """Return the ratio of agent-days per CPU second; None if a row is missing."""
    if one is None or other is None:
        return None
    return one.agent_days_per_cpu_s / other.agent_days_per_cpu_s


def _per_further_person(one: FieldRow, other: FieldRow) -> float:
    """Return the CPU seconds per person that a run has more than another one."""
    return (other.cpu_s - one.cpu_s) / (other.people - one.people)


def _times(
    name: str, value: Ratio, bound: float | None = None, detail: str = ""
) -> Measurement | None:
    """Return a ratio of the columns to another engine; None without a value."""
    if value is None:
        return None
    name = f"Columns {name}, agent-days per CPU second"
    return Measurement(name, value, "times", bound, detail, least=True)


def table(rows: Sequence[FieldRow]) -> list[tuple[str, ...]]:
    """Return the rows as texts, in the order of the attributes of a row."""
    return [
        (
            row.engine,
            f"{row.people:,}",
            f"{row.agent_days:,}",
            f"{row.cpu_s:.3f}",
            f"{row.agent_days_per_cpu_s:,.0f}",
            f"{row.peak_mb:.0f}",
            f"{row.bytes_per_person:,.0f}",
        )
        for row in rows
    ]
