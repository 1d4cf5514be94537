"""``twoborders run``: one scenario, one seed or several."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES
from abm.scenario import Scenario
from experiments.observed import miss, observed_median
from experiments.run import Case, Failure, RunResult, run_many, run_one
from viz.cli import console, criteria
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run_options import Words, read_policies, read_scenario
from viz.cli.shell import BANNER, FAILED, OK, PARTLY, USAGE, is_input, print_json, say
from viz.cli.shell import json_text as to_json
from viz.figures.numbers import amount, dollars, exact, percent, plain

Answers = Sequence[RunResult | Failure]
_OFFICIAL_SHOWN = 8
_STATUS_FIRST = ("candidates", "stayed")


def command(words: Words, *, out: Path | None, as_json: bool, jobs: int | None) -> int:
    """Check everything, play, tell, write; give the exit code."""
    scenario = read_scenario(words)
    uses = tuple(use for arm in read_policies(scenario, words.policies) for use in arm)
    scenario = scenario.with_settings({"policies": (*scenario.policies, *uses)})
    folder = ready(out) if out else None
    answers = play(scenario, words.seeds, jobs, daily=folder is not None)
    results = [answer for answer in answers if isinstance(answer, RunResult)]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    if not results:
        return nothing(failures)
    answer = summary(scenario, results, failures)
    if folder:
        _write_all(folder, scenario, results, answer)
    if as_json:
        print_json(answer)
    else:
        tell(scenario, results)
    return PARTLY if failures else OK


def play(scenario: Scenario, seeds: Sequence[int], jobs: int | None, *, daily: bool) -> Answers:
    """One run in this process, which may raise; several in workers, which record."""
    if len(seeds) == 1:
        with bar("Days", scenario.days) as step:
            case = Case(scenario, seeds[0])
            return [run_one(case, progress=lambda day, days: step(), daily=daily)]
    with bar("Runs", len(seeds)) as step:
        cases = [Case(scenario, seed) for seed in seeds]
        return run_many(cases, jobs=jobs, on_result=noting(step), daily=daily)


def noting(step: Any) -> Any:
    """What hears of every answer: a step of the bar, a warning about a failure."""

    def note(answer: RunResult | Failure) -> None:
        step()
        if isinstance(answer, Failure):
            say(f"warning: a run failed: {answer}")

    return note


def nothing(failures: Sequence[Failure]) -> int:
    """Nothing succeeded: say why; bad input is a matter of usage."""
    say(f"error: none of {len(failures)} runs succeeded; the first: {failures[0]}")
    return USAGE if all(is_input(failure.kind) for failure in failures) else FAILED


def summary(
    scenario: Scenario, results: Sequence[RunResult], failures: Sequence[Failure]
) -> dict[str, Any]:
    """The JSON of a run: that of the first seed, and with several seeds each of them in `runs`."""
    answer = {
        "command": "run",
        "version": version("twoborders"),
        "note": BANNER,
        "scenario": about(scenario),
        "reps": len(results),
    } | one(results[0])
    official = observed_median(results)
    answer["official"] = [
        {"name": name, "simulated": simulated, "observed": seen, "source": source}
        for name, simulated, seen, source in official
    ]
    if len(results) + len(failures) > 1:
        answer["runs"] = [one(result) for result in results]
        answer["failed"] = [failed(failure) for failure in failures]
    return answer


def about(scenario: Scenario) -> dict[str, Any]:
    """Which scenario it was."""
    return {
        "name": scenario.name,
        "digest": scenario.digest,
        "start": scenario.start.isoformat(),
        "days": scenario.days,
        "scale": scenario.scale,
        "supply": scenario.supply,
        "policies": [str(use) for use in scenario.policies],
    }


def one(result: RunResult) -> dict[str, Any]:
    """One run; dollars are spent over the run, outcomes are per year."""
    return {
        "seed": result.seed,
        "persons": result.persons,
        "events": result.events,
        "rates": result.rates,
        "outcomes": result.outcomes,
        "criteria": result.criteria,
        "dollars": result.dollars,
        "depth": result.depth,
        "sector_shares": result.sector_shares,
        "interceptions_by_state": result.interceptions_by_state,
        "cost": result.cost,
        "digest": result.digest,
    }


def failed(failure: Failure) -> dict[str, Any]:
    """One run that failed."""
    return {"of": failure.name, "seed": failure.seed, "kind": failure.kind, "text": failure.text}


def _write_all(
    folder: Path, scenario: Scenario, results: Sequence[RunResult], answer: dict[str, Any]
) -> None:
    """Write run.json, daily.csv and the whole scenario."""
    write(folder / "run.json", to_json(answer) + "\n")
    write(folder / "daily.csv", daily_csv(results))
    write(folder / "scenario.toml", scenario.to_toml(full=True))
    say(f"written: run.json, daily.csv and scenario.toml in {folder}")


def daily_csv(results: Sequence[RunResult]) -> str:
    """Persons by seed, date and event."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", "date", *results[0].events])
    for result in results:
        first = datetime.date.fromisoformat(result.start)
        for day, counts in enumerate(result.daily if result.daily is not None else []):
            date = first + datetime.timedelta(days=day)
            writer.writerow([result.seed, date.isoformat(), *counts.tolist()])
    return text.getvalue()


