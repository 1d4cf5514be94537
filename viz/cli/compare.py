"""``twoborders compare``: policies against a baseline on the same seeds, and the report.

With ``--ensemble`` every parameter set that is drawn plays all of it, baseline and policies alike.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES
from abm.scenario import Scenario
from experiments.calibration.members import Drawn
from experiments.compare import (
    DEFAULT_ARMS,
    REPS,
    Arm,
    Comparison,
    Difference,
    Portfolio,
    compare,
)
from experiments.observed import observed_median
from experiments.pool import cores
from experiments.sequential import Rule, Settled
from viz.cli import console, members
from viz.cli.driver_tables import contrasts, hanging, tell_contrasts, tell_hanging
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run import about, failed, nothing, noting, tell_official
from viz.cli.run_options import Words, read_policies, read_scenario
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.cli.until import Until, info
from viz.cli.until import about as about_until
from viz.cli.until import play as play_until
from viz.cli.until import tell as tell_until

DEFAULT_OUT = Path("out") / "compare"
FIXED = Until()  # as many pairs as --reps says
_BOUNDS = ("baseline", "difference", "low50", "high50", "low90", "high90")
_NUMBERS = (*_BOUNDS, "share_below_zero", "share_above_zero")


def reps(given: int | None, ensemble: int | None) -> int:
    """Seeds where nobody says how many: an ensemble has its spread from its members."""
    return given or (REPS if ensemble is None else 1)


def command(
    words: Words,
    *,
    ensemble: int | None = None,
    until: Until = FIXED,
    out: Path | None,
    as_json: bool,
    jobs: int | None,
) -> int:
    """Check everything, play, write, tell; give the exit code."""
    scenario = read_scenario(words)
    uses = read_policies(scenario, words.policies or DEFAULT_ARMS)
    drawn = members.draw(ensemble, scenario, words.sets)
    rule = until.rule(words, len(drawn) if drawn else 0)
    folder = ready(out or DEFAULT_OUT)
    comparison, settled = _play(scenario, uses, words, drawn, rule, jobs)
    if not comparison.baseline.runs or not any(arm.runs for arm in comparison.arms):
        return nothing(comparison.failures)
    answer = summary(comparison, drawn, settled)
    _write_all(folder, comparison, drawn, settled, answer, again(words, ensemble, until, uses))
    if as_json:
        print_json(answer)
    else:
        tell(comparison, drawn, settled)
    return PARTLY if comparison.failures else OK


def _play(
    scenario: Scenario,
    uses: Sequence[Portfolio],
    words: Words,
    drawn: Drawn | None,
    rule: Rule | None,
    jobs: int | None,
) -> tuple[Comparison, Settled | None]:
    """Play all seeds, or with a rule until it says stop."""
    count, sets = len(drawn or ()), drawn.settings if drawn else None
    reps = rule.sizes(words.reps, count)[0] if rule else words.reps
    total = (len(uses) + 1) * reps * max(1, count)
    first = ", then more" if rule else ""
    say(
        f"{len(uses) + 1} arms (the baseline is one) with {members.played(count, reps)}: {total} "
        f"runs{first}, {min(total, jobs or cores())} at a time"
    )
    if rule:
        settled = play_until(scenario, uses, rule, words, ensemble=sets, jobs=jobs)
        return settled.comparison, settled
    with bar("Runs", total) as step:
        return compare(
            scenario, uses, seeds=words.seeds, jobs=jobs, on_result=noting(step), ensemble=sets
        ), None


def again(words: Words, ensemble: int | None, until: Until, uses: Sequence[Portfolio]) -> list[str]:
    """The words that give the same answer again."""
    given = words.command("compare")
    given += ["--ensemble", str(ensemble)] if ensemble is not None else []
    return given + until.words + ["+".join(map(str, portfolio)) for portfolio in uses]


def summary(
    comparison: Comparison, drawn: Drawn | None = None, settled: Settled | None = None
) -> dict[str, Any]:
    """The JSON of a comparison.

    ``dollars`` of a policy are $ a year while in force, all payers; ``reps`` the seeds asked for,
    of every member. Members are numbered from 0, in the order of ``chosen``.
    """
    base = comparison.baseline
    levels = {name: row.baseline for name, row in base.outcomes.items()}
    return {
        "command": "compare",
        "version": version("twoborders"),
        "note": BANNER,
        "scenario": about(comparison.scenario),
        "ensemble": members.about(drawn),
        "baseline": {
            "id": base.id,
            "title": base.title,
            "reps": len(base.runs),
            "outcomes": levels,
            "digests": _digests(base, comparison.members),
        },
        "reps": len(comparison.seeds),
        "seeds": list(comparison.seeds),
        "until": about_until(settled),
        "policies": [_arm(arm, comparison.members) for arm in comparison.arms],
        "hangs_on": {
            arm.id: {
                outcome: [asdict(one) for one in found]
                for outcome, found in hanging(comparison, arm, drawn).items()
            }
            for arm in comparison.arms
        }
        if drawn
        else None,
        "contrasts": [asdict(one) for one in contrasts(comparison, drawn)] if drawn else None,
        "official": [
            {"name": name, "simulated": simulated, "observed": seen, "source": source}
            for name, simulated, seen, source in observed_median(list(base.runs.values()))
        ],
        "failed": [failed(failure) for failure in comparison.failures],
    }


def _arm(arm: Arm, of: int) -> dict[str, Any]:
    """One policy for JSON; `of` are the members of the comparison."""
    return {
        "id": arm.id,
        "policy": arm.written,
        "title": arm.title,
        "dose": arm.dose,
        "dollars": sum(arm.dollars.values()),
        "dollars_by_payer": arm.dollars,
        "reps": len(arm.runs),
        "outcomes": {k: _row(row) for k, row in arm.outcomes.items()},
        "digests": _digests(arm, of),
    }


def _row(row: Difference) -> dict[str, float]:
    """One outcome for JSON."""
    return {name: getattr(row, name) for name in _NUMBERS}


def _digests(arm: Arm, of: int) -> dict[str, str]:
    """Fingerprints of the daily records, by seed, with an ensemble by member:seed."""
    return {
        f"{member}:{seed}" if of else str(seed): run.digest
        for (member, seed), run in arm.runs.items()
    }


def _write_all(
    folder: Path,
    comparison: Comparison,
    drawn: Drawn | None,
    settled: Settled | None,
    answer: dict[str, Any],
    words: Sequence[str],
) -> None:
    """Write the report, its pictures and the numbers behind it."""
    from viz.cli.report import fill
    from viz.documents.comparison import flow_map_svg, report_html, series_svg

    report = fill(comparison, words, drawn, info(settled) if settled else None)
    series = {arm.title: arm.series["got_aways"] for arm in (report.baseline, *report.arms)}
    map_title = f"Baseline: {report.baseline.title}, persons a year"
    write(folder / "report.html", report_html(report))
    write(folder / "comparison.json", json_text(answer) + "\n")
    write(folder / "outcomes.csv", outcomes_csv(comparison))
    write(folder / "map.svg", flow_map_svg(report.map, report.baseline.leg_flow, title=map_title))
    write(
        folder / "series.svg",
        series_svg(
            report.months,
            series,
            title=OUTCOMES["got_aways"].label,
            unit="persons a month",
            policy_dates=report.policy_dates,
        ),
    )
    say(
        f"written: {folder / 'report.html'}, and beside it comparison.json, outcomes.csv, map.svg "
        "and series.svg"
    )


def outcomes_csv(comparison: Comparison) -> str:
    """One row for every policy and outcome; empty where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["policy", "dollars_a_year", "outcome", "unit", *_NUMBERS])
    for arm in comparison.arms:
        for outcome, row in arm.outcomes.items():
            unit = OUTCOMES[outcome].unit if outcome in OUTCOMES else "$ per averted entry"
            numbers = [getattr(row, name) for name in _NUMBERS]
            cells = [value if math.isfinite(value) else "" for value in numbers]
            writer.writerow([arm.written, sum(arm.dollars.values()), outcome, unit, *cells])
    return text.getvalue()


def tell(
    comparison: Comparison, drawn: Drawn | None = None, settled: Settled | None = None
) -> None:
    """The comparison for a person: how far to trust it first, then what changes."""
    from viz.cli.tables import tell_arms

    runs = list(comparison.baseline.runs.values())
    s, seeds = comparison.scenario, len(comparison.seeds)
    console.line(
        f"{s.name}: {s.days:,} days from {s.start}; a simulated migrant stands for "
        f"{s.scale}; {members.played(comparison.members, seeds)}."
    )
    if drawn:
        console.line(
            f"Ensemble {drawn.digest}: {drawn.of} members, worth {drawn.effective:.3g} of "
            "equal weight."
        )
    print()
    tell_official(runs, most=5)
    tell_arms(comparison)
    if settled:
        tell_until(settled)
    if drawn:
        tell_hanging(comparison, drawn)
        tell_contrasts(comparison, drawn)
    for failure in comparison.failures:
        console.line(f"Left out, failed: {failure}")
    console.line(BANNER)
