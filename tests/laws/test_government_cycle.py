"""Affairs of state in the whole model: who takes part, who is admitted, what feeds back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.measures import outcomes
from abm.model import BorderModel
from abm.phases.indicators import INDICATORS
from agents.labels import AREAS, COUNTRIES
from agents.outcomes import Account, Event

pytestmark = pytest.mark.xdist_group("laws")

NAMES = list(INDICATORS)
YEAR: dict[str, Any] = {"scale": 200, "warmup_days": 120, "days": 365}


def gauge(model: BorderModel, name: str) -> np.ndarray:
    """A gauge, day by day."""
    return model.ledger.indicators[: model.ledger.day, NAMES.index(name)]


@pytest.fixture(scope="module")
def quiet(play: Callable[..., BorderModel]) -> BorderModel:
    """A year of the status quo."""
    return play(**YEAR)


def test_gauges_are_finite_and_shares_are_shares(quiet: BorderModel) -> None:
    """Every day, every gauge."""
    shown = quiet.ledger.indicators
    assert np.isfinite(shown).all() and (shown >= 0.0).all()
    for name, unit in INDICATORS.items():
        if unit in ("share", "index", "share of cells"):
            assert gauge(quiet, name).max() <= 1.0, name


def test_without_policies_both_governments_cooperate_and_no_aid_flows(quiet: BorderModel) -> None:
    """The status quo is the base year."""
    assert all((gauge(quiet, f"cooperation_{area}") == 1.0).all() for area in AREAS)
    assert not gauge(quiet, "aid_delivered").any() and not gauge(quiet, "aid_undelivered").any()
    p = quiet.settings.mexico
    assert gauge(quiet, "competence") == pytest.approx(p.competence)
    for country in COUNTRIES:  # revenue wanders a little, and supply with it
        assert gauge(quiet, f"supply_{country.lower()}") == pytest.approx(1.0, abs=0.02)


def test_a_strategic_mexico_leaves_what_does_not_pay_and_is_not_paid_for(play: Callable) -> None:
    """A cost to sovereignty beyond all benefit: participation falls to nothing, and so does the
    bill of the instrument; what needs no partner goes on."""
    changes = {"governments.mexico": "strategic", "governments.sovereignty.southern_border": 4e9}
    model = play("southern_border_control patrol_surge", changes=changes, **(YEAR | {"days": 900}))
    share = gauge(model, "cooperation_southern_border")
    assert share[0] == 1.0 and share[-1] < 0.1 and (np.diff(share) <= 0.0).all()
    paid = model.ledger.daily_money[:, Account.MEXICO_TREASURY].sum(axis=1)
    assert paid[0] > 0 and paid[-1] < 0.1 * paid[0]
    assert (gauge(model, "cooperation_operations") == 1.0).all()
    assert model.levers.us_officers.sum() > 4_000 and model.levers.mx_effort.max() < 0.1


def test_a_strategic_mexico_stays_where_aid_covers_the_cost(play: Callable) -> None:
    """The same stance, a partner who pays; benefits at home are left out of the account."""
    changes = {
        "governments.mexico": "strategic",
        "governments.sovereignty.training": 0.0,
        "governments.kidnapping_worth": 0.0,
        "governments.revenue_worth": 0.0,
    }
    model = play("trainers", changes=changes, **(YEAR | {"days": 700}))
    assert (gauge(model, "cooperation_training") == 1.0).all()


def test_trainers_raise_competence_and_aid_arrives_years_late(play: Callable) -> None:
    """Trainers act within the year; of a year's aid most is still on its way at its end."""
    model = play("trainers:5 merida_initiative", **YEAR)
    assert gauge(model, "competence")[-1] > model.settings.mexico.competence + 0.05
    delivered, waiting = gauge(model, "aid_delivered")[-1], gauge(model, "aid_undelivered")[-1]
    assert 0.0 < delivered < 0.25 * waiting
    assert delivered + waiting == pytest.approx(300e6, rel=0.1)  # twelve monthly payments


def test_more_visas_admit_more_and_fewer_go_without(play: Callable) -> None:
    """Substitution: the same people, another way."""
    settings = YEAR | {"days": 730, "scale": 100}
    without, under = play(**settings), play("legal_pathways:2", **settings)
    a, b = outcomes(without.ledger), outcomes(under.ledger)
    assert b["legal_admissions"] > 1.5 * a["legal_admissions"]
    assert b["set_out"] < a["set_out"] and b["unlawful_entries"] < a["unlawful_entries"]
    assert gauge(under, "legal_queue_mexican")[-1] < gauge(without, "legal_queue_mexican")[-1]


def test_those_sent_to_wait_are_kidnapped_admitted_or_try_again(play: Callable) -> None:
    """Fewer are released, more are taken; nobody who waits is counted as released."""
    changes = {"migrants.wait_in_mexico_days": 60.0, "migrants.wait_kidnap_hazard": 0.01}
    settings = YEAR | {"scale": 50, "changes": changes}
    without, under = play(**settings).ledger.totals(), play("remain_in_mexico:2", **settings)
    totals = under.ledger.totals()
    assert totals["sent_to_wait"] > 1_000 and without["sent_to_wait"] == 0
    assert totals["released_us"] < 0.7 * without["released_us"]
    assert totals["kidnapped"] > without["kidnapped"] and totals["granted"] > 0


def test_hunted_organisations_lose_cells_and_pressed_ones_pay_the_treasury(play: Callable) -> None:
    """What is seized goes to the United States."""
    model = play(
        "best_teams:4 dismantle_conveyor_belts:4", changes={"smugglers.cell_pace": 0.0}, **YEAR
    )
    assert gauge(model, "cells")[-1] < 0.7 * gauge(model, "cells")[0]
    seized = model.ledger.money[Account.ORGANISATIONS, Account.US_TREASURY]
    assert seized > 10**6


def test_officers_at_ports_shorten_waits_and_find_more(play: Callable, quiet: BorderModel) -> None:
    """The split between ports and open country is felt on both sides."""
    model = play("sector_allocation:1:to_ports=1:moved=2000", **YEAR)
    assert gauge(model, "wait_travellers")[-1] < 0.5 * gauge(quiet, "wait_travellers")[-1]
    found, tried = (model.ledger.totals()[k] for k in ("inadmissible", "port_attempt"))
    base_found, base_tried = (quiet.ledger.totals()[k] for k in ("inadmissible", "port_attempt"))
    assert found / tried > base_found / base_tried
    assert gauge(model, "seized_ports")[-1] > gauge(quiet, "seized_ports")[-1]
    away = outcomes(model.ledger)["got_aways"] - outcomes(model.ledger)["port_entries"]
    base = outcomes(quiet.ledger)["got_aways"] - outcomes(quiet.ledger)["port_entries"]
    assert away > base  # fewer agents in the open country


def test_fences_cost_those_who_cross_and_fewer_set_out(play: Callable, quiet: BorderModel) -> None:
    """What a fence adds to a journey is part of the decision to leave."""
    fenced = play("fence:4:toll=1000", **YEAR)
    assert fenced.ledger.totals()["set_out"] < quiet.ledger.totals()["set_out"]
    assert quiet.ledger.events[:, Event.SET_OUT].sum() > 0
