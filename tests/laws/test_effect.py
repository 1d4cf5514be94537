"""The effect of a policy changes what its dose does and never the dollars that are spent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from abm import measures
from abm.model import BorderModel
from abm.policies import registry
from agents.levers import LIMITED
from agents.limits import AgencyLimits
from agents.outcomes import PAYERS, Account

#: Instruments whose delivery is limited, each at its largest dose, where the limits bind.
ASKING = sorted(
    name
    for name, cls in registry().items()
    if {*LIMITED} & {*cls.lever_names, *cls.optional_levers} and cls.full_programme().costs
)
#: Staff stays where it is, so that the share of a tempo that is worked is the same in all runs.
STATIC = {"border_patrol.rule": "static"}
DAYS = 120  # thirty days beyond those for which a high tempo is worked


def _spent(model: BorderModel) -> tuple[bytes, bytes]:
    """Return the dollars of every day that are spent and that are not."""
    accounts = [account for payer, account in PAYERS.items() if payer != "users"]
    spent = model.ledger.daily_money[:, accounts, Account.PROGRAMMES]
    return spent.tobytes(), model.ledger.unspent.tobytes()


@pytest.mark.parametrize("name", ASKING)
def test_dollars_do_not_depend_on_the_effect(name: str, play: Callable) -> None:
    """Spent and unspent dollars of every day are equal, to the dollar, where limits bind."""
    dose = registry()[name].high
    runs = [
        play(f"{name}:{dose}:effect={effect}", days=DAYS, scale=1000, changes=STATIC)
        for effect in (1, 0, 0.5)
    ] + [play(f"{name}:{dose / 2}", days=DAYS, scale=1000, changes=STATIC)]
    whole, *others, half = map(_spent, runs)
    assert others == [whole, whole]
    assert half != whole


def test_dollars_of_a_mix_do_not_depend_on_effects_at_all(play: Callable) -> None:
    """Agents, hours, posts and gendarmes together, at effects of 2 and 0.5 on half the dose."""
    mix = (
        "patrol_effort:2:effect={0} patrol_surge:3:effect={1} southern_border_control:3:effect={1}"
    )
    runs = [
        play(mix.format(*effects), days=DAYS, scale=1000, changes=STATIC)
        for effects in ((1, 1), (2, 0.5), (0.5, 2))
    ]
    assert len(set(map(_spent, runs))) == 1
    assert len({run.ledger.digest for run in runs}) == 3


def test_without_effect_the_run_is_that_of_no_policy_and_with_one_that_of_the_dose(
    play: Callable,
) -> None:
    """Effect 0: the persons of the status quo. Effect 1: every byte of the same dose."""
    mix = (
        "patrol_surge:2{0} merida_initiative{0} southern_border_control:2{0} anti_crime_strategy{0}"
    )
    nothing, none, one, plain = (
        play(text, days=DAYS, scale=500)
        for text in ("", *(mix.format(e) for e in (":effect=0", ":effect=1", "")))
    )
    assert none.ledger.events.tobytes() == nothing.ledger.events.tobytes()
    assert measures.dollars(none.ledger)["us"] > 0
    assert one.ledger.digest == plain.ledger.digest != none.ledger.digest


def test_a_larger_effect_of_hours_stops_more_people_where_the_limit_binds(play: Callable) -> None:
    """At a tempo above the cap, hours are the same, and each does what the effect says."""
    text = "patrol_effort:4:ramp_days=1:stamina=50:rise=1.3:effect={}"
    models = [play(text.format(e), days=30, scale=500) for e in (0, 0.25, 0.5, 1)]
    tempo = [float(model.patrol.tempo()[0]) - 1.0 for model in models]
    cap = models[0].settings.border_patrol.tempo_cap
    assert tempo == pytest.approx([e * (cap - 1.0) for e in (0, 0.25, 0.5, 1)])
    away = [m.ledger.totals()["got_away_undetected"] for m in models]
    assert away == sorted(away, reverse=True) and away[0] > 1.05 * away[-1]


def test_effective_agents_are_the_hired_ones_times_the_effect(play: Callable) -> None:
    """Hiring is limited to 1,000 a year at any effect; each agent counts as `effect` agents."""
    for effect in (0.5, 2):
        model = play(f"patrol_surge:2:effect={effect}", days=100, scale=1000, changes=STATIC)
        assert model.patrol.hired == pytest.approx(100 / 0.365)
        added = float(model.patrol.added().sum())
        assert added == pytest.approx(effect * 100 / 0.365, rel=0.011)


def test_the_share_that_is_worked_acts_on_the_lever_with_effects() -> None:
    """Where the request is cut, the same share of what acts; requests below 1 are not cut."""

    class Params:
        limits, tempo_most, tempo_days, tempo_cap = True, 1.4, 90.0, 2.3

    limits, asked = AgencyLimits(Params(), 3), np.array([2.6, 0.5, -0.2])
    assert limits.tempo(asked, 2.0 * asked) == pytest.approx([1.0 + 2.0 * 1.3, 2.0, 0.6])
    assert limits.tempo(asked, asked.copy()) == pytest.approx(limits.tempo(asked))


def test_a_saved_run_with_effects_continues(build: Callable, tmp_path: Path) -> None:
    """The requests of the day are part of the state: same days, dollars and staff."""
    mix = (
        "patrol_surge:2:effect=0.5 southern_border_control:6:effect=0.3 merida_initiative:effect=2"
    )
    whole = build(mix, days=130, scale=500)
    whole.run_for(45)
    whole.save(tmp_path / "run")
    again = BorderModel.load(tmp_path / "run")
    assert again.levers.requested is not again.levers
    for model in (whole, again):
        model.run_for(85)
    assert again.ledger.digest == whole.ledger.digest and _spent(again) == _spent(whole)
