"""Parameters for drug organisations: demand, prices, modes of transport, routes, violence."""

from __future__ import annotations

from dataclasses import dataclass

from agents.param import param

DRUGS = ("hard", "marijuana")  # hard: cocaine, heroin, methamphetamine
MODES = ("port_vehicle", "port_person", "between_ports", "tunnel")
HARD, MARIJUANA = range(len(DRUGS))
VEHICLE, PERSON, BETWEEN, _ = range(len(MODES))
AT_PORTS = [VEHICLE, PERSON]
_REST = "[S] follows from the others: shares have sum 1"
_RAND = "[A] Kilmer et al. 2014 (RAND RR534) and 2010 (OP325), recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugParams:
    """The trade of the drug organisations, from the Mexican side to buyers past the line."""

    count: int = param(
        9,
        unit="organisations",
        low=0,
        high=9,
        doc="Drug organisations; they divide the nine sectors among them.",
        source="CRS R41576 (2015), summary: nine, or as many as 20",
    )
    demand: tuple[float, ...] = param(
        (211.0, 3_050.0),
        unit="tonnes/year",
        high=100_000.0,
        labels=DRUGS,
        doc="Drugs that buyers take past the line at the base year's price.",
        source=f"{_RAND}: 145 t of cocaine, 42 of methamphetamine, 24 of heroin; of 5,700 t of "
        "marijuana 40 to 67 % from Mexico",
    )
    elasticity: float = param(
        0.4,
        unit="elasticity",
        high=3.0,
        draw_range=(0.2, 0.7),
        doc="Fall of the demand with the price that users pay.",
        source="[A] 0.5 cocaine, 0.3 heroin (OAS 2013, drugwarfacts.org); 0.9 all (AIC tandi606)",
    )
    price: tuple[float, ...] = param(
        (22_000.0, 490.0),
        unit="$/kg",
        low=1.0,
        high=1e6,
        labels=DRUGS,
        doc="Price past the line in the base year.",
        source="[S] follows from demand: $1.5 billion a year (Kilmer et al. 2010, RAND OP325, "
        "p. 3, in drugwarfacts.org/node/1751) over it",
        sources={
            "hard": "San Diego Union-Tribune, 3 January 2015: cocaine $11,800 a pound, "
            "methamphetamine $3,500, mean by tonnes of demand"
        },
    )
    purchase: tuple[float, ...] = param(
        (12_500.0, 80.0),
        unit="$/kg",
        low=0.0,
        high=1e6,
        labels=DRUGS,
        doc="Cost of a kilogram at the Mexican side, which is lost with a seized load.",
        source="[A] recalled; growers received $60 to $90 in 2011-12 (NPR, in mapinc.org v16 n126)",
        sources={"hard": "the step over the line is worth $8,000 to $11,000 (Stratfor)"},
    )
    border_share: float = param(
        0.06,
        unit="share",
        high=1.0,
        draw_range=(0.03, 0.12),
        doc="Share of the price past the line in what users pay.",
        source="the demand at these prices, of the $100 billion a year that users spend on four "
        "drugs (Kilmer et al. 2014, RAND RR534)",
    )
    price_weeks: float = param(
        8.0,
        unit="weeks",
        low=1.0,
        high=260.0,
        doc="Time over which the price follows the cost (1/e).",
        source="the price is back four months after a shock: Dobkin and Nicosia 2009, abstract",
    )
    hard_modes: tuple[float, ...] = param(
        (0.908, 0.03, 0.052, 0.01),
        unit="share",
        labels=MODES,
        doc="Share of hard drugs sent by mode in the base year; scaled to a sum of 1.",
        sources={
            "port_vehicle": _REST,
            "between_ports": "0.81 of what is seized, at ports, over the model's risks: FY2012-16 "
            "(us/poe_inspection_drugs_visas.csv)",
        },
    )
    marijuana_modes: tuple[float, ...] = param(
        (0.258, 0.0, 0.702, 0.04),
        unit="share",
        labels=MODES,
        doc="Share of marijuana sent by mode in the base year; scaled to a sum of 1.",
        sources={
            "port_vehicle": _REST,
            "port_person": "[S] too bulky",
            "between_ports": "0.076 of what is seized in South Texas, at ports, over the model's "
            "risks: CBP Laredo Field Office, KVEO 22 January 2014, and "
            "us/usbp_sector_profile_fy2011_2019.csv",
        },
    )
    port_factor: float = param(
        0.6,
        unit="ratio",
        high=2.0,
        draw_range=(0.3, 1.0),
        doc="Chance that a load is seized at a port, relative to what its inspections find.",
        source="[A] set so that 24 t of hard drugs are seized a year, FY2012-16 "
        "(us/poe_inspection_drugs_visas.csv)",
    )
    line_factor: float = param(
        0.8,
        unit="ratio",
        high=2.0,
        draw_range=(0.4, 1.2),
        doc="Chance that a load is stopped between ports, relative to a person.",
        source="[A] set so that the Border Patrol seizes 1,102 t of marijuana, FY2013 "
        "(us/usbp_sector_profile_fy2011_2019.csv)",
    )
    tunnel_factor: float = param(
        0.3,
        unit="ratio",
        high=2.0,
        draw_range=(0.1, 0.6),
        doc="Chance that a load is stopped in a tunnel, relative to one between ports.",
        source="[A]; authorities discovered 67 tunnels from FY2011 to FY2016 (GAO-17-474)",
    )
    truck_room: float = param(
        5.0,
        unit="ratio",
        low=0.01,
        high=1_000.0,
        doc="Room to hide a load in a truck, relative to a car.",
    )
    trusted_room: float = param(
        0.4,
        unit="ratio",
        high=1.0,
        doc="Part of trusted traffic whose drivers can be hired, relative to ordinary traffic.",
    )
    crowding: float = param(
        0.1,
        unit="share of the price",
        low=0.005,
        high=10.0,
        draw_range=(0.05, 0.3),
        doc="Rise of the cost of a lane that carries e times its usual share of loads.",
    )
    overlap: float = param(
        0.1,
        unit="ratio",
        high=1.0,
        doc="Part of an organisation in a sector next to its home, relative to the owner of it.",
    )
    piso_share: float = param(
        0.4,
        unit="share",
        draw_range=(0.12, 0.7),
        doc="Share of the passage tax that drug organisations on the route collect.",
        source="the middle of $30M and $180M a year (Greenfield et al. 2019, RAND RR2852, "
        "summary), of $260M in the base year",
    )
    case_loads: float = param(
        0.005,
        unit="share x years",
        high=1.0,
        draw_range=(0.0, 0.05),
        doc="Share of loads that cases against cells lead to, per unit of their hazard.",
        source="[A] near zero: no published evaluation of task forces",
    )
    weakened: float = param(
        0.3,
        unit="share",
        doc="Share of its business that an organisation loses with its leader.",
    )
    recovery_weeks: float = param(
        26.0,
        unit="weeks",
        low=1.0,
        high=520.0,
        doc="Time in which it regains this business (1/e).",
        source="six months of higher violence: Calderon, Robles, Diaz-Cayeros and Magaloni 2015",
    )
    contest_violence: float = param(
        0.5,
        unit="ratio",
        high=10.0,
        draw_range=(0.1, 1.0),
        doc="Rise of violence at a route with the rise of contest: 1 less the sum of the squares "
        "of the organisations' shares.",
        source="[A]; Dell 2015 (abstract of 2011): crackdowns divert routes and raise violence on "
        "the new ones",
    )
    scarcity_violence: float = param(
        0.2,
        unit="elasticity",
        high=5.0,
        draw_range=(0.1, 0.3),
        doc="Rise of violence at all routes with the price of hard drugs past the line.",
        source="[A] Castillo, Mejia and Restrepo 2018 (abstract): 0.10 to 0.14 of the rise of "
        "2006-09 is due to scarcity; the rise of the price is recalled",
    )
