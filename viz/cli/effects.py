"""``twoborders effects``: what every instrument does, and whether it fails as it says it must."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES
from abm.policies import registry
from abm.policies.base import ARMS
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec
from agents.param import plain
from experiments.compare import Difference, Portfolio
from experiments.effects import SCALE, Effect, Effects, distinct, effects, instruments, plan
from experiments.pool import cores
from viz.cli import console
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run import about, failed, nothing, noting
from viz.cli.run_options import Words, read_policies, read_scenario
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.figures.numbers import MINUS, amount, dollars, signed_amount

PAGE = Path("docs") / "reference" / "effects.md"
_BOUNDS = ("baseline", "difference", "low90", "high90")
_HEADS = ("got-aways", "unlawful entries", "deaths", "returned unscreened")


def command(
    words: Words,
    *,
    dose: float | None,
    markdown: bool,
    as_json: bool,
    out: Path | None,
    jobs: int | None,
) -> int:
    """Check everything, play, write, tell; give the exit code."""
    given = {text.partition("=")[0].strip() for text in words.sets}
    words = words.coarse(SCALE)
    scenario = read_scenario(words)
    uses = _uses(scenario, words.policies, dose)
    file = out or (PAGE if markdown else None)
    if file:
        ready(file.parent)
    horizon = words.days is None and "days" not in given
    runs = len(distinct(plan(scenario, uses, horizon=horizon))) * words.reps
    say(
        f"{len(uses)} instruments, as it is and under their failing settings, with {words.reps} "
        f"paired seeds: {runs} runs, {min(runs, jobs or cores())} at a time"
    )
    with bar("Runs", runs) as step:
        found = effects(
            scenario, uses, horizon=horizon, seeds=words.seeds, jobs=jobs, on_result=noting(step)
        )
    if not found.lines:
        return nothing(found.failures)
    answer = summary(found)
    if file:
        again = _again(words, dose)
        write(file, page(found, again) if markdown else json_text(answer) + "\n")
        say(f"written: {file}")
    if as_json:
        print_json(answer)
    elif not markdown:
        tell(found)
    return PARTLY if found.failures else OK


def _uses(scenario: Scenario, texts: Sequence[str], dose: float | None) -> list[PolicySpec]:
    """The instruments that are named, or all; `dose` is for those that name no amount."""
    uses = [_single(arm) for arm in read_policies(scenario, texts)] or instruments()
    if dose is None:
        return uses
    told = [str(use) for use in uses if use.dose != 1.0]
    if told:
        raise SettingError("--dose", f"{told[0]} has an amount already", "Give one of them.")
    if not texts:
        return [_at_most(use, dose) for use in uses]
    uses = [dataclasses.replace(use, dose=dose) for use in uses]
    read_policies(scenario, [str(use) for use in uses])
    return uses


def _single(arm: Portfolio) -> PolicySpec:
    """An instrument that can be judged alone."""
    use, *more = arm
    if more or use.id == "status_quo":
        hint = "Name instruments one by one; a portfolio belongs in twoborders compare."
        raise SettingError("POLICY", f"{'+'.join(map(str, arm))} is not one instrument", hint)
    return use


def _at_most(use: PolicySpec, dose: float) -> PolicySpec:
    """An instrument at a dose, or at the largest that it knows."""
    high = registry()[use.id].high
    if dose > high:
        say(f"warning: {use.id} is played at {high:g}, its largest dose.")
    return dataclasses.replace(use, dose=min(dose, high))


def _again(words: Words, dose: float | None) -> str:
    """The command that gives the same page."""
    given = words.command("effects") + ([] if dose is None else ["--dose", f"{dose:g}"])
    return " ".join([*given, *words.policies, "--markdown"])


# ---- JSON -----------------------------------------------------------------------------------
def summary(found: Effects) -> dict[str, Any]:
    """The JSON of all instruments; outcomes and differences are a year."""
    return {
        "command": "effects",
        "version": version("twoborders"),
        "note": BANNER,
        "scenario": about(found.scenario),
        "days": found.scenario.days,
        "scale": found.scenario.scale,
        "reps": len(found.seeds),
        "seeds": list(found.seeds),
        "policies": [_line(line) for line in found.lines],
        "failed": [failed(failure) for failure in found.failures],
        "cpu_s": found.cpu_s,
    }


def _line(line: Effect) -> dict[str, Any]:
    """One instrument for JSON."""
    harsh = {"settings": line.settings} | _row(line.failing) if line.failing else None
    return {
        "id": line.use.id,
        "policy": str(line.use),
        "title": line.policy.title,
        "arm": line.policy.arm,
        "dose": line.policy.dose,
        "dollars": line.dollars,
        "days": line.days,
        "beside": list(line.policy.beside),
        "judged_by": line.judged_by,
        "wanted": line.wanted,
        "outcomes": {k: _row(row) for k, row in line.outcomes.items()},
        "failing": harsh,
        "seen": line.seen,
        "works": line.works,
        "fails": line.fails,
    }


def _row(row: Difference) -> dict[str, float]:
    """One outcome for JSON."""
    return {name: getattr(row, name) for name in _BOUNDS}


# ---- words ----------------------------------------------------------------------------------
def ordinary_word(line: Effect) -> str:
    """What the scenario as it is shows."""
    if not line.seen:
        return "no effect seen"
    return "works" if line.works else "wrong way"


def harsh_word(line: Effect) -> str:
    """What its failing settings show."""
    if line.failing is None:
        return "names no settings" if not line.settings else "not known"
    if line.harms:
        return "wrong way"
    if line.fails and not line.seen:
        return "no effect either"
    return "fails" if line.fails else "does not fail"


def change(name: str, row: Difference | None, brackets: str = " [{}, {}]") -> str:
    """A difference in percent of the baseline (in units where that is zero), with its range."""
    if row is None or not math.isfinite(row.difference):
        return "not known"
    shown = [row.difference, row.low90, row.high90]
    if row.baseline > 0.0:
        head, low, high = (_tenth(100.0 * value / row.baseline) for value in shown)
        head += "\u00a0%"
    else:
        head, low, high = (signed_amount(value, OUTCOMES[name].unit) for value in shown)
    return head + brackets.format(low, high)


def _tenth(value: float) -> str:
    """A signed number with one decimal; what rounds to nothing has no sign."""
    shown = f"{abs(value):.1f}"
    return shown if shown == "0.0" else ("+" if value > 0.0 else MINUS) + shown


def settings_text(settings: Mapping[str, Any]) -> list[str]:
    """Settings as the command line takes them, tables in brackets."""
    return [f"{path}={_value(value)}" for path, value in settings.items()]


def _value(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return plain(value)


def _by_arm(lines: Sequence[Effect]) -> list[Effect]:
    """The instruments by arm, in the order of arms, then by name."""
    return sorted(lines, key=lambda line: (ARMS.index(line.policy.arm), line.use.id))


def _fifth(line: Effect) -> tuple[str, Difference]:
    """The outcome of the last column."""
    return list(line.outcomes.items())[-1]


# ---- for a person ---------------------------------------------------------------------------
def tell(found: Effects) -> None:
    """Two tables: what each instrument does, and what is left of it in its failing settings."""
    s, n = found.scenario, len(found.seeds)
    console.line(
        f"{s.name}: {s.days:,} days from {s.start}; a simulated migrant stands for "
        f"{s.scale}; {n} paired seed{'s' if n != 1 else ''}.\n"
    )
    lines, rows = _by_arm(found.lines), []
    for line in lines:
        cells = [change(k, row, "\n{} to {}") for k, row in list(line.outcomes.items())[:-1]]
        name, last = _fifth(line)
        fifth = f"{name.replace('_', ' ')}\n{change(name, last, chr(10) + '{} to {}')}"
        rows.append([str(line.use), dollars(line.dollars), *cells, fifth])
    console.table(
        "Change from the baseline, median of paired runs; below it nine pairs in ten",
        ["", "$ a year", *_HEADS, "and"],
        rows,
    )
    console.table(
        "In its failing settings (twoborders describe POLICY), by what it is judged by",
        ["", "judged by", "as it is", "", "failing settings", ""],
        [_verdict(line) for line in lines],
        left=2,
    )
    for failure in found.failures:
        console.line(f"Left out, failed: {failure}")
    console.line(f"{found.cpu_s:,.0f} CPU seconds. {BANNER}")


def _verdict(line: Effect) -> list[str]:
    """One row of the second table."""
    name = line.judged_by
    return [
        str(line.use),
        name.replace("_", " "),
        change(name, line.outcomes[name], "\n{} to {}"),
        ordinary_word(line),
        change(name, line.failing, "\n{} to {}") if line.failing else "-",
        harsh_word(line),
    ]


# ---- the reference page -----------------------------------------------------------------------
_INTRO = """\
# Effects of the instruments

