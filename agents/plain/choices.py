"""A migrant's decisions: whether to leave, in which mode, and whether to try again.

The decision to leave is a nested logit. The upper choice is to stay, to apply to the legal channel,
to go today or to wait. The lower choice is to travel alone, with an organisation that serves the
community, or with an organisation's help through a port of entry. Utility is in dollars,

    chance * gain - (1 - chance) * loss - paid - aversion * violence

with the chance of *eventual* success over all attempts that the person expects to make.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

from agents.environment import Stream
from agents.outcomes import Consequence, Kind, Mode
from agents.plain.draws import exp, gumbel
from agents.plain.person import Person
from agents.plain.surroundings import Seller

ARRIVE, BY_MEXICO, VIOLENCE, TOLL = range(4)  # rows of the expected outcomes
MAX_WAITS = 4  # decisions after which a candidate no longer waits
_PORT_TAG = 0xFFFFF  # used instead of an organisation's uid in the port option's key


class Nest(IntEnum):
    """Alternatives of the decision to leave."""

    STAY = 0
    LEGAL = 1
    GO = 2
    WAIT = 3


class Way(NamedTuple):
    """A travel mode (code in `agents.outcomes`), and the guide's slot, -1 if there is none."""

    mode: int
    org: int = -1


ALONE = Way(Mode.SOLO)
THROUGH_PORT = Way(Mode.PORT)  # no slot: any seller can arrange the passage


def eventual_success(
    arrive: float, mexico: float, release: float, again_us: float, again_mx: float, attempts: int
) -> float:
    """Return the probability of eventual success.

    Args:
        arrive, mexico: probability per attempt that it ends in arrival, or in a stop by Mexico.
        release: probability that a U.S. apprehension ends in release.
        again_us, again_mx: probability of another attempt after a stop by either country.
        attempts: maximum number of attempts.

    Returns:
        Probability from 0 to 1.
    """
    stopped_us = max(0.0, 1.0 - arrive - mexico)
    success = arrive + stopped_us * release
    another = stopped_us * (1.0 - release) * again_us + mexico * again_mx
    total, reach = 0.0, 1.0
    for _ in range(attempts):
        total += reach * success
        reach *= another
    return min(total, 1.0)


def prelec(p: float, alpha: float) -> float:
    """Return Prelec's weight for a probability, exp(-(-ln p)**alpha)."""
    if p <= 0.0 or p >= 1.0:
        return min(max(p, 0.0), 1.0)
    return exp(-math.pow(-math.log(p), alpha))


def shift_log_odds(probability: float, log_odds: float) -> float:
    """Return a probability with shifted log-odds. It must be strictly between 0 and 1."""
    odds = math.log(probability / (1.0 - probability)) + log_odds
    return 1.0 / (1.0 + exp(-odds))


