"""One battery for every policy, those of tomorrow included: it asks the registry who is there."""

import dataclasses
import datetime
import json
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.policies import Policy, Seen, daily_dollars, make, pull_all, registry
from abm.policies.base import ARMS
from abm.scenario import Scenario, load_scenario
from abm.scenario.policy_specs import (
    PolicySpec,
    format_policy,
    parse_policy,
    read_policies,
    write_policies,
)
from abm.world.geography import DATA
from agents.labels import AREAS
from agents.levers import LEVERS, Levers
from agents.outcomes import Event
from agents.param import SettingError, params_of

START, END = datetime.date(2012, 10, 1), datetime.date(2015, 10, 1)
FIRST, LAST = START.toordinal(), END.toordinal()
DAYS = (FIRST, FIRST + 1, FIRST + 29, FIRST + 200, FIRST + 400, LAST - 1)
TEXTS = ("claim", "mechanism", "expect", "fails_when")
KEYS = {
    "id",
    "title",
    "arm",
    "needs_mexico",
    "claim",
    "mechanism",
    "levers",
    "expect",
    "cost",
    "source",
    "fails_when",
    "judged_by",
    "failing",
    "beside",
    "years",
    "dose_bounds",
    "numbers",
}

every = pytest.mark.parametrize("cls", registry().values(), ids=registry())
calm = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def at(cls: type[Policy], dose: float = 1.0, start: int = FIRST, end: int = LAST) -> Policy:
    """A policy at a dose, by default for the whole run."""
    return cls(dose=dose, start=start, end=end)


