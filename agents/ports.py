"""Ports of entry: waits, inspections, detections and requests for protection.

Four traffic classes use a port: trusted and ordinary travellers, trusted and ordinary trucks
(agents.labels.CLASSES). Their queues follow agents.queues, officers and inspections
agents.port_day. Waits, probabilities and dollars are anchored: with all levers at zero every day
equals the base year, bit for bit.

Traffic does not move between ports, and every day has the same profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import FixedAgent

from agents.agency_params import GendarmeParams
from agents.contest import as_hazard, integrity
from agents.labels import CLASSES
from agents.param import param
from agents.port_day import NUMBERS, PORT, PORT_PARAMS, TABLES, simulate_day
from agents.queues import MODES, work_table

if TYPE_CHECKING:
    from agents.environment import Environment

_RECORD = "us/poe_inspection_drugs_visas.csv"
_PLACES = "drivers/ports_infrastructure.csv"
_HOURS = tuple(f"{hour:02d}h" for hour in range(24))
MAX_TIME_SAVED = 0.95  # share of a truck's time at a booth
SETTLE_DAYS = 300  # largest number of days until the base-year day repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class PortParams:
    """Officers and booths, lanes, time and money of users, inspection, protection."""

    officers: float = param(
        5_000.0,
        unit="officers",
        low=100.0,
        high=50_000.0,
        doc="CBP officers at all ports in the base year, for which waits are declared.",
        source="[A] a fifth of drivers/ports_infrastructure.csv CBP_officers_onboard 2018 (23,147 "
        "at all U.S. ports); no share of these ports: looked in GAO-08-219, GAO-13-603 and "
        "hearings",
    )
    booth_share: float = param(
        0.4,
        unit="share",
        low=0.05,
        high=0.95,
        doc="Share of officers who work in booths in the base year; the others inspect behind "
        "them.",
    )
    open_share: float = param(
        0.8,
        unit="share",
        low=0.1,
        high=1.0,
        doc="Share of booths open in the busiest hour of the base year; the others lack officers.",
        source="drivers/ports_infrastructure.csv San Ysidro: 41 of 46 booths (0.89), 21 of 24 "
        "lanes (0.88), 17 of 24 during construction (0.71)",
    )
    service: tuple[float, ...] = param(
        (0.35, 0.57, 0.35, 2.0),
        unit="minutes",
        low=0.05,
        high=30.0,
        labels=CLASSES,
        doc="Time at a booth.",
        source="[A]",
        sources={
            "trusted_traveller": (
                "20 to 24 seconds: 7,200 cars a day in two full lanes (San Diego Union-Tribune, 11 "
                "June 2005) open for 20 to 24 hours (CBP, 8 September 2008)"
            ),
            "traveller": (
                "34 seconds, El Paso lanes without SENTRI: Transportation Research Record 1942 "
                "(2006): 16-22, abstract"
            ),
            "trusted_truck": (
                "20 seconds (FAST, AP, November 2009), 27 seconds (FAST at Laredo, cbnc.com)"
            ),
        },
    )
    load: tuple[float, ...] = param(
        (0.79, 0.895, 0.80, 0.84),
        unit="share",
        low=0.1,
        high=0.99,
        labels=CLASSES,
        doc="Work that arrives at the open booths over their capacity, mean of a day.",
        source=f"[A] fitted by hand to waits in {_PLACES} San Ysidro",
    )
    least: float = param(
        0.5,
        unit="booths",
        low=0.0,
        high=10.0,
        doc="Least number of open booths of a lane with traffic.",
        source="[S] lower limit of the queue",
    )
    shifts: tuple[float, ...] = param(
        (0.2, 0.5),
        unit="share",
        low=0.0,
        high=1.0,
        labels=MODES,
        doc="Degree to which open booths follow the traffic by hour: 0 not at all, 1 in "
        "proportion.",
    )
    traveller_hours: tuple[float, ...] = param(
        (
            *(1.6, 1.0, 0.8, 1.4, 4.0, 7.0, 7.5, 6.5, 5.0, 4.2, 4.0, 4.0),
            *(4.2, 4.5, 5.0, 5.8, 6.5, 6.5, 5.5, 4.5, 3.8, 3.2, 2.6, 2.1),
        ),
        unit="weight",
        low=0.0,
        high=100.0,
        labels=_HOURS,
        doc="Arrivals of travellers at a port by hour of the day.",
        source="[A] morning as in entries of Mexican residents, San Diego (SANDAG travel model, "
        "crossBorder_tourEntryAndReturn.csv); afternoon assumed: no count by hour with U.S. "
        "residents",
        profile=True,
    )
    truck_hours: tuple[float, ...] = param(
        (
            *(0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 2.0, 4.0, 7.0, 8.0, 8.5, 9.0),
            *(9.0, 9.0, 9.0, 8.5, 8.0, 7.0, 5.0, 3.0, 2.0, 0.5, 0.0, 0.0),
        ),
        unit="weight",
        low=0.0,
        high=100.0,
        labels=_HOURS,
        doc="Arrivals of trucks at a port by hour of the day.",
        source="[A] no count by hour: looked in FHWA-HOP-12-049, TTI and BTS",
        profile=True,
    )
    trusted_traveller_share: float = param(
        0.189,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Travellers in the trusted lane in the base year.",
        source=f"{_RECORD} SENTRI_share_of_personal_vehicles 2013",
    )
    trusted_truck_share: float = param(
        0.15,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Trucks in the trusted lane in the base year.",
        source="[A] 15 % of trucks at the Bridge of the Americas, 6 % at Zaragoza in its trial (El "
        "Paso Times in mhlnews.com/global-supply-chain/second-speedy-lane-opens-mexican-border)",
    )
    on_foot: float = param(
        0.3,
        unit="vehicles",
        low=0.0,
        high=1.0,
        doc="Officers' time per pedestrian or bus passenger, relative to a car.",
    )
    reassign: float = param(
        0.8,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of booth time that follows the traffic from one lane to the other.",
    )
    refocus: float = param(
        0.5006,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of booth time saved by faster lanes that goes to inspection; the rest shortens "
        "waits.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    switch: float = param(
        60.0,
        unit="minutes",
        low=1.0,
        high=240.0,
        doc="Time by which ordinary lanes must be faster for all trusted users to take them.",
    )
    patience: float = param(
        240.0,
        unit="minutes",
        low=30.0,
        high=720.0,
        doc="Wait from which users begin to turn around; at twice this wait all of them do.",
        source=f"[A] after {_PLACES} San Ysidro wait_peak_weekend_minutes (200)",
    )
    time_value: tuple[float, ...] = param(
        (26.0, 26.0, 67.0, 67.0),
        unit="$/hour",
        low=0.0,
        high=500.0,
        labels=CLASSES,
        doc="Value of an hour: of all people in a vehicle, of a truck with driver and load.",
        source="$27.39 an hour and vehicle in 2017, 1.5 persons (Ellis, Texas A&M Transportation "
        "Institute, 5 March 2018), in dollars of 2013 (CPI 245.1 and 233.0)",
        sources={
            "trusted_truck": (
                "$67.00 an hour in 2013: American Transportation Research Institute (2014), "
                "Operational Costs of Trucking"
            ),
            "truck": (
                "$67.00 an hour in 2013: American Transportation Research Institute (2014), "
                "Operational Costs of Trucking"
            ),
        },
    )
    trip_cost: tuple[float, ...] = param(
        (40.0, 40.0, 300.0, 300.0),
        unit="$",
        low=1.0,
        high=10_000.0,
        labels=CLASSES,
        doc="Cost of a crossing without the wait and the toll.",
    )
    elasticity: tuple[float, ...] = param(
        (0.15, 0.15, 0.1, 0.1),
        unit="elasticity",
        low=0.0,
        high=2.0,
        labels=CLASSES,
        doc="Fall of traffic with the cost of a crossing, including the expected wait.",
        source="[A] toll elasticities at El Paso are small (De Leon, Fullerton and Kelley 2009, "
        "IJTE 36: 223-259); values not read",
    )
    adjustment: float = param(
        28.0,
        unit="days",
        low=7.0,
        high=730.0,
        doc="Time in which the expected wait adapts to the actual one (1/e).",
    )
    inspection: tuple[float, ...] = param(
        (0.02, 0.08, 0.10, 0.25),
        unit="share",
        low=0.0,
        high=1.0,
        labels=CLASSES,
        doc="Share of crossings inspected behind the booths in the base year.",
        source="[A] scans alone: 0.16 of trucks and 0.02 of cars (CBP in wjla.com, 2019)",
        sources={
            "trusted_truck": (
                "nine of ten FAST trucks pass without an inspection of the cargo (AP, November "
                "2009)"
            ),
        },
    )
    inspection_minutes: tuple[float, ...] = param(
        (15.0, 20.0, 45.0, 60.0),
        unit="minutes",
        low=1.0,
        high=600.0,
        labels=CLASSES,
        doc="Officers' time per inspection.",
        source="[A] a truck is about 60 minutes in inspection at Otay Mesa (CBP Frontline); time "
        "of officers not found",
    )
    find_person: float = param(
        0.30,
        unit="probability",
        low=0.01,
        high=0.95,
        doc="Probability of detection of a person hidden or with false papers in the base year.",
        source="captured of people who tried to enter unlawfully at land ports: 0.24 in 2005 and "
        "0.39 in 2015, 0.36 for 2013 by interpolation (Institute for Defense Analyses 2016, key "
        "findings in AP, 7 October 2016, redbluffdailynews.com); 0.3 lies between them",
    )
    find_goods: tuple[float, ...] = param(
        (0.06, 0.1662, 0.06, 0.1662),
        unit="probability",
        low=0.0,
        high=0.95,
        labels=CLASSES,
        doc="Probability of detection of contraband in the base year.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    vouched_relief: float = param(
        0.8,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of U.S. inspections from which trucks of vouched shippers are exempt.",
    )
    mexican_check: float = param(
        1.2,
        unit="ratio",
        low=0.0,
        high=5.0,
        doc="Hazard of inspection by honest Mexican officers over the U.S. one it replaces.",
    )
    asylum_slots: float = param(
        190.0,
        unit="persons a day",
        low=0.0,
        high=10_000.0,
        doc="Requests for protection that all ports together can process in the base year.",
        source="[A] 5,788 people without papers a month at southwest ports in FY2012 (Cato "
        "Institute, 8 February 2019, from CBP)",
    )


def traffic_by_class(
    params: PortParams, *, vehicles: np.ndarray, people_on_foot: np.ndarray, trucks: np.ndarray
) -> np.ndarray:
    """Return traffic by class from counts by port.

    Pedestrians and bus passengers count as the number of cars with the same officers' time.

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


