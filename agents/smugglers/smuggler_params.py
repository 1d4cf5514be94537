"""Parameters for smuggling organisations."""

from __future__ import annotations

from dataclasses import dataclass

from agents.labels import GROUPS
from agents.param import param


@dataclass(frozen=True, slots=True, kw_only=True)
class SmugglerParams:
    """Costs, prices and lifecycle of organisations."""

    count_mexican: int = param(
        5,
        unit="organisations",
        low=0,
        high=20,
        doc="Organisations that serve Mexican regions.",
    )
    count_northern_triangle: int = param(
        7,
        unit="organisations",
        low=0,
        high=20,
        doc="Organisations that serve the Northern Triangle.",
    )
    cost_base: tuple[float, ...] = param(
        (20.57, 213.1),
        unit="$",
        high=20_000.0,
        labels=GROUPS,
        doc="Cost of an attempt before distance, taxes and bribes.",
        source="[F] fitted to P9, fee of a journey (mexico/push_and_journey.csv)",
        sources={
            "mexican": "[A] at its lower bound in the fit to P9",
        },
    )
    cost_km: float = param(0.12, unit="$/km", high=5.0, doc="Transport cost of a client.")
    passage_tax: float = param(
        300.0,
        unit="$",
        high=10_000.0,
        doc="Tax that criminal groups charge for a passage.",
        source="[A] Greenfield et al. 2019 (RAND RR2852), summary: $30M to $180M in 2017 for the "
        "Northern Triangle (us/smuggler_fees.csv), $250 to $1,480 per apprehension of 2017 "
        "(us/sw_monthly_by_citizenship.csv: 121,380), less per journey",
    )
    tax_response: float = param(
        1.354,
        unit="elasticity",
        high=5.0,
        doc="Rise of the passage tax with the risk of an attempt.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    bribe: tuple[float, ...] = param(
        (20.0, 150.0),
        unit="$",
        high=5_000.0,
        labels=GROUPS,
        doc="Bribes paid per attempt.",
        sources={
            "northern_triangle": "[A] $230 to $540 to pass Mexican police and migration officers, "
            "not said for how many migrants (AP, July 2014, latincorrespondent.com)",
        },
    )
    penalty: tuple[float, ...] = param(
        (300.0, 800.0),
        unit="$",
        high=20_000.0,
        labels=GROUPS,
        doc="Loss of the organisation per failed attempt: guides, vehicles, houses.",
    )
    sentence_loss: float = param(
        8_000.0,
        unit="$/sentence",
        high=1e6,
        doc="What a sentence beyond the base year costs organisations, in either country: pay for "
        "the risk of prison, and another guide. 0: sentences deter nobody.",
        source="[A] 16 months at an ordinary wage, $500 a month; earnings of a guide, up to "
        "$40,000 a year (Newsweek, 2006), with lawyers and replacement would give 80,000. No "
        "published study of smugglers' sentences (GAO-10-328: no measure of results), so the range "
        "stays near 0, and 80,000 is tested as a contested value. Gathmann (2008): prices +17 to "
        "+30 % while enforcement at the line tripled",
        draw_range=(0.0, 16_000.0),
    )
    us_sentences: float = param(
        1_300.0,
        unit="sentences/year",
        high=20_000.0,
        doc="Sentences that U.S. courts can add to the base year's.",
        source="3,480 sentenced in FY2019 (U.S. Sentencing Commission), less as many per "
        "prosecution in FY2013: 4,532/1.26 of 5,700 (TRAC tracatwork/detail/A3727, crim/603)",
        draw_range=(880.0, 1_580.0),
    )
    mx_sentences: float = param(
        129.0,
        unit="sentences/year",
        high=20_000.0,
        doc="Sentences that Mexican courts can add to the base year's.",
        source="[A] a tenth of 143 cases a sector and year, in nine sectors: 143 passed to Mexico "
        "under OASISS in Tucson (Border Patrol, FY2016); 46 of 450 charged were sentenced in 2010 "
        "(La Jornada, 13 January 2011)",
        draw_range=(15.0, 143.0),
    )
    bribe_response: float = param(
        0.3,
        unit="elasticity",
        high=2.0,
        doc="Rise of the bribe per attempt with the revenue of organisations.",
    )
    congestion: float = param(
        0.5,
        unit="elasticity",
        high=5.0,
        doc="Rise of the cost of an attempt, including distance, with clients per cell.",
    )
    memory_weeks: float = param(
        13.0,
        unit="weeks",
        low=1.0,
        high=260.0,
        doc="Time over which organisations average clients per cell (1/e).",
    )
    port_premium: tuple[float, ...] = param(
        (1_263.0, 3_000.0),
        unit="$",
        high=50_000.0,
        labels=GROUPS,
        doc="Price of a contract through a port of entry beyond an ordinary one in the base year.",
        source="[A] no survey of Central Americans",
        sources={
            "mexican": (
                "us/smuggler_fees.csv 2011: $2,850 through a port, $1,587 through the desert or "
                "mountains (UCSD)"
            ),
        },
    )
    port_cost: tuple[float, ...] = param(
        (1_200.0, 1_500.0),
        unit="$",
        high=50_000.0,
        labels=GROUPS,
        doc="Cost of an attempt through a port beyond an ordinary one: papers, drivers, bribes.",
    )
    price_sensitivity: float = param(
        1.0 / 900.0,
        unit="per $",
        low=1e-5,
        high=0.05,
        doc="Response of clients to price.",
        source="[A]; Gathmann 2008, abstract: prices 17 % higher after a tripling of enforcement, "
        "demand unchanged. The study gives the market's response, not that between sellers",
    )
    price_speed: float = param(
        0.2,
        unit="per week",
        low=0.01,
        high=1.0,
        doc="Weekly adjustment of a price to its target.",
    )
    quality: float = param(
        0.15,
        unit="share",
        high=0.9,
        doc="Share of a hazard that guides avoid.",
        source="[A]; no comparison of guided and unguided attempts in Gathmann (2008, abstract) "
        "or NRC (2011, p. 35)",
    )
    cells: int = param(
        6,
        unit="cells",
        low=1,
        high=40,
        doc="Cells of a new organisation.",
        source="[A] chosen with the number of organisations so that a cell has 100 to 250 clients "
        "a week; a successful operation moves three or four loads of 10 a day, 210 to "
        "280 a week (East Valley Tribune 2008, from police affidavits)",
    )
    cell_week: float = param(1_500.0, unit="$/week", high=100_000.0, doc="Upkeep of a cell.")
    overhead_week: float = param(
        60_000.0,
        unit="$/week",
        high=10_000_000.0,
        doc="Standing cost of an organisation: safe houses, protection, permanent staff.",
    )
    cell_price: float = param(
        30_000.0,
        unit="$",
        high=1e7,
        doc="Cost of replacing a dismantled cell: guides, vehicles, houses.",
        source="[A]; not found in the readable parts of GAO-10-328 and RAND RR2852",
    )
    cell_pace: float = param(
        0.628,
        unit="cells/month",
        high=40.0,
        doc="Dismantled cells that an organisation can replace in a month.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    capacity_response: float = param(
        1.0,
        unit="share",
        high=2.0,
        doc="Strength with which load, lost cells and standing costs act on price, delay and "
        "quality; 0: no limit of capacity.",
        source="[S] switch: 1 applies the responses below, 0 none of them",
    )
    capacity_slack: float = param(
        0.4,
        unit="share",
        high=5.0,
        doc="Clients per cell beyond the baseline that cells serve as usual.",
        source="us/sw_monthly_by_citizenship.csv FY2011-13: the two busiest months are 1.35 to"
        " 1.47 times the mean of the year",
    )
    overload_cost: float = param(
        1.0,
        unit="elasticity",
        high=5.0,
        doc="Rise of the transport cost with load over capacity, beyond `congestion`: casual "
        "guides, hired vehicles.",
    )
    overload_delay: float = param(
        7.0,
        unit="days",
        high=60.0,
        doc="Rise of the longest wait at the staging place at twice the capacity (proportional).",
    )
    overload_quality: float = param(
        1.0,
        unit="elasticity",
        high=5.0,
        doc="Fall of the share of a hazard that guides avoid with the load over capacity.",
    )
    pass_through: float = param(
        0.5,
        unit="share",
        high=1.5,
        doc="Share of the change of the standing cost per client that enters the price.",
        source="[A]; Roberts et al. (2010, first page) relate fees to enforcement, not to costs",
    )
    hire_weeks: float = param(
        4.0,
        unit="weeks",
        high=520.0,
        doc="Weeks of standing cost that an organisation keeps in cash when it pays for a cell.",
    )
    funds_weeks: float = param(
        1.0,
        unit="weeks",
        high=52.0,
        doc="Weeks of fees on deposit or in transfer, which authorities can seize like cash.",
        source="[A]; relatives pay by wire on arrival (azag.gov 2006-10-18): $17M seized in "
        "Arizona from 2000 to 2008",
    )
    pressure_upkeep: float = param(
        1.0,
        unit="share x years",
        high=20.0,
        doc="Rise of the standing cost per unit of the rate at which funds are seized: hiding "
        "money, lawyers, protection.",
    )
    pressure_hiring: float = param(
        2.0,
        unit="share x years",
        high=20.0,
        doc="Slowdown of replacing and adding cells per unit of the rate at which funds are "
        "seized.",
    )
    reserve_weeks: float = param(
        13.0,
        unit="weeks",
        low=1.0,
        high=520.0,
        doc="Weeks of standing cost held in cash; owners withdraw the rest.",
    )
    capital: float = param(600_000.0, unit="$", high=1e8, doc="Cash of a new organisation.")
    reputation_speed: float = param(
        0.05,
        unit="per week",
        high=1.0,
        doc="Weekly weight of new experience in reputation.",
    )
    entry_margin: float = param(
        1.5,
        unit="ratio",
        low=1.0,
        high=20.0,
        doc="Profit per organisation over its early level at which new organisations enter.",
    )
    entry_days: float = param(
        90.0,
        unit="days",
        low=7.0,
        high=1_000.0,
        doc="Time that high profits must last before entry.",
    )
    adaptive_entry: bool = param(
        True,
        unit="yes or no",
        doc="Whether organisations enter and exit.",
        source="[S] switch",
    )
    decapitation: float = param(
        0.05,
        unit="per year",
        high=5.0,
        doc="Hazard that an organisation loses its head, without further cooperation.",
        source="[A]; 0.42 a year for heads of drug organisations from March 2009 to January "
        "2011, 20 of 37 (povgov.com/publications/4)",
    )
    dismantled: float = param(
        0.3,
        unit="share",
        doc="Share of organisations that dissolve when they lose their head; the rest splinter.",
    )
    splinters: float = param(
        1.5,
        unit="pieces",
        high=10.0,
        doc="Mean number of pieces beyond the first.",
    )
    splinter_violence: float = param(
        0.365,
        unit="share",
        high=5.0,
        doc="Rise of violence on the legs of an organisation that splits.",
        source="killings in a municipality in the six months after a leader is removed: Calderon, "
        "Robles, Diaz-Cayeros and Magaloni (2015), Journal of Conflict Resolution 59 "
        "(povgov.com/publications/4); drug organisations, not guides",
    )
    violence_months: float = param(
        12.0,
        unit="months",
        low=1.0,
        high=120.0,
        doc="Time in which such violence decays (1/e).",
    )
