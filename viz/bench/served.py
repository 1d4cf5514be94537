"""The server of the screen as a process of its own that says what it has used.

``python -m viz.bench.served`` is that process: the server that ``twoborders serve`` runs, which
answers every line on its standard input with its figures, and ends when nobody is there to ask.
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

_WHERE = re.compile(r"is at (http://127\.0\.0\.1:\d+)/")
_FAREWELL = 20.0  # seconds until a server that does not end is ended


@dataclass(frozen=True, slots=True)
class Used:
    """What the server has used up to now.

    ``cpu``: CPU seconds of the process; ``play``: those of them in which days were played;
    ``days``: days of worlds that were played; ``at``: seconds of a clock that never goes back;
    ``mb``: memory that holds no file, MB; ``visitors`` and ``worlds`` are those that are here.
    """

    at: float
    cpu: float
    play: float
    days: int
    mb: float
    threads: int
    visitors: int
    worlds: int


class Served:
    """A server that runs: where it is, and what it has used."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stderr is not None
        self.url = _address(process.stderr)
        # it must never wait for a reader of what it says
        threading.Thread(target=process.stderr.read, daemon=True).start()

    def used(self) -> Used:
        """Ask the server; raises ``BenchError`` if it is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
            return Used(**json.loads(self._process.stdout.readline()))
        except (OSError, ValueError):
            raise BenchError("the server of the screen has ended") from None


@contextmanager
def served() -> Iterator[Served]:
    """A server on a free port of this machine; it is ended in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "viz.bench.served"],
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield Served(process)
    finally:
        process.terminate()
        try:
            process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()


def _address(said: IO[str]) -> str:
    """Where the server says that it is; what it says instead is why there is none."""
    last = "it said nothing"
    for line in said:
        if found := _WHERE.search(line):
            return found[1]
        last = line.strip() or last
    raise BenchError(f"the server of the screen did not start: {last}")


# ---- in the process of the server ----------------------------------------------------------------


def _main() -> int:
    """Serve, and answer."""
    from viz.cli.shell import guarded
    from viz.server.serve import ServeOptions, serve

    loops = _watched_loops()
    threading.Thread(target=_answer, args=(loops,), name="figures", daemon=True).start()
    return guarded(lambda: serve(ServeOptions(port=0)))


def _watched_loops() -> list[weakref.ref]:
    """A list into which every loop comes that the screen makes; it keeps none alive."""
    from viz.screen.runloop import RunLoop

    made: list[weakref.ref] = []
    begin = RunLoop.begin

    def noted(self: RunLoop) -> None:
        made.append(weakref.ref(self))
        begin(self)

    RunLoop.begin = noted
    return made


def _answer(loops: list[weakref.ref]) -> None:
    """A line of figures for every line that comes; the end when there are no more."""
    for _ in sys.stdin:
        print(json.dumps(asdict(_used(loops))), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


def _used(loops: list[weakref.ref]) -> Used:
    """The figures of this process."""
    import psutil

    from viz.screen.visitors import VISITOR_LIMITS

    memory = psutil.Process().memory_info()
    alive = [loop for ref in loops if (loop := ref()) is not None]
    return Used(
        at=time.monotonic(),
        cpu=time.process_time(),
        play=sum(loop.work_s for loop in alive),
        days=sum(len(log) for loop in alive for log in loop.logs),
        mb=(memory.rss - getattr(memory, "shared", 0)) / 1e6,
        threads=threading.active_count(),
        visitors=VISITOR_LIMITS.n_visitors,
        worlds=sum(len(loop.recorders) for loop in alive),
    )


if __name__ == "__main__":
    sys.exit(_main())
