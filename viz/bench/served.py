"""The server of the screen in a separate process that reports its memory and time.

``python -m viz.bench.served`` is that process: it runs the server of ``twoborders serve``, answers
every line on its standard input with its usage as JSON, and stops at the end of the input.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO

from experiments.bench import BenchError

_URL = re.compile(r"is at (http://127\.0\.0\.1:\d+)/")
_PATIENCE = 20.0  # seconds until a server that does not stop is killed


@dataclass(frozen=True, slots=True)
class Usage:
    """Resources that the server has used up to a moment, and its memory at that moment."""

    at: float  # the moment, seconds of a monotonic clock
    cpu: float  # CPU seconds of the process
    simulation: float  # CPU seconds in which days were simulated
    days: int  # simulated, summed over worlds
    mb: float  # resident memory without shared pages, MB
    threads: int
    visitors: int
    worlds: int


class ServerProcess:
    """A running server; ``url`` is its address."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Wait until the server prints its address."""
        assert process.stdin and process.stdout and process.stderr
        self._input, self._output = process.stdin, process.stdout
        self.url = _read_url(process.stderr)
        # a full pipe would block the server
        threading.Thread(target=process.stderr.read, daemon=True).start()

    def usage(self) -> Usage:
        """Return the usage of the server; raise ``BenchError`` if it has stopped."""
        try:
            self._input.write("\n")
            self._input.flush()
            return Usage(**json.loads(self._output.readline()))
        except (OSError, ValueError):
            raise BenchError("the server of the screen has stopped") from None


@contextmanager
def run_server() -> Iterator[ServerProcess]:
    """Run a server on a free port of this machine."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "viz.bench.served"]
    process = subprocess.Popen(command, text=True, **pipes)
    try:
        yield ServerProcess(process)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def _read_url(output: IO[str]) -> str:
    """Return the address that the server prints; raise an error with its last line otherwise."""
    last = "it printed nothing"
    for line in output:
        if found := _URL.search(line):
            return found[1]
        last = line.strip() or last
    raise BenchError(f"the server of the screen did not start: {last}")


# ---- in the process of the server ----------------------------------------------------------------


def _main() -> int:
    """Serve the screen and report the usage."""
    from viz.cli.shell import guarded
    from viz.server.serve import ServeOptions, serve

    loops = _collect_loops()
    threading.Thread(target=_report, args=(loops,), name="usage", daemon=True).start()
    return guarded(lambda: serve(ServeOptions(port=0)))


def _collect_loops() -> list[weakref.ref]:
    """Return a list of weak references to which every run loop is added when it starts."""
    from viz.screen.session.runloop import RunLoop

    loops: list[weakref.ref] = []
    begin = RunLoop.begin

    def begin_collected(self: RunLoop) -> None:
        loops.append(weakref.ref(self))
        begin(self)

    RunLoop.begin = begin_collected
    return loops


def _report(loops: list[weakref.ref]) -> None:
    """Print the usage for every line of the input; stop the process at its end."""
    for _ in sys.stdin:
        print(json.dumps(asdict(_usage(loops))), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


def _usage(loops: list[weakref.ref]) -> Usage:
    """Measure the usage of this process."""
    import psutil

    from viz.screen.session.visitors import VISITOR_LIMITS

    memory = psutil.Process().memory_info()
    alive = [loop for ref in loops if (loop := ref()) is not None]
    return Usage(
        at=time.monotonic(),
        cpu=time.process_time(),
        simulation=sum(loop.work_s for loop in alive),
        days=sum(len(log) for loop in alive for log in loop.logs),
        mb=(memory.rss - getattr(memory, "shared", 0)) / 1e6,
        threads=threading.active_count(),
        visitors=VISITOR_LIMITS.n_visitors,
        worlds=sum(len(loop.recorders) for loop in alive),
    )


if __name__ == "__main__":
    sys.exit(_main())
