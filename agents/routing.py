"""Route choice: a recursive logit over the legs of the route graph.

A traveller class (where from, what it knows, who guides) sees a utility in dollars on every leg.
The value of a place is the log-sum over the legs that leave it,

    V[i] = mu * ln sum_l exp((u[l] + V[head[l]]) / mu),   V = 0 at a destination,

and the choice at a place is logit over the same terms. Risk enters as hazard, which adds up along
a journey, so the problem stays linear in exp(V / mu).

Source: Fosgerau, Frejinger and Karlstrom (2013), Transportation Research Part B 56: 70-80.
"""

import math
from dataclasses import dataclass

import numpy as np

from agents.jit import inlined, kernel
from agents.labels import CORRIDORS, SECTORS
from agents.param import param

CLOSED = -1e12  # utility of a leg that a class does not use
MAX_SWEEPS = 400
TOLERANCE = 1e-6  # change of a sweep, in units of the noise, at which values have settled
MAX_SPECTRAL_RADIUS = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteParams:
    """What a leg costs in the eyes of those who travel it."""

    noise_solo: float = param(
        156.0,
        unit="$",
        low=100.0,
        high=2_000.0,
        doc="Scale of route noise of those who travel alone; below $100 it does not converge.",
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
        low=0.0,
        high=200.0,
        doc="Value of a day under way.",
    )
    road_cost: float = param(
        0.05,
        unit="$/km",
        low=0.0,
        high=1.0,
        doc="Fare by road; rail and foot are free.",
    )
    lateral_cost: float = param(
        100.0,
        unit="$",
        low=0.0,
        high=1_000.0,
        doc="Surcharge of a leg along the northern border.",
    )
    danger_cost: float = param(
        15.0,
        unit="$ per class and day",
        low=0.0,
        high=200.0,
        doc="Dread of a day on a leg, per hazard class above the first.",
    )
    hazard_cost_solo: float = param(
        2_500.0,
        unit="$ per unit hazard",
        low=0.0,
        high=20_000.0,
        doc="What a unit of interdiction hazard is worth to those who travel alone.",
    )
    hazard_cost_guided: float = param(
        1_500.0,
        unit="$ per unit hazard",
        low=0.0,
        high=20_000.0,
        doc="What a unit of interdiction hazard is worth to an organisation.",
    )
    presenting: float = param(
        -400.0,
        unit="$",
        low=-5_000.0,
        high=5_000.0,
        doc="What speaks for asking for protection at a port instead of giving oneself up between "
        "ports.",
    )
    cell_weight: float = param(
        25.0,
        unit="$",
        low=0.0,
        high=300.0,
        doc="How strongly an organisation prefers crossings where it keeps cells.",
    )
    sector_constant: tuple[float, ...] = param(
        (229.6, 257.5, -95.01, 238.5, -230.0, 404.4, -326.0, -121.5, 96.59),
        unit="$",
        low=-3_000.0,
        high=3_000.0,
        labels=SECTORS,
        doc="What speaks for a sector beyond time, money and risk, for everybody alike.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    corridor_constant: tuple[float, ...] = param(
        (35.0, 0.0),
        unit="$ per leg",
        low=-500.0,
        high=500.0,
        labels=CORRIDORS,
        doc="What speaks for a leg of a corridor, for everybody alike.",
        source="[A] fitted by hand to mexico/mx_inm_by_state.csv January 2014",
    )


@kernel
def solve(utility, mu, head, out_start, out_leg, order, block, value, cum, prob):
    """Solve one traveller class; returns the sweeps of the longest block, or -1.

    Blocks are solved from the destinations back: a place once, the places of a cycle until they
    settle.

    Args:
        utility: $ per leg, shape (legs,).
        mu: scale of the noise, $.
        head: place at the end of each leg.
        out_start, out_leg: legs by tail place (CSR).
        order, block: places from the destinations back, and where each block of them ends.
        value: out, $ per place; a place without out-legs (destination) has 0.
        cum: out, cumulative choice probabilities by CSR position.
        prob: out, choice probabilities by CSR position.
    """
    for i in range(out_start.size - 1):
        value[i] = CLOSED if out_start[i + 1] > out_start[i] else 0.0
    first, longest = 0, 0
    for b in range(block.size):
        sweeps = _solve_block(order[first : block[b]], utility, mu, head, out_start, out_leg, value)
        if sweeps < 0:
            return -1
        longest = max(longest, sweeps)
        first = block[b]
    _choice(utility, mu, head, out_start, out_leg, value, cum, prob)
    return longest


