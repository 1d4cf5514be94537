"""Group instruments by party and place, as their levers declare; payers; what dollars buy."""

from __future__ import annotations

from functools import cache

from abm.policies import registry
from abm.policies.base import Policy
from viz.screen.session.choice import STATUS_QUO

#: Groups in the order of the screen. ``line``: the United States acts, at the line or inland;
#: ``both``: both countries act, or one acts only if the other agrees; ``legal``: visas and ports.
GROUPS = ("line", "mexico", "both", "legal", "origin")
#: Levers by the group of an instrument that moves no others; ``both`` levers need two countries.
_LEVERS = {
    "line": (
        *("sensors", "fence", "leg_cost", "leg_delay", "leg_danger", "us_officers", "us_effort"),
        *("us_moved", "beds", "courts", "asylum_officers", "expulsion_mexican", "penalty"),
        *("expulsion_foreign", "expelled_to_line", "news_release_cut", "news_release_rise"),
        *("news_stop", "deadline_release_cut", "deadline_stop", "us_earnings"),
    ),
    "mexico": (
        *("mx_effort", "mx_officers", "mx_watch", "gendarmes", "trainers", "transfers_south"),
    ),
    "both": (
        *("aid", "aid_conditional", "verification", "strategy", "criterion", "cell_hunt"),
        *("pressure", "decapitation", "leak", "map_noise", "map_lag", "port_targeting"),
        *("readmission", "wait_in_mexico", "no_cooperation"),
    ),
    "legal": (
        *("visas", "visas_by_country", "visa_fee", "port_booths", "port_officers", "truck_time"),
        *("toll", "trusted_trucks", "trusted_travellers", "validation"),
    ),
    "origin": ("governance", "growth", "jobs", "cash"),
}
BASELINE = "baseline"  # group of the policies that are reference cases
GROUP_OF_LEVER = {lever: group for group, levers in _LEVERS.items() for lever in levers}
#: Instruments that are shown first in their group; the others follow by id.
FIRST = (
    *("cameras_and_sensors", "patrol_surge", "fence"),
    *("southern_border_control", "trainers", "rural_gendarmerie"),
    *("intelligence_sharing", "merida_initiative", "remain_in_mexico"),
    *("legal_pathways", "smart_infrastructure", "trusted_travellers"),
    *("central_american_governance", "mexican_prosperity"),
)
#: The number of an instrument that counts what its dollars pay for at dose 1.
BOUGHT = {
    "aerial_surveillance": "miles",
    "best_teams": "teams",
    "cameras_and_sensors": "towers",
    "consequence_capacity": "places",
    "fence": "miles",
    "mexican_border_patrol": "officers",
    "patrol_surge": "agents",
    "rural_gendarmerie": "officers",
    "sector_allocation": "added",
    "smart_infrastructure": "booths",
    "southern_border_control": "posted",
    "trainers": "trainers",
    "transfers_south": "moved",
    "trusted_travellers": "enrolees",
}


def group_of(name: str) -> str:
    """Return the group of an instrument.

    An instrument whose levers all have one group belongs to it. With levers of several groups it
    belongs to ``both`` if it needs Mexico or takes its cooperation away, else to ``line``.

    Args:
        name: id of the instrument.

    Returns:
        One of `GROUPS`.
    """
    policy = registry()[name]
    found = {GROUP_OF_LEVER[lever] for lever in policy.lever_names}
    if len(found) == 1:
        return found.pop()
    return "both" if policy.needs_mexico or policy.arm == BASELINE else "line"


@cache
def instruments() -> tuple[str, ...]:
    """Return the ids of all instruments, without the two baselines, in the order of `listed`."""
    return tuple(name for name in listed() if registry()[name].arm != BASELINE)


@cache
def listed() -> tuple[str, ...]:
    """Return the ids of the listed policies, by group and then in the order of the screen.

    They are the instruments and the baseline without Mexico's cooperation. The status quo is not
    listed, because it is the world without any of them.
    """
    names = [name for name in registry() if name != STATUS_QUO]

    def place(name: str) -> tuple[int, int, str]:
        first = FIRST.index(name) if name in FIRST else len(FIRST)
        return GROUPS.index(group_of(name)), first, name

    return tuple(sorted(names, key=place))


def payer_shares(policy: Policy) -> dict[str, float]:
    """Return the share of each payer in the dollars of a policy; empty if it costs nothing."""
    paid = policy.dollars()
    total = sum(paid.values())
    return {payer: dollars / total for payer, dollars in paid.items()} if total > 0.0 else {}
