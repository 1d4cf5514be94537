"""Commands on pages are accepted, code blocks load, and texts mention existing options.

The default suite parses the commands of all pages with their options, loads TOML and compiles
Python. The slow tests run all pages at a small scale.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import io
import re
import runpy
import shutil
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from abm.scenario import load_scenario
from experiments.comparison.compare import policies_of
from experiments.runs import files
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.sweeps import design_files as designs
from experiments.sweeps.design import METHODS
from tests.docs.shown import (
    GROUP,
    PAGES,
    ROOT,
    Shown,
    mentions,
    modules,
    options_of,
    shown_on,
    texts,
)
from viz.cli import timed_trial
from viz.cli.app import app

#: Values that replace those on the page. An option that the command has is added if missing.
SMALL = {"--scale": "1000", "--days": "30", "--reps": "1", "--jobs": "1"}
#: Keyword values that replace the values in Python blocks without prompts.
PYTHON = {"scale": "1000", "days": "30", "reps": "2", "range": "2"}
#: Commands for which only a dry run is made. A word of `STUDY_WORDS` has the same effect.
STUDIES = {"ask", "calibrate", "curve", "effects", "optimise", "sensitivity", "validate"}
STUDY_WORDS = {"--members", "--precision", "--executor", "portfolios", "record.csv", "backtest"}
#: Commands that never end or take minutes. Only their options are checked.
NOT_RUN = {"serve", "bench"}
#: Files that the reader has, or that come from a study that is not run.
RECORD = (ROOT / "tests/unit/api/record.csv").read_text(encoding="utf-8")
FILES = {
    "out/optimise/mixed_got_aways_500M.toml": 'extends = "classroom"',
    "record.csv": RECORD,
    "observed.csv": re.sub(r"\d{4}(?=-)", lambda year: str(int(year[0]) + 1), RECORD),
}
_DESIGN = re.compile(rf"^\[+({'|'.join(METHODS)})\]", re.MULTILINE)
SHOWN = {page.relative_to(ROOT).as_posix(): list(shown_on(page)) for page in PAGES}
TEXTS = dict(texts())


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, shown in SHOWN.items() if shown])
def test_what_a_page_shows_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run_shown(SHOWN[page], tmp_path, monkeypatch)


def test_guides_import_only_the_public_package():
    imported = re.compile(
        r"^(?:>>> |\.\.\. )?\s*(?:from|import) (abm|agents|experiments|viz)\b", re.M
    )
    pages = [name for name in SHOWN if re.match(r"README|docs/(first_finding|guides/)", name)]
    assert len(pages) > 12
    parts = [part for page in pages for part in SHOWN[page] if part.kind == "python"]
    assert [f"{part.page}:{part.line}" for part in parts if imported.search(part.text)] == []


def test_what_pages_show_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    for part in (part for shown in SHOWN.values() for part in shown):
        if part.kind == "sh":
            parse_command(part)
        elif part.kind == "toml":
            load_toml(part.text)
        elif ">>>" in part.text:
            doctest.DocTestParser().get_examples(part.text, part.page)
        else:
            compile(part.text, part.page, "exec")


def test_the_help_of_every_command_is_printed(capsys: pytest.CaptureFixture[str]):
    for name in GROUP.commands:
        assert app([name, "--help"], standalone_mode=False) == 0
        assert f"twoborders {name}" in capsys.readouterr().out


def test_mentioned_commands_and_options_exist():
    for page, text in TEXTS.items():
        for command, options in mentions(text):
            assert command in GROUP.commands, f"{page}: {command}"
            unknown = set(options) - options_of(GROUP.commands[command]).keys()
            assert not unknown, f"{page}: {command} has no {unknown}"


def test_modules_that_texts_tell_to_run_exist():
    named = {module for text in TEXTS.values() for module in modules(text)}
    assert len(named) > 5
    assert [module for module in named if importlib.util.find_spec(module) is None] == []


def write_files(folder: Path) -> None:
    """Write the files that a reader has."""
    shutil.copytree(ROOT / "docs/examples", folder / "docs/examples", dirs_exist_ok=True)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def run_shown(shown: list[Shown], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a page's commands and blocks in one folder and one namespace."""
    write_files(folder)
    names: dict[str, Any] = {"__name__": "__main__"}
    # A dataclass resolves the annotation ClassVar in the module of its class, which is __main__
    # here.
    monkeypatch.setattr(sys.modules["__main__"], "ClassVar", ClassVar, raising=False)
    monkeypatch.setattr(timed_trial, "run_one", small_trial)
    monkeypatch.setattr(designs, "load", small_design)
    monkeypatch.setattr(files, "write_text", outside_the_repository(files.write_text))
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for part in shown:
            if part.kind == "sh":
                run_command(part)
            elif part.kind == "toml":
                load_toml(part.text)
            else:
                run_python(part, names)


