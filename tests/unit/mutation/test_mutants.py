"""The mutator: every operator makes its change, and nothing else in the source changes."""

from __future__ import annotations

import ast
import textwrap
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mutation.mutants import Mutant, mutants_of, sample
from tests.mutation.targets import TARGETS

FUNCTION = '''
"""A module."""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from somewhere import Something as S

__all__ = ["f"][0:1]
LIMIT: int = param(3, low=1, high=9)


@decorated(maxsize=4)
def f(x: A | B, y: Literal[2] = None) -> C | D:
    """Return x + 1 < 2."""
    assert x > 0, 1 + 2
    if x:
        raise ValueError(f"{x + 1} is above {3 * 4}")
    reason = "é" + str(1 + 2)
    return g(x, strict=True)
'''


def changes(code: str) -> set[str]:
    """Return the mutants of a piece of code, as text."""
    return {f"{m.before} -> {m.after}" for m in mutants_of("a.py", textwrap.dedent(code))}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a < b", {"a < b -> a <= b", "a < b -> a >= b"}),
        ("a >= b", {"a >= b -> a > b", "a >= b -> a < b"}),
        ("a == b", {"a == b -> a != b"}),
        ("a is None", {"a is None -> a is not None"}),
        ("a in b", {"a in b -> a not in b"}),
        ("a + b", {"a + b -> a - b"}),
        ("a * b", {"a * b -> a / b"}),
        ("a // b", {"a // b -> a * b"}),
        ("a ** b", {"a ** b -> a * b"}),
        ("a | b", {"a | b -> a"}),
        ("a += b", {"a += b -> a -= b"}),
        ("x = 3", {"3 -> 4"}),
        ("x = 0.05", {"0.05 -> 0.045"}),
        ("x = 1.645", {"1.645 -> 1.8095"}),
        ("x = 0.0", {"0.0 -> 1.0"}),
        ("x = 1e-12", {"1e-12 -> 1.0"}),
        ("x = True", {"True -> False"}),
        ("x = a and b", {"a and b -> a or b"}),
        ("x = not a", {"not a -> a"}),
        ("x = -a", {"-a -> a"}),
        ("x = b if a else c", {"a -> not a"}),
        ("x = min(a, b)", {"min -> max"}),
        ("x = np.maximum(a, b)", {"np.maximum -> np.minimum"}),
        ("x = any(a)", {"any -> all"}),
        ("x = a[b:c]", {"b -> b + 1", "c -> c - 1"}),
        ("x = a.sum(axis=1)", {"1 -> 2"}),
        ("x = range(n)", {"n -> n - 1"}),
        ("store(a)", {"store(a) -> pass"}),
        ("def f():\n    return a", {"a -> None"}),
    ],
)
def test_every_operator_makes_its_changes(code: str, expected: set[str]):
    assert changes(code) == expected


def test_texts_annotations_decorators_and_declared_numbers_are_left_alone():
    assert changes(FUNCTION) == {"x -> not x", "g(x, strict=True) -> None"}


@cache
def packaged() -> list[tuple[Mutant, str]]:
    from tests.mutation.__main__ import ROOT

    files = [file for target in TARGETS.values() for file in target.files]
    sources = [(file, (ROOT / file).read_text(encoding="utf-8")) for file in files]
    return [(mutant, source) for file, source in sources for mutant in mutants_of(file, source)]


@cache
def statements_of(source: str) -> list[tuple[range, str]]:
    """Return lines and syntax tree of every statement of a module."""
    body = ast.parse(source).body
    return [(range(s.lineno, (s.end_lineno or s.lineno) + 1), ast.dump(s)) for s in body]


def test_every_mutant_parses_differs_and_has_a_name_of_its_own():
    found = packaged()
    for mutant, source in found[::7]:
        statements = statements_of(source)
        changed = ast.parse(mutant.apply(source)).body
        assert len(changed) == len(statements), mutant.key
        (at,) = (k for k, (lines, _) in enumerate(statements) if mutant.line in lines)
        assert ast.dump(changed[at]) != statements[at][1], mutant.key
    assert len({mutant.key for mutant, _ in found}) == len(found)
    assert not any("\n" in mutant.key or mutant.key.startswith("#") for mutant, _ in found)


def test_a_mutant_changes_only_its_own_lines_and_no_docstring():
    for mutant, source in packaged()[::29]:
        changed = mutant.apply(source)
        start, end = mutant.span
        kept = source.encode()
        assert changed.encode().startswith(kept[:start]) and changed.encode().endswith(kept[end:])
        assert docstrings(changed) == docstrings(source), mutant.key


def docstrings(source: str) -> list[str | None]:
    """Return the docstrings of a module, its classes and functions."""
    found = ast.walk(ast.parse(source))
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [ast.get_docstring(node) for node in found if isinstance(node, kinds)]


def test_a_mutant_behind_other_letters_than_ascii_is_in_its_place():
    (mutant, *_) = mutants_of("a.py", 'x = ("é", a < b)')
    assert mutant.apply('x = ("é", a < b)') == 'x = ("é", (a <= b))'


LINES = mutants_of("a.py", "\n".join(f"x{k} = a < {k}" for k in range(40)))


@given(st.integers(0, 5), st.integers(0, 130))
def test_a_sample_is_a_function_of_the_seed(seed: int, size: int):
    chosen = sample(LINES, size, seed)
    assert chosen == sample(list(LINES), size, seed) and len(chosen) == min(size, len(LINES))
    assert {m.key for m in chosen} <= {m.key for m in sample(LINES, size + 1, seed)}


def test_seeds_have_different_samples_and_no_size_means_all():
    assert sample(LINES, 10, 1) != sample(LINES, 10, 2)
    assert sample(LINES, None, 1) == LINES


def test_code_before_a_mutant_does_not_change_the_sample():
    code = "def f(a):\n    return a + 1 < 2 * a - 3"
    first, later = mutants_of("a.py", code), mutants_of("a.py", f"y = 1\n\n\n{code}")
    kept = [m.key for m in later if m.function == "f"]
    assert kept == [m.key for m in first]
