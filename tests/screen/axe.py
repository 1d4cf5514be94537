"""Check pages with axe-core, which is loaded from the npm registry and is not part of the package.

``python tests/screen/axe.py [--json]`` serves the screen and prints the faults of every page; the
test in ``test_access.py`` fails for those that are critical or serious. The archive is kept in the
folder of caches and is used only if its checksum is the one written here.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

VERSION = "4.14.1"
ADDRESS = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
#: The checksum that the registry publishes for this version (sha512).
INTEGRITY = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
SERIOUS = ("critical", "serious")
PATIENCE = 240_000  # ms
_PAIR = "a=status_quo&b=southern_border_control:250M@2012-12-01&days=90&scale=1000"


class State(NamedTuple):
    """A page in one state: its address, the element to wait for, and the clicks that follow."""

    name: str
    query: str
    ready: str
    press: str = ""
    then: str = ""


#: Every page of the screen, and the states of Compare that have further controls.
STATES = (
    State("start", "page=start", ".tb-opening"),
    State("compare", _PAIR, ".tb-worldmap canvas"),
    State(
        "compare, policies", _PAIR, ".tb-worldmap canvas", ".tb-open-policies", ".tb-drawer input"
    ),
    State("compare, difference", f"{_PAIR}&view=difference", ".tb-main canvas"),
    State("compare, person", f"{_PAIR}&view=person", ".tb-worldmap canvas"),
    State("sweep", "page=sweep", ".tb-main h2"),
    State("validate", "page=validate", ".tb-main table"),
    State("learn", "page=learn", ".tb-main h2"),
    State("about", "page=about", ".tb-main h2"),
)
LANGUAGES = ("en", "es")


class Fault(NamedTuple):
    """A fault that axe-core found on a page."""

    rule: str
    impact: str
    target: str
    html: str


#: Faults inside Vuetify 2, which the page cannot repair: rule, part of the element, reason.
VUETIFY: tuple[tuple[str, str, str], ...] = (
    ("nested-interactive", 'class="v-input__slot"', "the button of a list contains its text field"),
)


def source() -> str:
    """Return the script of axe-core; raises ``OSError`` if it cannot be loaded or was changed."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "two-borders-tests"
    kept = folder / f"axe-core-{VERSION}.tgz"
    archive = kept.read_bytes() if kept.is_file() else b""
    if not _is_genuine(archive):
        with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
            archive = answer.read()
        if not _is_genuine(archive):
            raise OSError(f"{ADDRESS} does not have the checksum that is written in axe.py")
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(archive)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        script = files.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


def _is_genuine(archive: bytes) -> bool:
    """Return whether an archive has the checksum of the registry."""
    return base64.b64encode(hashlib.sha512(archive).digest()).decode() == INTEGRITY


def open_state(page, url: str, state: State, language: str) -> None:
    """Open a page in a state and wait for its content."""
    page.goto(f"{url}?{state.query}&lang={language}")
    page.wait_for_selector(state.ready, timeout=PATIENCE)
    if state.press:
        page.locator(state.press).click()
        page.wait_for_selector(state.then, timeout=PATIENCE)
    page.wait_for_timeout(800)  # transitions of colours end


def faults(page, script: str) -> list[Fault]:
    """Return the faults of the page that is open, of any impact."""
    page.evaluate(script)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [
        Fault(rule["id"], rule["impact"], " ".join(map(str, node["target"])), node["html"])
        for rule in found
        for node in rule["nodes"]
    ]


def own(found: list[Fault]) -> Iterator[Fault]:
    """Yield the critical and serious faults that are not inside Vuetify."""
    for fault in found:
        known = any(fault.rule == rule and part in fault.html for rule, part, _ in VUETIFY)
        if fault.impact in SERIOUS and not known:
            yield fault


def _main() -> int:
    """Print the faults by page and language; return 1 if there are critical or serious ones."""
    from playwright.sync_api import sync_playwright

    from benchmarks.browser import FLAGS
    from benchmarks.served import run_server

    script, rows = source(), []
    with run_server() as server, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS])
        for state in STATES:
            for language in LANGUAGES:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                open_state(page, f"{server.url}/", state, language)
                found = faults(page, script)
                bad = list(own(found))
                rows.append(
                    {
                        "page": state.name,
                        "language": language,
                        "serious": len(bad),
                        "all": len(found),
                        "faults": [fault._asdict() for fault in found],
                    }
                )
                page.close()
        browser.close()
    if "--json" in sys.argv:
        print(json.dumps({"version": VERSION, "pages": rows}, indent=1))
    else:
        for row in rows:
            count = f"{row['serious']:4} serious{row['all']:5} in all"
            print(f"{row['page']:24}{row['language']:4}{count}")
            for fault in row["faults"]:
                print(f"    {fault['impact']:9}{fault['rule']:28}{fault['target'][:90]}")
    return int(any(row["serious"] for row in rows))


if __name__ == "__main__":
    sys.exit(_main())
