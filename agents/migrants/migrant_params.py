"""Parameters for dangers and returns, and a class that combines all parameters for migrants."""

from dataclasses import dataclass

from agents.labels import GROUPS, SECTORS, TERRAINS
from agents.migrants.attempt_params import LineParams, RetryParams
from agents.migrants.candidate_params import CandidateParams
from agents.migrants.decision_params import AnnouncementParams, BeliefParams, DecisionParams
from agents.param import param


@dataclass(frozen=True, kw_only=True)
class DangerParams:
    """Kidnappings, ransom and deaths."""

    kidnap_hazard: float = param(
        0.0006,
        unit="per day and class",
        high=0.1,
        doc="Kidnapping hazard per day irregular in Mexico, per hazard class above the first.",
        source="[A] about 12,000 simulated kidnappings in FY2013; CNDH: 9,758 in six months of "
        "2008-09, 11,333 in six months of 2010, extrapolated from interviews; none for 2013",
    )
    kidnap_mexican_factor: float = param(
        0.18,
        unit="ratio",
        high=1.0,
        doc="Factor on that hazard for Mexicans, who travel lawfully in their own country.",
        source="[A] CNDH (2011): 10.6 % of victims Mexican, 71.7 % of the Northern Triangle (EFE, "
        "22 February 2011), over the simulated exposure of both groups",
    )
    ransom: float = param(
        2_500.0,
        unit="$",
        high=50_000.0,
        doc="Ransom demanded, capped by the funds of the family.",
        source="CNDH (2009): average demand $2,500, 9,758 victims (mexico/push_and_journey.csv)",
    )
    kidnap_days: float = param(
        10.0,
        unit="days",
        low=1.0,
        high=180.0,
        doc="Duration of a kidnapping.",
        source="[A] six days on average for 83 Mexicans (Slack 2015, El Paso Times, 25 May 2015); "
        "no mean for Central Americans: looked in CNDH 2009 and 2011",
    )
    kidnap_death: float = param(
        0.013,
        unit="probability",
        doc="Probability of death in a kidnapping.",
        source="2 of 157 kidnapped women (CNDH 2009 in justiceinmexico.org); a small sample",
    )
    death_line: tuple[float, ...] = param(
        (0.00008, 0.00035, 0.00040, 0.00015, 0.00035),
        unit="per day",
        high=0.1,
        labels=TERRAINS,
        doc="Hazard of dying per day on the legs at and behind the line, by terrain.",
        source="[A] fitted by hand to us/deaths_sector_fy.csv FY2013",
        sources={
            "desert": "[S] reference terrain: the level is that of death_sector",
        },
    )
    death_sector: tuple[float, ...] = param(
        (0.2512, 0.06274, 0.1965, 0.4053, 0.1497, 0.1843, 0.1631, 0.2626, 0.2028),
        unit="ratio",
        high=20.0,
        labels=SECTORS,
        doc="Factor of a sector on the risk of death, beyond its terrain.",
        source="[F] fitted to deaths per apprehension by sector FY2013 (P10, "
        "us/deaths_sector_fy.csv)",
    )
    death_transit: float = param(
        0.000006,
        unit="per day and class",
        high=0.1,
        doc="Hazard of dying per day in transit, per hazard class above the first.",
        source="[A] about 300 simulated deaths a year in transit; us/missing_migrants_iom.csv "
        "records 116 (2014) and 110 (2015), not all",
    )
    heat_amplitude: float = param(
        0.6,
        unit="share",
        doc="Seasonal swing of deaths at the line, highest in early July.",
        source="[A] Pima County 2013: 0.45 of the deaths to 11 September in June and July (Tucson "
        "Weekly, 19 September 2013); with the apprehensions of the sector by month 0.6 gives "
        "0.27, 1 gives 0.32",
    )


@dataclass(frozen=True, kw_only=True)
class ReturnParams:
    """Return of settled migrants."""

    return_rate: tuple[float, ...] = param(
        (0.017, 0.02),
        unit="per year",
        high=1.0,
        labels=GROUPS,
        doc="Rate at which settled migrants return home at the base cost of re-entry.",
        source="[A]",
        sources={
            "mexican": (
                "Gonzalez-Barrera (Pew, November 2015): 1.0 million returned 2009-14, of 12.8 to "
                "11.7 million born in Mexico; recent migrants return more often"
            ),
            "northern_triangle": (
                "[A] at most 0.03, as many as 100,000 of over 3 million Central Americans in 2014 "
                "(Inter-American Dialogue, December 2015); 0.010 to 0.015 of all born abroad "
                "(Schwabish 2011)"
            ),
        },
    )
    return_elasticity: float = param(
        0.5,
        unit="elasticity",
        high=3.0,
        doc="Fall of the return rate with the expected cost of re-entry.",
    )


# A dataclass lists the fields of its last base first, so the bases are in the reverse order of the
# parameters.
@dataclass(frozen=True, slots=True, kw_only=True)
class MigrantParams(
    ReturnParams,
    DangerParams,
    RetryParams,
    LineParams,
    BeliefParams,
    AnnouncementParams,
    DecisionParams,
    CandidateParams,
):
    """All parameters for migrants: supply, decisions, beliefs, attempts, dangers and returns."""
