"""The file `world.toml` of a world: its name, and its words for groups, sectors and zones.

The model has slots with names from the packaged world: two groups, nine sectors, five zones, a
transit country and a destination country. Another world uses the same slots and may declare its own
words for them. A word that is not declared comes from the packaged world. `Declaration.note` says
so in one sentence, which every output shows first.
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
#: Words of the packaged world by key: the keys that a world can declare.
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
_MOST_LISTED = 6  # keys in the note
#: Phrases of labels: pattern, key, and replacement. {bare} is the word without "the", {last} the
#: last word of the phrase.
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
    """Words of a world.

    Attributes:
        name: name of the world, or empty for the packaged one.
        source: origin and licence of the data, or empty if not declared.
        words: declared words by key, such as `groups.mexican`.
        undeclared: keys that outputs use and the world does not declare.
        has_file: whether the folder has a `world.toml`.
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
        """Return the sentence that every output shows first, or empty for the packaged world."""
        if self.is_packaged:
            return ""
        if not self.has_file:
            return f"World {self.name} without {FILE}: names and numbers are those of {_PACKAGED}."
        words = f"the words of {_listed(self.undeclared)}, " if self.undeclared else ""
        return f"World {self.name}: {words}{_NUMBERS} are those of {_PACKAGED}."

    def word(self, key: str) -> str:
        """Return the word of a slot, such as `sectors.tucson`: the declared or the packaged one."""
        return self.words.get(key, PACKAGED_WORDS[key])

    def say(self, text: str) -> str:
        """Return a label of the model with the declared words."""
        replaced = _PHRASE.sub(self._replacement, text) if self.words else text
        return replaced[:1].upper() + replaced[1:] if text[:1].isupper() else replaced

    def labelled[T](self, measure: T) -> T:
        """Return an outcome or a criterion with its label and description in the declared words."""
        named: Any = measure
        if not self.words:
            return named
        return replace(named, label=self.say(named.label), doc=self.say(named.doc))

    def keys(self) -> dict[str, Any]:
        """Return JSON keys: note, words and source, none for the packaged world."""
        if self.is_packaged:
            return {}
        source = {"world_source": self.source} if self.source else {}
        return {"world_note": self.note, "world_words": dict(self.words), **source}

    def _replacement(self, match: re.Match[str]) -> str:
        """Return the replacement of a phrase, or the phrase if its word is not declared."""
        _, key, template = _PHRASES[(match.lastindex or 1) - 1]
        if key not in self.words:
            return match[0]
        word, last = self.words[key], match[0].rpartition(" ")[2]
        return template.format(word=word, bare=word.removeprefix("the "), last=last)


def read_declaration(folder: Path) -> Declaration | None:
    """Read and check the file `world.toml` of a folder.

    Args:
        folder: folder of the world.

    Returns:
        The declaration, without the keys that the tables of the world use, or None without a file.

    Raises:
        WorldError: for the first invalid key, named with its table.
    """
    path = folder / FILE
    if not path.exists():
        return None
    given = _parse(path)
    _check_keys("", given, _TABLES)
    about = _table(given, "world")
    _check_keys("world", about, ("name", "source"))
    if "name" not in about:
        raise _error("world.name", 'missing key: expected the name of the world, such as "Mali"')
    return Declaration(
        name=_text("world.name", about["name"], MAX_WORD),
        source=_text("world.source", about["source"], MAX_SOURCE) if "source" in about else "",
        words=dict(pair for table in _TABLES[1:] for pair in _words(given, table)),
        has_file=True,
    )


def _parse(path: Path) -> dict[str, Any]:
    """Return the content of the file as TOML."""
    text = decode(FILE, read_bytes(path, MAX_BYTES))
    try:
        return tomllib.loads(text)
    except (RecursionError, ValueError) as error:
        raise WorldError(FILE, reason=f"invalid TOML: {one_line(str(error), 200)}") from None


def _words(given: Mapping[str, Any], table: str) -> Iterable[tuple[str, str]]:
    """Yield key and word of every table entry. Words in one table must differ."""
    allowed = [key.partition(".")[2] for key in PACKAGED_WORDS if key.startswith(f"{table}.")]
    entries, names = _table(given, table), dict[str, str]()
    _check_keys(table, entries, allowed)
    for name, value in entries.items():
        word = _text(f"{table}.{name}", value, MAX_WORD)
        if word in names:
            raise _error(f"{table}.{name}", f"same word as {table}.{names[word]}: expected another")
        names[word] = name
        yield f"{table}.{name}", word


def _table(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table of the file, or empty if it is missing."""
    table = given.get(name, {})
    if not isinstance(table, dict):
        raise _error(name, f"expected a table: write [{name}] above its keys")
    return table


def _check_keys(table: str, given: Iterable[str], allowed: Iterable[str]) -> None:
    """Raise WorldError for the first key that is not allowed."""
    allowed = list(allowed)
    for key in given:
        if key not in allowed:
            path = f"{table}.{one_line(key, 40)}" if table else one_line(key, 40)
            raise _error(path, f"unknown key{near(key, allowed)}: expected {', '.join(allowed)}")


def _text(key: str, value: Any, max_length: int) -> str:
    """Return a text of one line without hidden characters."""
    expected = f"expected a text of 1 to {max_length} characters in one line"
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= max_length:
        raise _error(key, expected)
    if hidden := hidden_in(value):
        raise _error(key, f"{expected}, without the character {hidden}")
    return value.strip()


def _error(key: str, reason: str) -> WorldError:
    """Return the error for a key of the file."""
    return WorldError(FILE, reason=f"key {key}: {reason}")


def _listed(keys: tuple[str, ...]) -> str:
    """Return keys as a text: all of them, or the first ones and how many more there are."""
    if len(keys) > _MOST_LISTED:
        return f"{', '.join(keys[:_MOST_LISTED])} and {len(keys) - _MOST_LISTED} others"
    return ", ".join(keys)
