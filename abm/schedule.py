"""The simulated day as a list of steps, run in the order in :data:`DAY`.

Decisions depend on yesterday's state, so the order of agents within a step does not matter.
`twoborders day` prints the steps.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from abm import engines
from abm.phases import capacity, dated_inputs
from abm.phases.weekly import learn_and_plan, plan_routes, review_organisations
from abm.policies.registry import daily_spending, pull_all
from agents import contest
from agents.border_patrol import Detachment
from agents.environment import Trait
from agents.migrants.tallies import events_by_group
from agents.outcomes import PAYERS, Account
from agents.smugglers import SmugglerCell

if TYPE_CHECKING:
    from abm.model import BorderModel
    from agents.deployment import WalkingUnit

_WEEK, _YEAR = 7, 365


def morning(model: BorderModel) -> None:
    """Apply today's policies to the levers and post what the treasuries pay."""
    model.ledger.open_day()
    model.network.reset_counts()
    policies = model.policies if model.recording else ()  # the warm-up runs without policies
    pull_all(policies, model.levers, model.today, model.policy_context)
    cooperation = model.governments.cooperation
    southern = cooperation["southern_border"]
    for levers in model.levers.with_requests():
        model.strategy.pull(levers, model.network.southern_places, southern)
        if model.governments.mexico.effort != 0.0:
            levers.mx_effort[model.forces.base_officers > 0.0] += model.governments.mexico.effort
    model.network.close_legs(model.levers)
    if model.recording:
        _pay_for_policies(model)
        idle = model.strategy.idle(float(model.levers.requested.strategy[0]), southern)
        model.pay(Account.PROGRAMMES, Account.MEXICO_TREASURY, round(idle / 365.0))


def _pay_for_policies(model: BorderModel) -> None:
    """Post the day's dollars. Payers keep those for what no agency delivers."""
    active = tuple(policy for policy in model.policies if policy.active(model.today))
    if not active:
        return
    delivered = delivered_shares(model)
    inputs = model.policy_context
    divided = daily_spending(active, model.today, inputs.cooperation, inputs, delivered)
    for payer, (spent, unspent) in divided.items():
        model.pay(PAYERS[payer], Account.PROGRAMMES, spent)
        if unspent:
            model.ledger.leave_unspent(payer, unspent)


def delivered_shares(model: BorderModel) -> dict[str, float]:
    """Return how much of each policy request the agencies deliver today, by lever.

    Without ports of entry, officers for ports work at the line and are hired with the agents there.
    """
    shares = model.patrol.delivered() | model.forces.delivered()
    if not model.levers.port_officers.size:
        shares["port_officers"] = shares["us_officers"]
    southern = model.governments.cooperation["southern_border"]
    shares["strategy"] = model.strategy.delivered(shares, southern)
    return shares


def governments(model: BorderModel) -> None:
    """Update custody, courts, hearings and the legal channel. Monthly, governments decide."""
    new_fiscal_year = (model.date.month, model.date.day) == (10, 1)
    if model.settings.record == "history" and (model.clock == 0 or new_fiscal_year):
        dated_inputs.apply_year(model)
    if model.date.day == 1:
        model.government_cycle.turn(model)
    dated_inputs.update_consequences(model)
    capacity.update(model)


def inspect(model: BorderModel) -> None:
    """Simulate queues, inspections and waits at the ports of entry."""
    model.ports.mexican_integrity = model.forces.integrity
    model.ports.day()


def allocate(model: BorderModel) -> None:
    """Move units that are under way. Weekly, reallocate both countries' units."""
    patrol, forces = model.patrol, model.forces
    model.register_of(Detachment).do("advance")
    for company in forces.companies:
        company.walk(forces.params.march_days)
    if not model.weekly:
        return
    lag = model.settings.border_patrol.map_lag * (1.0 - min(1.0, float(model.levers.map_lag[0])))
    patrol.allocate(model.flow_history.apprehensions(lag), model.conditions.line_hazard)
    forces.form_companies()
    forces.train(_WEEK)
    forces.deploy()


def hazards(model: BorderModel) -> None:
    """Apply the contest function to every contested leg of both countries."""
    contest_line(model)
    contest_mexico(model)
    set_dangers(model)


def contest_line(model: BorderModel) -> None:
    """Set detection at the line and at ports, waits at ports, and the response of agents."""
    shape, network, patrol = model.settings.contest, model.network, model.patrol
    legs, effort, agents = network.leg_state, patrol.tempo(), patrol.on_the_line()
    strength = patrol.strength_ratio(agents) * _field_share(model, agents)
    capacity = model.settings.border_patrol.response * agents * effort
    history = model.flow_history
    # the warm-up sets the baseline of the flow
    crowding = history.crowd_at_line() if model.recording else np.ones(history.calls.size)
    by_sector = contest.set_line_legs(
        *(legs.us_hazard, legs.respond, model.world.leg_sector, model.baseline.us_hazard),
        *(contest.worked_power(effort, strength, shape.eta), patrol.match),
        *(crowding, shape.chi),
        np.where(capacity > 0.0, history.calls / np.maximum(capacity, 1e-9), np.inf),
    )
    model.conditions.line_hazard = model.baseline.line_hazard * by_sector
    detected = contest.as_hazard(model.ports.find_person)
    legs.us_hazard[network.port_legs] = detected[network.port_of_leg]
    legs.port_wait[network.port_legs] = model.ports.asylum_wait[network.port_of_leg]


