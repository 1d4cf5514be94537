"""Every command and block outside the guides runs: other pages, help, docstrings, messages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.docs.run_shown import EXCEPTIONS, Page, cases, everything, record
from tests.docs.shown import GROUP, Shown
from viz.cli.app import app


@pytest.mark.parametrize(("page", "index"), cases("docs/guides/", inside=False))
def test_what_is_shown_runs(page: str, index: int, page_named: Callable[[str], Page]):
    assert page_named(page).error(index) == ""


@pytest.mark.parametrize("name", GROUP.commands)
def test_the_help_of_every_command_is_printed(name: str, capsys: pytest.CaptureFixture[str]):
    assert app([name, "--help"], standalone_mode=False) == 0
    assert f"twoborders {name}" in capsys.readouterr().out


def test_at_most_ten_kinds_of_commands_are_not_executed_and_all_of_them_exist():
    counts, exceptions = record()
    print(dict(counts), *exceptions, sep="\n")
    texts = [shown.text for page in everything().values() for shown in page]
    assert len(exceptions) <= 10 and counts["commands run"] > 200
    for pattern in EXCEPTIONS:
        assert any(re.search(pattern, text, re.DOTALL) for text in texts), f"{pattern} is not shown"


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("sh", "twoborders frobnicate", "frobnicate"),
        ("sh", "uv run twoborders run --bogus", "bogus"),
        ("inline", "twoborders compare fense", "fense"),
        ("inline", "twoborders run --bogus N", "bogus"),
        ("sh", "twoborders validate --ensemble 61", "members"),
        ("sh", "twoborders run --scenario absent.toml", "absent.toml"),
        ("sh", "python -m viz.absent", "absent"),
        ("sh", "cp absent.json other.json", "exit code"),
        ("python", ">>> 1 + 1\n3\n", "Got"),
        ("python", "import twoborders as tb\ntb.run(bogus=1)\n", "bogus"),
        ("toml", "scaale = 3\n", "scaale"),
    ],
)
def test_a_false_command_or_block_fails(kind: str, text: str, error: str, tmp_path):
    assert error in Page([Shown("a page", 1, kind, text)], tmp_path).error(0)
