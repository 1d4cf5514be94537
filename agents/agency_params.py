"""Parameters and limits of the agencies: U.S. Border Patrol, Mexico's institute and gendarmes.

An agency's tempo and hiring are limited. An agency can exceed the tempo `sustained_tempo` for some
days, and never exceeds `tempo_cap`. Policies set levers to the staff and tempo that they request,
and the limits apply to all requests together. The agency works within its limits, and money for
requests beyond the limits is not spent. Requests follow the planned doses (`Levers.requested`). A
policy's effect multiplies the results of delivered staff and hours, not staff, hours or dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.hazards import worked_tempo
from agents.labels import SECTORS, STATES
from agents.param import param

DAYS_A_YEAR = 365.0
_UNLIMITED = (np.inf, np.inf, np.inf)
REST = 0.5  # [A] days above the sustainable tempo that one day of rest compensates


def limits_switch() -> Any:
    """Declare a parameter field: whether limits apply to an agency."""
    return param(
        True,
        unit="yes or no",
        doc="Whether tempo and hiring are limited.",
        source="[S] switch",
    )


def days_of_high_tempo() -> Any:
    """Declare a parameter field: days for which an agency can work at a high tempo."""
    return param(
        90.0,
        unit="days",
        high=3_650.0,
        doc="Days for which a higher tempo can be worked before rest is needed.",
    )


def tempo_cap(default: float, source: str, draw_range: tuple[float, float] | None = None) -> Any:
    """Declare a parameter field: the tempo that an agency cannot exceed.

    Args:
        default: tempo, 1 in the base year.
        source: where the value comes from.
        draw_range: range from which `twoborders ask` draws it.
    """
    return param(
        default,
        unit="ratio",
        low=1.0,
        high=50.0,
        doc="Maximum tempo, over the base year, on any day.",
        source=source,
        draw_range=draw_range,
    )


def noise_of_map(default: float, whose: str) -> Any:
    """Declare a parameter field: noise in the flow map of one or several agencies."""
    return param(default, unit="log sd", high=2.0, doc=f"Noise in the {whose} map of flows.")


def lag_of_map(default: float, whose: str) -> Any:
    """Declare a parameter field: delay of the flow map of one or several agencies."""
    return param(default, unit="days", high=90.0, doc=f"Delay of the {whose} map of flows.")


class AgencyLimits:
    """An agency's limits, and the state on which they depend.

    Attributes:
        params: agency parameters.
        days_above: days above the sustainable tempo, less rest, by place or sector.
    """

    def __init__(self, params: BorderPatrolParams | GendarmeParams, size: int) -> None:
        """Create the state of a rested agency.

        Args:
            params: agency parameters.
            size: number of places or sectors.
        """
        self.params, self.days_above = params, np.zeros(size)

    def binds_tempo(self, requested: np.ndarray) -> bool:
        """Return whether some place may be unable to work at the requested tempo.

        The condition is necessary but not sufficient. It is faster to check than the tempo. Even
        where no days at a high tempo are left, the request may be within `sustained_tempo`.

        Args:
            requested: lever, tempo beyond the base year, by place or sector.

        Returns:
            True if limits apply, and either a place has no days at a high tempo left or the highest
            request exceeds the cap.
        """
        p = self.params
        if not p.limits:
            return False
        used_up = float(np.maximum.reduce(self.days_above)) >= p.tempo_days
        return used_up or 1.0 + float(np.maximum.reduce(requested)) > p.tempo_cap

    def tempo(self, requested: np.ndarray, acting: np.ndarray | None = None) -> np.ndarray:
        """Return the tempo at which the agency works today, 1 in the base year.

        Args:
            requested: lever, tempo beyond the base year, by place or sector.
            acting: the lever with policy effects. It acts in proportion to the delivered tempo.
                None means `requested`.

        Returns:
            Tempo of at least 0, in the shape of `requested`.
        """
        p, acting = self.params, requested if acting is None else acting
        limits = (p.sustained_tempo, p.tempo_days, p.tempo_cap) if p.limits else _UNLIMITED
        return worked_tempo(requested, acting, acting is requested, self.days_above, limits)

    def delivered_tempo(self, requested: np.ndarray, staff: np.ndarray) -> float:
        """Return the share of the additional tempo that is delivered, weighted by staff.

        Args:
            requested: lever, tempo beyond the base year, by place or sector.
            staff: staff at work, in the same shape.

        Returns:
            Share from 0 to 1.
        """
        worked = staff * np.maximum(self.tempo(requested) - 1.0, 0.0)
        return delivered_share(staff * requested, worked)

    def hired_share(self, target: np.ndarray, staff_on_board: float, capacity: float) -> float:
        """Return the share of added staff that is on board today.

        Args:
            target: staff beyond the staffing table that all policies together request, by place,
                negative where policies remove staff.
            staff_on_board: net number of added staff on board yesterday, at least 0.
            capacity: net number of officers that the agency can hire in a day.

        Returns:
            Share from 0 to 1, exactly 1 if no limit binds.
        """
        total = float(np.add.reduce(target)) if np.count_nonzero(target) else 0.0
        if not self.params.limits or total <= staff_on_board + capacity:
            return 1.0
        leaving = float(np.add.reduce(np.minimum(target, 0.0)))
        return max(staff_on_board + capacity - leaving, 0.0) / (total - leaving)

    def end_day(self, requested: np.ndarray) -> None:
        """Update the days above the sustainable tempo, at the end of a day.

        The count does not fall while a higher tempo is requested. An agency at its limit can
        therefore not return to the higher tempo before it has rested.

        Args:
            requested: lever, tempo beyond the base year, by place or sector.
        """
        p, days = self.params, self.days_above
        if np.count_nonzero(requested) or np.count_nonzero(days):
            rested, tired = np.maximum(days - REST, 0.0), np.minimum(days + 1.0, p.tempo_days)
            self.days_above = np.where(1.0 + requested > p.sustained_tempo, tired, rested)


def on_board(target: np.ndarray, share: float) -> np.ndarray:
    """Return how many staff policies add or remove today, by place.

    Removed staff leave at once. The same share of added staff is on board at every place.

    Args:
        target: staff beyond the staffing table that all policies together request, by place.
        share: share of added staff that is on board.

    Returns:
        Staff by place, `target` if the share is 1.
    """
    return target if share == 1.0 else np.where(target > 0.0, target * share, target)


def delivered_share(requested: np.ndarray, delivered: np.ndarray) -> float:
    """Return how much of a requested increase in staff or tempo is delivered.

    Args:
        requested: increase that policies request, by place. Decreases do not count.
        delivered: increase that is delivered, in the same shape.

    Returns:
        Share from 0 to 1, exactly 1 if everything is delivered.
    """
    increase = np.maximum(requested, 0.0)
    cut = np.clip(requested - delivered, 0.0, increase)
    if not np.count_nonzero(cut):
        return 1.0
    return 1.0 - float(np.add.reduce(cut)) / float(np.add.reduce(increase))


def transfers(staff: np.ndarray, target: np.ndarray, floor: np.ndarray, cap: float) -> np.ndarray:
    """Return the requested moves between sectors, reduced to what the agency allows.

    Args:
        staff: agents at work, by sector.
        target: agents that sectors request. Only the ratios between sectors matter.
        floor: minimum number of agents by sector. A sector with fewer agents sends none.
        cap: maximum share of all staff that moves.

    Returns:
        Change in staff by sector, with sum zero.
    """
    total = staff.sum()
    share = target * total / max(target.sum(), 1e-9)
    move = np.maximum(share, np.minimum(staff, floor)) - staff
    out, into = -np.minimum(move, 0.0).sum(), np.maximum(move, 0.0).sum()
    size = min(out, into, cap * total)
    if size <= 0.0:
        return np.zeros_like(staff)
    return move * size / np.where(move < 0.0, max(out, 1e-12), max(into, 1e-12))


STAFFING_RULES = ("static", "replicator", "greedy")


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderPatrolParams:
    """Hazards at the line, response, the agency's data, and the staffing rule."""

    line_hazard: tuple[float, ...] = param(
        (1.749,) * 9,
        unit="hazard",
        high=10.0,
        labels=SECTORS,
        doc="Hazard of detection of an evader at the line in the base year.",
        source="[F] fitted to P3, P4 and P5, one number for all sectors "
        "(interval more than a third narrower than the prior)",
    )
    belt_hazard: float = param(
        0.1766,
        unit="hazard",
        high=5.0,
        doc="Hazard of apprehension at checkpoints behind the line in the base year.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    caught_share: float = param(
        0.5239,
        unit="share",
        doc="Share of detected evaders who are apprehended while agents can answer.",
        source="[F] fitted to P3, P4 and P5 (interval more than a third narrower than the prior)",
    )
    turned_share: float = param(
        0.2461,
        unit="share",
        doc="Share of detected evaders who turn back while agents can answer, at most those who "
        "are not apprehended.",
        source="[F] fitted to turn-backs per apprehension FY2013, us/border_metrics.csv "
        "(interval more than a third narrower than the prior)",
    )
    response: float = param(
        1.809,
        unit="calls per agent and day",
        low=0.05,
        high=10.0,
        doc="Calls (detected evaders, surrenders) that an agent can answer; see "
        "contest.answered_share.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value: GAO-18-50 has hours (43 % deployed), no encounters an agent can answer",
    )
    sensors_base: tuple[float, ...] = param(
        (0.4, 0.4, 0.5, 0.4, 0.3, 0.05, 0.1, 0.15, 0.2),
        unit="share of line",
        high=1.0,
        labels=SECTORS,
        doc="Share of the line under cameras and sensors in the base year.",
        source="[A] no table by sector: looked in GAO-12-22, GAO-17-331 and GAO-17-765T",
    )
    fence_base: tuple[float, ...] = param(
        (0.77, 0.84, 0.85, 0.81, 0.62, 0.01, 0.02, 0.01, 0.20),
        unit="share of line",
        high=1.0,
        labels=SECTORS,
        doc="Share of the line with primary barrier in the base year.",
        source="miles of primary fence over miles of line by sector, 46/60, 59/70, 107/126, "
        "211/262, 166/268, 5/510, 4/210, 1/171, 55/273: GAO-17-331 (2017) in a fact sheet of "
        "Congressman Cuellar (19 December 2018)",
    )
    rule: str = param(
        "replicator",
        unit="name",
        choices=STAFFING_RULES,
        doc="Rule by which staff moves between sectors.",
        source="[S] rule of staffing",
    )
    gain: float = param(
        0.02,
        unit="per week",
        high=0.2,
        doc="Speed of the replicator: growth of staff per relative excess of its load.",
    )
    weekly_cap: float = param(
        0.01,
        unit="share of staff",
        high=0.2,
        doc="Maximum share of staff that can move in a week.",
    )
    floor: float = param(0.5, unit="share of base", high=1.0, doc="Least staff of a sector.")
    transfer_days: float = param(
        5.0,
        unit="days",
        high=60.0,
        doc="Days of preparation before a detachment sets out for another sector.",
    )
    map_noise: float = noise_of_map(0.35, "agency's")
    map_lag: float = lag_of_map(28.0, "agency's")
    tied_up: float = param(
        1.0,
        unit="share",
        doc="Share of consequences.custody_hours that is taken from time in the field; 0 switches "
        "this off.",
        source="[S] switch: 1 applies the hours, 0 does not",
    )
    staff_year: int = param(
        0,
        unit="fiscal year",
        low=0,
        high=2_019,
        doc="Fiscal year of the staff by sector on the first day, 1992 to 2019; 0: that of the "
        'start. Under record = "history", staff follows the record.',
        source="[S] switch between the years of us/usbp_staffing.csv",
    )
    limits: bool = limits_switch()
    sustained_tempo: float = param(
        1.4,
        unit="ratio",
        low=1.0,
        high=5.0,
        doc="Tempo, over the base year, that can be held for longer than tempo_days.",
        source="[A] no published study of overtime. 43 % of agents' hours are available for "
        "deployment (GAO-18-50), and their schedule already has overtime: 100 hours in two weeks "
        "at 1.25 times the pay (S. 1691, 2014). Drawn: 120 to 168 hours (14 days of 12) over 100",
        draw_range=(1.2, 1.68),
    )
    tempo_days: float = days_of_high_tempo()
    tempo_cap: float = tempo_cap(
        2.3,
        "[A] 1/0.43: agents on the southwest border were available for deployment in 43 % of "
        "their hours, FY2013-16 (GAO-18-50, Highlights). Drawn: 1.68 from longer hours alone, to "
        "both together",
        (1.68, 3.9),
    )
    net_hiring: float = param(
        1_000.0,
        unit="agents/year",
        high=2_500.0,
        doc="Agents by whom all policies together can raise the staff in a year, those hired less "
        "those who leave.",
        source="[A] between -381 a year (FY2013-16: 523 hired, 904 left; GAO-18-50) and 2,500 a "
        "year (September 2006 to April 2009; GAO-09-542R)",
        draw_range=(0.0, 2_500.0),
    )
    duty_hours: float = param(
        5.601,
        unit="hours/agent and day",
        low=0.5,
        high=8.0,
        doc="Hours on duty, mean over all agents and days.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GendarmeParams:
    """Hazards in Mexico, integrity and competence, effort and its fatigue, companies."""

    leg_hazard: tuple[float, ...] = param(
        (0.04677, 0.0391, 0.01326, 0.05318, 0.007123, 0.01485),
        unit="hazard per leg",
        high=3.0,
        labels=STATES,
        doc="Hazard of interdiction on a leg into a state in the base year.",
        source="[A] scaled by the fit to P7; the split between these states is assumed",
        sources={
            "chiapas": "[F] fitted to P7 and P8, January 2014 (mexico/mx_inm_by_state.csv)",
            "tabasco": "[F] fitted to P7 and P8, January 2014 (mexico/mx_inm_by_state.csv)",
            "veracruz": "[F] fitted to P7 and P8, January 2014 (mexico/mx_inm_by_state.csv)",
        },
    )
    response: float = param(
        0.1996,
        unit="calls per officer and day",
        low=0.001,
        high=10.0,
        doc="Encounters that an officer can answer; see contest.answered_share.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "value: looked in reports of INM, WOLA and ASF",
    )
    overtime: float = param(
        1.5,
        unit="ratio",
        low=1.0,
        high=3.0,
        doc="Longest working time over the warm-up's. Until then the share of the people met for "
        "whom an officer is free does not change.",
        source="[A] no published value",
    )
    foot_factor: float = param(0.6, unit="ratio", high=1.0, doc="Hazard of interdiction on foot.")
    officers: float = param(
        4_000.0,
        unit="officers",
        low=1.0,
        high=100_000.0,
        doc="Migration officers and police working with them in the base year.",
        source="[A] no count of those at work on the routes: INM had 4,105 employees in 2008 "
        "(internal document in the press) and 5,660 in 2013 (24 Horas, 2015), with administration; "
        "1,400 agents and 600 Federal Police in September 2019 (Reforma)",
    )
    competence: float = param(0.6, unit="share", low=0.01, doc="Competence in the base year.")
    turnover: float = param(
        0.15,
        unit="per year",
        high=1.0,
        doc="Share of competence lost in a year as trained officers leave.",
        source="[A] sources have staff who left, not lost competence: INM dismissed 1,775 people "
        "from January 2013 to July 2014 (portico.mx, 2014) and 2,000 by 2015 of 5,660 (24 Horas, "
        "2015), 0.14 to 0.20 a year; of the Federal Police 0.05 to 0.06 left (IFAI in El "
        "Universal, 2009-10)",
    )
    trained: float = param(
        20.0,
        unit="officers per trainer and year",
        high=500.0,
        doc="Officers brought to full competence per trainer and year.",
    )
    recruit_competence: float = param(
        0.3,
        unit="share",
        doc="Competence of officers who have just joined.",
    )
    pay: float = param(
        1.114,
        unit="bribe units",
        high=10.0,
        doc="Bribe at which half of the officers are bought (pay, vetting, training).",
        source="[A] middle of the members of experiments/calibration/ensemble.json; vetting bounds "
        "it: 42 % of the Federal Police failed in 2007-15, 2 % of federal forces in 2018",
    )
    pay_base: float = param(
        1.10,
        unit="bribe units",
        high=10.0,
        doc="Pay for which hazards are declared; with another pay, hazards differ from the "
        "declared ones.",
        source="[S] reference value of pay",
    )
    bribe: float = param(
        0.55,
        unit="bribe units",
        high=10.0,
        doc="Bribe offered in the base year.",
        source="[A] in units of pay; the share that is bought lies between the shares that failed "
        "vetting, 2 % (2018) and 42 % (2007-15)",
    )
    bribe_spread: float = param(
        0.5,
        unit="bribe units",
        low=0.05,
        high=5.0,
        doc="Spread of the bribe at which officers are bought.",
        source="[S] unit of the scale of bribes: only differences over this spread matter",
    )
    bribe_response: float = param(
        0.25,
        unit="elasticity",
        high=2.0,
        doc="Rise of the offered bribe with the hazard.",
    )
    bribe_revenue: float = param(
        0.3,
        unit="elasticity",
        high=2.0,
        doc="Rise of the offered bribe with the revenue of organisations.",
    )
    extortion: float = param(
        150.0,
        unit="$",
        high=5_000.0,
        doc="Money that an officer takes to let people go.",
        source="[A] 500 to 2,000 pesos ($25 to $105) at roads to Reynosa in 2019 (InSight Crime); "
        "$230 to $540 to pass police and migration officers (AP, July 2014); no survey",
    )
    fatigue_half_life: float = param(
        55.32,
        unit="months",
        low=6.0,
        high=1_200.0,
        doc="Half-life of raised effort unless it is renewed, on both sides of the border.",
        source="[A] middle of the members of experiments/calibration/ensemble.json; no published "
        "half-life: Sherman (1990), Crime and Justice 12, finds decay after a short period in "
        "most of 18 crackdowns",
    )
    company: int = param(
        250,
        unit="officers",
        low=10,
        high=2_000,
        doc="Size of a company of gendarmes.",
        source="[A] groups of 300 (Animal Político, September 2014) and 350 (Apro, September 2014)",
    )
    gendarmes_per_officer: float = param(
        0.43,
        unit="ratio",
        high=20.0,
        doc="Gendarmes who can act on migrants with each officer at a rural post; only the "
        "migration institute may check papers.",
        source="[A] for additional officers: mexico.officers includes the police of the base year. "
        "Only source: 600 Federal Police with 1,400 INM agents (Reforma, September 2019). Upper "
        "bound: 6,300 guards with 800 INM agents in the south, 2019 "
        "(mexico/cooperation_inputs.csv)",
        draw_range=(0.43, 7.9),
    )
    hiring: float = param(
        5_000.0,
        unit="officers/year",
        high=100_000.0,
        doc="Recruits of all forces (posts, border patrol, gendarmes) whom policies can bring on "
        "board in a year; nobody who leaves is subtracted.",
        source="[A] mexico/cooperation_inputs.csv Gendarmerie, actual Aug 2014 (5,000): the size "
        "of a new force, used as a yearly flow; planned 10,000 (2012)",
        draw_range=(2_500.0, 10_000.0),
    )
    operations_returns: float = param(
        1.0,
        unit="exponent",
        low=0.2,
        high=1.2,
        doc="Returns to the tempo of operations (checks of trains, roads and buses): 0 none, 1 "
        "proportional.",
        source="[A] while a small share of the traffic is checked, interceptions are proportional "
        "to the number of checks; no published count of checks before and after July 2014, so that "
        "tempo and returns are not identified separately",
    )
    limits: bool = limits_switch()
    sustained_tempo: float = param(
        4.3,
        unit="ratio",
        low=1.0,
        high=50.0,
        doc="Tempo, over the base year, that can be held for longer than tempo_days, with lent "
        "forces.",
        source="[A] as high as the record of 2014-15 requires over ten months: interceptions rose "
        "1.86-fold (mexico/mexico_share_of_apprehensions.csv). No published count of operations "
        "before and after",
    )
    tempo_days: float = days_of_high_tempo()
    tempo_cap: float = tempo_cap(
        4.3,
        "[S] follows from sustained_tempo: lent forces can hold any tempo. Forces of June 2019 "
        "allow 2.0 to 4.3: 2,000 officers (Reforma, September 2019), 2,000 guards, and "
        "4,500 soldiers and marines already there (mexico/policy_events.csv); hours as in "
        "GAO-18-50 would allow 2.3",
    )
    march_days: float = param(
        3.0,
        unit="ratio",
        low=1.0,
        high=20.0,
        doc="Days per travel day when a company relocates.",
    )
    map_noise: float = noise_of_map(0.6, "agencies'")
    map_lag: float = lag_of_map(42.0, "agencies'")
