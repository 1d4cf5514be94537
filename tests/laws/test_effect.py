"""The effect of a policy changes what a dose does, but never the dollars that are spent."""

from __future__ import annotations

from collections.abc import Callable

from abm import measures
from abm.model import BorderModel
from agents.outcomes import PAYERS, Account

DAYS = 120  # thirty days more than a high tempo can be sustained
#: Staff does not move, so that all runs work the same share of a tempo.
SHORT = {"days": DAYS, "scale": 1000, "changes": {"border_patrol.rule": "static"}}


def _spent(model: BorderModel) -> tuple[bytes, bytes]:
    """Return the spent and the unspent dollars by day."""
    accounts = [account for payer, account in PAYERS.items() if payer != "users"]
    spent = model.ledger.daily_money[:, accounts, Account.PROGRAMMES]
    return spent.tobytes(), model.ledger.unspent.tobytes()


def test_dollars_of_a_mix_do_not_depend_on_effects_at_all(play: Callable) -> None:
    """Agents, overtime, posts and gendarmes act together, with effects of 2 and 0.5."""
    mix = (
        "patrol_effort:2:effect={0} patrol_surge:3:effect={1} southern_border_control:3:effect={1}"
    )
    runs = [play(mix.format(*effects), **SHORT) for effects in ((1, 1), (2, 0.5), (0.5, 2))]
    assert len(set(map(_spent, runs))) == 1
    assert len({run.ledger.digest for run in runs}) == 3


def test_effect_zero_equals_no_policy_and_effect_one_equals_the_dose(
    play: Callable,
) -> None:
    """At effect 0, persons are those of the status quo. At effect 1, every byte is equal."""
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
