"""Mexico's officers: posts of the migration institute (INM) and gendarme companies.

The detection law is the same as at the U.S. line, with different returns to tempo. It applies at
southern gates, on transit belts and on rural legs, and only to foreigners. A unit acts on the legs
that end at its place. Bribed officers take money and let migrants pass. Lower integrity therefore
turns interdictions into extortion.

The agents in Mesa's register are the only record of officers at posts and in companies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.agency_params import DAYS_A_YEAR, AgencyLimits, GendarmeParams, on_board
from agents.contest import integrity, strength
from agents.deployment import StaffedUnit, WalkingUnit, hazard_ratio, map_noise
from agents.environment import Stream, Trait, agents_of, figure, sealed
from agents.hazards import MexicanOfficers

if TYPE_CHECKING:
    from agents.environment import Environment


class InmPost(StaffedUnit):
    """A post of the migration institute (INM). It acts on the legs that end at its place."""

    _country = "MX"


@dataclass(frozen=True, slots=True)
class RuralMap:
    """The flow map that all companies use for their weekly decisions.

    Attributes:
        places: rural places, shape (n,).
        index: position in `places` by place.
        observed: foreigners a day into each place, as the agencies observe them, shape (n,).
        officers: gendarmes by target, updated by every order, shape (n,).
    """

    places: np.ndarray
    index: dict[int, int]
    observed: np.ndarray
    officers: np.ndarray


class GendarmeCompany(StaffedUnit, WalkingUnit):
    """A company of rural gendarmes. It works at its place, but not while it relocates.

    Once a week it decides where to work (`choose_place`). Every morning it moves (`walk`).
    """

    _country = "MX"
    _decisions = "officers", "choose_place", "walk", "order"

    def choose_place(self, view: RuralMap) -> None:
        """Relocate if another place offers more than one and a half times the gain, once a week.

        A place's gain is the observed flow divided by the square root of the officers there. A
        company on its way makes no decision. A company that a user has moved away from rural places
        stays at its place.

        Args:
            view: the flow map, which includes orders from companies that decided earlier.
        """
        if not self.standing or self.place not in view.index:
            return
        current, load = view.index[self.place], view.officers
        gain = view.observed / np.sqrt(load + self.model.settings.mexico.company)
        stay = view.observed[current] / np.sqrt(max(load[current], 1.0))
        best = int(np.argmax(gain))
        if best != current and gain[best] > 1.5 * stay:
            load[current] -= self.officers
            load[best] += self.officers
            self.order(int(view.places[best]))


class MexicanForces:
    """All posts and companies, with their strength by place, effort and integrity.

    Attributes:
        posts: the posts, in creation order.
        companies: the gendarme companies, in creation order.
    """

    posts, companies = agents_of(InmPost), agents_of(GendarmeCompany)

    def __init__(
        self,
        environment: Environment,
        params: GendarmeParams,
        weight: np.ndarray,
        rural: np.ndarray,
    ) -> None:
        """Distribute the base-year officers over posts.

        Args:
            environment: the model as agents see it.
            params: parameters for the forces.
            weight: relative number of base-year officers, by place.
            rural: places to which companies of gendarmes can go.
        """
        self.environment, self.params, self.rural = environment, params, rural
        share = weight / max(weight.sum(), 1e-12)
        self.base_officers = params.officers * share  # in the base year, by place
        self.founded = np.flatnonzero(weight > 0.0).tolist()  # places with base-year posts
        for place in self.founded:
            environment.class_of(InmPost)(environment, place, float(self.base_officers[place]))
        declared = GendarmeParams()  # Declared hazards refer to the default parameters.
        self.anchor_officers = declared.officers * share
        honest = integrity(declared.bribe, declared.pay_base, declared.bribe_spread)
        anchor = strength(self.anchor_officers, honest, declared.competence)
        self.anchor_strength = np.maximum(anchor, 1e-9)
        self.old_competence = params.competence  # 0 to 1, base-year officers
        self.new_competence = params.recruit_competence  # 0 to 1, later recruits
        self.recruits = 0.0
        self.equipment = 0.0  # share that delivered equipment adds to strength
        self.half_bribe_rise = 0.0  # bribe units, from delivered vetting, added to the lever
        self.trainers = 0.0  # trainers paid by delivered aid, added to the lever
        self.integrity = integrity(params.bribe, params.pay, params.bribe_spread)  # mean share
        # Leg hazards are so small that the effect of the map hardly differs between legs.
        self.mean_hazard = float(np.mean(params.leg_hazard))
        self.revenue = 1.0  # organisations' revenue as a ratio to its baseline
        self.hired = 0.0  # gendarmes on board yesterday
        self.posted = 0.0  # officers added by policies at posts yesterday
        self.formed = 0.0  # companies that policies keep
        self.companies_staff = 0.0  # officers in all companies after last week's formation
        self.limits = AgencyLimits(params, weight.size)
        self.match = 1.0  # hazard ratio, today's map to the agencies' map

    @figure(GendarmeCompany, Trait.PLACE)
    def moving_companies(self, companies: Iterable[GendarmeCompany]) -> list[GendarmeCompany]:
        """Return companies with an order, or all companies if a user's class replaces them."""
        replaced = self.environment.class_of(GendarmeCompany) is not GendarmeCompany
        return [company for company in companies if replaced or company._target is not None]

    @figure(InmPost, Trait.OFFICERS)
    def officers_at_posts(self, posts: Iterable[InmPost]) -> np.ndarray:
        """Return officers at posts by place, without officers added by policies, read-only."""
        officers = np.zeros(self.base_officers.size)
        for post in posts:
            officers[post.place] += post.officers
        return sealed(officers)

    @figure(InmPost, Trait.PLACE)
    def _deserted(self, posts: Iterable[InmPost]) -> list[int]:
        """Return places with posts in the base year and without posts today."""
        manned = {post.place for post in posts}
        return [place for place in self.founded if place not in manned]

    @property
    @figure(InmPost, Trait.OFFICERS)
    def officers(self, _: Iterable[InmPost]) -> float:
        """Officers at all posts, without officers added by policies."""
        base, today = self.base_officers.sum(), self.officers_at_posts().sum()
        return self.params.officers * (float(today / base) if base > 0.0 else 1.0)

    def _joint_limit(self) -> float:
        """Return how many gendarmes the officers at rural posts can accompany."""
        at_posts = float(self.officers_at_posts()[self.rural].sum())
        return self.params.gendarmes_per_officer * at_posts

    def _gendarme_request(self) -> float:
        """Return how many gendarmes policies request, limited to the number that could act."""
        requested = float(self.environment.levers.requested.gendarmes[0])
        return min(requested, self._joint_limit()) if requested else 0.0

    def _recruitment(self) -> tuple[float, float]:
        """Return how many officers can join the posts, and the gendarmes, today.

        Posts and gendarmes share the hiring capacity in proportion to the officers that each lacks.
        """
        levers, p = self.environment.levers.requested, self.params
        posts = float(np.add.reduce(np.maximum(levers.mx_officers, 0.0))) - self.posted
        posts, rural = max(0.0, posts), max(0.0, self._gendarme_request() - self.hired)
        if not p.limits or posts + rural <= p.hiring / DAYS_A_YEAR:
            return posts, rural
        share = p.hiring / DAYS_A_YEAR / (posts + rural)
        return share * posts, share * rural

    def _posts_share(self) -> float:
        """Return the share of the officers requested for posts who are on board today."""
        requested = self.environment.levers.requested.mx_officers
        if not np.count_nonzero(requested):
            return 1.0
        return self.limits.hired_share(requested, self.posted, self._recruitment()[0])

    def posts_on_board(self) -> np.ndarray:
        """Return how many officers policies add at posts today, by place."""
        return on_board(self.environment.levers.mx_officers, self._posts_share())

    def gendarmes_on_board(self) -> float:
        """Return how many gendarmes policies employ today, including gendarmes in training."""
        levers, paid = self.environment.levers, self._gendarmes_paid()
        if levers.requested is levers or paid == 0.0:
            return paid
        return paid * float(levers.gendarmes[0]) / float(levers.requested.gendarmes[0])

    def _gendarmes_paid(self) -> float:
        """Return how many gendarmes are paid today. No more are hired than could act."""
        request = self._gendarme_request()
        return min(request, self.hired + self._recruitment()[1]) if request else 0.0

    def delivered(self) -> dict[str, float]:
        """Return how much of each policy request is delivered today, by lever.

        Tempo is weighted by officers.
        """
        levers = self.environment.levers.requested
        requested = float(levers.gendarmes[0])
        shares = {"mx_officers": self._posts_share(), "gendarmes": 1.0, "mx_effort": 1.0}
        if requested > 0.0:
            shares["gendarmes"] = min(1.0, self._gendarmes_paid() / requested)
        tempo = levers.mx_effort
        if self.limits.binds_tempo(tempo):
            shares["mx_effort"] = self.limits.delivered_tempo(tempo, self.standing_officers())
        return shares

    def end_day(self) -> None:
        """Update the officers on board and the days above the sustainable tempo, every evening."""
        levers = self.environment.levers.requested
        posted = float(np.add.reduce(on_board(levers.mx_officers, self._posts_share())))
        self.posted, self.hired = max(0.0, posted), self._gendarmes_paid()
        self.limits.end_day(levers.mx_effort)

    def form_companies(self) -> None:
        """Form or dismiss companies until they match the gendarmes on board, once a week.

        Officers removed since last week are no longer on board. Policies can replace them within
        the hiring limits. The newest companies are dismissed first.
        """
        size, kind = float(self.params.company), self.environment.class_of(GendarmeCompany)
        lost = self.companies_staff - sum(company.officers for company in self.companies)
        if lost > 0.0:
            self.hired *= 1.0 - lost / max(self.gendarmes_on_board(), lost)
            self.formed = max(0.0, self.formed - lost / size)
        number, companies = self.gendarmes_on_board() // size, self.companies
        while self.formed + 1.0 <= number and self.rural.size:
            place = int(self.rural[len(companies) % self.rural.size])
            companies.append(kind(self.environment, place, size))
            self.formed += 1.0
        while self.formed > number and companies:
            company = companies.pop()
            self.formed -= company.officers / size
            company.remove()
        self.companies_staff = sum(company.officers for company in companies)

    def train(self, days: float) -> None:
        """Advance competence by `days`. Trainers raise competence, and turnover lowers it.

            dtau/dt = (own + theta * trainers / officers) * (1 - tau) - turnover * tau

        `own` is the effect of a force's own instructors. They are in proportion to its size and
        hold competence constant in the base year. Base-year officers and later recruits are
        separate groups, so recruits do not lower other officers' competence.
        """
        p, years = self.params, days / 365.0
        recruits = max(0.0, float(self.posts_on_board().sum()) + self.gendarmes_on_board())
        if recruits > self.recruits:
            fresh = 1.0 - self.recruits / recruits
            self.new_competence += fresh * (p.recruit_competence - self.new_competence)
        self.recruits = recruits
        instructors = p.turnover * p.competence / max(1.0 - p.competence, 1e-6)
        guests = p.trained * (float(self.environment.levers.trainers[0]) + self.trainers)
        gain = instructors + guests / max(self.heads, 1.0)
        for name in ("old_competence", "new_competence"):
            tau = getattr(self, name)
            tau += years * (gain * (1.0 - tau) - p.turnover * tau)
            setattr(self, name, min(1.0, max(0.0, tau)))

    @property
    def heads(self) -> float:
        """Number of officers in all forces."""
        return self.officers + self.recruits

    @property
    def competence(self) -> float:
        """Mean competence of all officers, 0 to 1."""
        old, new = self.officers * self.old_competence, self.recruits * self.new_competence
        return (old + new) / max(self.heads, 1e-9)

    def standing_officers(self) -> np.ndarray:
        """Return officers at work by place today.

        Officers added by policies at posts work with the posts at their place. Where all posts have
        been removed, these officers are paid but do not work. Gendarmes may not check papers. They
        work only where the institute has officers, and only as many as officers at rural posts can
        accompany.
        """
        at_posts = self.officers_at_posts()
        officers = at_posts + self.posts_on_board()
        if deserted := self._deserted():
            officers[deserted] = 0.0
        if companies := self.companies:
            gendarmes = np.zeros(at_posts.size)
            for company in companies:
                if company.standing and at_posts[company.place] > 0.0:
                    gendarmes[company.place] += company.officers
            acting = min(1.0, self._joint_limit() / max(float(gendarmes.sum()), 1e-9))
            officers += gendarmes * acting
        return np.maximum(officers, 0.0)

    def effort(self) -> np.ndarray:
        """Return today's tempo by place, 1 in the base year."""
        levers = self.environment.levers
        return self.limits.tempo(levers.requested.mx_effort, levers.mx_effort)

    def at_work(self) -> MexicanOfficers:
        """Return the officers who determine the hazards in Mexico today.

        Organisations offer higher bribes when their revenue is higher.
        """
        p, environment = self.params, self.environment
        bribe = p.bribe * max(self.revenue, 1e-3) ** p.bribe_revenue
        pay = p.pay + float(environment.levers.mx_pay[0]) + self.half_bribe_rise
        return MexicanOfficers(
            *(self.standing_officers(), self.officers_at_posts(), self.effort()),
            *(self.anchor_officers, self.anchor_strength),
            (self.old_competence, self.new_competence, self.equipment),
            (bribe, p.bribe_response, pay, p.bribe_spread),
            *(p.operations_returns, self.match, p.response, self.integrity),
        )

    def deploy(self) -> None:
        """Deploy all officers by the flow map, once a week. Companies decide in creation order.

        Officers at posts move within their district. Companies move between districts.
        """
        shape, levers = self.environment.settings.contest, self.environment.levers
        self.match = float(hazard_ratio(shape, self.params, (self.mean_hazard,), levers)[0])
        companies = self.companies
        if not companies:
            return
        lag = self.params.map_lag * (1.0 - min(1.0, float(self.environment.levers.map_lag[0])))
        noise = map_noise(self.environment, self.params, Stream.MX_MAP, self.rural.size)
        observed = (self.environment.traffic_into(int(lag))[self.rural] + 1e-6) * noise
        index = {int(place): k for k, place in enumerate(self.rural)}
        view = RuralMap(self.rural, index, observed, np.zeros(self.rural.size))
        for company in companies:
            if company.target in index:
                view.officers[index[company.target]] += company.officers
        self.environment.register_of(GendarmeCompany).do("choose_place", view)
