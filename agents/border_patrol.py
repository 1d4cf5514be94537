"""The U.S. Border Patrol: nine sector commands, teams at the crossings, detachments in transfer.

A team works the line legs that end at its crossing. Staff moves between sectors once a week, at
most one per cent of it and never below half a sector's base, by one of three rules. A detachment
prepares for days and then moves from crossing to crossing along the line on the U.S. side, during
which routes can change. No unit enters Mexico.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent, FixedAgent

from agents.agency_params import DAYS_A_YEAR, AgencyLimits, BorderPatrolParams, on_board
from agents.contest import ContestParams
from agents.deployment import WalkingUnit, hazard_ratio, map_noise
from agents.environment import Stream

if TYPE_CHECKING:
    from agents.environment import Environment

GREEDY_GAIN = 0.05  # growth of staff per week and relative excess of a sector's need
LEAST_FIELD = 0.1  # of the time in the field in the base year


def _multiplier(shape: ContestParams, sensors: np.ndarray, fence: np.ndarray) -> np.ndarray:
    """Return how sensors and fence (shares of the line) multiply strength."""
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
            officers: how many agents.
        """
        super().__init__(environment)
        self.sector, self.place, self.officers = sector, place, officers
        self.cell = environment.cell_of(place)


class Detachment(WalkingUnit):
    """Agents under way from one sector's command to another.

    They work in no sector. Every morning they move (`advance`): after days of preparation at the
    command that sends them, one leg at a time along the line.

    Attributes:
        sector: receiving sector.
        officers: how many agents.
        command: receiving command.
    """

    def __init__(
        self, environment: Environment, place: int, command: SectorCommand, officers: float
    ) -> None:
        """Create a detachment that starts its preparation today.

        Args:
            environment: the model as agents see it.
            place: where the sending command is.
            command: receiving command.
            officers: how many agents.
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
    """Sector command with its teams, base staff and recent apprehensions.

    Once a week it reports (`report`), states its need for agents (`need`) and requests staff
    (`request`). The agency limits all moves together, after which the command sends agents (`send`)
    or takes in those that arrive (`take_in`).
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
        """Weekly, during the warm-up: update the baseline and the recent mean apprehensions.

        Args:
            apprehensions: apprehensions in the week, by sector.
            weeks: week number in the warm-up.
        """
        count = float(apprehensions[self.sector])
        self.recent += (count - self.recent) / min(weeks, 8)
        self.baseline += (count / max(self.base, 1.0) - self.baseline) / min(weeks, 52)

    def report(self, apprehensions: np.ndarray) -> None:
        """Weekly: update the eight-week mean apprehensions.

        Args:
            apprehensions: weekly counts by the agency, by sector.
        """
        self.recent += (float(apprehensions[self.sector]) - self.recent) / 8.0

    def need(self, hazards: np.ndarray) -> float:
        """Return the figure by which the staffing rule compares sectors.

        The replicator compares the load relative to the sector's own baseline. Base-year staffing
        follows more than apprehensions, so a rule on levels would move staff in the base year
        itself. The greedy rule compares the additional apprehensions by one more agent.

        Args:
            hazards: detection hazard today, by sector.

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
            mean: mean need per agent over all sectors, above 0.

        Returns:
            Agents.
        """
        params = self.model.settings.border_patrol
        gain = params.gain if params.rule == "replicator" else GREEDY_GAIN
        return self.staff * (1.0 + gain * min(max(need / mean - 1.0, -1.0), 3.0))

    def send(self, agents: float, receiver: SectorCommand) -> None:
        """Form a detachment to another sector, with equally many agents from every team.

        Args:
            agents: agents to send.
            receiver: receiving command.
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
        """The detachments under way, in creation order."""
        return list(self.environment.agents_of(Detachment))

    def rebase(self, base: np.ndarray) -> None:
        """Set another year's staff: all teams in a sector change by the same factor."""
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
        """Return today's operating tempo by sector, 1 in the base year."""
        levers = self.environment.levers
        return self.limits.tempo(levers.requested.us_effort, levers.us_effort)

    def delivered(self) -> dict[str, float]:
        """Return how much of each policy request is delivered today, by lever.

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
        """Return strength by sector over the year for which hazards are declared.

        Args:
            agents: agents at work by sector, default today's.
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
        """Return how long an agent is in the field, over the base year.

        Field time in the base year already excludes custody work, so only a change in custody hours
        per agent counts. It takes the same share from field time as from all hours on duty. The
        hours are shared by all sectors: agents are detailed to busy sectors, and people are taken
        elsewhere for processing.

        Args:
            hours: hours a day for people in custody, by sector.
            base_hours: the same in the base year.
            agents: agents at work by sector, default today's.

        Returns:
            Ratio from LEAST_FIELD, below 1 where custody takes more time per agent.
        """
        p = self.params
        agents = self.on_the_line() if agents is None else agents
        worked, base, at_work, anchor = map(np.add.reduce, (hours, base_hours, agents, self.anchor))
        more = float(worked) / max(float(at_work), 1e-9) - float(base) / float(anchor)
        return max(LEAST_FIELD, 1.0 - p.tied_up * more / p.duty_hours)

    def allocate(self, apprehensions: np.ndarray, hazards: np.ndarray) -> None:
        """Weekly: deploy over zones on the map, and move staff between sectors by the rule.

        Args:
            apprehensions: last week's apprehensions, by sector.
            hazards: detection hazard today, by sector.
        """
        if not self.environment.recording:  # base-year staff stays while beliefs and flows settle
            self.weeks += 1
            self.environment.agents_of(SectorCommand).do("settle", apprehensions, self.weeks)
            return
        shape, levers = self.environment.settings.contest, self.environment.levers
        self.match = hazard_ratio(shape, self.params, self.params.line_hazard, levers)
        noise = map_noise(self.environment, self.params, Stream.US_MAP, apprehensions.size)
        self.environment.agents_of(SectorCommand).do("report", apprehensions * noise)
        if self.params.rule == "static":
            return
        staff = self.staff()
        move = self._within_limits(staff, self._requests(staff, hazards))
        for giver, receiver, agents in self._orders(move.tolist()):
            giver.send(agents, receiver)

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
        """Match givers and receivers from west to east, which makes the ways shortest in total.

        Args:
            move: staff change by sector, zero in total but for rounding.

        Yields:
            The sending command, the receiving command, and the agents.
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
