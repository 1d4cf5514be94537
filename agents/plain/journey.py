"""A journey, leg by leg: departure, leg choice, dangers, officers, the line and the ports.

All events on a leg take place on arrival at its end.
"""

from __future__ import annotations

import math
from itertools import pairwise

from agents.environment import Stream
from agents.migrants.columns import N_SECTORS, QUARTER
from agents.outcomes import Account, Consequence, Event, Mode, Status
from agents.plain.choices import Way
from agents.plain.draws import strikes
from agents.plain.encounters import Encounters
from agents.plain.person import exact
from agents.plain.surroundings import Leg, Seller
from agents.plans import HARMED, PASSED, STOPPED
from agents.port_day import REMOVED

_NO_LEG = 1e-6  # share of other legs below which only the way back counts as open


class Traveller(Encounters):
    """A person who travels, alone or guided, and encounters dangers and officers."""

    # ---- departure ------------------------------------------------------------------------------
    def begin_trip(self, moment: float, way: Way) -> None:
        """Start a trip and pay the fee unless a contract still covers the attempt.

        Args:
            moment: departure, in days since the warm-up began.
            way: mode, with the organisation that guides.
        """
        covered = way.org >= 0 and way == Way(self.mode, self.org) and self.tries_left > 0
        self.mode, self.org = way
        if way.org >= 0:
            seller = self.here.sellers[way.org]
            if not covered:
                self._sign_contract(seller)
            self.tries_left -= 1
            self._pay_attempt(seller)
            guided = self.guided_route(way.org, self.surrender)
            self.route = self.port_route if self.mode == Mode.PORT else guided
        else:
            self.tries_left = 0
            self.pay(Account.SUPPLIERS, int(self.here.params.solo_cost[self.group]))
            self.route = self.solo_route(self.surrender, self.informed)
        self.trips += 1
        self.hop, self.consequence = 0, Consequence.NONE
        self.set_out = self.clock = moment
        self.post(Event.TRIP)
        self.move_to_status(Status.TRAVELLING)
        self.start_next_leg()

    def _sign_contract(self, seller: Seller) -> None:
        """Pay an organisation's fee, which covers several attempts."""
        day, port = self.here, self.mode == Mode.PORT
        fee = int(day.port_price[self.group] if port else seller.price[self.group])
        self.pay(Account.ORGANISATIONS, fee)
        day.market.cash[seller.slot] += fee * self.weight
        day.market.clients[seller.slot, self.group] += self.weight
        day.tallies.fees[self.group] += fee * self.weight
        day.tallies.contracts[self.group] += self.weight
        self.tries_left = int(day.params.guided_attempts)

    def _pay_attempt(self, seller: Seller) -> None:
        """Pay for an attempt from the organisation's cash: guides, transport, tax and bribes."""
        tax, bribe = int(seller.tax[self.group]), int(seller.bribe[self.group])
        guides = max(0, int(seller.cost[self.group]) - tax - bribe)
        if self.mode == Mode.PORT:
            guides += int(self.here.port_cost[self.group])
        money, weight = self.here.tallies.money, self.weight
        money[Account.ORGANISATIONS, Account.CRIMINAL_GROUPS] += tax * weight
        money[Account.ORGANISATIONS, Account.OFFICIALS] += bribe * weight
        money[Account.ORGANISATIONS, Account.SUPPLIERS] += guides * weight
        self.here.market.taxed[seller.slot] += tax * weight
        self.here.market.cash[seller.slot] -= (tax + bribe + guides) * weight
        self.post(Event.GUIDED_TRIP)

    # ---- legs -----------------------------------------------------------------------------------
    @property
    def leg_under_way(self) -> Leg:
        """The leg on which the person is travelling."""
        return self.here.legs[self.leg]

    def start_next_leg(self) -> None:
        """Choose a leg and start on it, after a wait before the line or at a port.

        Clients of an overloaded organisation wait longer before the line. People who request
        protection at a port wait for their turn. If closed legs leave no way on, the person is
        turned back and decides tomorrow whether to try again.
        """
        day, params = self.here, self.here.params
        u = self.draw(Stream.ROUTE, self.journey_event)
        choice = self._choose_leg(u[0])
        if choice is None:
            self.end_past_line(counted=False)
            self.consequence = Consequence.TURNED_BACK
            self.wait(Status.RETURNED, int(self.clock) + 1)
            return
        self.leg = choice
        self.hop += 1
        leg, days = self.leg_under_way, 0.0
        if leg.is_line or leg.is_port:
            self.gate = self.place
            longest = params.wait_days[self.mode]
            if self.org >= 0:
                longest += day.sellers[self.org].delay
            days = u[1] * longest
            if leg.is_port and self.mode != Mode.PORT:
                days = leg.port_wait
        self.clock += days + leg.days * params.pace[self.mode]

    def _choose_leg(self, u: float) -> int | None:
        """Draw a leg, except the way back, from the choice table. Return None if none is open."""
        day, first = self.here, self.here.first_leg[self.place]
        legs = day.legs_from[self.place]
        cumulative = day.choices[self.route, first : first + len(legs)].tolist()
        if cumulative[-1] < 0.0:
            return None
        shares = [high - low for low, high in pairwise([0.0, *cumulative])]
        arrived = self.hop > 0 and self.leg_under_way.head == self.place
        previous, options, total = self.leg_under_way.tail if arrived else -1, [], 0.0
        for leg, share in zip(legs, shares, strict=True):
            if day.legs[leg].head != previous:
                options.append((leg, share))
                total += share
        if total < _NO_LEG:  # Only the way back is open.
            options, total = list(zip(legs, shares, strict=True)), 1.0
        target, choice = u * total, legs[-1]
        for leg, share in options:
            if share > 0.0:
                choice = leg
                target -= share
                if target < 0.0:
                    break
        return choice

    def arrive(self) -> None:
        """Complete a leg: dangers, officers, and the line or a port. Then start the next leg."""
        leg, day = self.leg_under_way, self.here
        day.tallies.arrivals += 1
        day.traffic[self.leg, self.group] += self.weight
        u = self.draw(Stream.JOURNEY, self.journey_event)
        dying, kidnapping = self._dangers(leg)
        if not (leg.is_line or leg.is_belt or leg.is_port):
            self._report_transit(leg, -math.expm1(-dying - kidnapping))
        if strikes(u[3], dying):
            self._die(leg)
        elif strikes(u[2], kidnapping):
            self.be_kidnapped()
        elif not self._is_stopped_by_mexico(leg, u) and self._passes(leg):
            self.place = leg.head
            if day.legs_from[leg.head]:
                self.start_next_leg()
            else:
                self._settle()

    def _passes(self, leg: Leg) -> bool:
        """Return whether the person passes the line, the checkpoints or the port on a leg."""
        if leg.is_line:
            return self._passes_line(leg)
        if leg.is_belt:
            return self._passes_checkpoint(leg)
        return not leg.is_port or self._passes_port(leg)

    def _settle(self) -> None:
        """Settle in the U.S. The first decision about returning follows after a quarter."""
        self.count_arrival()
        self.here.tallies.settled[self.origin] += self.weight
        self.wait(Status.SETTLED, int(self.clock) + QUARTER)

    # ---- dangers --------------------------------------------------------------------------------
    @property
    def exposure(self) -> float:
        """Share of a hazard that reaches the person. Guides avoid the remaining share."""
        return 1.0 - self.here.sellers[self.org].quality if self.org >= 0 else 1.0

    def _dangers(self, leg: Leg) -> tuple[float, float]:
        """Return the death and kidnapping hazards on a leg, and add them to the expected totals."""
        params, tallies = self.here.params, self.here.tallies
        elapsed = leg.days * params.pace[self.mode]
        season = params.heat if leg.is_line or leg.is_belt else 1.0
        dying = leg.death * elapsed * season
        kidnapping = leg.kidnap * elapsed * params.kidnap_factor[self.group]
        sector = leg.sector if leg.sector >= 0 else N_SECTORS
        tallies.expected_deaths[sector] += exact(dying * self.weight)
        tallies.expected_kidnaps += exact(kidnapping * self.weight)
        return dying, kidnapping

    def _die(self, leg: Leg) -> None:
        """Die on a leg."""
        self.end_past_line(counted=False)
        self._count_harm()
        self.post_at(Event.DEATHS, leg.sector)
        self.finish(Status.DEAD)

    def be_kidnapped(self) -> None:
        """Be kidnapped. The ransom is at most what the family can raise."""
        params = self.here.params
        self.end_past_line(counted=False)
        self._count_harm()
        self.post(Event.KIDNAPPED)
        self.pay_what_is_possible(Account.CRIMINAL_GROUPS, params.ransom)
        self.wait(Status.KIDNAPPED, self.here.today + max(1, int(params.kidnap_days)))

    def _count_harm(self) -> None:
        """Count a client's kidnapping or death as harm by the organisation."""
        if self.org >= 0:
            self.here.market.harmed[self.org] += self.weight

    def count_arrival(self) -> None:
        """Count a client who has entered the U.S. as an arrival for the organisation."""
        if self.org >= 0:
            self.here.market.arrived[self.org] += self.weight

    # ---- officers in Mexico ---------------------------------------------------------------------
    def _is_stopped_by_mexico(self, leg: Leg, u: tuple[float, ...]) -> bool:
        """Return whether Mexican officers stop a foreigner. Some officers take a bribe instead."""
        if self.group == 0 or not leg.in_mexico:
            return False
        if strikes(u[0], leg.mx_hazard * self.exposure):
            self.here.traffic[self.leg, 2] += self.weight
            self.end_past_line(counted=False)
            return not self.is_let_go_by_mexico()
        if strikes(u[1], leg.extort_hazard * self.exposure):
            self.post(Event.EXTORTED)
            self.pay_what_is_possible(Account.OFFICIALS, self.here.params.extortion)
        return False

    # ---- the line, the checkpoints and the ports ------------------------------------------------
    def _passes_line(self, leg: Leg) -> bool:
        """Resolve an attempt at the line. Return whether the person passes."""
        params, tallies = self.here.params, self.here.tallies
        self.post_at(Event.REACHED_LINE, leg.sector)
        if self.mode == Mode.GUIDED and self.consequence != Consequence.TURNED_BACK:
            self._count_trip_length()
        u = self.draw(Stream.LINE, self.line_tries)
        self.line_tries += 1
        self.detected = 0
        if self.surrender and leg.respond > 0.0:
            tallies.calls[leg.sector] += self.weight
            self.post_at(Event.SURRENDERED, leg.sector)
            self._be_caught_at_line(leg)
            return False
        self.post_at(Event.LINE_ATTEMPT, leg.sector)
        self._report_line(leg)
        if strikes(u[0], leg.us_hazard * self.exposure):
            tallies.calls[leg.sector] += self.weight
            if u[1] < params.caught_share * leg.respond:
                self._close_trial(caught=True)
                self._be_caught_at_line(leg)
                return False
            if u[1] >= 1.0 - params.turned_share * leg.respond:
                self._be_turned_back(leg)
                return False
            self.detected = 1
        self.pass_line()
        return True

    def _passes_checkpoint(self, leg: Leg) -> bool:
        """Resolve the checkpoints. Return whether the person passes.

        A got-away is counted once per passage of the line.
        """
        hazard = leg.us_hazard * self.exposure
        u = self.draw(Stream.LINE, self.line_tries - 1)
        evaded = math.exp(-hazard)
        self._report(evaded, 1.0 - evaded, 0.0)
        if strikes(u[2], hazard):
            self.end_past_line(counted=False)
            self.post_at(Event.APPREHENDED_BELT, leg.sector)
            if self.mode != Mode.PORT:
                self._close_trial(caught=True)
            self._be_caught_at_line(leg)
            return False
        if self.end_past_line(counted=True):  # Port entries are counted at the port.
            event = Event.GOT_AWAY_KNOWN if self.detected else Event.GOT_AWAY_UNDETECTED
            self.post_at(event, leg.sector)
            self._close_trial(caught=False)
        return True

    def _passes_port(self, leg: Leg) -> bool:
        """Resolve an attempt at a port. Return whether the person enters undetected.

        At a removed port, everyone is turned back and decides again tomorrow.
        """
        if leg.port_wait == REMOVED:
            self.consequence = Consequence.TURNED_BACK
            self.wait(Status.RETURNED, self.here.today + 1)
            return False
        self.post_at(Event.REACHED_LINE, leg.sector)
        if self.mode != Mode.PORT:
            self.here.presented[self.leg] += self.weight
            self.post_at(Event.PRESENTED, leg.sector)
            self.request_protection()
            self._count_released()
            return False
        self._count_trip_length()
        self.post_at(Event.PORT_ATTEMPT, leg.sector)
        u = self.draw(Stream.PORT, self.line_tries)
        self.line_tries += 1
        self.trial = 3  # The repeated-trials estimator covers only attempts between ports.
        evaded = math.exp(-leg.us_hazard)
        self._report(evaded, 1.0 - evaded, 0.0)
        if strikes(u[0], leg.us_hazard):
            self.be_refused_at_port(leg.sector)
            self._count_released()
            return False
        self.post_at(Event.PORT_ENTRY, leg.sector)
        return True

    def _be_caught_at_line(self, leg: Leg) -> None:
        """Be apprehended at the line or at a checkpoint behind it."""
        self.be_apprehended_by_us(leg.sector)
        self._count_released()

    def _count_released(self) -> None:
        """Count a released client as an arrival for the organisation."""
        if self.status == Status.RELEASED:
            self.count_arrival()

    def _be_turned_back(self, leg: Leg) -> None:
        """Return to the start of the leg, and decide tomorrow."""
        self.consequence, self.place = Consequence.TURNED_BACK, leg.tail
        self.post_at(Event.TURNED_BACK, leg.sector)
        self.wait(Status.RETURNED, self.here.today + 1)

    def _count_trip_length(self) -> None:
        """Count a guided trip that reached the line, and whether it took at most 30 days."""
        self.post(Event.GUIDED_DONE)
        if self.clock - self.set_out <= 30.0:
            self.post(Event.GUIDED_DONE_30)

    def _close_trial(self, *, caught: bool) -> None:
        """Update the state for the repeated-trials estimator."""
        if self.trial == 2:
            self.post(Event.EVADER_RETRIED)
            if caught:
                self.post(Event.EVADER_RETRY_CAUGHT)
        if self.trial == 0 and caught:
            self.trial = 1
            self.post(Event.EVADER_FIRST_CAUGHT)
        else:
            self.trial = 3

    # ---- reports --------------------------------------------------------------------------------
    def _report(self, passed: float, stopped: float, harmed: float) -> None:
        """Report the leg's outcome probabilities to the community and organisation.

        The person reports the probabilities that he or she faced, not the outcome that was drawn,
        so noise does not bias beliefs.
        """
        reports = [self.here.reports_home[self.origin]]
        if self.org >= 0:
            reports.append(self.here.reports_org[self.org])
        for report in reports:
            report[self.leg, PASSED] += exact(self.weight * passed)
            report[self.leg, STOPPED] += exact(self.weight * stopped)
            report[self.leg, HARMED] += exact(self.weight * harmed)

    def _report_transit(self, leg: Leg, harm: float) -> None:
        """Report a leg in or towards Mexico. `harm` is the probability of kidnapping or death."""
        evaded = 1.0
        if self.group > 0 and leg.in_mexico:
            evaded = math.exp(-leg.mx_hazard * self.exposure)
            self._expect_stop(0, (1.0 - harm) * (1.0 - evaded))
        self._report((1.0 - harm) * evaded, (1.0 - harm) * (1.0 - evaded), harm)

    def _report_line(self, leg: Leg) -> None:
        """Report an attempt at the line. A turn-back is neither a passage nor a stop."""
        params = self.here.params
        detected = -math.expm1(-leg.us_hazard * self.exposure)
        caught = detected * params.caught_share * leg.respond
        turned = detected * params.turned_share * leg.respond
        self._expect_stop(1, caught)
        self._report(max(1.0 - caught - turned, 0.0), caught, 0.0)

    def _expect_stop(self, country: int, chance: float) -> None:
        """Add the probability of a stop, by Mexico (0) or at the line (1), to the day's total."""
        self.here.tallies.expected_stops[country, self.group] += exact(chance * self.weight)
