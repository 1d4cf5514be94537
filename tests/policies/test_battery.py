"""Battery of tests for every policy in the registry, including policies added later."""

import dataclasses
import datetime
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.policies import Inputs, Policy, policies_of, registry
from abm.policies.registry import make, pull_all
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from abm.world.geography import DATA
from agents.labels import AREAS
from agents.levers import LEVERS, LIMITED, Levers
from agents.param import SettingError, params_of
from tests.planned_dollars import daily_dollars

START, END = datetime.date(2012, 10, 1), datetime.date(2015, 10, 1)
FIRST, LAST = START.toordinal(), END.toordinal()
DAYS = (FIRST, FIRST + 1, FIRST + 29, FIRST + 200, FIRST + 400, LAST - 1)
#: Instruments without a price range, because no price is published and the declared one is assumed.
UNDRAWN = ("mexican_border_patrol", "remain_in_mexico")
TEXTS = ("claim", "mechanism", "expect", "fails_when")

every = pytest.mark.parametrize("cls", registry().values(), ids=registry())
few_examples = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def at(cls: type[Policy], dose: float = 1.0, start: int = FIRST, end: int = LAST) -> Policy:
    """Return a policy at a dose; by default it is in force over the whole run."""
    return cls(dose=dose, start=start, end=end)


def pulled(levers: Levers, day: int, inputs: Inputs, *policies: Policy) -> dict[str, np.ndarray]:
    """Apply policies on a day and return a copy of the levers."""
    pull_all(policies, levers, day, inputs)
    return levers.copy()


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    """Return whether two snapshots are equal bit by bit, including the sign of zero."""
    return all(first[name].tobytes() == second[name].tobytes() for name in LEVERS)


@every
def test_the_id_is_the_name_of_the_module(cls: type[Policy]) -> None:
    """The id is also a slug: lower-case letters, digits and underscores."""
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,59}", cls.id)
    assert cls.__module__ == f"abm.policies.{cls.id}"


@every
def test_a_policy_is_frozen_hashable_and_picklable(cls: type[Policy]) -> None:
    """Workers receive policies as pickles."""
    policy = at(cls)
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.dose = 2.0  # pyright: ignore[reportAttributeAccessIssue]
    assert not hasattr(policy, "__dict__")
    assert hash(policy) == hash(at(cls))
    assert pickle.loads(pickle.dumps(policy)) == policy


@every
def test_texts_are_short_sentences_in_the_terms_of_the_field(cls: type[Policy]) -> None:
    """Every text is present, has 20 to 400 characters and avoids excluded terms."""
    assert cls.title.strip() and len(cls.title) <= 60 and not cls.title.endswith(".")
    for name in TEXTS:
        text = getattr(cls, name)
        assert text == text.strip() and text[0].isupper() and text.endswith("."), name
        assert 20 <= len(text) <= 400, name
        assert not re.search(r"\b(illegals?|aliens?)\b", text, re.I), name
        assert "  " not in text, name
    assert (cls.__doc__ or "").strip().splitlines()[0].endswith((".", ",", ":"))


@every
def test_a_condition_of_acting_has_words_and_a_study_has_a_year(cls: type[Policy]) -> None:
    """Without a study, the description says that no effect was measured."""
    assert bool(cls.acting) == bool(cls.acts_when)
    assert not cls.evaluated or re.search(r"\b(19|20)\d\d\b", cls.evaluated)
    assert at(cls).describe()["evaluated"] == (cls.evaluated or "no measured effect")


@every
def test_a_price_of_every_instrument_is_drawn_within_its_bounds(cls: type[Policy]) -> None:
    """At a bound of its ranges, an instrument costs more or less than by default."""
    full = cls.full_programme()
    ranges = {name: p.draw_range for name, p in params_of(cls).items() if p.draw_range}
    ends = [dataclasses.replace(full, **{n: ends[k] for n, ends in ranges.items()}) for k in (0, 1)]
    moved = any(end.full_dollars != full.full_dollars for end in ends)
    assert moved or not full.full_dollars or cls.id in UNDRAWN
    for name, p in params_of(cls).items():
        assert (
            p.draw_range is None or p.low <= p.draw_range[0] <= p.value <= p.draw_range[1] <= p.high
        ), name


