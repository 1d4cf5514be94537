"""Texts of the screen in all languages, from ``i18n/<language>/*.toml`` with one file per page.

A test compares the keys of all languages. The model declares policies, parameters, units, places
and errors in English, and ``i18n/<language>/declared/`` uses the English texts as keys. When a
declaration changes, a test reports the missing translation.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES
from agents.param import SettingError

LANGUAGES = ("en", "es")
_FOLDER = Path(__file__).parent / "i18n"
_HOLE = "{}"


@cache
def table(language: str) -> dict[str, str]:
    """Return all texts by dotted key, or raise ``KeyError`` for an unknown language."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return _read(_FOLDER / language)


@cache
def declared(language: str) -> dict[str, str]:
    """Return translations of declared texts by their English text. For English it is empty.

    ``{}`` marks a variable part. The variable parts have the same order in both languages.
    """
    return _read(_FOLDER / language / "declared")


def _read(folder: Path) -> dict[str, str]:
    """Read all files in a folder as one table, or raise ``ValueError`` for a repeated key."""
    texts: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        file_texts = _flat(tomllib.loads(file.read_text(encoding="utf-8")))
        if twice := texts.keys() & file_texts.keys():
            raise ValueError(f"{file.name}: {min(twice)} is also in another file")
        texts |= file_texts
    return texts


def _flat(nested: dict[str, Any], path: str = "") -> dict[str, str]:
    """Flatten nested tables to dotted keys."""
    texts: dict[str, str] = {}
    for key, value in nested.items():
        texts |= _flat(value, f"{path}{key}.") if isinstance(value, dict) else {path + key: value}
    return texts


@cache
def _forms(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return a pattern and a translation of each declared text with variable parts."""
    return [
        (re.compile(re.escape(english).replace(re.escape(_HOLE), "(.+?)"), re.DOTALL), text)
        for english, text in declared(language).items()
        if _HOLE in english
    ]


def one_line(text: object) -> str:
    """Return a text or an error message on one line."""
    return " ".join(str(text).split())


def folded(text: str) -> str:
    """Return a text in lower case and without accents, so that a search ignores both."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


class Words:
    """Texts in one language by key, as in ``words("run")`` and ``words("fate.dead")``."""

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, key: str) -> str:
        """Return the text of a key, or raise ``KeyError`` for an unknown key."""
        return table(self.language)[key]

    def outcome(self, name: str) -> str:
        """Return the label of an outcome or another daily series."""
        return self.translate(OUTCOMES[name].label) if name in OUTCOMES else self(name)

    def part(self, prefix: str) -> dict[str, str]:
        """Return all texts whose keys start with `prefix` and a dot, by the rest of the key."""
        start = prefix + "."
        return {
            key.removeprefix(start): text
            for key, text in table(self.language).items()
            if key.startswith(start)
        }

    def translate(self, english: str) -> str:
        """Translate a declared text. A text without a translation is returned unchanged."""
        if (text_in_language := declared(self.language).get(english)) is not None:
            return text_in_language
        for form, text in _forms(self.language):
            if match := form.fullmatch(english):
                return text.format(*map(self.translate, match.groups()))
        return english

    def reason(self, error: SettingError) -> str:
        """Return an error's reason and hint, without the path of the setting."""
        reason, hint = (self.translate(one_line(text)) for text in (error.reason, error.hint))
        stop = "" if reason.endswith((".", "?", "!")) else "."
        return f"{reason[:1].upper()}{reason[1:]}{stop} {hint}"

    @property
    def other(self) -> str:
        """Return the language to which the visitor can switch."""
        return next(language for language in LANGUAGES if language != self.language)
