"""The example page for Mesa's tools in a browser: Step, Play and Reset, with Mesa 3 and 4."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.model import BorderModel
from viz.screen.session.frames import FrameRecorder

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "mesa.md"

#: Without pings, a browser stays connected although compilation blocks the server.
SOLARA = """
import functools, uvicorn
from solara.__main__ import main
uvicorn.Config = functools.partial(uvicorn.Config, ws_ping_interval=None)
main()
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Return the address of the page in Solara, and the file with the server's messages."""
    blocks = re.findall(
        r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (recipe,) = (block for block in blocks if "page = SolaraViz(" in block)
    (tmp_path / "page.py").write_text(recipe, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["run", "page.py", "--port", str(port), "--no-open", "--production"]
    root, messages = GUIDE.parents[2], tmp_path / "messages"
    with messages.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", SOLARA, *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=out,
            stderr=out,
        )
    try:
        address = f"http://127.0.0.1:{port}/"
        for _ in range(600):
            assert server.poll() is None, messages.read_text()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address, timeout=60).close()
                break
            time.sleep(0.5)
        yield address, messages
    finally:
        server.terminate()
        server.wait(180)


#: Script that returns the frames of the maps: the model's flows, and A and B of the difference.
FRAMES = """() => [...document.querySelectorAll("*")].filter((node) => node.tbMap)
  .flatMap(({ tbMap }) => ["frame", "frame_a", "frame_b"].map((name) => tbMap.model.get(name)))
  .filter((view) => view?.byteLength)
  .map((view) => [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)])"""


def frame_after_a_day(policies: list[str]) -> list[int]:
    """Return the frame of the page's model, which the test simulates itself."""
    model = BorderModel(scale=1000, days=90, warmup_days=60, rng=7, policies=policies)
    recorder = FrameRecorder(model)
    model.run_for(1)
    return list(recorder.record())


def test_step_play_and_reset_work_in_a_browser(served: tuple[str, Path], open_page) -> None:
    """Reset builds the page's model again, whose days can then be simulated again."""
    address, messages = served
    page = open_page(address, 1280, 900)

    def click(label: str) -> None:
        page.get_by_role("button", name=label, exact=True).click()

    first = page.get_by_text("2012-10-01, scale 1000: 0 candidates")
    first.wait_for()
    click("Step")
    page.get_by_text("Time: 1.0").wait_for()
    second = page.get_by_text("2012-10-02, scale 1000").inner_text()
    plain, other = frame_after_a_day([]), frame_after_a_day(["southern_border_control:3"])
    assert plain != other
    expected = [plain, plain, other]
    page.wait_for_function(
        f"frames => JSON.stringify(({FRAMES})()) === frames",
        arg=json.dumps(expected, separators=(",", ":")),
    )
    assert page.locator(".tb-chart").count() == 1
    click("Reset")
    first.wait_for()
    page.get_by_text("Time: 0.0").wait_for()
    page.wait_for_function(f"({FRAMES})().length === 0")
    click("Step")
    page.get_by_text("Time: 1.0").wait_for()
    assert page.get_by_text("2012-10-02, scale 1000").inner_text() == second
    page.wait_for_function(f"({FRAMES})().length === 3")
    click("▶")
    page.get_by_text(re.compile(r"^Time: ([3-9]|\d\d)\.0$")).wait_for()
    assert "Traceback" not in messages.read_text()
