"""What the model costs on this machine, and whether equal cases give equal bytes.

Every measurement runs in a process of its own, so that memory and compilation are its own.
``python -m experiments.bench`` is that process: it reads what to play as JSON from its first
argument and prints what came out.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.pool import cores

#: Bounds beside which the figures are printed; None where there is none.
BOUNDS: dict[str, float | None] = {
    "million_cpu": 6.0,
    "million_mb": 600.0,
    "year_cpu": 0.5,
    "first_wall": 20.0,
    "compare_wall": 60.0,
    "help_wall": 0.5,
    "same": 1.0,
}
_TINY = {"scenario": "classroom", "set": {"scale": 1000, "days": 30}}
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Figure:
    """A measured figure and its bound; ``good`` is None where there is no bound."""

    name: str
    value: float
    unit: str
    bound: float | None
    detail: str = ""

    @property
    def good(self) -> bool | None:
        """Whether the value is at most the bound (or, for sameness, as many as it)."""
        return None if self.bound is None else self.value <= self.bound


class BenchError(RuntimeError):
    """A measuring process failed."""


def million() -> list[Figure]:
    """A year with every person simulated and at least a million setting out."""
    told = child({"scenario": "million", "set": {}, "warm": True})
    went = told["set_out"]
    detail = f"{went:,} persons set out in {told['days']} days, {told['cpu_s']:.1f} CPU s"
    return [
        Figure(
            "A million people for a year at scale 1, CPU per million who set out",
            told["cpu_s"] / went * 1e6,
            "CPU s",
            BOUNDS["million_cpu"],
            detail,
        ),
        Figure(
            "The same, highest memory of the process", told["peak_mb"], "MB", BOUNDS["million_mb"]
        ),
    ]


def year() -> list[Figure]:
    """A year of the baseline at scale 100, three years of which are played."""
    told = child({"scenario": "baseline", "set": {"scale": 100}, "warm": True})
    years = told["days"] / 365
    detail = f"{years:.0f} years with build and warm-up, {told['agent_days']:,} agent-days"
    return [
        Figure(
            "Baseline at scale 100, CPU per simulated year",
            told["cpu_s"] / years,
            "CPU s",
            BOUNDS["year_cpu"],
            detail,
        )
    ]


def first() -> list[Figure]:
    """The first run of a new user: nothing compiled yet, process start included."""
    with tempfile.TemporaryDirectory() as empty:
        start = time.perf_counter()
        child(_TINY, {"NUMBA_CACHE_DIR": empty})
        cold = time.perf_counter() - start
        start = time.perf_counter()
        child(_TINY, {"NUMBA_CACHE_DIR": empty})
        warm = time.perf_counter() - start
    return [
        Figure(
            "First run, nothing compiled, process start included",
            cold,
            "s",
            BOUNDS["first_wall"],
            f"the second run takes {warm:.1f} s",
        )
    ]


def same() -> list[Figure]:
    """One case twice in a process, in another process, and with one and two threads."""
    case = {"scenario": "baseline", "set": {"scale": 100, "days": 120}}
    digests = [
        *child(case | {"times": 2})["digests"],
        *child(case, dict.fromkeys(_THREADS, "1"))["digests"],
        *child(case, dict.fromkeys(_THREADS, "2"))["digests"],
    ]
    detail = "twice in one process, in others with 1 and 2 threads: " + ", ".join(
        digest[:10] for digest in digests
    )
    return [
        Figure(
            "Different daily records of one case played four times",
            float(len(set(digests))),
            "records",
            BOUNDS["same"],
            detail,
        )
    ]


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "million": million,
    "year": year,
    "first": first,
    "same": same,
}


def machine() -> dict[str, str]:
    """The machine by name: figures mean nothing without it."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": _memory(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def _processor() -> str:
    """Model of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _memory() -> str:
    """Installed memory."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return "unknown"
    return f"{total / 1e9:.1f} GB"


def child(what: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Play in a process of its own; raises ``BenchError`` with its last line if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "experiments.bench", json.dumps(what)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise BenchError(f"a measuring process ended with {done.returncode}: {last}")
    return json.loads(done.stdout)


def _play(what: Mapping[str, Any]) -> dict[str, Any]:
    """In the child: play, and say what it took."""
    from experiments.run import Case, run_one
    from experiments.scenarios import find

    if what.get("warm"):
        run_one(Case(find("classroom").with_settings(_TINY["set"])))
    case = Case(find(what["scenario"]).with_settings(what["set"]))
    results = [run_one(case) for _ in range(what.get("times", 1))]
    return results[0].cost | {
        "set_out": results[0].events["set_out"],
        "days": results[0].days,
        "digests": [result.digest for result in results],
    }


if __name__ == "__main__":
    print(json.dumps(_play(json.loads(sys.argv[1]))))
