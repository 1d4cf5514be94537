"""The U.S. Border Patrol: nine sector commands, teams at the crossings, detachments in transfer.

The agents in Mesa's register are the only record of staff. A team works in the sector of its
crossing. Once a week, a staffing rule can move agents between sectors. By default, it moves at most
one per cent of the staff and leaves every sector at least half of its base. A detachment prepares
for several days and then moves from crossing to crossing on the U.S. side of the line. During the
move, migrants can change their routes. No unit enters Mexico.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.agency_params import DAYS_A_YEAR, AgencyLimits, BorderPatrolParams, on_board, transfers
from agents.arithmetic import exp
from agents.contest import ContestParams, lift, probability
from agents.deployment import PlacedAgent, StaffedUnit, WalkingUnit, hazard_ratio, map_noise
from agents.environment import Stream, Trait, agents_of, bounded, figure, grouped, sealed
from agents.hazards import LineForces
from agents.labels import SECTORS
from agents.param import Param

if TYPE_CHECKING:
    from agents.environment import Environment

GREEDY_GAIN = 0.05  # relative staff growth per week and unit of relative excess need
_UNREAD = "border_patrol.rule does not read it, or does so only where baseline is above 0"
_IDLE = (
    "commands move no agents with border_patrol.rule static or weekly_cap 0, so a SectorCommand "
    "cannot be moved or removed: move or remove the PatrolTeams, or build a model with another rule"
)


class LineUnit(PlacedAgent):
    """A unit at a crossing, which belongs to the crossing's sector."""

    _country = "US"

    @property
    def sector(self) -> int:
        """Index of the crossing's sector."""
        return int(self.model.world.place_sector[self.place])


class PatrolTeam(StaffedUnit, LineUnit):
    """Agents at a crossing. They add to the strength of the crossing's sector."""


class Detachment(StaffedUnit, WalkingUnit):
    """Agents on the move from one sector's command to another. Meanwhile they work in no sector.

    The agents prepare for some days at the sending command. Then they move every morning, one leg
    at a time along the line (`advance`). They wait at their target if the receiving sector has no
    command or no team.

    Attributes:
        officers: number of agents.
    """

    _country = "US"
    _decisions = "officers", "advance", "walk", "order"

    def __init__(
        self, environment: Environment, place: int, command: SectorCommand, officers: float
    ) -> None:
        """Create a detachment, whose preparation starts today.

        Args:
            environment: the model as agents see it.
            place: place of the sending command.
            command: receiving command.
            officers: number of agents.
        """
        super().__init__(environment, place, officers)
        self.order(command.place)
        self.left = float(environment.today) + environment.settings.border_patrol.transfer_days

    @property
    def sector(self) -> int:
        """Index of the receiving sector, which contains the target."""
        return int(self.model.world.place_sector[self.target])

    def advance(self) -> None:
        """Move along the line each morning. On arrival, join the receiving sector's teams."""
        self.walk()
        if not self.standing:
            return
        commands = self.model.figure_of(SectorCommand, _by_sector, Trait.PLACE)
        for command in commands.get(self.sector, ()):
            if command.teams:
                command.take_in(self.officers)
                self.remove()


def _by_sector[U: LineUnit](units: Iterable[U]) -> dict[int, tuple[U, ...]]:
    return {sector: tuple(group) for sector, group in grouped(units, "sector").items()}


def _staff(teams: Iterable[PatrolTeam]) -> np.ndarray:
    """Return agents at work by sector, read-only."""
    staff = np.zeros(len(SECTORS))
    for team in teams:
        staff[team.sector] += team.officers
    return sealed(staff)


def _reads_recent(command: SectorCommand) -> bool:
    rule = command.model.settings.border_patrol.rule
    return command.baseline > 0.0 if rule == "replicator" else rule != "static"


def _reads_baseline(command: SectorCommand) -> bool:
    return command.model.settings.border_patrol.rule == "replicator"


_MEAN = Param(value=0.0, unit="per week", low=0.0, high=1e9, doc="Mean number of apprehensions.")


