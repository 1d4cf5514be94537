"""A sensitivity analysis told: as JSON, as CSV, as tables, as the panels of its picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from abm.measures import CRITERIA, OUTCOMES
from experiments.pool import Failure
from experiments.sensitivity.answers import Answer, needed
from experiments.sensitivity.indices import Elementary, Estimate, Line, Shares, told
from experiments.sensitivity.study import Study
from experiments.sweep import Swept
from viz.cli import console
from viz.cli.run import about, failed
from viz.cli.shell import BANNER
from viz.figures.numbers import amount, plain, signed_amount
from viz.figures.sensitivity import Panel

POINTS = "points of percent"  # unit of the change that a policy makes
_NAMES = {"morris": ("Morris", "trajectories"), "sobol": ("Sobol'", "base samples")}


# ---- in words -----------------------------------------------------------------------------------


def label(outcome: str) -> str:
    """An outcome in words."""
    return (OUTCOMES.get(outcome) or CRITERIA[outcome]).label


def unit(answer: Answer) -> str:
    """Unit of the answer."""
    if answer.policy:
        return POINTS
    return (OUTCOMES.get(answer.outcome) or CRITERIA[answer.outcome]).unit


def title(answer: Answer) -> str:
    """What an answer is of."""
    if not answer.policy:
        return label(answer.outcome)
    return f"{label(answer.outcome)}, change under {answer.policy}"


def plan(study: Study, runs: int) -> str:
    """What will be played, in a line."""
    name, blocks = _NAMES[study.method]
    many = len(study.factors)
    return (
        f"{name}: {study.n:,} {blocks} over {many} factor{'s' * (many != 1)} and a dummy, "
        f"{study.reps} seed{'s' * (study.reps != 1)} each: {runs:,} runs"
    )


def how(study: Study) -> str:
    """What was played, for the foot of the picture."""
    s, (name, blocks) = study.scenario, _NAMES[study.method]
    return (
        f"{s.name}, {s.days:,} days from {s.start}, scale {s.scale}; {name}, {study.n:,} {blocks}, "
        f"{study.reps} seed{'s' * (study.reps != 1)}. {BANNER}"
    )


def gaps(study: Study, found: Sequence[Answer]) -> list[str]:
    """What is missing, a line for each answer that lacks something."""
    blocks, lines = _NAMES[study.method][1], []
    for one in found:
        head = f"{title(one)}: {one.used:,} of {study.n:,} {blocks} are whole"
        if not one.lines:
            lines.append(f"{head} and {needed(study):,} are needed, so nothing is said of it.")
        elif one.used < study.n or one.thinner:
            fewer = f", {one.thinner:,} of them over fewer seeds" if one.thinner else ""
            lines.append(f"{head}{fewer}; the others are left out.")
    return lines


# ---- JSON and CSV -------------------------------------------------------------------------------


def summary(
    study: Study, swept: Sequence[Swept], failures: Sequence[Failure], found: Sequence[Answer]
) -> dict[str, Any]:
    """The JSON. Intervals are of 95 %; Morris in units of the answer over a factor's range."""
    return {
        "command": "sensitivity",
        "version": version("twoborders"),
        "note": BANNER,
        "scenario": about(study.scenario),
        "method": study.method,
        "n": study.n,
        "reps": study.reps,
        "seed": study.seed,
        "points": study.n * study.block,
        "policies": [arm for arm in study.designs if arm],
        "factors": [
            {
                "name": one.name,
                "paths": list(one.paths),
                "low": one.low,
                "high": one.high,
                "scale": "logarithmic" if one.log else "linear",
            }
            for one in study.factors
        ],
        "runs": sum(one.planned for one in swept),
        "done": sum(one.found + one.played for one in swept),
        "played": sum(one.played for one in swept),
        "failed": [failed(failure) for failure in failures],
        "answers": [_answer(study, one) for one in found],
    }


def _answer(study: Study, one: Answer) -> dict[str, Any]:
    """One answer for JSON; ``mean`` and ``sd`` are over its points."""
    return {
        "outcome": one.outcome,
        "policy": one.policy or None,
        "unit": unit(one),
        "mean": one.mean,
        "sd": one.sd,
        "whole": one.used,
        "planned": study.n,
        "over_fewer_seeds": one.thinner,
        "factors": [{"name": line.factor} | numbers(line, one) for line in one.lines],
        "not_told_from_dummy": one.untold if one.lines else None,
    }


