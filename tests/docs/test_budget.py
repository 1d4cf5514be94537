"""No part of the project exceeds its budget in `pyproject.toml`."""

from __future__ import annotations

import pytest

from tests.budget import budgets, code_lines, sizes


@pytest.mark.slow  # `.ci/run` runs `python -m tests.budget` instead.
def test_no_part_exceeds_its_budget():
    """If this test fails, take lines out; `python -m tests.budget` prints all sizes."""
    measured = sizes()
    over = {
        f"{kind} {part}": measured[kind][part]
        for kind, limits in budgets().items()
        for part, limit in limits.items()
        if measured[kind][part] > limit
    }
    assert not over, f"over budget: {over}"


def test_code_lines_exclude_docstrings_comments_and_blanks():
    docstring = '"""Doc.\n\nMore."""\n'
    text = docstring + "\nimport os  # why\n# note\n\ndef f():\n    return (\n        os\n    )\n"
    assert code_lines(text) == 5
