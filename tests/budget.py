"""Sizes of the project: code lines, modules and words by part, next to their budgets.

    python -m tests.budget

prints a row per part and returns 1 if one exceeds its budget in `pyproject.toml`. A code line holds
a token that belongs neither to a comment nor to a docstring. Every line of JavaScript or CSS that
is not blank counts.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SOURCE = ("agents", "abm", "experiments", "viz", "viz.web", "twoborders")
_LAYOUT = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENDMARKER, tokenize.ENCODING),
}


def code_lines(text: str) -> int:
    """Count a Python file's code lines, without docstrings, comments and blank lines."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and ast.get_docstring(node, clean=False) is not None:
                lines.difference_update(range(first.lineno, (first.end_lineno or 0) + 1))
    return len(lines)


def sizes() -> dict[str, Counter[str]]:
    """Measure all files in the repository: code lines, modules and words, each by part."""
    code, modules, words = Counter[str](), Counter[str](), Counter[str]()
    tops = (*(name for name in _SOURCE if "." not in name), "tests", "docs")
    files = (path for top in tops for path in (ROOT / top).rglob("*") if path.is_file())
    for path in (*files, *ROOT.glob("*.md")):
        top = path.relative_to(ROOT).parts[0]
        if path.suffix == ".py":
            code[top] += code_lines(path.read_text(encoding="utf-8"))
            modules[top] += path.name != "__init__.py"
        elif path.suffix in (".js", ".css") and top != "docs":
            lines = path.read_text(encoding="utf-8").splitlines()
            code[f"{top}.web"] += sum(bool(line.strip()) for line in lines)
        elif path.suffix == ".md":
            part = "decisions" if path.parent.name == "decisions" else top.removesuffix(".md")
            words[part] += len(re.findall(r"[A-Za-z][A-Za-z'-]+", path.read_text("utf-8")))
    for counted in (code, modules):
        counted["source"] = sum(counted[part] for part in _SOURCE)
    return {"code": code, "modules": modules, "words": words}


def budgets() -> dict[str, dict[str, int]]:
    """Return the budgets for code lines, modules and words, by part."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["tool"]["budget"]


def main() -> int:
    """Print every part with a budget, and return 1 if one exceeds it."""
    measured, over = sizes(), 0
    for kind, limits in budgets().items():
        for part, limit in limits.items():
            size = measured[kind][part]
            over += size > limit
            print(f"{kind:8}{part:12}{size:>8,} of {limit:>8,}" + "  OVER" * (size > limit))
    return int(over > 0)


if __name__ == "__main__":
    raise SystemExit(main())
