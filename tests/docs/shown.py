"""Collect the commands and code blocks on pages, and the commands that any text mentions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from viz.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md"), *ROOT.glob(".github/**/*.md")])
PAGES.remove(ROOT / "CHANGELOG.md")  # It names commands of earlier versions.
PACKAGES = ("twoborders", "viz", "experiments", "abm", "agents")
GROUP: Any = typer.main.get_command(app)

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MENTION = re.compile(r"`(?:uv run )?twoborders ([a-z]+)([^`]*)`")
_MODULE = re.compile(r"python -m ((?:agents|abm|experiments|viz|twoborders|tests)\.[\w.]*\w)")


@dataclass(frozen=True)
class Shown:
    """A line of a shell block (`sh`), or a block of Python or TOML, with its page and line."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def words(self) -> list[str]:
        """Return the words of a command, without variables and `uv run` with its options."""
        words = shlex.split(self.text, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words = words[1:]
        if words and words[0].endswith("uv") and words[1:2] == ["run"]:
            words = words[2:]
            while words and words[0].startswith("--"):
                words = words[2:]
        return [words[0].rpartition("/")[2], *words[1:]] if words else []


def shown_on(path: Path) -> Iterator[Shown]:
    """Yield a Markdown page's commands and blocks in page order."""
    page, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        if match[1] in ("python", "toml"):
            yield Shown(page, line, match[1], match[2])
        elif match[1] in ("sh", "console"):
            for row in match[2].replace("\\\n", " ").splitlines():
                for command in row.split("&&"):
                    yield Shown(page, line, "sh", command.strip().removeprefix("$ "))


def options_of(command: Any) -> dict[str, Any]:
    """Return a command's options by name, including `--help`."""
    params = command.get_params(typer.Context(command))
    names = ((name, p) for p in params for name in (*p.opts, *p.secondary_opts))
    return {name: param for name, param in names if name[0] == "-"}


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and text of every page, source file and screen text."""
    sources = (path for package in PACKAGES for path in (ROOT / package).rglob("*"))
    for path in [*PAGES, *(path for path in sources if path.suffix in (".py", ".toml", ".js"))]:
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def mentions(text: str) -> set[tuple[str, tuple[str, ...]]]:
    """Return the commands that a text mentions in backticks, each with its options."""
    return {
        (name, tuple(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)))
        for name, rest in _MENTION.findall(text)
    }


def modules(text: str) -> set[str]:
    """Return the modules that a text runs as commands."""
    return set(_MODULE.findall(text))
