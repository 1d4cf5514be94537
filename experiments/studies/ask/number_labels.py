"""Plain names of the uncertain numbers of a draw, for pages, terminal and figures."""

from __future__ import annotations

import re
from functools import cache

from abm.policies import registry
from abm.scenario import Scenario, parameters
from experiments.calibration.priors import PRIORS
from experiments.studies.ask.contested import RETURNS, TEMPO
from experiments.studies.ask.effectiveness import PREFIX

#: End of the first part of a description; "U.S." is followed by a lower-case word.
_END = re.compile(r"\. (?=[A-Z])|[;:] ")
_OWN = {
    TEMPO: "Mexico's limit of tempo (0: as the Border Patrol, 1: as declared)",
    RETURNS: "Returns of Mexico's operations (0: as those of officers, 1: as declared)",
    "budget": "Budget",
}


@cache
def number_label(name: str) -> str:
    """Return the plain name of an uncertain number.

    Args:
        name: name of the number in a draw, such as ``contested.mexico_tempo``,
            ``effectiveness.fence`` or ``retry_removed``.

    Returns:
        The beginning of the description of a parameter with its name, the effect of a programme by
        its title, or the name itself if it is not declared.
    """
    if name in _OWN:
        return _OWN[name]
    policy = name.removeprefix(PREFIX)
    if policy != name and policy in registry():
        return f"Effect of {registry()[policy].title} (1: as declared)"
    return f"{_described(name)} ({name})" if name in PRIORS else name


def _described(name: str) -> str:
    """Return the beginning of the description of the first setting of a parameter."""
    prior = PRIORS[name]
    text = _END.split(_docs()[prior.paths[0]])[0].removesuffix(".")
    return f"Fall of the log-odds: {text}" if prior.below else text


@cache
def _docs() -> dict[str, str]:
    """Return the description of every parameter by path."""
    return {row.path: row.doc for row in parameters(Scenario())}
