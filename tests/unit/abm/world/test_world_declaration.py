"""The file `world.toml`: declared words, the note on other worlds, and one-line errors."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.measures import CRITERIA, DEPTHS, OUTCOMES
from abm.world.declaration import FILE, MAX_BYTES, MAX_WORD, Declaration, read_declaration
from abm.world.errors import WorldError
from abm.world.routes import declaration_of, load_world

_HEAD = '[world]\nname = "Mali"\n'


def declare(folder: Path, text: str) -> Declaration:
    """Write a world.toml and return its declaration."""
    (folder / FILE).write_text(text, encoding="utf-8")
    return declaration_of(str(folder))


def test_the_packaged_world_and_an_equal_copy_have_no_note(folder: Path):
    for place in ("", None, folder, str(folder)):
        words = declaration_of(place)
        assert words.is_packaged and not words.note and not words.keys()
        for measure in (OUTCOMES | CRITERIA).values():
            assert words.labelled(measure) is measure
        assert all(words.say(text) == text for text in DEPTHS)


def test_a_world_without_a_file_warns_that_words_and_numbers_are_packaged(folder: Path, edit):
    edit("edges.csv", 24, "travel_days", "0.71")
    words = declaration_of(folder)
    assert folder.name in words.note and "without world.toml" in words.note
    assert "names and numbers are those of the packaged world" in words.note
    assert "\n" not in words.note and words.keys() == {"world_note": words.note, "world_words": {}}
    assert words.say("Departures, Northern Triangle") == "Departures, Northern Triangle"


def test_words_that_are_not_declared_are_listed(folder: Path):
    words = declare(folder, _HEAD + '[names]\ntransit = "Libya"\n[sectors]\nyuma = "Sabha"\n')
    assert "names.destination" in words.undeclared and "groups.mexican" in words.undeclared
    assert "sectors.tucson" in words.undeclared and "zones.isthmus" in words.undeclared
    assert not {"names.transit", "sectors.yuma"} & set(words.undeclared)
    assert "the words of names.destination, " in words.note and "others" in words.note
    assert len(words.note) < 400 and words.note.startswith("World Mali: ")


def test_labels_have_the_declared_words(folder: Path):
    words = {
        "names": {"transit": "Libya", "destination": "the European Union", "agency": "Frontex"},
        "groups": {"mexican": "Libyans", "northern_triangle": "West Africans"},
    }
    text = _HEAD + "".join(
        f"[{table}]\n" + "".join(f'{key} = "{word}"\n' for key, word in entries.items())
        for table, entries in words.items()
    )
    say = declare(folder, text).say
    assert say("Departures, Northern Triangle") == "Departures, West Africans"
    assert say("Fee, Mexicans") == "Fee, Libyans"
    assert say("Journeys through Mexico") == "Journeys through Libya"
    assert say("Stopped in Mexico's south") == "Stopped in the south of Libya"
    assert say("Competence of Mexican officers") == "Competence of officers of Libya"
    assert say("Apprehended by the U.S.") == "Apprehended by the European Union"
    assert say("The U.S. line") == "The line of the European Union"
    assert say("the U.S. Border Patrol") == "the Frontex"
    for measure in (OUTCOMES | CRITERIA).values():
        named = declare(folder, text).labelled(measure)
        for phrase in ("Mexic", "Northern Triangle", "United States", "U.S.", "Border Patrol"):
            assert phrase not in named.label + named.doc
    assert all("Mexic" not in say(place) and "U.S." not in say(place) for place in DEPTHS)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "key world.name: missing key"),
        ('[world]\nname = ""', "key world.name: expected a text of 1 to"),
        (f'[world]\nname = "{"x" * (MAX_WORD + 1)}"', "key world.name: expected a text"),
        (_HEAD + 'colour = "red"', "key world.colour: unknown key"),
        (_HEAD + '[sector]\nyuma = "x"', "key sector: unknown key; did you mean sectors?"),
        (
            _HEAD + '[sectors]\ntuscon = "x"',
            "key sectors.tuscon: unknown key; did you mean tucson?",
        ),
        (_HEAD + '[sectors]\nyuma = "x"\ntucson = "x"', "key sectors.tucson: same word as sec"),
        (_HEAD + f'[zones]\n"{"k" * 5000}" = "x"', "kkk...: unknown key"),
        (_HEAD + '[zones]\n"a\\nb\\u001b[2J" = "x"', "key zones.a\\nb\\x1b[2J: unknown key"),
        ("[world\n", "invalid TOML: "),
        ("x = " + "[" * 9000, "invalid TOML: "),
        ("# " + "x" * MAX_BYTES, "too large: expected at most"),
    ],
)
def test_an_invalid_file_is_one_line_that_names_file_and_key(folder: Path, text: str, named: str):
    (folder / FILE).write_text(text, encoding="utf-8")
    for read in (read_declaration, load_world, declaration_of):
        with pytest.raises(WorldError) as caught:
            read(folder)
        message = str(caught.value)
        assert message.startswith(f"{FILE}: ") and named in message
        assert message.isprintable() and len(message) < 500


_VALUES = st.recursive(
    st.text(max_size=80) | st.integers() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
_KEYS = st.sampled_from(["world", "names", "groups", "sectors", "zones"]) | st.text(max_size=9)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(_KEYS, _VALUES, max_size=4) | st.binary(max_size=200))
def test_any_file_is_declared_or_refused_in_one_line(folder: Path, given_file):
    content = given_file if isinstance(given_file, bytes) else tomli_w.dumps(given_file).encode()
    (folder / FILE).write_bytes(content)
    try:
        assert read_declaration(folder)
    except WorldError as error:
        message = str(error)
        assert message.startswith(FILE) and message.isprintable() and len(message) < 500
