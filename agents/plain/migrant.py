"""The plain engine's agent: a migrant's actions in the order in which a journey takes place."""

from __future__ import annotations

import math

from agents.environment import Stream
from agents.migrants.columns import (
    MAX_EVENTS_PER_PERSON,
    MAX_HOPS,
    MAX_QUARTERS,
    N_SECTORS,
    NEVER,
    QUARTER,
)
from agents.outcomes import CONTINUING, Account, Consequence, Event, Mode, Status
from agents.plain.choices import ARRIVE, Nest, Way
from agents.plain.draws import strikes
from agents.plain.journey import Traveller
from agents.plain.person import exact


class MigrantAgent(Traveller):
    """A migrant as one Mesa agent. Its cell is the last place that the person reached."""

    _decisions = (
        *("step", "choose_departure", "utilities", "choose_nest", "choose_way", "circulate"),
        *("arrive", "start_next_leg", "surrender_probability", "retry_probability", "reconsider"),
    )

    def step(self) -> None:
        """Act until the next action is after today."""
        tallies, tomorrow = self.here.tallies, self.here.today + 1
        if self.clock >= tomorrow:
            return
        tallies.net_before += self.net_worth
        while self.clock < tomorrow:
            self.act()
        tallies.net_after += self.net_worth

    def act(self) -> None:
        """Perform the action that is due in the present status."""
        match self.status:
            case Status.TRAVELLING:
                self.arrive()
            case Status.RETURNED:
                self.reconsider()
            case Status.HELD_US | Status.HELD_MEXICO:
                self.end_custody()
            case Status.KIDNAPPED:
                self.end_captivity()
            case Status.APPLIED:
                self.await_decision()
            case Status.WAITS_IN_MEXICO:
                self.end_wait_in_mexico()
            case Status.DEFERRED:
                self.decide_again()
            case Status.SETTLED:
                self.circulate()
            case _:
                self.clock = NEVER

    # ---- before the departure -------------------------------------------------------------------
    def become_candidate(self) -> bool:
        """Decide for the first time whether to leave.

        Returns:
            Whether the person leaves, applies or waits. A person who stays needs no agent.
        """
        tallies = self.here.tallies
        tallies.decided += 1
        self.post(Event.CANDIDATES)
        tallies.stock[self.cohort, Status.STAYED] += self.weight
        nest, utilities = self.choose_departure()
        if nest == Nest.STAY:
            return False
        tallies.money[Account.HOUSEHOLDS, Account.MIGRANTS] += self.wealth * self.weight
        self._carry_out(nest, utilities)
        tallies.net_after += self.net_worth
        return True

    def decide_again(self) -> None:
        """Decide after a wait at home whether to leave, apply, wait longer or stay."""
        self.here.tallies.decided += 1
        nest, utilities = self.choose_departure()
        if nest == Nest.STAY:
            self.finish(Status.STAYED)
        else:
            self._carry_out(nest, utilities)

    def _carry_out(self, nest: Nest, utilities: dict[Way, float]) -> None:
        """Carry out a decision to go, to apply or to wait at home."""
        if nest == Nest.GO:
            self._depart(utilities)
        elif nest == Nest.LEGAL:
            self.decisions += 1
            self._apply()
        else:
            self._postpone()

    def _depart(self, utilities: dict[Way, float]) -> None:
        """Choose a mode and set out at noon."""
        way = self.choose_way(utilities)
        self.decisions += 1
        self.post_departure()
        self.begin_trip(self.here.today + 0.5, way)

    def _postpone(self) -> None:
        """Wait at home until the next decision."""
        params = self.here.params
        u = self.draw(Stream.DEFERRAL, self.decisions)[0]
        days = params.waiting_days + params.waiting_days_spread * (u - 0.5)
        self.decisions += 1
        self.post(Event.DEFERRED)
        self.wait(Status.DEFERRED, self.here.today + 1 + int(days))

    # ---- the legal channel ----------------------------------------------------------------------
    def _apply(self) -> None:
        """Join the nation's queue in the legal channel. The ticket is the position in the queue."""
        tallies = self.here.tallies
        tallies.tickets[self.nation] += self.weight
        tallies.applied[self.nation] += self.weight
        self.set_out = int(tallies.tickets[self.nation])
        self.pay(Account.US_TREASURY, int(self.here.params.legal_fee))
        self.post(Event.APPLIED)
        self.wait(Status.APPLIED, self.here.today + 1)

    def await_decision(self) -> None:
        """Check whether the application is decided. A refused applicant stays or goes."""
        params, nation, today = self.here.params, self.nation, self.here.today
        waiting = self.set_out - params.legal_served[nation]
        if waiting > 0.0:
            days = min(waiting / max(params.legal_rate[nation], 1e-6), 1e6)
            self.clock = today + min(30, 1 + int(days))
        elif self.draw(Stream.LEGAL, 0)[0] >= params.legal_refusal:
            self.post(Event.ADMITTED)
            self.finish(Status.ADMITTED)
        else:
            self.post(Event.REFUSED)
            utilities = self.utilities()
            go = self.inclusive_value(utilities)
            if self.choose_nest(go, can_apply=False) == Nest.GO:
                self._depart(utilities)
            else:
                self.finish(Status.REFUSED)

    # ---- after an encounter ---------------------------------------------------------------------
    def end_custody(self) -> None:
        """End custody: return home, return to the line, or move to southern Mexico."""
        params = self.here.params
        place, days = self.home, params.delay_mexico
        if self.status == Status.HELD_US:
            self.here.tallies.held[self.group] -= self.weight
            days = params.delay_us[self.group]
            if params.returned_to_line[self.nation][self.kind] > 0.0:
                place = self.gate
            if self.consequence == Consequence.EXPULSION:
                place, days = self.place, params.delay_expulsion
        elif self.consequence == Consequence.TRANSFER:
            place, days = int(params.south_place), 0.0
        self.place = place
        self.wait(Status.RETURNED, self.here.today + max(1, int(days)))

    def end_captivity(self) -> None:
        """End a kidnapping: die, or decide whether to continue."""
        params = self.here.params
        self.here.tallies.expected_deaths[N_SECTORS] += exact(params.kidnap_death * self.weight)
        if self.draw(Stream.RANSOM, self.journey_event)[0] < params.kidnap_death:
            self.post(Event.DEATHS)
            self.finish(Status.DEAD)
            return
        waited = self.consequence == Consequence.WAIT
        self.place = self.gate if waited else self.leg_under_way.head
        self.consequence = Consequence.KIDNAPPING
        self.wait(Status.RETURNED, self.here.today)

    def end_wait_in_mexico(self) -> None:
        """End a wait for a hearing: kidnapping, admission, or a decision whether to continue."""
        params, tallies = self.here.params, self.here.tallies
        u = self.draw(Stream.WAIT, 1 << 16 | self.caught)
        self.surrender = 0  # Without admission, the person evades the Border Patrol next time.
        if self.org < 0:
            self.route = self.solo_route(0, self.informed)
        elif self.mode != Mode.PORT:
            self.route = self.guided_route(self.org, 0)
        hazard = params.wait_kidnap_hazard * params.wait_in_mexico_days
        tallies.expected_kidnaps += exact(hazard * self.weight)
        if strikes(u[0], hazard):
            self.be_kidnapped()
        elif u[1] < params.wait_granted:
            self.post(Event.GRANTED)
            self.finish(Status.RELEASED)
        else:
            self.wait(Status.RETURNED, self.here.today)

    def reconsider(self) -> None:
        """Decide after an encounter whether to try again, and in which mode."""
        u = self.draw(Stream.RETRY, self.decisions)[0]
        chance = self.retry_probability()
        self.decisions += 1
        self.here.tallies.decided += 1
        if u >= chance or self._at_limit:
            self._give_up()
        elif self.consequence in CONTINUING:
            self._continue_trip()
        else:
            self._try_again()

    def _continue_trip(self) -> None:
        """Continue the trip from the present place."""
        self.post(Event.RETRIED)
        self.move_to_status(Status.TRAVELLING)
        self.clock = self.here.today
        self.start_next_leg()

    def _try_again(self) -> None:
        """Start another trip, under the present contract or in a newly chosen mode."""
        way = Way(self.mode, self.org)
        if not self._under_contract:
            utilities = self.utilities()
            if not utilities:
                self.post(Event.UNAFFORDABLE)
                self._give_up()
                return
            way = self.choose_way(utilities)
            self.tries_left = 0
        self.post(Event.RETRIED)
        if self.trial == 1 and self.consequence != Consequence.RETURNED_BY_MEXICO:
            self.trial = 2
        self.begin_trip(float(self.here.today), way)

    @property
    def _under_contract(self) -> bool:
        """Whether a paid fee covers another attempt."""
        return self.org >= 0 and self.tries_left > 0 and self.here.sellers[self.org].active == 1

    @property
    def _at_limit(self) -> bool:
        """Whether a counter is at its limit. The limit keeps the keys of draws unique."""
        events = max(self.trips, self.decisions, self.line_tries, self.caught)
        return events >= MAX_EVENTS_PER_PERSON or self.hop > MAX_HOPS

    def _give_up(self) -> None:
        """End the attempts, and count the organisation's failure and any remaining debt."""
        if self.org >= 0:
            self.here.market.failed[self.org] += self.weight
        self.post(Event.GAVE_UP)
        if self.debt > 0:
            self.post(Event.LEFT_IN_DEBT)
        self.finish(Status.GAVE_UP)

    # ---- in the United States -------------------------------------------------------------------
    def circulate(self) -> None:
        """Decide after a quarter in the U.S. whether to return home.

        The return rate is lower if re-entry has become harder. It is proportional to the believed
        probability of arrival, relative to the base year, to the power `return_elasticity`.
        """
        params, day = self.here.params, self.here
        route = self.solo_route(0, 1)
        believed = float(day.expected[route, ARRIVE, self.home])
        prior = float(day.prior[route - 1, ARRIVE, self.home])
        easier = math.pow((believed + 1e-6) / (prior + 1e-6), params.return_elasticity)
        rate = params.return_rate[self.group] * easier
        u = self.draw(Stream.CIRCULATION, self.quarters)[0]
        self.quarters += 1
        if strikes(u, rate * QUARTER / 365.0):
            self.post(Event.WENT_HOME)
            self.finish(Status.WENT_HOME)
        else:
            self.clock = self.here.today + QUARTER if self.quarters < MAX_QUARTERS else NEVER

    # ---- the organisation -----------------------------------------------------------------------
    def lose_organisation(self) -> None:
        """Continue alone after the organisation has dissolved, either on a day or between days."""
        route = self.solo_route(self.surrender, self.informed)
        # Between days, assignments to these attributes raise errors.
        vars(self).update(org=-1, tries_left=0, mode=Mode.SOLO, route=route)
