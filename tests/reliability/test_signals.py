"""SIGINT and SIGTERM end every command soon, at any moment, and leave usable files."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.scenario import SettingError
from experiments.sweeps.store import SweepResults
from tests.reliability.tries import TRIES

ROUNDS = max(1, TRIES // 1000)
PATIENCE = 8  # seconds; five are promised, and a loaded machine may need more
COMMANDS = {
    "run": ("run", "--scenario", "classroom", "--days", "2000", "--json"),
    "compare": ("compare", "fence", "--days", "400", "--reps", "8"),
    "sweep": ("sweep", "first_look"),
    "curve": ("curve", "--reps", "2"),
    "sensitivity": ("sensitivity",),
    "effects": ("effects",),
    "validate": ("validate", "--scale", "200"),
    "optimise": ("optimise", "--out", "best"),
    "ask": ("ask", "--quick", "--out", "asked"),
    "calibrate": ("calibrate", "--out", "fitted"),
    "replay": ("replay", "fence", "--days", "400"),
    "policies": ("policies",),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_signal_ends_a_command(name: str, tmp_path: Path, record_property: Callable[..., None]):
    rng = random.Random(name)
    record_property("tried", ROUNDS)
    for k in range(ROUNDS):
        folder, number = tmp_path / str(k), rng.choice((signal.SIGINT, signal.SIGTERM))
        folder.mkdir()
        code, text = interrupted(COMMANDS[name], number, 6 * rng.random() ** 2, folder)
        assert "Traceback" not in text and "Warning" not in text, text
        # Otherwise, the process was killed before the program began.
        started = code != -number or bool(text)
        assert not started or code in (0, 128 + number), f"exit code {code}: {text}"
        check_files(folder)


DROPPED = """
import os, signal, weakref
from viz.server.signals import interrupt_on_signals

class Held:
    {method}

def interrupt(*_):
    os.kill(os.getpid(), signal.{name})
    for _ in range(1000):  # the handler runs here, where Python drops exceptions
        pass

with interrupt_on_signals():
    held = Held()
    callback = weakref.ref(held, interrupt)
    del held
    print("continued")
"""
METHODS = {"destructor": "__del__ = lambda self: interrupt()", "callback": "pass"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
def test_a_signal_where_python_drops_exceptions_ends_the_command(
    number: signal.Signals, method: str
):
    code = DROPPED.format(name=number.name, method=METHODS[method])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, "", "")


def interrupted(
    words: tuple[str, ...], number: signal.Signals, after: float, folder: Path
) -> tuple[int, str]:
    """Run a command and send a signal after some seconds; return the exit code and stderr."""
    command = [sys.executable, "-m", "viz.cli", *words]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until_started(process.pid)
        time.sleep(after)
        process.send_signal(number)
        _, text = process.communicate(timeout=PATIENCE)
        return process.returncode, text
    finally:
        process.kill()
        assert not living(process.pid), "a worker survives its command"


def wait_until_started(pid: int) -> None:
    """Wait until a process has used enough CPU time to install its handlers.

    CPU time is a safe measure on a busy machine, too.
    """
    ticks = 0.2 * os.sysconf("SC_CLK_TCK")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        used = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        if int(used[11]) + int(used[12]) >= ticks:
            return
        time.sleep(0.02)


def living(group: int) -> bool:
    """Return whether a process of a group still exists after three minutes."""
    for _ in range(3600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return True


def check_files(folder: Path) -> None:
    """Check that every file can be read, or is a ledger whose runs are not planned yet."""
    for file in folder.rglob("*"):
        if file.suffix == ".json":
            json.loads(file.read_text(encoding="utf-8"))
        elif file.suffix == ".html":
            assert file.read_text(encoding="utf-8").rstrip().endswith("</html>")
        elif file.name == "ledger.sqlite":
            try:
                SweepResults(file.parent).frame()
            except SettingError as error:  # The next start plans the runs.
                assert error.reason.endswith("has no sweep")
