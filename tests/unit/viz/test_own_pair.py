"""A visitor's pair is fair and complete, and a field that cannot be used says why."""

from __future__ import annotations

import datetime

import pytest

from viz.screen.panels.budgets import dollar_bounds
from viz.screen.panels.own_pair import InvalidError, first_typed, groups, own_pair, read_typed
from viz.screen.panels.policy_groups import instruments
from viz.screen.session.choice import MOST_DAYS
from viz.screen.session.pairs import OWN, PAIRS, OwnTerms, first_day, last_start
from viz.screen.words import LANGUAGES, Words

T = Words("en")
TASK = {
    "a": "cameras_and_sensors",
    "b": "southern_border_control",
    "dollars": "$250M",
    "start": "2014-07-01",
}


def test_what_is_typed_is_the_same_comparison_as_the_ready_pair():
    typed, ready = own_pair(T, TASK), PAIRS[0]
    assert (typed.a, typed.b) == (ready.a, ready.b)
    assert abs(typed.days - ready.days) <= 5


@pytest.mark.parametrize("name", sorted(instruments()))
def test_every_instrument_gets_its_dollars_its_date_and_a_year_in_force(name: str):
    dollars = round(dollar_bounds(name)[1] / 2.0)
    pair = OwnTerms(name, "", dollars, OWN.start).pair()
    (policy,) = pair.policies(0)
    assert pair.policies(1) == () and pair.dollars(0) == pytest.approx(dollars, rel=0.005)
    assert policy.start == OWN.start.toordinal()
    assert pair.days >= pair.began + 365
    built = policy.ramp_end(policy.days_until_complete())
    assert pair.start.toordinal() + pair.days - built >= 364


def test_the_first_day_of_a_run_is_no_date_and_the_last_one_still_shows_a_year():
    early = OwnTerms("legal_pathways", "", 100e6, first_day()).pair()
    assert "@" not in early.a[0] and early.began == 1
    late = OwnTerms("cameras_and_sensors", "", 100e6, last_start()).pair()
    assert late.days == MOST_DAYS and late.days - late.began >= 364


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_instrument_that_costs_money_is_offered_once(language: str):
    offered = [name for _, options in groups(language) for name, _ in options]
    assert sorted(offered) == sorted(name for name in instruments() if dollar_bounds(name)[1] > 0.0)
    assert {OWN.a, OWN.b} < set(offered) and all(title for title, _ in groups(language))


def test_the_card_opens_with_a_pair_that_can_be_played():
    assert own_pair(T, first_typed()) == OWN.pair()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("dollars", "much"),
        ("dollars", "0"),
        ("dollars", "-5"),
        ("dollars", "900000"),
        ("start", ""),
        ("start", "2014-13-01"),
        ("start", "1999-01-01"),
        ("start", "2030-01-01"),
        ("a", "nothing_like_it"),
        ("b", TASK["a"]),
    ],
)
def test_a_field_that_cannot_be_used_is_named_with_the_reason(field: str, text: str, language: str):
    with pytest.raises(InvalidError) as caught:
        own_pair(Words(language), TASK | {field: text})
    assert caught.value.field == field
    assert caught.value.reason.endswith(".") and "{" not in caught.value.reason


def test_dollars_that_an_instrument_cannot_take_are_answered_with_those_it_can():
    with pytest.raises(InvalidError, match=r"southern border takes \$0 to \$539.8M a year"):
        own_pair(T, TASK | {"dollars": "600"})


@pytest.mark.parametrize("sent", [None, [], "text", {"a": 7, "more": "x"}, {"dollars": "9" * 900}])
def test_what_the_browser_sends_is_read_as_short_texts_of_known_fields(sent: object):
    typed = read_typed(sent)
    assert typed.keys() == first_typed().keys()
    assert all(isinstance(text, str) and len(text) <= 60 for text in typed.values())
    with pytest.raises(InvalidError):
        own_pair(T, typed)


def test_dates_are_those_of_the_screen():
    assert first_day() == datetime.date(2012, 10, 1) and first_day() < OWN.start < last_start()
