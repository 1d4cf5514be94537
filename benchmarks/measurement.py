"""Record measurements with their bounds, describe the machine, and time processes."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.sweeps.executors import cores

ROOT = Path(__file__).parents[1]


class BenchmarkError(RuntimeError):
    """A measurement failed. The message gives the reason in one line."""


@dataclass(frozen=True)
class Measurement:
    """A measured value with its upper or lower bound, if there is one."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    detail: str = ""
    is_minimum: bool = False  # True if the bound is a lower bound

    @property
    def good(self) -> bool | None:
        """Return whether the value is within the bound, or None without a bound."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.is_minimum else self.value <= self.bound


def machine() -> dict[str, str]:
    """Describe the machine, without which measurements cannot be interpreted."""
    processors: list[str] = []
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        processors = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return {
        "processor": processors[0] if processors else platform.processor() or platform.machine(),
        "cores": str(cores()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def run_command(words: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a repository module in a new process.

    Args:
        words: module name and arguments.
        environment: variables that are added to the environment.

    Returns:
        Standard output.

    Raises:
        BenchmarkError: the process failed. The message ends with the last line of its errors.
    """
    process = subprocess.run(
        [sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
        cwd=ROOT,
    )
    if process.returncode:
        last_line = (process.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchmarkError(f"{' '.join(words)} ended with {process.returncode}: {last_line}")
    return process.stdout


@dataclass(frozen=True)
class Cost:
    """CPU seconds of a process with its children, and its wall seconds."""

    cpu_s: float
    wall_s: float


def time_process(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Time a new Python process from its start to its end.

    Args:
        words: options and arguments of Python.
        folder: working folder, whose modules take precedence over installed modules.
        environment: variables that are added to the environment.

    Raises:
        BenchmarkError: the process failed. The message has its last error line.
    """
    variables = {**os.environ, **environment}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # Otherwise, every start compiles all sources.
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *words],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=variables,
            cwd=folder,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            last_line = (errors.read().decode().strip().splitlines() or ["no message"])[-1]
            name = " ".join(words)
            raise BenchmarkError(f"{name} ended with {process.returncode}: {last_line}")
    return Cost(usage.ru_utime + usage.ru_stime, wall)
