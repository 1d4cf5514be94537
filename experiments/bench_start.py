"""Measure the waiting time of a new user: compilation, start-up and the warm-up of the model.

Every measurement is defined such that less is better, as in ``experiments.bench``. CPU seconds are
user and system time of a process and of those that it starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from abm.scenario import parse_policy
from experiments.bench import TINY, BenchError, Measurement, run_child
from experiments.case import Case
from experiments.run import run_one
from experiments.scenarios import find
from experiments.warmup import forget

#: Upper bounds: seconds of the first run; CPU seconds of compiling and of the import; share.
MAX_FIRST, MAX_COMPILING, MAX_IMPORT, MAX_SHARE = 30.0, 20.0, 0.1, 1.0
_ROOT = Path(__file__).parents[1]
_IMPORT = "import time; t = time.process_time(); import twoborders; print(time.process_time() - t)"
_POLICIES = ("patrol_surge:250M", "cameras_and_sensors:250M", "southern_border_control:250M")
_SMALL, _FULL = (100, 2), (20, 8)  # scale, and seeds of every policy


def first() -> list[Measurement]:
    """Measure the first run of a new user, including process start and compilation."""
    with tempfile.TemporaryDirectory() as empty:
        cold, warm = _run(empty), _run(empty)
    return [
        Measurement(
            "First run, nothing compiled, process start included",
            cold.wall,
            "s",
            MAX_FIRST,
            f"{cold.cpu:.1f} CPU s; the second run takes {warm.wall:.1f} s, {warm.cpu:.1f} CPU s",
        ),
        Measurement(
            "Compiling",
            cold.cpu - warm.cpu,
            "CPU s",
            MAX_COMPILING,
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
        "import": import_time,
        "warmup": lambda: warm_up(full),
    }


class _Times(NamedTuple):
    """Seconds of a run: wall, and CPU of its process."""

    wall: float
    cpu: float


def _run(cache: str) -> _Times:
    """Run the small case in a new process and time it."""
    before, start = _children_cpu(), time.perf_counter()
    run_child(TINY, {"NUMBA_CACHE_DIR": cache})
    return _Times(time.perf_counter() - start, _children_cpu() - before)


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