def _hourly(params: PortParams) -> tuple[np.ndarray, np.ndarray]:
    """Return traffic shares by hour and open booths over their daily mean, (2, 24) each."""
    weights = np.array([params.traveller_hours, params.truck_hours])
    total = weights.sum(axis=1, keepdims=True)
    profile = np.where(total > 0.0, weights / np.where(total > 0.0, total, 1.0), 1.0 / 24.0)
    shifts = np.array(params.shifts)[:, None]
    return profile, 1.0 - shifts + shifts * 24.0 * profile


def _port_params(params: PortParams) -> np.void:
    """Return the settings as a record, with all levers at zero."""
    kernel_params = np.zeros(1, PORT_PARAMS)[0]
    for name in (*NUMBERS, *TABLES):
        kernel_params[name] = getattr(params, name)
    kernel_params["profile"], kernel_params["opening"] = _hourly(params)
    kernel_params["switch"], kernel_params["patience"] = (
        params.switch / 60.0,
        params.patience / 60.0,
    )
    kernel_params["person_hazard"] = as_hazard(params.find_person)
    kernel_params["goods_hazard"] = as_hazard(np.array(params.find_goods))
    return kernel_params


def _rows(params: PortParams, kernel_params: np.void, traffic: np.ndarray) -> np.ndarray:
    """Return one record per port before any traffic. Staff and booths follow from the traffic."""
    rows = np.zeros(len(traffic), PORT)
    rows["baseline_units"] = baseline_units = traffic / 365.0
    booths = np.maximum(
        baseline_units * kernel_params["service"] / (1_440.0 * kernel_params["load"]), params.least
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


def _share(lever: float) -> float:
    """Clip a lever to a share from 0 to 1."""
    return min(max(lever, 0.0), 1.0)


class Port(FixedAgent):
    """A port of entry with today's staff and yesterday's results.

    Every morning a port takes in the officers and booths that policies add (`take_staff`). Its
    further decisions - booths opened, their split over lanes, officers who inspect - are computed
    for all ports at once by the compiled functions in `agents.port_day`.
    """

    def __init__(self, ports: Ports, index: int, place: int) -> None:
        """Create the view of one port.

        Args:
            ports: all ports.
            index: port index.
            place: its place.
        """
        super().__init__(ports.environment)
        self._ports, self.index, self.place = ports, index, place
        self.name = str(ports.environment.world.place_ids[place])
        self.cell = ports.environment.cell_of(place)

    def take_staff(self) -> None:
        """Every morning: set the officers and booths that work today beyond those of 2013."""
        ports, k = self._ports, self.index
        levers = ports.environment.levers
        ports.more_officers[k] = levers.port_officers[k]
        ports.more_booths[k] = levers.port_booths[k]

    @property
    def officers(self) -> float:
        """CBP officers today."""
        row = self._ports.rows[self.index]
        return float(row["baseline_officers"] * row["staff"])

    @property
    def booths(self) -> np.ndarray:
        """Booths open by class, mean of the day, (4,)."""
        return self._ports.rows["booths"][self.index].copy()

    @property
    def waits(self) -> np.ndarray:
        """Mean wait by class today, minutes, (4,)."""
        return self._ports.wait[self.index].copy()

    @property
    def queue(self) -> np.ndarray:
        """Units waiting or at a booth at midnight, (4,)."""
        return self._ports.queue[self.index].copy()


class Ports:
    """All ports of entry.

    Arrays by port and class, (ports, 4), for the last simulated day: `wait` and `peak` (minutes,
    mean and longest wait among units that joined), `joined`, `turned`, `crossed` and `queue` (units
    that joined a line, turned around, crossed, and were at the port at midnight), `inspected`
    (share of crossings), `find_goods` (probability). By port, (ports,): `find_person`
    (probability), `asylum_wait` (wait before protection is requested, days), `asylum_queue`
    (persons), `base_officers`, `base_booths`, `more_officers`, `more_booths` (from policies). These
    are views and change with the next day.

    Of the base year, constant while all levers are zero: `base_wait`, `base_crossed`,
    `find_goods_base` (ports, 4), `find_person_base` (ports,), `base_wait_dollars`,
    `base_trade_delay_dollars` ($ a day).

    The model sets `mexican_integrity` (honest share among Mexico's officers).
    """

    def __init__(
        self, environment: Environment, params: PortParams, places: np.ndarray, traffic: np.ndarray
    ) -> None:
        """Create the ports and simulate the base-year day until it repeats.

        Args:
            environment: the model as agents see it.
            params: port parameters.
            places: place by port, (ports,), may be empty.
            traffic: units a year in the base year by class, (ports, 4): see `traffic_by_class`.
        """
        self.environment, self.params = environment, params
        self.kernel_params = _port_params(params)
        self.rows = _rows(params, self.kernel_params, np.asarray(traffic, float).reshape(-1, 4))
        self._table = work_table()
        declared = GendarmeParams()
        self.mexican_integrity = float(
            integrity(declared.bribe, declared.pay_base, declared.bribe_spread)
        )
        self._weight = 1.0 - exp(-7.0 / params.adjustment)
        self._view()
        self._settle()
        kind = environment.class_of(Port)
        self.ports = [kind(self, i, int(place)) for i, place in enumerate(places)]

    def _view(self) -> None:
        rows = self.rows
        self.wait, self.peak = rows["wait"], rows["peak"]
        self.joined, self.turned = rows["joined"], rows["turned"]
        self.crossed, self.queue = rows["crossed"], rows["queue"]
        self.inspected, self.find_goods = rows["inspected"], rows["find_goods"]
        self.find_person = rows["find_person"]
        self.asylum_wait, self.asylum_queue = rows["asylum_wait"], rows["asylum_queue"]
        self.base_officers, self.base_booths = rows["baseline_officers"], rows["baseline_built"]
        self.more_officers, self.more_booths = rows["more_officers"], rows["more_booths"]

    def _settle(self) -> None:
        """Simulate the base-year day until it repeats.

        Under extreme settings it never repeats exactly. The last day is then the base-year day.
        """
        rows = self.rows
        self.kernel_params["integrity"] = self.mexican_integrity
        for _ in range(SETTLE_DAYS):
            last_queue = self.queue.copy()
            simulate_day(rows, self.kernel_params, self._table)
            rows["baseline_wait"] = rows["expected"] = self.wait
            if (self.queue == last_queue).all():
                break
        rows["last_queue"] = self.queue
        simulate_day(rows, self.kernel_params, self._table)
        self.base_wait, self.base_crossed = self.wait.copy(), self.crossed.copy()
        self.find_goods_base = self.find_goods.copy()
        self.find_person_base = self.find_person.copy()
        self.base_wait_dollars = self.wait_dollars
        self.base_trade_delay_dollars = self.trade_delay_dollars

    @property
    def wait_dollars(self) -> float:
        """$ today: value of the hours that travellers waited."""
        return float(self.kernel_params["wait_dollars"])

    @property
    def trade_delay_dollars(self) -> float:
        """$ today: cost of the hours that trucks waited."""
        return float(self.kernel_params["trade_delay_dollars"])

    @property
    def tolls(self) -> float:
        """$ today: tolls paid in ordinary lanes."""
        return float(self.kernel_params["tolls"])

    def mean_waits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean waits today over all ports, minutes.

        Returns:
            By class, (4,), and of all travellers and all trucks, (2,).
        """
        day = self.kernel_params
        return day["mean_wait"].copy(), day["mean_wait_by_mode"].copy()

    def mean_wait(self) -> np.ndarray:
        """Return the mean wait today over all ports by class, minutes, (4,)."""
        return self.mean_waits()[0]

    def present(self, counts: np.ndarray, port: np.ndarray | None = None) -> None:
        """Add today's requests for protection to the queues of the ports.

        Args:
            counts: persons, by port, (ports,).
            port: port index by count, or None if there is one count per port.
        """
        if port is None:
            self.asylum_queue += counts
        else:
            np.add.at(self.asylum_queue, port, counts)

    def day(self) -> None:
        """Simulate one day under today's levers, and update the expected waits once a week."""
        levers, rows, kernel_params = self.environment.levers, self.rows, self.kernel_params
        for port in self.ports:
            port.take_staff()
        kernel_params["port_targeting"] = max(levers.port_targeting[0], -1.0)
        kernel_params["trusted_travellers"] = _share(levers.trusted_travellers[0])
        kernel_params["trusted_trucks"] = _share(levers.trusted_trucks[0])
        kernel_params["validation"] = _share(levers.validation[0])
        kernel_params["truck_time"] = min(levers.truck_time[0], MAX_TIME_SAVED)
        kernel_params["toll"] = levers.toll[0]
        kernel_params["asylum_more"] = levers.asylum_slots[0]
        kernel_params["integrity"] = self.mexican_integrity
        kernel_params["revise"] = self._weight if self.environment.today % 7 == 0 else 0.0
        simulate_day(rows, kernel_params, self._table)