@every
def test_a_policy_pulls_exactly_its_declared_levers(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    touched = set()
    for day in DAYS:
        after = pulled(levers, day, inputs, at(cls))
        assert all(np.isfinite(array).all() for array in after.values())
        touched |= {name for name, array in after.items() if array.any()}
    assert touched == set(cls.lever_names)


@every
def test_a_policy_adds_to_the_levers_of_others(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """A policy never overwrites earlier values."""
    alone = pulled(levers, DAYS[3], inputs, at(cls))
    levers.reset()
    for name in LEVERS:
        getattr(levers, name)[:] = 64.0
    at(cls).apply(levers, DAYS[3], inputs)
    for name, array in levers.copy().items():
        np.testing.assert_allclose(array - 64.0, alone[name], rtol=1e-9, atol=1e-10)


@every
def test_dose_zero_has_no_effect_and_no_cost(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """Dose 0 leaves every lever unchanged to the last bit."""
    levers.reset()
    before = levers.copy()
    for day in DAYS:
        assert same(pulled(levers, day, inputs, at(cls, 0.0)), before)
    assert not any(at(cls, 0.0).dollars().values())
    assert not any(daily_dollars((at(cls, 0.0),), FIRST).values())


@every
def test_the_effect_is_that_of_a_dose_without_its_dollars(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """Levers follow dose times effect, up to the maximum dose, but dollars follow the dose alone.

    At an effect of 0 the levers are those without a policy, and the limits of agencies refer to
    the planned dose at any effect.
    """
    half = at(cls, 0.5 * cls.high)
    for effect in (0.0, 0.3, 1.0, 1.5, 7.0):
        policy = dataclasses.replace(half, effect=effect)
        as_dose = at(cls, min(half.dose * effect, cls.high))
        assert policy.dollars() == half.dollars()
        for day in DAYS:
            pulled(levers, day, inputs, half)
            planned = {name: getattr(levers.requested, name).copy() for name in LIMITED}
            expected = pulled(levers, day, inputs, as_dose)
            assert same(pulled(levers, day, inputs, policy), expected)
            for name in LIMITED:
                assert getattr(levers.requested, name).tobytes() == planned[name].tobytes()
            assert daily_dollars((policy,), day) == daily_dollars((half,), day)
            assert policy.spent_shares(day, inputs, {}) == half.spent_shares(day, inputs, {})


@every
def test_uses_together_deliver_at_most_the_largest_dose(cls: type[Policy]) -> None:
    """The effects of uses on the same day are limited together, unless the uses may overlap."""
    share = PolicySpec(id=cls.id, dose=0.4 * cls.high, effect=2.0)
    later = PolicySpec(id=cls.id, dose=0.4 * cls.high, effect=2.0, start=END)
    scenario = Scenario(start=START, days=LAST - FIRST)
    together = policies_of(scenario, [share, share])
    total = (1.6 if cls.overlaps else 1.0) * cls.high
    assert sum(p.delivered_dose for p in together) == pytest.approx(total)
    assert policies_of(scenario, [share, later])[0] == make(share, START, END)


@every
def test_a_policy_has_no_effect_outside_its_dates(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """A policy neither pulls nor costs before its start or from its (exclusive) end on."""
    policy = at(cls, start=FIRST + 10, end=FIRST + 20)
    nothing = pulled(levers, FIRST, inputs)
    for day in (FIRST, FIRST + 9, FIRST + 20, LAST):
        assert not policy.active(day)
        assert same(pulled(levers, day, inputs, policy), nothing)
        assert daily_dollars((policy,), day) == {}
    touched = pulled(levers, FIRST + 10, inputs, policy)
    assert policy.active(FIRST + 10) and policy.active(FIRST + 19)
    assert bool(cls.lever_names) != same(touched, nothing)


@every
def test_the_effect_of_a_day_is_independent_of_earlier_days(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """The levers of a day do not depend on earlier calls."""
    policy = at(cls)
    forward = [pulled(levers, day, inputs, policy) for day in DAYS]
    backward = [pulled(levers, day, inputs, policy) for day in reversed(DAYS)][::-1]
    repeated = [pulled(levers, day, inputs, at(cls)) for day in DAYS]
    assert all(map(same, forward, backward)) and all(map(same, forward, repeated))


@every
def test_costs_have_payer_purpose_and_source(cls: type[Policy]) -> None:
    """A source is a file, a dated citation, [A], [S], or the name of a declared number.

    Such a name refers to the source of that number.
    """
    policy = at(cls)
    declared = params_of(cls)
    for cost in policy.costs:
        assert cost.payer in ("us", "mexico", "users")
        assert math.isfinite(cost.dollars_per_year) and cost.dollars_per_year > 0.0
        assert cost.purpose.endswith(".")
    for source in policy.describe()["source"]:
        own = [declared[name].source for name in declared if re.search(rf"\b{name}\b", source)]
        source = "; ".join([source, *own])
        files = re.findall(r"\w+/\w+\.csv", source)
        assert files or re.search(r"\[[AS]\]|\b(19|20)\d\d\b|FY20\d\d", source)
        assert all((DATA / file).is_file() for file in files)


@every
@pytest.mark.parametrize("dose", [0.0, 0.1, 1.0 / 3.0, 1.0, "high"])
def test_daily_costs_sum_to_the_yearly_cost(cls: type[Policy], dose: float | str) -> None:
    """365 days from any start cost the yearly amount, within one dollar per payer."""
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
def test_policies_that_need_mexico_end_without_cooperation(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """Under no_cooperation, only policies that do not need Mexico still pull and cost."""
    if cls.id == "no_cooperation":
        return
    switch, policy = at(registry()["no_cooperation"]), at(cls)
    unchanged = [
        same(pulled(levers, day, inputs, switch), pulled(levers, day, inputs, switch, policy))
        for day in DAYS  # Some instruments pause on some days.
    ]
    assert all(unchanged) == (cls.needs_mexico or not cls.lever_names)
    paid = daily_dollars((switch, policy), DAYS[3])
    assert any(paid.values()) == (bool(policy.costs) and not cls.needs_mexico)


@every
def test_half_cooperation_halves_the_dose(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """Cooperation scales the dose only of policies that need Mexico."""
    half = dataclasses.replace(inputs, cooperation=dict.fromkeys(AREAS, 0.5))
    expected = at(cls, 0.5 if cls.needs_mexico else 1.0)
    halved = pulled(levers, DAYS[3], half, at(cls))
    assert same(halved, pulled(levers, DAYS[3], inputs, expected))


@given(data=st.data())
@few_examples
def test_the_order_of_policies_has_no_effect(
    data: st.DataObject, inputs: Inputs, levers: Levers
) -> None:
    """Any order of policies, including repeated ones, gives the same levers bit by bit."""
    ids = st.sampled_from(sorted(registry()))
    names = data.draw(st.lists(ids, min_size=2, max_size=10))
    doses = [data.draw(st.floats(0.0, 1.0)) * registry()[name].high for name in names]
    policies = [
        at(registry()[name], dose, FIRST + i % 3)
        for i, (name, dose) in enumerate(zip(names, doses, strict=True))
    ]
    shuffled = data.draw(st.permutations(policies))
    day = data.draw(st.sampled_from(DAYS))
    assert same(pulled(levers, day, inputs, *policies), pulled(levers, day, inputs, *shuffled))
    assert daily_dollars(tuple(policies), day) == daily_dollars(tuple(shuffled), day)


@every
@given(share=st.floats(1e-6, 1.0))
def test_a_dose_in_dollars_costs_those_dollars(cls: type[Policy], share: float) -> None:
    dollars = share * cls.high * at(cls).full_dollars
    if dollars > 0.0:
        policy = make(PolicySpec(id=cls.id, dollars=dollars), START, END)
        assert sum(policy.dollars().values()) == pytest.approx(dollars, rel=1e-6)


@every
def test_an_out_of_bounds_dose_raises_an_error_with_the_bounds(cls: type[Policy]) -> None:
    """The error names the policy and its bounds, in dollars, too, if the policy has a cost."""
    assert 0.0 <= cls.low <= 1.0 <= cls.high
    yearly = at(cls).full_dollars
    specs = [PolicySpec(id=cls.id, dose=cls.high * 1.01)]
    specs += [PolicySpec(id=cls.id, dollars=cls.high * yearly * 1.01)] if yearly else []
    for spec in specs:
        with pytest.raises(SettingError) as error:
            make(spec, START, END)
        text = str(error.value)
        assert cls.id in text and f"between {cls.low:g} and {cls.high:g}" in text
        assert ("$" in text and "a year" in text) == bool(yearly)
    assert make(PolicySpec(id=cls.id, dose=cls.high), START, END).dose == cls.high
