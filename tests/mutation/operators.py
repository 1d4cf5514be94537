"""Operators of mutation: the changes that are made to one node of a syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Place = ast.expr | ast.stmt
Change = tuple[Place, Place]

_BOUNDARY: dict[type, type] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_NEGATED: dict[type, type] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_SWAPPED = {
    "min": "max",
    "minimum": "maximum",
    "fmin": "fmax",
    "nanmin": "nanmax",
    "argmin": "argmax",
    "floor": "ceil",
    "any": "all",
    "startswith": "endswith",
}
_SWAPPED |= {b: a for a, b in _SWAPPED.items()}
_TINY, _HUGE = 1e-5, 1e9  # guards against a division by zero, and stand-ins for infinity


def changes_of(node: ast.AST) -> Iterator[Change]:
    """Yield the changes of a node, without those of the nodes below it.

    Args:
        node: node of a syntax tree.

    Yields:
        A node of the tree (this one or a part of it), and its replacement.
    """
    for operator in OPERATORS:
        yield from operator(node)


def comparisons(node: ast.AST) -> Iterator[Change]:
    """Move the boundary of a comparison, and negate it."""
    if isinstance(node, ast.Compare):
        for k, kind in enumerate(map(type, node.ops)):
            for table in (_BOUNDARY, _NEGATED):
                if kind in table:
                    new = copy.deepcopy(node)
                    new.ops[k] = table[kind]()
                    yield node, new


def arithmetic(node: ast.AST) -> Iterator[Change]:
    """Replace an arithmetic operator; `a | b`, also of dictionaries, becomes `a`."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.BitOr):
            yield node, node.left
        elif type(node.op) in _ARITHMETIC and not _is_text(node):
            yield node, ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        yield node, ast.AugAssign(node.target, _ARITHMETIC[type(node.op)](), node.value)


def constants(node: ast.AST) -> Iterator[Change]:
    """Change a number, or a truth value."""
    if isinstance(node, ast.Constant):
        match node.value:
            case bool(flag):
                yield node, ast.Constant(not flag)
            case int(number):
                yield node, ast.Constant(number + 1)
            case float(number):
                yield node, ast.Constant(_other(number))


def _other(number: float) -> float:
    """Return another number: 10 % less between 0 and 1, 10 % more above 1, and 1 for a guard."""
    if number == 0.0 or not _TINY < number < _HUGE:
        return 1.0
    return float(f"{number * (0.9 if number < 1.0 else 1.1):.12g}")


def logic(node: ast.AST) -> Iterator[Change]:
    """Swap `and` and `or`, remove `not` or a minus, and negate a plain condition."""
    match node:
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield node, ast.BoolOp(other, node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
            yield node, operand
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
                yield test, ast.UnaryOp(ast.Not(), test)


def returned(node: ast.AST) -> Iterator[Change]:
    """Return None instead of a value that no other operator changes."""
    match node:
        case ast.Return(value=ast.Name() | ast.Attribute() | ast.Call() | ast.Subscript() as value):
            yield value, ast.Constant(None)


def swapped(node: ast.AST) -> Iterator[Change]:
    """Swap minimum and maximum, `any` and `all`, and other pairs of functions."""
    if isinstance(node, ast.Call):
        match node.func:
            case ast.Name(id=name) if name in _SWAPPED:
                yield node.func, ast.Name(_SWAPPED[name])
            case ast.Attribute(value=value, attr=name) if name in _SWAPPED:
                yield node.func, ast.Attribute(value, _SWAPPED[name])


def slices(node: ast.AST) -> Iterator[Change]:
    """Move the bounds of a slice by one; `constants` changes bounds that are numbers."""
    if isinstance(node, ast.Slice):
        for bound, op in ((node.lower, ast.Add()), (node.upper, ast.Sub())):
            if bound is not None and not isinstance(bound, ast.Constant | ast.UnaryOp):
                yield bound, ast.BinOp(bound, op, ast.Constant(1))


def ranges(node: ast.AST) -> Iterator[Change]:
    """Leave out the last number of a range."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=[*_, last]):
            if not isinstance(last, ast.Constant | ast.BinOp):
                yield last, ast.BinOp(last, ast.Sub(), ast.Constant(1))


def calls(node: ast.AST) -> Iterator[Change]:
    """Remove a call whose result is not used."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            if name not in ("print", "announce"):
                yield node, ast.Pass()
        case ast.Expr(value=ast.Await()):
            yield node, ast.Pass()


def _is_text(node: ast.BinOp) -> bool:
    """Return whether one side is a string."""
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
        for side in (node.left, node.right)
    )


OPERATORS: tuple[Callable[[ast.AST], Iterator[Change]], ...] = (
    comparisons,
    arithmetic,
    constants,
    logic,
    returned,
    swapped,
    slices,
    ranges,
    calls,
)
