"""Capacity of governments on a day: custody, hearings, the legal queue, and expectations."""

import datetime
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import legal_channel
from abm.phases import capacity
from abm.scenario import Scenario
from agents.kernel_params import build_kernel_params
from agents.labels import NATIONS
from agents.levers import Levers
from agents.migrants.columns import DAY_TALLIES
from agents.outcomes import Consequence

DAY = 735_000
GUATEMALA, MEXICO = NATIONS.index("GT"), NATIONS.index("MX")
NATION_OF_HOME = np.array([MEXICO, GUATEMALA])
SHARES = np.array([0.5, 0.3, 0.2, 1.0, 0.0])  # shares of the group's quota, by nation


def make_model(**changes) -> Any:
    """Build the parts of a model that `capacity` reads, with empty custody and queues."""
    settings = Scenario().with_settings({k.replace("__", "."): v for k, v in changes.items()})
    levers = Levers(sectors=9, places=3, legs=4, ports=2)
    day_tallies = np.zeros(1, DAY_TALLIES)
    means = dict.fromkeys(("beds", "courts", "releases", "waiting"), 0.0)
    lately = SimpleNamespace(**means, applied=np.zeros(len(NATIONS)))
    return SimpleNamespace(
        network=SimpleNamespace(line_legs=np.array([1, 2])),
        settings=settings,
        levers=levers,
        kernel_params=build_kernel_params(settings, np.zeros(2, int), NATION_OF_HOME, 8),
        ledger=SimpleNamespace(day_tallies=day_tallies),
        flow_history=lately,
        date=datetime.date.fromordinal(DAY),
        employers=SimpleNamespace(new_workers=np.zeros(len(NATIONS))),
        conditions=SimpleNamespace(
            beds=settings.consequences.beds,
            fighting=np.zeros(4),
            legal_shares=SHARES,
            legal_quota=legal_channel.divide(settings.migrants.legal_quota, SHARES),
        ),
    )


def update(model, days=1):
    """Run `capacity.update` for some days and return the kernel parameters."""
    for _ in range(days):
        capacity.update(model)
    return model.kernel_params[0]


# ---- a second computation of custody and expulsions ----------------------------------------------


def draw_share(draw):
    """Draw a share: 0, 1, above 1, or between 0 and 1."""
    return draw.choice([0.0, 1.0, 1.2, draw.random(), draw.random()])


def draw_model(draw):
    """Return a model with random settings of custody."""
    release = draw.choice([[0.02, 0.01, 0.03], [0.6, 0.8, 1.0], [0.0, 0.5, 0.9]])
    return make_model(
        consequences__release=release,
        consequences__release_for_room=[draw.choice([0.3, 1.0]) for _ in release],
        consequences__stay_removal=[draw.uniform(1.0, 60.0), draw.uniform(1.0, 60.0)],
        migrants__expulsion_deterrence=3.0 * draw.random(),
        migrants__retry_transferred=draw.random(),
        migrants__wait_kidnap_hazard=0.001,
        migrants__legal_fee=draw.uniform(0.0, 500.0),
    )


def draw_morning(model, draw):
    """Draw the levers of a day and the numbers of the previous evening."""
    levers, history = model.levers, model.flow_history
    levers.beds[0] = draw.choice([0.0, 0.4, 900.0, 20_000.0])
    levers.courts[0] = draw.choice([0.0, 30.0])
    levers.asylum_officers[0] = draw.choice([0.0, 400.0])
    levers.visa_fee[0] = draw.uniform(-600.0, 600.0)
    for lever in (levers.readmission, levers.wait_in_mexico, levers.transfers_south):
        lever[0] = draw_share(draw)
    for lever in (levers.expulsion_mexican, levers.expulsion_foreign):
        lever[:] = [draw_share(draw) for _ in range(3)] if draw.random() < 0.6 else 0.0
    levers.expelled_to_line[:] = draw_share(draw), draw_share(draw)
    history.beds, history.courts = draw.choice([0.3, 50.0, 900.0]), draw.choice([0.3, 300.0])
    history.releases = draw.choice([0.0, 0.01, 20.0, 500.0])
    history.waiting, levers.wait_cases[0] = draw.choice([0.0, 80.0]), draw.choice([0.0, 9_000.0])
    model.conditions.beds = draw.choice([0.0, 300.0, 34_000.0])
    model.conditions.fighting[:] = [draw.random() for _ in range(4)]
    model.ledger.day_tallies["held"][0] = draw.randrange(600), draw.randrange(600)


