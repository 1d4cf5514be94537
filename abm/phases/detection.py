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
    shape, ground, world = model.settings.contest, model.ground, model.world
    patrol, effort = model.patrol, np.maximum(1.0 + model.levers.us_effort, 0.0)
    crowd = model.yesterday.crowd_at_line() if model.recording else 1.0
    by_sector = contest.hazard(1.0, effort, patrol.strength_ratio(), shape.eta, crowd, shape.chi)
    line = model.base_us_hazard * by_sector[world.leg_sector]
    at_port = model.port_of_leg
    ground.port_wait[model.port_legs] = model.ports.asylum_wait[at_port]
    line[model.port_legs] = contest.as_hazard(model.ports.find_person[at_port])
    ground.us_hazard[:] = line
    model.us_hazard = np.array(model.settings.border_patrol.line_hazard) * by_sector
    capacity = model.settings.border_patrol.response * patrol.on_the_line() * effort
    respond = contest.answered(model.yesterday.calls / np.maximum(capacity, 1e-9))
    ground.respond[:] = np.where(world.leg_sector >= 0, respond[world.leg_sector], 1.0)


def _mexico(model: BorderModel) -> None:
    shape, ground, head = model.settings.contest, model.ground, model.world.head
    crowd = model.yesterday.crowd_in_mexico() if model.recording else 1.0
    both = np.stack(model.forces.strength_ratios())  # of the unbought, and of all
    law = contest.hazard(1.0, model.forces.effort(), both, shape.eta, crowd, shape.chi)
    watched = model.base_mx_hazard * (1.0 + model.levers.mx_watch)
    busy = model.yesterday.met_in_mexico / max(model.forces.capacity(), 1e-9)
    model.mx_respond = float(contest.answered(busy))
    ground.mx_hazard[:] = watched * law[0, head] * model.mx_respond
    ground.extort_hazard[:] = watched * (law[1] - law[0])[head] * model.mx_respond


def _dangers(model: BorderModel) -> None:
    ground, levers = model.ground, model.levers
    ground.days[:] = model.world.days + levers.leg_delay
    ground.death[:] = model.base_death * (1.0 + levers.leg_danger)
    ground.kidnap[:] = model.base_kidnap * (1.0 + model.violence)
