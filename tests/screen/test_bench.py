"""A page without a browser makes the server do what a page with one makes it do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from viz.bench.served import Served, served
from viz.bench.wire import Wire, read

pytestmark = pytest.mark.xdist_group("screen")
PATIENCE = 90.0
QUERY = "?scale=1000&days=60"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as one:
        yield one


def alone(work) -> Any:
    """Run it in a thread of its own: where a browser is open, this one has a loop already."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result(2 * PATIENCE)


async def until(what) -> None:
    async with asyncio.timeout(PATIENCE):
        while not what():
            await asyncio.sleep(0.1)


def test_a_page_without_a_browser_comes_runs_and_leaves(server: Served):
    async def visit() -> tuple[int, int]:
        page = Wire(server.url, QUERY)
        await page.come()
        async with asyncio.timeout(PATIENCE):
            await page.ready()
        assert server.used().visitors == 1 and server.used().worlds == 2
        await page.set_speed(30)
        await page.click_run()
        await until(lambda: page.drawn > 5)
        drawn, days = page.drawn, server.used().days
        await page.leave()
        return drawn, days

    drawn, days = alone(visit())
    assert days >= 2 * (drawn - 2)
    alone(until(lambda: server.used().visitors == 0))


def test_both_kinds_of_page_are_told_of_the_same_widgets(server: Served, chromium: str, open_page):
    from playwright.sync_api import Page

    page: Page = open_page("about:blank", 1440, 1000)
    told: Counter[str] = Counter()

    def came(data: str | bytes) -> None:
        told[str(read(data).state.get("_model_name"))] += read(data).kind == "comm_open"

    page.on("websocket", lambda socket: socket.on("framereceived", came))
    page.goto(f"{server.url}/{QUERY}", wait_until="commit")
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE * 1000)
    page.wait_for_selector(".tb-worldmap canvas", timeout=PATIENCE * 1000)

    async def widgets() -> Counter[str]:
        light = Wire(server.url, QUERY)
        await light.come()
        await light.ready()
        await asyncio.sleep(1.0)
        found = Counter(str(state["_model_name"]) for state in light.widgets.states.values())
        await light.leave()
        return found

    with ThreadPoolExecutor(1) as aside:  # this thread has a loop of the browser's
        found = aside.submit(asyncio.run, widgets()).result(PATIENCE)
    assert found["AnyModel"] == told["AnyModel"] > 2
    here = told.total() - told["None"]
    assert abs(found.total() - here) <= 0.1 * here  # some come and go while the worlds are built
