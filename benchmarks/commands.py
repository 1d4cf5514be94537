"""Time whole commands from cold processes with warm disk caches.

Every figure comes from a new process, whose CPU seconds include start, imports and loading of
compiled code. Python writes bytecode, as on a user's machine. Between the commands, a loop runs
whose time on the reference machine is known (:data:`LOOP_S`). Bounds are multiplied by the loop's
slow-down, so that a busy or slower machine does not miss them.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measurement import (
    ROOT,
    BenchmarkError,
    Cost,
    Measurement,
    run_command,
    time_process,
)

#: The loop's CPU seconds on the reference machine, for which the bounds are given.
LOOP_S = 0.75
_LOOP = "x = 0\nfor i in range(5_000_000): x = (x * 1103515245 + 12345) % 2147483648"
_REPEATS = 5
_CLI = ("-m", "viz.cli")
_RUN = (*_CLI, "run", "--json", "--scale")

#: Commands by name, each with an upper bound on its CPU seconds, or None.
COMMANDS: dict[str, tuple[Sequence[str], float | None]] = {
    "import numba, mesa": (("-c", "import numba, mesa"), None),
    "import twoborders": (("-c", "import twoborders"), 0.1),
    "twoborders --help": ((*_CLI, "--help"), 0.25),
    "twoborders policies": ((*_CLI, "policies"), None),
    "twoborders describe fence": ((*_CLI, "describe", "fence"), None),
    "twoborders day": ((*_CLI, "day"), None),
    "run, scale 200, a day (build and warm-up)": ((*_RUN, "200", "--days", "1"), None),
    "run, scale 200, a year": ((*_RUN, "200", "--days", "365"), None),
    "run, scale 200, three years": ((*_RUN, "200", "--days", "1095"), None),
    "run, scale 100, a year": ((*_RUN, "100", "--days", "365"), None),
    "run, scale 20, a year": ((*_RUN, "20", "--days", "365"), None),
    "run, scale 200, a year, two seeds": ((*_RUN, "200", "--days", "365", "--reps", "2"), None),
}
#: Commands that are compared with another version.
COMPARED = (
    *("import numba, mesa", "twoborders --help", "run, scale 200, a year"),
    *("run, scale 200, three years", "run, scale 100, a year"),
)
#: Upper bounds, seconds: CPU for three years without imports, CPU and wall for a first run.
MAX_THREE_YEARS_S, MAX_FIRST_CPU_S, MAX_FIRST_S = 1.2, 16.0, 12.0
_BEYOND = ("run, scale 200, three years", "import numba, mesa")
#: Growth: a longer command, a shorter one, and their difference.
_GROWTH = (
    ("run, scale 20, a year", "run, scale 200, a year", "ten times the people"),
    ("run, scale 200, three years", "run, scale 200, a year", "three times the days"),
    ("run, scale 200, a year, two seeds", "run, scale 200, a year", "two seeds"),
)


@dataclass(frozen=True)
class Tree:
    """A copy of the sources with the environment variables of the processes that run it."""

    root: Path
    environment: Mapping[str, str]

    def time(self, name: str) -> Cost:
        """Run a command in a new process."""
        return time_process(COMMANDS[name][0], self.root, self.environment)


def time_loop() -> float:
    """Return the CPU seconds of the loop in a new process."""
    return time_process(("-c", _LOOP), ROOT, {}).cpu_s


def commands() -> list[Measurement]:
    """Time all commands in turn, and return medians and growth factors."""
    tree = Tree(ROOT, {})
    times: dict[str, list[Cost]] = {name: [] for name in COMMANDS}
    loops: list[float] = []
    for name in COMMANDS:
        tree.time(name)  # This run fills the caches.
    for _ in range(_REPEATS):
        for name, costs in times.items():
            costs.append(tree.time(name))
        loops.append(time_loop())
    slower = statistics.median(loops) / LOOP_S
    cpu = {name: statistics.median(c.cpu_s for c in costs) for name, costs in times.items()}
    wall = {name: statistics.median(c.wall_s for c in costs) for name, costs in times.items()}
    rows = [_row(name, cpu[name], COMMANDS[name][1], slower, wall[name]) for name in COMMANDS]
    run, imports = _BEYOND
    beyond = cpu[run] - cpu[imports]
    rows.append(_row(f"{run}, beyond {imports}", beyond, MAX_THREE_YEARS_S, slower))
    for longer, shorter, change in _GROWTH:
        rows.append(Measurement(f"Growth: {change}", cpu[longer] / cpu[shorter], "times"))
    loop = f"the loop takes {slower:.2f} times as long as on the machine of the bounds"
    return [Measurement("Calibration loop", slower * LOOP_S, "CPU s", detail=loop), *rows]


def _row(
    name: str, cpu: float, bound: float | None, slower: float, wall: float | None = None
) -> Measurement:
    """Return a median as a measurement, with its bound scaled to this machine."""
    detail = "" if wall is None else f"median of {_REPEATS} new processes; {wall:.2f} s wall"
    return Measurement(name, cpu, "CPU s", None if bound is None else bound * slower, detail)


def days() -> list[Measurement]:
    """Measure a simulated day with and without weekly decisions, as tenth percentiles."""
    figures = json.loads(run_command(("benchmarks.engine_worker", json.dumps({"engine": "days"}))))
    return [
        Measurement(f"A {kind} day at scale 200, tenth percentile", 1e3 * seconds, "CPU ms")
        for kind, seconds in figures.items()
    ]


def first() -> list[Measurement]:
    """Time the first run from source and from a wheel, with empty caches."""
    slower = time_loop() / LOOP_S
    rows: list[Measurement] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, root in (("source", ROOT), ("wheel", _unpacked_wheel(Path(folder)))):
            caches = {"NUMBA_CACHE_DIR": f"{folder}/{name}", "XDG_CACHE_HOME": f"{folder}/{name}"}
            cost = time_process((*_RUN, "200", "--days", "365"), root, caches)
            title = f"First run from {name}, nothing compiled"
            rows.append(Measurement(title, cost.cpu_s, "CPU s", MAX_FIRST_CPU_S * slower))
            rows.append(Measurement(f"{title}, wall", cost.wall_s, "s", MAX_FIRST_S * slower))
    return rows


def _unpacked_wheel(folder: Path) -> Path:
    """Build the wheel and unpack it into a folder, or raise ``BenchmarkError``."""
    target = folder / "unpacked"
    build = ("uv", "build", "--wheel", "--quiet", "--out-dir", str(folder), str(ROOT))
    try:
        subprocess.run(build, check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        command = [sys.executable, "-m", "zipfile", "-e", str(wheel), str(target)]
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BenchmarkError(f"no wheel can be built: {error}") from None
    return target


# ---- another version -----------------------------------------------------------------------------


def against(commit: str, repeats: int) -> list[Measurement]:
    """Compare this version with another commit by timing both in turn.

    Args:
        commit: any name of a commit that git accepts.
        repeats: number of measured repetitions of each command.

    Returns:
        For each command, this version's median CPU seconds divided by the other commit's.
    """
    with tempfile.TemporaryDirectory() as folder:
        other = _checked_out(commit, Path(folder, "tree"))
        trees = [_tree(ROOT, f"{folder}/here"), _tree(other, f"{folder}/there")]
        rows = []
        for name in COMPARED:
            for tree in trees:
                tree.time(name)  # This run fills the caches.
            pairs = [[tree.time(name).cpu_s for tree in trees] for _ in range(repeats)]
            new, old = map(statistics.median, zip(*pairs, strict=True))
            detail = f"{new:.3f} and {old:.3f} CPU s, medians of {repeats} in alternation"
            rows.append(Measurement(f"{name}, over {commit}", new / old, "ratio", detail=detail))
    return rows


def _tree(root: Path, caches: str) -> Tree:
    """Return a tree whose processes use only the caches in a folder."""
    names = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "PYTHONPYCACHEPREFIX")
    return Tree(root, {name: f"{caches}/{name.lower()}" for name in names})


def _checked_out(commit: str, root: Path) -> Path:
    """Write a commit's files to a folder. Raise ``BenchmarkError`` if it does not exist."""
    root.mkdir()
    command = ["git", "archive", commit]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        raise BenchmarkError(archive.stderr.decode().strip())
    subprocess.run(["tar", "-x", "-C", str(root)], input=archive.stdout, check=True)
    return root
