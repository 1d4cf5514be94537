"""The default suite includes every test folder except those with a separate command."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN_COMMAND = {"tests/screen", "tests/reliability", "tests/resume"}


def commands() -> str:
    """Return the pages whose test commands `.ci/run` runs."""
    return "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")
    )


def test_the_default_suite_excludes_only_folders_with_a_command_of_their_own():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    paths = set(project["tool"]["pytest"]["ini_options"]["testpaths"])
    folders = {
        f"tests/{test.relative_to(ROOT / 'tests').parts[0]}"
        for test in (ROOT / "tests").rglob("test_*.py")
    }
    assert paths == folders - OWN_COMMAND


def test_every_excluded_folder_has_a_command():
    lines = [line for line in commands().splitlines() if line.startswith(".uv/bin/uv run")]
    assert {word for line in lines for word in line.split()} >= OWN_COMMAND


def test_ci_runs_every_test_command_of_the_pages_the_slow_tests_at_night():
    text = commands().replace("<!-- slow -->", "")
    ci, nightly = ((ROOT / ".ci" / name).read_text("utf-8") for name in ("run", "nightly"))
    assert "pytest -m slow\n" in nightly
    started = re.findall(r"\brun_command (\w+)(?: \d+)?$", ci, re.MULTILINE)
    assert sorted(started) == sorted(re.findall(r"<!-- (\w+) -->", text))
