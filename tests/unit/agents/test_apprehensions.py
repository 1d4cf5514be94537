"""Consequences of an apprehension by either country, with all other consequences switched off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from agents.migrants.kernels import act_due
from agents.outcomes import Consequence, Event, Mode, Status

TODAY, HOME, SOUTH, GATE, LEG, N = 10, 0, 1, 2, 1, 150
#: Consequences are drawn only where a test sets a share.
NONE = ("release_share", "prosecution", "voluntary", "expelled", "expelled_to_line", "wait_share")


class Stops:
    """Apprehensions of persons on a leg, one by one.

    Attributes:
        records: the records of the last call, with the last person and the tallies.
    """

    def __init__(self, make_records: Callable[..., Any]) -> None:
        self._make_records = make_records
        self.records: Any = None

    def __call__(
        self,
        *,
        n: int = N,
        at_line: bool = True,
        params: dict[str, Any] | None = None,
        **traits: Any,
    ) -> Counter[tuple[Status, Consequence]]:
        """Apprehend persons; return their number by status and consequence.

        Args:
            n: number of persons.
            at_line: False for an apprehension by Mexico on the way.
            params: parameters of the kernels.
            traits: traits of all persons.
        """
        self.records = records = self._make_records()
        state, values = records.leg_state, records.kernel_params
        state.head[LEG], state.tail[LEG], state.sector[LEG] = SOUTH, GATE, 3 if at_line else -1
        state.is_line[LEG], state.in_mexico[LEG], state.respond[LEG] = at_line, not at_line, 1.0
        state.us_hazard[LEG] = state.mx_hazard[LEG] = 99.0
        for name in NONE:
            values[name] = 0.0
        values["caught_share"], values["south_place"] = 1.0, SOUTH
        for name, value in (params or {}).items():
            values[name] = value
        found: Counter[tuple[Status, Consequence]] = Counter()
        for uid in range(n):
            start = {"uid": uid, "status": Status.TRAVELLING, "leg": LEG, "gate": GATE}
            start |= {"place": GATE, "clock": TODAY + 0.2, "caught": 0, "line_tries": 0}
            start |= {"origin": 1, "group": 1, "mode": Mode.SOLO, "past_line": 0, "consequence": 0}
            records.be(**start | traits)
            act(records)
            p = records.person
            found[Status(int(p["status"])), Consequence(int(p["consequence"]))] += 1
        return found


@pytest.fixture
def stopped(make_records: Callable[..., Any]) -> Stops:
    """Return a function that apprehends persons."""
    return Stops(make_records)


def act(records: Any) -> None:
    """Perform the actions of the person today."""
    due = np.array([TODAY], np.int32)
    market, params, tallies = (
        record.base for record in (records.market, records.kernel_params, records.day_tallies)
    )
    act_due(TODAY, 1, records.rows, due, records.leg_state.records, market, params, tallies, 5)
    assert due[0] > TODAY


def count(stopped: Stops, event: Event) -> int:
    """Return the persons counted for an event."""
    return int(stopped.records.day_tallies["events"][event].sum())


def test_without_releases_and_courts_foreigners_are_removed(stopped: Stops) -> None:
    """Every one of them asks for a bed."""
    found = stopped()
    assert found == {(Status.HELD_US, Consequence.REMOVAL): N}
    assert count(stopped, Event.APPREHENDED_US) == count(stopped, Event.REMOVED_US) == N
    assert int(stopped.records.day_tallies["bed_requests"]) == N


@pytest.mark.parametrize("without", [0.0, 0.1, 1.0])
def test_more_beds_never_release_more_people(stopped: Stops, without: float) -> None:
    """A share is released without a bed, the others soon removed; with beds for all, no one is."""
    released = []
    for free in (0.0, 0.3, 0.6, 0.9, 1.0):
        params = {"bed_free": free, "release_without_bed": without}
        found = stopped(params=params, n=400)
        released.append(count(stopped, Event.OVERFLOW_RELEASE))
        assert found[Status.HELD_US, Consequence.REMOVAL] == 400 - released[-1]
    assert released == sorted(released, reverse=True) and released[-1] == 0
    assert stats.binomtest(released[0], 400, without).pvalue > 1e-4
    stopped(params={"bed_free": 0.0, "release_without_bed": 0.0})
    assert int(stopped.records.person["clock"]) == TODAY + 2  # after the 39 hours of a Mexican


def test_the_share_of_voluntary_returns_is_that_of_mexicans(stopped: Stops) -> None:
    """They need no bed; the others are removed."""
    found = stopped(origin=0, group=0, params={"voluntary": 0.3}, n=400)
    returned = found[Status.HELD_US, Consequence.VOLUNTARY_RETURN]
    assert stats.binomtest(returned, 400, 0.3).pvalue > 1e-4
    assert found[Status.HELD_US, Consequence.REMOVAL] == 400 - returned
    assert count(stopped, Event.VOLUNTARY_RETURN) == returned
    assert int(stopped.records.day_tallies["bed_requests"]) == 0


def test_only_adults_are_prosecuted_up_to_the_capacity_of_courts(stopped: Stops) -> None:
    """Every adult is requested; those without a court are removed."""
    params = {"prosecution": 1.0, "court_free": 0.4}
    found = stopped(params=params, n=400)
    prosecuted = found[Status.HELD_US, Consequence.PROSECUTION]
    assert stats.binomtest(prosecuted, 400, 0.4).pvalue > 1e-4
    assert prosecuted + found[Status.HELD_US, Consequence.REMOVAL] == 400
    assert int(stopped.records.day_tallies["court_requests"]) == 400
    half = {"release_share": 0.6, "prosecution": 0.5, "court_free": 1.0}  # of those not released
    found = stopped(params=half, n=400)
    prosecuted = found[Status.HELD_US, Consequence.PROSECUTION]
    held = prosecuted + found[Status.HELD_US, Consequence.REMOVAL]
    assert stats.binomtest(prosecuted, held, 0.5).pvalue > 1e-4 and 0 < held < 400
    assert stopped(params=params, kind=1) == {(Status.HELD_US, Consequence.REMOVAL): N}
    assert int(stopped.records.day_tallies["court_requests"]) == 0


def test_a_person_in_need_of_protection_is_counted_unless_screened(stopped: Stops) -> None:
    """Removed without a hearing; a person without the need is not counted."""
    stopped(protection=1, params={"screening_us": 0.25}, n=400)
    assert stats.binomtest(count(stopped, Event.RETURNED_UNSCREENED), 400, 0.75).pvalue > 1e-4
    stopped(protection=0, params={"screening_us": 0.0})
    assert count(stopped, Event.RETURNED_UNSCREENED) == 0


@pytest.mark.parametrize(("to_line", "place"), [(1.0, GATE), (0.0, HOME)])
def test_an_expulsion_ends_at_the_line_or_at_home(
    stopped: Stops, to_line: float, place: int
) -> None:
    """Without a screening, and without a bed."""
    found = stopped(protection=1, params={"expelled": 1.0, "expelled_to_line": to_line})
    assert found == {(Status.HELD_US, Consequence.EXPULSION): N}
    assert int(stopped.records.person["place"]) == place
    assert count(stopped, Event.EXPELLED) == count(stopped, Event.RETURNED_UNSCREENED) == N
    assert int(stopped.records.day_tallies["bed_requests"]) == 0


def test_foreigners_who_would_be_released_can_be_sent_to_wait_in_mexico(stopped: Stops) -> None:
    """At their gate; Mexicans are released."""
    params = {"release_share": 1.0, "wait_share": 0.5}
    found = stopped(params=params, n=400)
    waits = found[Status.WAITS_IN_MEXICO, Consequence.WAIT]
    assert stats.binomtest(waits, 400, 0.5).pvalue > 1e-4
    assert found[Status.RELEASED, Consequence.RELEASE] == 400 - waits
    assert count(stopped, Event.SENT_TO_WAIT) == waits
    only_released = {(Status.RELEASED, Consequence.RELEASE): N}
    assert stopped(params=params, origin=0, group=0) == only_released


def test_a_second_apprehension_in_a_fiscal_year_makes_a_person_a_repeater_once(
    stopped: Stops,
) -> None:
    """The first one of another year counts as a first one."""
    year = {"fiscal_year": 33.0}
    stopped(params=year, caught_year=33, caught_in_year=1)
    assert count(stopped, Event.REPEAT_APPREHENSION_FY) == N
    assert count(stopped, Event.FIRST_APPREHENSION_FY) == 0
    stopped(params=year, caught_year=33, caught_in_year=2)
    assert count(stopped, Event.REPEAT_APPREHENSION_FY) == 0
    assert count(stopped, Event.FIRST_APPREHENSION_FY) == 0
    stopped(params=year, caught_year=32, caught_in_year=2)
    assert count(stopped, Event.FIRST_APPREHENSION_FY) == N


def test_custody_takes_less_time_for_a_brief_return(stopped: Stops) -> None:
    """Agents' hours in the sector, per person."""
    params = {"custody_hours": [5.0, 16.0, 16.0], "custody_hours_brief": 2.0}
    stopped(params=params)
    assert stopped.records.day_tallies["hours"][3] == 5.0 * N
    stopped(params=params | {"expelled": 1.0})
    assert stopped.records.day_tallies["hours"][3] == 2.0 * N


# ---- Mexico -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transferred", "event", "consequence"),
    [
        (0.0, Event.RETURNED_BY_MEXICO, Consequence.RETURNED_BY_MEXICO),
        (1.0, Event.TRANSFERRED_SOUTH, Consequence.TRANSFER),
    ],
)
def test_mexico_returns_people_or_moves_them_south(
    stopped: Stops, transferred: float, event: Event, consequence: Consequence
) -> None:
    """According to the share of transfers."""
    params = {"returned_by_mexico": 1.0, "transferred": transferred, "screening_mexico": 0.0}
    found = stopped(at_line=False, params=params, protection=1)
    assert found == {(Status.HELD_MEXICO, consequence): N}
    assert count(stopped, Event.APPREHENDED_MEXICO) == count(stopped, event) == N
