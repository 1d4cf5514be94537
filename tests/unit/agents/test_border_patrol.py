"""The Border Patrol moves its staff slowly, within limits, and conserves it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.agency_params import STAFFING_RULES
from agents.border_patrol import BorderPatrol, Detachment, PatrolTeam
from agents.hazards import line_strength

# Places of the teams by sector. The last sector has teams at two crossings, and the fourth sector
# has four teams at one crossing.
CROSSINGS = [[5 + s] for s in range(8)] + [[13, 14]]
CROSSINGS[3] = [8] * 4
BASES = st.lists(st.integers(50, 4_500), min_size=9, max_size=9).map(
    lambda heads: np.array(heads, float)
)
LOADS = st.lists(st.integers(0, 5_000), min_size=9, max_size=9).map(
    lambda heads: np.array(heads, float)
)
HAZARDS = np.full(9, 1.7)
QUIET = {"map_noise": 0.0}


def deploy(make_environment, base, *, recording=True, anchor=None, **params):
    """Return a small environment and the agency.

    Hazards are declared for the staff in `anchor`, by default for `base`. The agency has no limits
    unless a test sets them.
    """
    environment = make_environment(recording=recording, border_patrol={"limits": False} | params)
    anchor = base if anchor is None else anchor
    patrol = BorderPatrol(environment, environment.settings.border_patrol, base, anchor, CROSSINGS)
    return environment, patrol


def all_agents(patrol):
    """Return the number of agents at work and in transfer."""
    return sum(t.officers for t in patrol.teams) + sum(d.officers for d in patrol.detachments)


def start_day(environment):
    """Advance the date by a day and move the detachments."""
    environment.today += 1
    environment.register_of(Detachment).do("advance")


def week(environment, patrol, load, hazards=HAZARDS):
    """Simulate a week of daily relocation and an allocation; return the agents in new transfers."""
    for _ in range(7):
        start_day(environment)
    before = list(patrol.detachments)
    patrol.allocate(load, hazards)
    return sum(d.officers for d in patrol.detachments if d not in before)


def warm_up(environment, patrol, load, weeks=8):
    """Simulate warm-up weeks at a constant load."""
    environment.recording = False
    for _ in range(weeks):
        week(environment, patrol, load)
    environment.recording = True


@pytest.mark.parametrize("rule", STAFFING_RULES)
@given(BASES, LOADS, st.lists(LOADS, min_size=1, max_size=8))
def test_moves_conserve_agents_and_respect_the_cap_and_the_floor(
    make_environment, rule, base, baseline, loads
):
    environment, patrol = deploy(make_environment, base, rule=rule)
    warm_up(environment, patrol, baseline)
    for load in loads:
        departing = week(environment, patrol, load)
        assert departing <= 0.01 * base.sum() + 1e-6
        assert all_agents(patrol) == pytest.approx(base.sum(), rel=1e-9)
        assert (patrol.staff() >= 0.5 * base * (1.0 - 1e-9)).all()
        assert all(t.officers >= 0.0 for t in patrol.teams + patrol.detachments)


@pytest.mark.parametrize("rule", STAFFING_RULES)
@given(BASES, st.lists(LOADS, min_size=1, max_size=10))
def test_staff_does_not_move_in_the_warm_up(make_environment, rule, base, loads):
    environment, patrol = deploy(make_environment, base, rule=rule, recording=False)
    before = [team.officers for team in patrol.teams]
    for load in loads:
        week(environment, patrol, load)
    assert [team.officers for team in patrol.teams] == before and not patrol.detachments
    for command in patrol.commands:  # the baseline of a sector is the mean of its loads
        mean = np.mean([load[command.sector] for load in loads]) / base[command.sector]
        assert command.baseline == pytest.approx(mean, rel=1e-9, abs=1e-12)


# ---- where staff goes ---------------------------------------------------------------------------


@given(st.integers(0, 8), st.floats(1.5, 30.0), BASES)
def test_the_replicator_moves_staff_only_to_sectors_with_a_rising_load(
    make_environment, sector, times, base
):
    environment, patrol = deploy(make_environment, base, **QUIET)
    baseline = base / 2.0
    warm_up(environment, patrol, baseline)
    load = baseline.copy()
    load[sector] *= times
    patrol.allocate(load, HAZARDS)
    assert {d.sector for d in patrol.detachments} == {sector}
    losses = base - patrol.staff()
    assert losses[sector] == pytest.approx(0.0, abs=1e-9)
    assert (np.delete(losses, sector) > 0.0).all()


@given(BASES, LOADS, st.lists(st.floats(0.1, 3.0), min_size=9, max_size=9).map(np.array))
def test_the_greedy_rule_moves_staff_to_the_highest_marginal_apprehensions(
    make_environment, base, load, hazards
):
    load = load + 1.0
    environment, patrol = deploy(
        make_environment, base, rule="greedy", weekly_cap=0.2, floor=0.0, **QUIET
    )
    warm_up(environment, patrol, load)
    patrol.allocate(load, hazards)
    # Oracle: the apprehensions that one more agent adds, by a small step in the law of detection.
    eta, step = environment.settings.contest.eta, 1e-6
    flow = load / -np.expm1(-hazards)
    gain = flow * (np.expm1(-hazards) - np.expm1(-hazards * (1.0 + step) ** eta)) / (step * base)
    receivers = {d.sector for d in patrol.detachments if d.officers > 1e-6}
    givers = {s for s in range(9) if base[s] - patrol.staff()[s] > 1e-6}
    assert not receivers & givers
    assert all(gain[a] > gain[b] * (1.0 - 1e-4) for a in receivers for b in givers)


def test_a_command_counts_eight_weeks_and_requests_agents_by_its_relative_need(make_environment):
    base = np.full(9, 400.0)
    _, patrol = deploy(make_environment, base, gain=0.1)
    command = patrol.commands[2]
    command.recent = 80.0
    for weeks in (1, 2, 3):
        command.report(np.full(9, 160.0))
        assert command.recent == pytest.approx(160.0 - 80.0 * (7.0 / 8.0) ** weeks)
    # The mean need is 2. From four times the mean on, requests are equal.
    needs = (0.0, 1.0, 2.0, 4.0, 8.0, 80.0)
    requests = [command.request(need, 2.0) for need in needs]
    assert requests == pytest.approx([360.0, 380.0, 400.0, 440.0, 520.0, 520.0])


def test_a_detachment_waits_for_a_team_in_its_sector_and_policies_add_no_agents_there(
    make_environment,
):
    environment, patrol = deploy(make_environment, np.full(9, 400.0))
    giver, receiver = patrol.commands[0], patrol.commands[1]
    receiver.teams[0].remove()
    giver.send(40.0, receiver)
    for _ in range(20):
        start_day(environment)
    assert patrol.detachments[0].standing and patrol.staff()[1] == 0.0
    environment.levers.us_officers[:] = 10.0
    assert patrol.on_the_line()[:3].tolist() == [370.0, 0.0, 410.0]
    PatrolTeam(environment, receiver.place, 5.0)
    start_day(environment)
    assert not patrol.detachments and patrol.staff()[:3].tolist() == [360.0, 45.0, 400.0]


def test_uneven_teams_give_equal_shares(make_environment):
    _, patrol = deploy(make_environment, np.full(9, 400.0))
    command = patrol.commands[8]
    command.teams[0].officers, command.teams[1].officers = 10.0, 390.0
    command.send(100.0, patrol.commands[0])
    assert [team.officers for team in command.teams] == [7.5, 292.5]
    with pytest.raises(ValueError, match="sector 8 has 300 agents and cannot send 301"):
        command.send(301.0, patrol.commands[0])


# ---- strength -----------------------------------------------------------------------------------


@given(BASES, BASES, st.floats(0.0, 2.0), st.floats(0.0, 2.0), st.floats(0.0, 3_000.0))
def test_strength_is_agents_times_the_factor_of_sensors_and_fence(
    make_environment, base, anchor, sensors, fence, agents
):
    environment, patrol = deploy(make_environment, base, anchor=anchor)
    environment.levers.sensors[:], environment.levers.fence[:] = sensors, fence
    environment.levers.us_officers[:] = agents
    p, shape = environment.settings.border_patrol, environment.settings.contest

    def factor(more_s, more_f):
        s = np.minimum(1.0, np.array(p.sensors_base) + more_s)
        f = np.minimum(1.0, np.array(p.fence_base) + more_f)
        return 1.0 + shape.sensor_gain * s + shape.fence_gain * f

    ratio = (base + agents) * factor(sensors, fence) / (anchor * factor(0.0, 0.0))
    line = patrol.at_the_line()
    assert [line_strength(line, k) for k in range(9)] == pytest.approx(ratio, rel=1e-12)


# ---- limits --------------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(-0.9, 4.0), min_size=9, max_size=9),
            st.lists(st.floats(-500.0, 5_000.0), min_size=9, max_size=9),
            st.integers(1, 120),
        ),
        min_size=1,
        max_size=6,
    ),
    st.floats(1.0, 3.0),
    st.floats(1.0, 5.0),
    st.integers(1, 120),
    st.floats(0.0, 2_500.0),
)
def test_tempo_and_net_hiring_never_exceed_their_limits(
    make_environment, spells, sustained, cap, days, rate
):
    """Check both limits for any sequence of lever values.

    The tempo never exceeds the cap, nor the sustained tempo for longer than allowed. Net hiring
    stays within its limit in every year.
    """
    limits = {"limits": True, "sustained_tempo": sustained, "tempo_days": days, "net_hiring": rate}
    limits["tempo_cap"] = cap
    environment, patrol = deploy(make_environment, np.full(9, 1_000.0), **limits)
    above, total, staff = np.zeros(9), np.zeros(9), [0.0]
    length = 0
    for effort, agents, spell in spells:
        environment.levers.us_effort[:], environment.levers.us_officers[:] = effort, agents
        for _ in range(spell):
            tempo, target = patrol.tempo(), np.maximum(1.0 + environment.levers.us_effort, 0.0)
            assert (tempo <= np.minimum(target, cap)).all()
            assert ((tempo == target) | (tempo == sustained) | (tempo == cap)).all()
            over = tempo > sustained
            above, total, length = np.where(over, above + 1, 0), total + over, length + 1
            assert (above <= days).all()  # consecutive days above the sustained tempo
            # Each day above the sustained tempo needs two days of rest.
            assert (total <= days + length / 3.0 + 1.0).all()
            staff.append(float(patrol.added().sum()))
            assert staff[-1] <= max(0.0, staff[-2]) + rate / 365.0 + 1e-6
            patrol.end_day()
    for first, last in zip(staff, staff[365:], strict=False):
        assert last - max(0.0, first) <= rate + 1e-6


def test_a_day_of_high_tempo_needs_two_days_of_rest(make_environment):
    limits = {"limits": True, "sustained_tempo": 1.5, "tempo_days": 10.0, "tempo_cap": 4.0}
    environment, patrol = deploy(make_environment, np.full(9, 1_000.0), **limits)

    def work(effort, days):
        environment.levers.us_effort[:] = effort
        tempos = []
        for _ in range(days):
            tempos.append(patrol.tempo()[0])
            patrol.end_day()
        return tempos

    assert work(1.0, 15) == [2.0] * 10 + [1.5] * 5
    assert work(0.5, 6) == [1.5] * 6  # the sustained tempo counts as rest
    assert work(1.0, 5) == [2.0] * 3 + [1.5] * 2


def test_moves_between_sectors_and_removals_are_not_hires(make_environment):
    environment, patrol = deploy(make_environment, np.full(9, 500.0), limits=True, net_hiring=0.0)
    environment.levers.us_officers[:2] = 100.0, -100.0
    assert patrol.added()[:2].tolist() == [100.0, -100.0]
    environment.levers.us_officers[:] = -50.0
    environment.levers.us_moved[3] = 40.0
    assert patrol.added().tolist() == [-50.0] * 3 + [-10.0] + [-50.0] * 5
