"""Suggestions for words that Click does not accept: a policy or a parameter without its option."""

from __future__ import annotations

import re
from typing import Any

_EXTRA = re.compile(r"unexpected extra argument.*? \(([^()]+)\)")
_OPTION = re.compile(r"No such option: --([a-z][a-z_-]*)")


def usage_hint(message: str, context: Any) -> str:
    """Return a suggestion for an error of the command line.

    Args:
        message: message of Click.
        context: context of Click, or None.

    Returns:
        A sentence, or "" without a suggestion.
    """
    command = getattr(context, "command", None)
    offered = {name for param in getattr(command, "params", ()) for name in param.opts}
    if "--policy" in offered and (found := _EXTRA.search(message)):
        return _policy_hint((found[1] or found[2]).split()[0])
    if "--set" in offered and (found := _OPTION.search(message)):
        return _parameter_hint(found[1].replace("-", "_"))
    return ""


def _policy_hint(word: str) -> str:
    """Return how to give a policy to a command without arguments."""
    from abm.policies import registry

    known = re.split(r"[:@+]", word)[0] in registry()
    return f"A policy follows an option: --policy {word}." if known else ""


def _parameter_hint(name: str) -> str:
    """Return how to set a parameter that is not an option."""
    from abm.scenario import Scenario
    from abm.scenario.tree import paths_of

    paths = [path for path in paths_of(Scenario()) if path.rpartition(".")[2] == name]
    return f"It is a parameter: --set {paths[0]}=VALUE." if paths else ""
