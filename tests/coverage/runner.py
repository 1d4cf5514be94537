"""Run the parts and combine what they measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.coverage.parts import Part
from tests.coverage.report import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
#: No second worker, and the same examples in every measurement.
_ARGUMENTS = ("-n", "0", "--tb=short", "--hypothesis-seed=0", "-p", "no:cacheprovider")

_PAUSE = 2.0  # seconds before data are combined again


class TestsFailedError(Exception):
    """Tests of a part failed, so its coverage is meaningless."""

    __test__ = False


def command(part: Part) -> list[str]:
    """Return the command that runs the tests of a part and measures their coverage."""
    marks = () if part.slow else ("-m", "not slow")
    left_out = (f"--ignore={file}" for file in part.without)
    words = (*_ARGUMENTS, *marks, *left_out, *part.tests)
    return [sys.executable, "-m", "coverage", "run", "-m", "pytest", *words]


def measure(part: Part, folder: Path) -> None:
    """Run a part, unless the folder already has its data.

    Args:
        part: tests.
        folder: where the data and the output of pytest are written.

    Raises:
        TestsFailedError: a test failed.
    """
    done = folder / f"{part.name}.done"
    if done.exists():
        return
    own = {
        "COVERAGE_FILE": str(folder / f"data.{part.name}"),
        "NUMBA_DISABLE_JIT": str(int(not part.compiled)),
        "PYTHONPATH": str(ROOT),
    }
    log = folder / f"{part.name}.log"
    with log.open("wb") as file:
        code = subprocess.run(
            command(part), cwd=ROOT, env=os.environ | own, stdout=file, stderr=file, check=False
        ).returncode
    if code:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]
        raise TestsFailedError("\n".join([f"the tests of the part {part.name} fail", *last]))
    done.touch()


def measure_all(parts: Iterable[Part], folder: Path, jobs: int) -> dict[str, Any]:
    """Run parts and combine their data.

    Args:
        parts: tests.
        folder: where the data are written; parts whose data it has are not run again.
        jobs: parts at a time.

    Returns:
        The JSON report of coverage.py.

    Raises:
        TestsFailedError: a test failed.
    """
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda part: measure(part, folder), parts))
    return combine(folder)


def combine(folder: Path) -> dict[str, Any]:
    """Return the JSON report of all data in a folder; the data are not deleted."""
    own = os.environ | {"COVERAGE_FILE": str(folder / "combined")}
    report = folder / "report.json"
    # tests also run code of the documentation, whose files cannot be parsed
    included = "--include=" + ",".join(f"{name}/*" for name in PACKAGES)

    def run(*words: str, check: bool = True) -> bool:
        command = [sys.executable, "-m", "coverage", *words]
        return subprocess.run(command, cwd=ROOT, env=own, check=check).returncode == 0

    for last in (False, False, True):  # a process that ends now deletes its file if it is empty
        data = [str(path) for path in sorted(folder.glob("data.*"))]
        if run("combine", "--keep", "-q", *data, check=last):
            break
        time.sleep(_PAUSE)
    run("json", "-q", included, "-o", str(report))
    return json.loads(report.read_text(encoding="utf-8"))
