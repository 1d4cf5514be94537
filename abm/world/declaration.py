"""Reader of `world.toml`, which declares a world's name and its words for groups and places.

The model has slots with names from the packaged world: two groups, nine sectors, five zones, a
transit country and a destination country. Another world uses the same slots, for which it may
declare its own words. For all other slots, outputs use the packaged words. Every output
begins with the sentence in `Declaration.note`, which lists these slots.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from abm.world.checks import near
from abm.world.errors import WorldError
from abm.world.tables import decode, read_bytes
from abm.world.vocabulary import MX_ZONES, SECTORS
from agents import labels
from agents.param import hidden_in, one_line

FILE = "world.toml"
MAX_BYTES, MAX_WORD, MAX_SOURCE = 20_000, 60, 400
#: Words in the packaged world, by the keys that a world can declare.
PACKAGED_WORDS: dict[str, str] = {
    "names.transit": "Mexico",
    "names.destination": "the United States",
    "names.agency": "Border Patrol",
    "groups.mexican": "Mexicans",
    "groups.northern_triangle": "Northern Triangle",
    **{f"sectors.{key}": name for key, name in zip(labels.SECTORS, SECTORS, strict=True)},
    **{f"zones.{zone}": zone.replace("_", " ") for zone in MX_ZONES},
}
_PACKAGED = "the packaged world (Central America, Mexico and the border of the United States)"
_NUMBERS = "numbers that the scenario does not set, and names of policies and parameters,"
_TABLES = ("world", *dict.fromkeys(key.partition(".")[0] for key in PACKAGED_WORDS))
_MAX_LISTED = 6  # number of keys in the note
#: Phrases in labels: pattern, key and replacement. {word} is the declared word, {bare} is the word
#: without "the", and {last} is the last word in the phrase.
_PHRASES: tuple[tuple[str, str, str], ...] = (
    (r"from the Northern Triangle", "groups.northern_triangle", "of {word}"),
    (r"(?:[Pp]eople of )?the Northern Triangle", "groups.northern_triangle", "{word}"),
    (r"Northern Triangle(?: people)?", "groups.northern_triangle", "{word}"),
    (r"(?:U\.S\. )?Border Patrol", "names.agency", "{word}"),
    (r"Mexicans", "groups.mexican", "{word}"),
    (r"Mexican \w+", "names.transit", "{last} of {word}"),
    (r"Mexico's \w+", "names.transit", "the {last} of {word}"),
    (r"Mexico|\bmexico\b", "names.transit", "{word}"),
    (r"held us", "names.destination", "held by {word}"),
    (r"the United States", "names.destination", "{word}"),
    (r"United States", "names.destination", "{bare}"),
    (r"the U\.S\.(?! \w)", "names.destination", "{word}"),
    (r"U\.S\. \w+", "names.destination", "{last} of {word}"),
)
_PHRASE = re.compile("|".join(f"({pattern})" for pattern, _, _ in _PHRASES))


@dataclass(frozen=True, slots=True)
class Declaration:
    """A world's name and words.

    Attributes:
        name: the world's name, or "" for the packaged world.
        source: origin and licence of the data, or "" if the world declares none.
        words: declared words by key, such as `groups.mexican`.
        undeclared: keys that outputs use and the world does not declare.
        has_file: whether the world's folder contains a `world.toml`.
    """

    name: str = ""
    source: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    undeclared: tuple[str, ...] = ()
    has_file: bool = False

    @property
    def is_packaged(self) -> bool:
        """Whether this is the packaged world."""
        return not self.name

    @property
    def note(self) -> str:
        """First sentence in every output for a user's world, or "" for the packaged world."""
        if self.is_packaged:
            return ""
        if not self.has_file:
            return f"World {self.name} without {FILE}: names and numbers are those of {_PACKAGED}."
        words = f"the words of {_listed(self.undeclared)}, " if self.undeclared else ""
        return f"World {self.name}: {words}{_NUMBERS} are those of {_PACKAGED}."

    def word(self, key: str) -> str:
        """Return the declared or packaged word for a slot, such as `sectors.tucson`."""
        return self.words.get(key, PACKAGED_WORDS[key])

    def say(self, text: str) -> str:
        """Return a label in which the world's declared words replace the packaged words."""
        replaced = _PHRASE.sub(self._replacement, text) if self.words else text
        return replaced[:1].upper() + replaced[1:] if text[:1].isupper() else replaced

    def labelled[T](self, measure: T) -> T:
        """Return an outcome or criterion with the world's words in its label and description."""
        named: Any = measure
        if not self.words:
            return named
        return replace(named, label=self.say(named.label), doc=self.say(named.doc))

    def keys(self) -> dict[str, Any]:
        """Return note, words and source for JSON output, or nothing for the packaged world."""
        if self.is_packaged:
            return {}
        source = {"world_source": self.source} if self.source else {}
        return {"world_note": self.note, "world_words": dict(self.words), **source}

    def _replacement(self, match: re.Match[str]) -> str:
        """Return the replacement for a phrase, or the phrase itself if its word is not declared."""
        _, key, template = _PHRASES[(match.lastindex or 1) - 1]
        if key not in self.words:
            return match[0]
        word, last = self.words[key], match[0].rpartition(" ")[2]
        return template.format(word=word, bare=word.removeprefix("the "), last=last)


