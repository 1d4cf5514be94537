"""Run the screen server in a separate process that reports its memory and time.

``python -m benchmarks.served`` is this process. It runs the server of ``twoborders serve``, answers
every line on standard input with its usage as JSON, and stops when the input ends. With the
argument ``share`` it also listens on 127.0.0.2.
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

from benchmarks.measurement import BenchmarkError

_URL = re.compile(r"is at (http://127\.0\.0\.1:\d+)/")
_PATIENCE = 20.0  # seconds after which a server that does not stop is killed


@dataclass(frozen=True, slots=True)
class Usage:
    """Resources that the server has used until a moment, and its memory at this moment."""

    at: float  # the moment, seconds of a monotonic clock
    cpu: float  # CPU seconds of the process
    simulation: float  # CPU seconds in which days were simulated
    days: int  # simulated days, summed over worlds
    mb: float  # resident memory without shared pages, MB
    threads: int
    visitors: int
    worlds: int


class ServerProcess:
    """A running server, whose address is `url`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Wait until the server prints its address."""
        assert process.stdin and process.stdout and process.stderr
        self._input, self._output = process.stdin, process.stdout
        self.url = _read_url(process.stderr)
        # The output is read because a full pipe would block the server.
        threading.Thread(target=process.stderr.read, daemon=True).start()

    def usage(self) -> Usage:
        """Return the server's usage, or raise ``BenchmarkError`` if it has stopped."""
        try:
            self._input.write("\n")
            self._input.flush()
            return Usage(**json.loads(self._output.readline()))
        except (OSError, ValueError):
            raise BenchmarkError("the server of the screen has stopped") from None


@contextmanager
def run_server() -> Iterator[ServerProcess]:
    """Run a server on a free port."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "benchmarks.served"]
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
    """Return the address that the server prints, or raise an error with its last line."""
    last_line = "it printed nothing"
    for line in output:
        if match := _URL.search(line):
            return match[1]
        last_line = line.strip() or last_line
    raise BenchmarkError(f"the server of the screen did not start: {last_line}")


# ---- in the process of the server ----------------------------------------------------------------


def _main() -> int:
    """Serve the screen and report the usage."""
    from experiments.runs import warmup
    from viz.cli.shell import guarded
    from viz.server.serve import ServeOptions, serve

    warmup.share()
    loops = _collect_loops()
    threading.Thread(target=_report, args=(loops,), name="usage", daemon=True).start()
    options = ServeOptions(port=0, share="share" in sys.argv, address="127.0.0.2")
    return guarded(lambda: serve(options))


def _collect_loops() -> list[weakref.ref]:
    """Return a list to which every run loop is added, as a weak reference, when it starts."""
    from viz.screen.session.runloop import RunLoop

    loops: list[weakref.ref] = []
    begin = RunLoop.begin

    def begin_collected(self: RunLoop) -> None:
        loops.append(weakref.ref(self))
        begin(self)

    RunLoop.begin = begin_collected
    return loops


def _report(loops: list[weakref.ref]) -> None:
    """Print the usage for every input line, and stop when input ends."""
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