def places(model):
    """Return the share of people due for release who get a case, or 1 without a limit."""
    cases, history = model.levers.wait_cases[0], model.flow_history
    people = 365.0 * (history.releases + history.waiting)
    used = min(1.0, 365.0 * history.waiting / cases) if cases else 1.0
    assert capacity.waiting_share(model) == pytest.approx(used)
    return cases / 365.0 / (history.releases + history.waiting) if cases and people else 1.0


@pytest.mark.parametrize("number", range(24))
def test_a_morning_equals_a_second_computation(number):
    draw = random.Random(number)
    model = draw_model(draw)
    c, m, params = model.settings.consequences, model.settings.migrants, model.kernel_params[0]
    law_us, law_mx = params["again_us"].copy(), params["again_mx"].copy()
    for _ in range(4):
        before = params["release_share"].copy()
        draw_morning(model, draw)
        capacity.update(model)
        levers, history = model.levers, model.flow_history
        held = int(model.ledger.day_tallies["held"].sum())
        room = max(0.0, model.conditions.beds + levers.beds[0] - held)
        assert params["bed_free"] == pytest.approx(min(1.0, room / max(history.beds, 1.0)))
        courts = (c.courts + levers.courts[0]) / max(history.courts, 1.0)
        assert params["court_free"] == pytest.approx(min(1.0, courts))
        staff = (c.asylum_officers + levers.asylum_officers[0]) / c.asylum_officers
        assert params["screening_us"] == pytest.approx(1.0 - (1.0 - c.screening_us) ** staff)
        stay = c.stay_removal[1] * (1.0 - c.stay_for_hearing * (staff - 1.0) / staff)
        stay *= max(0.0, 1.0 - levers.readmission[0])
        assert params["stay_removal"][GUATEMALA] == pytest.approx(stay)
        assert (params["stay_removal"][MEXICO] == c.stay_removal[0]).all()
        share_before = before[GUATEMALA].sum() / np.sum(c.release)
        people = history.releases / max(share_before, 1e-3) * (stay + 1.0)
        filled = min(1.0, levers.beds[0] / max(people, 1.0))
        for kind in range(3):
            share = c.release[kind] * (1.0 - c.release_for_room[kind] * filled)
            assert params["release_share"][GUATEMALA, kind] == pytest.approx(share)
            assert params["release_share"][MEXICO, kind] == c.release_mexican[kind]
        assert params["wait_share"] == min(1.0, levers.wait_in_mexico[0], places(model))
        violence = float(np.mean(model.conditions.fighting[1:3]))
        assert params["wait_kidnap_hazard"] == pytest.approx(0.001 * (1.0 + violence))
        assert params["legal_fee"] == pytest.approx(max(0.0, m.legal_fee + levers.visa_fee[0]))
        south = min(1.0, levers.transfers_south[0])
        assert params["transferred"] == south
        moved = south * m.retry_transferred + (1.0 - south) * law_mx
        assert params["again_mx"] == pytest.approx(moved)
        _check_expulsions(model, law_us)


