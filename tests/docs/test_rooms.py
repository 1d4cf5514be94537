"""No modules of the source import each other in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("agents", "abm", "experiments", "viz", "twoborders")
#: Wholes, whose modules may refer to each other's types: the model, a world, a market and a
#: scenario, each with its parts.
WHOLES = ("abm.model", "abm.world.routes", "agents.smugglers.state", "abm.scenario.definition")


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module's syntax tree, by module name."""
    paths = (path for top in TOPS for path in (ROOT / top).rglob("*.py"))
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    return {
        name.removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
        for name, path in names.items()
    }


def imports(node: ast.AST, *, types: bool) -> Iterator[str]:
    """Yield the modules that a syntax tree imports, including imports inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test) and not types:
            continue
        if isinstance(child, ast.ImportFrom):
            for alias in child.names:
                full = f"{child.module}.{alias.name}"
                yield full if full in modules() else str(child.module)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from imports(child, types=types)


def circles(*, types: bool) -> list[set[str]]:
    """Return the groups of modules that import each other in a circle."""
    graph = nx.DiGraph()
    for name, tree in modules().items():
        targets = set(imports(tree, types=types)) & modules().keys()
        graph.add_edges_from((name, target) for target in targets - {name})
    return [group for group in nx.strongly_connected_components(graph) if len(group) > 1]


def test_no_module_imports_itself_through_others_also_in_functions():
    assert circles(types=False) == []


def test_types_refer_to_each_other_only_within_a_whole():
    groups = circles(types=True)
    assert [group for group in groups if not group & set(WHOLES)] == []


@pytest.mark.parametrize("whole", WHOLES)
def test_a_whole_exists(whole: str):
    assert whole in modules()
