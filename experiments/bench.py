"""Measure the computing cost of the model on this machine, and check that equal cases are equal.

Every measurement runs in a separate process, so that memory and compilation are measured from
scratch. ``python -m experiments.bench`` is that process: it reads a case as JSON from its first
argument, runs it and prints the measurements as JSON.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.sweeps.executors import cores

#: Upper bounds of the measurements.
BOUNDS: dict[str, float | None] = {
    "million_cpu": 3.5,
    "million_mb": 600.0,
    "year_cpu": 0.5,
    "coarse_year_cpu": 0.25,
    "compare_wall": 60.0,
    "help_wall": 0.5,
    "same": 1.0,
}
#: Seed of the printed digests.
DIGEST_SEED = 7
#: A case of a second or less.
TINY: dict[str, Any] = {"scenario": "classroom", "set": {"scale": 1000, "days": 30}}
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
#: Variables of a process that uses one core.
ONE_THREAD: dict[str, str] = dict.fromkeys(_THREADS, "1")


@dataclass(frozen=True)
class Measurement:
    """A measured value with its upper or lower bound, if there is one."""

    name: str
    value: float
    unit: str
    bound: float | None
    detail: str = ""
    least: bool = False  # the bound is a lower one

    @property
    def good(self) -> bool | None:
        """Whether the value is within the bound; None without a bound."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.least else self.value <= self.bound


class BenchError(RuntimeError):
    """A measuring process failed."""


def million() -> list[Measurement]:
    """Measure a year in which at least a million people set out, each of them simulated."""
    result = run_child({"scenario": "million", "set": {}, "warm": True})
    set_out = result["set_out"]
    detail = f"{set_out:,} persons set out in {result['days']} days, {result['cpu_s']:.1f} CPU s"
    return [
        Measurement(
            "A million people for a year at scale 1, CPU per million who set out",
            result["cpu_s"] / set_out * 1e6,
            "CPU s",
            BOUNDS["million_cpu"],
            detail,
        ),
        Measurement(
            "The same, highest memory of the process", result["peak_mb"], "MB", BOUNDS["million_mb"]
        ),
    ]


def year() -> list[Measurement]:
    """Measure a year of the baseline at scale 100, as the mean of a run of three years."""
    result = run_child({"scenario": "baseline", "set": {"scale": 100}, "warm": True})
    years = result["days"] / 365
    detail = f"{years:.0f} years with build and warm-up, {result['agent_days']:,} agent-days"
    return [
        Measurement(
            "Baseline at scale 100, CPU per simulated year",
            result["cpu_s"] / years,
            "CPU s",
            BOUNDS["year_cpu"],
            detail,
        )
    ]


def coarse_year() -> list[Measurement]:
    """Measure a year of the baseline at scale 200, and its build and warm-up separately.

    The second run of the process starts from the stored warm-up of the first one.
    """
    result = run_child({"scenario": "baseline", "set": {"scale": 200}, "warm": True, "times": 2})
    years, run = result["days"] / 365, result["last_cpu_s"]
    return [
        Measurement(
            "Baseline at scale 200, CPU per simulated year without warm-up",
            run / years,
            "CPU s",
            BOUNDS["coarse_year_cpu"],
            f"mean of {years:.0f} years, nearly all of it outside the compiled functions",
        ),
        Measurement("The same, build and warm-up", result["cpu_s"] - run, "CPU s", None),
    ]


def same() -> list[Measurement]:
    """Compare runs of one case: twice in one process, and with other numbers of threads.

    These are threads of the libraries (Numba, OpenMP, OpenBLAS).
    """
    case = {"scenario": "baseline", "set": {"scale": 100, "days": 120}}
    digests = [
        *run_child(case | {"times": 2})["digests"],
        *run_child(case, ONE_THREAD)["digests"],
        *run_child(case, dict.fromkeys(_THREADS, "2"))["digests"],
    ]
    detail = "twice in one process, in others with libraries of 1 and 2 threads: " + ", ".join(
        digest[:10] for digest in digests
    )
    return [
        Measurement(
            "The number of threads of libraries does not change results: different daily records "
            "in four runs of one case",
            float(len(set(digests))),
            "records",
            BOUNDS["same"],
            detail,
        )
    ]


def digests(scenarios: Iterable[str] | None = None) -> dict[str, str]:
    """Compute the hash of the daily record of scenarios, with seed 7 and their full length.

    Equal digests before and after a change of the code mean that results have not changed.

    Args:
        scenarios: names or files (default: all packaged scenarios).

    Returns:
        Digests by scenario.

    Raises:
        BenchError: a run failed.
    """
    from experiments.scenarios import names

    selected = names() if scenarios is None else scenarios
    return {
        name: run_child({"scenario": name, "set": {}, "seed": DIGEST_SEED})["digests"][0]
        for name in selected
    }


PARTS: dict[str, Callable[[], list[Measurement]]] = {
    "million": million,
    "year": year,
    "coarse_year": coarse_year,
    "same": same,
}


def machine() -> dict[str, str]:
    """Describe the machine, without which measurements cannot be interpreted."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": _memory(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Return the model of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _memory() -> str:
    """Return the installed memory."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return "unknown"
    return f"{total / 1e9:.1f} GB"


def run_child(
    options: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    module: str = "experiments.bench",
) -> dict[str, Any]:
    """Run a case in a separate process.

    Args:
        options: for this module ``scenario`` (name or file), ``set`` (settings by dotted path), and
            optionally ``seed`` (default 1), ``times`` (runs of the case, default 1) and ``warm``
            (whether to run a small case first, so that compilation is not measured).
        environment: variables that are added to the environment.
        folder: a folder with the packages to import (default: as in this process).
        module: the module that is run; it reads the options as JSON from its first argument and
            prints its measurements as JSON.

    Returns:
        The printed measurements. For this module: cost of the first run (as ``RunResult.cost``),
        ``last_cpu_s``, the CPU seconds of the last run, ``set_out``, ``days``,
        ``digests``, and ``process_cpu_s``, the CPU seconds of the process from its start.

    Raises:
        BenchError: the process failed; the message has its last line of output.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, json.dumps(options)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise BenchError(f"a measuring process ended with {done.returncode}: {last}")
    return json.loads(done.stdout)


def _measure(options: Mapping[str, Any]) -> dict[str, Any]:
    """Run a case in this process and return its measurements."""
    from experiments.runs.case import Case
    from experiments.runs.run import run_one
    from experiments.scenarios import find

    if options.get("warm"):
        run_one(Case(find("classroom").with_settings(TINY["set"])))
    scenario = find(options["scenario"]).with_settings(options["set"])
    case = Case(scenario, options.get("seed", 1))
    results = [run_one(case) for _ in range(options.get("times", 1))]
    return results[0].cost | {
        "last_cpu_s": results[-1].cost["cpu_s"],
        "set_out": results[0].events["set_out"],
        "days": results[0].days,
        "digests": [result.digest for result in results],
        "process_cpu_s": time.process_time(),
    }


if __name__ == "__main__":
    print(json.dumps(_measure(json.loads(sys.argv[1]))))
