"""Text in a scenario, a design or a world appears as text; unprintable text is refused."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from abm.scenario import Scenario, load_scenario
from abm.scenario.tree import settings_of
from abm.world.errors import WorldError
from abm.world.routes import PACKAGED, load_world
from agents.param import SettingError
from tests.reliability.cases import check_refusal
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
    """Collect the code on a page: scripts, and attributes that run code on an event."""

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
    """Write a scenario with hostile texts."""
    file = folder / "scenario.toml"
    quoted = json.dumps(text)
    file.write_text(f'extends = "classroom"\nname = {quoted}\ndoc = {quoted}\n', encoding="utf-8")
    return file


@pytest.mark.parametrize("command", ["compare", "replay"])
def test_a_page_shows_the_text_of_a_scenario_as_text(command: str, tmp_path: Path):
    text = " ".join(HOSTILE)
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
    """Return whether a script contains the text only in a string that cannot end the script."""
    if "</script" in code.lower() or "<!--" in code:
        return False
    escaped = json.dumps(text)[1:-1]
    return any(one in code for one in (escaped, escaped.replace("<", "\\u003c")))


# ---- control characters and characters that reorder text -----------------------------------------

HIDDEN = ("\x00", "\x07", "\x1b[2J", "\r", "\x7f", "\x9b31m", "\ud800", "\uffff")
HIDDEN += ("\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069")
TEXTS = [name for name in settings_of(Scenario) if isinstance(getattr(Scenario(), name), str)]
CHANGE = {"release": 0.5, "source": "an example"}


def assert_refused(read: Callable[[], object], field: str, hidden: str) -> None:
    """Check that a refusal is one line that names the field and the character."""
    with pytest.raises((SettingError, WorldError)) as caught:
        read()
    check_refusal(caught.value)
    escape = hidden[0].encode("unicode_escape").decode()
    assert field in str(caught.value) and escape in str(caught.value)


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_every_text_of_a_scenario_refuses_a_hidden_character(hidden: str):
    text = f"a{hidden}b"
    assert {"name", "doc", "supply", "world"} <= {*TEXTS}
    for name in TEXTS:
        assert_refused(lambda name=name: Scenario(**{name: text}), name, hidden)
        assert_refused(lambda name=name: load_scenario({name: text}), name, hidden)
    for name in ("source", "doc"):
        changes = {"consequence_changes": [{**CHANGE, name: text}]}
        assert_refused(lambda changes=changes: load_scenario(changes), name, hidden)


@pytest.mark.parametrize("hidden", [*"\t\u2028", *HIDDEN], ids=ascii)
def test_a_line_refuses_line_ends_and_a_text_accepts_them(hidden: str):
    assert_refused(lambda: Scenario(name=f"a{hidden}b"), "name", hidden)
    if hidden not in HIDDEN:
        assert Scenario(doc=f"a{hidden}b").doc == f"a{hidden}b"


@pytest.mark.parametrize("hidden", ["\x1b[2J", "\u202e", "\u200f", "\n", "\u2028"], ids=ascii)
@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("nodes.csv", "name"),
        ("nodes.csv", "admin"),
        ("nodes.csv", "coord_source"),
        ("edges.csv", "basis"),
    ],
)
def test_a_world_refuses_a_hidden_character(file: str, column: str, hidden: str, tmp_path: Path):
    folder = shutil.copytree(PACKAGED, tmp_path / "world")
    with (folder / file).open(encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    rows[3][rows[0].index(column)] = f"a{hidden}b"
    with (folder / file).open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    assert_refused(lambda: load_world(folder), f"{file}, row 4, column {column}", hidden)


@pytest.mark.parametrize("hidden", HIDDEN[1:], ids=ascii)
@pytest.mark.parametrize(
    ("before", "name"),
    [
        (["run", "--out", "x"], "--out"),
        (["run", "--scenario=x"], "--scenario"),
        (["run", "--set", "doc=x"], "--set"),
        (["compare", "x"], "argument"),
        (["sweep", "x.toml"], "argument"),
    ],
)
def test_the_command_line_refuses_a_hidden_character(
    before: list[str],
    name: str,
    hidden: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    *words, last = before
    assert app.app([*words, last + hidden], standalone_mode=False) == 2
    (line,) = capsys.readouterr().err.splitlines()
    escape = hidden[0].encode("unicode_escape").decode()
    assert line.startswith(f"error: {name}: ") and escape in line and line.isprintable()
