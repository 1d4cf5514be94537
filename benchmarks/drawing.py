"""Measure the CPU time with which a browser draws a day of Compare in software."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.browser import run_browser
from benchmarks.measurement import Measurement
from benchmarks.served import run_server
from viz.screen.session.choice import Choice

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession

#: Upper bound on the CPU ms per displayed day, at ten days per second.
DAY_MS = 25.0
#: The run, which is simulated before it is displayed; then its warm-up and its measured days.
CHOICE, FIRST, MEASURED = Choice(days=150, scale=1000), 20, 100
_DAY = "Number(document.querySelector('.tb-day b')?.innerText.split(' ').pop())"


def measure() -> list[Measurement]:
    """Run a server and a browser, or raise ``BenchmarkError`` if one of them fails."""
    with run_server() as server, run_browser() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(300_000)
        page.goto(f"{server.url}/?{CHOICE.query()}&day={CHOICE.days}")
        page.wait_for_function(f"{_DAY} === {CHOICE.days}")
        page.wait_for_function("document.querySelector('.tb-since')?.innerText.includes('9 seeds')")
        page.locator("h1").click()
        page.keyboard.press("Home")
        page.wait_for_function(f"{_DAY} === 0")
        page.locator(".tb-run").click()
        page.wait_for_function(f"{_DAY} >= {FIRST}", polling=100)
        processes = browser.new_browser_cdp_session()
        day, before = page.evaluate(_DAY), _cpu_ms(processes)
        page.wait_for_function(f"{_DAY} >= {FIRST + MEASURED}", polling=1_000)
        days, cpu = page.evaluate(_DAY) - day, _cpu_ms(processes) - before
    about = f"{days} days at 1440 x 900, all processes of the browser"
    return [Measurement("Drawing: CPU per day shown", cpu / days, "ms", DAY_MS, about)]


def _cpu_ms(browser: CDPSession) -> float:
    """Return all browser processes' CPU time since their start, in ms."""
    processes = browser.send("SystemInfo.getProcessInfo")["processInfo"]
    return 1e3 * sum(process["cpuTime"] for process in processes)
