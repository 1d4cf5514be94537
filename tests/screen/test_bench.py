"""A page without a browser has the same effect on the server as a page with one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from viz.bench.served import ServerProcess, run_server
from viz.bench.wire import HeadlessPage, parse_message

PATIENCE = 180.0
QUERY = "?scale=1000&days=60"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with run_server() as one:
        yield one


def run_in_thread(work) -> Any:
    """Run a coroutine in another thread: with an open browser, this one already has a loop."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result(2 * PATIENCE)


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.1)


def test_a_page_without_a_browser_opens_runs_and_closes(server: ServerProcess):
    async def visit() -> tuple[int, int]:
        page = HeadlessPage(server.url, QUERY)
        await page.open()
        async with asyncio.timeout(PATIENCE):
            await page.wait_ready()
        assert server.usage().visitors == 1 and server.usage().worlds == 2
        await page.set_speed(30)
        await page.click_run()
        await until(lambda: page.drawn > 5)
        await page.click_run()  # a pause, so that all drawn days are counted
        await asyncio.sleep(1.0)
        drawn, days = page.drawn, server.usage().days
        await page.close()
        return drawn, days

    drawn, days = run_in_thread(visit())
    assert days >= 2 * (drawn - 2)
    run_in_thread(until(lambda: server.usage().visitors == 0))


def test_both_kinds_of_page_receive_the_same_widgets(
    server: ServerProcess, chromium: str, open_page
):
    from playwright.sync_api import Page

    page: Page = open_page("about:blank", 1440, 1000)
    received: Counter[str] = Counter()

    def count(data: str | bytes) -> None:
        message = parse_message(data)
        received[str(message.state.get("_model_name"))] += message.kind == "comm_open"

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    page.goto(f"{server.url}/{QUERY}", wait_until="commit")
    page.wait_for_selector(".tb-run:not([disabled])", timeout=PATIENCE * 1000)
    page.wait_for_selector(".tb-worldmap canvas", timeout=PATIENCE * 1000)

    async def widgets() -> Counter[str]:
        light = HeadlessPage(server.url, QUERY)
        await light.open()
        await light.wait_ready()
        await asyncio.sleep(1.0)
        found = Counter(str(state["_model_name"]) for state in light.widgets.states.values())
        await light.close()
        return found

    with ThreadPoolExecutor(1) as aside:  # this thread has the loop of the browser
        found = aside.submit(asyncio.run, widgets()).result(PATIENCE)
    assert found["AnyModel"] == received["AnyModel"] > 2
    here = received.total() - received["None"]
    assert (
        abs(found.total() - here) <= 0.1 * here
    )  # some widgets exist only while the worlds are built
