"""Measure the default comparison, and a year in which a million people set out."""

from __future__ import annotations

import json
import tempfile
from typing import Any

from benchmarks.measurement import ROOT, Measurement, run_command, time_process

#: Upper bounds: seconds for a comparison, CPU seconds and MB for a million people.
MAX_COMPARE_S, MAX_MILLION_S, MAX_MILLION_MB = 15.0, 2.2, 420.0
_CLI = "viz.cli"
_SMALL_RUN = (_CLI, "run", "--scenario", "classroom", "--scale", "1000", "--days", "30")


def compare() -> list[Measurement]:
    """Measure the default comparison from the start of the process, with warm caches."""
    with tempfile.TemporaryDirectory() as folder:
        words = ("-m", _CLI, "compare", "--out", folder)
        wall = [time_process(words, ROOT, {}).wall_s for _ in range(2)][1]
    name = "`twoborders compare` with defaults, process start and report included"
    return [Measurement(name, wall, "s", MAX_COMPARE_S)]


def million() -> list[Measurement]:
    """Measure a year in which at least a million simulated people set out."""
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
    """Compile the kernels, then run a scenario. Return the JSON object that the command prints."""
    run_command(_SMALL_RUN)
    return json.loads(run_command((_CLI, "run", *words, "--json")))
