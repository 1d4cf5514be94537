"""Shell completion, and the command without arguments."""

import os
import subprocess
import sys

from tests.unit.viz.command_line import MAIN, call
from viz.cli import options

HEAVY = "mesa numba numpy pandas solara"


def complete(*words: str) -> list[str]:
    """Return what bash offers for the last word; check that no heavy module was imported."""
    line = {"COMP_WORDS": " ".join(["twoborders", *words]), "COMP_CWORD": str(len(words))}
    environment = {**os.environ, **line, "_TWOBORDERS_COMPLETE": "complete_bash"}
    command = [sys.executable, "-c", MAIN, HEAVY]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.stderr == "[]\n"
    return result.stdout.split()


def test_the_shell_completes_policies_and_imports_nothing_heavy():
    assert complete("compare", "fen") == ["fence"]


def test_the_last_policy_of_a_portfolio_is_completed():
    assert options.complete_policies("fence+trusted_t") == ["fence+trusted_travellers"]


def test_the_command_alone_prints_the_help():
    alone, asked = call(), call("--help")
    assert alone.exit_code == 0 and alone.stdout == asked.stdout and "compare" in alone.stdout
