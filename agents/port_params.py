"""Parameters for the ports of entry."""

from __future__ import annotations

from dataclasses import dataclass

from agents.labels import CLASSES
from agents.param import param
from agents.queues import MODES

_RECORD = "us/poe_inspection_drugs_visas.csv"
_PLACES = "drivers/ports_infrastructure.csv"
_TRUCK_HOUR = (
    "$67.00 an hour in 2013: American Transportation Research Institute (2014), "
    "Operational Costs of Trucking"
)
_CTPAT = "CBP, C-TPAT: A Guide to Program Benefits (scribd.com/document/93213469)"
_HOURS = tuple(f"{hour:02d}h" for hour in range(24))


@dataclass(frozen=True, slots=True, kw_only=True)
class PortParams:
    """Officers and booths, lanes, users' time and money, inspections, protection requests."""

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
    min_booths: float = param(
        0.5,
        unit="booths",
        high=10.0,
        doc="Least number of open booths of a lane with traffic.",
        source="[S] lower limit of the queue",
    )
    shifts: tuple[float, ...] = param(
        (0.2, 0.5),
        unit="share",
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
        high=100.0,
        labels=_HOURS,
        doc="Arrivals of trucks at a port by hour of the day.",
        source="[A] no count by hour: looked in FHWA-HOP-12-049, TTI and BTS",
        profile=True,
    )
    trusted_traveller_share: float = param(
        0.189,
        unit="share",
        doc="Travellers in the trusted lane in the base year.",
        source=f"{_RECORD} SENTRI_share_of_personal_vehicles 2013",
    )
    trusted_truck_share: float = param(
        0.15,
        unit="share",
        doc="Trucks in the trusted lane in the base year.",
        source="[A] 15 % of trucks at the Bridge of the Americas, 6 % at Zaragoza in its trial (El "
        "Paso Times in mhlnews.com/global-supply-chain/second-speedy-lane-opens-mexican-border)",
    )
    on_foot: float = param(
        0.3,
        unit="vehicles",
        high=1.0,
        doc="Officers' time per pedestrian or bus passenger, relative to a car.",
    )
    reassign: float = param(
        0.8,
        unit="share",
        doc="Share of booth time that follows the traffic from one lane to the other.",
    )
    refocus: float = param(
        0.4689,
        unit="share",
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
        (26.0, 67.0),
        unit="$/hour",
        high=500.0,
        labels=MODES,
        doc="Value of an hour: of all people in a vehicle, of a truck with driver and load.",
        source="$27.39 an hour and vehicle in 2017, 1.5 persons (Ellis, Texas A&M Transportation "
        "Institute, 5 March 2018), in dollars of 2013 (CPI 245.1 and 233.0)",
        sources={"trucks": _TRUCK_HOUR},
    )
    trip_cost: tuple[float, ...] = param(
        (40.0, 300.0),
        unit="$",
        low=1.0,
        high=10_000.0,
        labels=MODES,
        doc="Cost of a crossing without the wait and the toll.",
    )
    elasticity: tuple[float, ...] = param(
        (0.15, 0.1),
        unit="elasticity",
        high=2.0,
        labels=MODES,
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
        labels=CLASSES,
        doc="Share of crossings inspected behind the booths in the base year.",
        source="[A] scans alone: 0.16 of trucks and 0.02 of cars (CBP in wjla.com, 2019)",
        sources={
            "trusted_truck": (
                "nine of ten FAST trucks pass without an inspection of the cargo (AP, November "
                "2009)"
            ),
            "truck": f"{_CTPAT}: 25.2 % of trucks, both borders, FY2008",
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
        (0.06, 0.158, 0.06, 0.158),
        unit="probability",
        high=0.95,
        labels=CLASSES,
        doc="Probability of detection of contraband in the base year.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
        sources=dict.fromkeys(("trusted_traveller", "trusted_truck"), "[A]"),
    )
    vouched_relief: float = param(
        0.8,
        unit="share",
        doc="Share of U.S. inspections from which trucks of vouched shippers are exempt.",
        source=f"{_CTPAT}: four to six times less likely, 0.75 to 0.83",
    )
    mexican_check: float = param(
        1.2,
        unit="ratio",
        high=5.0,
        doc="Hazard of inspection by honest Mexican officers over the U.S. one it replaces.",
    )
    asylum_slots: float = param(
        190.0,
        unit="persons a day",
        high=10_000.0,
        doc="Requests for protection that all ports together can process in the base year.",
        source="[A] 5,788 people without papers a month at southwest ports in FY2012 (Cato "
        "Institute, 8 February 2019, from CBP)",
    )
