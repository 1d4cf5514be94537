"""Route choice: a recursive logit over the legs in the route graph.

A traveller class (origin, knowledge, guide) has a utility in dollars on every leg. The value of a
place is the log-sum over the legs that start there,

    V[i] = mu * ln sum_l exp((u[l] + V[head[l]]) / mu),   V = 0 at a destination,

and the choice at a place is a logit over the same terms. Risk enters as a hazard, which adds up
along a journey, so the problem is linear in exp(V / mu).

Source: Fosgerau, Frejinger and Karlstrom (2013), Transportation Research Part B 56: 70-80.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agents.jit import inlined, kernel, shared
from agents.labels import CORRIDORS, SECTORS
from agents.param import param

CLOSED = -1e12  # utility of a closed leg
MAX_SWEEPS = 400  # maximum number of sweeps, after which a cycle counts as divergent
TOLERANCE = 1e-6  # maximum change per sweep at convergence, in units of the noise
NO_WAY = -1.0  # code for choice probabilities if closed legs leave no way on


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteParams:
    """Costs of a leg as travellers perceive them."""

    noise_solo: float = param(
        156.0,
        unit="$",
        low=100.0,
        high=2_000.0,
        doc="Scale of route noise of migrants who travel alone; values below $100 do not converge.",
    )
    noise_guided: float = param(
        120.0,
        unit="$",
        low=100.0,
        high=2_000.0,
        doc="Scale of route noise of organisations.",
    )
    day_cost: float = param(
        25.0,
        unit="$/day",
        high=200.0,
        doc="Cost of a day of travel.",
        source="[A] spent per day in Mexico, with fares: $42 to $55 on the whole, median $38 to "
        "$43, EMIF Sur 2014-17, returned by Mexico without a guide "
        "(docs/background/evidence-numbers.md)",
    )
    road_cost: float = param(
        0.05,
        unit="$/km",
        high=1.0,
        doc="Fare by road; rail and foot are free.",
    )
    lateral_cost: float = param(
        100.0,
        unit="$",
        high=1_000.0,
        doc="Surcharge of a leg along the northern border.",
    )
    danger_cost: float = param(
        15.0,
        unit="$ per class and day",
        high=200.0,
        doc="Perceived cost of a day on a leg, per hazard class above the first.",
    )
    hazard_cost_solo: float = param(
        2_500.0,
        unit="$ per unit hazard",
        high=20_000.0,
        doc="Perceived cost of a unit of interdiction hazard for migrants who travel alone.",
    )
    hazard_cost_guided: float = param(
        1_500.0,
        unit="$ per unit hazard",
        high=20_000.0,
        doc="Perceived cost of a unit of interdiction hazard for an organisation.",
    )
    presenting: float = param(
        -400.0,
        unit="$",
        low=-5_000.0,
        high=5_000.0,
        doc="Utility of requesting protection at a port instead of surrendering between ports.",
    )
    cell_weight: float = param(
        25.0,
        unit="$",
        high=300.0,
        doc="Utility of a crossing per log unit of the organisation's cells there.",
    )
    sector_constant: tuple[float, ...] = param(
        (242.2, 263.6, -93.23, 249.7, -221.1, 433.7, -313.9, -131.2, 90.08),
        unit="$",
        low=-3_000.0,
        high=3_000.0,
        labels=SECTORS,
        doc="Utility of a sector beyond time, money and risk, the same for all migrants.",
        source="[F] fitted to P2, sector shares FY2013 (us/usbp_sector_fy.csv)",
    )
    corridor_constant: tuple[float, ...] = param(
        (-20.0, 20.0),
        unit="$ per leg",
        low=-500.0,
        high=500.0,
        labels=CORRIDORS,
        doc="Utility of a leg of a corridor, the same for all migrants.",
        source="[A] fitted by hand to mexico/mx_inm_by_state.csv January 2014",
    )


class RouteGraph(NamedTuple):
    """The route graph in the form that kernels read.

    Attributes:
        head: place where each leg ends.
        out_start, out_leg: legs by tail place (CSR).
        order, block: places ordered backwards from the destinations, and where each block in this
            order ends. A block is a single place, or all places in a cycle.
    """

    head: np.ndarray
    out_start: np.ndarray
    out_leg: np.ndarray
    order: np.ndarray
    block: np.ndarray


@inlined
def solve(utility, mu, graph, value, cum, prob):
    """Solve one traveller class.

    Blocks are solved backwards from the destinations. A single place is solved once. The places in
    a cycle are solved repeatedly until they converge.

    Args:
        utility: $ per leg, shape (legs,).
        mu: noise scale, $.
        graph: the :class:`RouteGraph`.
        value: set to $ per place, 0 at a place without out-legs (destination).
        cum: set to cumulative choice probabilities by CSR position.
        prob: set to choice probabilities by CSR position.

    Returns:
        The maximum number of sweeps over any block, or -1 if a block does not converge.
    """
    onward, to = np.empty(graph.out_leg.size), np.empty(graph.out_leg.size, np.int64)
    for j in range(onward.size):
        onward[j], to[j] = utility[graph.out_leg[j]], graph.head[graph.out_leg[j]]
    sweeps = _solve_values(onward, mu, to, graph, value)
    if sweeps > 0:
        _choice(utility, mu, graph, value, cum, prob)
    return sweeps


@inlined
def _solve_values(utility, mu, to, graph, value):
    """Solve all blocks. One function has all loops, because a call takes as long as one place."""
    out_start, order = graph.out_start, graph.order
    for i in range(value.size):
        value[i] = CLOSED if out_start[i + 1] > out_start[i] else 0.0
    first, longest = 0, 0
    for end in graph.block:
        change, sweeps = math.inf, 0
        while sweeps == 0 or (end - first > 1 and change >= TOLERANCE * mu):
            if sweeps == MAX_SWEEPS:
                return -1
            change, sweeps = 0.0, sweeps + 1
            for i in order[first:end]:
                if out_start[i + 1] == out_start[i]:
                    continue
                best = CLOSED
                for j in range(out_start[i], out_start[i + 1]):
                    best = max(best, utility[j] + value[to[j]])
                new = CLOSED
                if best > 0.5 * CLOSED:
                    total = 0.0
                    for j in range(out_start[i], out_start[i + 1]):
                        gap = utility[j] + value[to[j]] - best
                        if gap == 0.0:
                            total += 1.0
                        elif gap > 0.5 * CLOSED:
                            total += math.exp(gap / mu)
                    new = best + mu * math.log(total)
                change = max(change, abs(new - value[i]))
                value[i] = new
        longest = max(longest, sweeps)
        first = end
    return longest


@inlined
def _choice(utility, mu, graph, value, cum, prob):
    head, out_start, out_leg = graph.head, graph.out_start, graph.out_leg
    for i in range(out_start.size - 1):
        total = 0.0
        for j in range(out_start[i], out_start[i + 1]):
            leg = out_leg[j]
            gap = utility[leg] + value[head[leg]] - value[i]
            closed = value[i] <= 0.5 * CLOSED or gap <= 0.5 * CLOSED
            prob[j] = 0.0 if closed else math.exp(gap / mu)
            total += prob[j]
            cum[j] = total
        for j in range(out_start[i], out_start[i + 1]):
            if total > 0.0:
                prob[j] /= total
                cum[j] /= total


@kernel
def closures_differ(closures, lever, closed):
    """Return whether any leg must be closed or opened today.

    Args:
        closures: whether a user has closed the leg, by leg.
        lever: above 0 where policies close the leg, by leg.
        closed: 1 where the leg is closed now, by leg.
    """
    for leg in range(closed.size):
        if (closures[leg] or lever[leg] > 0.0) != (closed[leg] != 0):
            return True
    return False


@shared
def compute_expectations(prob, graph, stop_mx, stop_us, harm, toll, expected_outcomes):
    """Compute a class's expected outcomes from each place, given its choice probabilities.

    Args:
        prob: choice probabilities by CSR position.
        graph: the :class:`RouteGraph`.
        stop_mx, stop_us: probabilities of a stop by Mexico and by the United States, by leg.
        harm: probability of kidnapping or death, by leg.
        toll: $ that policies add to the cost of a journey, by leg.
        expected_outcomes: changed in place, shape (4 or more, places). The rows are the probability
            of arrival without a stop, the probability of a stop by Mexico, expected violence, and
            expected toll in $.
    """
    out_start, order, block = graph.out_start, graph.order, graph.block
    for i in range(out_start.size - 1):
        end = out_start[i + 1] == out_start[i]
        expected_outcomes[0, i], expected_outcomes[1, i] = (1.0 if end else 0.0), 0.0
        expected_outcomes[2, i], expected_outcomes[3, i] = 0.0, 0.0
    first = 0
    for b in range(block.size):
        places = order[first : block[b]]
        first = block[b]
        for _ in range(MAX_SWEEPS):
            change = 0.0
            for i in places:
                if out_start[i + 1] > out_start[i]:
                    step = _update_place(
                        i, prob, graph, stop_mx, stop_us, harm, toll, expected_outcomes
                    )
                    change = max(change, step)
            if places.size == 1 or change < TOLERANCE:
                break


@inlined
def _update_place(i, prob, graph, stop_mx, stop_us, harm, toll, expected):
    """Update the expected outcomes from one place. Return the change in the probabilities."""
    arrive, mexico, violence, dues = 0.0, 0.0, 0.0, 0.0
    for j in range(graph.out_start[i], graph.out_start[i + 1]):
        leg = graph.out_leg[j]
        to, p = graph.head[leg], prob[j]
        passes = (1.0 - stop_mx[leg]) * (1.0 - stop_us[leg])
        arrive += p * passes * expected[0, to]
        mexico += p * (stop_mx[leg] + passes * expected[1, to])
        violence += p * (harm[leg] + passes * expected[2, to])
        dues += p * (toll[leg] + passes * expected[3, to])
    change = abs(arrive - expected[0, i]) + abs(mexico - expected[1, i])
    change += abs(violence - expected[2, i])
    expected[0, i], expected[1, i], expected[2, i], expected[3, i] = arrive, mexico, violence, dues
    return change
