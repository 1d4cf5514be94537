"""The words of the screen by language; ``i18n/<language>/*.toml`` hold them, a file a room.

A test compares keys of all languages.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")
_FOLDER = Path(__file__).parent / "i18n"


@cache
def table(language: str) -> dict[str, str]:
    """All words of a language by dotted key; raises ``KeyError`` for one that is not there."""
    if language not in LANGUAGES:
        raise KeyError(language)
    found: dict[str, str] = {}
    for file in sorted((_FOLDER / language).glob("*.toml")):
        own = _flat(tomllib.loads(file.read_text(encoding="utf-8")))
        if twice := found.keys() & own.keys():
            raise ValueError(f"{file.name}: {min(twice)} stands in another file, too")
        found |= own
    return found


def _flat(told: dict[str, Any], path: str = "") -> dict[str, str]:
    """Dotted keys."""
    found: dict[str, str] = {}
    for key, value in told.items():
        found |= _flat(value, f"{path}{key}.") if isinstance(value, dict) else {path + key: value}
    return found


class Words:
    """The words of one language: ``words("run")``, ``words("status.settled")``."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, key: str) -> str:
        """The words of a key; raises ``KeyError`` for a key that nobody wrote."""
        return table(self.language)[key]

    def part(self, prefix: str) -> dict[str, str]:
        """All words under a key, for a script."""
        start = prefix + "."
        return {key.removeprefix(start): text for key, text in table(self.language).items()
                if key.startswith(start)}  # fmt: skip

    @property
    def other(self) -> str:
        """The other language."""
        return next(one for one in LANGUAGES if one != self.language)
