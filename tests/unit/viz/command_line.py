"""Run the command line within the test process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from viz.cli.app import app

#: A program that runs the command line and prints which of the given modules were imported.
MAIN = """
import sys
from viz.cli import main
heavy = set(sys.argv.pop(1).split())
try:
    main(sys.argv[1:])
finally:
    print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""


def call(*words: Any) -> Result:
    """Run a command; every argument is converted to text."""
    return CliRunner().invoke(app, list(map(str, words)), prog_name="twoborders")


def one_object(*words: Any) -> dict[str, Any]:
    """Run a command that must succeed; return the single JSON object that it prints."""
    result = call(*words, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout, parse_constant=pytest.fail)
    assert isinstance(answer, dict)
    return answer
