"""A policy has one written form, and reading it back gives the same policy."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policy_use import (
    LARGEST_DOLLARS,
    LARGEST_DOSE,
    PolicyUse,
    parse_policy,
    read_policies,
    write_policies,
)
from abm.settings import FIRST_DATE, LAST_DATE
from agents.param import SettingError

DATE = datetime.date


@st.composite
def policy_uses(draw: st.DrawFn) -> PolicyUse:
    """Any valid policy use."""
    dates = st.none() | st.dates(FIRST_DATE, LAST_DATE)
    start, end = draw(dates), draw(dates)
    if start and end:
        start, end = min(start, end), max(start, end)
        end = None if start == end else end
    amount = draw(
        st.fixed_dictionaries({"dose": st.floats(0, LARGEST_DOSE)})
        | st.fixed_dictionaries({"dollars": st.floats(0, LARGEST_DOLLARS) | st.integers(0, 10**9)})
        | st.just({})
    )
    return PolicyUse(
        id=draw(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)),
        start=start,
        end=end,
        **amount,
    )


def refused(text: str) -> str:
    """Give the text with which a written policy is refused."""
    with pytest.raises(SettingError) as error:
        parse_policy(text)
    assert error.value.path == "--policy"
    return str(error.value)


@given(policy_uses())
def test_written_form_reads_back_exactly(use: PolicyUse):
    again = parse_policy(str(use))
    assert again == use and repr(again) == repr(use)


@given(st.lists(policy_uses(), max_size=4), st.randoms())
def test_order_of_policies_means_nothing(uses: list[PolicyUse], chance):
    once = read_policies("policies", uses)
    shuffled = list(write_policies(once))
    chance.shuffle(shuffled)
    assert read_policies("policies", shuffled) == once
    assert sorted(map(str, once)) == sorted(map(str, uses))


def test_uses_that_differ_in_their_measure_alone_have_an_order_too():
    uses = (PolicyUse(id="fence", dose=0), PolicyUse(id="fence", dollars=0))
    assert read_policies("policies", uses) == read_policies("policies", uses[::-1])


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("fence", PolicyUse(id="fence", dose=1.0)),
        ("fence:0.5", PolicyUse(id="fence", dose=0.5)),
        ("fence:250M", PolicyUse(id="fence", dollars=250e6)),
        ("fence:$1.5b", PolicyUse(id="fence", dollars=1.5e9)),
        ("fence:86.6M", PolicyUse(id="fence", dollars=86_600_000)),
        ("fence:1.07B", PolicyUse(id="fence", dollars=1_070_000_000)),
        ("fence@2014-07-07", PolicyUse(id="fence", start=DATE(2014, 7, 7))),
        ("fence@..2016-01-01", PolicyUse(id="fence", end=DATE(2016, 1, 1))),
        (
            "southern_border_control:250M@2014-07-07..2016-01-01",
            PolicyUse(
                id="southern_border_control",
                dollars=250e6,
                start=DATE(2014, 7, 7),
                end=DATE(2016, 1, 1),
            ),
        ),
    ],
)
def test_examples_of_the_written_form(text: str, use: PolicyUse):
    assert parse_policy(text) == use


@pytest.mark.parametrize(
    ("text", "wrong", "hint"),
    [
        ("", "not the name of a policy", "id[:dose][@from[..to]]"),
        ("Fence", "not the name of a policy", "small letters"),
        ("fence:a:b", "is not a policy", "id[:dose][@from[..to]]"),
        ("fence:", "is not a dose", "250M"),
        ("fence:lots", "is not a dose", "250M"),
        ("fence:-1", "is not a dose", "250M"),
        ("fence:nan", "is not a dose", "250M"),
        ("fence:$250", "has no K, M or B", "$250M"),
        ("fence:101", "is out of range", "between 0 and 100"),
        ("fence:1e999", "is out of range", "between 0 and 100"),
        ("fence:101B", "is out of range", "between 0 and 100000000000"),
        ("fence@", "is not a period", "id[:dose][@from[..to]]"),
        ("fence@2014-07-07..", "is not a period", "id[:dose][@from[..to]]"),
        ("fence@2014-13-01", "is not a date", "2014-07-07"),
        ("fence@1066-10-14", "outside the calendar", "between 1990-01-01"),
        ("fence@2016-01-01..2014-07-07", "is not after the first day", "later date"),
        ("fence@2016-01-01..2016-01-01", "is not after the first day", "later date"),
    ],
)
def test_what_cannot_be_read_says_what_to_write(text: str, wrong: str, hint: str):
    said = refused(text)
    assert wrong in said and hint in said


ALMOST = st.from_regex(r"[a-z]{1,3}(:[0-9.eKMB$-]{0,9})?(@[0-9.-]{0,25})?", fullmatch=True)


@given(st.text() | ALMOST)
def test_no_text_does_worse_than_a_setting_error(text: str):
    try:
        use = parse_policy(text)
    except SettingError as error:
        assert error.reason and error.hint
    else:
        assert parse_policy(str(use)) == use


@pytest.mark.parametrize(
    ("item", "path", "wrong"),
    [
        ({"dose": 1}, "policies[1]", "there is no id"),
        (7, "policies[1]", "there is no id"),
        ({"id": 7}, "policies[1].id", "not the name"),
        ({"id": "fence", "dosis": 1}, "policies[1].dosis", "no setting of this name"),
        ({"id": "fence", "dose": True}, "policies.fence.dose", "is not a number"),
        ({"id": "fence", "dose": -1}, "policies.fence.dose", "out of range"),
        ({"id": "fence", "dose": float("nan")}, "policies.fence.dose", "out of range"),
        ({"id": "fence", "dose": 10**400}, "policies.fence.dose", "out of range"),
        ({"id": "fence", "dose": 1, "dollars": 1}, "policies.fence", "both dose and dollars"),
        ({"id": "fence", "from": 2014}, "policies.fence.from", "is not a date"),
    ],
)
def test_a_bad_table_is_refused_by_its_path(item: object, path: str, wrong: str):
    with pytest.raises(SettingError) as error:
        read_policies("policies", [item])
    assert error.value.path == path and wrong in error.value.reason
