"""The curves for a person: levels at every budget, then what every goal takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from abm.policies.base import money
from experiments.calibration.members import Drawn
from experiments.curve import BASE_YEAR, Instrument, Plan, State
from experiments.goal_seek import OUTCOMES, Goal, Line, Need, Spread, needs
from experiments.pool import Failure
from viz.cli import console, members
from viz.cli.shell import BANNER
from viz.figures.numbers import plain, rounded

#: Short names of the states, for headings and the ends of lines.
SHORT = {
    "base_year": "as in the base year",
    "cooperation": "with a programme",
    "withdrawn": "withdrawn",
}
#: Heading of an outcome, and how many of its units one of the table is.
_HEADS = {
    "apprehension_probability": ("% apprehended per attempt", 0.01),
    "got_aways": ("got-aways, 1,000s", 1e3),
    "unlawful_entries": ("all unlawful entries, 1,000s", 1e3),
    "deaths": ("◆ deaths", 1.0),
    "returned_unscreened": ("◆ returned unscreened, 1,000s", 1e3),
}


def tell(
    plan: Plan, lines: Sequence[Line], drawn: Drawn | None, failures: Sequence[Failure]
) -> None:
    """Everything, instrument by instrument."""
    s = plan.scenario
    console.line(
        f"{s.name}: {s.days:,} days from {s.start}; a simulated migrant stands for "
        f"{s.scale}; {members.played(len(plan.members), plan.reps)}."
    )
    if drawn:
        console.line(
            f"Ensemble {drawn.digest}: {drawn.of} members, worth {drawn.effective:.3g} of "
            "equal weight."
        )
    print()
    for one in plan.instruments:
        own = [line for line in lines if line.instrument is one]
        for line in own:
            _levels(one, line)
        _needed(one, own)
    for failure in failures:
        console.line(f"Left out, failed: {failure}")
    console.line(
        "◆ marks costs to people. Dollars are a year and those of the instrument; a "
        'cooperation programme costs its own beside them. "Of the base year" is of what '
        'there is in the base year without a dollar, "of its own start" of what there is '
        "in the same state without a dollar. Goals are looked for between the "
        'budgets that were played, along straight lines, and never beyond: "not with" the '
        "largest dose means not reached."
    )
    console.line(BANNER)


def _levels(one: Instrument, line: Line) -> None:
    """Levels at every budget in one state."""
    spreads = {name: line.spreads(name) for name in OUTCOMES}
    rows = []
    for i, (dollars, amount) in enumerate(
        zip(line.dollars.tolist(), line.amounts.tolist(), strict=True)
    ):
        sums = [money(dollars), *([_amount(amount)] if one.unit else [])]
        sums[0] += " (largest)" if i == len(line.dollars) - 1 else ""
        rows.append([*sums, *(_level(name, spreads[name][i]) for name in OUTCOMES)])
    units = [one.unit] if one.unit else []
    title = f"{one.title}. {line.state.title}: median, and below it nine in ten"
    heads = ["$ a year", *units, *(_HEADS[name][0] for name in OUTCOMES)]
    console.table(title, heads, rows, keep=True)


def _level(name: str, level: Spread) -> str:
    """A level over its range."""
    if not math.isfinite(level.median):
        return "not defined"
    size = _HEADS[name][1]
    values = [v / size for v in (level.median, level.low90, level.high90)]
    places = 0 if values[0] >= 100.0 else 1 if values[0] >= 10.0 else 3
    middle, low, high = (f"{value:,.{places}f}" for value in values)
    return middle if level.low90 == level.high90 else f"{middle}\n{low} to {high}"


def _needed(one: Instrument, lines: Sequence[Line]) -> None:
    """What every goal takes, the states side by side."""
    columns = [needs(line) for line in lines]
    rows = [
        [goal_words(found[0].goal), *(_need(need, one) for need in found)]
        for found in zip(*columns, strict=True)
    ]
    title = f"{one.title}. What a goal takes, by state of cooperation: median, and nine in ten"
    heads = ["", *(state_name(line.state) for line in lines)]
    console.table(title, heads, rows, keep=True)


def state_name(state: State) -> str:
    """A short name of a state, with what it costs."""
    return SHORT[state.id] + (f" (+{money(state.dollars)})" if state.dollars else "")


def goal_words(goal: Goal) -> str:
    """A goal in words."""
    if goal.rising:
        return f"{100 * goal.level:.0f} % apprehended per attempt"
    of = "of the base year" if goal.of == BASE_YEAR else "of its own start"
    return f"got-aways −{100 * goal.cut:.0f} % {of}"


def _need(need: Need, one: Instrument) -> str:
    """Dollars and what they buy, over their range; or that it is not reached."""
    if not need.of:
        return "not defined"
    if not math.isfinite(need.dollars.median):
        some = f"\nonly in {need.reached} of {need.of}" if need.reached else ""
        return f"not with {money(need.most)}{some}"
    low, middle, high = need.dollars.low90, need.dollars.median, need.dollars.high90
    if high == 0.0:
        return "there already"
    told = [money(middle)]
    if one.unit:
        told.append(f"{_amount(middle * one.a_dollar)} {one.unit}")
    if low != high:
        told.append(f"{money(low)} to {money(high) if math.isfinite(high) else 'never'}")
    return "\n".join(told)


def _amount(value: float) -> str:
    """How many agents, miles, towers, in three digits."""
    return plain(rounded(value), 0)
