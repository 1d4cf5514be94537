"""Deployment by flow map within a sector or district, for both countries.

A sector's line consists of many zones, which are finer than route legs. The flow into zone i is
f_i = F exp(s g_i) with g_i standard normal. Here s is the spread of flows around their long-run
shares, which the agency knows. The map shows s g_i with a delay of `lag` days and with noise of
standard deviation sigma. Flows lose their correlation in T days. The map then explains the share

    R2 = exp(-2 lag / T) s**2 / (s**2 + sigma**2)

of the variance in today's log flows. Every week, a fixed number of agents is divided among the
zones in proportion to the expected flow to the power k. The agency chooses the best k up to
`concentration`. The log density of agents where a person crosses is then normal with variance
v = k**2 s**2 R2 and mean k s**2 R2 - v / 2. If a person's organisation knows the plan and avoids
agents with elasticity w, the mean is lower by w v. The detection law in `contest` holds in every
zone,

    q_i = 1 - exp(-H d_i**eta),

where d_i is the density of agents relative to an even deployment. H is set so that under the
agency's map without policies, the mean of q_i over persons equals the base year. Only the ratio to
this map changes hazards.

Sources: Koopman (1957), Operations Research 5: 613-626, on the distribution of a fixed search
effort over cells, and normal moments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from mesa.discrete_space import CellAgent

from agents.arithmetic import exp, log
from agents.contest import as_hazard, probability
from agents.environment import CheckedCell, OfOneModel, Trait, bounded, put_in_cell
from agents.param import Param

if TYPE_CHECKING:
    from agents.agency_params import BorderPatrolParams, GendarmeParams
    from agents.contest import ContestParams
    from agents.environment import Environment
    from agents.levers import Levers

    Agency = BorderPatrolParams | GendarmeParams  # Both have map noise (log sd) and delay.


_WHERE = {"MX": "place in Mexico", "US": "crossing of the line"}


class PlacedAgent(CheckedCell, OfOneModel, CellAgent):
    """An agent at a place. Setting `cell` or calling `move_to` moves it."""

    _country: ClassVar[str] = ""  # "MX": places in Mexico, "US": crossings, "": all places

    def __init__(self, environment: Environment, place: int) -> None:
        """Create an agent at a place.

        Args:
            environment: the model as agents see it.
            place: place index.
        """
        self.check_place(environment, place)
        super().__init__(environment)
        put_in_cell(self, environment.cell_of(place))

    def __repr__(self) -> str:
        """Return the agent's number, place and officers."""
        where = f"at {self.cell.id}" if self.cell else "removed"
        staff = f", {self.officers:.0f} officers" if isinstance(self, StaffedUnit) else ""
        return f"<{type(self).__name__} {self.unique_id} {where}{staff}>"

    def check_place(self, environment: Environment, place: int) -> None:
        """Raise ValueError unless the place is one at which agents of this class can be."""
        world, where = environment.world, self._country
        if where == "US":
            valid = place in world.crossings.tolist()
        else:
            inside = range(len(world.country))
            valid = not where or (place in inside and world.country[place] == where)
        if not valid:
            name = type(self).__name__
            raise ValueError(f"{name} stands at a {_WHERE[where]}, and place {place} is none")

    @property
    def place(self) -> int:
        """Place index of its cell."""
        try:
            return self._mesa_cell.coordinate
        except AttributeError:
            self.check_present()
            raise

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError unless the cell is in the agent's model and its place is allowed."""
        if cell is None and self._leaves:
            return
        place = getattr(cell, "coordinate", None)
        if place is None or cell is not self.model.cell_of(place):
            allowed = "a cell of its own model, such as model.cell_of(place), until remove()"
            raise ValueError(f"{type(self).__name__} stands at {allowed} is called")
        self.check_place(self.model, place)


