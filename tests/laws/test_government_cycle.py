"""Government decisions in the whole model: participation, admissions and feedbacks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.measures import outcomes
from abm.model import BorderModel
from abm.phases.indicators import INDICATORS
from agents.labels import AREAS, COUNTRIES
from agents.outcomes import Account, Event

NAMES = list(INDICATORS)
YEAR: dict[str, Any] = {"scale": 200, "warmup_days": 120, "days": 365}
PART: dict[str, Any] = YEAR | {"days": 150}
#: Settings without arrests of leaders, entry and exit.
SAME_ORGANISATIONS = {"smugglers.decapitation": 0.0, "smugglers.adaptive_entry": False}


def indicator(model: BorderModel, name: str) -> np.ndarray:
    """Return the daily values of an indicator."""
    return model.ledger.indicators[: model.ledger.day, NAMES.index(name)]


@pytest.fixture(scope="module")
def quiet(play: Callable[..., BorderModel]) -> BorderModel:
    """Run a year of the status quo."""
    return play(**YEAR)


def test_indicators_are_finite_and_shares_are_at_most_one(quiet: BorderModel) -> None:
    """The law holds for every indicator on every day."""
    shown = quiet.ledger.indicators
    assert np.isfinite(shown).all() and (shown >= 0.0).all()
    for name, unit in INDICATORS.items():
        if unit in ("share", "index", "share of cells"):
            assert indicator(quiet, name).max() <= 1.0, name


def test_without_policies_both_governments_cooperate_and_no_aid_flows(quiet: BorderModel) -> None:
    """The status quo is the base year."""
    assert all((indicator(quiet, f"cooperation_{area}") == 1.0).all() for area in AREAS)
    assert (
        not indicator(quiet, "aid_delivered").any()
        and not indicator(quiet, "aid_undelivered").any()
    )
    p = quiet.settings.mexico
    assert indicator(quiet, "competence") == pytest.approx(p.competence)
    for country in COUNTRIES:  # Revenue and supply fluctuate a little.
        assert indicator(quiet, f"supply_{country.lower()}") == pytest.approx(1.0, abs=0.02)


@pytest.mark.slow
def test_a_strategic_mexico_leaves_policies_that_cost_more_than_they_bring(play: Callable) -> None:
    """If sovereignty costs more than all benefits, participation and payments fall to zero.

    Instruments that need no partner continue.
    """
    changes = {"governments.mexico": "strategic", "governments.sovereignty.southern_border": 4e9}
    model = play("southern_border_control patrol_surge", changes=changes, **(YEAR | {"days": 900}))
    share = indicator(model, "cooperation_southern_border")
    assert share[0] == 1.0 and share[-1] < 0.1 and (np.diff(share) <= 0.0).all()
    paid = model.ledger.daily_money[:, Account.MEXICO_TREASURY].sum(axis=1)
    assert paid[0] > 0 and paid[-1] < 0.1 * paid[0]
    assert (indicator(model, "cooperation_operations") == 1.0).all()
    assert model.levers.us_officers.sum() > 4_000 and model.levers.mx_effort.max() < 0.1


def test_a_strategic_mexico_stays_in_policies_whose_cost_aid_covers(play: Callable) -> None:
    """Aid covers the cost, and domestic benefits are zero."""
    changes = {
        "governments.mexico": "strategic",
        "governments.sovereignty.training": 0.0,
        "governments.kidnapping_worth": 0.0,
        "governments.revenue_worth": 0.0,
    }
    model = play("trainers", changes=changes, **YEAR)
    assert (indicator(model, "cooperation_training") == 1.0).all()


CONDITION = "merida_initiative assurance_conditionality:withheld=0.5"
INDIFFERENT = {"governments.aid_worth": 0.0, "governments.grievance_gain": 0.0}


def test_a_strategic_mexico_pays_for_the_effort_that_conditional_aid_buys(play: Callable) -> None:
    """Mexico's forces work faster, its treasury pays for the effort, and aid is conserved."""
    model = play(CONDITION, changes={"governments.mexico": "strategic"}, **(YEAR | {"days": 540}))
    assert model.governments.mexico.effort > 0.0
    assert model.levers.mx_effort.max() == pytest.approx(model.governments.mexico.effort)
    assert model.ledger.daily_money[:, Account.MEXICO_TREASURY, Account.PROGRAMMES].sum() > 1e6
    aid = model.aid
    months = 18
    found = aid.delivered + aid.undelivered + aid.returned
    assert found == pytest.approx(300e6 * months / 12.0, rel=0.06)
    returned = model.ledger.daily_money[:, Account.PROGRAMMES, Account.US_TREASURY].sum()
    assert returned == pytest.approx(aid.returned, abs=2.0)


