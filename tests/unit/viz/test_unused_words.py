"""Every text of the word tables is shown somewhere: its key is written or built in a source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from viz.documents.comparison.sentences import PAPER
from viz.screen.words import table

ROOT = Path(__file__).resolve().parents[3]
#: Tables whose words are handed to scripts as a whole; a script names the last part of the key.
SCRIPTED = {"map", "chart", "difference_map", "take", "policies_panel"}
#: Tables that a helper adds to the key: ``text("inside")`` is ``check.inside``.
ADDED = {"check": r"check\.", "lesson": r"lesson\.\w+\."}
#: Tables whose names are in a variable.
IN_A_VARIABLE = {"country"}
#: The group of a score is its key (`experiments.validation.scores`).
GROUPS_OF_SCORES = {"check.families_and_children"}
#: Sources that write keys, and sources of the names that keys are built of.
SOURCES = "viz", "experiments/rows", "experiments/validation"
FOLDERS = "viz", "experiments", "abm", "agents"
HOLE = "\0"  # a part that is known only when the program runs
WHOLE = "\1"  # all parts that follow


def pieces(node: ast.expr) -> str:
    """Write an expression of a text as a pattern."""
    match node:
        case ast.Constant(value=str(text)):
            return re.escape(text)
        case ast.JoinedStr(values=values):
            return "".join(pieces(value) for value in values)
        case ast.FormattedValue(value=value):
            return pieces(value)
        case ast.IfExp(body=body, orelse=orelse):
            return f"(?:{pieces(body)}|{pieces(orelse)})"
        case ast.Subscript(value=ast.Constant(value=str(letters))):
            return f"[{letters}]"
    return HOLE


def no_keys(tree: ast.Module) -> set[int]:
    """Ids of the constants that are not keys: documentation, indices, fields of a record."""
    found: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as text):
                found.add(id(text))
            case ast.Subscript(slice=index):
                found.add(id(index))
            case ast.JoinedStr(values=values):
                found |= {id(value) for value in values}
            case ast.FunctionDef() | ast.Lambda():  # tables of a module do have keys as names
                own = [one for one in ast.walk(node) if isinstance(one, ast.Dict)]
                found |= {id(key) for one in own for key in one.keys}
    return found


def texts(source: str) -> Iterator[str]:
    """Patterns of the texts in a Python source that may be keys."""
    tree = ast.parse(source)
    ignored = no_keys(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in ignored:
            yield pieces(node)
        match node:
            case ast.Call(func=ast.Attribute(attr="part"), args=[key]):
                yield pieces(key) + WHOLE  # all words below a key


def is_key(pattern: str) -> bool:
    """Whether a pattern may be one of a key, and is none of those that `ADDED` stands for."""
    if pattern in {rf"check\.{HOLE}", rf"lesson\.{HOLE}\.{HOLE}"}:
        return False
    if pattern.removesuffix(WHOLE) in SCRIPTED | IN_A_VARIABLE:
        return False
    return bool(re.match(r"\w+(?:\\\.|_)", pattern)) or not {HOLE, WHOLE} & {*pattern}


@cache
def read(*folders: str, ending: str = "py") -> str:
    """All sources of some folders, without the word tables."""
    paths = [path for one in folders for path in sorted((ROOT / one).rglob(f"*.{ending}"))]
    return "\n".join(p.read_text(encoding="utf-8") for p in paths if "i18n" not in p.parts)


@cache
def found_in_sources() -> set[str]:
    """Patterns of all texts in Python sources that may be keys."""
    sources = [path for one in SOURCES for path in (ROOT / one).rglob("*.py")]
    found = {one for path in sources for one in texts(path.read_text(encoding="utf-8"))}
    return {one for one in found if is_key(one)}


@cache
def built() -> list[re.Pattern[str]]:
    """The keys that Python sources build; a part that they compute is a group."""
    found = [one for one in found_in_sources() if {HOLE, WHOLE, "|", "["} & {*one}]
    return [re.compile(one.replace(HOLE, r"([\w.]*)").replace(WHOLE, r"\.[\w.]+")) for one in found]


@cache
def names() -> set[str]:
    """What a program may compute: a word of a source, a text with spaces, or the name of a file."""
    code = read(*FOLDERS) + read(*FOLDERS, ending="toml")
    stems = {path.stem for path in (ROOT / "viz" / "screen").rglob("*.toml")}
    spaced = {
        form
        for text in re.findall(r'"(\w+(?: \w+)+)"', code)
        for form in (text.replace(" ", "_"), text.lower().replace(" ", "_"))
    }
    return {"", *PAPER, *re.findall(r"\w+", code), *spaced, *stems}


def is_written(key: str) -> bool:
    """Whether a Python source writes a key, or builds it of names that exist."""
    if re.escape(key) in found_in_sources():
        return True
    found = [match for one in built() if (match := one.fullmatch(key))]
    return any(names().issuperset(".".join(one.groups(default="")).split(".")) for one in found)


def is_scripted(name: str) -> bool:
    """Whether a script names the last part of a key, or its beginning before a variable part."""
    code = read("viz/screen", ending="js")
    built = f"{name.split('_')[0]}_${{" in code
    return built or re.search(rf"\b{re.escape(name)}\b", code) is not None


def is_used(key: str) -> bool:
    """Whether a key is written or built somewhere."""
    first, _, rest = key.partition(".")
    if first in ADDED and is_written(re.sub(f"^{ADDED[first]}", "", key)):
        return True
    scripted = first in SCRIPTED and "." not in rest
    if scripted and (is_scripted(rest) or is_written(rest)):
        return True
    return first in IN_A_VARIABLE or key in GROUPS_OF_SCORES or is_written(key)


def test_every_text_is_shown_somewhere():
    assert not [key for key in table("en") if not is_used(key)]


@pytest.mark.parametrize(
    "key", ["nobody_shows_this", "layout.nobody_shows_this", "map.nobody_shows_this"]
)
def test_a_text_that_is_not_shown_is_found(key: str):
    assert not is_used(key)
