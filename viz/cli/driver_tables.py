"""Print the drivers of a comparison over an ensemble, and contrasts of two policies."""

from __future__ import annotations

from abm.measures import OUTCOMES
from experiments.calibration.drivers import MIN_MEMBERS, Driver
from experiments.calibration.members import EnsembleSample
from experiments.compare import Comparison
from experiments.rows.comparison import contrast_rows, driver_rows
from viz.cli import console

_SHOWN = 3  # drivers that do not change the sign, per policy and outcome


def print_drivers(comparison: Comparison, drawn: EnsembleSample) -> None:
    """Print the assumed numbers that change an effect most, and those that could turn its sign.

    Args:
        comparison: comparison over the members of `drawn`.
        drawn: members of the ensemble with their uncertain numbers.
    """
    rows = [
        (
            arm.id,
            OUTCOMES[outcome].label,
            one.name,
            f"{one.low:+.1f} %",
            f"{one.high:+.1f} %",
            "could turn the sign" if one.turns else "",
        )
        for arm in comparison.arms
        for outcome, drivers in driver_rows(comparison, arm, drawn).items()
        for one in _strongest(drivers)
    ]
    if rows:
        heads = ("", "", "assumed number", "if low", "if high", "")
        title = "Drivers: median change in the thirds of members with low and high values"
        console.table(title, heads, rows, left=3)
    elif comparison.members >= MIN_MEMBERS:
        console.line("No assumed number changes the effects by more than chance.")


def print_contrasts(comparison: Comparison, drawn: EnsembleSample) -> None:
    """Print which of two policies reduces entries more, and the numbers that reverse the order.

    Args:
        comparison: comparison over the members of `drawn`.
        drawn: members of the ensemble with their uncertain numbers.
    """
    rows = [
        (
            row.first,
            row.second,
            OUTCOMES[row.outcome].label,
            f"in {row.lower} of {comparison.members}",
            ", ".join(_gap(driver) for driver in row.hangs_on if driver.turns) or "none detected",
        )
        for row in contrast_rows(comparison, drawn)
    ]
    if rows:
        heads = ("fewer with", "than with", "", "", "reversed by (gap in points if low, if high)")
        console.table("Contrasts of two policies", heads, rows, left=5)


def _strongest(drivers: list[Driver]) -> list[Driver]:
    """Return the drivers that could turn the sign, then the strongest of the others."""
    other = [one for one in drivers if one.seen and not one.turns]
    return [one for one in drivers if one.turns] + other[:_SHOWN]


def _gap(driver: Driver) -> str:
    """Return a driver with the gap where it is low and where it is high."""
    return f"{driver.name} ({driver.low:+.1f} to {driver.high:+.1f})"
