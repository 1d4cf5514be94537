"""No folder of tests is forgotten: the default suite has all but the one that opens a browser."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_default_suite_is_everything_but_the_screen():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    paths = set(told["tool"]["pytest"]["ini_options"]["testpaths"])
    found = {
        f"tests/{test.relative_to(ROOT / 'tests').parts[0]}"
        for test in (ROOT / "tests").rglob("test_*.py")
    }
    assert paths == found - {"tests/screen"}
