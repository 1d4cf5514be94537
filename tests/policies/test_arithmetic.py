"""Arithmetic of doses, dates and dollars, tested with a policy whose numbers are round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from abm.network_setup import mexican_hazard
from abm.policies import Inputs, registry
from abm.policies.base import LARGEST_EFFECT, Cost, Policy
from abm.policies.registry import (
    apply_switch,
    bound_effects,
    check_combined_doses,
    daily_spending,
    yearly_dollars,
)
from agents.levers import Levers
from agents.param import SettingError

FIRST, END = 735_000, 736_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded(Policy):
    """Costs of $730 and $365 a year. Part of the first cost depends on a lever and the date."""

    id: ClassVar[str] = "rounded"
    area: ClassVar[str] = "operations"
    needs_mexico: ClassVar[bool] = True
    low: ClassVar[float] = 0.5
    high: ClassVar[float] = 4.0
    lever_names: ClassVar[tuple[str, ...]] = ("us_officers",)

    build_days: float = 10.0
    share: float = 1.0

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return three cost items, of which the United States pay two."""
        return (
            Cost("us", 365.0, "", "", lever="mx_tempo"),
            Cost("us", 365.0, "", "", ramp_days=20.0),
            Cost("mexico", 365.0, "", ""),
        )

    def deliverable(self, inputs: Inputs) -> float:
        """Return the share that can be delivered."""
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


def test_a_ramp_is_linear_from_the_first_day_and_complete_on_its_last():
    one = use()
    shares = [one.ramp(FIRST + k, 10.0) for k in (0, 4, 8, 9, 30)]
    assert shares == pytest.approx([0.1, 0.5, 0.9, 1.0, 1.0])
    assert one.ramp(FIRST, 0.0) == one.ramp(FIRST, 1.0) == 1.0
    for days in (0.0, 1.0, 1.5, 10.0):
        end = one.ramp_end(days)
        assert one.ramp(end, days) == 1.0 and (end == FIRST or one.ramp(end - 1, days) < 1.0)


def test_spent_shares_follow_deliveries_ramps_and_what_can_be_delivered(inputs: Inputs):
    day = FIRST + 4  # a quarter of the twenty-day ramp
    shares = use().spent_shares(day, inputs, {"mx_tempo": 0.5})
    assert shares == pytest.approx({"us": (0.5 + 0.25) / 2.0, "mexico": 1.0})
    half = use(share=0.5).spent_shares(FIRST + 19, inputs, {})
    assert half == pytest.approx({"us": 0.5, "mexico": 0.5})
    assert use().spent_shares(FIRST + 19, inputs, {}) == {"us": 1.0, "mexico": 1.0}


# ---- dollars of a day ----------------------------------------------------------------------------


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


def test_dollars_are_divided_into_spent_and_unspent_whole_ones(inputs: Inputs):
    one = use(dose=4.0, start=FIRST - 19)  # $8 and $4 a day, after the ramp
    both = one, use(dose=4.0, start=FIRST - 19)
    divided = daily_spending((one,), FIRST, inputs.cooperation, inputs, {"mx_tempo": 0.5})
    assert divided == {"us": (6, 2), "mexico": (4, 0)}
    divided = daily_spending(both, FIRST, inputs.cooperation, inputs, {"mx_tempo": 0.5})
    assert divided == {"us": (12, 4), "mexico": (8, 0)}
    assert daily_spending((one,), END, inputs.cooperation, inputs, {}) == {}


def test_the_switch_lowers_cooperation_and_never_below_zero(inputs: Inputs, levers: Levers):
    left = apply_switch((use(), switch(0.25)), levers, FIRST, inputs)
    assert left.cooperation == pytest.approx({a: 0.75 * c for a, c in inputs.cooperation.items()})
    levers.reset()
    left = apply_switch((switch(0.75), switch(0.75)), levers, FIRST, inputs)
    assert set(left.cooperation.values()) == {0.0} and levers.no_cooperation[0] == 1.0
    levers.reset()
    assert apply_switch((use(),), levers, FIRST, inputs) is inputs


def test_the_price_of_operations_scales_tempo_and_posts_and_nothing_else(inputs: Inputs):
    kind: Any = registry()["southern_border_control"]
    world, settings = inputs.world, inputs.settings
    hazard = mexican_hazard(world, settings)  # Officers of the base year enter proportionally.
    at_gates = np.isin(world.zone, ("southern_border", "isthmus"))
    at_gates &= np.array(world.country) == "MX"
    officers = settings.mexico.officers * hazard[at_gates[world.head]].sum() / hazard.sum()
    assert kind.full_programme().officers == pytest.approx(officers, abs=1.0)
    full, cheap, posts = (
        kind(dose=2.0, start=FIRST, end=END, price=price, rise=rise).dollars()
        for price, rise in ((1.0, 0.85), (0.3, 0.85), (0.3, 0.0))
    )
    assert cheap["mexico"] == pytest.approx(0.3 * full["mexico"]) and cheap["us"] == full["us"]
    assert posts["mexico"] == pytest.approx(0.3 * 2.0 * 600.0 * 40_000.0)


# ---- combined doses ------------------------------------------------------------------------------


def test_effects_are_lowered_to_deliver_the_largest_dose_on_the_fullest_day():
    """On days with both uses in force, the total is 2 x 1.5 + 1.5 x 2 = 6."""
    one, two = use(dose=2.0, effect=1.5), use(dose=1.5, effect=2.0, start=FIRST + 5)
    later = use(dose=2.0, effect=1.5, start=END, end=END + 9)
    lowered = bound_effects([one, two, later])
    assert [p.effect for p in lowered] == pytest.approx([1.0, 2.0 * 4.0 / 6.0, 1.5])
    assert lowered[2] is later
    assert sum(p.dose * p.effect for p in lowered[:2]) == pytest.approx(4.0)


def test_an_effect_of_one_use_is_lowered_for_the_sum_of_all():
    """The other use has the declared effect, or both uses have their own effects."""
    declared, strong = use(dose=2.0), use(dose=2.0, effect=3.0)
    lowered = bound_effects([declared, strong])
    assert sum(p.dose * p.effect for p in lowered) == pytest.approx(4.0)
    assert lowered[0].effect == pytest.approx(0.5) and lowered[1].effect == pytest.approx(1.5)
    assert [p.effect for p in bound_effects([use(dose=4.0, effect=1.1)])] == pytest.approx([1.0])
    over = bound_effects([use(dose=2.0, effect=1.2), use(dose=1.0, effect=1.8)])
    assert sum(p.dose * p.effect for p in over) == pytest.approx(4.0)


def test_a_sum_a_twentieth_above_the_largest_dose_is_refused():
    with pytest.raises(SettingError, match=r"doses 2, 2.2 in force together .* sum to 4.2"):
        check_combined_doses([use(dose=2.0), use(dose=2.2)])
    with pytest.raises(SettingError, match=r"doses 1, 1.5, 2 in force"):
        check_combined_doses([use(dose=1.0), use(dose=1.5), use(dose=2.0)])
