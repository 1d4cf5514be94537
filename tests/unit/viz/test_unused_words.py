"""Every text of the word tables is shown somewhere: sources write or build its whole key."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from viz.documents.comparison.sentences import PAPER
from viz.screen.words import table

ROOT = Path(__file__).resolve().parents[3]
#: Sources that write keys, and sources of the names of which keys are built.
SOURCES = "viz", "experiments/rows", "experiments/validation"
FOLDERS = "viz", "experiments", "abm", "agents"
#: Keys of values: of a lesson's dial, of units, and of what the model leaves out.
COMPUTED = re.compile(
    r"lesson\.\w+\.dial_value\.0_\d+|policies_panel\.percent\.\w+|about\.out\.\w+"
)
HOLE = r"([\w.]+)"  # a part that is known only when the program runs


def pattern(node: ast.expr) -> str:
    """Return an expression of a text as a pattern."""
    match node:
        case ast.Constant(value=str(text)):
            return re.escape(text)
        case ast.JoinedStr(values=values):
            return "".join(map(pattern, values))
        case ast.FormattedValue(value=ast.IfExp(body=body, orelse=orelse)):
            return f"(?:{pattern(body)}|{pattern(orelse)})"
    return HOLE


@cache
def written() -> tuple[set[str], list[re.Pattern[str]], set[str]]:
    """Return the texts of sources, the keys that they build of names, and names that exist."""
    texts, built = set[str](), set[str]()
    for path in (path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    texts.add(text)
                case ast.JoinedStr():
                    built.add(pattern(node))
                case ast.Call(func=ast.Attribute(attr="part"), args=[key]):
                    built.add(rf"{pattern(key)}\.{HOLE}")
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    files = [p for p in files if p.suffix in (".py", ".js", ".toml") and "i18n" not in p.parts]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    forms = [form for form in built if re.match(r"\w+(?:\\\.|_)", form)]
    forms += [rf"map\.{start}{HOLE}" for start in re.findall(r"\b(\w+_)\$?\{", code)]
    spaced = {name.replace(" ", "_") for name in re.findall(r'"(\w+(?: \w+)+)"', code)}
    names = {*re.findall(r"\w+", code), *spaced, *(name.lower() for name in spaced)}
    return texts, list(map(re.compile, forms)), {"", *PAPER, *names, *(p.stem for p in files)}


def is_used(key: str) -> bool:
    """Return whether sources write a key, or build it of names that exist."""
    texts, forms, names = written()
    found = [match for form in forms if (match := form.fullmatch(key))]
    is_built = any(names.issuperset(".".join(match.groups("")).split(".")) for match in found)
    return key in texts or is_built or COMPUTED.fullmatch(key) is not None


def test_every_text_is_shown_somewhere():
    assert not [key for key in table("en") if not is_used(key)]


@pytest.mark.parametrize(
    "key", ["nobody_shows_this", "layout.nobody_shows_this", "map.nobody_shows_this", "curves.run"]
)
def test_a_text_that_is_not_shown_is_found(key: str):
    assert not is_used(key)
