"""Collect every command and block that documentation, help, docstrings and messages show.

A *usage line* has a placeholder in capitals or brackets, names a command without its required
argument, or ends with an option whose value is missing. Only its command and options are checked.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import typer

from abm.policies import registry
from viz.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md"), *ROOT.glob(".github/**/*.md")])
PAGES.remove(ROOT / "CHANGELOG.md")  # it names commands of earlier versions
PACKAGES = ("twoborders", "viz", "experiments", "abm", "agents", "tests")
GROUP: Any = typer.main.get_command(app)

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(`{1,2})([^`]+)\1")
_PROGRAM = re.compile(
    r"(\w+=\S+ )*(\S*[/\\])?(twoborders(?= *$| +-*[\w[])"
    r"|(uv|python[\d.]*|pytest|bash|pip|npm|ruff|dask|srun|solara|pre-commit|sphinx-build) +[\w.-])"
)
_SLOW = re.compile(r"dask|serve --|solara run|twoborders (supply|doses)")
_PROSE = re.compile(r"\btwoborders +(?=[a-z-])")
_MODULE = re.compile(r"python -m [\w.]+\w(?: --[a-z][\w-]*(?: [\w./]+)?)*(?: > [\w./-]+\w)?")
_PLACEHOLDER = re.compile(r"\[.*|[A-Z][A-Z-]*(\|[A-Z]+)*((\[|:).*)?|.*\.\.\.$|.*\$[A-Z].*")


@dataclass(frozen=True)
class Shown:
    """A command or block, with its page (or source file) and line."""

    page: str
    line: int
    kind: str  # sh, python, toml or text; inline for code in a sentence
    text: str

    def __str__(self) -> str:
        first = self.text.strip().splitlines()[0]
        return f"{self.page}:{self.line}: {self.kind if self.is_block else first}"

    @property
    def is_block(self) -> bool:
        """Return whether it is a block of Python or TOML."""
        return self.kind in ("python", "toml")

    @property
    def is_slow(self) -> bool:
        """Return whether a command takes some seconds; only slow ones may need it."""
        return not self.is_block and bool(_SLOW.search(" ".join(self.words)))

    @cached_property
    def words(self) -> list[str]:
        """Return the words of the command, without `uv run` and the folder of the program."""
        text = self.text.replace("\\Scripts\\", "/bin/")  # of Windows
        return without_launcher(shlex.split(text, comments=True))

    @property
    def is_usage(self) -> bool:
        """Return whether a placeholder, a required argument or a value is missing."""
        words = [] if self.is_block else self.words
        if any(map(_PLACEHOLDER.fullmatch, words)):
            return True
        command = GROUP.commands.get(words[1]) if words[0:1] == ["twoborders"] != words else None
        if command is None or self.kind != "inline":
            return False
        last = options_of(command).get(words[-1])
        bare = {"--json", "--markdown"}.issuperset(words[2:])
        return (bare and any(p.required for p in command.params)) or bool(last and not last.is_flag)


def without_launcher(words: list[str]) -> list[str]:
    """Remove variables, `uv run` with its options, and the folder of the program."""
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if words and re.fullmatch(r"(\S*/)?uv", words[0]) and words[1:2] == ["run"]:
        words = words[2:]
        while words and words[0].startswith("--"):
            words = words[1 if words[0] == "--no-sync" else 2 :]
    if words and words[0].startswith((".uv/", ".venv/")):
        words = [words[0].rpartition("/")[2], *words[1:]]
    return words


def options_of(command: Any) -> dict[str, Any]:
    """Return the options of a command by name, with `--help`."""
    params = command.get_params(typer.Context(command))
    names = ((name, p) for p in params for name in (*p.opts, *p.secondary_opts))
    return {name: param for name, param in names if name[0] == "-"}


def of_code(page: str, line: int, kind: str, text: str) -> Iterator[Shown]:
    """Yield the commands of a shell block or of code in a sentence."""
    text = " ".join(text.split()) if kind == "inline" else text
    for match in re.finditer(r"(?:\\\n|.)+", text):
        line_of = line + text.count("\n", 0, match.start())
        for command in match[0].replace("\\\n", " ").split("&&"):
            shown = Shown(page, line_of, kind, command.strip().removeprefix("$ "))
            program = kind == "sh" or _PROGRAM.match(shown.text)
            if program and shown.words not in ([], ["python", "-m"]):
                yield shown


def of_prose(page: str, line: int, text: str) -> Iterator[Shown]:
    """Yield the commands of a message or a docstring: in backticks, and as words of a sentence."""
    for match in _SPAN.finditer(text):
        yield from of_code(page, line, kind_after(text[: match.start()]), match[2])
    rest = _SPAN.sub("`", text)
    for match in _MODULE.finditer(rest):
        yield Shown(page, line, "inline", match[0])
    for match in _PROSE.finditer(rest):
        if words := command_words(rest[match.end() :].split()):
            kind = kind_after(rest[: match.start()])
            yield Shown(page, line, kind, f"twoborders {' '.join(words)}")


def kind_after(text: str) -> str:
    """Return the kind of code after a text: a command that a message says to run is complete."""
    return "text" if re.search(r"\b[Rr]un $", text) else "inline"


def command_words(words: list[str]) -> list[str]:
    """Return the words at the beginning of a sentence that belong to a command."""
    name = words[0].strip(".,;:)'\"")
    if (command := GROUP.commands.get(name)) is None:
        return []
    options, taken = options_of(command), [name]
    arguments = any(param.param_type_name == "argument" for param in command.params)
    for word in () if words[0] != name else words[1:]:
        plain = word.strip(".,;:)'\"")
        value = taken[-1] in options and not options[taken[-1]].is_flag
        named = arguments and (plain in registry() or _PLACEHOLDER.fullmatch(plain))
        if not (value or named or plain in options):
            break
        taken.append(plain)
        if word != plain:
            break
    return taken


def of_page(path: Path) -> Iterator[Shown]:
    """Yield the commands and blocks of a Markdown page in its order."""
    page, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    found: list[Shown] = []
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match[1] in ("python", "toml"):
            found.append(Shown(page, line, match[1], match[2]))
        elif match[1] in ("sh", "console", "text"):
            kind = "text" if match[1] == "text" else "sh"
            found += of_code(page, line + 1, kind, match[2])
    rest = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in _SPAN.finditer(rest):
        found += of_code(page, rest.count("\n", 0, match.start()) + 1, "inline", match[2])
    yield from sorted(found, key=lambda shown: shown.line)


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of the strings of a source file; of a test, only of its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.is_relative_to(ROOT / "tests"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.FunctionDef) and (text := ast.get_docstring(node)):
                yield getattr(node, "lineno", 1), text
        return
    for node in ast.walk(tree):  # a node before its parts
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            yield (
                node.lineno,
                "".join(str(part.value) if part in parts else "X" for part in node.values),
            )
            for part in parts:
                part.value = None  # it is no text by itself


def of_sources() -> Iterator[Shown]:
    """Yield the commands of source files, texts of the screen, scripts and notebooks."""
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.*")):
        page = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            for line, text in strings_of(path):
                yield from of_prose(page, line, text)
        elif path.suffix in (".js", ".toml", ".html") and not page.startswith("tests"):
            for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield from of_prose(page, line, text)
    for name, command in GROUP.commands.items():
        for text in (command.help, *(getattr(param, "help", "") for param in command.params)):
            yield from of_prose(f"twoborders {name} --help", 1, text or "")
    for path in sorted(ROOT.glob("docs/notebooks/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            yield from of_prose(path.relative_to(ROOT).as_posix(), 1, "".join(cell["source"]))


@cache
def ci_commands() -> list[list[str]]:
    """Return the commands that `.ci/run` and `.ci/nightly` run, also those read from a page."""
    lines: list[str] = []
    for name in ("run", "nightly"):
        script = (ROOT / ".ci" / name).read_text(encoding="utf-8").replace("\\\n", " ")
        lines += script.splitlines()
        for start, page in re.findall(r"grep -m1 '\^([^']+)' (\S+\.md)", script):
            rows = (ROOT / page).read_text(encoding="utf-8").splitlines()
            lines += [next(row for row in rows if row.startswith(start))]
        for pages in re.findall(r"<!-- -->/p\" ((?:\S+\.md ?)+)", script):
            text = "".join((ROOT / page).read_text(encoding="utf-8") for page in pages.split())
            for mark in re.findall(r"^for which in ([\w ]+)", script, re.MULTILINE)[0].split():
                block = text.partition(f"<!-- {mark} -->")[2].partition("<!-- -->")[0]
                lines += re.findall(r"^\.uv/bin/uv run.*$", block, re.MULTILINE)[:1]
    parts = (re.split(r" #| >| &$", part)[0] for row in lines for part in row.split("&&"))
    return [without_launcher([word for word in part.split() if word != "-q"]) for part in parts]
