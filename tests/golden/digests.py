"""Golden digests: the cases, and the command that writes their table.

    python -m tests.golden.digests --write

runs all cases in this process and writes `digests.toml`. Without `--write`, the command prints the
cases whose digest differs from the table. With `--full`, it instead runs every packaged scenario
over its full length and prints the digests.
"""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import dataclass
from pathlib import Path

from abm.scenario import parse_policy
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.runs.run import run_one
from experiments.scenarios import find, names
from experiments.sweeps.executors import ExecutorInput

TABLE = Path(__file__).parent / "digests.toml"
HEAD = """\
# Digests of the daily record of declared cases. `python -m tests.golden.digests --write` writes
# this file; `tests/golden/test_executors.py` compares the three executors with it.
#
# A change of results that is not intended must not change this file. A change that is intended
# writes it again in the same commit as the line of CHANGELOG.md, under "Numbers", that says which
# results change, by how much and why.
#
# A digest has the last digit of floating-point numbers. It is equal on all x86-64 processors with
# AVX2; on other kinds, the executors are compared with each other.
"""


@dataclass(frozen=True)
class Golden:
    """A golden case.

    Attributes:
        scenario: name of a packaged scenario, whose policies are replaced.
        policies: policies in written form; None keeps the scenario's policies.
        seed: seed of all draws.
        scale: persons per simulated migrant.
        engine: engine of the migrants.
    """

    scenario: str
    policies: str | None
    seed: int
    scale: int
    engine: str = "columns"

    @property
    def name(self) -> str:
        """Return the case's name in the table."""
        own = "own policies" if self.policies is None else self.policies or "no policies"
        return f"{self.scenario}, {own}, seed {self.seed}, scale {self.scale}, {self.engine}"

    @property
    def case(self) -> Case:
        """Return the case: 35 days after a short warm-up, so that a month ends during the run."""
        changes = {"scale": self.scale, "days": 35, "warmup_days": 28, "engine": self.engine}
        scenario = find(self.scenario).with_settings(changes)
        if self.policies is not None:
            specs = tuple(parse_policy(text) for text in self.policies.split())
            scenario = scenario.with_settings({"policies": specs})
        return Case(scenario, self.seed)


GENDARMES = "rural_gendarmerie:2 southern_border_control"
AGENTS = "patrol_surge patrol_effort fence cameras_and_sensors"
NETWORKS = "dismantle_conveyor_belts intelligence_sharing smuggler_prosecution"
LAW = "expulsion remain_in_mexico consequence_capacity legal_pathways"
NEWS = "announcement:1:deadline_days=20"
LARGEST_SEED = 2**63 - 1
#: The first cases are a fast subset: both engines, two scales, a yearly record, many policies.
CASES = (
    Golden("baseline", "", 1, 1_000),
    Golden("baseline", f"{AGENTS} {GENDARMES}", 2, 1_000, "objects"),
    Golden("mixed", None, 3, 1_000),
    Golden("history_2014", None, 4, 500),
    Golden("baseline", "", 1, 200),
    Golden("baseline", "", 1, 1_000, "objects"),
    Golden("baseline", "", LARGEST_SEED, 997),
    Golden("baseline", AGENTS, 1, 1_000),
    Golden("baseline", GENDARMES, 1, 1_000),
    Golden("baseline", NETWORKS, 5, 500),
    Golden("baseline", LAW, 6, 1_000),
    Golden("baseline", LAW, 6, 1_000, "objects"),
    Golden("baseline", NEWS, 7, 500),
    Golden("baseline", "no_cooperation southern_border_control", 8, 1_000),
    Golden("classroom", "fence:2@2012-10-15", 9, 1_000),
    Golden("classroom", "patrol_surge@2012-10-05..2012-10-25", 10, 500),
    Golden("us_only", None, 11, 1_000),
    Golden("cooperation", None, 12, 1_000),
    Golden("history", None, 13, 500),
    Golden("history", AGENTS, 13, 500),
    Golden("history_2005", "", 14, 500),
    Golden("history_2019", None, 15, 500),
    Golden("release_2005", None, 16, 500),
    Golden("million", "", 17, 1_000),
)


def run(cases: tuple[Golden, ...], executor: ExecutorInput, jobs: int = 2) -> dict[str, str]:
    """Run cases.

    Args:
        cases: golden cases.
        executor: where they run.
        jobs: number of cases that run at once.

    Returns:
        The digest of each case by its name.

    Raises:
        RuntimeError: a case failed.
    """
    results = run_many([golden.case for golden in cases], executor=executor, jobs=jobs)
    return {golden.name: _digest(result) for golden, result in zip(cases, results, strict=True)}


def _digest(result: RunResult | Failure) -> str:
    """Return a result's digest. Raise RuntimeError for a failure."""
    if isinstance(result, Failure):
        raise RuntimeError(str(result))
    return result.digest


def read() -> dict[str, str]:
    """Return the digests in the table by case."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def write(digests: dict[str, str]) -> None:
    """Write the table."""
    lines = [HEAD, *(f'"{case}" = "{digest}"' for case, digest in digests.items())]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(words: list[str] | None = None) -> int:
    """Run the command. Return 1 if digests differ from the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.digests", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table")
    parser.add_argument("--full", action="store_true", help="run all packaged scenarios instead")
    options = parser.parse_args(words)
    if options.full:
        for name in names():
            print(name, run_one(Case(find(name), seed=7)).digest)
        return 0
    found = run(CASES, "serial")
    if options.write:
        write(found)
        return 0
    known = read()
    changed = [name for name in found if known.get(name) != found[name]]
    print("\n".join([f"changed: {name}" for name in changed] or ["no digest has changed"]))
    return int(bool(changed))


if __name__ == "__main__":
    raise SystemExit(main())
