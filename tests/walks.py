"""Modules that a reader walks through: how many a command or a slider enters.

    python -m tests.walks

prints a line per walk. A module is entered if one of its functions is called, also during an
import; module and class bodies do not count. Each walk has a process of its own.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import tempfile
from pathlib import Path
from types import CodeType

_ROOT = Path(__file__).resolve().parents[1]
_SOURCE = ("agents", "abm", "experiments", "viz", "twoborders")
_SMALL = ("--scale", "1000", "--days", "30", "--json")
WALKS = {
    "run": ("run", "--policy", "fence:0.5", *_SMALL),
    "compare": ("compare", "--reps", "2", "--jobs", "1", *_SMALL),
}


def entered(name: str) -> set[Path]:
    """Walk in this process and return the source files whose functions are called."""
    files: set[str] = set()

    def on_start(code: CodeType, offset: int) -> object:
        if code.co_flags & inspect.CO_OPTIMIZED:  # neither a module nor a class body
            files.add(code.co_filename)
        return sys.monitoring.DISABLE

    events = sys.monitoring.events
    sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "walks")
    sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, events.PY_START, on_start)
    sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, events.PY_START)
    _walk(name)
    sys.monitoring.free_tool_id(sys.monitoring.COVERAGE_ID)
    return {path for top in _SOURCE for path in (_ROOT / top).rglob("*.py") if str(path) in files}


def _walk(name: str) -> None:
    """Run a command in this process."""
    from viz.cli.app import app

    with tempfile.TemporaryDirectory() as folder:
        out = ("--out", folder) if name == "compare" else ()
        app([*WALKS[name], *out], standalone_mode=False)


def main() -> None:
    """Print how many modules each walk enters; with a name, the modules of that walk."""
    if len(sys.argv) > 1:
        print(
            "\n".join(str(path.relative_to(_ROOT)) for path in sorted(entered(sys.argv[1]))),
            file=sys.stderr,
        )
        return
    for name in WALKS:
        walk = [sys.executable, "-m", "tests.walks", name]
        result = subprocess.run(walk, cwd=_ROOT, capture_output=True, text=True, check=True)
        modules = [row for row in result.stderr.splitlines() if row.endswith(".py")]
        print(f"{name}: {len(modules)} modules")


if __name__ == "__main__":
    main()
