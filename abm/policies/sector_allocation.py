"""Allocation of officers between open country and ports of entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import (
    AGENT_BUDGET,
    WAGES,
    agent_cost,
    amount_param,
    days_param,
    port_officer_cost,
    share_param,
)
from agents.param import param


def over_ports(base: np.ndarray, ports: int) -> np.ndarray:
    """Return each port's share of additional officers or booths.

    Args:
        base: base-year officers or booths by port, shape (ports,), or empty.
        ports: number of ports.

    Returns:
        Shares, shape (ports,), proportional to `base`, or equal if `base` is empty or zero.
    """
    if base.size == ports and base.sum() > 0.0:
        return base / base.sum()
    return np.full(ports, 1.0 / max(ports, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorAllocation(Policy):
    """Hires officers for the line and for ports, and moves officers between the two.

    The dose, or its dollars, multiplies only the hires (`added`). The moves (`moved`) do not depend
    on the dose. A move conserves officers, has no cost, and leaves every sector and port at least
    the share `keep` of its staff. In a world without ports, all officers stay on the line.
    """

    id = "sector_allocation"
    title = "Officers between open country and ports"
    arm = "ports"
    claim = (
        "Resources are scarce: the U.S. has to decide between the open line and the crossing "
        "points, where skilled smugglers still get through."
    )
    mechanism = (
        "Officers are hired, agents within the yearly limit of the Border Patrol, paid as they are "
        "on board, and divided between sectors and ports. Agents can also move from open country "
        "to ports, or back."
    )
    expect = (
        "Detection at ports rises, and loads avoid ports, so that fewer drugs may be seized there. "
        "Got-aways fall in sectors that gain staff and rise in the others."
    )
    fails_when = (
        "The division does not match the target: drugs come through ports and people mostly "
        "between them, so officers moved to ports let more people get away."
    )
    lever_names = ("us_officers", "port_officers")
    optional_levers = ("us_moved",)
    high = 4.0
    failing: ClassVar = {
        "policies.sector_allocation.to_ports": 1.0,
        "policies.sector_allocation.moved": 4_000.0,
    }

    added: float = amount_param(
        3_500.0,
        "officers",
        "Officers hired at dose 1.",
        high=30_000.0,
        source="[A] after drivers/ports_infrastructure.csv CBP_officers_shortage 2017",
    )
    to_ports: float = share_param(0.5, "Share of new officers who go to ports.")
    moved: float = param(
        0.0,
        unit="officers",
        low=-10_000.0,
        high=10_000.0,
        doc="Agents moved from open country to ports at any dose; negative: from ports to the "
        "line.",
    )
    keep: float = param(
        0.5,
        unit="share of base",
        low=0.5,
        high=1.0,
        doc="Staff that every sector and port retains when officers move.",
    )
    cost_per_agent: float = agent_cost()
    cost_per_officer: float = port_officer_cost()
    hire_days: float = days_param(180.0, "Days until all officers are hired; linear.")
    move_days: float = days_param(60.0, "Days until all officers have moved; linear.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of pay and support for new officers, at the line and at ports."""
        agents = self.added * (1.0 - self.to_ports) * self.cost_per_agent
        officers = self.added * self.to_ports * self.cost_per_officer
        parts = (
            (agents, "Pay and support of agents.", AGENT_BUDGET, "us_officers"),
            (officers, "Pay and support of officers at ports.", WAGES, "port_officers"),
        )
        return tuple(Cost("us", *part, ramp_days=self.hire_days) for part in parts)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Hire and move officers in proportion to the staff in sectors and ports."""
        ports = levers.port_officers.size
        hired = self.added * dose * self.ramp(day, self.hire_days)
        line = inputs.us_base / max(float(inputs.us_base.sum()), 1e-9)
        at_ports = hired * self.to_ports if ports else 0.0
        levers.us_officers += (hired - at_ports) * line
        if ports:
            moved = self._movable(self.moved * self.ramp(day, self.move_days), ports, inputs)
            levers.us_moved -= moved * line
            levers.port_officers += (at_ports + moved) * over_ports(inputs.ports_base, ports)

    def _movable(self, requested: float, ports: int, inputs: Inputs) -> float:
        """Return how many requested officers can move, negative for moves to the line."""
        has_record = inputs.ports_base.size == ports
        highest = (1.0 - self.keep) * float(inputs.us_base.sum())
        lowest = -(1.0 - self.keep) * float(inputs.ports_base.sum()) if has_record else 0.0
        return min(max(requested, lowest), highest)
