"""``twoborders bench``: cost and sameness on this machine, each figure beside its bound."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version

from agents.param import SettingError, meant
from experiments import bench_sweep
from experiments.bench import BOUNDS, PARTS, BenchError, Figure, machine
from viz import bench as screens
from viz.cli import console
from viz.cli.shell import FAILED, OK, PARTLY, print_json, say
from viz.figures.numbers import plain


def command(parts: Sequence[str], as_json: bool) -> int:
    """Measure the parts that were asked for (default all); 1 if records differ, 3 if one broke."""
    known = PARTS | bench_sweep.PARTS | {"compare": _compare, "help": _help} | screens.PARTS
    for part in parts:
        if part not in known:
            hint = meant(part, known) + f"Give one of {', '.join(known)}."
            raise SettingError("--part", f"{part!r} is not a part of the bench", hint)
    figures, broken = [], []
    for part in parts or known:
        say(f"measuring {part} ...")
        try:
            figures += known[part]()
        except BenchError as error:
            broken.append(f"{part}: {error}")
            say(f"warning: {broken[-1]}")
    _show(figures, broken, as_json)
    if broken:
        return PARTLY if figures else FAILED
    return FAILED if any(f.unit == "records" and not f.good for f in figures) else OK


def _compare() -> list[Figure]:
    """The comparison that somebody gets who names nothing, from the press of the key."""
    with tempfile.TemporaryDirectory() as folder:
        wall = _time("compare", "--out", folder)
    return [
        Figure(
            "`twoborders compare` with defaults, process start and report included",
            wall,
            "s",
            BOUNDS["compare_wall"],
        )
    ]


def _help() -> list[Figure]:
    """The help, the best of three."""
    wall = min(_time("--help") for _ in range(3))
    return [Figure("`twoborders --help`", wall, "s", BOUNDS["help_wall"])]


def _time(*words: str) -> float:
    """Wall seconds of a command in a process of its own."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "viz.cli", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise BenchError(f"twoborders {' '.join(words)} ended with {done.returncode}: {last}")
    return time.perf_counter() - start


def _show(figures: Sequence[Figure], broken: Sequence[str], as_json: bool) -> None:
    """Figures, bounds and the machine."""
    if as_json:
        told = [
            {
                "name": f.name,
                "value": f.value,
                "unit": f.unit,
                "bound": f.bound,
                "ok": f.good,
                "detail": f.detail,
            }
            for f in figures
        ]
        print_json(
            {
                "command": "bench",
                "version": version("twoborders"),
                "machine": machine(),
                "figures": told,
                "failed": list(broken),
            }
        )
        return
    console.line("Machine: " + ", ".join(f"{name} {value}" for name, value in machine().items()))
    marks = {True: "ok", False: "MISSED", None: ""}
    rows = [
        (
            f.name + (f"\n({f.detail})" if f.detail else ""),
            plain(f.value),
            f.unit,
            "-" if f.bound is None else plain(f.bound),
            marks[f.good],
        )
        for f in figures
    ]
    console.table("", ("figure", "measured", "unit", "at most", ""), rows)