def words_of(shown: Shown) -> list[str]:
    """Return the arguments of a project command, or an empty list for another program."""
    program, *words = shown.words or [""]
    if program != "twoborders":
        return []
    return words[: words.index(">")] if ">" in words else words


def parse_command(shown: Shown) -> None:
    """Parse a command with its options without calling its function."""
    name, *words = words_of(shown) or ["--help"]
    if name[0] == "-":
        return
    command = GROUP.commands[name]
    context = command.make_context(name, [*words], resilient_parsing=True)
    assert not context.args, f"{shown}: unknown {context.args}"
    options = {word.partition("=")[0] for word in words if word[:2] == "--"}
    unknown = options - options_of(command).keys()
    assert not unknown, f"{shown}: no option {unknown}"


def run_command(shown: Shown) -> None:
    """Run a project command. Ignore other programs' commands."""
    words = shown.words
    if (
        words[:1]
        and words[0].startswith("python")
        and words[1:2]
        and words[1].endswith("_world.py")
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", words[1:])
            runpy.run_path(words[1], run_name="__main__")
    if not (words := words_of(shown)):
        return
    command = GROUP.commands.get(words[0]) if words[0][0] != "-" else None
    options = options_of(command) if command else {}
    if words[0] in NOT_RUN:
        return parse_command(shown)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = app(small(words, options), standalone_mode=False)
    assert code in (0, None), f"{shown}: exit code {code}: {output.getvalue()}"


def small(words: list[str], options: dict[str, Any]) -> list[str]:
    """Return a command with small values; only options that the command has are added."""
    values = dict(SMALL) if options else {}
    if "score" in words:  # The command runs nothing.
        return words
    if words[0] in STUDIES or STUDY_WORDS & {*words}:
        if "--executor" in words:
            words[words.index("--executor") + 1] = "processes"
        words, values = (
            [*(word for word in words if word != "--dry-run"), "--dry-run"],
            {"--jobs": "1"},
        )
    elif "--set" in options:
        words = [*words, "--set", "warmup_days=40"]
    for option, value in values.items():
        if option in words:
            words[words.index(option) + 1] = value
        elif option in options:
            words = [*words, option, value]
    return words


def load_toml(text: str) -> None:
    """Load a scenario or a design; save it under its own name."""
    if _DESIGN.search(text):
        loaded: Any = designs.read(text, "a page")
        loaded.scenario_at(len(loaded.points) - 1)
    else:
        loaded = load_scenario(text, "a page", find)
        policies_of(loaded, loaded.policies)
        assert load_scenario(loaded.to_toml()) == loaded
    Path(f"{loaded.name}.toml").write_text(text, encoding="utf-8")


def run_python(shown: Shown, names: dict[str, Any]) -> None:
    """Run a Python block. Run it as a doctest if it has prompts."""
    if ">>>" not in shown.text:
        text = shown.text
        for name, value in PYTHON.items():
            text = re.sub(rf"""\b({name}(?:["']?[=:] ?|\())\d+""", rf"\g<1>{value}", text)
        exec(compile(text, shown.page, "exec"), names)
        return
    examples = doctest.DocTestParser().get_examples(shown.text)
    test = doctest.DocTest(examples, {}, shown.page, shown.page, shown.line, None)
    test.globs, output = names, list[str]()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=output.append, clear_globs=False)
    assert output == [], "".join(output)


def small_trial(case: Any) -> Any:
    """Time a day of a tiny case."""
    tiny = {"scale": 1000, "days": 1, "warmup_days": 40}
    return run_one(replace(case, scenario=case.scenario.with_settings(tiny)))


def small_design(name: str | Path, load: Any = designs.load) -> Any:
    """Load a design with short runs, one seed and one member."""
    design = load(name)
    tiny = design.scenario.with_settings({"scale": 1000, "days": 30, "warmup_days": 40})
    return replace(design, scenario=tiny, reps=1, members=design.members[:1])


def outside_the_repository(write: Any) -> Any:
    """Return a function that writes a file unless the file belongs to the repository."""
    return lambda path, *text, **how: (
        None if Path(path).resolve().is_relative_to(ROOT) else write(path, *text, **how)
    )