**Model output within stated priors, not a forecast.** One line for each instrument, written by

```sh
{again}
```

The scenario is `{name}`: {days:,} days from {start}, a simulated migrant stands for {scale}
persons, {n} paired seeds. What each instrument is, costs and claims stands in
[Policies](policies.md); what an outcome is, in [Outcomes](outcomes.md).

## How to read it

- A cell is the median over seeds of the paired difference from the baseline, in percent of the
  baseline, and in brackets the range of nine seeds in ten. The same people with the same luck face
  both, so the range is that of chance alone: it says nothing about assumptions, which are the
  larger doubt. A range that leaves out zero is an effect of the model, not proof of one.
- Doses are the declared full programmes, of very different sizes: compare instruments only with
  their dollars beside them, and no flow without the deaths and the people returned without being
  heard in the same line.
- The last column is the outcome that the instrument is judged by, or kidnappings if that one is
  shown already.
- A scale of {scale} is coarse. Check a finding at scale 20 or finer before you believe it.
- `no_cooperation` is a loss, not a programme: its claim holds where got-aways rise.
"""
_SECOND = """\

## Where each must be able to fail

Every instrument names settings under which it should fail. Baseline and instrument are played
again under these; numbers of the instrument itself (`policies.ID...`) change the instrument alone.
It *fails* if the effect in the wished direction is less than half of that above, in percent of its
own baseline, or cannot be told from zero; *wrong way* says that it does harm there. *No effect
seen*: the range reaches zero, or the effect is below 0.1 %. Under `failing`, `twoborders describe
POLICY --json` gives the settings, and [Policies](policies.md) says in words why they make it fail.

