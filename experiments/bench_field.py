"""Measure this model against the field: its two engines, Flee, and a loop that only reads.

All rows are measured on one core of one machine, each in processes of its own, several times; the
smallest CPU time counts. An agent-day is one simulated person who is counted at the end of a day:
in the engines of this model a person whose status is travelling
(:data:`experiments.field_child.ON_THE_WAY`), waits before the line or at a port included; in Flee
an agent who is not in a camp, stays in a town included. All other people do not count, and the time
that they cost does. The rows also say how many agent-days are such waits and stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments.bench import ONE_THREAD, Measurement, run_child
from experiments.field_child import COLUMNS, FLEE, FLEE_TWO_WAY, FLOOR, OBJECTS
from experiments.field_flee import flee_version

#: Lower bounds of ratios of agent-days per CPU second; upper bounds of growth and bytes.
OVER_REFERENCE, OVER_FLEE, MOST_GROWTH, MOST_BYTES = 60.0, 100.0, 1.02, 96.0
#: Persons of the world who set out in a year, and simulated people who do.
PERSONS, SIZES = 1_000_000, (10_000, 100_000, 1_000_000)
#: People of the second run of the plain engine, which shows the growth of its memory.
FEW = 1_000
#: Level of supply of the scenario `million` at which a million people set out.
LEVEL = 1.485
DAYS = 365
REPEATS = 3
#: A row whose run takes more CPU seconds than this is repeated only once.
SLOW_S = 60.0
MISSING = (
    "Flee is not installed, so its rows are left out; install it with the extra bench: "
    "uv run --extra bench twoborders bench --part field"
)
_SMALL, _MIDDLE, _LARGE = SIZES
_IN_MEMORY = {COLUMNS: "columns", OBJECTS: "plain engine", FLEE: "Flee"}

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
        bytes_per_person: of columns, per row of the table; of the floor, those of its columns; of
            others, memory of the run per person who sets out.
        wait_days: agent-days of both engines that are waits before the line or at a port; None in
            other rows.
        same_town_days: agent-days of Flee that end in the same town as the day before; None in
            other rows.
        runs: number of runs.
    """

    engine: str
    people: int
    agent_days: int
    cpu_s: float
    agent_days_per_cpu_s: float
    peak_mb: float
    bytes_per_person: float
    wait_days: int | None = None
    same_town_days: int | None = None
    runs: int = REPEATS

    @property
    def still_days(self) -> int | None:
        """Waits and stays in a town among the agent-days; None if they are not known."""
        return self.wait_days if self.same_town_days is None else self.same_town_days


