"""The day: a printed list of steps. Decisions read yesterday's state, so order within a step
does not matter.

`python -c "from abm.day import describe; print(describe())"` prints it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.policies import daily_dollars, pull_all
from agents import contest
from agents.migrants.columns import EPOCH
from agents.migrants.loop import act_due, come_up, count_arrivals
from agents.outcomes import Account, Event
from agents.plans import ROTA, refresh_solo

if TYPE_CHECKING:
    from abm.model import BorderModel

_PAYER = {"us": Account.US_TREASURY, "mexico": Account.MEXICO_TREASURY,
          "users": Account.HOUSEHOLDS}
_WEEK, _MONTHLY = 7, 28.0
RETHINK = 5.0  # $ that a policy adds to a leg at which everybody plans afresh at once


def morning(model: BorderModel) -> None:
    """Calendar: policies set the levers, treasuries pay for the day."""
    model.ledger.open_day()
    model.ground.seen.fill(0)
    policies = model.policies if model.recording else ()  # the warm-up knows none
    pull_all(policies, model.levers, model.today, model.seen_by_policies)
    if model.recording:
        for payer, dollars in daily_dollars(model.policies, model.today).items():
            model.pay(_PAYER[payer], Account.PROGRAMMES, dollars)


def governments(model: BorderModel) -> None:
    """Detention, courts, legal channel: what is free today, from yesterday's demand."""
    rules, books, s = model.rules[0], model.ledger.books[0], model.settings
    date = model.date
    rules["fiscal_year"] = date.year + (date.month >= 10) - EPOCH
    day = date.timetuple().tm_yday
    rules["heat"] = 1.0 + s.migrants.heat_amplitude * math.cos(2.0 * math.pi * (day - 185) / 365.0)
    beds = s.consequences.beds + float(model.levers.beds[0])
    courts = s.consequences.courts + float(model.levers.courts[0])
    rules["bed_free"] = _free(beds - float(books["held"].sum()), model.demand["bed"])
    rules["court_free"] = _free(courts, model.demand["court"])
    quota = np.array(s.migrants.legal_quota) / 365.0
    rules["admitted"] = np.minimum(1.0, quota / np.maximum(model.demand["legal"], 1.0))
    _expect_release(model)


def _free(places: float, demand: float) -> float:
    return float(min(1.0, max(0.0, places) / max(demand, 1.0)))


def _expect_release(model: BorderModel) -> None:
    """What people expect of an apprehension in the U.S. follows what happens, slowly."""
    rules, m = model.rules[0], model.settings.migrants
    base = rules["release_base"]
    now = base.copy()
    now[1] += (1.0 - base[1]) * (1.0 - rules["bed_free"])
    rules["release_view"] += (now - rules["release_view"]) / 60.0
    ratio = rules["release_view"][1] / np.maximum(base[1], 1e-6)
    rules["surrender_now"] = np.minimum(1.0, np.array(m.surrender) * ratio**m.surrender_slope)


def allocate(model: BorderModel) -> None:
    """Weekly: both countries move their units; daily: those under way go on."""
    patrol, forces = model.patrol, model.forces
    patrol.relocate()
    forces.relocate()
    if not model.weekly:
        return
    patrol.allocate(model.lagged_apprehensions(), model.us_hazard)
    forces.hire(float(model.levers.gendarmes[0]), _WEEK)
    forces.deploy()


def hazards(model: BorderModel) -> None:
    """The one law, applied to every contested leg of both countries."""
    shape, ground, world = model.settings.contest, model.ground, model.world
    levers = model.levers
    crowd_us, crowd_mx = model.crowding()
    ratio = model.patrol.strength_ratio()
    effort = 1.0 + levers.us_effort
    by_sector = contest.hazard(1.0, effort, ratio, shape.eta, crowd_us, shape.chi)
    ground.us_hazard[:] = model.base_us_hazard * by_sector[world.leg_sector]
    model.us_hazard = np.array(model.settings.border_patrol.line_hazard) * by_sector
    true, met = model.forces.strength_ratios()
    law = contest.hazard(1.0, model.forces.effort(), np.stack([true, met]), shape.eta, crowd_mx,
                         shape.chi)
    ground.mx_hazard[:] = model.base_mx_hazard * law[0, world.head]
    ground.extort_hazard[:] = model.base_mx_hazard * (law[1] - law[0])[world.head]
    ground.days[:] = world.days + levers.leg_delay
    ground.death[:] = model.base_death * (1.0 + levers.leg_danger)
    ground.kidnap[:] = model.base_kidnap * (1.0 + model.violence)
    capacity = model.settings.border_patrol.response * model.patrol.on_the_line() * effort
    respond = contest.answered(model.demand["answered"] / np.maximum(capacity, 1e-9))
    ground.respond[:] = np.where(world.leg_sector >= 0, respond[world.leg_sector], 1.0)


