"""Arithmetic of doses, dates and dollars, with a policy whose numbers are round."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from abm.policies import Inputs, registry
from abm.policies.application import (
    apply_switch,
    daily_dollars,
    daily_spending,
    in_order,
    yearly_dollars,
)
from abm.policies.base import LARGEST_EFFECT, Cost, Policy, money
from abm.policies.registry import bound_effects, check_combined_doses
from agents.levers import Levers
from agents.param import SettingError

FIRST, END = 735_000, 736_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded(Policy):
    """Costs of $730 and $365 a year; a part of the first depends on a lever and on the date."""

    id: ClassVar[str] = "rounded"
    area: ClassVar[str] = "operations"
    needs_mexico: ClassVar[bool] = True
    low: ClassVar[float] = 0.5
    high: ClassVar[float] = 4.0
    lever_names: ClassVar[tuple[str, ...]] = ("mx_tempo",)

    build_days: float = 10.0
    share: float = 1.0

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return three items, two of which the United States pay."""
        return (
            Cost("us", 365.0, "", "", lever="mx_tempo"),
            Cost("us", 365.0, "", "", ramp_days=20.0),
            Cost("mexico", 365.0, "", ""),
        )

    def deliverable(self, inputs: Inputs) -> float:
        """Return the share."""
        return self.share

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        levers.us_officers += dose * self.ramp(day, self.build_days)


def use(**options: float) -> Rounded:
    """Return a use of the policy."""
    given = {"dose": 1.0, "start": FIRST, "end": END} | options
    return Rounded(**given)  # pyright: ignore[reportArgumentType]


def test_doses_and_effects_at_their_bounds_are_accepted():
    assert [use(dose=d).dose for d in (0.5, 4.0)] == [0.5, 4.0]
    assert [use(effect=e).effect for e in (0.0, 100.0)] == [0.0, LARGEST_EFFECT]
    for wrong in ({"dose": 0.49}, {"dose": 4.01}, {"effect": -0.01}, {"effect": 100.1}):
        with pytest.raises(SettingError):
            use(**wrong)
    assert use().effect == 1.0 and (Policy.low, Policy.high, Policy.years) == (0.0, 1.0, 3)


def test_the_delivered_dose_is_the_dose_times_its_effect_up_to_the_largest_dose():
    assert use(dose=2.0, effect=0.5).delivered_dose == 1.0
    assert use(dose=2.0, effect=1.9).delivered_dose == 3.8
    assert use(dose=2.0, effect=3.0).delivered_dose == 4.0


def test_a_policy_is_in_force_from_its_first_day_to_the_day_before_its_end():
    days = (FIRST - 1, FIRST, END - 1, END)
    assert [use().active(day) for day in days] == [False, True, True, False]


def test_dollars_are_summed_by_payer_and_scale_with_the_dose():
    assert use().dollars_at_one == 1_095.0
    assert use(dose=2.0, effect=0.1).dollars() == {"us": 1_460.0, "mexico": 730.0}
    assert len(use().costs) == 3


def test_a_ramp_is_linear_from_the_first_day_and_complete_on_its_last():
    one = use()
    shares = [one.ramp(FIRST + k, 10.0) for k in (0, 4, 8, 9, 30)]
    assert shares == pytest.approx([0.1, 0.5, 0.9, 1.0, 1.0])
    assert one.ramp(FIRST, 0.0) == one.ramp(FIRST, 1.0) == 1.0
    for days in (0.0, 1.0, 1.5, 10.0):
        end = one.ramp_end(days)
        assert one.ramp(end, days) == 1.0 and (end == FIRST or one.ramp(end - 1, days) < 1.0)


