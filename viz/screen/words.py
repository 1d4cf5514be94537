"""The words of the screen by language; ``i18n/<language>/*.toml`` hold them, a file a room.

A test compares keys of all languages. What the model declares (policies, numbers, units, places,
refusals) is declared once, in English, so ``i18n/<language>/declared/`` is keyed by that English:
when a declaration changes, its translation is missed at once and not quietly wrong.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "es")
_FOLDER = Path(__file__).parent / "i18n"
_HOLE = "{}"


@cache
def table(language: str) -> dict[str, str]:
    """All words of a language by dotted key; raises ``KeyError`` for one that is not there."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return _read(_FOLDER / language)


@cache
def declared(language: str) -> dict[str, str]:
    """What is declared in English, in a language; English itself needs none.

    ``{}`` stands for what differs from case to case, in the same order in both languages.
    """
    return _read(_FOLDER / language / "declared")


def _read(folder: Path) -> dict[str, str]:
    """All files of a folder as one table."""
    found: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
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


@cache
def _forms(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Declared texts with holes, in the order in which they are tried: as they are written."""
    return [
        (re.compile(re.escape(english).replace(re.escape(_HOLE), "(.+?)"), re.DOTALL), text)
        for english, text in declared(language).items()
        if _HOLE in english
    ]


def folded(text: str) -> str:
    """As one searches: small letters, no accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


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
        return {
            key.removeprefix(start): text
            for key, text in table(self.language).items()
            if key.startswith(start)
        }

    def translate(self, english: str) -> str:
        """A text that the model declares, in this language; as it is where nobody translated it."""
        if (whole := declared(self.language).get(english)) is not None:
            return whole
        for form, text in _forms(self.language):
            if found := form.fullmatch(english):
                return text.format(*map(self.translate, found.groups()))
        return english

    @property
    def other(self) -> str:
        """The other language."""
        return next(one for one in LANGUAGES if one != self.language)
