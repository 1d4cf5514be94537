"""Measure a class on one machine: thirty visitors, each with two worlds.

The visitors are pages without a browser (`viz.bench.wire`), since thirty browsers would occupy both
cores. Memory is measured relative to a server that one visitor has used and left, so that modules
and compiled functions, which every server loads once, are not attributed to the visitors.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from experiments.bench import BenchError, Measurement
from viz.bench.served import ServerProcess, Usage, run_server
from viz.bench.wire import HeadlessPage
from viz.screen.session.choice import FINEST, Choice
from viz.screen.session.visitors import migrants_per_year

VISITORS, PACE = 30, 4  # pages; days per second
PEOPLE = 10_000  # simulated migrants a year in each world, at most
#: Upper bounds: seconds for `PACE` days with a tolerance of 5 %; cores; MB per visitor; seconds
#: until the processor is idle; number of visitors and worlds that remain.
DAYS_S, CORES, MEMORY_MB, IDLE_S, REMAINING = 1.05, 2.0, 15.0, 60.0, 0.0
_MEASURED = 60.0  # seconds in which all worlds run and are measured
_WARM_UP = 5.0  # seconds in which all worlds run before
_BUILD = 600.0  # seconds until all worlds must be built
_CLEANUP = 75.0  # seconds after which an aborted page must be removed
_IDLE = 0.05  # share of a core below which the processor is idle
_STEADY = 10.0  # seconds for which it must be idle
_SAMPLING = 2.0  # seconds between two samples of the usage


@dataclass
class ClassSession:
    """A measured session of a class."""

    idle: Usage  # without visitors
    begun: Usage  # at the start of the measurement
    done: Usage  # at its end
    drawn: Sequence[int]  # frames of each visitor between `begun` and `done`
    build_s: float  # seconds until all worlds could run
    people: int  # simulated migrants a year in each world
    samples: Sequence[Usage]  # from the moment when all websockets were closed
    client_cores: float = 0.0  # used by the visitors themselves


def measure() -> list[Measurement]:
    """Run a server and a class of visitors; raise ``BenchError`` if that fails."""
    with run_server() as server:
        return measurements(asyncio.run(_run_class(server)))


def measurements(session: ClassSession) -> list[Measurement]:
    """Compute the measurements of a session."""
    idle, begun, done, last = session.idle, session.begun, session.done, session.samples[-1]
    wall, days = done.at - begun.at, done.days - begun.days
    paces = sorted(frames / wall for frames in session.drawn)
    count, typical = len(paces), median(paces)
    cpu, simulation = done.cpu - begun.cpu, done.simulation - begun.simulation
    setting = (
        f"{typical:.2f} days a second; {count} visitors, two worlds of {session.people:,} "
        f"simulated migrants a year each, {wall:.0f} s, {session.build_s:.0f} s to build all worlds"
    )
    shares = (
        f"{1e3 * simulation / max(days, 1):.1f} ms to simulate a day of a world, "
        f"{1e3 * (cpu - simulation) / max(sum(session.drawn), 1):.1f} ms for the rest of a frame; "
        f"the visitors themselves {session.client_cores:.2f} cores"
    )
    memory = (
        f"{idle.mb:.0f} MB without visitors, {done.mb:.0f} MB with all, on day "
        f"{done.days // (2 * count)} on average"
    )
    rest = (
        f"below {_IDLE:.0%} of a core for {_STEADY:.0f} s; {last.cpu - session.samples[0].cpu:.1f} "
        f"CPU s in {_CLEANUP:.0f} s, with the removal of the visitors"
    )
    pace_s, after = f"seconds for {PACE} days", f"after {_CLEANUP:.0f} s"
    worst, threads = f"{paces[0]:.2f} days a second", f"{last.threads - idle.threads:+} threads"
    rows = [
        (f"{pace_s}, median visitor", PACE / max(typical, 1e-9), "s", DAYS_S, setting),
        (f"{pace_s}, worst visitor", PACE / max(paces[0], 1e-9), "s", DAYS_S, worst),
        ("processor of the server", cpu / wall, "cores", CORES, shares),
        ("memory per visitor", (done.mb - idle.mb) / count, "MB", MEMORY_MB, memory),
        ("time until the processor is idle", idle_time(session.samples), "s", IDLE_S, rest),
        (f"visitors {after}", float(last.visitors), "visitors", REMAINING, ""),
        (f"worlds {after}", float(last.worlds), "worlds", REMAINING, threads),
        (f"memory {after}", last.mb - idle.mb, "MB", None, "the next class uses it again"),
    ]
    return [Measurement(f"Class: {name}", *values) for name, *values in rows]


def idle_time(samples: Sequence[Usage]) -> float:
    """Return the seconds from the first sample until the processor is idle and remains so.

    Later work is not counted, such as deleting the data of aborted pages after a minute.
    """
    spans = list(itertools.pairwise(samples))
    for start, _ in spans:
        following = [(a, b) for a, b in spans if start.at <= a.at < start.at + _STEADY]
        if all((b.cpu - a.cpu) / (b.at - a.at) < _IDLE for a, b in following):
            return start.at - samples[0].at
    return samples[-1].at - samples[0].at


async def _run_class(server: ServerProcess) -> ClassSession:
    """Measure one visit; then open all visits, run them, and abort them."""
    scale = scale_for(PEOPLE)
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
        before, own = [page.drawn for page in pages], time.process_time()
        begun = server.usage()
        await asyncio.sleep(_MEASURED)
        done, own = server.usage(), time.process_time() - own
        drawn = [page.drawn - count for page, count in zip(pages, before, strict=True)]
    except TimeoutError:
        raise BenchError(f"not all worlds were built after {_BUILD:.0f} s") from None
    finally:
        for page in pages:
            await page.abort()
    people = migrants_per_year(Choice(scale=scale).scenario(0))
    samples, cores = await _sample(server, _CLEANUP), own / (done.at - begun.at)
    return ClassSession(idle, begun, done, drawn, build_s, people, samples, cores)


async def _first_visit(server: ServerProcess, scale: int) -> Usage:
    """Return the resource use after one complete visit."""
    page = HeadlessPage(server.url, _query(scale, 0))
    await page.open()
    await asyncio.wait_for(page.wait_ready(), _BUILD)
    await page.click_run()
    await asyncio.sleep(_WARM_UP)
    await page.close()
    return (await _sample(server, _WARM_UP))[-1]


async def _sample(server: ServerProcess, seconds: float) -> list[Usage]:
    """Sample the usage of the server for a number of seconds."""
    samples = [server.usage()]
    while samples[-1].at - samples[0].at < seconds:
        await asyncio.sleep(_SAMPLING)
        samples.append(server.usage())
    return samples


def _query(scale: int, seed: int) -> str:
    """Return the query of one visitor's page."""
    return f"?{Choice(scale=scale, seed=seed).query()}"


def scale_for(people: int) -> int:
    """Return the finest scale with at most this number of simulated migrants a year."""
    return -(-migrants_per_year(Choice(scale=FINEST).scenario(0)) * FINEST // people)