| Policy | Judged by | As it is | | Failing settings | Under them | |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page(found: Effects, again: str) -> str:
    """The reference page as Markdown."""
    s = found.scenario
    text = _INTRO.format(
        again=again, name=s.name, days=s.days, start=s.start, scale=s.scale, n=len(found.seeds)
    )
    lines = _by_arm(found.lines)
    text += f"\n## What each does\n\n{_levels(found)}\n\n"
    text += "| Arm | Policy | $ a year | Got-aways | Unlawful entries | Deaths | Returned "
    text += "unscreened | Judged by, or kidnappings |\n" + "| --- " * 8 + "|\n"
    text += "".join(map(_effect_row, lines)) + _SECOND + "".join(map(_failing_row, lines))
    return text


def _levels(found: Effects) -> str:
    """The baseline in words, from an instrument of the usual horizon with nothing beside it."""
    usual = [one for one in found.lines if not one.policy.beside] or list(found.lines)
    line = min(usual, key=lambda one: one.days)
    told = [
        f"{head} {amount(row.baseline, OUTCOMES[name].unit)}"
        for head, (name, row) in zip(_HEADS, line.outcomes.items(), strict=False)
    ]
    return f"A year of the baseline: {', '.join(told)}."


def _effect_row(line: Effect) -> str:
    """One line of the first table."""
    notes = [f"beside `{use}`" for use in line.policy.beside]
    notes += [f"over {line.days / 365:g} years"] if line.policy.years != 3 else []
    name, last = _fifth(line)
    cells = [change(k, row) for k, row in list(line.outcomes.items())[:-1]]
    policy = f"`{line.use}`" + (f" ({', '.join(notes)})" if notes else "")
    cells = [
        line.policy.arm.replace("_", " "),
        policy,
        dollars(line.dollars),
        *cells,
        f"{OUTCOMES[name].label}: {change(name, last)}",
    ]
    return f"| {' | '.join(cells)} |\n"


def _failing_row(line: Effect) -> str:
    """One line of the second table."""
    name = line.judged_by
    told = ", ".join(f"`{text}`" for text in settings_text(line.settings)) or "none"
    cells = [
        f"`{line.use.id}`",
        OUTCOMES[name].label,
        change(name, line.outcomes[name]),
        ordinary_word(line),
        told,
        change(name, line.failing) if line.failing else "",
        harsh_word(line),
    ]
    return f"| {' | '.join(cells)} |\n"
