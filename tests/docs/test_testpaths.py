"""The default suite includes every test folder but those with a command of their own."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_default_suite_excludes_only_browser_and_reliability_tests():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    paths = set(project["tool"]["pytest"]["ini_options"]["testpaths"])
    folders = {
        f"tests/{test.relative_to(ROOT / 'tests').parts[0]}"
        for test in (ROOT / "tests").rglob("test_*.py")
    }
    assert paths == folders - {"tests/screen", "tests/reliability"}
