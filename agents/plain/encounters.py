"""Consequences when authorities in either country encounter a person.

Beds and courts are limited. A keyed lottery allocates them, so the order of arrival has no effect.
"""

from __future__ import annotations

from agents.environment import Stream
from agents.labels import NATIONS
from agents.outcomes import Consequence, Event, Group, Kind, Status
from agents.plain.choices import Chooser
from agents.plain.person import exact

_MEXICO = NATIONS.index("MX")
_MAX_IN_YEAR = 100  # apprehensions of a person in a year, at most

type Draws = tuple[float, float, float, float]


class Encounters(Chooser):
    """Mixin: apprehension, custody, return and release of one person."""

    # ---- the United States ----------------------------------------------------------------------
    def be_apprehended_by_us(self, sector: int) -> None:
        """Apply a U.S. apprehension between ports, and count the agents' hours."""
        self.post_apprehension(sector)
        self._count_recidivism()
        self._go_through_us_law()
        if sector >= 0:
            self.here.tallies.hours[sector] += exact(self._custody_hours() * self.weight)

    def be_refused_at_port(self, sector: int) -> None:
        """Apply a detection at a port, which has the same consequences as an apprehension."""
        self.post_at(Event.INADMISSIBLE, sector)
        self._go_through_us_law()

    def _count_recidivism(self) -> None:
        """Count the person's first and second apprehension in a fiscal year."""
        year = int(self.here.params.fiscal_year)
        if self.caught_year != year:
            self.caught_year, self.caught_in_year = year, 1
            self.post(Event.FIRST_APPREHENSION_FY)
            return
        self.caught_in_year = min(_MAX_IN_YEAR, self.caught_in_year + 1)
        if self.caught_in_year == 2:
            self.post(Event.REPEAT_APPREHENSION_FY)

    def _custody_hours(self) -> float:
        """Return how many hours agents spend on the person in custody."""
        params = self.here.params
        if self.consequence in (Consequence.VOLUNTARY_RETURN, Consequence.EXPULSION):
            return params.custody_hours_brief
        return params.custody_hours[self.kind]

    def _go_through_us_law(self) -> None:
        """Draw a consequence: expulsion, release, prosecution, return or removal."""
        u = self.draw(Stream.CONSEQUENCE_US, self.caught)
        self.caught += 1
        if self._is_expelled():
            return
        release = self.here.params.release_share[self.nation][self.kind]
        if u[0] < release:
            self._release(Event.RELEASED_US)
        elif not self._is_prosecuted(u, (u[0] - release) / (1.0 - release)):
            self._return_or_remove(u)

    def _is_expelled(self) -> bool:
        """Draw an expulsion, to the line or home. If drawn, apply it. Return whether it happens."""
        params, nation = self.here.params, self.nation
        share = params.expelled[nation][self.kind]
        if share <= 0.0:
            return False
        u = self.draw(Stream.EXPULSION, self.caught)
        if u[0] >= share:
            return False
        self.place = self.gate if u[1] < params.expelled_to_line[nation] else self.home
        self._hold(Consequence.EXPULSION, 0.0, Event.EXPELLED)
        if self.protection:
            self.post(Event.RETURNED_UNSCREENED)
        return True

    def _is_prosecuted(self, u: Draws, uniform: float) -> bool:
        """Refer a share of unreleased adults to court, if the court has capacity.

        `uniform` is uniform in (0, 1) over people who are not released.
        """
        params = self.here.params
        if self.kind != Kind.ADULT or uniform >= params.prosecution[self.nation]:
            return False
        self.here.tallies.court_requests += self.weight
        if u[1] >= params.court_free:
            return False
        self._hold(Consequence.PROSECUTION, params.stay_prosecution, Event.PROSECUTED)
        return True

    def _return_or_remove(self, u: Draws) -> None:
        """Return a Mexican with or without a removal order, or try to remove a foreigner."""
        params, nation = self.here.params, self.nation
        if self.group == Group.MEXICAN:
            stay = params.stay_removal[nation][self.kind]
            if u[3] < params.voluntary[nation][self.kind]:
                self._hold(Consequence.VOLUNTARY_RETURN, stay, Event.VOLUNTARY_RETURN)
            else:
                self._hold(Consequence.REMOVAL, stay, Event.REMOVED_US)
            return
        removed = self._is_removed(u, Event.RELEASED_US)
        if removed and self.protection and u[3] >= params.screening_us:
            self.post(Event.RETURNED_UNSCREENED)

    def _is_removed(self, u: Draws, released: Event) -> bool:
        """Hold the person for removal, or release the person if no bed is free.

        Args:
            u: the encounter's draws.
            released: event to count if the person is released.

        Returns:
            Whether the person is removed.
        """
        params, tallies = self.here.params, self.here.tallies
        tallies.bed_requests += self.weight
        without = params.release_without_bed[self.nation][self.kind]
        if u[2] >= 1.0 - without * (1.0 - params.bed_free):
            self.post(Event.OVERFLOW_RELEASE)
            self._release(released)
            return False
        stay = params.stay_removal[self.nation][self.kind]
        if u[2] >= params.bed_free:  # Removal follows a short custody, as for Mexicans.
            stay = min(stay, params.stay_removal[_MEXICO][self.kind])
        self._hold(Consequence.REMOVAL, stay, Event.REMOVED_US)
        return True

    def request_protection(self) -> None:
        """Request protection at a port: release to proceedings, or detention and removal."""
        u = self.draw(Stream.CONSEQUENCE_US, self.caught)
        self.caught += 1
        if u[0] < self.here.params.release_share[self.nation][self.kind]:
            self._release(Event.RELEASED_PORT)
        else:
            self._is_removed(u, Event.RELEASED_PORT)

    def _release(self, released: Event) -> None:
        """Release the person to U.S. proceedings, or send a foreigner to wait in Mexico."""
        if self._is_sent_to_wait():
            return
        self.consequence = Consequence.RELEASE
        self.post(released)
        self.here.tallies.released[self.origin, self.kind] += self.weight
        self.finish(Status.RELEASED)

    def _is_sent_to_wait(self) -> bool:
        """Draw whether a released foreigner is sent to Mexico to wait for a hearing."""
        params = self.here.params
        if self.group == Group.MEXICAN or params.wait_share <= 0.0:
            return False
        if self.draw(Stream.WAIT, self.caught)[0] >= params.wait_share:
            return False
        self.consequence, self.place = Consequence.WAIT, self.gate
        self.post(Event.SENT_TO_WAIT)
        days = int(params.wait_in_mexico_days)
        self.wait(Status.WAITS_IN_MEXICO, self.here.today + 1 + days)
        return True

    def _hold(self, consequence: Consequence, days: float, event: Event) -> None:
        """Hold the person in U.S. custody for a number of days, and post the event."""
        self.post(event)
        self.consequence = consequence
        self.here.tallies.held[self.group] += self.weight
        self.wait(Status.HELD_US, self.here.today + 1 + int(days))

    # ---- Mexico ---------------------------------------------------------------------------------
    def is_let_go_by_mexico(self) -> bool:
        """Apply an apprehension by Mexico: return, transfer, referral to asylum, or release.

        Returns:
            Whether the person is released and may travel on.
        """
        params = self.here.params
        self.post(Event.APPREHENDED_MEXICO)
        u = self.draw(Stream.CONSEQUENCE_MX, self.caught)
        self.caught += 1
        recognised = self.protection == 1 and u[1] < params.screening_mexico
        returned = params.returned_by_mexico[self.kind]
        if not recognised and u[0] < returned:
            self._be_taken_south(u)
            return False
        if recognised or u[0] < returned + params.asylum_mexico[self.kind]:
            self.post(Event.ASYLUM_REFERRED)
            self.finish(Status.ASYLUM_MEXICO)
            return False
        self.post(Event.RELEASED_MEXICO)
        return True

    def _be_taken_south(self, u: Draws) -> None:
        """Hold the person for a transfer to southern Mexico, or for a return home."""
        params, today = self.here.params, self.here.today
        if u[2] < params.transferred:
            self.consequence = Consequence.TRANSFER
            self.post(Event.TRANSFERRED_SOUTH)
            days = params.transfer_days + params.transfer_days_spread * (u[3] - 0.5)
            self.wait(Status.HELD_MEXICO, today + 1 + int(days))
            return
        self.consequence = Consequence.RETURNED_BY_MEXICO
        self.post(Event.RETURNED_BY_MEXICO)
        if self.protection:
            self.post(Event.RETURNED_UNSCREENED)
        self.wait(Status.HELD_MEXICO, today + 1 + int(params.stay_mexico))
