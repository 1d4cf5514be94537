"""Declarations of parameters that several policies share, such as shares, days and prices."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cache, wraps
from typing import Any

from agents.labels import SECTORS
from agents.param import ASSUMED, param

WAGES = "us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013"
AGENT_BUDGET = (
    "us/enforcement_costs_infrastructure.csv USBP_budget_usd 2013 ($3.47 billion), over 21,391 "
    "agents"
)
OFFICER_PAY = "[A] after drivers/costs.csv Mexico Federal Police, net pay per month"
_MILES = (60.0, 70.0, 126.0, 262.0, 268.0, 510.0, 210.0, 171.0, 277.0)
Range = tuple[float, float]


def one_number(declare: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a declaration so that all uses with equal arguments share one number.

    Studies then draw this number once for all policies.
    """
    cached = cache(declare)
    return wraps(declare)(lambda *args: copy(cached(*args)))


def share_param(
    value: Any,
    doc: str,
    *,
    high: float = 1.0,
    source: str = ASSUMED,
    labels: tuple[str, ...] | None = None,
    draw_range: Range | None = None,
) -> Any:
    """Declare a share from 0 to `high`, or a table of shares."""
    return amount_param(
        value, "share", doc, high=high, source=source, labels=labels, draw_range=draw_range
    )


def days_param(value: float, doc: str, *, high: float = 1_825.0, source: str = ASSUMED) -> Any:
    """Declare the days over which a policy is built, hired or introduced."""
    return param(value, unit="days", low=1.0, high=high, doc=doc, source=source)


def amount_param(
    value: Any,
    unit: str,
    doc: str,
    *,
    high: float,
    source: str = ASSUMED,
    labels: tuple[str, ...] | None = None,
    draw_range: Range | None = None,
) -> Any:
    """Declare an amount from 0 to `high`, or a table of amounts."""
    return param(
        value,
        unit=unit,
        low=0.0,
        high=high,
        doc=doc,
        source=source,
        labels=labels,
        draw_range=draw_range,
    )


def dollars_param(value: float, doc: str, *, high: float = 500e6, source: str = ASSUMED) -> Any:
    """Declare dollars per year, which studies draw from half to twice the value [A]."""
    bounds = (0.5 * value, min(high, 2.0 * value))
    return amount_param(value, "$/year", doc, high=high, source=source, draw_range=bounds)


def agent_cost() -> Any:
    """Declare the yearly cost of a Border Patrol agent."""
    return _us_wage(162_200.0, "agent", AGENT_BUDGET)


def port_officer_cost() -> Any:
    """Declare the yearly cost of a U.S. officer at a port of entry."""
    return _us_wage(171_400.0, "officer", WAGES)


@one_number
def _us_wage(value: float, staff: str, source: str) -> Any:
    """Declare the cost of a work year. Studies draw it from the range between published costs."""
    return param(
        value,
        unit=f"$/{staff}-year",
        low=100_000.0,
        high=300_000.0,
        doc=f"Yearly cost of an {staff}.",
        source=source,
        draw_range=(159_642.0, 171_400.0),
    )


@one_number
def officer_cost() -> Any:
    """Declare the yearly cost of an additional officer of any Mexican force."""
    return param(
        40_000.0,
        unit="$/officer-year",
        low=25_000.0,
        high=70_000.0,
        doc="Yearly cost of an officer, including equipment.",
        source=OFFICER_PAY,
        draw_range=(30_000.0, 60_000.0),
    )


@one_number
def wage_of_tempo() -> Any:
    """Declare a Mexican officer's yearly cost, which prices a higher tempo."""
    return param(
        30_000.0,
        unit="$/officer-year",
        low=5_000.0,
        high=150_000.0,
        doc="Cost of a Mexican officer, including equipment.",
        source=OFFICER_PAY,
        draw_range=(20_000.0, 40_000.0),
    )


@one_number
def operations_price() -> Any:
    """Declare the price of Mexico's operations and posts, as a share of officers' cost."""
    return share_param(
        0.45,
        "Price of Mexico's operations and posts, as a share of what officers cost.",
        source="[A] INM's spending rose by $63M to $78M (2013-15: 4,143 less 3,144 million pesos; "
        "$15M at each year's rate), and 0.7 of the officers were INM's (1,400 of 2,000; Reforma, "
        "September 2019): about $100M in all. At full pay the tempo of 2014-15 (dose 3.1) costs "
        "$97M and its posts $170M: 0.37, or 0.24 for INM's officers alone",
        draw_range=(0.3, 1.0),
    )


def transport_cost(value: float, doc: str, *, high: float = 1e3, source: str = ASSUMED) -> Any:
    """Declare a transport cost per person, which studies draw from half to twice its value [A]."""
    span = (0.5 * value, min(high, 2.0 * value))
    return param(
        value, unit="$/person", low=1.0, high=high, doc=doc, source=source, draw_range=span
    )


@one_number
def petition_cost() -> Any:
    """Declare an employer's cost of a lawful seasonal worker beyond wages."""
    return param(
        1_950.0,
        unit="$/visa",
        high=25_000.0,
        draw_range=(1_900.0, 5_000.0),
        doc="Cost of a visa to the employer: petition, recruiting, travel, housing.",
        source="Roka, Simnitt and Farnsworth 2017, IFAMR 20: 335, citrus in Florida, seasons of "
        "2012-14: nearly $2,000; $5,000 in USA Farm Labor, about 2020",
    )


@one_number
def processing_cost() -> Any:
    """Declare what a visa decision costs the United States."""
    return param(
        236.0,
        unit="$/visa",
        high=5_000.0,
        draw_range=(200.0, 650.0),
        doc="Cost of a visa to the consulate and the agency, before fees.",
        source="fees set at full cost: $190 a visa and $460 a petition (Western Growers, 4 August "
        "2020), for ten workers [A]",
    )


def years_param(value: float, doc: str, *, high: float, source: str = ASSUMED) -> Any:
    """Declare the years over which a sum is paid or a membership lasts."""
    return param(value, unit="years", low=1.0, high=high, doc=doc, source=source)


def life_years(value: float, source: str = ASSUMED) -> Any:
    """Declare the years over which a construction is paid off.

    Studies draw them from half to twice the value [A].
    """
    doc, bounds = "Years over which the construction is paid.", (0.5 * value, 2.0 * value)
    return param(value, unit="years", low=5.0, high=75.0, doc=doc, source=source, draw_range=bounds)


@one_number
def effort_share(staff: str = "Mexican officers") -> Any:
    """Declare what a higher tempo costs, as a share of wages. Each country has its own number."""
    doc = f"Cost of a unit of additional tempo of {staff}."
    return param(0.65, unit="share of wages", low=0.3, high=1.0, doc=doc, draw_range=(0.3, 1.0))


def line_miles() -> Any:
    """Declare miles of line by sector."""
    return amount_param(
        _MILES,
        "miles",
        "Length of the line by sector.",
        high=1_000.0,
        labels=SECTORS,
        source="GAO-17-331 (fact sheet of Congressman Cuellar, 2018); Rio Grande Valley: the rest "
        "of 1,954 miles (drivers/barrier_miles.csv, March 2018), where that source has 273",
    )
