"""The reference page of the effects of instruments, and the texts of its cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from abm.measures import OUTCOMES
from abm.policies.base import ARMS
from abm.world.declaration import declaration_of
from agents.param import plain
from experiments.runs.pairs import LEAST, Difference
from experiments.studies.effects import SHOWN, Effect, Effects, Measured
from viz.documents.labels import (
    BANNER,
    interval_text,
    lower_first,
    markdown_row,
    replicates_text,
    signed_tenth,
)
from viz.figures.numbers import NBSP, amount, dollars, signed_amount

#: Headings of the outcomes that every instrument shows.
HEADS = tuple(OUTCOMES[name].label for name in SHOWN)

_INTRODUCTION = """\
# Effects of the instruments

**{banner}** Written by

```sh
{command}
```

The scenario is `{name}`: {days:,} days from {start}, {scale} persons per simulated migrant;
{replicates}.
[Policies](policies.md) describes the instruments, [Criteria](criteria.md) the outcomes.

## How to read it

- A cell contains the paired difference from the baseline, in percent of the baseline:
  {middle}.
  Both runs of a pair use the same random numbers.
  {range_text}
- An effect below {least:g} % of the baseline is *inert here*, however narrow its range is. *Not
  clear*: the range contains zero. A range that excludes zero is no proof of an effect in reality.
- Full programmes differ greatly in size: compare instruments at equal dollars (second table), and
  compare flows only together with the human costs in the same row.
- The last column contains the outcome by which the instrument is judged, or kidnappings.
- A scale of {scale} is coarse. Check a result at scale 20 or finer before you use it.
- `no_cooperation` is a loss, not a programme: its claim holds if got-aways rise.
"""
_CHANCE = """The interval of the mean expresses chance alone: it contains the mean of infinitely
  many pairs in nine of ten cases. It does not express the uncertainty of the assumptions, which is
  larger."""
_MEMBERS = """Every member has its own parameters and its own seeds, so the range contains
  chance and the uncertainty that the calibration leaves. It does not contain the uncertainty about
  how an instrument works."""
_EQUAL = """\

## At {dollars} per year

Every instrument at the dose that costs {dollars} per year, or at its largest dose if that costs
less; instruments without a cost are left out.

{levels}

"""
_ACTING = """\

## Conditions under which an instrument acts

Instruments that are inert by default declare plausible settings under which they act. Baseline and
instrument are run again with them; `policies.ID...` applies to the instrument alone.

| Policy | Judged by | In the scenario | | Settings | Under these settings | |
| --- | --- | --- | --- | --- | --- | --- |
"""
_FAILURES = """\

## Conditions of failure

Every instrument declares settings under which it should fail ([reasons](policies.md)). Baseline
and instrument are run again with them, in addition to those under which it acts. It *fails* if its
effect in the desired direction is less than half of the effect without them, in percent of its own
baseline, or cannot be distinguished from zero. *Wrong way*: it does harm under these settings.