class Chooser(Person):
    """A person who chooses by perceived probabilities and keyed noise."""

    # ---- routes of the route tables -------------------------------------------------------------
    def solo_route(self, surrender: int, informed: int) -> int:
        """Return the row in the route tables for people who travel alone."""
        return self.origin * 4 + surrender * 2 + informed

    def guided_route(self, slot: int, surrender: int) -> int:
        """Return the row in the route tables for an organisation's clients.

        Each organisation has three rows: for Mexicans, for foreigners who evade and for foreigners
        who surrender.
        """
        kind = self.group + (surrender if self.group > 0 else 0)
        return int(self.here.params.first_guided) + slot * 3 + kind

    @property
    def port_route(self) -> int:
        """Row in the route tables for a guided passage through a port."""
        return int(self.here.params.first_port) + self.group

    # ---- probabilities --------------------------------------------------------------------------
    def _success(self, outcomes, route: int, law, attempts: float) -> float:
        """Return the probability of eventual success, starting from the present place.

        `law` is a tuple of tables: probability of release, probability of another attempt after a
        stop by the United States, and probability of another attempt after a stop by Mexico.
        """
        (release, again_us, again_mx), nation = law, self.nation
        return eventual_success(
            float(outcomes[route, ARRIVE, self.place]),
            float(outcomes[route, BY_MEXICO, self.place]),
            release[nation][self.kind],
            again_us[nation][self.kind],
            again_mx[nation],
            int(attempts),
        )

    def perceived_success(self, learnt: int, prior: int, attempts: float) -> float:
        """Return the perceived probability of eventual success.

        The person's knowledge is the weight of what the community or organisation believes. The
        prior has the remaining weight. All people expect the same release probability after a U.S.
        apprehension.

        Args:
            learnt: route with the beliefs that the person shares.
            prior: route for the prior.
            attempts: maximum number of attempts that the person expects to make.

        Returns:
            Probability from 0 to 1.
        """
        params, day = self.here.params, self.here
        law = params.release_view, params.again_us, params.again_mx
        believed = self._success(day.expected, learnt, law, attempts)
        base = self._success(day.prior, prior, law, attempts)
        return self.knowledge * believed + (1.0 - self.knowledge) * base

    def base_success(self, prior: int, attempts: float) -> float:
        """Return the probability of eventual success in the base year."""
        params = self.here.params
        law = params.release_base, params.again_us_base, params.again_mx_base
        return self._success(self.here.prior, prior, law, attempts)

    @property
    def _stakes(self) -> float:
        """Gain plus loss of a journey, $."""
        params = self.here.params
        return params.gain[self.group] + params.loss[self.group]

    def surrender_probability(self) -> float:
        """Return the probability that the person plans to surrender at the line.

        The base year's log-odds shift with the advantage of surrendering over evading, relative to
        the base year, for a person who travels alone.
        """
        params = self.here.params
        base = params.surrender[self.nation][self.kind]
        if base <= 0.0 or base >= 1.0:
            return base
        evading, surrendering = (
            self.perceived_success(route, route - 1, params.solo_attempts)
            - self.base_success(route - 1, params.solo_attempts)
            for route in (self.solo_route(surrender, 1) for surrender in (0, 1))
        )
        better = (surrendering - evading) * (self._stakes / 10_000.0)
        return shift_log_odds(base, params.surrender_slope * better)

    def retry_probability(self) -> float:
        """Return the probability that the person tries again after the last encounter.

        It depends on the consequence. It is higher if prospects are better than in the base year,
        and lower after every further encounter.
        """
        params = self.here.params
        base = params.retry[self.consequence][self.nation][self.kind]
        if self.consequence == Consequence.EXPULSION and self.place != self.gate:  # expelled home
            base = params.retry[Consequence.VOLUNTARY_RETURN][self.nation][self.kind]
        if base <= 0.0 or base >= 1.0:
            return min(max(base, 0.0), 1.0)
        is_solo = self.org < 0
        prior = self.solo_route(self.surrender, 0) if is_solo else self.route
        attempts = params.solo_attempts if is_solo else params.guided_attempts
        success = self.perceived_success(self.route, prior, attempts)
        better = (success - self.base_success(prior, attempts)) * self._stakes / 10_000.0
        tired = params.retry_fatigue * max(0, self.caught - 1)
        odds = math.log(base / (1.0 - base)) + params.retry_value_slope * better
        return 1.0 / (1.0 + exp(-(odds - tired)))

    # ---- utilities ------------------------------------------------------------------------------
    def _expected_utility(self, chance: float, paid: float) -> float:
        """Return an attempt's utility in dollars, by expected utility or prospect theory."""
        params = self.here.params
        gain = params.gain[self.group]
        loss = params.loss[self.group] + params.bar_loss[self.nation][self.kind]
        if params.prospect > 0.0:
            won = prelec(chance, params.prelec_alpha) * (gain - paid)
            lost = params.loss_aversion * prelec(1.0 - chance, params.prelec_alpha)
            return won - lost * (loss + paid)
        return chance * gain - (1.0 - chance) * loss - paid

    def _utility(self, learnt: int, prior: int, attempts: float, paid: float) -> float:
        """Return a mode's utility at a price, with perceived tolls and violence."""
        weight, believed, base_year = self.knowledge, self.here.expected, self.here.prior
        chance = self.perceived_success(learnt, prior, attempts)
        harm = weight * float(believed[learnt, VIOLENCE, self.place])
        harm += (1.0 - weight) * float(base_year[prior, VIOLENCE, self.place])
        paid = paid + weight * float(believed[learnt, TOLL, self.place])
        return self._expected_utility(chance, paid) - self.here.params.danger_aversion * harm

    def _utility_alone(self) -> float | None:
        """Return the utility of travelling alone, or None if it is unaffordable."""
        params = self.here.params
        cost = params.solo_cost[self.group]
        if self.funds < cost:
            return None
        route = self.solo_route(self.surrender, 1)
        value = self._utility(route, route - 1, params.solo_attempts, cost)
        return value - params.solo_burden[self.group]

    def _sellers(self) -> list[Seller]:
        """Return the organisations that serve the community and are affordable."""
        funds = self.funds
        return [
            seller
            for seller in self.here.sellers[: self.here.market.top]
            if seller.active
            and seller.serves >> self.origin & 1
            and funds >= seller.price[self.group]
        ]

    def _utility_guided(self, seller: Seller) -> float:
        """Return the utility of a contract with one organisation."""
        params = self.here.params
        route = self.guided_route(seller.slot, self.surrender)
        price = seller.price[self.group]
        value = self._utility(route, route, params.guided_attempts, price)
        waiting = 0.5 * seller.delay * params.day_cost
        return value + params.reputation_value * seller.reputation - waiting

    def _utility_through_port(self) -> float | None:
        """Return the utility of a guided port passage, or None if it is closed or unaffordable."""
        params, price = self.here.params, self.here.port_price[self.group]
        if params.ports <= 0.0 or self.funds < price:
            return None
        route = self.port_route
        value = self._utility(route, route, params.guided_attempts, price)
        return value - params.port_burden[self.group]

    def utilities(self) -> dict[Way, float]:
        """Return the utilities of all modes that are open and affordable.

        The noise scale times the log number of sellers is subtracted from each organisation's
        utility, because more sellers of the same service are not more reasons to leave.

        Returns:
            Dollars by mode, empty if no mode is affordable.
        """
        solo, sellers = self._utility_alone(), self._sellers()
        port = self._utility_through_port() if sellers else None
        crowd = self.here.params.mode_noise * math.log(max(1, len(sellers)))
        values = {} if solo is None else {ALONE: solo}
        values |= {} if port is None else {THROUGH_PORT: port}
        for seller in sellers:
            values[Way(Mode.GUIDED, seller.slot)] = self._utility_guided(seller) - crowd
        return values

    def inclusive_value(self, utilities: dict[Way, float]) -> float | None:
        """Return the value of going, the log-sum of the utilities in $, None if there are none."""
        if not utilities:
            return None
        noise, best = self.here.params.mode_noise, max(utilities.values())
        total = 0.0
        for value in utilities.values():
            total += math.exp((value - best) / noise)
        return best + noise * math.log(total)

    # ---- choices --------------------------------------------------------------------------------
    def choose_way(self, utilities: dict[Way, float]) -> Way:
        """Choose the mode with the highest utility plus noise.

        The noise depends on person and organisation. An entrant to the market therefore does not
        change the noise for other organisations. The organisation with the highest noisy utility
        arranges a passage through a port.

        Args:
            utilities: utility by mode in $, not empty.

        Returns:
            The mode, and the organisation that guides the person.
        """
        noisy = {way: value + self._noise(way) for way, value in utilities.items()}
        guides = [way for way in noisy if way.mode == Mode.GUIDED]
        between_ports = [way for way in noisy if way != THROUGH_PORT]
        best = max(between_ports, key=noisy.__getitem__, default=None)
        if THROUGH_PORT in noisy and (best is None or noisy[THROUGH_PORT] > noisy[best]):
            return Way(Mode.PORT, max(guides, key=noisy.__getitem__).org)
        return best or ALONE

    def _noise(self, way: Way) -> float:
        """Return a mode's noise in the present decision."""
        if way.mode == Mode.GUIDED:
            tag = self.here.sellers[way.org].uid
        else:
            tag = _PORT_TAG if way == THROUGH_PORT else 0
        u = self.draw(Stream.OPTION, tag << 12 | self.decisions)[0]
        return self.here.params.mode_noise * gumbel(u)

    def choose_nest(self, go: float | None, *, can_apply: bool) -> Nest:
        """Choose to stay, to apply, to go or to wait.

        A person's noise is the same at every decision before the departure. An announcement deters
        some people who would go. Some deterred people wait, and all others stay or apply.

        Args:
            go: inclusive value today in $, or None if no mode is affordable.
            can_apply: whether the legal channel is an alternative.

        Returns:
            The choice.
        """
        params, group = self.here.params, self.group
        u = self.draw(Stream.NEST, 0)
        noise = params.decision_noise * params.noise_factor[group]
        values = {Nest.STAY: params.stay_value[group] + noise * gumbel(u[0])}
        hope = params.legal_hope[self.nation]
        if can_apply and hope > 0.0 and self.wealth >= params.legal_fee:
            worth = hope * params.gain[group] - params.legal_fee
            values[Nest.LEGAL] = worth + (params.legal_value[group] + noise * gumbel(u[1]))
        at_home = max(values, key=values.__getitem__)  # STAY comes first if values are equal
        if go is None:
            return at_home
        work = params.work_value[group] if self.kind == Kind.ADULT else 0.0
        if go + noise * gumbel(u[2]) + work <= values[at_home]:
            return at_home
        deterred = params.deterred[self.nation][self.kind]
        if u[3] >= deterred:
            return Nest.GO
        waits = u[3] >= deterred * (1.0 - params.waiting_share)
        return Nest.WAIT if waits and self.decisions < MAX_WAITS else at_home

    def choose_departure(self) -> tuple[Nest, dict[Way, float]]:
        """Choose to stay, to apply, to go or to wait.

        Returns:
            The choice, and today's utility by mode in $.
        """
        utilities = self.utilities()
        return self.choose_nest(self.inclusive_value(utilities), can_apply=True), utilities