class StaffedUnit(PlacedAgent):
    """Officers at a place. A change in their number takes effect in the next phase of the day."""

    _decisions = ("officers",)
    _officers: float

    def __init__(self, environment: Environment, place: int, officers: float) -> None:
        """Create a unit at a place.

        Args:
            environment: the model as agents see it.
            place: place index.
            officers: number of officers.
        """
        self.officers = officers
        super().__init__(environment, place)

    @property
    def officers(self) -> float:
        """Number of officers, at least 0."""
        return self._officers

    @officers.setter
    def officers(self, officers: float) -> None:
        if not isinstance(officers, (float, Real)) or not 0.0 <= officers < math.inf:
            name = type(self).__name__
            raise ValueError(f"{name}.officers is {officers}: give a finite number, 0 or more")
        vars(self)["_officers"] = float(officers)
        if "model" in vars(self):
            self.model.forget_figures(self, Trait.OFFICERS)


_MOMENT = Param(value=0.0, unit="days", low=0.0, high=1e7, doc="Date of a walk, as an ordinal.")
_STANDS = "it stands at its place, so give it an order first"


class WalkingUnit(PlacedAgent):
    """A unit at a place, or on its way to another place in its country.

    When a user moves a unit without an order, it stays at the new place. A unit on its way
    continues to its target from there.

    Attributes:
        left: moment when it leaves its place, proleptic Gregorian ordinal.
        arrives: earliest moment at which it reaches the next place, proleptic Gregorian ordinal.
    """

    _target: int | None = None  # None if the unit has no order
    left, arrives = (bounded(_MOMENT, lambda unit: not unit.standing, _STANDS) for _ in range(2))

    def __init__(self, environment: Environment, place: int) -> None:
        """Create a unit at a place, without an order.

        Args:
            environment: the model as agents see it.
            place: place index.
        """
        super().__init__(environment, place)
        self.left = self.arrives = 0.0

    @property
    def target(self) -> int:
        """Place to which it moves, or its present place. Setting it gives an order."""
        return self.place if self._target is None else self._target

    @target.setter
    def target(self, target: int) -> None:
        self.order(target)

    @property
    def standing(self) -> bool:
        """Whether the unit is at its target."""
        return self._target is None or self._target == self.place

    def order(self, target: int) -> None:
        """Send the unit to `target`. It leaves immediately."""
        if target != self.target:
            self.check_place(self.model, target)
            start = float(self.model.today)
            vars(self).update(_target=target, left=start, arrives=start)
            self.model.forget_figures(self, Trait.TARGET)

    def walk(self, pace: float = 1.0) -> None:
        """Move to the last place on the way to the target that is within reach by this morning.

        Args:
            pace: days per travel day of the graph.
        """
        environment: Environment = self.model
        today, target, left, arrives = environment.today, self._target, self.left, self.arrives
        if target is None or arrives > today:
            return
        place = start = self.place
        while place != target and left <= today:
            step, days = environment.step_towards(place, target)
            if step == place:  # A unit without a path waits.
                left = today
                break
            if left + days * pace > today:
                arrives = left + days * pace
                break
            left += days * pace
            place = step
        # The simulated day assigns valid values, so the checks for users are not needed.
        vars(self).update(left=left, arrives=arrives, _target=None if place == target else target)
        if place != start:
            # A unit may pass places at which it could not stay.
            put_in_cell(self, environment.cell_of(place), Trait.PLACE)


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_TRIES = np.linspace(0.0, 1.0, 21)  # values of k, as shares of the maximum
_HALVINGS = 50  # bisection steps
_WIDTH = 8.0  # half-width of the first interval for log H
_MIN_HAZARD = 1e-6  # lower bound, so that ratios exist where nobody is detected


def map_noise(environment: Environment, agency: Agency, stream: int, size: int) -> np.ndarray:
    """Draw the factors by which an agency's map overstates or understates flows this week.

    Args:
        environment: the model as agents see it.
        agency: the agency's parameters, which include map noise.
        stream: the agency's random stream.
        size: number of factors.

    Returns:
        Log-normal factors, shape (size,), all 1 if policies remove the noise.
    """
    sigma = agency.map_noise * (1.0 - min(1.0, float(environment.levers.map_noise[0])))
    return exp(sigma * environment.keyed_random.normals(stream, size, environment.today))


