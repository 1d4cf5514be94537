"""Count the modules that a reader walks through to follow a command or a slider.

    python -m tests.walks

prints a line per walk. A walk enters a module if a function in it is called, also during an
import. Module bodies, class bodies and type parameters do not count. Each walk runs in a separate
process. The slider moves a policy's dose in the panel on the screen: this walk has the panel's
answer, the session's change, and the next day in both worlds with its frames. Building a world is
part of `run`.
"""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_SOURCE = ("agents", "abm", "experiments", "viz", "twoborders")
_SMALL = ("--scale", "1000", "--days", "30", "--json")
WALKS = {
    "run": ("run", "--policy", "fence:0.5", *_SMALL),
    "compare": ("compare", "--reps", "2", "--jobs", "1", *_SMALL),
}


SLIDER = "slider"


def entered(name: str) -> set[Path]:
    """Walk in this process and return the source files whose functions are called."""
    walk = _slider() if name == SLIDER else partial(_command, name)
    files: set[str] = set()

    def on_start(code: CodeType, offset: int) -> object:
        # This leaves out modules, class bodies and type parameters.
        if code.co_flags & inspect.CO_OPTIMIZED and not code.co_name.startswith("<generic"):
            files.add(code.co_filename)
        return sys.monitoring.DISABLE

    events = sys.monitoring.events
    sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "walks")
    sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, events.PY_START, on_start)
    sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, events.PY_START)
    walk()
    sys.monitoring.free_tool_id(sys.monitoring.COVERAGE_ID)
    return {path for top in _SOURCE for path in (_ROOT / top).rglob("*.py") if str(path) in files}


def _command(name: str) -> None:
    """Run a command in this process."""
    from viz.cli.app import app

    with tempfile.TemporaryDirectory() as folder:
        out = ("--out", folder) if name == "compare" else ()
        app([*WALKS[name], *out], standalone_mode=False)


def _slider() -> Callable[[], object]:
    """Build a visitor's worlds, and return the walk that moves a dose and shows the next day."""
    from viz.screen.panels.policy_actions import read_request
    from viz.screen.panels.policy_panel import apply_action
    from viz.screen.session.runloop import Phase
    from viz.screen.session.session import Session

    def built(session: Session) -> Any:
        while session.loop is None or session.loop.status.phase is Phase.BUILDING:
            time.sleep(0.01)
        return session.loop

    session = Session()
    session.choice.set(dataclasses.replace(session.choice.value, scale=1000, days=30))
    session.begin()
    loop = built(session)
    loop.on_status = session.on_status
    session._build = lambda scenarios, seed: None  # the worlds are built already
    message = {"do": "amount", "world": 1, "at": 0, "id": "southern_border_control", "value": "100"}

    def move() -> None:
        request = read_request(message)
        assert request is not None
        changed, _ = apply_action(session.words, session.choice.value, request, {})
        assert changed is not None
        session.set_choice(changed)
        loop.run()
        while loop.status.day < 1:
            time.sleep(0.01)
        loop.end(wait=60.0)

    return move


def main() -> None:
    """Print how many modules each walk enters; with a name, print the modules of that walk."""
    if len(sys.argv) > 1:
        print(
            "\n".join(str(path.relative_to(_ROOT)) for path in sorted(entered(sys.argv[1]))),
            file=sys.stderr,
        )
        return
    for name in (*WALKS, SLIDER):
        walk = [sys.executable, "-m", "tests.walks", name]
        result = subprocess.run(walk, cwd=_ROOT, capture_output=True, text=True, check=True)
        modules = [row for row in result.stderr.splitlines() if row.endswith(".py")]
        print(f"{name}: {len(modules)} modules")


if __name__ == "__main__":
    main()
