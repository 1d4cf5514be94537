"""Mexico's officers: base-year ratios, integrity, hiring, training and moving companies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gendarmes import GendarmeCompany, GendarmeParams, MexicanForces, integrity
from agents.hazards import mexican_powers

SOUTH, MIDDLE, WEST, EAST = 1, 2, 3, 4
RURAL = np.array([SOUTH, MIDDLE, EAST])
UNITS = st.floats(0.0, 10.0)
SPREAD = st.floats(0.3, 5.0)
WEIGHTS = st.lists(st.floats(0.01, 5.0), min_size=4, max_size=4)


def make_forces(make_environment, weights=(3.0, 1.0, 0.5, 0.5), **params):
    """Return a small environment and the forces, with officers at the four Mexican places.

    The forces have no limits unless a test sets them.
    """
    environment = make_environment(mexico={"limits": False} | params)
    weight = np.zeros(environment.world.n_places)
    weight[[SOUTH, MIDDLE, WEST, EAST]] = weights
    return environment, MexicanForces(environment, environment.settings.mexico, weight, RURAL)


def ratios_of(forces):
    """Return the strength of honest officers and of all officers, by place, at a tempo of 1."""
    eta = forces.environment.settings.contest.eta
    powers, forces.integrity = mexican_powers(forces.at_work(), eta)
    return powers ** (1.0 / eta)


def form_companies(environment, forces, gendarmes):
    """Set the lever for gendarmes and form their companies."""
    environment.levers.gendarmes[0] = gendarmes
    forces.form_companies()


def base_integrity(environment):
    """Return the share of honest officers for which hazards are declared."""
    p = environment.settings.mexico
    return float(integrity(p.bribe, p.pay_base, p.bribe_spread))


# ---- integrity ----------------------------------------------------------------------------------


@given(UNITS, UNITS, SPREAD, st.floats(0.0, 5.0))
def test_integrity_falls_in_the_bribe_and_rises_in_pay(bribe, pay, spread, more):
    base = integrity(bribe, pay, spread)
    assert 0.0 <= base <= 1.0
    assert integrity(bribe + more, pay, spread) <= base <= integrity(bribe, pay + more, spread)


# ---- strength -----------------------------------------------------------------------------------

WORKED = [SOUTH, MIDDLE, WEST, EAST]


@given(WEIGHTS)
def test_ratios_are_exactly_one_in_the_base_year(make_environment, weights):
    pay = GendarmeParams().pay_base
    environment, forces = make_forces(make_environment, weights, pay=pay)
    honest, total = ratios_of(forces)
    assert (honest[WORKED] == 1.0).all()
    assert total[WORKED] == pytest.approx(1.0 / base_integrity(environment), rel=1e-12)
    assert not np.delete(honest, WORKED).any() and not np.delete(total, WORKED).any()


@given(WEIGHTS, st.floats(0.01, 1.0), st.floats(100.0, 50_000.0), st.floats(0.0, 3.0))
def test_strength_is_relative_to_the_declared_settings_and_posts(
    make_environment, weights, competence, officers, posts
):
    base, _ = make_forces(make_environment, weights)
    environment, forces = make_forces(
        make_environment, weights, competence=competence, officers=officers
    )
    forces.new_competence = forces.old_competence  # recruits as competent as earlier officers
    environment.levers.mx_officers[WORKED] = posts * forces.base_officers[WORKED]
    p = base.settings.mexico
    ratio = officers * (1.0 + posts) / p.officers
    bribe = p.bribe * ratio ** (base.settings.contest.eta * p.bribe_response)
    iota = integrity(bribe, environment.settings.mexico.pay, p.bribe_spread)
    strong = ratio * competence / p.competence / base_integrity(base)
    honest, total = ratios_of(forces)
    assert honest[WORKED] == pytest.approx(strong * iota, rel=1e-9)
    assert total[WORKED] == pytest.approx(np.full(4, strong), rel=1e-9)


# ---- limits -------------------------------------------------------------------------------------


def test_no_day_has_a_tempo_above_the_cap_and_the_excess_is_not_delivered(make_environment):
    """From the first day, the delivered share is the share of requested hours that are worked."""
    limits = {"limits": True, "sustained_tempo": 2.0, "tempo_cap": 3.0, "tempo_days": 10}
    environment, forces = make_forces(make_environment, **limits)
    rise = environment.levers.mx_effort
    rise[[SOUTH, MIDDLE]] = 4.0, 1.0
    assert forces.effort()[[SOUTH, MIDDLE, WEST]].tolist() == [3.0, 2.0, 1.0]
    staff = forces.standing_officers()
    requested, worked = ((staff * x).sum() for x in (rise, forces.effort() - 1.0))
    assert forces.delivered()["mx_effort"] == pytest.approx(worked / requested)
    for _ in range(10):
        forces.end_day()
    assert forces.effort()[[SOUTH, MIDDLE]].tolist() == [2.0, 2.0]
    rise[SOUTH] = 1.0
    for _ in range(20):
        forces.end_day()
    rise[SOUTH] = 4.0
    assert forces.effort()[SOUTH] == 3.0  # after two days of rest for each day above


def test_removed_companies_are_formed_again_as_officers_are_hired(make_environment):
    """A company that a user creates remains, because no policy hired it."""
    environment, forces = make_forces(make_environment, limits=True, hiring=36_500.0)
    GendarmeCompany(environment, SOUTH, 30.0)

    def weeks(number):
        for day in range(7 * number):
            if day % 7 == 0:
                form_companies(environment, forces, 1_000.0)
            forces.end_day()

    weeks(3)
    assert [company.officers for company in forces.companies] == [30.0] + [250.0] * 4
    for company in forces.companies[2:]:
        company.remove()
    form_companies(environment, forces, 1_000.0)
    assert len(forces.companies) == 2 and forces.hired == pytest.approx(250.0)
    weeks(2)
    assert [company.officers for company in forces.companies] == [30.0] + [250.0] * 4


# ---- hiring -------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.floats(0.0, 20_000.0), st.floats(0.0, 20_000.0)), min_size=1, max_size=12
    ),
    st.integers(10, 2_000),
    st.floats(0.0, 20_000.0),
)
def test_hiring_of_posts_and_gendarmes_together_is_limited(make_environment, goals, company, rate):
    environment, forces = make_forces(make_environment, company=company, hiring=rate, limits=True)
    for posts, gendarmes in goals:
        environment.levers.mx_officers[[SOUTH, EAST]] = posts / 2.0
        environment.levers.gendarmes[0] = gendarmes
        before = np.array([forces.posted, forces.hired])
        forces.form_companies()
        assert forces.posts_on_board().sum() == pytest.approx(
            forces.posted + forces._recruitment()[0] if posts >= forces.posted else posts
        )
        forces.end_day()
        now, target = np.array([forces.posted, forces.hired]), np.array([posts, gendarmes])
        assert np.maximum(now - before, 0.0).sum() <= rate / 365.0 + 1e-6
        assert (now <= target + 1e-6).all()
        assert (now >= np.minimum(target, before) - 1e-6).all()
        assert len(forces.companies) == int(forces.hired // company)
        assert all(c.place in RURAL and c.officers == company for c in forces.companies)


def test_gendarmes_who_could_not_act_are_neither_hired_nor_paid(make_environment):
    environment, forces = make_forces(make_environment, gendarmes_per_officer=0.5)
    joint = 0.5 * forces.officers_at_posts()[RURAL].sum()
    form_companies(environment, forces, 3.0 * joint)
    assert forces.gendarmes_on_board() == pytest.approx(joint)
    assert forces.delivered()["gendarmes"] == pytest.approx(1.0 / 3.0)
    assert len(forces.companies) == joint // 250


# ---- relocation ---------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 2_000.0), min_size=3, max_size=3), st.integers(1, 8))
def test_companies_stay_at_rural_places_with_all_their_officers(make_environment, traffic, weeks):
    environment, forces = make_forces(make_environment)
    form_companies(environment, forces, 1_500.0)
    environment.traffic[RURAL] = traffic
    for _ in range(weeks):
        forces.deploy()
        for _ in range(7):
            environment.today += 1
            environment.register_of(GendarmeCompany).do("walk", 3.0)
        assert len(forces.companies) == 6
        assert all(c.officers == 250.0 and c.target in RURAL for c in forces.companies)
        standing = forces.standing_officers() - forces.base_officers
        places = [c.place for c in forces.companies if c.standing]
        counts = np.bincount(places, minlength=standing.size)
        joint = forces.params.gendarmes_per_officer * forces.officers_at_posts()[RURAL].sum()
        assert standing.sum() == pytest.approx(min(250.0 * len(places), joint))
        assert standing == pytest.approx(standing.sum() * counts / max(len(places), 1))


@pytest.mark.parametrize(("times", "target"), [(1.45, SOUTH), (1.55, EAST)])
def test_a_company_relocates_for_one_and_a_half_times_the_gain(make_environment, times, target):
    environment, forces = make_forces(make_environment, map_noise=0.0)
    form_companies(environment, forces, 250.0)
    environment.traffic[RURAL] = 10.0, 1.0, 10.0 * times
    forces.deploy()
    assert [company.target for company in forces.companies] == [target]


# ---- competence ---------------------------------------------------------------------------------


@pytest.mark.parametrize("trainers", [0.0, 50.0, 400.0])
def test_training_follows_its_differential_equation(make_environment, trainers):
    environment, forces = make_forces(make_environment)
    p, weeks = environment.settings.mexico, 260
    environment.levers.trainers[0] = trainers
    for _ in range(weeks):
        forces.train(7.0)
    base_gain = p.turnover * p.competence / (1.0 - p.competence)
    gain = base_gain + p.trained * trainers / p.officers  # per year, without recruits
    rate, end = gain + p.turnover, gain / (gain + p.turnover)
    exact = end + (p.competence - end) * np.exp(-rate * weeks * 7.0 / 365.0)
    assert forces.competence == pytest.approx(exact, abs=2e-3)


def test_recruits_lower_only_their_own_force_and_then_catch_up(make_environment):
    environment, forces = make_forces(make_environment)
    p = environment.settings.mexico
    environment.levers.mx_officers[SOUTH] = p.officers
    forces.train(0.0)
    assert forces.new_competence == p.recruit_competence
    assert forces.competence == pytest.approx((p.competence + p.recruit_competence) / 2.0)
    gap = p.competence - forces.new_competence
    # This share of the gap remains after a week.
    remaining = 1.0 - 7.0 / 365.0 * p.turnover / (1.0 - p.competence)
    assert gap > 0.0 and 0.0 < remaining < 1.0
    for week in range(1, 500):
        forces.train(7.0)
        assert forces.old_competence == pytest.approx(p.competence)
        assert p.competence - forces.new_competence == pytest.approx(gap * remaining**week)


def test_delivered_aid_raises_strength_and_the_bribe_of_officers(make_environment):
    _, forces = make_forces(make_environment)
    honest, total = ratios_of(forces)
    forces.equipment = 0.2
    more, more_total = ratios_of(forces)
    worked = honest > 0.0
    assert more[worked] == pytest.approx(1.2 * honest[worked])
    assert more_total[worked] == pytest.approx(1.2 * total[worked])
    before = forces.integrity
    forces.half_bribe_rise = 0.3
    ratios_of(forces)
    assert forces.integrity > before
