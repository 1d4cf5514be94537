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
from numba import njit

from agents.param import param

_SECTORS = (
    "san_diego", "el_centro", "yuma", "tucson", "el_paso", "big_bend", "del_rio", "laredo",
    "rio_grande_valley",
)
CLOSED = -1e12  # utility of a leg that a class does not use
MAX_SWEEPS = 400
MAX_SPECTRAL_RADIUS = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteParams:
    """What a leg costs in the eyes of those who travel it."""

    noise_solo: float = param(
        156.0, unit="$", low=100.0, high=2_000.0,
        doc="Scale of route noise of those who travel alone; below $100 it does not converge.",
    )
    noise_guided: float = param(
        120.0, unit="$", low=100.0, high=2_000.0,
        doc="Scale of route noise of organisations.",
    )
    day_cost: float = param(
        25.0, unit="$/day", low=0.0, high=200.0, doc="Value of a day under way.",
    )
    road_cost: float = param(
        0.05, unit="$/km", low=0.0, high=1.0, doc="Fare by road; rail and foot are free.",
    )
    lateral_cost: float = param(
        100.0, unit="$", low=0.0, high=1_000.0,
        doc="Surcharge of a leg along the northern border.",
    )
    danger_cost: float = param(
        15.0, unit="$ per class and day", low=0.0, high=200.0,
        doc="Dread of a day on a leg, per hazard class above the first.",
    )
    hazard_cost_solo: float = param(
        2_500.0, unit="$ per unit hazard", low=0.0, high=20_000.0,
        doc="What a unit of interdiction hazard is worth to those who travel alone.",
    )
    hazard_cost_guided: float = param(
        1_500.0, unit="$ per unit hazard", low=0.0, high=20_000.0,
        doc="What a unit of interdiction hazard is worth to an organisation.",
    )
    cell_weight: float = param(
        25.0, unit="$", low=0.0, high=300.0,
        doc="How strongly an organisation prefers crossings where it keeps cells.",
    )
    sector_constant: tuple[float, ...] = param(
        (231.0, 216.0, -14.0, 195.0, -195.0, 215.0, -220.0, -146.0, 30.0),
        unit="$", low=-3_000.0, high=3_000.0, labels=_SECTORS,
        doc="What speaks for a sector beyond time, money and risk, for everybody alike.",
        source="[A] fitted by hand to us/usbp_sector_fy.csv FY2013 shares",
    )
    pacific_south_constant: float = param(
        35.0, unit="$ per leg", low=-500.0, high=500.0,
        doc="What speaks for a leg of the corridor pacific_south.",
        source="[A] fitted by hand to mexico/mx_inm_by_state.csv January 2014",
    )


@njit(cache=True)
def solve(utility, mu, head, out_start, out_leg, order, value, cum, prob):
    """Solve one traveller class; returns the number of sweeps, or -1 if it does not settle.

    Args:
        utility: $ per leg, shape (legs,).
        mu: scale of the noise, $.
        head: place at the end of each leg.
        out_start, out_leg: legs by tail place (CSR).
        order: places from the destinations back.
        value: out, $ per place; a place without out-legs (destination) has 0.
        cum: out, cumulative choice probabilities by CSR position.
        prob: out, choice probabilities by CSR position.
    """
    n = out_start.size - 1
    for i in range(n):
        value[i] = CLOSED if out_start[i + 1] > out_start[i] else 0.0
    for sweep in range(MAX_SWEEPS):
        change = 0.0
        for k in range(n):
            i = order[k]
            if out_start[i + 1] > out_start[i]:
                new = _log_sum(i, utility, mu, head, out_start, out_leg, value)
                change = max(change, abs(new - value[i]))
                value[i] = new
        if change < 1e-7 * mu:
            _choice(utility, mu, head, out_start, out_leg, value, cum, prob)
            return sweep + 1
    return -1


@njit(cache=True, inline="always")
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


@njit(cache=True)
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


@njit(cache=True)
def foresee(prob, head, out_start, out_leg, order, stop_mx, stop_us, harm, ahead):
    """What a class expects of a journey from each place, given its route choice.

    Args:
        prob: choice probabilities by CSR position.
        stop_mx, stop_us: chance per leg to be stopped by Mexico, by the United States.
        harm: expected violence per leg (chance of kidnapping or death).
        ahead: out, shape (4, places): chance to arrive unstopped, to be stopped by Mexico,
            expected violence, expected legs.

    Lateral legs make the graph cyclic, so sweeps are repeated until they settle.
    """
    n = out_start.size - 1
    for i in range(n):
        end = out_start[i + 1] == out_start[i]
        ahead[0, i], ahead[1, i] = (1.0 if end else 0.0), 0.0
        ahead[2, i], ahead[3, i] = 0.0, 0.0
    for _ in range(MAX_SWEEPS):
        change = 0.0
        for k in range(n):
            i = order[k]
            if out_start[i + 1] > out_start[i]:
                change = max(change, _foresee_place(
                    i, prob, head, out_start, out_leg, stop_mx, stop_us, harm, ahead))
        if change < 1e-9:
            break


@njit(cache=True, inline="always")
def _foresee_place(i, prob, head, out_start, out_leg, stop_mx, stop_us, harm, ahead):
    arrive, mexico, violence, legs = 0.0, 0.0, 0.0, 0.0
    for j in range(out_start[i], out_start[i + 1]):
        leg = out_leg[j]
        to, p = head[leg], prob[j]
        on = (1.0 - stop_mx[leg]) * (1.0 - stop_us[leg])
        arrive += p * on * ahead[0, to]
        mexico += p * (stop_mx[leg] + on * ahead[1, to])
        violence += p * (harm[leg] + on * ahead[2, to])
        legs += p * (1.0 + on * ahead[3, to])
    change = abs(arrive - ahead[0, i]) + abs(legs - ahead[3, i])
    ahead[0, i], ahead[1, i], ahead[2, i], ahead[3, i] = arrive, mexico, violence, legs
    return change


def spectral_radius(utility, mu, tail, head, out_leg, places: int) -> float:
    """Largest eigenvalue of exp(u / mu) over the legs in use: below 1 or the values diverge."""
    matrix = np.zeros((places, places))
    for leg in out_leg:
        if utility[leg] > 0.5 * CLOSED:
            matrix[tail[leg], head[leg]] += math.exp(min(utility[leg] / mu, 700.0))
    return float(np.abs(np.linalg.eigvals(matrix)).max())