@pytest.mark.parametrize("changes", [{}, {"governments.mexico": "strategic"} | INDIFFERENT])
def test_without_a_strategic_interest_the_condition_moves_no_effort(
    play: Callable, changes: dict[str, Any]
) -> None:
    """A willing Mexico, or a Mexico that does not value aid, works at the base year's tempo."""
    model = play(CONDITION, changes=changes, **PART)
    assert model.governments.mexico.effort == 0.0 and not model.levers.mx_effort.any()
    assert model.ledger.daily_money[:, Account.MEXICO_TREASURY].sum() == 0


def test_a_strategic_mexico_without_conditional_aid_is_the_base_year(
    play: Callable, quiet: BorderModel
) -> None:
    ledger, days = play(changes={"governments.mexico": "strategic"}, **PART).ledger, PART["days"]
    assert ledger.events.tobytes() == quiet.ledger.events[:days].tobytes()
    assert ledger.daily_money.tobytes() == quiet.ledger.daily_money[:days].tobytes()


def test_trainers_raise_competence_and_aid_arrives_years_late(play: Callable) -> None:
    """Trainers act within the year, but most of a year's aid is still undelivered at its end."""
    model = play("trainers:5 merida_initiative", **YEAR)
    assert indicator(model, "competence")[-1] > model.settings.mexico.competence + 0.05
    delivered, waiting = (
        indicator(model, "aid_delivered")[-1],
        indicator(model, "aid_undelivered")[-1],
    )
    assert 0.0 < delivered < 0.25 * waiting
    assert delivered + waiting == pytest.approx(300e6, rel=0.1)  # twelve monthly payments


@pytest.mark.slow
def test_visas_within_the_limits_lower_unlawful_entries_and_others_do_nothing(
    play: Callable,
) -> None:
    """Twice the request changes nothing, and a petition above the alternative wage hires none."""
    settings = YEAR | {"warmup_days": 540, "scale": 100}
    offers = "1:set_up_days=1", "2:set_up_days=1", "1:petition=12000:fee_cut=0"
    without = play(**settings)
    under, twice, dear = (play(f"legal_pathways:{offer}", **settings) for offer in offers)
    a, b, c = (outcomes(model.ledger) for model in (without, under, twice))
    assert 1.1 * a["legal_admissions"] < b["legal_admissions"] < 1.25 * a["legal_admissions"]
    assert b["set_out"] < a["set_out"] and b["unlawful_entries"] < a["unlawful_entries"]
    assert c["legal_admissions"] == b["legal_admissions"]
    assert c["dollars"] == pytest.approx(b["dollars"], rel=1e-5)
    assert dear.ledger.totals() == without.ledger.totals()
    assert outcomes(dear.ledger)["dollars"] == 0.0
    queues = [indicator(model, "legal_queue_mexican")[-1] for model in (under, without)]
    assert queues[0] < queues[1]


@pytest.mark.slow
def test_jobs_change_nothing_in_the_base_year_and_much_where_visas_have_no_limit(
    play: Callable,
) -> None:
    """Unlimited visas end half of the departures if they take jobs, and a quarter otherwise."""
    settings = YEAR | {"warmup_days": 540, "scale": 100}
    free = {"employers.h2b_cap": 100e6, "employers.substitution": 1.0}
    numbers = "legal_pathways:4:persons=2000000/2000000:petition=0"
    texts = "", "", numbers, numbers
    changes = {}, {"employers.rationing": 0.0}, free, free | {"employers.substitution": 0.0}
    base, constant, taken, kept = (
        outcomes(play(text, changes=change, **settings).ledger)["set_out"]
        for text, change in zip(texts, changes, strict=True)
    )
    assert base == pytest.approx(constant, rel=0.01)
    assert taken < 0.6 * base and kept > 0.7 * base


@pytest.mark.slow
def test_visas_and_removals_reinforce_each_other_the_more_the_bar_costs(play: Callable) -> None:
    """Together they lower departures by more than the product of the two single effects."""
    visas, removals = "legal_pathways:4:persons=2000000/2000000:petition=0 ", "consequence_capacity"
    free = {"employers.h2b_cap": 100e6}
    settings = YEAR | {"warmup_days": 540, "days": 730}

    def leave(text: str, bar: float = 0.0) -> float:
        changes = free | {"migrants.return_bar": bar}
        model = play(text, changes=changes, **settings)
        return math.log(outcomes(model.ledger)["set_out"])

    alone = leave(removals) - leave("")
    without, full = (leave(visas + removals, b) - leave(visas, b) - alone for b in (0.0, 1.0))
    assert full < without < 0.0 and full < -0.015


