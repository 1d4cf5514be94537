"""Compare both engines in random worlds, and write the result to the reliability page.

    uv run --group dev python -m tests.laws.engines_page

compares 300 worlds in two processes (`--worlds 30` compares 30). It returns 1 if a world differs
or an event occurs in no world. `tests/laws/test_two_engines.py` compares the same worlds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from abm.policies import registry
from agents.outcomes import Event
from tests.laws.engine_cases import Comparison, compare
from tests.page_blocks import RELIABILITY, today, write_block

WORLDS, PROCESSES = 300, 2


def compare_world(number: int) -> Comparison:
    """Compare both engines in a numbered world, with its files in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        return compare(number, Path(folder))


def compare_worlds(numbers: Iterable[int]) -> Iterator[Comparison]:
    """Compare worlds in two processes; yield each comparison as soon as it is complete."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        for one in as_completed([pool.submit(compare_world, number) for number in numbers]):
            yield one.result()


def worlds_by_event(worlds: Iterable[Comparison]) -> dict[str, int]:
    """Return the number of worlds in which each event occurs, in event order."""
    found = Counter(event for world in worlds for event in world.events)
    return {event.name: found[event.name] for event in Event}


def is_met(worlds: Sequence[Comparison]) -> bool:
    """Return whether no world differs and every event occurs in at least one world."""
    return not any(one.different for one in worlds) and all(worlds_by_event(worlds).values())


def section(worlds: Sequence[Comparison]) -> str:
    """Build the section for the reliability page.

    Args:
        worlds: the comparisons.

    Returns:
        Markdown: totals, the worlds that differ, the events that occur in no world, and how many
            worlds have each of the five rarest events.
    """
    events = worlds_by_event(worlds)
    lines = _totals(worlds)
    lines += [
        f"- World {one.number} differs: {'; '.join(one.different)}."
        for one in worlds
        if one.different
    ]
    missing = [name for name, count in events.items() if not count]
    rarest = sorted((count, name) for name, count in events.items() if count)[:5]
    lines += [
        f"- Events that occur in no world: {', '.join(missing) or 'none'}. The rarest: "
        f"{', '.join(f'`{name}` in {count}' for count, name in rarest)}."
    ]
    return "\n".join(lines)


def _totals(worlds: Sequence[Comparison]) -> list[str]:
    """Return the totals as a Markdown list."""
    policies = frozenset[str]().union(*(one.policies for one in worlds))
    equal = sum(not one.different for one in worlds)
    return [
        f"The engines were compared on {today()}.",
        "",
        f"- Worlds: {len(worlds)}; the histories are equal in {equal} of them.",
        f"- Agents who set out: {sum(one.set_out for one in worlds):,}, in "
        f"{sum(one.agent_days for one in worlds):,} agent-days.",
        f"- Policies: {len(policies)} of {len(registry())} occur, in "
        f"{sum(bool(one.policies) for one in worlds)} worlds.",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Return 1 if a world differs or an event occurs in no world."""
    parser = argparse.ArgumentParser(prog="python -m tests.laws.engines_page")
    parser.add_argument("--worlds", type=int, default=WORLDS, help=f"default {WORLDS}")
    worlds = []
    for one in compare_worlds(range(parser.parse_args(arguments).worlds)):
        result = "; ".join(one.different) or "equal"
        print(f"world {one.number}: {result}, {one.set_out:,} agents set out", flush=True)
        worlds.append(one)
    worlds.sort(key=lambda one: one.number)
    text = section(worlds)
    print(text)
    write_block(RELIABILITY, "engines", text)
    return int(not is_met(worlds))


if __name__ == "__main__":
    raise SystemExit(main())