def explained(shape: ContestParams, noise: float, lag: float) -> float:
    """Return the share that a map explains of the variance in log flows between zones.

    Args:
        shape: spread and persistence of flows.
        noise: map noise, log sd.
        lag: map delay, days.

    Returns:
        Share from 0 to 1, 1 for a map without noise and delay.
    """
    signal = shape.zone_spread**2
    if signal <= 0.0:
        return 0.0
    return math.exp(-2.0 * lag / shape.zone_days) * signal / (signal + noise**2)


def detected(shape: ContestParams, even: np.ndarray, share: float, leak: float = 0.0) -> np.ndarray:
    """Return mean detection probabilities over persons, if agents are deployed by a map.

    Args:
        shape: returns to strength, flows over zones, and rule of deployment.
        even: hazards under an even deployment, shape (n,).
        share: share of the variance in log flows that the map explains.
        leak: share of persons whose organisations know the plan.

    Returns:
        Probabilities, shape (n,).
    """
    variance = share * shape.zone_spread**2
    k = shape.concentration * _TRIES
    secret = _mean_probability(shape, even, k * variance, k * k * variance)
    best = secret.max(axis=1)
    if leak <= 0.0:
        return best
    shift = (k - shape.avoidance * k * k) * variance
    leaked = _mean_probability(shape, even, shift, k * k * variance)
    at_best = leaked[np.arange(even.size), secret.argmax(axis=1)]
    return (1.0 - leak) * best + leak * at_best


def _mean_probability(
    shape: ContestParams, even: np.ndarray, shift: np.ndarray, variance: np.ndarray
) -> np.ndarray:
    """Return mean detection probabilities by value of k, shape (n, tries).

    The log density of agents has mean `shift` and variance `variance`, shape (tries,).
    """
    level = (shift - 0.5 * variance)[:, None] + np.sqrt(variance)[:, None] * _NODES
    return probability(even[:, None, None] * exp(shape.eta * level)) @ _WEIGHTS


@lru_cache(maxsize=64)
def _even(
    shape: ContestParams, noise: float, lag: float, hazards: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the hazards under an even deployment that yield `hazards` with this map."""
    share, target = explained(shape, noise, lag), probability(np.array(hazards))
    low, high = (log(hazards) + side * _WIDTH for side in (-1.0, 1.0))
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = detected(shape, exp(middle), share) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return tuple(exp(0.5 * (low + high)).tolist())


@lru_cache(maxsize=256)
def _ratio(
    shape: ContestParams,
    agency: tuple[float, float],
    today: tuple[float, float],
    leak: float,
    hazards: tuple[float, ...],
) -> tuple[float, ...]:
    """Return hazards with today's map, partly leaked, divided by hazards with the agency's map."""
    even = np.array(_even(shape, *agency, hazards))
    detection = detected(shape, even, explained(shape, *today), leak)
    return tuple((as_hazard(detection) / np.array(hazards)).tolist())


def hazard_ratio(
    shape: ContestParams, agency: Agency, hazards: Sequence[float], levers: Levers
) -> np.ndarray:
    """Return hazards with today's map, divided by hazards with the agency's map.

    Args:
        shape: detection law, flows over zones, and rule of deployment.
        agency: the agency's parameters, which define its map without policies.
        hazards: base-year hazards with the agency's map, n values.
        levers: today's levers, which can improve the map and leak plans.

    Returns:
        Ratios, shape (n,), exactly 1 if no policy changes the map or leaks plans.
    """
    noise, lag, leak = (float(x[0]) for x in (levers.map_noise, levers.map_lag, levers.leak))
    if noise == lag == leak == 0.0 or shape.concentration <= 0.0 or shape.zone_spread <= 0.0:
        return np.ones(len(hazards))
    declared = agency.map_noise, agency.map_lag
    today = declared[0] * (1.0 - min(1.0, noise)), declared[1] * (1.0 - min(1.0, lag))
    base = tuple(max(float(h), _MIN_HAZARD) for h in hazards)
    return np.array(_ratio(shape, declared, today, min(1.0, leak), base))
