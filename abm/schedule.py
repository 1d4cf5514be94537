"""The simulated day as a list of steps, which run in the order of :data:`DAY`.

Decisions depend on yesterday's state, so the order in which agents act within a step has no effect.
`twoborders day` prints the steps.
"""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

import numpy as np

from abm import engines
from abm.phases import capacity, dated_inputs
from abm.phases.weekly import (
    learn_and_plan,
    plan_routes,
    review_employers,
    review_organisations,
    trade_drugs,
)
from abm.policies.registry import daily_spending, pull_all
from abm.world.vocabulary import MX_ZONES
from agents.drug_params import HARD
from agents.hazards import ContestedLegs, Load, set_hazards
from agents.migrants.tallies import end_day
from agents.outcomes import PAYERS, Account
from agents.smugglers.products import sentence_shares

if TYPE_CHECKING:
    from abm.model import BorderModel

_WEEK, _YEAR = 7, 365


def morning(model: BorderModel) -> None:
    """Apply today's policies to the levers and post what the treasuries pay."""
    model.ledger.open_day()
    model.network.reset_counts()
    policies = model.policies if model.recording else ()  # The warm-up runs without policies.
    pull_all(policies, model.levers, model.today, model.policy_context)
    cooperation = model.governments.cooperation
    southern = cooperation["southern_border"]
    for levers in model.levers.with_requests():
        model.strategy.pull(levers, model.network.southern_places, southern)
        if model.governments.mexico.effort != 0.0:
            levers.mx_effort[model.forces.base_officers > 0.0] += model.governments.mexico.effort
    model.network.close_legs(model.levers)
    model.employers.petition()
    if model.recording:
        _pay_for_policies(model)
        dollars = float(model.levers.requested.strategy[0])
        if dollars > 0.0:
            idle = model.strategy.idle(dollars, southern)
            model.pay(Account.PROGRAMMES, Account.MEXICO_TREASURY, round(idle / 365.0))


def _pay_for_policies(model: BorderModel) -> None:
    """Post each payer's spending on policies today, and the dollars that remain unspent."""
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
    """Return how much of each policy request agencies deliver today, as a share by lever.

    In a world without ports of entry, officers for ports work at the line and have the same
    delivered share as agents.
    """
    shares = model.patrol.delivered() | model.forces.delivered() | model.employers.delivered()
    shares |= sentence_shares(model.settings.smugglers, model.levers)
    shares["wait_cases"] = capacity.waiting_share(model)
    if not model.levers.port_officers.size:
        shares["port_officers"] = shares["us_officers"]
    southern = model.governments.cooperation["southern_border"]
    shares["strategy"] = model.strategy.delivered(shares, southern)
    return shares


def governments(model: BorderModel) -> None:
    """Update custody, courts, hearings and the legal channel. Monthly, governments decide."""
    date = model.date
    new_fiscal_year = (date.month, date.day) == (10, 1)
    if model.clock == 0 or new_fiscal_year:
        if model.settings.record == "history":
            dated_inputs.apply_year(model)
        dated_inputs.open_employers(model)
    if date.day == 1:
        model.government_cycle.advance_month(model)
        model.employers.advance_month(date.month)
    dated_inputs.update_consequences(model)
    capacity.update(model)


def inspect(model: BorderModel) -> None:
    """Simulate queues, inspections and waits at the ports of entry."""
    model.ports.mexican_integrity = model.forces.integrity
    model.ports.advance_day()


def allocate(model: BorderModel) -> None:
    """Move units that are under way. Weekly, reallocate both countries' units."""
    patrol, forces = model.patrol, model.forces
    patrol.move_detachments()
    for company in forces.moving_companies():
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
    baseline, history, network = model.baseline, model.flow_history, model.network
    base = ContestedLegs(
        *(baseline.mx_hazard, baseline.us_hazard, baseline.death, baseline.kidnap),
        *(model.world.days, history.baseline_flow, history.line_sector, history.zone),
        *(history.place_zone, len(MX_ZONES), network.port_legs, network.port_of_leg),
    )
    shape, forces, conditions = model.settings.contest, model.forces, model.conditions
    factor, forces.integrity, conditions.mexican_response = set_hazards(
        *(network.leg_state.records, base, model.patrol.at_the_line(), forces.at_work()),
        *(_load(model), model.ports.rows, shape.eta, shape.chi),
    )
    conditions.line_hazard = baseline.line_hazard * factor


