"""The day: a printed list of steps. Decisions read yesterday's state, so order within a step
does not matter.

`python -c "from abm.schedule import describe; print(describe())"` prints it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.phases import capacity, historical_inputs
from abm.phases.detection import contest_legs
from abm.phases.planning import learn_and_plan
from abm.policies import daily_dollars, pull_all
from agents.migrants.kernels import act_due, count_arrivals, generate_candidates
from agents.outcomes import Account

if TYPE_CHECKING:
    from abm.model import BorderModel

_PAYER = {"us": Account.US_TREASURY, "mexico": Account.MEXICO_TREASURY, "users": Account.HOUSEHOLDS}
_WEEK = 7


def morning(model: BorderModel) -> None:
    """Calendar: policies set the levers, treasuries pay for the day."""
    model.ledger.open_day()
    model.leg_state.seen.fill(0)
    model.leg_state.presented.fill(0)
    policies = model.policies if model.recording else ()  # the warm-up knows none
    pull_all(policies, model.levers, model.today, model.seen_by_policies)
    cooperation = model.governments.cooperation
    model.strategy.pull(model.levers, model.southern_places, cooperation["southern_border"])
    if model.recording:
        for payer, dollars in daily_dollars(policies, model.today, cooperation).items():
            model.pay(_PAYER[payer], Account.PROGRAMMES, dollars)
        idle = model.strategy.idle(float(model.levers.strategy[0]), cooperation["southern_border"])
        model.pay(Account.PROGRAMMES, Account.MEXICO_TREASURY, round(idle / 365.0))


def governments(model: BorderModel) -> None:
    """Custody, courts, hearings, legal channel: what is free today; monthly, affairs of state."""
    if model.settings.record == "history" and (model.clock == 0 or _new_fiscal_year(model)):
        historical_inputs.apply_year(model)
    if model.date.day == 1:
        model.government_cycle.turn(model)
    capacity.update(model)


def _new_fiscal_year(model: BorderModel) -> bool:
    return (model.date.month, model.date.day) == (10, 1)


def inspect(model: BorderModel) -> None:
    """Ports of entry: a day of queues, inspections and waits."""
    model.ports.mexican_integrity = model.forces.integrity
    model.ports.day()


def allocate(model: BorderModel) -> None:
    """Weekly: both countries move their units; daily: those under way go on."""
    patrol, forces = model.patrol, model.forces
    patrol.relocate()
    forces.relocate()
    if not model.weekly:
        return
    seen = 1.0 - float(model.levers.map_lag[0])
    lag = model.settings.border_patrol.map_lag * seen
    patrol.allocate(model.flow_history.apprehensions(lag), model.us_hazard)
    forces.hire(float(model.levers.gendarmes[0]), _WEEK)
    forces.train(_WEEK)
    forces.deploy()


def hazards(model: BorderModel) -> None:
    """The one law, applied to every contested leg of both countries."""
    contest_legs(model)


def organise(model: BorderModel) -> None:
    """Weekly: organisations review prices, cells, who leaves and who comes."""
    model.market.relocate()
    model.violence *= math.exp(-12.0 / (365.0 * model.settings.smugglers.violence_months))
    if not model.weekly:
        return
    ports = model.ports
    model.market.review(
        model.failure_risk(),
        model.line_gate,
        line_detection=model.line_risk(),
        find_goods=ports.find_goods,
        crossed=ports.crossed,
        port_risk=model.port_risk(),
    )
    model.forces.revenue = model.market.revenue_ratio
    for slot in model.market.struck:  # a second blow on the same legs does not add up
        told = model.org_beliefs.counts[slot].sum(axis=1)
        held = told > 0.01 * max(told.sum(), 1e-9)
        rise = model.settings.smugglers.splinter_violence
        model.violence[held] = np.maximum(model.violence[held], rise)


def plan(model: BorderModel) -> None:
    """Weekly: what was told is learnt, routes are planned afresh on a rota."""
    if model.weekly:
        learn_and_plan(model)


def candidates(model: BorderModel) -> None:
    """People come up, weigh staying, the legal channel and going; those who go set out."""
    weight = model.weight
    rates = model.supply.envelope_rates(model.date) / weight
    table = model.migrants
    table.reserve(count_arrivals(model.today, rates, model.seed) + 1)
    table.count = generate_candidates(
        model.today,
        model.clock,
        int(model.recording),
        weight,
        rates,
        model.supply.keep(model.date.year),
        model.supply.strata,
        table.rows,
        table.due,
        table.count,
        model.leg_state.record,
        model.market.book,
        model.kernel_params[0],
        model.ledger.day_tallies[0],
        model.seed,
    )


def advance(model: BorderModel) -> None:
    """Everybody due acts: legs end, the line is contested, consequences follow, people retry."""
    table = model.migrants
    act_due(
        model.clock,
        table.count,
        table.rows,
        table.due,
        model.leg_state.record,
        model.market.book,
        model.kernel_params[0],
        model.ledger.day_tallies[0],
        model.seed,
    )


def feed_back(model: BorderModel) -> None:
    """Yesterday's figures for tomorrow: flows, demand for beds, courts and answers."""
    day_tallies = model.ledger.day_tallies[0]
    by_group = day_tallies["events"].sum(axis=2)
    model.government_cycle.count(model, by_group)
    model.ports.present(model.presented())
    model.flow_history.update(
        day_tallies, by_group, model.leg_state.seen, model.weekly, model.mx_respond
    )


def record(model: BorderModel) -> None:
    """Conservation is asserted and the day is written down."""
    cash = int(model.market.book["cash"].sum())
    indicators = model.indicator_reader.read(model) if model.recording else None
    model.ledger.close_day(int(model.recording), cash, indicators, model.leg_state.seen)
    if model.first_day - 365 <= model.today < model.first_day:
        model.flow_history.note_usual(model.leg_state.seen)
    if model.date.day == 1:
        model.tidy()


DAY = (
    morning,
    governments,
    inspect,
    allocate,
    hazards,
    organise,
    plan,
    candidates,
    advance,
    feed_back,
    record,
)


def step(model: BorderModel) -> None:
    """Play one day, step by step."""
    for phase in DAY:
        phase(model)
    model.next_day()


def describe() -> str:
    """The steps of a day with their meaning, one a line."""
    return "\n".join(
        f"{n:2d}. {step.__name__}: {(step.__doc__ or '').strip()}" for n, step in enumerate(DAY, 1)
    )
