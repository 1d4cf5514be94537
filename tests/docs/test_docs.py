"""Test the documentation pages: Python runs, commands parse, scenarios load, links resolve.

Python blocks with >>> run as doctests, with one namespace and one empty folder per page. Commands
are parsed and their arguments are checked without running a model.
"""

from __future__ import annotations

import doctest
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from abm.scenario import Scenario, SettingError, load_scenario, parse_set
from abm.scenario.policy_specs import parse_policy
from experiments.compare import policies_of
from experiments.design import read
from experiments.design.samples import METHODS
from experiments.scenarios import find, names
from viz.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_WORDS = re.compile(r"\b(illegals?|illegally|aliens?)\b", re.IGNORECASE)


def name_of(page: Path) -> str:
    """Return the path of a page relative to the root."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """Yield line number and text of every fenced block of a language."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        if match[1] == language:
            yield text.count("\n", 0, match.start()) + 1, match[2]


def examples(page: Path) -> doctest.DocTest:
    """Return all Python blocks of a page that have a prompt as one doctest."""
    parser, page_examples = doctest.DocTestParser(), []
    for line, text in blocks(page, "python"):
        if ">>>" in text:
            block_examples = parser.get_examples(text)
            for example in block_examples:
                example.lineno += line
            page_examples += block_examples
    return doctest.DocTest(
        page_examples, {"__name__": "__main__"}, name_of(page), str(page), 0, None
    )


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield location and arguments of every `twoborders` command in the shell blocks."""
    for line, text in blocks(page, "sh"):
        for one in text.replace("\\\n", " ").splitlines():
            words = shlex.split(one, comments=True)
            if "twoborders" in words:
                start = words.index("twoborders") + 1
                stop = next((i for i, w in enumerate(words) if w in ("|", ">", "&&", ";")), None)
                yield f"{name_of(page)}:{line}: {one.strip()}", words[start:stop]


with_python = [page for page in PAGES if examples(page).examples]
with_commands = [command for page in PAGES for command in commands(page)]
toml = [
    pytest.param(text, id=f"{name_of(page)}:{line}")
    for page in PAGES
    for line, text in blocks(page, "toml")
]
_DESIGN = re.compile(rf"^\[+({'|'.join(METHODS)})\]", re.MULTILINE)
with_designs = [block for block in toml if _DESIGN.search(str(block.values[0]))]
with_toml = [block for block in toml if block not in with_designs]


@pytest.mark.parametrize("page", with_python, ids=name_of)
def test_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    output: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(examples(page), out=output.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(output)


def test_the_guides_to_worlds_run_in_one_folder_and_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("own_world", "worlds", "own_world"):
        test_python_runs(ROOT / "docs" / "guides" / f"{name}.md", tmp_path, monkeypatch)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_command_names_a_world_only_after_the_page_has_created_it(page: Path):
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"^.*twoborders .*--world (\w+)", text, re.MULTILINE):
        assert re.search(rf"\b{match[1]}\b", text[: match.start()]), match[0]


@pytest.mark.parametrize("words", [pytest.param(w, id=location) for location, w in with_commands])
def test_commands_parse(words: list[str]):
    group: Any = typer.main.get_command(app)
    if not words or words[0].startswith("-"):
        options = {option for param in group.params for option in param.opts} | {"--help", "-h"}
        assert set(words) <= options
        return
    assert words[0] in group.commands, f"unknown command {words[0]}"
    command = group.commands[words[0]]
    given = command.make_context(words[0], words[1:]).params
    check_scenario(given)


def check_scenario(given: dict[str, Any]) -> None:
    """Check that the policies, settings and packaged scenarios of a command exist."""
    if "scenario" not in given:
        return
    named = given["scenario"]
    scenario = (
        find(named) if named in names() else find("baseline")
    )  # a file that the reader writes
    assert named in names() or named.endswith(".toml")
    changes = dict(parse_set(text) for text in given.get("sets") or ())
    changes |= {k: given[k] for k in ("days", "scale") if given.get(k) is not None}
    scenario = scenario.with_settings(changes)
    for text in [*(given.get("arms") or ()), *(given.get("policies") or ())]:
        policies_of(scenario, [parse_policy(part) for part in re.split(r"\+(?=[a-z])", text)])


@pytest.mark.parametrize("text", with_toml)
def test_scenarios_load(text: str):
    scenario = load_scenario(text, "a page", find)
    policies_of(scenario, scenario.policies)
    assert load_scenario(scenario.to_toml()) == scenario


@pytest.mark.parametrize("text", with_designs)
def test_designs_load(text: str):
    design = read(text, "a page")
    assert isinstance(design.scenario_at(len(design.points) - 1), Scenario)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path):
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.partition("#")[0]).exists(), f"{target} does not exist"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_use_the_terms_of_the_field(page: Path):
    text = page.read_text(encoding="utf-8")
    assert not _WORDS.search(text)
    assert "deported" not in text.lower()  # use removal, return or expulsion


def test_every_page_is_linked_from_the_index():
    docs, visited = ROOT / "docs", set()
    queue = [docs / "index.md"]
    while queue:
        page = queue.pop()
        if page in visited or page.suffix != ".md":
            continue
        visited.add(page)
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            if "://" not in target:
                queue.append((page.parent / target.partition("#")[0]).resolve())
    assert set(docs.rglob("*.md")) <= visited


def test_invalid_commands_options_and_policies_raise_errors():
    with pytest.raises(AssertionError):
        test_commands_parse(["frobnicate"])
    with pytest.raises(Exception, match="bogus"):
        test_commands_parse(["run", "--bogus"])
    with pytest.raises(SettingError):
        test_commands_parse(["compare", "fense"])
