"""Reference page on the effects of instruments, and the tables that the terminal also prints."""

from __future__ import annotations

import math

from abm.measures import OUTCOMES
from abm.policies.base import ARMS
from abm.world.routes import declaration_of
from experiments.runs.pairs import Difference
from experiments.studies.effects import SHOWN, Effect, Effects
from viz.documents.html import Cell, Table
from viz.documents.labels import BANNER, interval_text, lower_first, replicates_text, signed_tenth
from viz.figures.numbers import MISSING, NBSP, amount, dollars, signed_amount

#: Headings of the outcomes that are shown for every instrument.
HEADS = tuple(OUTCOMES[name].label for name in SHOWN)

_INTRODUCTION = """\
# Effects of the instruments

**{banner}** Written by

```sh
{command}
```

The scenario is `{s.name}`: {s.days:,} days from {s.start}, {s.scale} persons per simulated migrant;
{replicates}.
[Policies](policies.md) describes the instruments, [Outcomes](outcomes.md) the outcomes, and
[Claims](claims.md) the conditions under which instruments act and fail. † No measured effect.
A cell contains the paired difference from the baseline, in percent of the baseline:
{middle}. [How to read it](output.md#effects).
"""
_EQUAL = """\

## At {dollars} per year

Every instrument at the dose that costs {dollars} per year, or at its maximum dose if that costs
less; instruments without a cost are left out.

{levels}

"""
_EFFECTS = ("Arm", "Policy", "$ per year", *HEADS, "Judged by, or kidnappings")
_SETTINGS = ("Policy", "Judged by", "{}", "", "Under these settings", "")


def effect_tables(result: Effects, equal: float) -> dict[str, Table]:
    """Return one table per condition that any instrument has, with all instruments.

    Args:
        result: instrument effects.
        equal: dollars per year in the condition "equal".

    Returns:
        Tables by condition: the full programme ("given"), equal dollars ("equal"), and the settings
        under which instruments act ("acting") and fail ("failing").
    """
    measured = interval_text(result.members, result.n_pairs)
    captions = {
        "given": f"Full programme, change from the baseline: {measured}",
        "equal": f"At {dollars(equal)} per year, or the maximum dose",
        "acting": "Under the settings in which it acts (twoborders describe POLICY)",
        "failing": "Under the failure settings (twoborders describe POLICY)",
    }

    def order(effect: Effect) -> tuple[int, str]:
        return ARMS.index(effect.policy.arm), effect.policy.id

    by_arm = sorted(result.rows, key=order)
    tables = {}
    for condition, caption in captions.items():
        rows = [row for row in by_arm if condition in {*row.conditions, "failing"}]
        heads, cells = _EFFECTS, _effect_cells
        if condition in ("acting", "failing"):
            reference = "In the scenario" if condition == "acting" else "Without them"
            heads, cells = [head.format(reference) for head in _SETTINGS], _settings_cells
        if rows:
            tables[condition] = Table(caption, heads, [cells(row, condition) for row in rows])
    return tables


def effects_page(result: Effects, command: str, equal: float) -> str:
    """Return the reference page in Markdown.

    Args:
        result: instrument effects.
        command: command that writes the page.
        equal: dollars per year in the second table.

    Returns:
        The introduction and two tables. The page of claims has the other conditions.
    """
    text = _INTRODUCTION.format(
        banner=f"{declaration_of(result.scenario.world).note} {BANNER}".strip(),
        command=command,
        s=result.scenario,
        replicates=replicates_text(result.members, len(result.seeds)),
        middle=interval_text(result.members, result.n_pairs).replace(NBSP, " "),
    )
    heads = {
        "given": f"\n## Full programmes, by arm\n\n{_levels(result)}\n\n",
        "equal": _EQUAL.format(dollars=dollars(equal), levels=_levels(result)),
    }
    tables = effect_tables(result, equal)
    return text + "".join(heads[name] + tables[name].markdown() for name in heads if name in tables)


def verdict_text(effect: Effect, condition: str = "given") -> str:
    """Return whether the instrument works under a condition.

    Args:
        effect: instrument effect.
        condition: one of :data:`experiments.studies.effects.CONDITIONS`.

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
    """Return in words whether the instrument fails under its failure settings."""
    if "failing" not in effect.conditions:
        return "not known" if "failing" in effect.planned.pairs else "declares no settings"
    if effect.harms:
        return "wrong way"
    if effect.fails and not effect.detected(effect.reference):
        return "no effect either"
    return "fails" if effect.fails else "does not fail"


def change_cell(name: str, row: Difference | None, head: str = "") -> Cell:
    """Return a difference in percent of the baseline, or in units if the baseline is zero.

    Args:
        name: outcome.
        row: difference from the baseline, or None if it was not run.
        head: text before the difference.

    Returns:
        The difference, and its 90 % range as the second line.
    """
    if row is None or not math.isfinite(row.difference):
        return Cell(f"{head}not known")
    values = [row.difference, row.low90, row.high90]
    if row.baseline > 0.0:
        middle, low, high = (signed_tenth(100.0 * value / row.baseline) for value in values)
        middle += NBSP + "%"
    else:
        middle, low, high = (signed_amount(value, OUTCOMES[name].unit) for value in values)
    return Cell(head + middle, f"{low} to {high}")


def _levels(result: Effects) -> str:
    """Return a sentence with the yearly baseline outcomes, from the shortest run.

    Pairs whose baseline contains accompanying policies are used only if no others exist.
    """
    plain_pairs = [effect for effect in result.rows if not effect.policy.requires] or result.rows
    shortest = min(plain_pairs, key=lambda effect: effect.planned.days)
    levels = [
        f"{lower_first(label)} {amount(shortest.outcomes[name].baseline, OUTCOMES[name].unit)}"
        for label, name in zip(HEADS, SHOWN, strict=True)
    ]
    return f"Baseline per year: {', '.join(levels)}."


def _effect_cells(effect: Effect, condition: str) -> list[Cell]:
    """Return the cells of one instrument in the tables "given" and "equal"."""
    pair = effect.planned.pairs[condition]
    notes = [f"with {policy}" for policy in effect.policy.requires]
    notes += [f"over {effect.planned.days / 365:g} years"] if effect.policy.years != 3 else []
    notes += [] if effect.policy.evaluated else ["†"]
    policy = Cell(str(pair.spec), ", ".join(notes), "code")
    *rows, (name, last) = effect.conditions[condition].items()
    changes = [change_cell(key, row) for key, row in rows]
    judged = change_cell(name, last, f"{OUTCOMES[name].label}: ")
    arm = Cell(effect.policy.arm.replace("_", " "))
    return [arm, policy, Cell(dollars(pair.dollars)), *changes, judged]


def _settings_cells(effect: Effect, condition: str) -> list[Cell]:
    """Return the cells of one instrument in the tables "acting" and "failing"."""
    name, failing = effect.judged_by, condition == "failing"
    reference = effect.reference if failing else "given"
    changed = effect.judged(condition) if condition in effect.conditions else None
    return [
        Cell(effect.planned.spec.id, tag="code"),
        Cell(OUTCOMES[name].label),
        change_cell(name, effect.judged(reference)),
        Cell(verdict_text(effect, reference)),
        change_cell(name, changed) if changed else Cell(MISSING),
        Cell(failure_verdict(effect) if failing else verdict_text(effect, "acting")),
    ]
