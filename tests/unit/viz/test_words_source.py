"""Every text on panels and pages comes from the word tables or from a declaration."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3] / "viz" / "screen"
SOURCES = sorted([*ROOT.glob("panels/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
#: Functions that show their arguments, as Solara's components do.
SHOW = {"heading", "note", "raw", "esc", "el", "text", "svg", "box", "FigureRow"}
SHOW |= {"button", "card", "select", "table"}
#: Functions that pass texts on; arguments of other functions are keys or data.
PASS_ON = {"esc", "el", "join", "strip", "replace", "format", "capitalize"}
#: Keyword arguments whose texts people read.
READ = {"label", "title", "text", "hint", "message", "placeholder", "aria_label", "children"}
#: Names that are equal in every language, such as worlds and file formats.
SAME = {"A", "B", "AB", "CSV", "TOML", "SVG", "PNG", "HTML", "Parquet"}


def called(node: ast.Call) -> tuple[str, bool]:
    """Return the name of the called function, and whether it is a Solara component."""
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        return name, name[0].isupper() and ast.unparse(node.func).startswith("solara.")
    return (node.func.id, False) if isinstance(node.func, ast.Name) else ("", False)


def shown_arguments(node: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that people will read."""
    name, of_solara = called(node)
    if name == "Style" or not (of_solara or name in SHOW):
        return []
    first = node.args[1:] if name == "el" else node.args[:1] if of_solara else node.args
    texts = [*first, *(word.value for word in node.keywords if word.arg in READ)]
    for word in node.keywords:
        if word.arg == "attributes" and isinstance(word.value, ast.Dict):
            pairs = zip(word.value.keys, word.value.values, strict=True)
            texts += [
                value
                for key, value in pairs
                if isinstance(key, ast.Constant) and key.value in ("aria-label", "title")
            ]
    return texts


def literals(node: ast.expr) -> Iterator[str]:
    """Yield the constant texts in an expression, except arguments of functions not in `PASS_ON`."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.Call) and called(node)[0] not in PASS_ON:
        return
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)
    elif isinstance(node, ast.FormattedValue):
        yield from literals(node.value)
    elif not isinstance(node, ast.Subscript | ast.Compare | ast.Lambda):
        parts = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if isinstance(node, ast.Call):  # The tag of an element is not shown.
            parts = [
                *node.args[called(node)[0] == "el" :],
                *(k.value for k in node.keywords if k.arg in READ),
            ]
        for part in parts:
            yield from literals(part)


def untranslated(source: str) -> list[str]:
    """Return the texts with letters that a source shows untranslated, each with its line."""
    texts = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for text in (text for argument in shown_arguments(node) for text in literals(argument)):
                left = re.sub(r"<[^<>]*>?|[^<>]*>|&\w+;", " ", text)
                if {*re.findall(r"[^\W\d_]+", left)} - SAME:
                    texts.append(f"{node.lineno}: {text!r}")
    return texts


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_shown_text_has_a_translation(path: Path):
    assert not untranslated(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("line", ['heading("Levers")', 'solara.Button(label="Run")'])
def test_untranslated_texts_are_detected(line: str):
    assert untranslated(line) and not untranslated('heading(t("levers"), 2)')
