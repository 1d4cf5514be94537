"""``twoborders compare``: policies against a baseline on the same seeds, and the report."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES
from experiments.compare import (
    DEFAULT_ARMS,
    Arm,
    Comparison,
    Difference,
    Portfolio,
    compare,
)
from experiments.observed import observed_median
from experiments.pool import cores
from viz.cli import show
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run import about, failed, nothing, noting, tell_official
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.cli.told import Words, read_policies, read_scenario

DEFAULT_OUT = Path("out") / "compare"
_BOUNDS = ("baseline", "difference", "low50", "high50", "low90", "high90")


def command(words: Words, *, out: Path | None, as_json: bool, jobs: int | None) -> int:
    """Check everything, play, write, tell; give the exit code."""
    scenario = read_scenario(words)
    uses = read_policies(scenario, words.policies or DEFAULT_ARMS)
    folder = ready(out or DEFAULT_OUT)
    total = (len(uses) + 1) * words.reps
    say(f"{len(uses) + 1} arms (the baseline is one) with {words.reps} paired seeds: {total} runs, "
        f"{min(total, jobs or cores())} at a time")  # fmt: skip
    with bar("Runs", total) as step:
        comparison = compare(scenario, uses, seeds=words.seeds, jobs=jobs, on_result=noting(step))
    if not comparison.baseline.runs or not any(arm.runs for arm in comparison.arms):
        return nothing(comparison.failures)
    answer = summary(comparison)
    _write_all(folder, comparison, answer, [*words.command("compare"), *_written(uses)])
    if as_json:
        print_json(answer)
    else:
        tell(comparison)
    return PARTLY if comparison.failures else OK


def _written(uses: Sequence[Portfolio]) -> list[str]:
    """The arms as the command line takes them."""
    return ["+".join(str(use) for use in portfolio) for portfolio in uses]


def summary(comparison: Comparison) -> dict[str, Any]:
    """The JSON of a comparison.

    ``dollars`` of a policy are $ a year while in force, all payers; ``reps`` the seeds asked for.
    """
    base = comparison.baseline
    levels = {name: row.baseline for name, row in base.outcomes.items()}
    return {
        "command": "compare", "version": version("twoborders"), "note": BANNER,
        "scenario": about(comparison.scenario),
        "baseline": {"id": base.id, "title": base.title, "reps": len(base.runs),
                     "outcomes": levels, "digests": _digests(base)},
        "reps": len(comparison.seeds), "seeds": list(comparison.seeds),
        "policies": [_arm(arm) for arm in comparison.arms],
        "official": [
            {"name": name, "simulated": simulated, "observed": seen, "source": source}
            for name, simulated, seen, source in observed_median(list(base.runs.values()))
        ],
        "failed": [failed(failure) for failure in comparison.failures],
    }  # fmt: skip


def _arm(arm: Arm) -> dict[str, Any]:
    """One policy for JSON."""
    return {
        "id": arm.id, "policy": arm.written, "title": arm.title, "dose": arm.dose,
        "dollars": sum(arm.dollars.values()), "dollars_by_payer": arm.dollars,
        "reps": len(arm.runs), "outcomes": {k: _row(row) for k, row in arm.outcomes.items()},
        "digests": _digests(arm),
    }  # fmt: skip


def _row(row: Difference) -> dict[str, float]:
    """One outcome for JSON."""
    return {name: getattr(row, name) for name in _BOUNDS}


def _digests(arm: Arm) -> dict[str, str]:
    """Fingerprints of the daily records, by seed."""
    return {str(seed): run.digest for seed, run in arm.runs.items()}


def _write_all(
    folder: Path, comparison: Comparison, answer: dict[str, Any], words: Sequence[str]
) -> None:
    """Write the report, its pictures and the numbers behind it."""
    from viz.cli.report import fill
    from viz.report import flow_map_svg, report_html, series_svg

    report = fill(comparison, words)
    series = {arm.title: arm.series["got_aways"] for arm in (report.baseline, *report.arms)}
    map_title = f"Baseline: {report.baseline.title}, persons a year"
    write(folder / "report.html", report_html(report))
    write(folder / "comparison.json", json_text(answer) + "\n")
    write(folder / "outcomes.csv", outcomes_csv(comparison))
    write(folder / "map.svg",
          flow_map_svg(report.map, report.baseline.leg_flow, title=map_title))  # fmt: skip
    write(folder / "series.svg",
          series_svg(report.months, series, title=OUTCOMES["got_aways"].label,
                     unit="persons a month", policy_dates=report.policy_dates))  # fmt: skip
    say(f"written: {folder / 'report.html'}, and beside it comparison.json, outcomes.csv, map.svg "
        "and series.svg")  # fmt: skip


def outcomes_csv(comparison: Comparison) -> str:
    """One row for every policy and outcome; empty where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["policy", "dollars_a_year", "outcome", "unit", *_BOUNDS])
    for arm in comparison.arms:
        for name, row in arm.outcomes.items():
            unit = OUTCOMES[name].unit if name in OUTCOMES else "$ per averted entry"
            numbers = [getattr(row, bound) for bound in _BOUNDS]
            cells = [value if math.isfinite(value) else "" for value in numbers]
            writer.writerow([arm.written, sum(arm.dollars.values()), name, unit, *cells])
    return text.getvalue()


def tell(comparison: Comparison) -> None:
    """The comparison for a person: how far to trust it first, then what changes."""
    from viz.cli.tables import tell_arms

    runs = list(comparison.baseline.runs.values())
    s, reps = comparison.scenario, len(runs)
    show.line(f"{s.name}: {s.days:,} days from {s.start}; a simulated migrant stands for "
              f"{s.scale}; {reps} paired seed{'s' if reps != 1 else ''}.\n")  # fmt: skip
    tell_official(runs, most=5)
    tell_arms(comparison)
    for failure in comparison.failures:
        show.line(f"Left out, failed: {failure}")
    show.line(BANNER)
