"""The reference page of the effects of instruments, and the texts of its cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from abm.measures import OUTCOMES
from abm.policies.base import ARMS
from abm.world.declaration import declaration_of
from agents.param import plain
from experiments.effects import Effect, Effects
from experiments.pairs import Difference
from viz.documents.labels import BANNER, markdown_row, signed_tenth
from viz.figures.numbers import amount, dollars, signed_amount

#: Headings of the outcomes that every instrument shows.
HEADS = ("got-aways", "unlawful entries", "deaths", "returned unscreened")

_INTRODUCTION = """\
# Effects of the instruments

**{banner}** One row per instrument, written by

```sh
{command}
```

The scenario is `{name}`: {days:,} days from {start}, {scale} persons per simulated migrant, {n}
paired seeds. [Policies](policies.md) describes the instruments, their costs and claims;
[Outcomes](outcomes.md) defines the outcomes.

## How to read it

- A cell contains the median over seeds of the paired difference from the baseline, in percent of
  the baseline, and in brackets the range of nine seeds in ten. Both runs of a pair use the same
  random numbers, so the range contains chance alone. It does not contain the uncertainty of the
  assumptions, which is larger. A range that excludes zero is an effect of the model, not proof of
  an effect.
- Doses are the declared full programmes, which differ greatly in size: compare instruments only
  together with their dollars, and compare flows only together with the deaths and the people
  returned without a hearing in the same row.
- The last column contains the outcome by which the instrument is judged, or kidnappings if that
  outcome has a column already.
- A scale of {scale} is coarse. Check a result at scale 20 or finer before you use it.
- `no_cooperation` is a loss, not a programme: its claim holds if got-aways rise.
"""
_FAILURES = """\

## Conditions of failure

Every instrument declares settings under which it should fail. Baseline and instrument are run
again with these settings; parameters of the instrument itself (`policies.ID...`) apply to the
instrument alone. It *fails* if its effect in the desired direction is less than half of the effect
above, in percent of its own baseline, or cannot be distinguished from zero; *wrong way* means that
it does harm under these settings. *No effect seen*: the range contains zero, or the effect is below
0.1 %. `twoborders describe POLICY --json` lists the settings under `failing`, and
[Policies](policies.md) explains why the instrument fails under them.

| Policy | Judged by | In the scenario | | Failure settings | Under these settings | |
| --- | --- | --- | --- | --- | --- | --- |
"""


def effects_page(found: Effects, command: str) -> str:
    """Return the reference page in Markdown.

    Args:
        found: effects of the instruments.
        command: command that writes the page.

    Returns:
        The page: introduction, effects by arm, and results under the failure settings.
    """
    s = found.scenario
    text = _INTRODUCTION.format(
        banner=f"{declaration_of(s.world).note} {BANNER}".strip(),
        command=command,
        name=s.name,
        days=s.days,
        start=s.start,
        scale=s.scale,
        n=len(found.seeds),
    )
    effects = by_arm(found.rows)
    text += f"\n## Effects by arm\n\n{_levels(found)}\n\n"
    text += "| Arm | Policy | $ per year | Got-aways | Unlawful entries | Deaths | Returned "
    text += "unscreened | Judged by, or kidnappings |\n" + "| --- " * 8 + "|\n"
    return text + "".join(map(_effect_row, effects)) + _FAILURES + "".join(map(_failure, effects))


def by_arm(effects: Sequence[Effect]) -> list[Effect]:
    """Sort effects by arm, then by name."""
    return sorted(effects, key=lambda effect: (ARMS.index(effect.policy.arm), effect.spec.id))


def last_outcome(effect: Effect) -> tuple[str, Difference]:
    """Return the outcome of the last column."""
    return list(effect.outcomes.items())[-1]


def ordinary_verdict(effect: Effect) -> str:
    """Return whether the instrument works in the scenario."""
    if not effect.detected:
        return "no effect seen"
    return "works" if effect.works else "wrong way"


def failure_verdict(effect: Effect) -> str:
    """Return whether the instrument fails under its failure settings."""
    if effect.failing is None:
        return "declares no settings" if not effect.settings else "not known"
    if effect.harms:
        return "wrong way"
    if effect.fails and not effect.detected:
        return "no effect either"
    return "fails" if effect.fails else "does not fail"


def change_text(name: str, row: Difference | None, brackets: str = " [{}, {}]") -> str:
    """Return a difference in percent of the baseline, or in units if the baseline is zero.

    Args:
        name: outcome.
        row: difference from the baseline; None if it was not run.
        brackets: format of the range.

    Returns:
        Median and range of nine seeds in ten.
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
    plain_pairs = [effect for effect in found.rows if not effect.policy.beside] or found.rows
    shortest = min(plain_pairs, key=lambda effect: effect.days)
    levels = [
        f"{head} {amount(row.baseline, OUTCOMES[name].unit)}"
        for head, (name, row) in zip(HEADS, shortest.outcomes.items(), strict=False)
    ]
    return f"Baseline per year: {', '.join(levels)}."


def _effect_row(effect: Effect) -> str:
    """Return a row of the first table."""
    notes = [f"with `{policy}`" for policy in effect.policy.beside]
    notes += [f"over {effect.days / 365:g} years"] if effect.policy.years != 3 else []
    arm, spec = effect.policy.arm.replace("_", " "), f"`{effect.spec}`"
    changes = {name: change_text(name, row) for name, row in effect.outcomes.items()}
    name, last = changes.popitem()
    policy = f"{spec} ({', '.join(notes)})" if notes else spec
    judged = f"{OUTCOMES[name].label}: {last}"
    return markdown_row([arm, policy, dollars(effect.dollars), *changes.values(), judged])


def _failure(effect: Effect) -> str:
    """Return a row of the second table."""
    name = effect.judged_by
    settings = ", ".join(f"`{text}`" for text in settings_text(effect.settings)) or "none"
    failing = change_text(name, effect.failing) if effect.failing else ""
    head = [f"`{effect.spec.id}`", OUTCOMES[name].label, change_text(name, effect.outcomes[name])]
    verdicts = ordinary_verdict(effect), failure_verdict(effect)
    return markdown_row([*head, verdicts[0], settings, failing, verdicts[1]])
