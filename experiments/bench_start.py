"""Measure the waiting time of a new user: compilation, start-up and the warm-up of the model.

Every measurement is defined such that less is better, as in ``experiments.bench``. CPU seconds are
user and system time of a process and of those that it starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from abm.scenario import parse_policy
from experiments.bench import TINY, BenchError, Measurement, run_child
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.runs.warmup import forget
from experiments.scenarios import find

#: Upper bounds: seconds of the first run and of compiling; kernels; CPU seconds; share.
MAX_FIRST, MAX_COMPILING, MAX_COMPILED, MAX_IMPORT, MAX_SHARE = 20.0, 12.0, 0.0, 0.1, 1.0
_ROOT = Path(__file__).parents[1]
_PACKAGES = ("agents", "abm", "experiments")
_ANY_CPU = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}  # as in a platform wheel
_IMPORT = "import time; t = time.process_time(); import twoborders; print(time.process_time() - t)"
_POLICIES = ("patrol_surge:250M", "cameras_and_sensors:250M", "southern_border_control:250M")
_SMALL, _FULL = (100, 2), (20, 8)  # scale, and seeds of every policy


def first() -> list[Measurement]:
    """Measure the first run of a new user, including process start and compilation."""
    with tempfile.TemporaryDirectory() as empty:
        cold, warm = _run(empty), _run(empty)
    own = cold.own_cpu - warm.own_cpu
    return [
        Measurement(
            "First run, nothing compiled, process start included",
            cold.wall,
            "s",
            MAX_FIRST,
            f"{cold.cpu:.1f} CPU s; the second run takes {warm.wall:.1f} s, {warm.cpu:.1f} CPU s",
        ),
        Measurement(
            "Compiling, CPU of the busier of its processes (the wait on an idle machine)",
            max(own, cold.cpu - cold.own_cpu),
            "CPU s",
            MAX_COMPILING,
            f"{cold.cpu - warm.cpu:.1f} CPU s of all processes",
        ),
    ]


def wheel() -> list[Measurement]:
    """Measure the first run of an installation with the kernels of a platform wheel."""
    with tempfile.TemporaryDirectory() as work:
        tree, built, empty = (Path(work, name) for name in ("tree", "built", "empty"))
        run_child(TINY, _ANY_CPU | {"NUMBA_CACHE_DIR": str(built)})
        for package in _PACKAGES:
            shutil.copytree(_ROOT / package, tree / package)
        for file in built.glob("*/*.nb[ic]"):
            folder = tree / "agents" / "_kernels" / file.parent.name
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder)
        cold, warm = _run(empty, tree), _run(empty, tree)
        compiled = len(list(empty.glob("*/*.nbc")))
    return [
        Measurement(
            "Kernels that the first run from a platform wheel compiles",
            compiled,
            "kernels",
            MAX_COMPILED,
        ),
        Measurement(
            "That run", cold.cpu, "CPU s", None, f"the second run takes {warm.cpu:.1f} CPU s"
        ),
    ]


def import_time() -> list[Measurement]:
    """Measure ``import twoborders``, the shortest of three times."""
    times = [float(_output(sys.executable, "-c", _IMPORT)) for _ in range(3)]
    return [Measurement("`import twoborders`", min(times), "CPU s", MAX_IMPORT)]


def warm_up(full: bool = False) -> list[Measurement]:
    """Measure the runs of three policies with and without sharing the warm-up of a seed.

    Args:
        full: 8 seeds at scale 20 (minutes) instead of 2 seeds at scale 100.

    Returns:
        The CPU time of runs that share the warm-up relative to runs that do not.
    """
    scale, seeds = _FULL if full else _SMALL
    run_one(Case(find("classroom").with_settings(TINY["set"])))  # compiles
    cases = [
        Case(find("baseline").with_settings({"scale": scale, "policies": [parse_policy(p)]}), seed)
        for seed in range(1, seeds + 1)
        for p in _POLICIES
    ]
    alone, shared = _time_cases(cases, share=False), _time_cases(cases, share=True)
    detail = f"{len(cases)} runs at scale {scale}: {alone:.1f} and {shared:.1f} CPU s"
    return [
        Measurement(
            "Time of runs that share their warm-up relative to runs that do not",
            shared / alone,
            "share",
            MAX_SHARE,
            detail,
        )
    ]


def parts(full: bool = False) -> dict[str, Callable[[], list[Measurement]]]:
    """Return the parts by name.

    Args:
        full: measure the part `warmup` in its full size.

    Returns:
        Functions without arguments.
    """
    return {
        "first": first,
        "wheel": wheel,
        "import": import_time,
        "warmup": lambda: warm_up(full),
    }


class _Times(NamedTuple):
    """Seconds of a run: wall, CPU of all its processes, CPU of the process that simulates."""

    wall: float
    cpu: float
    own_cpu: float


def _run(cache: str | Path, folder: Path | None = None) -> _Times:
    """Run the small case in a new process, with the packages of a folder, and time it."""
    before, start = _children_cpu(), time.perf_counter()
    own = run_child(TINY, {"NUMBA_CACHE_DIR": str(cache)}, folder)["process_cpu_s"]
    return _Times(time.perf_counter() - start, _children_cpu() - before, own)


def _children_cpu() -> float:
    """Return the CPU seconds of all processes that this one started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _time_cases(cases: list[Case], *, share: bool) -> float:
    """Run cases in this process; return the CPU seconds."""
    forget()
    start = time.process_time()
    for case in cases:
        if not share:
            forget()
        run_one(case)
    return time.process_time() - start


def _output(*command: str) -> str:
    """Return the output of a command."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"{command[0]} ended with {done.returncode}: {last}")
    return done.stdout