@kernel
def _solve_block(places, utility, mu, head, out_start, out_leg, value):
    for sweep in range(MAX_SWEEPS):
        change = 0.0
        for i in places:
            if out_start[i + 1] > out_start[i]:
                new = _log_sum(i, utility, mu, head, out_start, out_leg, value)
                change = max(change, abs(new - value[i]))
                value[i] = new
        if places.size == 1 or change < TOLERANCE * mu:
            return sweep + 1
    return -1


@inlined
def _log_sum(i, utility, mu, head, out_start, out_leg, value):
    best = CLOSED
    for j in range(out_start[i], out_start[i + 1]):
        leg = out_leg[j]
        best = max(best, utility[leg] + value[head[leg]])
    if best <= 0.5 * CLOSED:
        return CLOSED
    total = 0.0
    for j in range(out_start[i], out_start[i + 1]):
        leg = out_leg[j]
        total += math.exp((utility[leg] + value[head[leg]] - best) / mu)
    return best + mu * math.log(total)


@kernel
def _choice(utility, mu, head, out_start, out_leg, value, cum, prob):
    for i in range(out_start.size - 1):
        total = 0.0
        for j in range(out_start[i], out_start[i + 1]):
            leg = out_leg[j]
            gap = utility[leg] + value[head[leg]] - value[i]
            prob[j] = 0.0 if value[i] <= 0.5 * CLOSED else math.exp(gap / mu)
            total += prob[j]
            cum[j] = total
        for j in range(out_start[i], out_start[i + 1]):
            if total > 0.0:
                prob[j] /= total
                cum[j] /= total


@kernel
def compute_expectations(
    prob, head, out_start, out_leg, order, block, stop_mx, stop_us, harm, toll, expected_outcomes
):
    """What a class expects of a journey from each place, given its route choice.

    Args:
        prob: choice probabilities by CSR position.
        stop_mx, stop_us: chance per leg to be stopped by Mexico, by the United States.
        harm: expected violence per leg (chance of kidnapping or death).
        toll: $ per leg that policies add to what a journey costs.
        ahead: out, shape (4 or more, places): chance to arrive unstopped, to be stopped by
            Mexico, expected violence, expected toll.
    """
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
                    change = max(
                        change,
                        _update_place(
                            i,
                            prob,
                            head,
                            out_start,
                            out_leg,
                            stop_mx,
                            stop_us,
                            harm,
                            toll,
                            expected_outcomes,
                        ),
                    )
            if places.size == 1 or change < TOLERANCE:
                break


@inlined
def _update_place(
    i, prob, head, out_start, out_leg, stop_mx, stop_us, harm, toll, expected_outcomes
):
    arrive, mexico, violence, dues = 0.0, 0.0, 0.0, 0.0
    for j in range(out_start[i], out_start[i + 1]):
        leg = out_leg[j]
        to, p = head[leg], prob[j]
        on = (1.0 - stop_mx[leg]) * (1.0 - stop_us[leg])
        arrive += p * on * expected_outcomes[0, to]
        mexico += p * (stop_mx[leg] + on * expected_outcomes[1, to])
        violence += p * (harm[leg] + on * expected_outcomes[2, to])
        dues += p * (toll[leg] + on * expected_outcomes[3, to])
    change = (
        abs(arrive - expected_outcomes[0, i])
        + abs(mexico - expected_outcomes[1, i])
        + abs(violence - expected_outcomes[2, i])
    )
    (
        expected_outcomes[0, i],
        expected_outcomes[1, i],
        expected_outcomes[2, i],
        expected_outcomes[3, i],
    ) = arrive, mexico, violence, dues
    return change


def spectral_radius(utility, mu, tail, head, out_leg, places: int) -> float:
    """Largest eigenvalue of exp(u / mu) over the legs in use: below 1 or the values diverge."""
    matrix = np.zeros((places, places))
    for leg in out_leg:
        if utility[leg] > 0.5 * CLOSED:
            matrix[tail[leg], head[leg]] += math.exp(min(utility[leg] / mu, 700.0))
    return float(np.abs(np.linalg.eigvals(matrix)).max())