def test_a_policy_is_complete_when_its_longest_item_is_paid_and_built():
    assert use().days_until_complete() == 20.0  # the second item of its costs
    assert registry()["status_quo"](dose=1.0, start=FIRST, end=END).days_until_complete() == 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged(Rounded):
    """A policy that grows in two stages; it costs one cent a year and, if set, a large item."""

    needs_mexico: ClassVar[bool] = False
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 0.5
    hire_days: float = 30.0
    large: float = 0.0

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return a small item and the optional large item."""
        return (
            Cost("us", 0.01, "", "a small item"),
            Cost("mexico", self.large, "", "a large item"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        assert dose > 0.0
        levers.us_officers += dose


def staged(**options: float) -> Staged:
    """Return a use of the two-stage policy."""
    given: dict[str, Any] = {"dose": 0.5, "start": FIRST, "end": END} | options
    return Staged(**given)


def test_a_policy_that_grows_in_stages_is_complete_after_the_longest():
    assert staged().days_until_complete() == 30.0
    assert staged(hire_days=5.0, build_days=40.0).days_until_complete() == 40.0


def test_shares_of_spent_dollars_do_not_depend_on_their_amount(inputs: Inputs):
    """One cent per year is spent in full; a cost of zero has a share of zero."""
    assert staged().spent_shares(FIRST, inputs, {}) == {"us": pytest.approx(1.0), "mexico": 0.0}


def test_a_policy_that_does_not_need_mexico_ignores_cooperation(inputs: Inputs, levers: Levers):
    none = replace(inputs, cooperation=dict.fromkeys(inputs.cooperation, 0.0))
    levers.reset()
    staged().apply(levers, FIRST, none)
    assert (levers.us_officers == 0.5).all()
    staged(dose=0.0).apply(levers, FIRST, none)  # `_pull` is not called
    use().apply(levers, FIRST + 9, none)
    assert (levers.us_officers == 0.5).all()


def test_a_hint_gives_an_example_of_at_most_250_million_dollars():
    assert staged(large=1e9).dose_hint().endswith("for dollars per year write 250M.")
    assert staged(large=1e8).dose_hint().endswith("for dollars per year write 50M.")
    assert "between $0 and $0 a year" in staged().dose_hint()
    free = registry()["status_quo"].full_programme()
    assert free.dollars_at_one == 0.0 and "dollars" not in free.dose_hint()


def test_a_description_lists_every_source_once():
    surge = registry()["patrol_surge"].full_programme().describe()
    sources = {one["source"] for one in (*surge["cost"], *surge["numbers"])}
    assert set(surge["source"]) == sources and len(surge["source"]) == len(sources)


def test_a_whole_number_for_a_parameter_becomes_one_of_its_type():
    surge: Any = registry()["patrol_surge"]
    made = surge(dose=1.0, start=FIRST, end=END, cost_per_agent=200_000)
    assert type(made.cost_per_agent) is float and made.cost_per_agent == 200_000.0


def test_spent_shares_follow_deliveries_ramps_and_what_can_be_delivered(inputs: Inputs):
    day = FIRST + 4  # a quarter of the ramp of twenty days
    shares = use().spent_shares(day, inputs, {"mx_tempo": 0.5})
    assert shares == pytest.approx({"us": (0.5 + 0.25) / 2.0, "mexico": 1.0})
    half = use(share=0.5).spent_shares(FIRST + 19, inputs, {})
    assert half == pytest.approx({"us": 0.5, "mexico": 0.5})
    assert use().spent_shares(FIRST + 19, inputs, {}) == {"us": 1.0, "mexico": 1.0}


def test_the_dose_on_the_levers_is_that_of_cooperation_and_date(inputs: Inputs, levers: Levers):
    half = replace(inputs, cooperation=dict(inputs.cooperation) | {"operations": 0.5})
    for day, expected in ((FIRST - 1, 0.0), (FIRST, 0.1), (FIRST + 9, 1.0), (END, 0.0)):
        levers.reset()
        use(dose=2.0).apply(levers, day, half)
        assert levers.us_officers == pytest.approx(np.full(levers.us_officers.size, expected))


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (0.0, "$0"),
        (999.0, "$999"),
        (1e3, "$1K"),
        (540.9e6, "$540.9M"),
        (1e6, "$1M"),
        (1e9, "$1B"),
        (2.5e9, "$2.5B"),
        (999_999.0, "$1000K"),
    ],
)
def test_dollars_have_a_short_form(dollars: float, text: str):
    assert money(dollars) == text


def test_hints_name_the_bounds_as_doses_and_dollars():
    assert use().dose_hint() == (
        "Give a dose between 0.5 and 4, or dollars between $548 and $4.38K a year; "
        "for dollars per year write 4.38K."
    )


# ---- dollars of a day ---------------------------------------------------------------------------


def test_a_day_costs_a_365th_and_a_year_the_yearly_cost():
    one = use(dose=1.5)  # $1,095 and $547.50, rounded to $548
    days = [daily_dollars((one,), FIRST + k) for k in range(365)]
    assert days[0] == {"us": 3, "mexico": 1} and {day["us"] for day in days} == {3}
    assert sum(day["mexico"] for day in days) == 548
    assert {day["mexico"] for day in days} == {1, 2}
    for k in range(365):
        assert sum(day["mexico"] for day in days[: k + 1]) == 548 * (k + 1) // 365
    assert daily_dollars((one,), FIRST - 1) == {} == daily_dollars((one,), END)


def test_payments_of_several_policies_are_added():
    both = use(), use(start=FIRST + 100)
    assert daily_dollars(both, FIRST + 99) == {"us": 2, "mexico": 1}
    assert daily_dollars(both, FIRST + 100) == {"us": 4, "mexico": 2}


def switch(dose: float) -> Policy:
    """Return a use of `no_cooperation`."""
    return registry()["no_cooperation"](dose=dose, start=FIRST, end=END)


def test_dollars_fall_with_cooperation_and_with_the_switch():
    one = use()
    assert [d for _, _, d in yearly_dollars((one,), FIRST, {})] == [730, 365]
    assert [d for _, _, d in yearly_dollars((one,), FIRST, {"operations": 0.5})] == [365, 182]
    two = one, switch(0.25), switch(0.5)
    assert [d for p, _, d in yearly_dollars(two, FIRST, {}) if p is one] == [182, 91]
    off = one, switch(0.75), switch(0.5)
    assert [d for p, _, d in yearly_dollars(off, FIRST, {}) if p is one] == [0, 0]
    surge = registry()["patrol_surge"](dose=1.0, start=FIRST, end=END)
    full = yearly_dollars((surge,), FIRST, {})
    assert yearly_dollars((surge, switch(1.0)), FIRST, {surge.area: 0.0}) == full


def test_dollars_of_a_policy_of_one_country_do_not_depend_on_cooperation():
    surge = registry()["patrol_surge"](dose=1.0, start=FIRST, end=END)
    for left in ({}, {surge.area: 0.0}, {"operations": 0.5}):
        total = sum(dollars for _, _, dollars in yearly_dollars((surge,), FIRST, left))
        assert total == pytest.approx(surge.dollars_at_one, abs=1.0)


def test_dollars_are_divided_into_spent_and_unspent_whole_ones(inputs: Inputs):
    one = use(dose=4.0, start=FIRST - 19)  # $8 and $4 a day, after the ramp
    both = one, use(dose=4.0, start=FIRST - 19)
    divided = daily_spending((one,), FIRST, inputs.cooperation, inputs, {"mx_tempo": 0.5})
    assert divided == {"us": (6, 2), "mexico": (4, 0)}
    divided = daily_spending(both, FIRST, inputs.cooperation, inputs, {"mx_tempo": 0.5})
    assert divided == {"us": (12, 4), "mexico": (8, 0)}
    assert daily_spending((one,), END, inputs.cooperation, inputs, {}) == {}


def test_spent_and_unspent_dollars_are_the_planned_ones_of_the_same_day(inputs: Inputs):
    one = use(dose=1.5)  # Mexico's $548 a year are $1 or $2 a day
    for day in range(FIRST, FIRST + 365):
        divided = daily_spending((one,), day, inputs.cooperation, inputs, {"mx_tempo": 0.3})
        assert {payer: sum(two) for payer, two in divided.items()} == daily_dollars((one,), day)


def test_the_switch_lowers_cooperation_and_never_below_zero(inputs: Inputs, levers: Levers):
    left = apply_switch((use(), switch(0.25)), levers, FIRST, inputs)
    assert left.cooperation == pytest.approx({a: 0.75 * c for a, c in inputs.cooperation.items()})
    levers.reset()
    left = apply_switch((switch(0.75), switch(0.75)), levers, FIRST, inputs)
    assert set(left.cooperation.values()) == {0.0} and levers.no_cooperation[0] == 1.0
    levers.reset()
    assert apply_switch((use(),), levers, FIRST, inputs) is inputs


def test_requests_are_policies_of_limited_levers_at_an_effect_of_one():
    limited, other = registry()["patrol_surge"], registry()["announcement"]
    plain = [limited(dose=1.0, start=FIRST, end=END), other(dose=1.0, start=FIRST, end=END)]
    ordered, requests = in_order(tuple(plain))
    assert [p.id for p in ordered] == ["announcement", "patrol_surge"] and requests == ()
    strong = replace(plain[0], effect=2.0)
    ordered, requests = in_order((strong, replace(plain[1], effect=0.5)))
    assert requests == (replace(strong, effect=1.0),) and strong in ordered


def test_policies_are_ordered_by_name_date_and_dose():
    uses = [use(dose=d, start=s) for d in (2.0, 1.0) for s in (FIRST + 1, FIRST)]
    ordered, _ = in_order(tuple(uses))
    assert [(p.start - FIRST, p.dose) for p in ordered] == [(0, 1), (0, 2), (1, 1), (1, 2)]


# ---- combined doses -----------------------------------------------------------------------------


def test_doses_sum_to_the_largest_one_up_to_rounding():
    check_combined_doses([use(dose=3.0), use(dose=1.0 + 3e-9)])
    with pytest.raises(SettingError, match="the doses 3 . 1 in force together"):
        check_combined_doses([use(dose=3.0), use(dose=1.0 + 1e-8)])


def test_effects_are_lowered_to_deliver_the_largest_dose_on_the_fullest_day():
    """Together 2 x 1.5 + 1.5 x 2 = 6 on the days on which both are in force."""
    one, two = use(dose=2.0, effect=1.5), use(dose=1.5, effect=2.0, start=FIRST + 5)
    later = use(dose=2.0, effect=1.5, start=END, end=END + 9)
    lowered = bound_effects([one, two, later])
    assert [p.effect for p in lowered] == pytest.approx([1.0, 2.0 * 4.0 / 6.0, 1.5])
    assert lowered[2] is later
    assert sum(p.dose * p.effect for p in lowered[:2]) == pytest.approx(4.0)


def test_effects_within_the_bound_are_kept():
    uses = [use(dose=2.0), use(dose=2.0)]
    assert all(a is b for a, b in zip(bound_effects(uses), uses, strict=True))
    kept = [use(dose=2.0, effect=1.2), use(dose=1.0, effect=1.6)]
    assert all(a is b for a, b in zip(bound_effects(kept), kept, strict=True))
    empty = use(effect=3.0, end=FIRST)
    assert bound_effects([empty, *kept])[0] is empty


def test_an_effect_of_one_use_is_lowered_for_the_sum_of_all():
    """The other use has the declared effect, or each use has an effect of its own."""
    declared, strong = use(dose=2.0), use(dose=2.0, effect=3.0)
    lowered = bound_effects([declared, strong])
    assert sum(p.dose * p.effect for p in lowered) == pytest.approx(4.0)
    assert lowered[0].effect == pytest.approx(0.5) and lowered[1].effect == pytest.approx(1.5)
    assert [p.effect for p in bound_effects([use(dose=4.0, effect=1.1)])] == pytest.approx([1.0])
    over = bound_effects([use(dose=2.0, effect=1.2), use(dose=1.0, effect=1.8)])
    assert sum(p.dose * p.effect for p in over) == pytest.approx(4.0)


def test_a_use_that_is_never_in_force_keeps_its_effect_and_adds_no_dose():
    never, other = staged(dose=0.5, effect=3.0, end=FIRST), staged(dose=0.5, effect=2.0)
    kept, lowered = bound_effects([never, other])
    assert kept is never and lowered.effect == pytest.approx(1.0)
    check_combined_doses([use(end=FIRST)])
    check_combined_doses([use(dose=4.0), use(dose=4.0, end=FIRST)])


def test_a_sum_a_twentieth_above_the_largest_dose_is_refused():
    with pytest.raises(SettingError, match=r"doses 2 \+ 2.2 in force together .* sum to 4.2"):
        check_combined_doses([use(dose=2.0), use(dose=2.2)])
    with pytest.raises(SettingError, match=r"doses 1 \+ 1.5 \+ 2 in force"):
        check_combined_doses([use(dose=1.0), use(dose=1.5), use(dose=2.0)])


def test_a_message_lists_three_doses_and_the_day_of_the_next_change():
    uses = [use(dose=1.0, end=FIRST + 8), use(dose=1.5), use(dose=1.5, start=FIRST + 2)]
    with pytest.raises(SettingError, match=r"1 \+ 1.5 \+ 1.5 and 1 more in force"):
        check_combined_doses([*uses, use(dose=0.5, start=FIRST + 3)])
    check_combined_doses([*uses, use(dose=1.0, start=FIRST + 8)])
