"""Errors of the command line in plain words, with suggestions for words that are not accepted."""

from __future__ import annotations

import re
from typing import Any

_EXTRA = re.compile(r"unexpected extra argument.*? \(([^()]+)\)")
_OPTION = re.compile(r"No such option: --([a-z][a-z_-]*)")
#: Messages of pydantic, which Typer uses, and what to write instead.
_PLAIN = (
    (re.compile(r"Input should be a valid integer.*"), "give a whole number, such as 10."),
    (re.compile(r"Input should be a valid number.*"), "give a number, such as 0.5."),
    (re.compile(r"Input should be greater than or equal to (\S+?)\.?$"), r"give \1 or more."),
    (re.compile(r"Input should be less than or equal to (\S+?)\.?$"), r"give \1 or less."),
    (re.compile(r"(requires an argument)\."), r"\1: write its value after it."),
)


#: The list of policies in an error of the model: it is long, and may be cut.
_POLICIES = re.compile(r"Known policies: .*$")


def name_commands(message: str) -> str:
    """Return an error of the model with the command that lists policies instead of their list.

    Args:
        message: the error, in one line.

    Returns:
        The message, unchanged if it has no list of policies.
    """
    return _POLICIES.sub("Run `twoborders policies` for the list.", message)


def plain_message(message: str) -> str:
    """Return a message of the command line that says what to write instead.

    Args:
        message: message of Click or Typer.

    Returns:
        The message, unchanged if it has no known part.
    """
    for pattern, fix in _PLAIN:
        message = pattern.sub(fix, message)
    return message


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