def _load(model: BorderModel) -> Load:
    """Return the workload of both countries' forces, and the effects of policies and violence."""
    levers, history, recorded = model.levers, model.flow_history, model.baseline.custody_hours
    encounters, mexico = history.met_in_mexico, model.settings.mexico
    if model.recording:  # If encounters rise, officers work up to `overtime` times as much.
        encounters = max(history.baseline_met, encounters / mexico.overtime)
    return Load(
        # In the warm-up, the flow is its own baseline.
        *(history.flow if model.recording else history.baseline_flow, history.calls),
        *(history.custody_hours, history.baseline_hours if recorded is None else recorded),
        *(model.supply.other_nationalities(model.date) / history.calls.size, encounters),
        *(levers.mx_watch, levers.leg_delay, levers.leg_danger, model.conditions.fighting),
    )


def organise(model: BorderModel) -> None:
    """Move cells that are under way. Weekly, review organisations and the trade in drugs."""
    model.market.find_changes()
    for cell in model.market.moving_cells():
        cell.walk()
    months = model.settings.smugglers.violence_months
    model.conditions.violence *= math.exp(-12.0 / (365.0 * months))
    if model.weekly:
        trade_drugs(model)
        review_organisations(model)


def plan(model: BorderModel) -> None:
    """Weekly, update beliefs from new reports and solve routes again on a rota."""
    if model.weekly:
        learn_and_plan(model)
    elif model.planning.plans.outdated:  # A leg was closed or opened.
        plan_routes(model)


def candidates(model: BorderModel) -> None:
    """Generate candidates, who choose to stay, wait, apply or go, and start the trips."""
    departures = model.early_departures
    _generate(model, model.today, departures.of(model.today), is_early=0)
    for date, early in departures.early_dates(model).items():
        _generate(model, date, early, is_early=1)
        departures.add(date, early)


def _generate(model: BorderModel, date: int, early: np.ndarray, is_early: int) -> None:
    """Generate a date's candidates who decide today."""
    day = datetime.date.fromordinal(date)
    rates = model.supply.envelope_rates(day) / model.weight
    engines.generate(model, date, rates, model.supply.keep(day.year), early, is_early)


def advance(model: BorderModel) -> None:
    """Process every migrant due today: legs, the line, consequences and retries."""
    engines.advance(model)


def feed_back(model: BorderModel) -> None:
    """Update what later days depend on: flows, demand for beds, courts and agents, and staff."""
    history, response = model.flow_history, model.conditions.mexican_response
    traffic, seized = model.network.leg_state.traffic, model.drugs.seized[:, HARD].sum(axis=0)
    end_day(
        *(model.ledger.day_tallies, traffic, history.flow, history.record, seized, response),
        model.kernel_params,
    )
    if model.weekly:
        history.weeks.append(history.flow.copy())
        review_employers(model)
    model.ports.asylum_queue += model.network.presented_by_port()
    if model.recording:  # The warm-up runs without policies.
        model.patrol.end_day()
        model.forces.end_day()


def record(model: BorderModel) -> None:
    """Check conservation and write the day to the ledger."""
    traffic = model.network.leg_state.traffic
    indicators = model.indicator_reader.read(model) if model.recording else None
    cash = model.market.book["cash"], int(model.drugs.cash.sum())
    model.ledger.close_day(int(model.recording), *cash, indicators, traffic)
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
    """Return the day's steps with their descriptions, one per line."""
    return "\n".join(
        f"{n:2d}. {phase.__name__}: {(phase.__doc__ or '').strip()}"
        for n, phase in enumerate(DAY, 1)
    )
