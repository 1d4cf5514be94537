"""Hazards of the day: the contest function, applied to every contested leg of both countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import contest

if TYPE_CHECKING:
    from abm.model import BorderModel


def contest_legs(model: BorderModel) -> None:
    """Set today's hazards of the legs and the response of both countries."""
    _united_states(model)
    _mexico(model)
    _dangers(model)


def _united_states(model: BorderModel) -> None:
    """Set detection at the line and at ports, waits at ports, and the response of agents."""
    shape, network, world = model.settings.contest, model.network, model.world
    patrol, effort = model.patrol, model.patrol.tempo()
    crowd = model.flow_history.crowd_at_line() if model.recording else 1.0
    strength = patrol.strength_ratio() * _field_share(model)
    by_sector = contest.hazard(1.0, effort, strength, shape.eta, crowd, shape.chi)
    by_sector *= patrol.match
    hazard = model.baseline.us_hazard * by_sector[world.leg_sector]
    hazard[network.port_legs] = contest.as_hazard(model.ports.find_person[network.port_of_leg])
    port_wait = np.zeros(world.n_legs)
    port_wait[network.port_legs] = model.ports.asylum_wait[network.port_of_leg]
    model.conditions.set_line_hazard(model.baseline.line_hazard * by_sector)
    capacity = model.settings.border_patrol.response * patrol.on_the_line() * effort
    respond = contest.answered_share(model.flow_history.calls / np.maximum(capacity, 1e-9))
    network.set_legs(
        port_wait=port_wait,
        us_hazard=hazard,
        respond=np.where(world.leg_sector >= 0, respond[world.leg_sector], 1.0),
    )


def _field_share(model: BorderModel) -> float:
    """Return agents' time in the field over that of the base year."""
    if model.settings.border_patrol.tied_up <= 0.0:
        return 1.0
    history, recorded = model.flow_history, model.baseline.custody_hours
    base = history.baseline_hours if recorded is None else recorded
    other = model.supply.other_nationalities(model.date) / history.custody_hours.size
    return model.patrol.field_share(history.custody_hours + other, base)


def _mexico(model: BorderModel) -> None:
    """Set interdiction and extortion in Mexico, and the share of encounters with a free officer."""
    shape, head = model.settings.contest, model.world.head
    crowd = model.flow_history.crowd_in_mexico() if model.recording else 1.0
    strengths = np.stack(model.forces.strength_ratios())  # of honest officers, and of all
    multiple = contest.hazard(
        1.0,
        model.forces.effort(),
        strengths,
        shape.eta,
        crowd,
        shape.chi,
        model.settings.mexico.operations_returns,
    )
    multiple *= model.forces.match
    watched = model.baseline.mx_hazard * (1.0 + model.levers.mx_watch)
    busy = model.flow_history.met_in_mexico / max(model.forces.capacity(), 1e-9)
    response = float(contest.answered_share(busy))
    model.conditions.set_mexican_response(response)
    model.network.set_legs(
        mx_hazard=watched * multiple[0, head] * response,
        extort_hazard=watched * (multiple[1] - multiple[0])[head] * response,
    )


def _dangers(model: BorderModel) -> None:
    """Set travel days and the hazards of dying and of kidnapping."""
    baseline, levers = model.baseline, model.levers
    model.network.set_legs(
        days=model.world.days + levers.leg_delay,
        death=baseline.death * (1.0 + levers.leg_danger),
        kidnap=baseline.kidnap * (1.0 + model.conditions.violence),
    )
