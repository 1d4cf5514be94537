"""The U.S. Border Patrol: nine sector commands, teams at the crossings, detachments in transfer.

A team works the line legs that end at its crossing. Staff moves between sectors once a week, at
most one per cent of it, never below half of a sector's base, by one of three rules. A detachment
prepares for days and then moves from crossing to crossing along the line on the U.S. side, during
which routes can change. No unit enters Mexico.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent, FixedAgent

from agents.contest import ContestParams
from agents.deployment import WalkingUnit, hazard_ratio
from agents.environment import Stream
from agents.labels import SECTORS
from agents.limits import (
    DAYS_A_YEAR,
    AgencyLimits,
    days_of_high_tempo,
    limits_switch,
    on_board,
    tempo_cap,
)
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment

STAFFING_RULES = ("static", "replicator", "greedy")
GREEDY_GAIN = 0.05  # growth of staff per week and relative excess of a sector's need


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderPatrolParams:
    """Hazards at the line, response, the agency's data, and the staffing rule."""

    line_hazard: tuple[float, ...] = param(
        (1.89,) * 9,
        unit="hazard",
        low=0.0,
        high=10.0,
        labels=SECTORS,
        doc="Hazard of detection of an evader at the line in the base year.",
        source="[F] fitted to P3, P4 and P5, one number for all sectors (interval 73 % narrower "
        "than the prior)",
    )
    belt_hazard: float = param(
        0.1971,
        unit="hazard",
        low=0.0,
        high=5.0,
        doc="Hazard of apprehension at checkpoints behind the line in the base year.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )
    caught_share: float = param(
        0.5129,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of detected evaders who are apprehended while agents can answer.",
        source="[F] fitted to P3, P4 and P5 (interval 68 % narrower than the prior)",
    )
    turned_share: float = param(
        0.2336,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of detected evaders who turn back while agents can answer.",
        source="[F] fitted to turn-backs per apprehension FY2013, us/border_metrics.csv (interval "
        "66 % narrower than the prior)",
    )
    response: float = param(
        1.755,
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
        low=0.0,
        high=1.0,
        labels=SECTORS,
        doc="Share of the line under cameras and sensors in the base year.",
        source="[A] no table by sector: looked in GAO-12-22, GAO-17-331 and GAO-17-765T",
    )
    fence_base: tuple[float, ...] = param(
        (0.77, 0.84, 0.85, 0.81, 0.62, 0.01, 0.02, 0.01, 0.20),
        unit="share of line",
        low=0.0,
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
        low=0,
        high=0,
        choices=STAFFING_RULES,
        doc="Rule by which staff moves between sectors.",
        source="[S] rule of staffing",
    )
    gain: float = param(
        0.02,
        unit="per week",
        low=0.0,
        high=0.2,
        doc="Speed of the replicator: growth of staff per relative excess of its load.",
    )
    weekly_cap: float = param(
        0.01,
        unit="share of staff",
        low=0.0,
        high=0.2,
        doc="Largest share of staff that can move in a week.",
    )
    floor: float = param(
        0.5,
        unit="share of base",
        low=0.0,
        high=1.0,
        doc="Least staff of a sector.",
    )
    transfer_days: float = param(
        5.0,
        unit="days",
        low=0.0,
        high=60.0,
        doc="Days of preparation before a detachment sets out for another sector.",
    )
    map_noise: float = param(
        0.35,
        unit="log sd",
        low=0.0,
        high=2.0,
        doc="Noise in the agency's map of flows.",
    )
    map_lag: float = param(
        28.0,
        unit="days",
        low=0.0,
        high=90.0,
        doc="Delay of the agency's map of flows.",
    )
    tied_up: float = param(
        1.0,
        unit="share",
        low=0.0,
        high=1.0,
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
    tempo_most: float = param(
        1.4,
        unit="ratio",
        low=1.0,
        high=5.0,
        doc="Tempo, over the base year, that can be held for longer than tempo_days.",
        source="[A] no study of overtime was found. 43 % of agents' hours are available for "
        "deployment (GAO-18-50), and their schedule already has overtime: 100 hours in two weeks "
        "at 1.25 times the pay (S. 1691, 2014)",
    )
    tempo_days: float = days_of_high_tempo()
    tempo_cap: float = tempo_cap(
        2.3,
        "[A] 1/0.43: agents on the southwest border were available for deployment in 43 % of "
        "their hours, FY2013-16 (GAO-18-50, Highlights)",
    )
    net_hiring: float = param(
        1_000.0,
        unit="agents/year",
        low=0.0,
        high=2_500.0,
        doc="Agents by whom all policies together can raise the staff in a year, those hired less "
        "those who leave.",
        source="[A] between -381 a year (FY2013-16: 523 hired, 904 left; GAO-18-50) and 2,500 a "
        "year (September 2006 to April 2009; GAO-09-542R)",
    )
    duty_hours: float = param(
        5.604,
        unit="hours/agent and day",
        low=0.5,
        high=8.0,
        doc="Hours on duty, mean over all agents and days.",
        source="[A] middle of the members of experiments/calibration/ensemble.json",
    )


LEAST_FIELD = 0.1  # of the time in the field in the base year


def _multiplier(shape: ContestParams, sensors: np.ndarray, fence: np.ndarray) -> np.ndarray:
    """Return the factor on strength of sensors and fence (shares of the line)."""
    sensed, fenced = np.minimum(1.0, sensors), np.minimum(1.0, fence)
    return 1.0 + shape.sensor_gain * sensed + shape.fence_gain * fenced


class PatrolTeam(CellAgent):
    """Agents at a crossing."""

    def __init__(self, environment: Environment, sector: int, place: int, officers: float) -> None:
        """Create a team at a crossing.

        Args:
            environment: the model as agents see it.
            sector: sector index.
            place: the crossing.
            officers: number of agents.
        """
        super().__init__(environment)
        self.sector, self.place, self.officers = sector, place, officers
        self.cell = environment.cell_of(place)


class Detachment(WalkingUnit):
    """Agents under way from the command of one sector to that of another.

    They work in no sector. Every morning they move (`advance`): after days of preparation at the
    command that sends them, one leg at a time along the line.

    Attributes:
        sector: index of the receiving sector.
        officers: number of agents.
        command: command of the receiving sector.
    """

    def __init__(
        self, environment: Environment, place: int, command: SectorCommand, officers: float
    ) -> None:
        """Create a detachment that starts its preparation today.

        Args:
            environment: the model as agents see it.
            place: place of the command that sends it.
            command: command of the receiving sector.
            officers: number of agents.
        """
        super().__init__(environment, place)
        self.sector, self.command, self.officers = command.sector, command, officers
        self.target = command.place
        preparation = environment.settings.border_patrol.transfer_days
        self.left = float(environment.today) + preparation

    def advance(self) -> None:
        """Every morning: move along the line. On arrival, join the teams of the new sector."""
        self.walk()
        if self.standing:
            self.command.take_in(self.officers)
            self.remove()


class SectorCommand(FixedAgent):
    """Command of a sector: its teams, base staff and recent apprehensions.

    Once a week it reports (`report`), states its need for agents (`need`) and requests staff
    (`request`). The agency limits the sum of all moves, after which the command sends agents
    (`send`) or takes in those that arrive (`take_in`).
    """

    def __init__(self, environment: Environment, sector: int, place: int, base: float) -> None:
        """Create a command at a crossing of its sector.

        Args:
            environment: the model as agents see it.
            sector: sector index.
            place: a crossing.
            base: agents in the base year.
        """
        super().__init__(environment)
        self.sector, self.place, self.base = sector, place, base
        self.cell = environment.cell_of(place)
        self.teams: list[PatrolTeam] = []
        self.recent = 0.0  # apprehensions a week, eight-week mean
        self.baseline = 0.0  # apprehensions a week and agent, mean of the last year of the warm-up

    @property
    def staff(self) -> float:
        """Agents at work in the sector, without those in transfer."""
        staff = 0.0
        for team in self.teams:
            staff += team.officers
        return staff

    def settle(self, apprehensions: np.ndarray, weeks: int) -> None:
        """Weekly, during the warm-up: update the baseline and the recent mean of apprehensions.

        Args:
            apprehensions: apprehensions of the week, by sector.
            weeks: number of the week in the warm-up.
        """
        count = float(apprehensions[self.sector])
        self.recent += (count - self.recent) / min(weeks, 8)
        self.baseline += (count / max(self.base, 1.0) - self.baseline) / min(weeks, 52)

    def report(self, apprehensions: np.ndarray) -> None:
        """Weekly: update the eight-week mean of apprehensions.

        Args:
            apprehensions: the agency's counts of the week, by sector.
        """
        self.recent += (float(apprehensions[self.sector]) - self.recent) / 8.0

    def need(self, hazards: np.ndarray) -> float:
        """Return the figure by which the staffing rule compares sectors.

        The replicator compares the load relative to the sector's own baseline. Base-year staffing
        follows more than apprehensions, so a rule on levels would move staff in the base year
        itself. The greedy rule compares the additional apprehensions by one more agent.

        Args:
            hazards: hazard of detection today, by sector.

        Returns:
            The load (a ratio), or apprehensions per week and agent.
        """
        staff = self.staff
        if self.model.settings.border_patrol.rule == "replicator":
            expected = max(staff * self.baseline, 1e-9)
            return self.recent / expected if self.baseline > 0.0 else 1.0
        hazard, eta = hazards[self.sector], self.model.settings.contest.eta
        flow = self.recent / max(float(-np.expm1(-hazard)), 1e-6)
        return float(flow * np.exp(-hazard) * eta * hazard / max(staff, 1.0))

    def request(self, need: float, mean: float) -> float:
        """Return the agents that the command wants: more where its need is above the mean.

        Args:
            need: its own need.
            mean: need of the mean agent of all sectors, above 0.

        Returns:
            Agents.
        """
        params = self.model.settings.border_patrol
        gain = params.gain if params.rule == "replicator" else GREEDY_GAIN
        return self.staff * (1.0 + gain * min(max(need / mean - 1.0, -1.0), 3.0))

    def send(self, agents: float, receiver: SectorCommand) -> None:
        """Form a detachment to another sector, from agents of all teams in equal numbers.

        Args:
            agents: number of agents.
            receiver: command of the receiving sector.
        """
        for team in self.teams:
            team.officers -= agents / len(self.teams)
        environment: Environment = self.model
        environment.class_of(Detachment)(environment, self.place, receiver, agents)

    def take_in(self, agents: float) -> None:
        """Add agents who arrive from other sectors, equally to all teams."""
        for team in self.teams:
            team.officers += agents / len(self.teams)


class BorderPatrol:
    """The agency: teams, commands, staff by sector, and the limits of all moves."""

    def __init__(
        self,
        environment: Environment,
        params: BorderPatrolParams,
        base: np.ndarray,
        anchor: np.ndarray,
        crossings: list[list[int]],
    ) -> None:
        """Create commands and teams at the crossings.

        Args:
            environment: the model as agents see it.
            params: agency parameters.
            base: agents by sector on the first day.
            anchor: agents by sector of the year for which hazards are declared (FY2013).
            crossings: places by sector, over which its agents are spread evenly.
        """
        self.environment, self.params, self.base = environment, params, base
        self.crossings, self.weeks = crossings, 0
        self.match = np.ones(len(base))  # hazard on today's map over that on the agency's own
        self.commands: list[SectorCommand] = []
        self.teams: list[PatrolTeam] = []
        for sector, places in enumerate(crossings):
            if places:
                self._post(sector, places)
        self.fence, self.sensors = np.array(params.fence_base), np.array(params.sensors_base)
        self.hired = 0.0  # agents of policies on board, net of removed ones
        self.limits = AgencyLimits(params, len(base))
        declared = BorderPatrolParams()
        self.anchor = anchor
        strength = anchor * _multiplier(
            ContestParams(), np.array(declared.sensors_base), np.array(declared.fence_base)
        )
        self.anchor_strength = np.maximum(strength, 1e-9)

    def _post(self, sector: int, places: list[int]) -> None:
        """Create the command and the teams of a sector."""
        environment, base = self.environment, float(self.base[sector])
        kind, of_teams = environment.class_of(SectorCommand), environment.class_of(PatrolTeam)
        command = kind(environment, sector, places[0], base)
        for place in places:
            command.teams.append(of_teams(environment, sector, place, base / len(places)))
        self.commands.append(command)
        self.teams.extend(command.teams)

    @property
    def detachments(self) -> list[Detachment]:
        """The detachments under way, in the order of creation."""
        return list(self.environment.agents_of(Detachment))

    def rebase(self, base: np.ndarray) -> None:
        """Set the staff of another year: all teams of a sector change by the same factor."""
        growth = base / np.maximum(self.base, 1e-9)
        for team in (*self.teams, *self.detachments):
            team.officers *= growth[team.sector]
        for command in self.commands:
            command.base = float(base[command.sector])
        self.base = base

    def staff(self) -> np.ndarray:
        """Return the agents at work in each sector today, without those in transfer."""
        staff = [0.0] * len(self.base)
        for team in self.teams:
            staff[team.sector] += team.officers
        return np.array(staff)

    def added(self) -> np.ndarray:
        """Return the agents of policies by sector: on board, and moved from or to the ports."""
        levers = self.environment.levers
        return on_board(levers.us_officers, self._hired_share()) + levers.us_moved

    def _hired_share(self) -> float:
        """Return the share of the agents hired by policies that is on board today."""
        target = self.environment.levers.requested.us_officers
        hires_a_day = self.params.net_hiring / DAYS_A_YEAR
        if not np.count_nonzero(target):
            return 1.0
        return self.limits.hired_share(target, self.hired, hires_a_day)

    def _requested_on_board(self) -> np.ndarray:
        """Return the agents of policies who are paid today, by sector."""
        return on_board(self.environment.levers.requested.us_officers, self._hired_share())

    def on_the_line(self) -> np.ndarray:
        """Return the agents at work by sector, including those added by policies."""
        return self.staff() + self.added()

    def tempo(self) -> np.ndarray:
        """Return the tempo of operations that is worked today, by sector; 1 in the base year."""
        levers = self.environment.levers
        return self.limits.tempo(levers.requested.us_effort, levers.us_effort)

    def delivered(self) -> dict[str, float]:
        """Return the delivered share of the requests of policies today, by lever.

        Tempo is weighted by agents.
        """
        shares = {"us_officers": self._hired_share(), "us_effort": 1.0}
        requested = self.environment.levers.requested
        if self.limits.binds_tempo(requested.us_effort):
            staff = self.staff() + (self._requested_on_board() + requested.us_moved)
            shares["us_effort"] = self.limits.delivered_tempo(requested.us_effort, staff)
        return shares

    def end_day(self) -> None:
        """Every evening: count the agents on board and the days above the limit of the tempo."""
        self.hired = max(0.0, float(np.add.reduce(self._requested_on_board())))
        self.limits.end_day(self.environment.levers.requested.us_effort)

    def strength_ratio(self, agents: np.ndarray | None = None) -> np.ndarray:
        """Return strength by sector over that of the year for which hazards are declared.

        Args:
            agents: agents at work by sector; default those of today.
        """
        agents = self.on_the_line() if agents is None else agents
        return agents * self._sensors_and_fence() / self.anchor_strength

    def _sensors_and_fence(self) -> np.ndarray:
        """Return the factor of sensors and fence on strength today, by sector."""
        levers, shape = self.environment.levers, self.environment.settings.contest
        return _multiplier(shape, self.sensors + levers.sensors, self.fence + levers.fence)

    def field_share(
        self, hours: np.ndarray, base_hours: np.ndarray, agents: np.ndarray | None = None
    ) -> float:
        """Return the time of an agent in the field over that of the base year.

        The time in the field of the base year already excludes custody work of that year, so only a
        change of the hours per agent counts. It takes the same share of the time in the field as of
        all hours on duty. The hours are shared by all sectors: agents are
        detailed to busy sectors, and people are taken elsewhere for processing.

        Args:
            hours: hours a day for people in custody, by sector.
            base_hours: the same in the base year.
            agents: agents at work by sector; default those of today.

        Returns:
            Ratio from LEAST_FIELD; below 1 where people in custody take more time of each agent.
        """
        p = self.params
        agents = self.on_the_line() if agents is None else agents
        worked, base, at_work, anchor = map(np.add.reduce, (hours, base_hours, agents, self.anchor))
        more = float(worked) / max(float(at_work), 1e-9) - float(base) / float(anchor)
        return max(LEAST_FIELD, 1.0 - p.tied_up * more / p.duty_hours)

    def allocate(self, apprehensions: np.ndarray, hazards: np.ndarray) -> None:
        """Weekly: deploy over zones on the map, and move staff between sectors by the rule.

        Args:
            apprehensions: apprehensions of last week, by sector.
            hazards: hazard of detection today, by sector.
        """
        if not self.environment.recording:  # base-year staff stays while beliefs and flows settle
            self.weeks += 1
            self.environment.agents_of(SectorCommand).do("settle", apprehensions, self.weeks)
            return
        shape, levers = self.environment.settings.contest, self.environment.levers
        self.match = hazard_ratio(shape, self.params, self.params.line_hazard, levers)
        self.environment.agents_of(SectorCommand).do("report", self._noisy_counts(apprehensions))
        if self.params.rule == "static":
            return
        staff = self.staff()
        move = self._within_limits(staff, self._requests(staff, hazards))
        for giver, receiver, agents in self._orders(move.tolist()):
            giver.send(agents, receiver)

    def _noisy_counts(self, counts: np.ndarray) -> np.ndarray:
        """Return counts with the noise of the agency's map."""
        sigma = self.params.map_noise * (
            1.0 - min(1.0, float(self.environment.levers.map_noise[0]))
        )
        noise = self.environment.keyed_random.normals(
            Stream.US_MAP, counts.size, self.environment.today
        )
        return counts * np.exp(sigma * noise)

    def _requests(self, staff: np.ndarray, hazards: np.ndarray) -> np.ndarray:
        """Return the staff that the commands request, by sector. They know the mean need."""
        need, target = np.zeros(len(staff)), np.zeros(len(staff))
        for command in self.commands:
            need[command.sector] = command.need(hazards)
        mean = float((need * staff).sum() / max(staff.sum(), 1.0))
        if mean <= 0.0:
            return staff
        for command in self.commands:
            target[command.sector] = command.request(need[command.sector].item(), mean)
        return target

    def _within_limits(self, staff: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return moves by sector: sum zero, capped, no sector below its floor."""
        target = target * staff.sum() / max(target.sum(), 1e-9)
        # agents removed by a policy count towards the floor of a sector
        minimum = self.params.floor * self.base - np.minimum(self.added(), 0.0)
        target = np.maximum(target, np.minimum(staff, minimum))
        move = target - staff
        out = -np.minimum(move, 0.0).sum()
        into = np.maximum(move, 0.0).sum()
        size = min(out, into, self.params.weekly_cap * staff.sum())
        if size <= 0.0:
            return np.zeros_like(staff)
        return np.where(move < 0.0, move * size / max(out, 1e-12), move * size / max(into, 1e-12))

    def _orders(self, move: list[float]) -> Iterator[tuple[SectorCommand, SectorCommand, float]]:
        """Match givers and receivers from west to east, which makes the sum of ways shortest.

        Args:
            move: change of staff by sector. Its sum is zero but for rounding.

        Yields:
            The command that sends, the command that receives, and the number of agents.
        """
        waiting = [[command, move[command.sector]] for command in self.commands]
        waiting = [entry for entry in waiting if entry[1] > 0.0]
        for giver in self.commands:
            left = -move[giver.sector]
            while left > 0.0 and waiting:
                receiver, target = waiting[0]
                # a rest below a billionth of an agent is rounding error: the last receiver takes it
                agents = left if len(waiting) == 1 or left - target < 1e-9 else target
                yield giver, receiver, agents
                left -= agents
                waiting[0][1] -= agents
                if waiting[0][1] < 1e-9 and len(waiting) > 1:
                    del waiting[0]