def _field_share(model: BorderModel, agents: np.ndarray) -> float:
    """Return agents' time in the field over the base year."""
    if model.settings.border_patrol.tied_up <= 0.0:
        return 1.0
    history, recorded = model.flow_history, model.baseline.custody_hours
    base = history.baseline_hours if recorded is None else recorded
    other = model.supply.other_nationalities(model.date) / history.custody_hours.size
    return model.patrol.field_share(history.custody_hours + other, base, agents)


def contest_mexico(model: BorderModel) -> None:
    """Set interdiction and extortion in Mexico, and the share of encounters with a free officer."""
    shape, legs, forces = model.settings.contest, model.network.leg_state, model.forces
    officers, effort = forces.standing_officers(), forces.effort()
    busy = model.flow_history.met_in_mexico / max(forces.capacity(officers, effort), 1e-9)
    response = float(contest.answered_share(busy))
    model.conditions.mexican_response = response
    history, places = model.flow_history, model.world.n_places
    crowding = history.crowd_in_mexico() if model.recording else np.ones(places)
    contest.set_mexican_legs(
        *(legs.mx_hazard, legs.extort_hazard, model.world.head, model.baseline.mx_hazard),
        *(model.levers.mx_watch, forces.worked_powers(officers, effort)),
        *(crowding, shape.chi, float(forces.match), response),
    )


def set_dangers(model: BorderModel) -> None:
    """Set travel days, and the death and kidnapping hazards."""
    baseline, levers, legs = model.baseline, model.levers, model.network.leg_state
    np.add(model.world.days, levers.leg_delay, out=legs.days)
    np.multiply(baseline.death, 1.0 + levers.leg_danger, out=legs.death)
    np.multiply(baseline.kidnap, 1.0 + model.conditions.violence, out=legs.kidnap)


def organise(model: BorderModel) -> None:
    """Move cells that are under way. Weekly, update prices, cells, entries and exits."""
    model.market.find_changes()
    _move_cells(model)
    months = model.settings.smugglers.violence_months
    model.conditions.violence *= math.exp(-12.0 / (365.0 * months))
    if model.weekly:
        review_organisations(model)


def _move_cells(model: BorderModel) -> None:
    """Move the cells that are under way. A user's class of cells may also act at its place."""
    replaced = model.class_of(SmugglerCell) is not SmugglerCell
    for cell in model.figure_of(SmugglerCell, tuple if replaced else _under_way, Trait.TARGET):
        cell.walk()


def _under_way(units: Iterable[WalkingUnit]) -> list[WalkingUnit]:
    """Return the units that are not at their target."""
    return [unit for unit in units if not unit.standing]


def plan(model: BorderModel) -> None:
    """Weekly, update beliefs from new reports and solve routes again on a rota."""
    if model.weekly:
        learn_and_plan(model)
    elif model.planning.plans.outdated:  # legs have been closed or opened
        plan_routes(model)


def candidates(model: BorderModel) -> None:
    """Generate candidates, who choose to stay, wait, apply or go, and start the trips."""
    departures = model.early_departures
    _generate(model, model.today, departures.of(model.today), is_early=0)
    for date, early in departures.early_dates(model).items():
        _generate(model, date, early, is_early=1)
        departures.add(date, early)


def _generate(model: BorderModel, date: int, early: np.ndarray, is_early: int) -> None:
    """Generate the candidates of a date who decide today."""
    day = datetime.date.fromordinal(date)
    rates = model.supply.envelope_rates(day) / model.weight
    engines.generate(model, date, rates, model.supply.keep(day.year), early, is_early)


def advance(model: BorderModel) -> None:
    """Process every migrant due today: legs, the line, consequences and retries."""
    engines.advance(model)


def feed_back(model: BorderModel) -> None:
    """Update what later days depend on: flows, demand for beds, courts and agents, and staff."""
    by_group = events_by_group(model.ledger.day_tallies)
    model.government_cycle.count(model, by_group)
    model.ports.asylum_queue += model.network.presented_by_port()
    model.flow_history.update(
        model.ledger.day_tallies,
        by_group,
        model.network.leg_state.traffic,
        model.weekly,
        model.conditions.mexican_response,
    )
    if model.recording:  # the warm-up has no policies
        model.patrol.end_day()
        model.forces.end_day()


def record(model: BorderModel) -> None:
    """Check conservation and write the day to the ledger."""
    traffic = model.network.leg_state.traffic
    cash = int(model.market.book["cash"].sum())
    indicators = model.indicator_reader.read(model) if model.recording else None
    model.ledger.close_day(int(model.recording), cash, indicators, traffic)
    if -_YEAR <= model.today - model.calendar.first_day < 0:
        model.flow_history.update_baseline(traffic)
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
    """Run every step of one day and advance the calendar."""
    for phase in DAY:
        phase(model)
    model.next_day()


def describe() -> str:
    """Return the steps of a day with their descriptions, one per line."""
    return "\n".join(
        f"{n:2d}. {phase.__name__}: {(phase.__doc__ or '').strip()}"
        for n, phase in enumerate(DAY, 1)
    )
