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
#: These shares are 0, so that only the consequences that a test sets are drawn.
NONE = ("release_share", "prosecution", "voluntary", "expelled", "expelled_to_line", "wait_share")


class Stops:
    """Callable that apprehends persons on a leg, one after another.

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
        counts: Counter[tuple[Status, Consequence]] = Counter()
        for uid in range(n):
            start = {"uid": uid, "status": Status.TRAVELLING, "leg": LEG, "gate": GATE}
            start |= {"place": GATE, "clock": TODAY + 0.2, "caught": 0, "line_tries": 0}
            start |= {"origin": 1, "group": 1, "mode": Mode.SOLO, "past_line": 0, "consequence": 0}
            records.be(**start | traits)
            act(records)
            p = records.person
            counts[Status(int(p["status"])), Consequence(int(p["consequence"]))] += 1
        return counts


@pytest.fixture
def apprehend(make_records: Callable[..., Any]) -> Stops:
    """Return a function that apprehends persons."""
    return Stops(make_records)


def act(records: Any) -> None:
    """Simulate the actions of the person that are due today."""
    due = np.array([TODAY], np.int32)
    market, params, tallies = (
        record.base for record in (records.market, records.kernel_params, records.day_tallies)
    )
    act_due(TODAY, 1, records.rows, due, records.leg_state.records, market, params, tallies, 5)
    assert due[0] > TODAY


def count(apprehend: Stops, event: Event) -> int:
    """Return how many persons the last call counted for an event."""
    return int(apprehend.records.day_tallies["events"][event].sum())


def test_without_releases_and_courts_foreigners_are_removed(apprehend: Stops) -> None:
    """Each removal requests one bed."""
    counts = apprehend()
    assert counts == {(Status.HELD_US, Consequence.REMOVAL): N}
    assert count(apprehend, Event.APPREHENDED_US) == count(apprehend, Event.REMOVED_US) == N
    assert int(apprehend.records.day_tallies["bed_requests"]) == N


@pytest.mark.parametrize("without", [0.0, 0.1, 1.0])
def test_more_beds_never_release_more_people(apprehend: Stops, without: float) -> None:
    """Without a bed, a share of the people is released and the others are removed within two days.

    With beds for all, no person is released.
    """
    released = []
    for free in (0.0, 0.3, 0.6, 0.9, 1.0):
        params = {"bed_free": free, "release_without_bed": without}
        counts = apprehend(params=params, n=400)
        released.append(count(apprehend, Event.OVERFLOW_RELEASE))
        assert counts[Status.HELD_US, Consequence.REMOVAL] == 400 - released[-1]
    assert released == sorted(released, reverse=True) and released[-1] == 0
    assert stats.binomtest(released[0], 400, without).pvalue > 1e-4
    apprehend(params={"bed_free": 0.0, "release_without_bed": 0.0})
    # A removal without a bed takes the 39 hours of custody of a Mexican.
    assert int(apprehend.records.person["clock"]) == TODAY + 2


def test_the_declared_share_of_mexicans_returns_voluntarily(apprehend: Stops) -> None:
    """Mexicans need no bed. Mexicans who do not return voluntarily are removed."""
    counts = apprehend(origin=0, group=0, params={"voluntary": 0.3}, n=400)
    returned = counts[Status.HELD_US, Consequence.VOLUNTARY_RETURN]
    assert stats.binomtest(returned, 400, 0.3).pvalue > 1e-4
    assert counts[Status.HELD_US, Consequence.REMOVAL] == 400 - returned
    assert count(apprehend, Event.VOLUNTARY_RETURN) == returned
    assert int(apprehend.records.day_tallies["bed_requests"]) == 0


def test_only_adults_are_prosecuted_up_to_the_capacity_of_courts(apprehend: Stops) -> None:
    """A court is requested for every adult. Adults without a court are removed."""
    params = {"prosecution": 1.0, "court_free": 0.4}
    counts = apprehend(params=params, n=400)
    prosecuted = counts[Status.HELD_US, Consequence.PROSECUTION]
    assert stats.binomtest(prosecuted, 400, 0.4).pvalue > 1e-4
    assert prosecuted + counts[Status.HELD_US, Consequence.REMOVAL] == 400
    assert int(apprehend.records.day_tallies["court_requests"]) == 400
    # The share of prosecutions applies to the people who are not released.
    half = {"release_share": 0.6, "prosecution": 0.5, "court_free": 1.0}
    counts = apprehend(params=half, n=400)
    prosecuted = counts[Status.HELD_US, Consequence.PROSECUTION]
    held = prosecuted + counts[Status.HELD_US, Consequence.REMOVAL]
    assert stats.binomtest(prosecuted, held, 0.5).pvalue > 1e-4 and 0 < held < 400
    assert apprehend(params=params, kind=1) == {(Status.HELD_US, Consequence.REMOVAL): N}
    assert int(apprehend.records.day_tallies["court_requests"]) == 0


def test_a_person_in_need_of_protection_is_counted_unless_screened(apprehend: Stops) -> None:
    """The event counts removals without a hearing of people in need of protection only."""
    apprehend(protection=1, params={"screening_us": 0.25}, n=400)
    assert stats.binomtest(count(apprehend, Event.RETURNED_UNSCREENED), 400, 0.75).pvalue > 1e-4
    apprehend(protection=0, params={"screening_us": 0.0})
    assert count(apprehend, Event.RETURNED_UNSCREENED) == 0


@pytest.mark.parametrize(("to_line", "place"), [(1.0, GATE), (0.0, HOME)])
def test_an_expulsion_ends_at_the_line_or_at_home(
    apprehend: Stops, to_line: float, place: int
) -> None:
    """An expulsion needs neither a screening nor a bed."""
    counts = apprehend(protection=1, params={"expelled": 1.0, "expelled_to_line": to_line})
    assert counts == {(Status.HELD_US, Consequence.EXPULSION): N}
    assert int(apprehend.records.person["place"]) == place
    assert count(apprehend, Event.EXPELLED) == count(apprehend, Event.RETURNED_UNSCREENED) == N
    assert int(apprehend.records.day_tallies["bed_requests"]) == 0


def test_foreigners_who_would_be_released_can_be_sent_to_wait_in_mexico(apprehend: Stops) -> None:
    """Mexicans are released instead."""
    params = {"release_share": 1.0, "wait_share": 0.5}
    counts = apprehend(params=params, n=400)
    waits = counts[Status.WAITS_IN_MEXICO, Consequence.WAIT]
    assert stats.binomtest(waits, 400, 0.5).pvalue > 1e-4
    assert counts[Status.RELEASED, Consequence.RELEASE] == 400 - waits
    assert count(apprehend, Event.SENT_TO_WAIT) == waits
    only_released = {(Status.RELEASED, Consequence.RELEASE): N}
    assert apprehend(params=params, origin=0, group=0) == only_released


def test_a_second_apprehension_in_a_fiscal_year_makes_a_person_a_repeater_once(
    apprehend: Stops,
) -> None:
    """In another fiscal year, the next apprehension counts as a first apprehension."""
    year = {"fiscal_year": 33.0}
    apprehend(params=year, caught_year=33, caught_in_year=1)
    assert count(apprehend, Event.REPEAT_APPREHENSION_FY) == N
    assert count(apprehend, Event.FIRST_APPREHENSION_FY) == 0
    apprehend(params=year, caught_year=33, caught_in_year=2)
    assert count(apprehend, Event.REPEAT_APPREHENSION_FY) == 0
    assert count(apprehend, Event.FIRST_APPREHENSION_FY) == 0
    apprehend(params=year, caught_year=32, caught_in_year=2)
    assert count(apprehend, Event.FIRST_APPREHENSION_FY) == N


def test_custody_takes_less_time_for_a_brief_return(apprehend: Stops) -> None:
    """The sector's agents spend the hours of custody on each person."""
    params = {"custody_hours": [5.0, 16.0, 16.0], "custody_hours_brief": 2.0}
    apprehend(params=params)
    assert apprehend.records.day_tallies["hours"][3] == 5.0 * N
    apprehend(params=params | {"expelled": 1.0})
    assert apprehend.records.day_tallies["hours"][3] == 2.0 * N


# ---- Mexico -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transferred", "event", "consequence"),
    [
        (0.0, Event.RETURNED_BY_MEXICO, Consequence.RETURNED_BY_MEXICO),
        (1.0, Event.TRANSFERRED_SOUTH, Consequence.TRANSFER),
    ],
)
def test_mexico_returns_people_or_moves_them_south(
    apprehend: Stops, transferred: float, event: Event, consequence: Consequence
) -> None:
    """The share of transfers decides between return and transfer."""
    params = {"returned_by_mexico": 1.0, "transferred": transferred, "screening_mexico": 0.0}
    counts = apprehend(at_line=False, params=params, protection=1)
    assert counts == {(Status.HELD_MEXICO, consequence): N}
    assert count(apprehend, Event.APPREHENDED_MEXICO) == count(apprehend, event) == N
