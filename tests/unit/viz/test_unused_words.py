"""Every text of the word tables is shown somewhere: sources write all parts of its key."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from viz.documents.comparison.sentences import PAPER
from viz.screen.words import table

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = "viz", "experiments", "abm", "agents"
#: Keys that a program computes: values of a lesson's dial, units, and all texts below a key.
COMPUTED = re.compile(
    r"lesson\.\w+\.dial_value\.0_\d+|policies_panel\.percent\.\w+|about\.out\.\w+"
)


@cache
def written() -> tuple[set[str], tuple[str, ...], tuple[str, ...]]:
    """Words of sources and names of files, and what sources write before and after a variable."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")]
    files = [p for p in files if p.suffix in (".py", ".js", ".toml") and "i18n" not in p.parts]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    words = {*re.findall(r"\w+", code), *PAPER, *(path.stem for path in files)}
    return words, (*re.findall(r"(\w+_)\$?\{", code),), (*re.findall(r"\}(_\w+)", code),)


def is_used(key: str) -> bool:
    """Whether sources write every part of a key, or its beginning or end next to a variable."""
    words, starts, ends = written()
    parts = [part for part in key.split(".") if part not in words]
    rest = [part for part in parts if not (part.startswith(starts) or part.endswith(ends))]
    return not rest or COMPUTED.fullmatch(key) is not None


def test_every_text_is_shown_somewhere():
    assert not [key for key in table("en") if not is_used(key)]


@pytest.mark.parametrize(
    "key", ["nobody_shows_this", "layout.nobody_shows_this", "map.nobody_shows_this"]
)
def test_a_text_that_is_not_shown_is_found(key: str):
    assert not is_used(key)