def organise(model: BorderModel) -> None:
    """Weekly: organisations review prices, cells, who leaves and who comes."""
    model.market.relocate()
    model.violence *= math.exp(-12.0 / (365.0 * model.settings.smugglers.violence_months))
    if not model.weekly:
        return
    model.market.review(model.failure_risk(), model.line_gate)
    for slot in model.market.struck:  # a second blow on the same legs does not add up
        told = model.org_beliefs.counts[slot].sum(axis=1)
        held = told > 0.01 * max(told.sum(), 1e-9)
        rise = model.settings.smugglers.splinter_violence
        model.violence[held] = np.maximum(model.violence[held], rise)


def plan(model: BorderModel) -> None:
    """Weekly: what was told is learnt, routes are planned afresh on a rota."""
    if not model.weekly:
        return
    model.home_beliefs.learn()
    model.org_beliefs.learn()
    extra = model.settings.routes.day_cost * model.levers.leg_delay + model.levers.leg_cost
    everybody = model.week == 0 or bool(np.abs(extra + model.plans.extra).max() > RETHINK)
    if everybody:
        model.plans.extra = -extra
    refresh_solo(model.plans, model.home_beliefs, model.prior_home, model.week, everybody)
    _plan_organisations(model, everybody)


def _plan_organisations(model: BorderModel, everybody: bool) -> None:
    plans, beliefs = model.plans, model.org_beliefs
    leak = min(1.0, float(model.levers.leak[0]))
    truth = model.true_stop()
    for slot, agent in model.market.agents.items():
        stop, harm = model.prior_org[max(agent.groups)]
        believed = beliefs.stop(slot, stop)
        if leak > 0.0:  # plans reached the organisation: it knows more than its clients told
            believed = (1.0 - leak) * believed + leak * truth
        first = plans.first_guided + slot * 3
        kinds = (0,) if agent.groups == (0,) else (1, 2)
        turn = everybody or not agent.planned or (model.week + slot) % ROTA == 0
        if turn or plans.changed(first + kinds[0], believed):
            agent.planned = True
            cells = agent.cells_at(model.world.n_places)
            for kind in kinds:
                plans.guided(slot, kind, believed, beliefs.harm(slot, harm), stop, harm, cells)


def candidates(model: BorderModel) -> None:
    """People come up, weigh staying, the legal channel and going; those who go set out."""
    weight = model.weight
    rates = model.supply.envelope_rates(model.date) / weight
    table = model.migrants
    table.reserve(count_arrivals(model.today, rates, model.seed) + 1)
    table.count = come_up(
        model.today, model.clock, int(model.recording), weight, rates,
        model.supply.keep(model.date.year),
        model.supply.strata, table.rows, table.due, table.count, model.ground.record,
        model.market.book, model.rules[0], model.ledger.books[0], model.seed,
    )


def advance(model: BorderModel) -> None:
    """Everybody due acts: legs end, the line is contested, consequences follow, people retry."""
    table = model.migrants
    act_due(
        model.clock, table.count, table.rows, table.due, model.ground.record, model.market.book,
        model.rules[0], model.ledger.books[0], model.seed,
    )


def feed_back(model: BorderModel) -> None:
    """Yesterday's figures for tomorrow: flows, demand for beds, courts and answers."""
    books, keep = model.ledger.books[0], 1.0 / _MONTHLY
    model.recent_flow += (model.ground.seen - model.recent_flow) * keep
    demand, events = model.demand, books["events"].sum(axis=2)
    for name, asked in (("bed", books["asked_bed"]), ("court", books["asked_court"])):
        demand[name] += (float(asked) - demand[name]) / 7.0
    applied = events[Event.ADMITTED] + events[Event.REFUSED]
    demand["legal"] = demand["legal"] + (applied - demand["legal"]) * keep
    demand["answered"] = demand["answered"] + (books["answered"] - demand["answered"]) / 14.0
    model.remember_apprehensions(books["by_sector"][Event.APPREHENDED_US].sum(axis=1))
    if model.weekly:
        model.flow_history.append(model.recent_flow.copy())


def record(model: BorderModel) -> None:
    """Conservation is asserted and the day is written down."""
    cash = int(model.market.book["cash"].sum())
    model.ledger.close_day(int(model.recording), cash, model.recording, model.ground.seen)
    if not model.recording:
        model.note_usual()
    if model.date.day == 1:
        model.tidy()


DAY = (morning, governments, allocate, hazards, organise, plan, candidates, advance, feed_back,
       record)


def play(model: BorderModel) -> None:
    """Play one day, step by step."""
    for step in DAY:
        step(model)
    model.next_day()


def describe() -> str:
    """The steps of a day with their meaning, one a line."""
    return "\n".join(
        f"{n:2d}. {step.__name__}: {(step.__doc__ or '').strip()}" for n, step in enumerate(DAY, 1)
    )