def tell(scenario: Scenario, results: Sequence[RunResult]) -> None:
    """The run for a person: misses first, then the criteria and where everybody stands."""
    seeds = [str(result.seed) for result in results]
    which = "seed " + seeds[0] if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}, medians"
    console.line(
        f"{scenario.name}: {scenario.days:,} days from {scenario.start}, {which}; a "
        f"simulated migrant stands for {scenario.scale}."
    )
    in_force = ", ".join(str(use) for use in scenario.policies) or "none, the status quo"
    console.line(f"Policies: {in_force}.\n")
    tell_official(results)
    criteria.tell(results)
    if len(results) > 1:
        _tell_outcomes(results)
    _tell_persons(results)
    if sum(results[0].dollars.values()) > 0:
        paid = ", ".join(
            f"{console.payer(w)} {dollars(d)}" for w, d in results[0].dollars.items() if d
        )
        console.line(f"Spent on policies over the run: {paid}.")
    console.line(_costs(results))
    console.line(BANNER)


def tell_official(results: Sequence[RunResult], most: int = _OFFICIAL_SHOWN) -> None:
    """The first fiscal year beside official statistics, largest miss first."""
    rows = sorted(observed_median(results), key=lambda row: -miss(row[1], row[2]))
    if not rows:
        return
    cells = [
        (name, exact(simulated), exact(seen), percent((simulated / seen - 1) * 100) if seen else "")
        for name, simulated, seen, _ in rows[:most]
    ]
    close = sum(miss(row[1], row[2]) <= 20 for row in rows)
    console.table(
        f"First fiscal year against official statistics: {close} of {len(rows)} within 20 %; the "
        f"{len(cells)} largest misses",
        ("", "simulated", "official", "off by"),
        cells,
    )


def _tell_outcomes(results: Sequence[RunResult]) -> None:
    """Medians of the yearly outcomes with the range of nine runs in ten."""
    import numpy as np

    rows = []
    for name, info in OUTCOMES.items():
        values = np.array([result.outcomes[name] for result in results])
        low, middle, high = (
            amount(float(v), info.unit) for v in np.quantile(values, (0.05, 0.5, 0.95))
        )
        rows.append((info.label, middle, f"{low} to {high}", info.unit))
    console.table("Outcomes over the runs", ("", "median", "nine runs in ten", "unit"), rows)


def _tell_persons(results: Sequence[RunResult]) -> None:
    """Where the candidates of the first run stand at its end."""
    persons = results[0].persons
    total = max(1, persons["candidates"])
    rows = [
        (name.replace("_", " "), plain(count), f"{100 * count / total:.1f} %")
        for name, count in persons.items()
        if count
    ]
    which = "" if len(results) == 1 else f" (seed {results[0].seed})"
    console.table(f"Where people stand at the end{which}", ("", "persons", "share"), rows)


def _costs(results: Sequence[RunResult]) -> str:
    """What the computer did."""
    cpu = sum(result.cost["cpu_s"] for result in results)
    peak = max(result.cost["peak_mb"] for result in results)
    days = sum(result.cost["agent_days"] for result in results)
    return (
        f"{cpu:.1f} CPU seconds, at most {peak:,.0f} MB, {days / 1e6:,.1f} million agent-days;"
        f" daily record {results[0].digest}."
    )
