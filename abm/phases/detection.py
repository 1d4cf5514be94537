"""The day's hazards: the contest function, applied to every contested leg in both countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import contest

if TYPE_CHECKING:
    from abm.model import BorderModel


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
