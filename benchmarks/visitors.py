"""Measure a class on one machine: thirty visitors, each with two worlds.

The visitors are pages without a browser (`benchmarks.wire`), since thirty browsers would occupy
all cores. Memory is measured relative to a server that one visitor has used and left, so that
modules and compiled functions, which every server loads once, are not attributed to the visitors.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measurement import BenchmarkError, Measurement
from benchmarks.served import ServerProcess, Usage, run_server
from benchmarks.wire import HeadlessPage
from viz.screen.session.choice import FINEST, Choice, migrants_per_year

VISITORS, PACE = 30, 4  # pages; days per second
PEOPLE = 10_000  # simulated migrants a year in each world, at most
#: Upper bounds: seconds for `PACE` days with a tolerance of 5 %, cores, MB per visitor, cores after
#: the class, and numbers of remaining visitors and worlds.
DAYS_S, CORES, MEMORY_MB, IDLE_CORES, REMAINING = 1.05, 2.0, 15.0, 0.05, 0.0
_MEASURED = 60.0  # seconds in which all worlds run and are measured
_WARM_UP = 5.0  # seconds in which all worlds run before the measurement
_BUILD = 600.0  # seconds within which all worlds must be built
_CLEANUP = 75.0  # seconds after which an aborted page must be removed
_IDLE = 10.0  # seconds at the end in which the processor must be idle


@dataclass
class ClassSession:
    """A class's measured session."""

    idle: Usage  # usage of the server without visitors
    start: Usage  # usage at the start of the measurement
    end: Usage  # usage of the server at the end of the measurement
    frames: Sequence[int]  # frames of each visitor between `start` and `end`
    build_s: float  # seconds until all worlds could run
    people: int  # simulated migrants a year in each world
    client_cores: float  # cores that the visitors themselves use
    after: tuple[Usage, Usage]  # usage at the start and end of the idle seconds after the class


def measure() -> list[Measurement]:
    """Run a server and a class that visits it, or raise ``BenchmarkError`` if either fails."""
    with run_server() as server:
        return measurements(asyncio.run(_run_class(server)))


def measurements(session: ClassSession) -> list[Measurement]:
    """Compute a session's measurements."""
    idle, start, end, (before, after) = session.idle, session.start, session.end, session.after
    wall, days, count = end.at - start.at, end.days - start.days, len(session.frames)
    paces = [max(n / wall, 1e-9) for n in session.frames]
    cpu, simulation = end.cpu - start.cpu, end.simulation - start.simulation
    setting = (
        f"{median(paces):.2f} days a second; {count} visitors, two worlds of {session.people:,} "
        f"simulated migrants a year each, {wall:.0f} s, {session.build_s:.0f} s to build all worlds"
    )
    shares = (
        f"{1e3 * simulation / max(days, 1):.1f} ms to simulate a day of a world, "
        f"{1e3 * (cpu - simulation) / max(sum(session.frames), 1):.1f} ms for the rest of a frame; "
        f"the visitors themselves {session.client_cores:.2f} cores"
    )
    memory = f"{idle.mb:.0f} MB without visitors, {end.mb:.0f} MB with all"
    left = f"{_CLEANUP:.0f} s after all connections are lost"
    idle_cores = (after.cpu - before.cpu) / (after.at - before.at)
    growth = f"{after.threads - idle.threads:+} threads, {after.mb - idle.mb:+.0f} MB"
    pace = f"seconds for {PACE} days"
    rows: list[tuple[str, float, str, float, str]] = [
        (f"{pace}, median visitor", PACE / median(paces), "s", DAYS_S, setting),
        (f"{pace}, worst visitor", PACE / min(paces), "s", DAYS_S, ""),
        ("processor of the server", cpu / wall, "cores", CORES, shares),
        ("memory per visitor", (end.mb - idle.mb) / count, "MB", MEMORY_MB, memory),
        (f"processor {left}", idle_cores, "cores", IDLE_CORES, ""),
        (f"visitors {left}", after.visitors, "visitors", REMAINING, ""),
        (f"worlds {left}", after.worlds, "worlds", REMAINING, growth),
    ]
    return [Measurement(f"Class: {row[0]}", *row[1:]) for row in rows]


async def _run_class(server: ServerProcess) -> ClassSession:
    """Measure one visit, then open all visits, run them, and abort them."""
    scale = finest_scale(PEOPLE)
    idle = await _first_visit(server, scale)
    pages = [HeadlessPage(server.url, _query(scale, seed)) for seed in range(1, VISITORS + 1)]
    began = time.monotonic()
    try:
        for page in pages:
            await page.open()
        await asyncio.wait_for(asyncio.gather(*(page.wait_ready() for page in pages)), _BUILD)
        build_s = time.monotonic() - began
        for page in pages:
            await page.set_speed(PACE)
            await page.click_run()
        await asyncio.sleep(_WARM_UP)
        drawn_before, client_cpu = [page.drawn for page in pages], time.process_time()
        start = server.usage()
        await asyncio.sleep(_MEASURED)
        end, client_cpu = server.usage(), time.process_time() - client_cpu
        frames = [page.drawn - count for page, count in zip(pages, drawn_before, strict=True)]
    except TimeoutError:
        raise BenchmarkError(f"not all worlds were built after {_BUILD:.0f} s") from None
    finally:
        for page in pages:
            await page.abort()
    people = migrants_per_year(Choice(scale=scale).scenario(0))
    client_cores = client_cpu / _MEASURED
    await asyncio.sleep(_CLEANUP)
    before = server.usage()
    await asyncio.sleep(_IDLE)
    after = before, server.usage()
    return ClassSession(idle, start, end, frames, build_s, people, client_cores, after)


async def _first_visit(server: ServerProcess, scale: int) -> Usage:
    """Return the server's usage after one complete visit."""
    page = HeadlessPage(server.url, _query(scale, 0))
    await page.open()
    await asyncio.wait_for(page.wait_ready(), _BUILD)
    await page.click_run()
    await asyncio.sleep(_WARM_UP)
    await page.close()
    await asyncio.sleep(_WARM_UP)
    return server.usage()


def _query(scale: int, seed: int) -> str:
    """Return one visitor's page query."""
    return f"?{Choice(scale=scale, seed=seed).query()}"


def finest_scale(people: int) -> int:
    """Return the finest scale with at most this number of simulated migrants a year."""
    return -(-migrants_per_year(Choice(scale=FINEST).scenario(0)) * FINEST // people)