| Policy | Judged by | Without them | | Failure settings | Under these settings | |
| --- | --- | --- | --- | --- | --- | --- |
"""
_COLUMNS = ("Arm", "Policy", "$ per year", *HEADS, "Judged by, or kidnappings")
_HEAD = markdown_row(_COLUMNS) + "| --- " * len(_COLUMNS) + "|\n"


def effects_page(found: Effects, command: str, equal: float) -> str:
    """Return the reference page in Markdown.

    Args:
        found: effects of the instruments.
        command: command that writes the page.
        equal: $ per year of the second table.

    Returns:
        The page: introduction, effects by arm at the full programme and at equal dollars, and
        results under the settings in which instruments act and fail.
    """
    s = found.scenario
    text = _INTRODUCTION.format(
        banner=f"{declaration_of(s.world).note} {BANNER}".strip(),
        command=command,
        name=s.name,
        days=s.days,
        start=s.start,
        scale=s.scale,
        replicates=replicates_text(found.members, len(found.seeds)),
        middle=interval_text(found.members, found.n_pairs).replace(NBSP, " "),
        range_text=_MEMBERS if found.members else _CHANCE,
        least=100.0 * LEAST,
    )
    rows = by_arm(found.rows)
    text += f"\n## Full programmes, by arm\n\n{_levels(found)}\n\n{_HEAD}"
    text += "".join(_effect_row(row, "given") for row in rows)
    if same := [row for row in rows if "equal" in row.conditions]:
        text += _EQUAL.format(dollars=dollars(equal), levels=_levels(found)) + _HEAD
        text += "".join(_effect_row(row, "equal") for row in same)
    if acting := [row for row in rows if "acting" in row.conditions]:
        text += _ACTING + "".join(_settings_row(row, "acting") for row in acting)
    return text + _FAILURES + "".join(_settings_row(row, "failing") for row in rows)


def by_arm(effects: Sequence[Effect]) -> list[Effect]:
    """Sort effects by arm, then by name."""
    return sorted(effects, key=lambda effect: (ARMS.index(effect.policy.arm), effect.spec.id))


def last_outcome(measured: Measured) -> tuple[str, Difference]:
    """Return the outcome of the last column."""
    return list(measured.outcomes.items())[-1]


def verdict_text(effect: Effect, condition: str = "given") -> str:
    """Return whether the instrument works under a condition.

    Args:
        effect: effect of the instrument.
        condition: condition of :data:`experiments.studies.effects.CONDITIONS`.

    Returns:
        "works", "inert here", "not clear", "wrong way" or "not known".
    """
    if condition not in effect.conditions:
        return "not known"
    if effect.inert(condition):
        return "inert here"
    if not effect.detected(condition):
        return "not clear"
    return "works" if effect.works(condition) else "wrong way"


def failure_verdict(effect: Effect) -> str:
    """Return whether the instrument fails under its failure settings."""
    if "failing" not in effect.conditions:
        return "not known" if "failing" in effect.declared else "declares no settings"
    if effect.harms:
        return "wrong way"
    if effect.fails and not effect.detected(effect.reference):
        return "no effect either"
    return "fails" if effect.fails else "does not fail"


def change_text(name: str, row: Difference | None, brackets: str = " [{}, {}]") -> str:
    """Return a difference in percent of the baseline, or in units if the baseline is zero.

    Args:
        name: outcome.
        row: difference from the baseline; None if it was not run.
        brackets: format of the range.

    Returns:
        The difference and its 90 % range.
    """
    if row is None or not math.isfinite(row.difference):
        return "not known"
    values = [row.difference, row.low90, row.high90]
    if row.baseline > 0.0:
        head, low, high = (signed_tenth(100.0 * value / row.baseline) for value in values)
        head += "\u00a0%"
    else:
        head, low, high = (signed_amount(value, OUTCOMES[name].unit) for value in values)
    return head + brackets.format(low, high)


def settings_text(settings: Mapping[str, Any]) -> list[str]:
    """Return settings as the command line reads them, with tables in brackets."""
    return [f"{path}={_value(value)}" for path, value in settings.items()]


def _value(value: Any) -> str:
    """Return the value of a setting."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return plain(value)


def _levels(found: Effects) -> str:
    """Return the outcomes of the baseline without accompanying policies, of the shortest run."""
    plain_pairs = [effect for effect in found.rows if not effect.policy.requires] or found.rows
    shortest = min(plain_pairs, key=lambda effect: effect.days)
    levels = [
        f"{lower_first(label)} {amount(shortest.outcomes[name].baseline, OUTCOMES[name].unit)}"
        for label, name in zip(HEADS, SHOWN, strict=True)
    ]
    return f"Baseline per year: {', '.join(levels)}."


def _effect_row(effect: Effect, condition: str) -> str:
    """Return a row of the tables of all outcomes."""
    measured = effect.conditions[condition]
    notes = [f"with `{policy}`" for policy in effect.policy.requires]
    notes += [f"over {effect.days / 365:g} years"] if effect.policy.years != 3 else []
    arm, spec = effect.policy.arm.replace("_", " "), f"`{measured.pair.spec}`"
    changes = {name: change_text(name, row) for name, row in measured.outcomes.items()}
    name, last = changes.popitem()
    policy = f"{spec} ({', '.join(notes)})" if notes else spec
    judged = f"{OUTCOMES[name].label}: {last}"
    return markdown_row([arm, policy, dollars(measured.dollars), *changes.values(), judged])


def _settings_row(effect: Effect, condition: str) -> str:
    """Return a row of the tables of settings under which instruments act or fail."""
    name, found = effect.judged_by, effect.conditions.get(condition)
    declared = effect.policy.acting if condition == "acting" else effect.policy.failing
    settings = ", ".join(f"`{text}`" for text in settings_text(declared)) or "none"
    there = change_text(name, effect.judged(condition)) if found else ""
    reference = effect.reference if condition == "failing" else "given"
    verdict = failure_verdict(effect) if condition == "failing" else verdict_text(effect, "acting")
    ordinary = change_text(name, effect.judged(reference))
    head = [f"`{effect.spec.id}`", OUTCOMES[name].label, ordinary, verdict_text(effect, reference)]
    return markdown_row([*head, settings, there, verdict])
