"""Texts that the terminal and all documents share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from experiments.rows.records import NOTE
from experiments.runs.intervals import range_words
from viz.figures.numbers import MINUS, NBSP

if TYPE_CHECKING:
    from abm.scenario import Scenario

BANNER = NOTE
UNSPENT = "Planned but not spent, because an agency could not deliver as much"
_PAYERS = {"us": "the United States", "mexico": "Mexico", "users": "users"}


def payer_label(payer: str) -> str:
    """Return a payer's name, such as "the United States" for ``us``."""
    return _PAYERS.get(payer, payer)


def interval_text(members: int, pairs: int) -> str:
    """Describe the average and the range with which a paired difference is printed.

    Args:
        members: number of ensemble members, 0 if no ensemble is used.
        pairs: number of pairs of runs.

    Returns:
        For example "mean of 9 pairs of runs, and its 90 % interval (Student's t)".
    """
    if pairs <= 1:
        return "one pair of runs, without a range"
    if members:
        return f"median of {members} members, and the range, {range_words(members, 'members')}"
    return f"mean of {pairs} pairs of runs, and its 90{NBSP}% interval (Student's t)"


def replicates_text(members: int, seeds: int) -> str:
    """Describe the replicates of a comparison.

    Args:
        members: number of ensemble members, 0 if no ensemble is used.
        seeds: number of seeds, per member with an ensemble.

    Returns:
        For example "50 members of the calibrated ensemble, 1 seed each".
    """
    if not members:
        return f"{counted(seeds, 'paired seed')}, one set of parameters"
    return f"{counted(members, 'member')} of the calibrated ensemble, {counted(seeds, 'seed')} each"


def scale_text(scenario: Scenario) -> str:
    """Describe a scenario by its name, period and scale."""
    period = f"{scenario.days:,} days from {scenario.start}"
    each = f"{scenario.scale} persons per simulated migrant"
    return f"{scenario.name}: {period}; {each if scenario.scale > 1 else 'every person simulated'}"


def counted(count: int, noun: str) -> str:
    """Return a number and a noun, in the plural if needed.

    Args:
        count: the number.
        noun: noun in the singular whose plural ends in s.

    Returns:
        For example "1 seed" or "2 seeds".
    """
    return f"{count} {noun}{'s' * (count != 1)}"


def lower_first(label: str) -> str:
    """Return a label for use within a sentence. Abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def joined(parts: list[str]) -> str:
    """Join parts as "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def signed_tenth(value: float) -> str:
    """Format a number with its sign and one decimal. 0.0 has no sign."""
    text = f"{abs(value):.1f}"
    return text if text == "0.0" else ("+" if value > 0.0 else MINUS) + text


def markdown_row(cells: Iterable[str]) -> str:
    """Return a Markdown table row, with slashes in place of pipes within cells."""
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"
