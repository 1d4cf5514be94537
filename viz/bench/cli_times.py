"""Wall times of commands in a new process, for ``twoborders bench``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

from experiments.bench import BOUNDS, BenchError, Measurement


def _compare() -> list[Measurement]:
    """Measure the default comparison, from the start of the process."""
    with tempfile.TemporaryDirectory() as folder:
        wall = _time("compare", "--out", folder)
    name = "`twoborders compare` with defaults, process start and report included"
    return [Measurement(name, wall, "s", BOUNDS["compare_wall"])]


def _help() -> list[Measurement]:
    """Measure the help, the shortest of three times."""
    wall = min(_time("--help") for _ in range(3))
    return [Measurement("`twoborders --help`", wall, "s", BOUNDS["help_wall"])]


def _time(*words: str) -> float:
    """Return the wall seconds of a command in a new process."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "viz.cli", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"twoborders {' '.join(words)} ended with {done.returncode}: {last}")
    return time.perf_counter() - start


PARTS = {"compare": _compare, "help": _help}
