"""Find the mutants of a source file: the same text with one small change to the code.

A mutant replaces one expression or statement of the source and leaves every other character
unchanged. Changes that cannot affect results are left out: docstrings, annotations, decorators,
messages of errors, asserts, ``TYPE_CHECKING`` blocks, and the arguments of ``param``, whose values
are data that ``docs/reference`` lists and a test compares.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.mutation.operators import changes_of

_MESSAGES = {"reason", "hint"}  # names of variables that hold parts of an error
_NOT_CODE = {"__all__", "__slots__", "__test__"}
_DATA = {"param", "errstate", "TypeVar", "cast", "suppress", "print"}  # calls that are left out
_KEYWORDS = {"strict", "maxsize", "align", "slots", "stacklevel", "encoding"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a source file.

    Attributes:
        file: path of the file, relative to the root of the repository.
        function: qualified name of the function or class that contains it; empty for the module.
        line: number of the line, from 1.
        before, after: the changed code.
        nth: number of equal changes before this one in the function.
        span: first byte of the changed code, and the byte after the last.
        text: replacement for these bytes.
    """

    file: str
    function: str
    line: int
    before: str
    after: str
    nth: int
    span: tuple[int, int]
    text: str

    @property
    def key(self) -> str:
        """Name of the mutant, which does not depend on the rest of the file."""
        number = f" #{self.nth + 1}" if self.nth else ""
        return f"{self.file}::{self.function}: {self.before} -> {self.after}{number}"

    def apply(self, source: str) -> str:
        """Return the source of the file with this change."""
        data = source.encode()
        start, end = self.span
        return (data[:start] + self.text.encode() + data[end:]).decode()


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Return all mutants of a file, in the order of the code.

    Args:
        file: path of the file, for the names of the mutants.
        source: text of the file.

    Returns:
        Mutants whose code parses and differs from the source.
    """
    starts = _line_starts(source)
    seen: Counter[tuple[str, str, str]] = Counter()
    found: list[Mutant] = []
    for function, node, new in _changes(ast.parse(source), ""):
        before, after = ast.unparse(node), ast.unparse(new)
        same = (function, before, after)
        span = (
            starts[node.lineno - 1] + node.col_offset,
            starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0),
        )
        text = f"({after})" if isinstance(new, ast.expr) and _needs_brackets(new) else after
        mutant = Mutant(file, function, node.lineno, before, after, seen[same], span, text)
        seen[same] += 1
        found.append(mutant)
    return found


def sample(mutants: list[Mutant], size: int | None, seed: int) -> list[Mutant]:
    """Return a random sample that depends on the seed and on the names of the mutants only.

    Args:
        mutants: mutants to choose from.
        size: number of mutants; None for all.
        seed: seed of the choice.

    Returns:
        The sample in the order of `mutants`. A change of one line changes few of its members.
    """

    def place(mutant: Mutant) -> str:
        return hashlib.blake2b(f"{seed} {mutant.key}".encode(), digest_size=8).hexdigest()

    chosen = {mutant.key for mutant in sorted(mutants, key=place)[:size]}
    return [mutant for mutant in mutants if mutant.key in chosen]


def _line_starts(source: str) -> list[int]:
    """Return the first byte of every line."""
    starts = [0]
    for line in source.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _needs_brackets(node: ast.expr) -> bool:
    return not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.Call | ast.Subscript)


Place = ast.expr | ast.stmt


def _changes(node: ast.AST, function: str) -> Iterator[tuple[str, Place, Place]]:
    """Yield the name of the function, a node and its replacement, for all changes below a node."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}" if function else node.name
    for old, new in changes_of(node):
        yield function, old, new
    for child in _children(node):
        if not _left_out(child):
            yield from _changes(child, function)


def _children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes below a node that are code, without annotations and decorators."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            values = [*node.args.defaults, *(d for d in node.args.kw_defaults if d), *node.body]
        case ast.ClassDef():
            values = list(node.body)
        case ast.AnnAssign():
            values = [node.value] if node.value else []
        case ast.Lambda():
            values = [node.body]
        case _:
            values = list(ast.iter_child_nodes(node))
    return list(values)


def _left_out(node: ast.AST) -> bool:
    """Return whether a node and all nodes below it cannot affect results."""
    match node:
        case ast.Raise() | ast.Assert() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _DATA
        case ast.keyword(arg=str(name)):
            return name in _KEYWORDS
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
            return name in _MESSAGES or name in _NOT_CODE
        case ast.Expr(value=ast.Constant()):
            return True  # a docstring, or three dots
        case _:
            return False