class SectorCommand(LineUnit):
    """A sector's command with the sector's recent apprehensions. A sector has at most one command.

    Once a week, the command updates its apprehensions (`report`), computes its need for agents
    (`need`) and requests staff (`request`). The agency limits all moves together. Commands then
    send agents (`send`) or take in arriving agents (`take_in`). A sector without a command neither
    requests nor receives agents, but its teams continue to work.

    Attributes:
        recent: apprehensions a week, eight-week mean.
        baseline: apprehensions a week per agent, mean over the last warm-up year.
    """

    _decisions = "settle", "report", "need", "request", "send", "take_in"
    recent = bounded(_MEAN, _reads_recent, _UNREAD)
    baseline = bounded(_MEAN, _reads_baseline, _UNREAD)

    def __init__(self, environment: Environment, place: int) -> None:
        """Create a command without recorded apprehensions.

        Args:
            environment: the model as agents see it.
            place: place index of its crossing.
        """
        super().__init__(environment, place)
        self.recent = self.baseline = 0.0

    def check_place(self, environment: Environment, place: int) -> None:
        """Raise ValueError unless the place is a crossing in a sector without a command."""
        super().check_place(environment, place)
        sector = environment.world.place_sector[place]
        for other in environment.register_of(SectorCommand):
            if other is not self and other.sector == sector:
                raise ValueError(f"the sector of place {place} has a command: remove it first")

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError if the rule ignores commands, or if the cell is not allowed."""
        if not self._leaves:
            self._check_rule()
        super().check_cell(cell)

    def remove(self) -> None:
        """Remove the command.

        Raise ValueError if the patrol rule ignores commands (rule `static` or `weekly_cap` 0).
        """
        self._check_rule()
        super().remove()

    def _check_rule(self) -> None:
        params = self.model.settings.border_patrol
        if (params.rule == "static" or params.weekly_cap == 0.0) and type(self) is SectorCommand:
            raise ValueError(_IDLE)

    @property
    def teams(self) -> Sequence[PatrolTeam]:
        """The teams in the sector, in creation order."""
        return self.model.figure_of(PatrolTeam, _by_sector, Trait.PLACE).get(self.sector, ())

    @property
    def staff(self) -> float:
        """Agents at work in the sector, without detachments."""
        return sum((team.officers for team in self.teams), 0.0)

    def settle(self, apprehensions: np.ndarray, weeks: int, base: np.ndarray) -> None:
        """Update the baseline and the mean of recent apprehensions, weekly during the warm-up.

        Args:
            apprehensions: apprehensions in the week, by sector.
            weeks: week number in the warm-up, 1 or more.
            base: agents in the staffing table, by sector.
        """
        count, agents = float(apprehensions[self.sector]), float(base[self.sector])
        self.recent += (count - self.recent) / min(weeks, 8)
        self.baseline += (count / max(agents, 1.0) - self.baseline) / min(weeks, 52)

    def report(self, apprehensions: np.ndarray) -> None:
        """Update the eight-week mean of apprehensions, weekly after the warm-up.

        Args:
            apprehensions: the agency's count of apprehensions in the week, by sector.
        """
        self.recent += (float(apprehensions[self.sector]) - self.recent) / 8.0

    def need(self, hazards: np.ndarray) -> float:
        """Return the number by which the staffing rule compares sectors.

        The replicator rule compares the load with the sector's baseline. Apprehensions alone do not
        explain staffing in the base year, so a rule based on levels would move staff even without
        any change. The greedy rule compares how many apprehensions one more agent would add.

        Args:
            hazards: today's detection hazard, by sector.

        Returns:
            The load as a ratio to the baseline, or added apprehensions per week and agent.
        """
        staff = self.staff
        if self.model.settings.border_patrol.rule == "replicator":
            expected = max(staff * self.baseline, 1e-9)
            return self.recent / expected if self.baseline > 0.0 else 1.0
        hazard, eta = hazards[self.sector], self.model.settings.contest.eta
        flow = self.recent / max(probability(hazard), 1e-6)
        return float(flow * exp(-hazard) * eta * hazard / max(staff, 1.0))

    def request(self, need: float, mean: float) -> float:
        """Return the staff that the command requests: more than now if its need exceeds the mean.

        Args:
            need: the sector's need.
            mean: mean need over all sectors, weighted by agents, above 0.

        Returns:
            Number of agents.
        """
        params = self.model.settings.border_patrol
        gain = params.gain if params.rule == "replicator" else GREEDY_GAIN
        return self.staff * (1.0 + gain * min(max(need / mean - 1.0, -1.0), 3.0))

    def send(self, agents: float, receiver: SectorCommand) -> None:
        """Form a detachment to another sector, with equal numbers of agents from all teams.

        If a team has too few agents, every team gives the same share of its agents instead.

        Args:
            agents: number of agents to send.
            receiver: receiving command.

        Raises:
            ValueError: the sector has no team or too few agents, or the number is negative.
        """
        teams, staff = self.teams, self.staff
        if not teams or not 0.0 <= agents <= staff * (1.0 + 1e-9) + 1e-9:
            raise ValueError(f"sector {self.sector} has {staff:g} agents and cannot send {agents}")
        share = agents / len(teams)
        even = all(team.officers >= share for team in teams)
        remaining = max(0.0, 1.0 - agents / max(staff, 1e-9))
        for team in teams:
            team.officers = team.officers - share if even else team.officers * remaining
        self.model.class_of(Detachment)(self.model, self.place, receiver, agents)

    def take_in(self, agents: float) -> None:
        """Add agents who arrive from other sectors, equally to all teams.

        Args:
            agents: number of agents who arrive.

        Raises:
            ValueError: the sector has no team, or the number is negative.
        """
        teams = self.teams
        if not teams or agents < 0.0:
            where = f"the {len(teams)} teams of sector {self.sector}"
            raise ValueError(f"{agents} agents cannot join {where}")
        for team in teams:
            team.officers += agents / len(teams)


type Commands = dict[int, SectorCommand]  # by sector
type Order = tuple[SectorCommand, SectorCommand, float]  # giver, receiver, agents


class BorderPatrol:
    """The agency: staff by sector, and limits on moves.

    Attributes:
        commands: the sector commands, in creation order.
        teams: the teams, in creation order.
        detachments: the detachments, in creation order.
    """

    commands, teams, detachments = map(agents_of, (SectorCommand, PatrolTeam, Detachment))

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
            anchor: agents by sector in the year to which declared hazards refer (FY2013).
            crossings: places by sector. The sector's agents are spread evenly over them.
        """
        self.environment, self.params, self.base = environment, params, base
        self.crossings, self.weeks = crossings, 0
        self.match = np.ones(len(base))  # hazard ratio, today's map to the agency's map
        for places in filter(None, crossings):
            command = environment.class_of(SectorCommand)(environment, places[0])
            officers = float(base[command.sector]) / len(places)
            for place in places:
                environment.class_of(PatrolTeam)(environment, place, officers)
        self.fence, self.sensors = np.array(params.fence_base), np.array(params.sensors_base)
        self.hired = 0.0  # agents added by policies, less removed agents
        self.limits = AgencyLimits(params, len(base))
        declared, shape = BorderPatrolParams(), ContestParams()
        self.anchor = anchor
        sensors, fence = np.array(declared.sensors_base), np.array(declared.fence_base)
        strength = anchor * lift(sensors, fence, shape.sensor_gain, shape.fence_gain)
        self.anchor_strength = np.maximum(strength, 1e-9)

    def move_detachments(self) -> None:
        """Advance the detachments that can reach a place today or that wait at their target.

        If a user's class replaces `Detachment`, all detachments act every morning.
        """
        today, replaced = self.environment.today, self.environment.class_of(Detachment)
        for unit in self.environment.figure_of(Detachment, tuple, Trait.MEMBER):
            if replaced is not Detachment or unit.left <= today >= unit.arrives or unit.standing:
                unit.advance()

    def rebase(self, base: np.ndarray) -> None:
        """Set another year's staff by sector. All teams in a sector change by the same factor."""
        growth = base / np.maximum(self.base, 1e-9)
        for team in (*self.teams, *self.detachments):
            team.officers *= growth[team.sector]
        self.base = base

    def staff(self) -> np.ndarray:
        """Return agents at work by sector today, without detachments, read-only."""
        return self.environment.figure_of(PatrolTeam, _staff, Trait.OFFICERS)

    def added(self) -> np.ndarray:
        """Return agents added by policies, through hiring and moves from ports, by sector."""
        levers = self.environment.levers
        return on_board(levers.us_officers, self._hired_share()) + levers.us_moved

    def _hired_share(self) -> float:
        """Return the share of the agents requested by policies who are on board today."""
        target = self.environment.levers.requested.us_officers
        hires_a_day = self.params.net_hiring / DAYS_A_YEAR
        return self.limits.hired_share(target, self.hired, hires_a_day)

    def _requested_on_board(self) -> np.ndarray:
        """Return agents added by policies and paid today, by sector."""
        return on_board(self.environment.levers.requested.us_officers, self._hired_share())

    def on_the_line(self) -> np.ndarray:
        """Return agents at work by sector, including agents added by policies.

        Agents added by policies work in teams. If all teams in a sector have been removed, these
        agents are paid but do not work.
        """
        agents = self.staff() + self.added()
        if deserted := self._deserted():
            agents[deserted] = 0.0
        return np.maximum(agents, 0.0)

    @figure(PatrolTeam, Trait.PLACE)
    def _deserted(self, teams: Iterable[PatrolTeam]) -> list[int]:
        """Return the sectors that have crossings but no team."""
        manned = {team.sector for team in teams}
        return [s for s, places in enumerate(self.crossings) if places and s not in manned]

    def tempo(self) -> np.ndarray:
        """Return today's tempo by sector, 1 in the base year."""
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
        """Update the agents on board and the days above the sustainable tempo, every evening."""
        self.hired = max(0.0, float(np.add.reduce(self._requested_on_board())))
        self.limits.end_day(self.environment.levers.requested.us_effort)

    def at_the_line(self) -> LineForces:
        """Return the forces that determine the hazards at the line today."""
        levers, p, shape = self.environment.levers, self.params, self.environment.settings.contest
        return LineForces(
            *(self.tempo(), self.on_the_line(), self.sensors, self.fence, levers.sensors),
            *(levers.fence, self.anchor, self.anchor_strength, self.match),
            *((shape.sensor_gain, shape.fence_gain), p.response, p.tied_up, p.duty_hours),
        )

    def allocate(self, apprehensions: np.ndarray, hazards: np.ndarray) -> None:
        """Update the agency's flow map, and move staff between sectors by the rule, once a week.

        Args:
            apprehensions: last week's apprehensions, by sector.
            hazards: today's detection hazard, by sector.
        """
        commands = self.environment.register_of(SectorCommand)
        if not self.environment.recording:  # Staff stay until flows have settled.
            self.weeks += 1
            commands.do("settle", apprehensions, self.weeks, self.base)
            return
        shape, levers = self.environment.settings.contest, self.environment.levers
        self.match = hazard_ratio(shape, self.params, self.params.line_hazard, levers)
        noise = map_noise(self.environment, self.params, Stream.US_MAP, apprehensions.size)
        commands.do("report", apprehensions * noise)
        if self.params.rule == "static":
            return
        # A sector without a command neither sends nor receives agents.
        by_sector = {command.sector: command for command in commands}
        staff, commanded = np.zeros(len(self.base)), list(by_sector)
        staff[commanded] = self.staff()[commanded]
        target = self._requests(by_sector, staff, hazards)
        # Agents removed by a policy still count towards the sector's minimum.
        minimum = self.params.floor * self.base - np.minimum(self.added(), 0.0)
        moves = transfers(staff, target, minimum, self.params.weekly_cap)
        for giver, receiver, agents in _orders(by_sector, moves.tolist()):
            giver.send(agents, receiver)

    def _requests(self, commands: Commands, staff: np.ndarray, hazards: np.ndarray) -> np.ndarray:
        """Return the staff that commands request, by sector, given the mean need."""
        need, target = np.zeros(len(staff)), np.zeros(len(staff))
        for sector, command in commands.items():
            need[sector] = command.need(hazards)
        mean = float(np.add.reduce(need * staff) / max(np.add.reduce(staff), 1.0))
        if mean <= 0.0:
            return staff
        for sector, command in commands.items():
            if command.teams:
                target[sector] = command.request(need[sector].item(), mean)
        return target


def _orders(commands: Commands, move: list[float]) -> Iterator[Order]:
    """Match givers and receivers from west to east, which minimises the total distance.

    Args:
        commands: the commands, by sector.
        move: staff change by sector, with sum zero except for rounding.

    Yields:
        The sending command, the receiving command, and the agents.
    """
    waiting = [[command, move[k]] for k, command in commands.items() if move[k] > 0.0]
    for sector, giver in commands.items():
        surplus = -move[sector]
        while surplus > 0.0 and waiting:
            receiver, target = waiting[0]
            # The last receiver absorbs rounding errors below a billionth of an agent.
            agents = surplus if len(waiting) == 1 or surplus - target < 1e-9 else target
            yield giver, receiver, agents
            surplus -= agents
            waiting[0][1] -= agents
            if waiting[0][1] < 1e-9 and len(waiting) > 1:
                del waiting[0]
