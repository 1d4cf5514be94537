"""Ports of entry: waits, inspections, detections and requests for protection.

Four traffic classes use a port: trusted and ordinary travellers, trusted and ordinary trucks
(`agents.labels.CLASSES`). `agents.queues` simulates the queues, and `agents.port_day` the officers
and inspections. Waits, probabilities and dollars are anchored: if all levers are zero, every day
equals the base-year day bit for bit.

Traffic does not move between ports, and every day has the same hourly profile.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np
from mesa.discrete_space import FixedAgent

from agents.agency_params import GendarmeParams
from agents.contest import as_hazard, integrity
from agents.environment import CheckedCell, OfOneModel, OfTheWorld, read_only, sealed
from agents.levers import LEVER_RECORD
from agents.port_day import BY_MODE, NUMBERS, PORT, PORT_PARAMS, REMOVED, TABLES, simulate_day
from agents.port_params import PortParams
from agents.queues import work_table

if TYPE_CHECKING:
    from agents.environment import Environment

SETTLE_DAYS = 300  # maximum number of days until the base-year day repeats


def traffic_by_class(
    params: PortParams, *, vehicles: np.ndarray, people_on_foot: np.ndarray, trucks: np.ndarray
) -> np.ndarray:
    """Return traffic by class from counts by port.

    Pedestrians and bus passengers are converted to cars that would take officers the same time.

    Args:
        params: port parameters.
        vehicles, people_on_foot, trucks: counts a year by port, shape (ports,).

    Returns:
        Units a year, shape (ports, 4).
    """
    cars = vehicles + params.on_foot * people_on_foot
    traveller, truck = params.trusted_traveller_share, params.trusted_truck_share
    return np.stack(
        [cars * traveller, cars * (1.0 - traveller), trucks * truck, trucks * (1.0 - truck)],
        axis=-1,
    )


def _port_params(params: PortParams) -> np.ndarray:
    """Return the settings as an array with one record."""
    kernel_params = np.zeros(1, PORT_PARAMS)
    for name in (*NUMBERS, *TABLES):
        value = getattr(params, name)
        kernel_params[name] = np.repeat(value, 2) if name in BY_MODE else value
    weights = np.array([params.traveller_hours, params.truck_hours])
    total = weights.sum(axis=1, keepdims=True)
    profile = np.where(total > 0.0, weights / np.where(total > 0.0, total, 1.0), 1.0 / 24.0)
    shifts = np.array(params.shifts)[:, None]
    kernel_params["profile"] = profile
    kernel_params["opening"] = 1.0 - shifts + shifts * 24.0 * profile
    for name in ("switch", "patience"):
        kernel_params[name] = getattr(params, name) / 60.0
    kernel_params["person_hazard"] = as_hazard(params.find_person)
    kernel_params["goods_hazard"] = as_hazard(np.array(params.find_goods))
    return kernel_params


def _rows(params: PortParams, kernel_params: np.void, traffic: np.ndarray) -> np.ndarray:
    """Return one record per port before the first day, with staff and booths for its traffic."""
    rows = np.zeros(len(traffic), PORT)
    rows["baseline_units"] = baseline_units = traffic / 365.0
    booths = np.maximum(
        baseline_units * kernel_params["service"] / (1_440.0 * kernel_params["load"]),
        params.min_booths,
    )
    rows["baseline_booths"] = booths = np.where(baseline_units > 0.0, booths, 0.0)
    total = booths.sum(axis=1)
    rows["baseline_officers"] = params.officers * total / max(float(total.sum()), 1e-300)
    opened = booths[:, :2].sum(axis=1)[:, None] * kernel_params["opening"][0]
    opened = opened + booths[:, 2:].sum(axis=1)[:, None] * kernel_params["opening"][1]
    rows["busiest"] = np.where(total > 0.0, opened.max(axis=1) / np.maximum(total, 1e-300), 1.0)
    rows["baseline_built"] = total * rows["busiest"] / params.open_share
    people = baseline_units[:, :2].sum(axis=1)
    even = np.full(len(traffic), 1.0 / max(len(traffic), 1))
    rows["slot_share"] = people / people.sum() if people.sum() > 0.0 else even
    return rows


class Port(CheckedCell, OfTheWorld, FixedAgent):
    """A port of entry, with today's staff and yesterday's results.

    Every morning, a port takes in the officers and booths that policies add. The model does this
    for all ports at once, unless a user's class replaces `Port` and its method `take_staff`. Then
    the compiled functions in `agents.port_day` decide how many booths open, how they are split over
    lanes, and how many officers inspect.
    """

    _decisions = ("take_staff",)
    index, place, name = (read_only("the ports of a run belong to its world") for _ in range(3))

    def __init__(self, ports: Ports, index: int, place: int) -> None:
        """Create the agent for one port.

        Args:
            ports: all ports.
            index: the port's index in `ports`.
            place: the port's place index.
        """
        super().__init__(ports.environment)
        self._ports, self.index, self.place = ports, index, place
        self.name = str(ports.environment.world.place_ids[place])
        self.cell = ports.environment.cell_of(place)

    def __repr__(self) -> str:
        """Return the name and the number of officers."""
        return f"<{type(self).__name__} {self.name}, {self.officers:.0f} officers>"

    def take_staff(self) -> None:
        """Set today's officers and booths that policies add to the base year."""
        ports, k = self._ports, self.index
        levers = ports.environment.levers
        ports.more_officers[k] = levers.port_officers[k]
        ports.more_booths[k] = levers.port_booths[k]

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError if the port already has a cell."""
        if self._mesa_cell is not None:
            raise ValueError(f"port {self.name} stays at its place: to close it, call its remove()")

    def remove(self) -> None:
        """Close the port from the next day on.

        From then on, no one sets out for the port. People on the way to it are turned back and
        decide again. Travellers and trucks that wait there turn around.
        """
        if self.cell is None:
            return
        OfOneModel.remove(self)
        self._ports.close(self.index)
        self._ports.environment.close_port(self.place)

    @property
    def officers(self) -> float:
        """CBP officers today."""
        row = self._ports.rows[self.index]
        return float(row["baseline_officers"] * row["staff"])

    @property
    def booths(self) -> np.ndarray:
        """Open booths by class, mean over the day, shape (4,)."""
        return sealed(self._ports.rows["booths"][self.index])

    @property
    def waits(self) -> np.ndarray:
        """Mean wait by class today, minutes, shape (4,)."""
        return sealed(self._ports.wait[self.index])

    @property
    def queue(self) -> np.ndarray:
        """Units waiting or at a booth at midnight by class, shape (4,)."""
        return sealed(self._ports.queue[self.index])


class Ports:
    """All ports of entry.

    Attributes by port and class, shape (ports, 4), are views of the last simulated day: `wait` and
    `peak` (mean and longest wait of units that joined a line, minutes), `joined`, `turned`,
    `crossed` and `queue` (units that joined a line, turned around, crossed, and were at the port at
    midnight), `inspected` (share of crossings) and `find_goods` (probability of detection).

    Attributes by port, shape (ports,), are views too: `find_person` (probability of detection),
    `asylum_wait` (days until protection can be requested, :data:`agents.port_day.REMOVED` at a
    removed port), `asylum_queue` (persons), `base_officers` and `base_booths` (of the base year),
    `more_officers` and `more_booths` (added by policies).

    `base_wait` (minutes) and `base_trade_delay_dollars` ($ a day) refer to the base year. The model
    sets `mexican_integrity`, the share of Mexico's officers who are honest.
    """

    def __init__(
        self, environment: Environment, params: PortParams, places: np.ndarray, traffic: np.ndarray
    ) -> None:
        """Create the ports and simulate the base-year day until it repeats.

        Args:
            environment: the model as agents see it.
            params: port parameters.
            places: place index by port, shape (ports,), which may be empty.
            traffic: base-year units a year by port and class, from `traffic_by_class`.
        """
        self.environment, self.params = environment, params
        self.kernel_params = _port_params(params)
        traffic = np.asarray(traffic, float).reshape(-1, 4)
        self.rows = _rows(params, self.kernel_params[0], traffic)
        declared = GendarmeParams()
        self.mexican_integrity = float(
            integrity(declared.bribe, declared.pay_base, declared.bribe_spread)
        )
        self._weight = 1.0 - exp(-7.0 / params.adjustment)
        rows = self.rows
        self.wait, self.peak = rows["wait"], rows["peak"]
        self.joined, self.turned = rows["joined"], rows["turned"]
        self.crossed, self.queue = rows["crossed"], rows["queue"]
        self.inspected, self.find_goods = rows["inspected"], rows["find_goods"]
        self.find_person = rows["find_person"]
        self.asylum_wait, self.asylum_queue = rows["asylum_wait"], rows["asylum_queue"]
        self.base_officers, self.base_booths = rows["baseline_officers"], rows["baseline_built"]
        self.more_officers, self.more_booths = rows["more_officers"], rows["more_booths"]
        self._settle()
        for i, place in enumerate(places):
            environment.class_of(Port)(self, i, int(place))

    def close(self, index: int) -> None:
        """Set a port's traffic, staff and booths to zero for all later days.

        Args:
            index: the port's index.
        """
        row = self.rows[index]
        for name in ("baseline_units", "baseline_booths", "queue", "last_queue", "last_inputs"):
            row[name] = 0.0
        for name in ("baseline_officers", "more_officers", "baseline_built", "more_booths"):
            row[name] = 0.0
        row["slot_share"] = row["asylum_queue"] = 0.0
        row["asylum_wait"] = REMOVED

    def _settle(self) -> None:
        """Simulate the base-year day until it repeats.

        Under extreme settings, the day never repeats exactly. The last day is then the base-year
        day.
        """
        rows, staff = self.rows, (np.zeros(self.rows.size), np.zeros(self.rows.size))
        day = rows, self.kernel_params, np.zeros(1, LEVER_RECORD), staff, work_table()
        self.kernel_params["integrity"] = self.mexican_integrity
        for _ in range(SETTLE_DAYS):
            last_queue = self.queue.copy()
            simulate_day(*day)
            rows["baseline_wait"] = rows["expected"] = self.wait
            if (self.queue == last_queue).all():
                break
        rows["last_queue"] = self.queue
        simulate_day(*day)
        self.base_wait = self.wait.copy()
        self.base_trade_delay_dollars = self.trade_delay_dollars

    @property
    def wait_dollars(self) -> float:
        """Value of the hours that travellers waited today, $."""
        return float(self.kernel_params["wait_dollars"][0])

    @property
    def trade_delay_dollars(self) -> float:
        """Cost of the hours that trucks waited today, $."""
        return float(self.kernel_params["trade_delay_dollars"][0])

    @property
    def tolls(self) -> float:
        """Tolls paid in ordinary lanes today, $."""
        return float(self.kernel_params["tolls"][0])

    def mean_waits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return today's mean waits over all ports, in minutes.

        Returns:
            Waits by class, shape (4,), and waits by mode (all travellers, all trucks), shape (2,).
        """
        day = self.kernel_params[0]
        return day["mean_wait"].copy(), day["mean_wait_by_mode"].copy()

    def advance_day(self) -> None:
        """Simulate one day under today's levers, and update the expected waits once a week."""
        environment, levers = self.environment, self.environment.levers
        staff = levers.port_officers, levers.port_booths
        if environment.class_of(Port) is not Port:  # A user's class may set other staff.
            environment.register_of(Port).do("take_staff")
            staff = self.more_officers.copy(), self.more_booths.copy()
        self.kernel_params["integrity"] = self.mexican_integrity
        self.kernel_params["revise"] = self._weight if environment.today % 7 == 0 else 0.0
        simulate_day(self.rows, self.kernel_params, levers.records, staff, work_table())