@dataclass(frozen=True)
class FieldResult:
    """Rows of the field.

    Attributes:
        rows: one row per engine and size.
        repeats: number of runs of each row that is not slow, see :data:`SLOW_S`.
        flee: version of Flee; None if it is not installed.
    """

    rows: tuple[FieldRow, ...]
    repeats: int = REPEATS
    flee: str | None = None

    def of(self, engine: str) -> list[FieldRow]:
        """Return the rows of an engine by number of people."""
        found = [row for row in self.rows if row.engine == engine]
        return sorted(found, key=lambda row: row.people)

    def row(self, engine: str, people: int) -> FieldRow | None:
        """Return the row of an engine with about this number of people; None without a row."""
        found = [row for row in self.of(engine) if people / 2 < row.people < people * 2]
        return found[0] if found else None

    @property
    def columns(self) -> list[FieldRow]:
        """The rows of the columns by number of people."""
        return self.of(COLUMNS)

    @property
    def ratios(self) -> dict[str, Ratio]:
        """Ratios of agent-days per CPU second; None without Flee.

        `fast` is the largest run of the columns, `reference` the plain engine with 10,000 people,
        `flee` that with as many people and one direction of travel.
        """
        fast = self.row(COLUMNS, _LARGE)
        return {
            "fast_over_reference": _ratio(fast, self.row(OBJECTS, _SMALL)),
            "fast_over_flee": _ratio(fast, self.row(FLEE, _SMALL)),
            "floor_over_fast": _ratio(self.row(FLOOR, _LARGE), fast),
        }

    @property
    def growth(self) -> float:
        """CPU time per person who sets out in the largest run relative to the smallest one.

        In the smallest run most of it is the cost of a day that does not depend on people, so this
        is no evidence that the cost grows in proportion to people; :attr:`marginal_growth` is.
        """
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

    @property
    def bytes_per_further_person(self) -> dict[str, float | None]:
        """Growth of peak memory per additional person who sets out, by engine.

        It is that between the two largest runs of an engine; None with less than two runs.
        """
        found: dict[str, float | None] = {}
        for engine in _IN_MEMORY:
            *_, one, other = (None, None, *self.of(engine))
            found[engine] = None
            if one is not None and other is not None:
                growth = other.peak_mb - one.peak_mb
                found[engine] = growth * 1e6 / (other.people - one.people)
        return found

    def as_json(self) -> dict[str, Any]:
        """Return rows, ratios, growth of time and memory, repeats and the version of Flee."""
        rows = [asdict(row) for row in self.rows]
        found = {"rows": rows, "ratios": self.ratios, "growth": self.growth}
        found |= {"marginal_growth": self.marginal_growth}
        found |= {"bytes_per_further_person": self.bytes_per_further_person}
        return found | {"repeats": self.repeats, "flee": self.flee}

    def measurements(self) -> list[Measurement]:
        """Return the ratios, growth and bytes, each with its bound."""
        sizes = f"{_LARGE:,} people in columns, {_SMALL:,} in the other"
        plain, small = self.row(OBJECTS, _SMALL), self.row(COLUMNS, _SMALL)
        found = [
            _times(
                "over the plain engine", self.ratios["fast_over_reference"], OVER_REFERENCE, sizes
            ),
            _times("over the plain engine, equal size", _ratio(small, plain)),
            *self._over_flee(sizes),
        ]
        figures = [figure for figure in found if figure is not None]
        return figures + self._own_measurements() + self._memory()

    def _over_flee(self, sizes: str) -> list[Measurement | None]:
        """Return the ratios to Flee, the one with a bound first."""
        small, middle, large = (self.row(COLUMNS, people) for people in SIZES)
        flee, more = (self.row(FLEE, people) for people in (_SMALL, _MIDDLE))
        two_way, both_ways = self.row(FLEE_TWO_WAY, _SMALL), "routes in both directions"
        ratios = {
            "over Flee, equal size": (_ratio(small, flee), ""),
            f"over Flee, {_MIDDLE:,} people each": (_ratio(middle, more), ""),
            f"over Flee with {both_ways}": (_ratio(large, two_way), sizes),
            f"over Flee with {both_ways}, equal size": (_ratio(small, two_way), ""),
        }
        bound = self.ratios["fast_over_flee"]
        known = [ratio for ratio, _ in (*ratios.values(), (bound, "")) if ratio is not None]
        detail = sizes
        if known:
            detail += f"; {min(known):.0f} to {max(known):.0f} by size and network"
        moving = "over Flee without its days in the same town"
        return [
            _times("over Flee", bound, OVER_FLEE, detail),
            *(_times(name, ratio, None, text) for name, (ratio, text) in ratios.items()),
            _times(moving, _divide(_rate(large), _moving_rate(flee)), None, sizes),
            _times(
                f"without waits {moving}",
                _divide(_moving_rate(large), _moving_rate(flee)),
                None,
                sizes,
            ),
            _growth_of_flee(flee, more),
        ]

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
                "mostly the cost of a day without people; no evidence of linear growth",
            ),
            Measurement(
                f"{per_person} in addition, from {_MIDDLE:,} relative to from {_SMALL:,}",
                self.marginal_growth,
                "times",
                None,
                "1 if the cost of people is in proportion to their number",
            ),
            Measurement(
                "Bytes of all columns per row",
                most,
                "bytes",
                MOST_BYTES,
                "per row, which is a person in the model, and not per person who sets out",
            ),
        ]

    def _memory(self) -> list[Measurement]:
        """Return the growth of peak memory of every engine with two sizes."""
        found: list[Measurement] = []
        for engine, size in self.bytes_per_further_person.items():
            if size is not None:
                one, other = self.of(engine)[-2:]
                name = f"Peak memory per additional person who sets out, {_IN_MEMORY[engine]}"
                detail = f"from {one.people:,} to {other.people:,} people"
                found.append(Measurement(name, size, "bytes", None, detail))
        return found


