"""Measure what a user waits for: compilation, imports, commands, and a simulated year."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from benchmarks.measurement import SMALL_CASE, Measurement, run_command, run_worker

#: Upper bounds: seconds, CPU seconds or MB.
MAX_FIRST_S, MAX_COMPARE_S, MAX_HELP_S, MAX_IMPORT_S = 20.0, 60.0, 0.5, 0.1
MAX_YEAR_S, MAX_MILLION_S, MAX_MILLION_MB = 0.5, 3.5, 600.0
_IMPORT = "import time; t = time.process_time(); import twoborders; print(time.process_time() - t)"


def first() -> list[Measurement]:
    """Measure the first run of a new user, including process start and compilation."""
    with tempfile.TemporaryDirectory() as cache:
        cold, warm = (
            _wall_s(lambda: run_worker(SMALL_CASE, {"NUMBA_CACHE_DIR": cache})) for _ in range(2)
        )
    detail = f"the second run takes {warm:.1f} s"
    name = "First run, nothing compiled, process start included"
    return [Measurement(name, cold, "s", MAX_FIRST_S, detail)]


def compare() -> list[Measurement]:
    """Measure the default comparison, from the start of the process."""
    with tempfile.TemporaryDirectory() as folder:
        wall = _wall_s(lambda: run_command(("viz.cli", "compare", "--out", folder)))
    name = "`twoborders compare` with defaults, process start and report included"
    return [Measurement(name, wall, "s", MAX_COMPARE_S)]


def help_text() -> list[Measurement]:
    """Measure `twoborders --help`; the shortest of three times counts."""
    wall = min(_wall_s(lambda: run_command(("viz.cli", "--help"))) for _ in range(3))
    return [Measurement("`twoborders --help`", wall, "s", MAX_HELP_S)]


def import_time() -> list[Measurement]:
    """Measure ``import twoborders``, the shortest of three times."""
    outputs = [subprocess.check_output([sys.executable, "-c", _IMPORT]) for _ in range(3)]
    return [Measurement("`import twoborders`", min(map(float, outputs)), "CPU s", MAX_IMPORT_S)]


def year() -> list[Measurement]:
    """Measure a year of the baseline at scale 100, as the mean of a run of three years."""
    result = run_worker({"scenario": "baseline", "set": {"scale": 100}, "warm": True})
    years = result["days"] / 365
    name = "Baseline at scale 100, CPU per simulated year"
    detail = f"{years:.0f} years with build and warm-up, {result['agent_days']:,} agent-days"
    return [Measurement(name, result["cpu_s"] / years, "CPU s", MAX_YEAR_S, detail)]


def million() -> list[Measurement]:
    """Measure a year in which at least a million people set out, each of them simulated."""
    result = run_worker({"scenario": "million", "set": {}, "warm": True})
    set_out = result["set_out"]
    name = "A million people for a year at scale 1, CPU per million who set out"
    detail = f"{set_out:,} persons set out in {result['days']} days, {result['cpu_s']:.1f} CPU s"
    cpu = result["cpu_s"] / set_out * 1e6
    return [
        Measurement(name, cpu, "CPU s", MAX_MILLION_S, detail),
        Measurement("The same, highest memory", result["peak_mb"], "MB", MAX_MILLION_MB),
    ]


def _wall_s(work: Callable[[], object]) -> float:
    """Return the wall seconds of a function."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
