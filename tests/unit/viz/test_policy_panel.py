"""The content of the policy panel, and a visitor's actions in it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import policies_of, registry
from abm.scenario.policy_specs import parse_policy
from experiments.runs.warmup import start_model
from viz.screen.panels.budgets import STEP, dollars_of
from viz.screen.panels.policy_actions import (
    Refused,
    Request,
    act,
    numbers_of,
    read_request,
    with_number,
)
from viz.screen.panels.policy_panel import settings
from viz.screen.panels.policy_view import payload
from viz.screen.session.choice import STATUS_QUO, Choice, read_query
from viz.screen.words import LANGUAGES, Words, folded

NAMES = [name for name in registry() if name != STATUS_QUO]
BOTH = pytest.mark.parametrize("t", [Words(language) for language in LANGUAGES], ids=LANGUAGES)
ENGLISH, SPANISH = Words("en"), Words("es")
PAIR = Choice(a=("cameras_and_sensors:250M",), b=("southern_border_control:3",))
#: The name of a field in the model contains an underscore or a dot.
FIELD_NAME = re.compile(r"[a-z]+_[a-z]+|(?<![A-Za-z.])[a-z]+\.[a-z]+|`")


def do(choice: Choice, name: str, t: Words = ENGLISH, **more) -> Choice:
    """Return the choice after an action."""
    return act(t, choice, Request(name, **more)).choice


def row_of(choice: Choice, name: str, t: Words = ENGLISH, marks=None) -> dict:
    shown = payload(t, choice, marks or {})
    return next(row for row in shown["rows"] if row["id"] == name)


# ---- texts ---------------------------------------------------------------------------------------


@BOTH
def test_every_instrument_says_what_it_does_and_when_it_fails_in_whole_sentences(t: Words):
    for row in payload(t, Choice(), {})["rows"]:
        policy = registry()[row["id"]]
        assert row["effect"].endswith((".", "!"))
        assert row["fails"].startswith(t.translate(policy.fails_when))
        assert (t("policies_panel.unmeasured") in row["fails"]) == (not policy.evaluated)
        assert t.translate(policy.acts_when) in row["fails"]
        assert f"{row['effect']} {row['more']}".strip() == t.translate(policy.mechanism)
        assert not row["effect"].endswith(("U.S.", "UU.", "EE."))
        assert row["effect"].count("(") == row["effect"].count(")")


@BOTH
def test_no_label_of_a_number_is_the_name_of_a_field(t: Words):
    for name in NAMES:
        numbers = numbers_of(t, name)
        labels = [number.label for number in numbers]
        assert len(set(labels)) == len(labels), name
        for number in numbers:
            words = re.sub(r"U\.S\.|EE\. UU\.", "", number.label)
            assert words.strip() and not FIELD_NAME.search(words), (name, number.label)
            assert number.unit.text and not FIELD_NAME.search(number.unit.text)


# ---- search --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "query", "name"),
    [
        ("en", "wall", "fence"),
        ("en", "visas", "legal_pathways"),
        ("en", "Chiapas", "southern_border_control"),
        ("en", "drone", "aerial_surveillance"),
        ("en", "Merida", "merida_initiative"),
        ("es", "camara", "cameras_and_sensors"),
        ("es", "muro", "fence"),
        ("es", "retén", "southern_border_control"),
    ],
)
def test_instruments_are_found_by_other_names_without_accents(language, query, name):
    rows = payload(Words(language), Choice(), {})["rows"]
    assert name in [row["id"] for row in rows if folded(query) in row["text"]]


# ---- amounts -------------------------------------------------------------------------------------


def test_a_typed_amount_is_what_the_model_pays():
    for typed in ("250", "$250M", "0.25B"):
        new = do(PAIR, "amount", world=1, at=0, id="southern_border_control", value=typed)
        assert new.b == ("southern_border_control:250M",) and new.a == PAIR.a
        assert dollars_of(new.b[0]) == pytest.approx(250e6)
    amount = row_of(new, "southern_border_control")["uses"][0]["amount"]
    assert amount["value"] == "250" and amount["note"].startswith("$250.0M a year")


def test_the_field_says_what_the_money_pays_for():
    note = row_of(PAIR, "cameras_and_sensors")["uses"][0]["amount"]["note"]
    assert note == "$250.0M a year, with 155 towers"


@pytest.mark.parametrize("typed", ["", "lots", "-5", "1e99", "nan"])
def test_a_text_that_is_no_amount_is_refused_and_the_choice_stays(typed: str):
    with pytest.raises(Refused, match="millions of dollars"):
        do(PAIR, "amount", world=0, at=0, id="cameras_and_sensors", value=typed)


def test_an_instrument_without_dollars_has_a_percentage():
    choice = Choice(a=("no_cooperation",), b=())
    amount = row_of(choice, "no_cooperation")["uses"][0]["amount"]
    assert amount["value"] == "100" and not amount["prefix"] and "%" in amount["suffix"]
    new = do(choice, "amount", world=0, at=0, id="no_cooperation", value="37.5 %")
    assert parse_policy(new.a[0]).dose == 0.375
    with pytest.raises(Refused, match="0 to 100"):
        do(choice, "amount", world=0, at=0, id="no_cooperation", value="101")


# ---- in the middle of a run ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        Request("amount", 0, 0, "cameras_and_sensors", "400"),
        Request("amount", 0, 0, "cameras_and_sensors", "100"),
        Request("number", 0, 0, "cameras_and_sensors", "300", "build_days"),
        Request("remove", 0, 0, "cameras_and_sensors"),
        Request("add", 0, id="smuggler_prosecution"),
        Request("preset", 0, id="cooperation"),
    ],
    ids=lambda request: f"{request.do} {request.value}",
)
def test_a_change_from_today_pays_and_acts_as_before_until_today_and_as_changed_then(request_):
    choice = dataclasses.replace(PAIR, days=60, scale=1000)
    today = choice.scenario(0).start + datetime.timedelta(days=40)
    changed, full = (act(ENGLISH, choice, request_, day).choice for day in (today, None))
    assert changed.b == PAIR.b and changed.a not in (PAIR.a, full.a)

    def paid(choice: Choice, day: int) -> float:
        uses = policies_of(choice.scenario(0), choice.scenario(0).policies)
        return sum(sum(use.dollars().values()) for use in uses if use.active(day))

    day = today.toordinal()
    assert paid(changed, day - 1) == pytest.approx(paid(PAIR, day - 1))
    assert paid(changed, day) == pytest.approx(paid(full, day), abs=2 * STEP)
    models = [start_model(each.scenario(0), 3) for each in (choice, changed)]
    for model in models:
        model.run_for(40)
    assert (models[0].ledger.events == models[1].ledger.events).all()


# ---- adding and removing -------------------------------------------------------------------------


def test_instruments_are_added_to_one_world_and_removed_from_it():
    new = do(PAIR, "add", world=0, id="fence")
    assert new.a == (*PAIR.a, "fence") and new.b == PAIR.b
    assert do(new, "remove", world=0, at=1, id="fence") == PAIR


@given(st.sampled_from(NAMES), st.sampled_from([0, 1]))
def test_every_instrument_can_be_added_and_shown(name: str, world: int):
    new = do(Choice(a=(), b=()), "add", world=world, id=name)
    (use,) = row_of(new, name)["uses"]
    assert use["world"] == world and read_query(new.query()) == new
    json.dumps(payload(SPANISH, new, {}))


@pytest.mark.parametrize(
    "message",
    [
        None,
        {},
        {"do": "drop"},
        {"do": "add", "world": 2, "id": "fence"},
        {"do": "add", "world": True, "id": "fence"},
        {"do": "add", "world": "0", "id": "fence"},
        {"do": "remove", "at": "x"},
    ],
)
def test_messages_that_are_no_actions_are_ignored(message):
    assert read_request(message) is None


@pytest.mark.parametrize(
    "request_",
    [
        Request("add", 0, -1, "status_quo"),
        Request("add", 0, -1, "x" * 200),
        Request("remove", 0, 5, "fence"),
        Request("preset", 0, -1, "../x"),
        Request("number", 0, 0, "cameras_and_sensors", "5", "line_miles.yuma"),
        Request("number", 0, 0, "cameras_and_sensors", "5", "__class__"),
        Request("dates", 0, 0, "cameras_and_sensors", {"start": "soon"}),
        Request("dates", 0, 0, "cameras_and_sensors", {"start": ["x"]}),
    ],
)
def test_untrusted_actions_are_refused(request_: Request):
    with pytest.raises(Refused):
        act(ENGLISH, PAIR, request_)


# ---- dates ---------------------------------------------------------------------------------------


def test_dates_are_set_one_by_one():
    new = do(PAIR, "dates", world=0, at=0, id="cameras_and_sensors", value={"start": "2013-01-01"})
    assert new.a == ("cameras_and_sensors:250M@2013-01-01",)
    new = do(new, "dates", world=0, at=0, id="cameras_and_sensors", value={"end": "2013-06-01"})
    assert new.a == ("cameras_and_sensors:250M@2013-01-01..2013-06-01",)
    new = do(new, "dates", world=0, at=0, id="cameras_and_sensors", value={"start": ""})
    assert new.a == ("cameras_and_sensors:250M@..2013-06-01",)


# ---- numbers -------------------------------------------------------------------------------------


@given(st.data())
def test_a_number_is_set_in_the_unit_that_is_shown(data: st.DataObject):
    name = data.draw(st.sampled_from([name for name in NAMES if numbers_of(ENGLISH, name)]))
    number = data.draw(st.sampled_from(numbers_of(ENGLISH, name)))
    shown = number.unit.field_text(number.value)
    assert number.read(ENGLISH, shown) == pytest.approx(number.value, rel=1e-9)
    written = with_number(name, number.name, number.read(ENGLISH, shown))
    assert written == name, "the model's own value is not written"
    high = with_number(name, number.name, number.high)
    assert {one.name: one.value for one in numbers_of(ENGLISH, high)}[number.name] == number.high
    assert with_number(high, number.name, number.default) == name


@BOTH
def test_a_number_out_of_bounds_is_refused_in_the_unit_that_is_shown(t: Words):
    request = Request("number", 0, 0, "cameras_and_sensors", "9000", "contract")
    with pytest.raises(Refused, match=r"100 \w+ 600 \(\$M\)"):
        act(t, PAIR, request)


# ---- equal budgets -------------------------------------------------------------------------------


@BOTH
def test_budgets_that_cannot_be_equal_say_why(t: Words):
    with pytest.raises(Refused, match=r"\$8\.0M"):
        do(Choice(a=PAIR.a, b=("transfers_south",)), "equal", world=1, t=t)
    with pytest.raises(Refused, match="B"):
        do(Choice(a=PAIR.a, b=()), "equal", world=1, t=t)
    with pytest.raises(Refused, match="A"):
        do(Choice(a=(), b=PAIR.b), "equal", world=1, t=t)


# ---- the run -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 2**53 + 1, 10**17 + 7, 2**63 - 1])
def test_a_seed_is_shown_and_read_exactly(value: int):
    seed, *_ = settings(ENGLISH, dataclasses.replace(PAIR, seed=value))
    assert seed.read(ENGLISH, seed.unit.field_text(seed.value)) == value
