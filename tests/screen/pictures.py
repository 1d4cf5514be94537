"""Write the pictures of the screen that README and guides show.

    python -m tests.screen.pictures

The first ready pair runs to its end, which takes some minutes.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.browser import run_browser
from tests.screen.conftest import ROOT, _serve
from viz.screen.session.pairs import PAIRS

FOLDER = ROOT / "docs" / "pictures"
_PATIENCE = 900_000  # milliseconds


def save(page: Any, name: str) -> None:
    """Write a picture with 256 colours, which takes a third of the space."""
    page.mouse.move(720, 870)
    page.wait_for_timeout(2_500)  # Wait until maps and charts are drawn.
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(256).save(Path(FOLDER / f"screen-{name}.png"), optimize=True)


def main() -> None:
    """Write the four pictures."""
    pair = PAIRS[0]
    with _serve() as address, run_browser() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector(".tb-start", timeout=_PATIENCE)
        save(page, "start")
        page.goto(f"{address}?{pair.choice.query()}&day={pair.days}")
        page.wait_for_function(
            f"document.body.innerText.includes('day {pair.days} of')"
            " && document.querySelector('.tb-answer').innerText.includes('fewer')",
            timeout=_PATIENCE,
        )
        save(page, "compare")
        page.get_by_role("button", name="Difference").click()
        save(page, "difference")
        page.get_by_role("button", name="Side by side").click()
        page.locator(".tb-person-view").click()
        page.wait_for_selector(".tb-person-table table", timeout=_PATIENCE)
        save(page, "journey")


if __name__ == "__main__":
    main()
