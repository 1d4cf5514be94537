"""A class at one machine: thirty visitors, each with two worlds of their own that run.

The visitors are pages without a browser (`viz.bench.wire`): thirty real ones would eat both cores.
Memory is counted above a server to which one visitor has come and from which it has gone, so that
what every server loads and compiles once is not put on thirty.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from experiments.bench import BenchError, Measurement
from viz.bench.served import Served, Used, served
from viz.bench.wire import Wire
from viz.screen.choice import FINEST, Choice
from viz.screen.visitors import migrants_per_year

VISITORS, PACE = 30, 4
PEOPLE = 10_000  # simulated migrants a year in each world, at most
#: Bounds: seconds for so many days as should take one, with a twentieth of tolerance; cores; MB a
#: visitor; seconds until the processor rests; what is left of visitors and worlds.
DAYS_S, CORES, MEMORY_MB, REST_S, LEFT = 1.05, 2.0, 15.0, 60.0, 0.0
_WATCHED = 60.0  # seconds for which all run
_WARM = 5.0  # seconds for which all run before
_BUILD = 600.0  # seconds until all worlds must stand
_GONE = 75.0  # seconds after which a visitor without a farewell must be forgotten
_IDLE = 0.05  # of a core: a processor that rests
_STEADY = 10.0  # seconds for which it must rest
_LOOKS = 2.0  # seconds between two looks at the processor


@dataclass
class Seen:
    """What was seen of a class: figures of the server and frames of every visitor.

    ``drawn``: frames of each visitor between ``begun`` and ``done``. ``looks``: figures of the
    server from the moment when all sockets were closed. ``built``: seconds until all could run.
    """

    idle: Used
    begun: Used
    done: Used
    drawn: Sequence[int]
    built: float
    people: int
    looks: list[Used] = field(default_factory=list)
    client: float = 0.0  # share of a core that the visitors themselves took


def measured() -> list[Measurement]:
    """Start a server, let a class come, run and go; raises ``BenchError`` where that fails."""
    with served() as server:
        return figures(asyncio.run(_class(server)))


def figures(seen: Seen) -> list[Measurement]:
    """The figures beside their bounds."""
    wall = seen.done.at - seen.begun.at
    paces = sorted(count / wall for count in seen.drawn)
    count = len(paces)
    told = (
        f"{count} visitors, two worlds of {seen.people:,} simulated migrants a year each, "
        f"{wall:.0f} s, {seen.built:.0f} s until all could run"
    )
    days = seen.done.days - seen.begun.days
    cpu, play = seen.done.cpu - seen.begun.cpu, seen.done.play - seen.begun.play
    shares = (
        f"{1e3 * play / max(days, 1):.1f} ms to play a day of a world, "
        f"{1e3 * (cpu - play) / max(sum(seen.drawn), 1):.1f} ms for all else of a frame; "
        f"the visitors themselves {seen.client:.2f} cores"
    )
    last = seen.looks[-1]
    return [
        Measurement(
            f"Class: seconds for {PACE} days, median visitor",
            PACE / max(median(paces), 1e-9),
            "s",
            DAYS_S,
            f"{median(paces):.2f} days a second; {told}",
        ),
        Measurement(
            f"Class: seconds for {PACE} days, worst visitor",
            PACE / max(paces[0], 1e-9),
            "s",
            DAYS_S,
            f"{paces[0]:.2f} days a second",
        ),
        Measurement("Class: processor of the server", cpu / wall, "cores", CORES, shares),
        Measurement(
            "Class: memory a visitor",
            (seen.done.mb - seen.idle.mb) / count,
            "MB",
            MEMORY_MB,
            f"{seen.idle.mb:.0f} MB idle, {seen.done.mb:.0f} MB with all, on day "
            f"{seen.done.days // (2 * count)} in the mean",
        ),
        Measurement(
            "Class: until the processor rests, all sockets closed",
            rests(seen.looks),
            "s",
            REST_S,
            f"below {_IDLE:.0%} of a core for {_STEADY:.0f} s; in the {_GONE:.0f} s "
            f"{last.cpu - seen.looks[0].cpu:.1f} CPU s in all, with the throwing away",
        ),
        Measurement(f"Class: visitors left after {_GONE:.0f} s", float(last.visitors), "visitors", LEFT),
        Measurement(
            f"Class: worlds left after {_GONE:.0f} s",
            float(last.worlds),
            "worlds",
            LEFT,
            f"{last.threads - seen.idle.threads:+} threads",
        ),
        Measurement(
            f"Class: memory kept after {_GONE:.0f} s",
            last.mb - seen.idle.mb,
            "MB",
            None,
            "of a class; the next class takes it again",
        ),
    ]


def rests(looks: Sequence[Used]) -> float:
    """Seconds from the first look until the processor rests and does so for a while.

    What comes later is not counted: after a minute all is thrown away that the dead have left.
    """
    spans = list(itertools.pairwise(looks))
    since = looks[0].at
    for before, _ in spans:
        soon = [(a, b) for a, b in spans if before.at <= a.at < before.at + _STEADY]
        if all(_share(a, b) < _IDLE for a, b in soon):
            return before.at - since
    return looks[-1].at - since


def _share(before: Used, after: Used) -> float:
    """Cores that the server took between two looks."""
    return (after.cpu - before.cpu) / (after.at - before.at)


async def _class(server: Served) -> Seen:
    """One visitor comes and goes, then all come, run, and go without a farewell."""
    scale = scale_for(PEOPLE)
    idle = await _first(server, scale)
    visitors = [Wire(server.url, _query(scale, seed)) for seed in range(1, VISITORS + 1)]
    began = time.monotonic()
    try:
        for visitor in visitors:
            await visitor.come()
        await asyncio.wait_for(asyncio.gather(*(one.ready() for one in visitors)), _BUILD)
        built = time.monotonic() - began
        for visitor in visitors:
            await visitor.set_speed(PACE)
            await visitor.click_run()
        await asyncio.sleep(_WARM)
        before, own = [one.drawn for one in visitors], time.process_time()
        begun = server.used()
        await asyncio.sleep(_WATCHED)
        done, own = server.used(), time.process_time() - own
        drawn = [one.drawn - count for one, count in zip(visitors, before, strict=True)]
    except TimeoutError:
        raise BenchError(f"not all worlds stood after {_BUILD:.0f} s") from None
    finally:
        for visitor in visitors:
            await visitor.die()
    people = migrants_per_year(Choice(scale=scale).scenario(0))
    looks = await _looks(server, _GONE)
    return Seen(idle, begun, done, drawn, built, people, looks, own / (done.at - begun.at))


async def _first(server: Served, scale: int) -> Used:
    """The server after one visitor has come, run and gone."""
    one = Wire(server.url, _query(scale, 0))
    await one.come()
    await asyncio.wait_for(one.ready(), _BUILD)
    await one.click_run()
    await asyncio.sleep(_WARM)
    await one.leave()
    return (await _looks(server, _WARM))[-1]


async def _looks(server: Served, seconds: float) -> list[Used]:
    """What the server has used, every few seconds for so long."""
    looks = [server.used()]
    while looks[-1].at - looks[0].at < seconds:
        await asyncio.sleep(_LOOKS)
        looks.append(server.used())
    return looks


def _query(scale: int, seed: int) -> str:
    """The address of one visitor's worlds."""
    return f"?{Choice(scale=scale, seed=seed).query()}"


def scale_for(people: int) -> int:
    """The finest scale at which no world has more simulated migrants a year than so many."""
    return -(-migrants_per_year(Choice(scale=FINEST).scenario(0)) * FINEST // people)