def read_declaration(folder: Path) -> Declaration | None:
    """Read and check `world.toml` in a folder.

    Args:
        folder: folder of the world.

    Returns:
        The declaration with an empty `undeclared`, or None if the folder has no such file.

    Raises:
        WorldError: a key is invalid. The message names the first such key with its table.
    """
    path = folder / FILE
    if not path.exists():
        return None
    content = _parse(path)
    _check_keys("", content, _TABLES)
    about = _table(content, "world")
    _check_keys("world", about, ("name", "source"))
    if "name" not in about:
        raise _error("world.name", 'missing key: expected the name of the world, such as "Mali"')
    return Declaration(
        name=_text("world.name", about["name"], MAX_WORD),
        source=_text("world.source", about["source"], MAX_SOURCE) if "source" in about else "",
        words=dict(pair for table in _TABLES[1:] for pair in _words(content, table)),
        has_file=True,
    )


def _parse(path: Path) -> dict[str, Any]:
    """Parse the file as TOML. Raise WorldError if it is not valid."""
    text = decode(FILE, read_bytes(path, MAX_BYTES))
    try:
        return tomllib.loads(text)
    except (RecursionError, ValueError) as error:
        raise WorldError(FILE, reason=f"invalid TOML: {one_line(str(error), 200)}") from None


def _words(content: Mapping[str, Any], table: str) -> Iterable[tuple[str, str]]:
    """Yield key and word for each entry in a table. A repeated word raises WorldError."""
    allowed = [key.partition(".")[2] for key in PACKAGED_WORDS if key.startswith(f"{table}.")]
    entries, names = _table(content, table), dict[str, str]()
    _check_keys(table, entries, allowed)
    for name, value in entries.items():
        word = _text(f"{table}.{name}", value, MAX_WORD)
        if word in names:
            raise _error(f"{table}.{name}", f"same word as {table}.{names[word]}: expected another")
        names[word] = name
        yield f"{table}.{name}", word


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table from the file, empty if the file lacks it."""
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise _error(name, f"expected a table: write [{name}] above its keys")
    return table


def _check_keys(table: str, keys: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise WorldError for the first key that is not allowed."""
    allowed = list(allowed)
    for key in keys:
        if key not in allowed:
            path = f"{table}.{one_line(key, 40)}" if table else one_line(key, 40)
            raise _error(path, f"unknown key{near(key, allowed)}: expected {', '.join(allowed)}")


def _text(key: str, value: Any, max_length: int) -> str:
    """Return a value without surrounding blanks if it is one line without hidden characters."""
    expected = f"expected a text of 1 to {max_length} characters in one line"
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= max_length:
        raise _error(key, expected)
    if hidden := hidden_in(value):
        raise _error(key, f"{expected}, without the character {hidden}")
    return value.strip()


def _error(key: str, reason: str) -> WorldError:
    """Return a WorldError for a key of the file."""
    return WorldError(FILE, reason=f"key {key}: {reason}")


def _listed(keys: tuple[str, ...]) -> str:
    """Return a text that lists all keys, or the first keys and the number of further keys."""
    if len(keys) > _MAX_LISTED:
        return f"{', '.join(keys[:_MAX_LISTED])} and {len(keys) - _MAX_LISTED} others"
    return ", ".join(keys)
