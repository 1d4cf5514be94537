"""The one law, applied to every contested leg of both countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import contest

if TYPE_CHECKING:
    from abm.model import BorderModel


def contest_legs(model: BorderModel) -> None:
    """Write today's hazards into the ground of the day loop."""
    _united_states(model)
    _mexico(model)
    _dangers(model)


def _united_states(model: BorderModel) -> None:
    shape, leg_state, world = model.settings.contest, model.leg_state, model.world
    patrol, effort = model.patrol, np.maximum(1.0 + model.levers.us_effort, 0.0)
    crowd = model.flow_history.crowd_at_line() if model.recording else 1.0
    by_sector = contest.hazard(1.0, effort, patrol.strength_ratio(), shape.eta, crowd, shape.chi)
    line = model.base_us_hazard * by_sector[world.leg_sector]
    at_port = model.port_of_leg
    leg_state.port_wait[model.port_legs] = model.ports.asylum_wait[at_port]
    line[model.port_legs] = contest.as_hazard(model.ports.find_person[at_port])
    leg_state.us_hazard[:] = line
    model.us_hazard = np.array(model.settings.border_patrol.line_hazard) * by_sector
    capacity = model.settings.border_patrol.response * patrol.on_the_line() * effort
    respond = contest.answered(model.flow_history.calls / np.maximum(capacity, 1e-9))
    leg_state.respond[:] = np.where(world.leg_sector >= 0, respond[world.leg_sector], 1.0)


def _mexico(model: BorderModel) -> None:
    shape, leg_state, head = model.settings.contest, model.leg_state, model.world.head
    crowd = model.flow_history.crowd_in_mexico() if model.recording else 1.0
    both = np.stack(model.forces.strength_ratios())  # of the unbought, and of all
    law = contest.hazard(1.0, model.forces.effort(), both, shape.eta, crowd, shape.chi)
    watched = model.base_mx_hazard * (1.0 + model.levers.mx_watch)
    busy = model.flow_history.met_in_mexico / max(model.forces.capacity(), 1e-9)
    model.mx_respond = float(contest.answered(busy))
    leg_state.mx_hazard[:] = watched * law[0, head] * model.mx_respond
    leg_state.extort_hazard[:] = watched * (law[1] - law[0])[head] * model.mx_respond


def _dangers(model: BorderModel) -> None:
    leg_state, levers = model.leg_state, model.levers
    leg_state.days[:] = model.world.days + levers.leg_delay
    leg_state.death[:] = model.base_death * (1.0 + levers.leg_danger)
    leg_state.kidnap[:] = model.base_kidnap * (1.0 + model.violence)
