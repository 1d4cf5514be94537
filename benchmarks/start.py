"""Measure what a user waits for: compilation, imports, commands, and a simulated year."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.measurement import Measurement, run_command

#: Upper bounds: seconds, CPU seconds or MB.
MAX_FIRST_S, MAX_COMPARE_S, MAX_HELP_S, MAX_IMPORT_S = 20.0, 60.0, 0.5, 0.1
MAX_YEAR_S, MAX_MILLION_S, MAX_MILLION_MB = 0.5, 3.5, 600.0
_CLI = "viz.cli"
_SMALL_RUN = (_CLI, "run", "--scenario", "classroom", "--scale", "1000", "--days", "30")
_IMPORT = "import time; t = time.process_time(); import twoborders; print(time.process_time() - t)"


def first() -> list[Measurement]:
    """Measure a new user's first run, including process start and compilation."""
    with tempfile.TemporaryDirectory() as cache:
        cold, warm = (
            _wall_s(lambda: run_command(_SMALL_RUN, {"NUMBA_CACHE_DIR": cache})) for _ in range(2)
        )
    detail = f"the second run takes {warm:.1f} s"
    name = "First run, nothing compiled, process start included"
    return [Measurement(name, cold, "s", MAX_FIRST_S, detail)]


def compare() -> list[Measurement]:
    """Measure the default comparison, from process start."""
    with tempfile.TemporaryDirectory() as folder:
        wall = _wall_s(lambda: run_command((_CLI, "compare", "--out", folder)))
    name = "`twoborders compare` with defaults, process start and report included"
    return [Measurement(name, wall, "s", MAX_COMPARE_S)]


def help_text() -> list[Measurement]:
    """Measure `twoborders --help`, the shortest of three times."""
    wall = min(_wall_s(lambda: run_command((_CLI, "--help"))) for _ in range(3))
    return [Measurement("`twoborders --help`", wall, "s", MAX_HELP_S)]


def import_time() -> list[Measurement]:
    """Measure ``import twoborders``, the shortest of three times."""
    outputs = [subprocess.check_output([sys.executable, "-c", _IMPORT]) for _ in range(3)]
    return [Measurement("`import twoborders`", min(map(float, outputs)), "CPU s", MAX_IMPORT_S)]


def year() -> list[Measurement]:
    """Measure a baseline year at scale 100, as the mean over three years."""
    run = _run("--scenario", "baseline", "--scale", "100")
    years, cost = run["scenario"]["days"] / 365, run["cost"]
    name = "Baseline at scale 100, CPU per simulated year"
    detail = f"{years:.0f} years with build and warm-up, {cost['agent_days']:,} agent-days"
    return [Measurement(name, cost["cpu_s"] / years, "CPU s", MAX_YEAR_S, detail)]


def million() -> list[Measurement]:
    """Measure a year in which at least a million people set out, each one simulated."""
    run = _run("--scenario", "million")
    set_out, cost = run["events"]["set_out"], run["cost"]
    name = "A million people for a year at scale 1, CPU per million who set out"
    detail = f"{set_out:,} persons set out, {cost['cpu_s']:.1f} CPU s"
    cpu = cost["cpu_s"] / set_out * 1e6
    return [
        Measurement(name, cpu, "CPU s", MAX_MILLION_S, detail),
        Measurement("The same, highest memory", cost["peak_mb"], "MB", MAX_MILLION_MB),
    ]


def _run(*words: str) -> dict[str, Any]:
    """Run a scenario after the kernels are compiled and return the JSON that the command prints."""
    run_command(_SMALL_RUN)
    return json.loads(run_command((_CLI, "run", *words, "--json")))


def _wall_s(work: Callable[[], object]) -> float:
    """Return a function's wall seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