def _check_expulsions(model, law):
    levers, params, c = model.levers, model.kernel_params[0], model.settings.consequences
    groups = (MEXICO, levers.expulsion_mexican, 0), (GUATEMALA, levers.expulsion_foreign, 1)
    for nation, lever, group in groups:
        mean, release = sum(lever) / 3.0, (c.release_mexican, c.release)[group]
        back = min(1.0, levers.expelled_to_line[group] / mean) if mean else None
        if back is not None:
            assert params["expelled_to_line"][nation] == pytest.approx(back)
        for kind in range(3):
            share = min(1.0, lever[kind])
            assert params["expelled"][nation, kind] == share
            other_nations = (1.0 - share) * (1.0 - release[kind])
            again = law[nation, kind]
            if share > 0.0:
                retry = params["retry"][:, nation, kind]
                to_line, home = retry[[Consequence.EXPULSION, Consequence.VOLUNTARY_RETURN]]
                after = home + (back or 0.0) * (to_line - home)
                again = (share * after + other_nations * again) / (share + other_nations)
            assert params["again_us"][nation, kind] == pytest.approx(again)


# ---- the legal channel --------------------------------------------------------------------------


@given(st.integers(0, len(NATIONS) - 1), st.integers(1, 10**6))
def test_the_tickets_of_a_nation_never_serve_another_nation(nation, applicants):
    """Applicants of one nation change neither the decisions nor the wait of another."""
    model, alone = make_model(), make_model()
    model.ledger.day_tallies["tickets"][0] = alone.ledger.day_tallies["tickets"][0] = 700
    model.ledger.day_tallies["tickets"][0][nation] += applicants
    queued, before = update(model, 3), update(alone, 3)
    other_nations = np.arange(len(NATIONS)) != nation
    for name in ("legal_served", "legal_rate", "legal_hope"):
        np.testing.assert_array_equal(queued[name][other_nations], before[name][other_nations])


@given(st.lists(st.floats(0.0, 5e5), min_size=2, max_size=2), st.floats(0.0, 1e5))
def test_all_nations_of_a_group_together_have_the_declared_quota(quota, more):
    model = make_model(migrants__legal_quota=quota)
    granted = 1.0 - model.settings.migrants.legal_refusal
    model.employers.new_workers = granted * more * SHARES
    params = update(model)
    yearly = params["legal_rate"] * 365.0
    assert yearly[MEXICO] == pytest.approx(quota[0] + more)
    assert np.delete(yearly, MEXICO).sum() == pytest.approx(quota[1] + more)
    lost = params["bar_loss"][MEXICO]
    assert (lost == 0.0).all()  # without apprehensions, people expect no bar
    params["experience"][1, MEXICO] = 1.0
    m, voluntary = model.settings.migrants, params["voluntary"][MEXICO]
    lost = update(model)["bar_loss"][MEXICO]
    hope = params["legal_hope"][MEXICO] * more / max(quota[0] + more, 1e-9)
    assert lost == pytest.approx(m.return_bar * 0.5 * (1.0 - voluntary) * hope * m.gain[0])


# ---- expectations -------------------------------------------------------------------------------


def test_mexico_moves_nobody_south_if_the_world_has_no_southern_town():
    model = make_model(migrants__retry_transferred=0.9)
    model.kernel_params["south_place"] = -1.0
    law = update(model)["again_mx"].copy()
    model.levers.transfers_south[0] = 0.4
    kernel_params = update(model)
    assert kernel_params["transferred"] == 0.0 and kernel_params["again_mx"] == pytest.approx(law)


def test_heat_is_highest_in_july_lowest_in_january_and_one_on_average():
    model, heat = make_model(migrants__heat_amplitude=0.4), {}
    for day in range(365):
        model.date = datetime.date(2013, 1, 1) + datetime.timedelta(days=day)
        heat[model.date] = float(update(model)["heat"])
    highest, lowest = max(heat, key=heat.__getitem__), min(heat, key=heat.__getitem__)
    assert (highest.month, lowest.month) == (7, 1)
    assert heat[highest] == pytest.approx(1.4) and heat[lowest] == pytest.approx(0.6, abs=1e-3)
    assert np.mean(list(heat.values())) == pytest.approx(1.0)