@pytest.mark.slow
def test_people_sent_to_wait_are_kidnapped_admitted_or_try_again(play: Callable) -> None:
    """Fewer people are released and more are kidnapped.

    People who wait do not count as released.
    """
    days, hazard, share = 60.0, 0.01, 0.3
    changes = {"migrants.wait_in_mexico_days": days, "migrants.wait_kidnap_hazard": hazard}
    changes["migrants.wait_granted"] = share  # at the default, almost no person is admitted
    settings = YEAR | {"scale": 50, "changes": changes}
    without, under = play(**settings).ledger.totals(), play("remain_in_mexico:2", **settings)
    totals = under.ledger.totals()
    assert totals["sent_to_wait"] > 1_000 and without["sent_to_wait"] == 0
    assert totals["released_us"] < 0.7 * without["released_us"]
    assert totals["kidnapped"] > without["kidnapped"] and without["granted"] == 0
    # About three hundred simulated people are sent to wait, and some still wait on the last day.
    admitted = share * math.exp(-hazard * days) * totals["sent_to_wait"]
    assert 0.6 * admitted < totals["granted"] < 1.3 * admitted


def test_dismantling_removes_cells_and_financial_pressure_seizes_dollars(play: Callable) -> None:
    """Seized dollars go to the U.S. treasury."""
    model = play(
        "best_teams:4 dismantle_conveyor_belts:4", changes={"smugglers.cell_pace": 0.0}, **YEAR
    )
    assert indicator(model, "cells")[-1] < 0.7 * indicator(model, "cells")[0]
    seized = model.ledger.money[Account.ORGANISATIONS, Account.US_TREASURY]
    assert seized > 10**6


def test_officers_at_ports_shorten_waits_and_find_more(play: Callable, quiet: BorderModel) -> None:
    """Fewer officers remain in the open country."""
    model = play("sector_allocation:1:to_ports=1:moved=2000", **YEAR)
    assert indicator(model, "wait_travellers")[-1] < 0.5 * indicator(quiet, "wait_travellers")[-1]
    found, tried = (model.ledger.totals()[k] for k in ("inadmissible", "port_attempt"))
    base_found, base_tried = (quiet.ledger.totals()[k] for k in ("inadmissible", "port_attempt"))
    assert found / tried > base_found / base_tried
    # The chance that a load is detected rises, and loads avoid the ports.
    of_each, base_of_each = (
        indicator(m, "seized_ports")[-1] / indicator(m, "drugs_ports")[-1] for m in (model, quiet)
    )
    assert of_each > base_of_each
    share, usual = (
        indicator(m, "drugs_ports")[-1] / outcomes(m.ledger)["drugs_moved"] for m in (model, quiet)
    )
    assert share < usual
    away = outcomes(model.ledger)["got_aways"] - outcomes(model.ledger)["port_entries"]
    base = outcomes(quiet.ledger)["got_aways"] - outcomes(quiet.ledger)["port_entries"]
    assert away > base  # because the open country has fewer agents


@pytest.mark.slow
def test_officers_at_ports_seize_more_drugs_unless_loads_avoid_ports(play: Callable) -> None:
    """Organisations stay the same, because a leader's arrest would change the cells by a tenth.

    Seizures rise if loads keep their route. If loads avoid ports, seizures rise less, because a
    larger share of fewer loads is detected.
    """
    gain = {}
    for crowding in (None, 10.0):
        changes = SAME_ORGANISATIONS | ({"drugs.crowding": crowding} if crowding else {})
        calm, model = (
            indicator(play(policy, changes=changes, **YEAR), "seized_ports")[-1]
            for policy in ("", "sector_allocation:1:to_ports=1:moved=2000")
        )
        gain[crowding] = model / calm - 1.0
    assert gain[10.0] > 0.03
    assert 0.0 < gain[None] < gain[10.0]


def test_the_cost_of_a_fence_lowers_departures(play: Callable, quiet: BorderModel) -> None:
    """The cost that a fence adds to a journey is part of the decision to leave."""
    fenced = play("fence:4:toll=1000", **PART).ledger.totals()["set_out"]
    assert fenced < quiet.ledger.events[: PART["days"], Event.SET_OUT].sum()