def numbers(line: Line, answer: Answer) -> dict[str, Any]:
    """The figures of a factor by name."""
    if isinstance(line, Elementary):
        values = _ends("mu_star", line.mu_star) | {"mu": line.mu, "sigma": line.sigma}
    else:
        values = _ends("total", line.total) | _ends("first", line.first)
    return values | {"told_from_dummy": told(line, answer.dummy)}


def _ends(name: str, estimate: Estimate) -> dict[str, float]:
    """An estimate and the ends of its interval."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def table_csv(study: Study, found: Sequence[Answer]) -> str:
    """A row for every factor of every answer."""
    rows = [
        {"policy": one.policy, "outcome": one.outcome, "unit": unit(one), "factor": line.factor}
        | numbers(line, one)
        for one in found
        for line in one.lines
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# ---- for a person -------------------------------------------------------------------------------


def bands(found: Sequence[Answer]) -> dict[str, list[Panel]]:
    """Panels of the picture, by policy; the title of a level is its outcome alone."""
    answer: dict[str, list[Panel]] = {}
    for one in found:
        if one.lines:
            panel = Panel(label(one.outcome), unit(one), one.lines, frozenset(one.untold))
            answer.setdefault(one.policy, []).append(panel)
    return answer


def tell(study: Study, found: Sequence[Answer]) -> None:
    """A table for each answer, and what cannot be told from the dummy."""
    for one in found:
        if one.lines:
            _tell(one)
    console.line(_HOW[study.method])
    console.line(
        "The dummy changes nothing but the seeds: what it seems to do is luck. A factor is told "
        "from it where it lies above it by more than their two intervals explain."
    )
    console.line(f"{how(study)}")


_HOW = {
    "morris": "mu*: mean size of the change when a number moves over its whole range; mu: its "
    "mean with its sign; sigma: how much it differs with where the others are.",
    "sobol": "total: share of the variance of the answer that would be left if all other numbers "
    "were known; alone: share that would go if this one were.",
}


def _tell(one: Answer) -> None:
    """One table: what is told from the dummy, then the dummy."""
    untold = set(one.untold)
    shown = [line for line in one.lines if line.factor not in untold]
    row = _elementary if isinstance(one.lines[0], Elementary) else _shares
    heads = ("", "mu*", "in 95 %", "mu", "sigma")
    if isinstance(one.lines[0], Shares):
        heads = ("", "total", "in 95 %", "alone", "in 95 %")
    level = _number(one.mean, unit(one), signed=bool(one.policy))
    spread = _number(one.sd, unit(one))
    console.table(
        f"{title(one)} ({unit(one)}): {level} on average, standard deviation {spread}",
        heads,
        [row(line, unit(one)) for line in shown],
    )
    if untold:
        more = "" if shown[:-1] else " More --reps make it smaller, a larger -n the intervals."
        console.line(f"Cannot be told from the dummy: {', '.join(one.untold)}.{more}\n")


def _elementary(line: Line, unit: str) -> tuple[str, ...]:
    """A row of Morris."""
    assert isinstance(line, Elementary)
    return (
        line.factor,
        *_estimate(line.mu_star, lambda v: _number(v, unit)),
        _number(line.mu, unit, signed=True),
        _number(line.sigma, unit),
    )


def _shares(line: Line, unit: str) -> tuple[str, ...]:
    """A row of Sobol'."""
    assert isinstance(line, Shares)
    return (line.factor, *_estimate(line.total, _share), *_estimate(line.first, _share))


def _estimate(estimate: Estimate, told: Any) -> tuple[str, str]:
    """A number and its interval."""
    return told(estimate.value), f"{told(estimate.low)} to {told(estimate.high)}"


def _number(value: float, unit: str, signed: bool = False) -> str:
    """A number in the unit of the answer."""
    return (signed_amount if signed else amount)(value, unit)


def _share(value: float) -> str:
    """A share of the variance."""
    return plain(value, 2) if value == value else "not defined"
