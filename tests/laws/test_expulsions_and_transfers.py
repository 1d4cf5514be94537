"""Expulsions without sanction and transfers inside Mexico: how many attempts follow, and where."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from abm.model import BorderModel
from agents.kernel_params import HIGH_RETRY
from agents.outcomes import Consequence, Event, Group, Status

SCALE = 1
EVERYBODY = "expulsion:1:ramp_days=1" + "".join(
    f":{group}.{kind}=1"
    for group in ("mexicans", "foreigners")
    for kind in ("adult", "family", "child")
)
NOBODY = EVERYBODY.replace("=1", "=0").replace("ramp_days=0", "ramp_days=1")
MOVED = "transfers_south:2:ramp_days=1"


def _sum(model: BorderModel, *events: Event) -> int:
    """Return the persons of several events over the whole run."""
    return sum(int(model.ledger.events[:, event].sum()) for event in events)


# ---- share 0 ------------------------------------------------------------------------------------


def test_an_instrument_with_share_zero_changes_no_byte(play: Callable) -> None:
    """The instruments draw from separate streams, and draw nothing at share 0."""
    idle = f"{NOBODY}:mexican_cases=0:foreign_cases=0", "transfers_south:1:share=0:moved=0"
    assert len({play(instrument).ledger.digest for instrument in ("", *idle)}) == 1


# ---- expulsions at a constant hazard ------------------------------------------------------------


@pytest.fixture(scope="module")
def mexicans(at_the_line: Callable) -> Callable[..., BorderModel]:
    """Return a function that runs Mexicans who try again only after an expulsion to the line."""
    retry = {"migrants__retry_mexican": 0.0, "migrants__retry_turned_back": HIGH_RETRY}
    retry["migrants__expulsion_deterrence"] = 0.0
    return partial(at_the_line, days=150, warmup=60, migrants__pool=[1e5, 0.0], **retry)


SETTLED = slice(90, 150)  # days with a steady number of attempts


def _attempts(model: BorderModel) -> int:
    return int(model.ledger.events[SETTLED, Event.LINE_ATTEMPT].sum())


def _set_out(model: BorderModel) -> int:
    return int(model.ledger.events[SETTLED, Event.SET_OUT].sum())


@pytest.mark.parametrize("q", [0.3, 0.6])
def test_expulsion_to_the_line_multiplies_attempts(q: float, mexicans: Callable) -> None:
    """Each person makes 1 / (1 - q p) attempts, within 5 standard errors of a geometric number.

    More people set out, because further attempts make a success more likely. People who are
    expelled to their home never try again, as after a voluntary return with these settings.
    """
    once, again = mexicans(q), mexicans(q, EVERYBODY)
    home = mexicans(q, f"{EVERYBODY}:mexicans_to_line=0")
    assert (_attempts(home), _set_out(home)) == (_attempts(once), _set_out(once))
    more = _set_out(again) / _set_out(once)
    assert more > 1.0
    people = _attempts(once) / SCALE
    q *= HIGH_RETRY
    error = math.sqrt(q) / (1.0 - q) / math.sqrt(people)
    ratio = _attempts(again) / _attempts(once) / more
    assert people > 2_000
    assert abs(ratio - 1.0 / (1.0 - q)) < 5.0 * error + 0.01


def test_two_half_doses_are_one_whole_dose(build: Callable) -> None:
    """The share returned to the line is a mean, weighted by the people each policy expels."""
    expel = "expulsion:{}:ramp_days=1:foreigners_to_line={}:mexicans_to_line={}"

    def to_line(*policies: str) -> np.ndarray:
        model = build(" ".join(policies), days=2)
        model.run_for(2)
        return model.kernel_params[0]["expelled_to_line"].copy()

    whole = to_line(expel.format(1, 0.6, 0.6))
    assert whole == pytest.approx(np.full_like(whole, 0.6))
    assert to_line(*[expel.format(0.5, 0.6, 0.6)] * 2) == pytest.approx(whole)
    mixed = to_line(expel.format(0.75, 0.8, 0.8), expel.format(0.25, 0, 0))
    assert mixed == pytest.approx(whole)


# ---- counts in the packaged world ---------------------------------------------------------------


@pytest.fixture(scope="module")
def both(build: Callable) -> tuple[BorderModel, list[np.ndarray]]:
    """Run both instruments for 60 days; return the model and the rows of the last 20 days."""
    uses, often = f"expulsion:1:ramp_days=1 {MOVED}:share=0.3", {"migrants.retry_transferred": 0.9}
    model = build(uses, days=60, scale=20, changes=often)
    model.run_for(40)
    days = []
    for _ in range(20):
        model.run_for(1)
        days.append(model.migrants.live.copy())
    return model, days


def test_every_apprehension_has_one_consequence(both: tuple) -> None:
    """Expelled and transferred people are counted separately from returned or removed people."""
    model, e = both[0], Event
    ends = e.EXPELLED, e.VOLUNTARY_RETURN, e.REMOVED_US, e.PROSECUTED
    ends += e.RELEASED_US, e.RELEASED_PORT, e.SENT_TO_WAIT
    assert _sum(model, e.APPREHENDED_US, e.INADMISSIBLE, e.PRESENTED) == _sum(model, *ends)
    ends = e.RETURNED_BY_MEXICO, e.TRANSFERRED_SOUTH, e.ASYLUM_REFERRED, e.RELEASED_MEXICO
    assert _sum(model, e.APPREHENDED_MEXICO) == _sum(model, *ends)
    assert min(_sum(model, e.EXPELLED), _sum(model, e.TRANSFERRED_SOUTH)) > 1_000


def test_transfers_end_at_the_southern_town(both: tuple) -> None:
    """A day after the transfer, people are free there, and continue from there or stop."""
    model, days = both
    town, tail = model.network.southern_town, model.network.leg_state.tail
    assert model.world.place_ids[town] == "tapachula"
    free = [r[(r["consequence"] == Consequence.TRANSFER)] for r in days]
    returned, continued = 0, 0
    for today, next_day in zip(free, days[1:], strict=False):
        back = today[today["status"] == Status.RETURNED]
        assert (back["place"] == town).all()
        returned += back.size
        later = next_day[np.isin(next_day["uid"], back["uid"])]
        hops = dict(zip(back["uid"].tolist(), back["hop"].tolist(), strict=True))
        first = [row for row in later if row["hop"] == hops[row["uid"]] + 1]
        assert all(tail[row["leg"]] == town for row in first)
        assert (later["status"] != Status.RETURNED).all()  # all have decided
        continued += len(first)
    assert returned > 50 and continued > 20


@pytest.mark.parametrize(("chance", "more"), [(0.0, False), (1.0, True)])
def test_transfers_raise_arrivals_only_if_people_go_on(
    chance: float, more: bool, play: Callable
) -> None:
    """In the comparison run, Mexico returns people, of whom a share of 0.38 tries again."""
    settings = {"migrants.retry_transferred": chance, "migrants.retry_value_slope": 0.0}
    run = {"days": 120, "scale": 100, "changes": settings}
    base, moved = (
        int(play(text, **run).ledger.events[:, Event.REACHED_LINE, Group.NORTHERN_TRIANGLE].sum())
        for text in ("", MOVED)
    )
    assert (moved > base) == more and moved != base