def pulled(levers: Levers, day: int, seen: Seen, *policies: Policy) -> dict[str, np.ndarray]:
    """What policies pull on a day."""
    pull_all(policies, levers, day, seen)
    return levers.copy()


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether two snapshots are equal to the last bit, the sign of zero included."""
    return all(one[name].tobytes() == other[name].tobytes() for name in LEVERS)


def test_the_instruments_in_force_are_found() -> None:
    """The registry holds both baselines and is sorted; asking again gives a fresh copy."""
    assert {"status_quo", "no_cooperation", "patrol_surge"} <= set(registry())
    assert list(registry()) == sorted(registry())
    registry().clear()
    assert registry()


def test_titles_are_unique() -> None:
    """Titles of policies are unique, so that the screen can distinguish them."""
    titles = [cls.title for cls in registry().values()]
    assert len(set(titles)) == len(titles)


@every
def test_is_named_like_its_file(cls: type[Policy]) -> None:
    """The id is a slug and the name of the module, so that a reader finds it."""
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,59}", cls.id)
    assert cls.__module__ == f"abm.policies.{cls.id}"


@every
def test_is_frozen_hashable_and_travels(cls: type[Policy]) -> None:
    """It cannot be changed, can be a key, and survives the way to a worker process."""
    policy = at(cls)
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.dose = 2.0  # pyright: ignore[reportAttributeAccessIssue]
    assert not hasattr(policy, "__dict__")
    assert hash(policy) == hash(at(cls))
    assert pickle.loads(pickle.dumps(policy)) == policy


@every
def test_texts_are_sentences_of_our_own_words(cls: type[Policy]) -> None:
    """Every text is there, is short, and uses the words of the field."""
    assert cls.title.strip() and len(cls.title) <= 60 and not cls.title.endswith(".")
    for name in TEXTS:
        text = getattr(cls, name)
        assert text == text.strip() and text[0].isupper() and text.endswith("."), name
        assert 20 <= len(text) <= 400, name
        assert not re.search(r"\b(illegals?|aliens?)\b", text, re.I), name
        assert "  " not in text, name
    assert (cls.__doc__ or "").strip().splitlines()[0].endswith((".", ",", ":"))


@every
def test_arm_and_levers_are_known(cls: type[Policy]) -> None:
    """It belongs to an arm and names levers that exist, each once."""
    assert cls.arm in ARMS
    assert set(cls.lever_names) <= set(LEVERS)
    assert len(set(cls.lever_names)) == len(cls.lever_names)
    assert set(cls.monotone) <= set(Event.__members__)
    assert set(cls.monotone.values()) <= {-1, 1}


@every
def test_touches_only_and_all_levers_it_names(
    cls: type[Policy], seen: Seen, levers: Levers
) -> None:
    """A policy changes exactly its declared levers over the whole run."""
    touched = set()
    for day in DAYS:
        after = pulled(levers, day, seen, at(cls))
        assert all(np.isfinite(array).all() for array in after.values())
        touched |= {name for name, array in after.items() if array.any()}
    assert touched == set(cls.lever_names)


@every
def test_adds_to_what_others_pulled(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """A policy adds to the levers and never overwrites earlier values."""
    alone = pulled(levers, DAYS[3], seen, at(cls))
    levers.reset()
    for name in LEVERS:
        getattr(levers, name)[:] = 64.0
    at(cls).apply(levers, DAYS[3], seen)
    for name, array in levers.copy().items():
        np.testing.assert_allclose(array - 64.0, alone[name], rtol=1e-9, atol=1e-10)


@every
def test_dose_nothing_pulls_nothing(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """Dose 0 leaves every lever unchanged, to the last bit, and costs nothing."""
    levers.reset()
    before = levers.copy()
    for day in DAYS:
        assert same(pulled(levers, day, seen, at(cls, 0.0)), before)
    assert not any(at(cls, 0.0).dollars().values())
    assert not any(daily_dollars((at(cls, 0.0),), FIRST).values())


@every
def test_nothing_outside_its_dates(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """Nothing is pulled or paid before the first day or from the end on."""
    policy = at(cls, start=FIRST + 10, end=FIRST + 20)
    nothing = pulled(levers, FIRST, seen)
    for day in (FIRST, FIRST + 9, FIRST + 20, LAST):
        assert not policy.active(day)
        assert same(pulled(levers, day, seen, policy), nothing)
        assert daily_dollars((policy,), day) == {}
    touched = pulled(levers, FIRST + 10, seen, policy)
    assert policy.active(FIRST + 10) and policy.active(FIRST + 19)
    assert bool(cls.lever_names) != same(touched, nothing)


@every
def test_has_no_memory(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """The levers of a day do not depend on earlier calls."""
    policy = at(cls)
    forward = [pulled(levers, day, seen, policy) for day in DAYS]
    backward = [pulled(levers, day, seen, policy) for day in reversed(DAYS)][::-1]
    again = [pulled(levers, day, seen, at(cls)) for day in DAYS]
    assert all(map(same, forward, backward)) and all(map(same, forward, again))


@every
def test_no_pull_without_officers_to_pull_on(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """Where a country has no staff at all, every lever stays finite."""
    bare = dataclasses.replace(seen, us_base=seen.us_base * 0.0, mx_base=seen.mx_base * 0.0)
    after = pulled(levers, DAYS[3], bare, at(cls))
    assert all(np.isfinite(array).all() for array in after.values())


@every
def test_costs_name_payer_purpose_and_source(cls: type[Policy]) -> None:
    """Every dollar has a payer, a purpose and a source; files that are named exist."""
    policy = at(cls)
    for cost in policy.costs:
        assert cost.payer in ("us", "mexico", "users")
        assert math.isfinite(cost.dollars_per_year) and cost.dollars_per_year > 0.0
        assert cost.what.endswith(".")
    for source in policy.describe()["source"]:
        files = re.findall(r"\w+/\w+\.csv", source)
        assert files or "[A]" in source
        assert all((DATA / file).is_file() for file in files)


@every
@pytest.mark.parametrize("dose", [0.0, 0.1, 1.0 / 3.0, 1.0, "high"])
def test_days_add_up_to_the_year(cls: type[Policy], dose: float | str) -> None:
    """365 days from any start cost the yearly figure, within a dollar for each payer."""
    policy = at(cls, cls.high if dose == "high" else float(dose))
    for offset in (0, 7, 365):
        days = range(FIRST + offset, FIRST + offset + 365)
        paid: dict[str, int] = {}
        for day in days:
            for payer, dollars in daily_dollars((policy,), day).items():
                assert isinstance(dollars, int) and dollars >= 0
                paid[payer] = paid.get(payer, 0) + dollars
        yearly = policy.dollars()
        assert paid.keys() == yearly.keys()
        assert all(abs(paid[payer] - yearly[payer]) <= 1.0 for payer in paid)


@every
@given(share=st.floats(0.0, 1.0))
def test_cost_is_linear_in_dose(cls: type[Policy], share: float) -> None:
    """Twice the dose costs twice as much for every payer."""
    one, some = at(cls).dollars(), at(cls, share * cls.high).dollars()
    assert sum(one.values()) == pytest.approx(at(cls).dollars_at_one)
    for payer, dollars in some.items():
        assert dollars == pytest.approx(one[payer] * share * cls.high)


@every
def test_what_needs_mexico_ends_with_cooperation(
    cls: type[Policy], seen: Seen, levers: Levers
) -> None:
    """Under no_cooperation it neither pulls nor costs; what does not need Mexico goes on."""
    if cls.id == "no_cooperation":
        return
    switch, policy = at(registry()["no_cooperation"]), at(cls)
    nothing = pulled(levers, DAYS[3], seen, switch)
    both = pulled(levers, DAYS[3], seen, switch, policy)
    assert same(both, nothing) == (cls.needs_mexico or not cls.lever_names)
    paid = daily_dollars((switch, policy), DAYS[3])
    assert any(paid.values()) == (bool(policy.costs) and not cls.needs_mexico)


@every
def test_half_cooperation_is_half_the_dose(cls: type[Policy], seen: Seen, levers: Levers) -> None:
    """Cooperation scales the dose of what needs Mexico, and of nothing else."""
    half = dataclasses.replace(seen, cooperation=dict.fromkeys(AREAS, 0.5))
    wanted = at(cls, 0.5 if cls.needs_mexico else 1.0)
    halved = pulled(levers, DAYS[3], half, at(cls))
    assert same(halved, pulled(levers, DAYS[3], seen, wanted))


@given(data=st.data())
@calm
def test_order_never_matters(data: st.DataObject, seen: Seen, levers: Levers) -> None:
    """Policies named in any order, the same one twice included, pull the same bits."""
    drawn = st.sampled_from(sorted(registry()))
    names = data.draw(st.lists(drawn, min_size=2, max_size=10))
    doses = [data.draw(st.floats(0.0, 1.0)) * registry()[name].high for name in names]
    policies = [
        at(registry()[name], dose, FIRST + i % 3)
        for i, (name, dose) in enumerate(zip(names, doses, strict=True))
    ]
    shuffled = data.draw(st.permutations(policies))
    day = data.draw(st.sampled_from(DAYS))
    assert same(pulled(levers, day, seen, *policies), pulled(levers, day, seen, *shuffled))
    assert daily_dollars(tuple(policies), day) == daily_dollars(tuple(shuffled), day)


@every
@given(share=st.floats(1e-6, 1.0))
def test_dollars_there_and_back(cls: type[Policy], share: float) -> None:
    """A policy dosed by dollars costs those dollars."""
    dollars = share * cls.high * at(cls).dollars_at_one
    if dollars > 0.0:
        policy = make(PolicySpec(id=cls.id, dollars=dollars), START, END)
        assert sum(policy.dollars().values()) == pytest.approx(dollars, rel=1e-6)


@every
def test_dollars_need_a_price(cls: type[Policy]) -> None:
    """Dollars for a policy that costs nothing are refused; with nothing said the dose is 1."""
    assert make(PolicySpec(id=cls.id), START, END).dose == 1.0
    if not at(cls).costs:
        with pytest.raises(SettingError, match="has no cost"):
            make(PolicySpec(id=cls.id, dollars=1e6), START, END)


@every
def test_bounds_are_refused_in_words(cls: type[Policy]) -> None:
    """The error names the policy and its bounds, in dose and, where it costs, in dollars."""
    assert 0.0 <= cls.low <= 1.0 <= cls.high
    yearly = at(cls).dollars_at_one
    uses = [PolicySpec(id=cls.id, dose=cls.high * 1.01)]
    uses += [PolicySpec(id=cls.id, dollars=cls.high * yearly * 1.01)] if yearly else []
    for use in uses:
        with pytest.raises(SettingError) as caught:
            make(use, START, END)
        text = str(caught.value)
        assert cls.id in text and f"between {cls.low:g} and {cls.high:g}" in text
        assert ("$" in text and "a year" in text) == bool(yearly)
    assert make(PolicySpec(id=cls.id, dose=cls.high), START, END).dose == cls.high


@every
def test_numbers_are_declared_and_checked(cls: type[Policy]) -> None:
    """Every field except dose and dates is a parameter that rejects invalid values."""
    own = {field.name for field in dataclasses.fields(cls)} - {"dose", "start", "end"}
    assert own == set(params_of(cls))
    for name, declared in params_of(cls).items():
        if not declared.is_table:
            with pytest.raises(SettingError, match=f"policies.{cls.id}.{name}"):
                dataclasses.replace(at(cls), **{name: declared.high * 2.0 + 1.0})


@every
def test_describes_itself_in_json(cls: type[Policy]) -> None:
    """A page, a report and a store can be written from what it says of itself."""
    described = at(cls, cls.high).describe()
    assert set(described) == KEYS
    assert json.loads(json.dumps(described, allow_nan=False)) is not None
    assert described["dose_bounds"] == [cls.low, cls.high]
    assert [n["name"] for n in described["numbers"]] == list(params_of(cls))
    assert all(
        c.keys() == {"payer", "dollars_per_year", "what", "source"} for c in described["cost"]
    )


@every
@given(
    percent=st.integers(0, 100),
    start=st.dates(START, END),
    days=st.integers(1, 900),
    by_dollars=st.booleans(),
)
@calm
def test_is_written_and_read_back(
    cls: type[Policy], percent: int, start: datetime.date, days: int, by_dollars: bool
) -> None:
    """Table, written form and scenario file all give back the same use and the same policy."""
    whole = float(round(at(cls).dollars_at_one * percent / 100))
    amount = {"dollars": whole} if by_dollars else {"dose": percent / 100}
    end = start + datetime.timedelta(days=days)
    use = PolicySpec(id=cls.id, start=start, end=end, **amount)
    assert read_policies("policies", write_policies((use,))) == (use,)
    assert parse_policy(format_policy(use)) == use
    again = load_scenario(Scenario(policies=(use,)).to_toml()).policies
    assert again == (use,)
    if not by_dollars or at(cls).costs:
        assert make(again[0], START, END) == make(use, START, END)
