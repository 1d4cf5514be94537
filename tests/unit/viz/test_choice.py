"""The visitor's choice: an address restores it, and a date changes one policy only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import registry
from abm.scenario import SettingError
from abm.scenario.policy_specs import parse_policy
from experiments.comparison.compare import policies_of
from viz.screen.session.choice import (
    FINEST,
    MOST_DAYS,
    STATUS_QUO,
    Choice,
    preset_of,
    presets,
    read_query,
)
from viz.screen.words import LANGUAGES, Words, table

INSTRUMENTS = [name for name in registry() if name != STATUS_QUO]


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, ...]:
    """Draw instruments at some doses, some of them with dates."""
    names = draw(st.lists(st.sampled_from(INSTRUMENTS), max_size=4, unique=True))
    dates = st.sampled_from(["", "@2013-01-01", "@2012-11-01..2013-05-01"])
    return tuple(
        str(parse_policy(f"{name}:{draw(st.sampled_from(['0.25', '0.5', '1']))}{draw(dates)}"))
        for name in names
    )


@given(
    policies(),
    policies(),
    st.integers(0, 10**6),
    st.integers(1, MOST_DAYS),
    st.integers(FINEST, 1000),
)
def test_an_address_restores_the_choice(a, b, seed: int, days: int, scale: int):
    choice = Choice(a=a, b=b, seed=seed, days=days, scale=scale, numbers=(("contest.eta", "0.4"),))
    assert read_query("?" + choice.query()) == choice
    for world in (0, 1):
        assert choice.scenario(world).contest.eta == 0.4


@pytest.mark.parametrize(
    "query",
    [
        "a=fense",
        "days=１",
        "days=1_0",
        "b=fence:99",
        "seed=x",
        "days=0",
        "days=99999",
        "scale=1",
        "set=contest.eta",
        "set=contest.eta=9",
        "a=" + "x" * 5000,
        "%ff%fe",
        "a=fence&a=fence:0.5:q=1",
        "set=world=/etc",
        "set=supply=/etc/passwd",
        "set=supply=/etc/supply.csv",
        "set=supply=flat",
        "set=supply_season=2009-10..2013-09",
        "set=warmup_days=3650",
        "set=days=9",
        "set=policies=[]",
        "set=name=x",
        "&".join(["a=fence"] * 300),
        "page=about&" + "&" * 300,
        "set=contest.eta=1%0A" + "a." * 200_000 + "a=1",
        "set=" + "%5B" * 4_000,
        "&".join(f"b=fence:0.{k}" for k in range(150)),
    ],
)
def test_an_invalid_address_gives_the_default_choice(query: str):
    assert read_query(query) == Choice()


def test_every_preset_is_valid_and_recognised():
    for name, own in presets().items():
        scenario = Choice(a=own).scenario(0)
        policies_of(scenario, scenario.policies)
        assert preset_of(own) == name
    assert preset_of(("fence:0.125",)) is None


def test_the_bounds_of_a_visitor_are_enforced():
    many = tuple(f"fence:{k}" for k in range(61))
    for wrong in (
        Choice(days=MOST_DAYS + 1),
        Choice(scale=FINEST - 1),
        Choice(days=0),
        Choice(a=many),
        Choice(seed=2**63),
        Choice(seed=10**400),
    ):
        with pytest.raises(SettingError):
            wrong.scenario(0)


# ---- words ---------------------------------------------------------------------------------------


def test_both_languages_have_the_same_words():
    keys = {language: set(table(language)) for language in LANGUAGES}
    assert keys["en"] == keys["es"]
    assert all(text.strip() for language in LANGUAGES for text in table(language).values())


def test_few_words_are_the_same_in_both_languages():
    """A text that a translator copied and never translated would be equal in both languages."""
    alike = {
        "person.no": "no",
        "agents.no": "no",
        "agents.field.sector": "Sector",
        "check.sector": "Sector",
        "plot.a": "A",
        "plot.b": "B",
        "plot.total": "{}, total",
        "learning.minutes": "{} min",
        "since.times": "{world} {times} ×",
        "start.minutes": "{minutes} min",
        "check.crps": "CRPS",
        "check.dose_of.2019": "2019",
    }
    same = {
        key: text
        for key, text in table("en").items()
        if table("es")[key] == text and not key.startswith("country.")
    }
    assert same == alike


def test_every_fate_and_group_has_words():
    from agents.outcomes import Group
    from viz.screen.session.fates import ENDS, OPEN

    for language in LANGUAGES:
        words = Words(language)
        assert set(words.part("group")) == {one.name.lower() for one in Group}
        assert set(words.part("fate")) == {*ENDS, OPEN}
