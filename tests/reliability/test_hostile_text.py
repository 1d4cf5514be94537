"""Text of a scenario or of a design is shown as text, in every page that is written."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from viz.cli import app

HOSTILE = (
    "<script>window.hacked=1</script>",
    "\"'><img src=x onerror=window.hacked=1>",
    "</title><svg onload=window.hacked=1>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "javascript:window.hacked=1//",
    "]]><!--window.hacked=1",
    "</script><script>window.hacked=1</script>",
)


class Reader(HTMLParser):
    """Collects the code of a page: scripts, and attributes that run when something happens."""

    def __init__(self) -> None:
        super().__init__()
        self.code: list[str] = []
        self.in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script" and "json" not in (dict(attrs).get("type") or "")
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.code.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_script:
            self.code.append(data)


def scenario(folder: Path, text: str) -> Path:
    """A scenario whose texts are hostile."""
    file = folder / "scenario.toml"
    quoted = json.dumps(text)
    file.write_text(f'extends = "classroom"\nname = {quoted}\ndoc = {quoted}\n', encoding="utf-8")
    return file


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("command", ["compare", "replay"])
def test_a_page_shows_the_text_of_a_scenario_as_text(command: str, text: str, tmp_path: Path):
    page = tmp_path / "page.html"
    out = page if command == "replay" else tmp_path
    words = [command, "fence", "--scenario", str(scenario(tmp_path, text)), "--days", "20"]
    words += ["--scale", "1000", "--out", str(out)]
    words += ["--reps", "1", "--jobs", "1"] if command == "compare" else []
    assert not app.app(words, standalone_mode=False)
    (page,) = tmp_path.rglob("*.html")
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert not [code for code in reader.code if "window.hacked" in code and not quoted(code, text)]


def quoted(code: str, text: str) -> bool:
    """Whether a script holds the text as a string only, which cannot end the script."""
    if "</script" in code.lower() or "<!--" in code:
        return False
    escaped = json.dumps(text)[1:-1]
    return any(one in code for one in (escaped, escaped.replace("<", "\\u003c")))
