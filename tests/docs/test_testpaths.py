"""The default suite includes every test folder except those with a separate command."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN_COMMAND = {"tests/screen", "tests/reliability", "tests/resume"}


def test_the_default_suite_excludes_only_folders_with_a_command_in_the_readme():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    paths = set(project["tool"]["pytest"]["ini_options"]["testpaths"])
    folders = {
        f"tests/{test.relative_to(ROOT / 'tests').parts[0]}"
        for test in (ROOT / "tests").rglob("test_*.py")
    }
    assert paths == folders - OWN_COMMAND


def test_the_readme_has_a_command_for_every_excluded_folder():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [line for line in readme.splitlines() if " pytest " in line]
    assert {word for line in commands for word in line.split()} >= OWN_COMMAND
