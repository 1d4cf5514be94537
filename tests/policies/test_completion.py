"""A policy's levers change until it is complete, or longer if the policy tires."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from abm.policies import Inputs, Policy
from agents.labels import AREAS
from agents.levers import Levers
from agents.param import params_of
from tests.policies.test_battery import every, same

FIRST = 734_000
END = FIRST + 5_000
COOPERATION = (1.0, 0.5)
#: Policies whose levers decay or come in surges.
TIRING = {
    *("announcement", "joint_operations", "patrol_effort", "sector_surge"),
    "southern_border_control",
}


def at_bounds(cls: type[Policy]) -> Iterator[Policy]:
    """Yield a policy as declared, and with each parameter at each of its bounds."""
    yield cls(dose=cls.high, start=FIRST, end=END)
    for name, declared in params_of(cls).items():
        if declared.kind not in (int, float) or declared.is_table:
            continue
        for bound in (declared.low, declared.high):
            value = declared.kind(bound)
            yield cls(dose=1.0, start=FIRST, end=END, effect=1.5, **{name: value})


def at_cooperation(inputs: Inputs, share: float) -> Inputs:
    """Return inputs with the same cooperation in every area, which may change in place."""
    return dataclasses.replace(inputs, cooperation=dict.fromkeys(AREAS, share))


def levers_of(policy: Policy, levers: Levers, day: int, inputs: Inputs) -> dict[str, np.ndarray]:
    """Return the levers that a single policy sets."""
    levers.reset()
    policy.apply(levers, day, inputs)
    return levers.copy()


@every
def test_levers_of_a_complete_policy_do_not_depend_on_the_date(
    cls: type[Policy], inputs: Inputs, levers: Levers
) -> None:
    """`BUILDING` names the parameters that determine how long a policy is built or hired."""
    constant = True
    for policy in at_bounds(cls):
        complete = policy.ramp_end(policy.days_until_complete())
        later = [day for day in (1, 2, 30, 90, 400, 1_000) if complete + day < END]
        for share in COOPERATION if complete < END else ():
            inputs = at_cooperation(inputs, share)
            held = levers_of(policy, levers, complete, inputs)
            constant &= all(
                same(levers_of(policy, levers, complete + day, inputs), held) for day in later
            )
    assert constant == (cls.id not in TIRING)
