"""A parameter is declared once; its values are checked against the declaration."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, make_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.param import (
    ASSUMED,
    LONGEST_MESSAGE,
    STATUSES,
    SettingError,
    check,
    one_line,
    param,
    params_of,
    plain,
    status_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy:
    """A group with one parameter of each kind."""

    rate: float = param(0.27, unit="probability", doc="A rate.", source="a.csv")
    heads: int = param(3, unit="persons", low=1, high=9, doc="A count.")
    on: bool = param(True, unit="switch", low=0, high=1, doc="A switch.")
    theory: str = param("expected", unit="name", doc="A name.", choices=("expected", "prospect"))
    kinds: tuple[float, ...] = param(
        (0.0, 0.6, 0.8),
        unit="share",
        doc="A table.",
        labels=("adult", "family", "child"),
        source="b.csv and [A]",
    )
    row: tuple[int, ...] = param((1, 2), unit="persons", low=0, high=9, doc="A bare row.")
    note: str = "not a parameter"


TOY = params_of(Toy)


def error_of(name: str, value: object) -> str:
    """Return the message of the error that a value raises."""
    with pytest.raises(SettingError) as error:
        check(f"toy.{name}", TOY[name], value)
    return str(error.value)


def test_the_declaration_gives_default_name_and_mark():
    assert list(TOY) == ["rate", "heads", "on", "theory", "kinds", "row"]
    assert (Toy().rate, TOY["rate"].value, TOY["rate"].name) == (0.27, 0.27, "rate")
    assert [name for name, declared in TOY.items() if not declared.assumed] == ["rate"]
    assert TOY["heads"].source == ASSUMED
    with pytest.raises(FrozenInstanceError):
        TOY["rate"].value = 0.5  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("a.csv 2013", "sourced"),
        ("[F] fitted to P2", "fitted"),
        ("[S] choice of the experiment", "setting"),
        ("a.csv; years [A]", "assumed"),
        ("[F] fitted to P2, with a share [A]", "assumed"),
    ],
)
def test_the_marks_in_a_source_give_the_status(source, status):
    assert status_of(source) == status and status in STATUSES


@given(
    st.floats(min_value=1, exclude_min=True)
    | st.floats(max_value=0, exclude_max=True)
    | st.integers(min_value=2)
    | st.integers(max_value=-1)
)
def test_a_number_outside_its_bounds_is_refused(value: float):
    assert error_of("rate", value).startswith("toy.rate: ")


def test_types_are_kept():
    number = check("toy.rate", TOY["rate"], 1)
    assert number == 1 and type(number) is float
    assert type(check("toy.heads", TOY["heads"], 4)) is int
    assert check("toy.on", TOY["on"], False) is False
    assert check("toy.kinds", TOY["kinds"], [0, 1, 1]) == (0.0, 1.0, 1.0)
    assert {type(x) for x in check("toy.kinds", TOY["kinds"], [0, 1, 1])} == {float}


@pytest.mark.parametrize(
    ("name", "value", "wrong", "hint"),
    [
        ("rate", "0.4", '"0.4", a text, is not a number', "between 0 and 1"),
        ("rate", True, "true, a yes-or-no value, is not a number", "between 0 and 1"),
        ("heads", 3.0, "3.0, a number, is not a whole number", "between 1 and 9"),
        ("on", 1, "1, a number, is not true or false", "Give true or false."),
        ("theory", "prospekt", '"prospekt" is not a known name', 'Did you mean "prospect"?'),
        ("kinds", 0.5, "0.5 is one value, not a table", "adult, family, child"),
        ("kinds", [0.1, 0.2], "2 values are given where 3 are needed", "adult, family, child"),
    ],
)
def test_the_message_of_a_wrong_type(name: str, value: object, wrong: str, hint: str):
    text = error_of(name, value)
    assert text.startswith(f"toy.{name}: {wrong}") and hint in text


def test_a_table_by_label_keeps_defaults_of_missing_labels():
    assert check("toy.kinds", TOY["kinds"], {"family": 0.5}) == (0.0, 0.5, 0.8)
    assert check("toy.kinds", TOY["kinds"], {}) == (0.0, 0.6, 0.8)
    assert check("toy.row", TOY["row"], {"1": 7}) == (1, 7)


def test_a_wrong_entry_of_a_table_is_named():
    assert error_of("kinds", [0, 0, 2]).startswith("toy.kinds.child: 2 is above")
    assert error_of("kinds", {"adult": -1}).startswith("toy.kinds.adult: -1 is below")
    assert error_of("row", [0, 0.5]).startswith("toy.row.1: 0.5, a number, is not a whole")
    text = error_of("kinds", {"famly": 0.5})
    assert text.startswith("toy.kinds.famly: ") and 'Did you mean "family"?' in text


GOOD = {"unit": "$", "low": 0, "high": 1, "doc": "A number."}


@pytest.mark.parametrize(
    ("annotation", "value", "changes", "fault"),
    [
        (float, 1.5, {}, "above the highest"),
        (float, 0.5, {"low": 1, "high": 0}, "bounds are missing or not in order"),
        (float, 0.5, {"high": None}, "bounds are missing or not in order"),
        (float, -0.5, {"low": None}, "below the lowest"),
        (float, 0.5, {"doc": "  "}, "full stop"),
        (float, 0.5, {"source": ""}, "source is empty"),
        (float, 0.5, {"unit": " "}, "unit is empty"),
        (float, 0.5, {"choices": ("a",)}, "have choices"),
        (float, 0.5, {"labels": ("a",)}, "labels belong to a table"),
        (int, True, {}, "write the same type"),
        (tuple[float, ...], (0.5, 1), {}, "one type of entry"),
        (tuple[float, ...], (0.5, 0.5), {"labels": ("a",)}, "one label per entry"),
        (str, "a", {}, "have choices"),
        (str, "a", {"choices": ("b",)}, "not a known name"),
        (type(None), None, {}, "cannot be a parameter"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(
    annotation: type, value: object, changes: dict[str, object], fault: str
):
    field = param(value, **GOOD | changes)  # pyright: ignore[reportArgumentType]
    bad = make_dataclass("Bad", [("x", annotation, field)], frozen=True)
    with pytest.raises(TypeError, match=rf"^Bad\.x: .*{fault}"):
        params_of(bad)


# ---- messages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain é ½", "plain é ½"),
        ("two\nlines\tand\x7f", r"two\nlines\tand\x7f"),
        ("\ud800\u2028\u202e", r"\ud800\u2028\u202e"),
        ("a" * 400, "a" * 297 + "..."),
        ("\0" * 400, (r"\x00" * 75)[:297] + "..."),
    ],
)
def test_a_text_of_a_user_is_shown_on_one_line(text, line):
    assert one_line(text) == line
    assert plain(text) == f'"{one_line(text, 60)}"'


@pytest.mark.parametrize("part", ["x\ny", "x" * 5_000, "\x00\u2029", "{}" * 900])
def test_every_message_is_one_line_of_at_most_300_characters(part):
    for error in (
        SettingError(part, "wrong", "Change it."),
        SettingError("a.b", f"{part} is wrong", "Change it."),
        SettingError("a.b", "wrong", f"Give {part}."),
        SettingError("a.b", "wrong", "Change it.", f"/a/{part}/file.toml"),
        SettingError(part, part, part, part),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert str(copy) == str(error)
        assert str(error).isprintable() and len(str(error)) <= LONGEST_MESSAGE == 300
    for blank in ("", "  "):
        assert str(SettingError(blank, "wrong", "Change it.")) == f'"{blank}": wrong. Change it.'