def measure() -> FieldResult:
    """Measure all rows, those of Flee if it is installed.

    The repeats of a row do not follow each other, so that a load of the machine that lasts for
    minutes does not affect all of them. A row that takes more than a minute is repeated only once.

    Raises:
        BenchError: a measuring process failed.
    """
    version = flee_version()
    cases = _cases(with_flee=version is not None)
    best: dict[tuple[str, int], dict[str, Any]] = {}
    runs: Counter[tuple[str, int]] = Counter()
    for repeat in range(REPEATS):
        for key, case in cases.items():
            if repeat > 1 and best[key]["cpu_s"] > SLOW_S:
                continue
            if case["engine"] == FLOOR:
                case = case | _of_largest(best[COLUMNS, _LARGE])
            found = run_child(case, ONE_THREAD, module="experiments.field_child")
            best[key] = min(best.get(key, found), found, key=lambda run: run["cpu_s"])
            runs[key] += 1
    rows = tuple(_row(key[0], run, runs[key]) for key, run in best.items())
    return FieldResult(rows, REPEATS, version)


def _cases(*, with_flee: bool) -> dict[tuple[str, int], Case]:
    """Return the case of every row by engine and number of people."""
    cases: dict[tuple[str, int], Case] = {
        (COLUMNS, people): {"engine": COLUMNS, "set": _settings(people)} for people in SIZES
    }
    for people in (FEW, _SMALL):
        cases[OBJECTS, people] = {"engine": OBJECTS, "set": _settings(people)}
    if with_flee:
        for engine, people in ((FLEE, _SMALL), (FLEE, _MIDDLE), (FLEE_TWO_WAY, _SMALL)):
            cases[engine, people] = {"engine": engine, "people": people, "days": DAYS}
    cases[FLOOR, _LARGE] = {"engine": FLOOR}
    return cases


def _settings(people: int) -> dict[str, Any]:
    """Return the settings of the scenario `million` with a number of simulated people."""
    return {"supply_level": LEVEL, "scale": PERSONS // people, "days": DAYS}


def _of_largest(run: Mapping[str, Any]) -> Case:
    """Return the people of a run, whose columns the floor reads."""
    return {key: run[key] for key in ("people", "on_the_way")}


def _row(engine: str, run: Mapping[str, Any], runs: int) -> FieldRow:
    """Return the row of the fastest run."""
    days, cpu = sum(run["on_the_way"]), run["cpu_s"]
    size = run["peak_mb"], run["bytes_per_person"]
    still = run.get("wait_days"), run.get("same_town_days")
    return FieldRow(engine, run["people"], days, cpu, days / cpu, *size, *still, runs)


def _ratio(one: FieldRow | None, other: FieldRow | None) -> Ratio:
    """Return the ratio of agent-days per CPU second; None if a row is missing."""
    return _divide(_rate(one), _rate(other))


def _rate(row: FieldRow | None) -> Ratio:
    """Return agent-days per CPU second; None without a row."""
    return None if row is None else row.agent_days_per_cpu_s


def _moving_rate(row: FieldRow | None) -> Ratio:
    """Return agent-days without waits and stays per CPU second; None if they are not known."""
    if row is None or row.still_days is None:
        return None
    return (row.agent_days - row.still_days) / row.cpu_s


def _divide(one: Ratio, other: Ratio) -> Ratio:
    """Return a quotient; None if a value is missing or the divisor is 0."""
    return None if one is None or not other else one / other


def _growth_of_flee(small: FieldRow | None, large: FieldRow | None) -> Measurement | None:
    """Return the speed of Flee with more people relative to that with fewer; None without both."""
    ratio = _ratio(large, small)
    if ratio is None:
        return None
    name = f"Flee, {_MIDDLE:,} people relative to {_SMALL:,}, agent-days per CPU second"
    return Measurement(name, ratio, "times", None, "1 if its cost is in proportion to people")


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
    """Return the rows as texts: the attributes of a row, with waits and stays after agent-days.

    The bytes are those per row of columns; other engines have no rows.
    """
    return [
        (
            row.engine,
            f"{row.people:,}",
            f"{row.agent_days:,}",
            "-" if row.still_days is None else f"{row.still_days / max(row.agent_days, 1):.0%}",
            f"{row.cpu_s:.3f}",
            f"{row.agent_days_per_cpu_s:,.0f}",
            f"{row.peak_mb:.0f}",
            f"{row.bytes_per_person:.0f}" if row.engine in (COLUMNS, FLOOR) else "-",
        )
        for row in rows
    ]
