"""Mexico's officers: posts of the migration institute (INM) and companies of rural gendarmes.

The same law as at the U.S. line, on southern gates, transit belts and rural legs, and only for
people who are not Mexican. A unit works the legs that end at its place. Officers who are bought
do not stop anybody: they take money and let people go, so integrity moves people from
interdiction to extortion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent, FixedAgent

from agents.contest import strength
from agents.environment import Stream
from agents.labels import STATES
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class GendarmeParams:
    """Hazards in Mexico, integrity and competence, effort and its fatigue, companies."""

    leg_hazard: tuple[float, ...] = param(
        (0.0443, 0.06095, 0.0156, 0.03988, 0.005342, 0.01114),
        unit="hazard per leg",
        low=0.0,
        high=3.0,
        labels=STATES,
        doc="Hazard of interdiction on a leg into a state in the base year.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    response: float = param(
        0.1756,
        unit="calls per officer and day",
        low=0.001,
        high=10.0,
        doc="People met whom an officer can deal with; see contest.answered.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    foot_factor: float = param(
        0.6,
        unit="ratio",
        low=0.0,
        high=1.0,
        doc="Hazard of interdiction on foot.",
    )
    officers: float = param(
        4_000.0,
        unit="officers",
        low=1.0,
        high=100_000.0,
        doc="Migration officers and police working with them in the base year.",
    )
    competence: float = param(
        0.6,
        unit="share",
        low=0.01,
        high=1.0,
        doc="Competence in the base year.",
    )
    turnover: float = param(
        0.15,
        unit="per year",
        low=0.0,
        high=1.0,
        doc="Share of competence lost in a year as trained officers leave and skills fade.",
    )
    trained: float = param(
        20.0,
        unit="officers per trainer and year",
        low=0.0,
        high=500.0,
        doc="Officers whom a trainer brings to full competence in a year.",
    )
    recruit_competence: float = param(
        0.3,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Competence of officers who have just joined.",
    )
    pay: float = param(
        1.193,
        unit="bribe units",
        low=0.0,
        high=10.0,
        doc="Bribe at which half of the officers are bought (pay, vetting, training).",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    pay_base: float = param(
        1.10,
        unit="bribe units",
        low=0.0,
        high=10.0,
        doc="The pay for which hazards are declared; a scenario with another pay has others.",
    )
    bribe: float = param(
        0.55,
        unit="bribe units",
        low=0.0,
        high=10.0,
        doc="Bribe offered in the base year.",
    )
    bribe_spread: float = param(
        0.5,
        unit="bribe units",
        low=0.05,
        high=5.0,
        doc="How much officers differ.",
    )
    bribe_response: float = param(
        0.25,
        unit="elasticity",
        low=0.0,
        high=2.0,
        doc="How the bribe offered rises with the hazard.",
    )
    bribe_revenue: float = param(
        0.3,
        unit="elasticity",
        low=0.0,
        high=2.0,
        doc="How the bribe offered rises with the revenue of organisations.",
    )
    extortion: float = param(
        150.0,
        unit="$",
        low=0.0,
        high=5_000.0,
        doc="Taken by an officer who lets people go.",
    )
    fatigue_half_life: float = param(
        169.2,
        unit="months",
        low=6.0,
        high=1_200.0,
        doc="Half-life of raised effort unless it is renewed, on both sides of the border.",
        source="[A] most central member of experiments/calibration/ensemble.json",
    )
    company: int = param(
        250,
        unit="officers",
        low=10,
        high=2_000,
        doc="Size of a company of gendarmes.",
    )
    hiring: float = param(
        5_000.0,
        unit="officers/year",
        low=0.0,
        high=100_000.0,
        doc="Gendarmes that can be hired and trained in a year.",
        source="mexico/cooperation_inputs.csv Gendarmerie, actual Aug 2014 (5,000)",
    )
    march_days: float = param(
        3.0,
        unit="ratio",
        low=1.0,
        high=20.0,
        doc="Days a company takes per travel day when it relocates.",
    )
    map_noise: float = param(
        0.6,
        unit="log sd",
        low=0.0,
        high=2.0,
        doc="Noise in the agencies' map of flows.",
    )
    map_lag: float = param(
        42.0,
        unit="days",
        low=0.0,
        high=90.0,
        doc="Delay of the agencies' map of flows.",
    )


def integrity(bribe, pay, spread):
    """Unbought share of officers: 1 / (1 + exp((bribe - pay) / spread))."""
    return 1.0 / (1.0 + np.exp(np.minimum((bribe - pay) / spread, 700.0)))


class InmPost(FixedAgent):
    """A post of the migration institute; works the legs that end at its place."""

    def __init__(self, environment: Environment, place: int, officers: float) -> None:
        """`officers` at `place`."""
        super().__init__(environment)
        self.place, self.officers = place, officers
        self.cell = environment.cell_of(place)


class GendarmeCompany(CellAgent):
    """A company of rural gendarmes; moves along the graph, one leg at a time."""

    def __init__(self, environment: Environment, place: int, officers: float) -> None:
        """`officers` at `place`."""
        super().__init__(environment)
        self.place, self.officers = place, officers
        self.target = place
        self.left = 0.0  # moment it left the present place
        self.cell = environment.cell_of(place)

    @property
    def standing(self) -> bool:
        """Whether it works its place today, and is not on the march."""
        return self.place == self.target

    def advance_march(self, pace: float) -> None:
        """Daily while relocating: one leg of the graph at a time."""
        environment: Environment = self.model
        while self.place != self.target:
            step, days = environment.step_towards(self.place, self.target)
            if self.left + days * pace > environment.today:
                return
            self.left += days * pace
            self.place, self.cell = step, environment.cell_of(step)

    def order(self, target: int) -> None:
        """Begin to relocate."""
        if target != self.target:
            self.target = target
            self.left = float(self.model.today)


class MexicanForces:
    """Posts and companies together: strength by place, effort, integrity."""

    def __init__(
        self,
        environment: Environment,
        params: GendarmeParams,
        weight: np.ndarray,
        rural: np.ndarray,
    ) -> None:
        """Spread the base officers over places by `weight`; gendarmes stand at `rural` places."""
        self.environment, self.params, self.rural = environment, params, rural
        share = weight / max(weight.sum(), 1e-12)
        self.posts = [
            InmPost(environment, int(place), float(params.officers * share[place]))
            for place in np.flatnonzero(weight > 0.0)
        ]
        self.companies: list[GendarmeCompany] = []
        self.base_officers = params.officers * share
        self.anchor_officers = GendarmeParams().officers * share  # hazards are declared for these
        self.old_competence = params.competence  # of the officers of the base year
        self.new_competence = params.recruit_competence  # of those who have come since
        self.recruits = 0.0
        self.equipment = 0.0  # share that delivered equipment adds to strength
        self.pay = 0.0  # bribe units that delivered vetting adds to the lever
        self.trainers = 0.0  # that delivered aid pays for, beside the lever
        self.integrity = integrity(params.bribe, params.pay, params.bribe_spread)  # a mean
        self.revenue = 1.0  # of organisations, over its usual level
        self.hired = 0.0

    def hire(self, target: float, days: float) -> None:
        """Hire or stand down companies towards `target` officers, within what can be hired."""
        self.hired = min(target, self.hired + self.params.hiring * days / 365.0)
        size = self.params.company
        while len(self.companies) < int(self.hired // size) and self.rural.size:
            place = int(self.rural[len(self.companies) % self.rural.size])
            self.companies.append(GendarmeCompany(self.environment, place, float(size)))
        while len(self.companies) > int(self.hired // size):
            self.companies.pop().remove()

    def train(self, days: float) -> None:
        """Competence over `days`: trainers bring it up, turnover wears it out.

            dtau/dt = (own + theta * trainers / officers) * (1 - tau) - turnover * tau

        Every force has instructors of its own, as many for its size as hold the base year. Those
        who were there in the base year and those who have come since are told apart: recruits
        bring down the competence of their own force and of no other.
        """
        p, years = self.params, days / 365.0
        recruits = max(0.0, float(self.environment.levers.mx_officers.sum()) + self.hired)
        if recruits > self.recruits:
            fresh = 1.0 - self.recruits / recruits
            self.new_competence += fresh * (p.recruit_competence - self.new_competence)
        self.recruits = recruits
        own = p.turnover * p.competence / max(1.0 - p.competence, 1e-6)
        guests = p.trained * (float(self.environment.levers.trainers[0]) + self.trainers)
        gain = own + guests / (p.officers + recruits)
        for name in ("old_competence", "new_competence"):
            tau = getattr(self, name)
            tau += years * (gain * (1.0 - tau) - p.turnover * tau)
            setattr(self, name, min(1.0, max(0.0, tau)))

    @property
    def heads(self) -> float:
        """Officers of all forces together."""
        return self.params.officers + self.recruits

    @property
    def competence(self) -> float:
        """Mean over all officers."""
        old = self.params.officers * self.old_competence
        return (old + self.recruits * self.new_competence) / self.heads

    def competence_of(self, officers: np.ndarray) -> np.ndarray:
        """Mean competence of the officers at work by place, with what they are equipped with."""
        new = 1.0 - self.base_officers / np.maximum(officers, 1e-9)  # share that has come since
        mean = self.old_competence + np.clip(new, 0.0, 1.0) * (
            self.new_competence - self.old_competence
        )
        return mean * (1.0 + self.equipment)

    def standing_officers(self) -> np.ndarray:
        """Officers at work by place today."""
        officers = self.base_officers + self.environment.levers.mx_officers
        for company in self.companies:
            if company.standing:
                officers[company.place] += company.officers
        return officers

    def capacity(self) -> float:
        """People a day whom all officers at work can deal with."""
        return self.params.response * float((self.standing_officers() * self.effort()).sum())

    def effort(self) -> np.ndarray:
        """Tempo of operations by place; 1 in the base year."""
        effort = 1.0 + self.environment.levers.mx_effort
        return np.maximum(effort, 0.0)

    def integrity_by_place(self, hazard_ratio: np.ndarray) -> np.ndarray:
        """Unbought share by place.

        Organisations offer more where the hazard has risen, and when they earn more; officers
        who are paid and vetted better ask for more.
        """
        p = self.params
        bribe = p.bribe * max(self.revenue, 1e-3) ** p.bribe_revenue
        bribe = bribe * np.power(np.maximum(hazard_ratio, 1e-3), p.bribe_response)
        return integrity(
            bribe, p.pay + float(self.environment.levers.mx_pay[0]) + self.pay, p.bribe_spread
        )

    def strength_ratios(self) -> tuple[np.ndarray, np.ndarray]:
        """Strength of unbought officers and of all officers, by place.

        Both over the unbought strength for which hazards are declared. Whoever meets the second
        but not the first has met an officer who takes money.
        """
        officers, effort = self.standing_officers(), self.effort()
        ratio = np.maximum(officers / np.maximum(self.anchor_officers, 1e-9), 0.0)
        iota = self.integrity_by_place(effort * ratio**self.environment.settings.contest.eta)
        declared = GendarmeParams()
        honest = integrity(declared.bribe, declared.pay_base, declared.bribe_spread)
        base = strength(self.anchor_officers, honest, declared.competence)
        base = np.maximum(base, 1e-9)
        worked = self.anchor_officers > 0.0
        able = self.competence_of(officers)
        true = strength(officers, iota, able) / base
        met = strength(officers, 1.0, able) / base
        self.integrity = float((iota * officers).sum() / max(officers.sum(), 1e-9))
        return np.where(worked, true, 0.0), np.where(worked, met, 0.0)

    def deploy(self) -> None:
        """Weekly: companies go where the agencies' map shows the most people per officer."""
        if not self.companies:
            return
        lag = self.params.map_lag * (1.0 - min(1.0, float(self.environment.levers.map_lag[0])))
        seen = self.environment.traffic_into(int(lag))[self.rural]
        sigma = self.params.map_noise * (
            1.0 - min(1.0, float(self.environment.levers.map_noise[0]))
        )
        noise = self.environment.keyed_random.normals(
            Stream.MX_MAP, self.rural.size, self.environment.today
        )
        seen = (seen + 1e-6) * np.exp(sigma * noise)
        load = np.zeros(self.rural.size)
        index = {int(place): k for k, place in enumerate(self.rural)}
        for company in self.companies:
            load[index[company.target]] += company.officers
        for company in self.companies:
            self._redeploy(company, seen, load, index)

    def _redeploy(self, company: GendarmeCompany, seen, load, index) -> None:
        """Move one company if another place promises half as much again."""
        if not company.standing:
            return
        here = index[company.place]
        gain = seen / np.sqrt(load + self.params.company)
        stay = seen[here] / np.sqrt(max(load[here], 1.0))
        best = int(np.argmax(gain))
        if best != here and gain[best] > 1.5 * stay:
            load[here] -= company.officers
            load[best] += company.officers
            company.order(int(self.rural[best]))

    def relocate(self) -> None:
        """Daily: companies on the march go on."""
        for company in self.companies:
            if not company.standing:
                company.advance_march(self.params.march_days)
