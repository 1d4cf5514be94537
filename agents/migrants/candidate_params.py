"""Parameters for the supply of candidates and for their traits."""

from dataclasses import dataclass

from agents.labels import GROUPS, KINDS
from agents.param import param


@dataclass(frozen=True, kw_only=True)
class CandidateParams:
    """Number, kinds, money and knowledge of candidates."""

    pool: tuple[float, ...] = param(
        (970_300.0, 789_900.0),
        unit="persons/year",
        high=20_000_000.0,
        labels=GROUPS,
        doc="Candidates a year: people who consider leaving without papers.",
        source="[F] fitted to P1, apprehensions by group FY2013 (us/usbp_sector_fy.csv)",
    )
    envelope: float = param(
        1.5,
        unit="ratio",
        low=1.0,
        high=10.0,
        doc="Candidates are drawn at this multiple of the base rate and thinned to today's rate.",
        source="[S] limit of the drawing of candidates; a supply above it is cut",
    )
    supply_lead: tuple[float, ...] = param(
        (23.0, 31.0),
        unit="days",
        high=180.0,
        labels=GROUPS,
        doc="Days from the decision to leave to the count at the line.",
        source="[S] follows from other numbers: median days to the first U.S. apprehension in the "
        "base year",
    )
    supply_curve: float = param(
        1.0,
        unit="exponent",
        low=0.2,
        high=2.0,
        doc="Exponent of the supply of a recorded month in its apprehensions relative to FY2013.",
    )
    known_level: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="ratio",
        low=0.1,
        high=4.0,
        labels=GROUPS,
        doc="Factor on the candidates of a supply series that follows the record; histories set "
        "it to reproduce the last twelve known months.",
        source="[S] choice of the experiment",
    )
    homicide_elasticity: float = param(
        0.35,
        unit="elasticity",
        high=3.0,
        doc="Response of supply to a country's homicide rate, under the supply fy2013_push.",
        source="[A] for everyone, after a study of children alone: Clemens (2017), CGD Working "
        "Paper 459, abstract: 3.7 more children alone in 6 years per homicide a year more, "
        "2011-16; 0.32 to 0.37 with drivers/country_year.csv",
    )
    homicide_factor: tuple[float, ...] = param(
        (1.0, 1.0),
        unit="ratio",
        high=5.0,
        labels=GROUPS,
        doc="Factor of a group on homicide_elasticity.",
        source="[A] equal; Basu and Pearlman (2017) find little migration abroad after homicides "
        "in Mexico",
        sources={
            "northern_triangle": "[S] reference group of homicide_elasticity",
        },
    )
    income_elasticity: float = param(
        0.8,
        unit="elasticity",
        high=5.0,
        doc="Response of supply to the gap of income per head, under the supply fy2013_push.",
        source="Hanson and Spilimbergo (1996), NBER WP 5592, abstract: 0.75 to 0.88, "
        "apprehensions on real wages in Mexico, 1976-95",
    )
    kind_share_mexican: tuple[float, ...] = param(
        (0.929, 0.01, 0.061),
        unit="share",
        labels=KINDS,
        doc="Adults, family members and unaccompanied children among Mexican candidates.",
        source="[A] set by hand; the simulated families and children of both groups agree with "
        "us/usbp_sector_demographic_fy.csv FY2013 (53,614 of 414,397)",
        sources={
            "adult": "[S] follows from the other two: shares have sum 1",
        },
    )
    kind_share_northern_triangle: tuple[float, ...] = param(
        (0.928, 0.032, 0.04),
        unit="share",
        labels=KINDS,
        doc="Adults, family members and unaccompanied children among Northern Triangle candidates.",
        source="[A] set by hand; the simulated families and children of both groups agree with "
        "us/usbp_sector_demographic_fy.csv FY2013 (53,614 of 414,397)",
        sources={
            "adult": "[S] follows from the other two: shares have sum 1",
        },
    )
    wealth_median: tuple[float, ...] = param(
        (3_000.0, 6_000.0),
        unit="$",
        high=100_000.0,
        labels=GROUPS,
        doc="Median of the money that a candidate can raise without borrowing.",
        source="[A] no published value of a family's funds for a trip: looked in EMIF Sur, Pew, "
        "Migrant Border Crossing Study and press",
    )
    wealth_log_sd: float = param(
        0.7,
        unit="log",
        high=2.0,
        doc="Spread of wealth (lognormal).",
        source="[A] no published value; 0.7 corresponds to a Gini coefficient of 0.38",
    )
    credit: float = param(
        1_000.0,
        unit="$",
        high=50_000.0,
        doc="Maximum debt of a candidate for a trip.",
        source="[A] loans of $2,607 (2015) to $7,100 (2014) in the press (Al Jazeera America "
        "2016, HuffPost 2014), no survey; for the next calibration, because P9 depends on it",
    )
    knowledge_mean: float = param(
        0.2835,
        unit="share",
        doc="Mean weight of the community's beliefs in a person's beliefs.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value: surveys of what migrants know (EMIF, CGD, UNHCR) have no such weight",
    )
    knowledge_spread: float = param(
        0.6,
        unit="share",
        doc="Width of the uniform spread of knowledge around its mean.",
    )
    need_of_protection: float = param(
        0.23,
        unit="share",
        doc="Northern Triangle candidates in need of protection.",
        source="[A] grants among U.S. cases decided by immigration judges, a selected part, "
        "FY2012-17: El Salvador 20.8 %, Honduras 21.9 %, Guatemala 25.3 % (TRAC, "
        "tracatwork/detail/A2853 and A3343); of 404 children alone, 58 % (UNHCR 2014)",
    )
