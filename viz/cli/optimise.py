"""``twoborders optimise``: the best portfolios under a budget, and the front of what can be had."""

from __future__ import annotations

import csv
import dataclasses
import io
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from abm.policies.base import money
from abm.scenario import Scenario, SettingError
from agents.param import meant
from experiments.optimise.best import Best, Plan, front, optimise
from experiments.optimise.horizons import ENTRIES, HORIZONS, OUTCOMES, length
from experiments.optimise.score import places
from experiments.optimise.search import Target
from experiments.optimise.sides import ACCOUNTS, SIDES
from experiments.optimise.surrogate import sklearn_missing
from experiments.optimise.trials import Evaluator
from viz.cli import console
from viz.cli.budgets import read_budgets
from viz.cli.files import ready, write
from viz.cli.folder import claim
from viz.cli.run import about
from viz.cli.run_options import Words, read_scenario, typed
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.cli.stages import Stages, foretell, going_on
from viz.documents.findings.words import SHORT, percent
from viz.figures.frontier import STYLES, Panel, frontier_svg

DEFAULT_OUT = Path("out") / "optimise"
SCALE = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was given on the command line; None and nothing are the plan's own."""

    sides: Sequence[str] = ()
    budgets: Sequence[str] = ()
    account: str = "joint"
    outcomes: Sequence[str] = ()
    members: int | None = None
    search_members: int | None = None
    together: int | None = None
    rounds: int | None = None
    scale: int | None = None
    seed: int = 1
    sets: Sequence[str] = ()
    jobs: int | None = None
    out: Path | None = None
    resume: bool = False
    as_json: bool = False

    @property
    def words(self) -> list[str]:
        """The command that gives the same answer again."""
        several = {
            "--side": self.sides,
            "--budget": self.budgets,
            "--outcome": self.outcomes,
            "--set": self.sets,
        }
        single = {
            "--account": None if self.account == "joint" else self.account,
            "--members": self.members,
            "--search-members": self.search_members,
            "--together": self.together,
            "--rounds": self.rounds,
            "--scale": self.scale,
            "--seed": None if self.seed == 1 else self.seed,
        }
        return ["twoborders", "optimise", *typed(several, single)]

    @property
    def plan(self) -> Plan:
        """What is looked for; raises ``SettingError``."""
        plan = Plan(account=_one_of("--account", self.account, ACCOUNTS), seed=self.seed)
        effort = {"together": self.together, "rounds": self.rounds}
        given: dict[str, Any] = {
            "sides": tuple(_one_of("--side", side, SIDES) for side in self.sides),
            "outcomes": tuple(_one_of("--outcome", name, ENTRIES) for name in self.outcomes),
            "budgets": read_budgets(self.budgets),
            "members": self.members,
            "search_members": self.search_members,
            "effort": dataclasses.replace(
                plan.effort, **{k: v for k, v in effort.items() if v is not None}
            ),
        }
        return dataclasses.replace(plan, **{k: v for k, v in given.items() if v})


def _one_of(option: str, given: str, known: Any) -> str:
    """Refuse a name that is not known."""
    if given not in known:
        hint = meant(given, known) + f"Give one of {', '.join(known)}."
        raise SettingError(option, f"{given!r} is not known", hint)
    return given


def command(asked: Asked, *, dry_run: bool) -> int:
    """Check everything, play, choose, write, tell; give the exit code."""
    hint = sklearn_missing()
    if hint:
        raise SettingError("optimise", "it needs the packages scikit-learn and pymoo", hint)
    plan = asked.plan
    scenario = read_long_scenario(asked.scale or SCALE, asked.sets)
    if dry_run:
        return foretell(_head(asked), plan.count(), scenario, asked.jobs, asked.as_json)
    folder = ready(asked.out or DEFAULT_OUT)
    claim(
        folder,
        "optimise.json",
        {"plan": dataclasses.asdict(plan), "scenario": scenario.digest},
        asked.resume,
    )
    found = _play(asked, plan, scenario, folder)
    summary = told(found, asked)
    _write(folder, found, summary)
    if asked.as_json:
        print_json(summary)
    else:
        tell(found, folder)
    return PARTLY if found.searched.failures or found.scored.trials.failures else OK


def read_long_scenario(scale: int, sets: Sequence[str]) -> Scenario:
    """The baseline, long enough for the longest horizon; raises ``SettingError``."""
    scenario = read_scenario(Words(scale=scale, sets=sets))
    if scenario.start.day != 1:
        hint = "Give a start on the first of a month: horizons are whole months."
        raise SettingError("start", f"{scenario.start} is in the middle of a month", hint)
    return scenario.with_settings({"days": length(scenario.start, max(HORIZONS))})


def _play(asked: Asked, plan: Plan, scenario: Scenario, folder: Path) -> Best:
    """All stages, with progress; an interrupt says how to go on."""
    from experiments.calibration.members import draw

    judging, _ = places(plan.members, plan.search_members)
    shown = Stages(plan.count())
    evaluator = Evaluator(
        scenario,
        draw(judging, scenario),
        folder / "runs",
        jobs=asked.jobs,
        on_start=shown.start,
        on_result=shown.step,
        command=asked.words,
    )
    with going_on([*asked.words, "--out", str(folder), "--resume"]), shown:
        return optimise(plan, scenario, evaluator)


# ---- what is told --------------------------------------------------------------------------------


def _head(asked: Asked) -> dict[str, Any]:
    """What every JSON of the command begins with."""
    return {
        "command": "optimise",
        "version": version("twoborders"),
        "note": BANNER,
        "again": shlex.join(asked.words),
    }


def told(found: Best, asked: Asked) -> dict[str, Any]:
    """The JSON: the best of every target, and the fronts."""
    return _head(asked) | {
        "scenario": about(found.scenario),
        "plan": dataclasses.asdict(found.plan),
        "searched": len(found.searched),
        "best": [_best(found, t) for t in _ordered(found)],
        "front": [
            _on_front(found, side, outcome, k)
            for side in found.plan.sides
            for outcome in found.plan.outcomes
            for k in front(found, side, outcome)
        ],
        "failed": len(found.searched.failures) + len(found.scored.trials.failures),
    }


def _ordered(found: Best) -> list[Target]:
    """Targets by side, in the order in which sides are told, then by measure and budget."""
    return sorted(found.chosen, key=lambda t: (list(SIDES).index(t.side), t.outcome, t.budget))


def _best(found: Best, target: Target) -> dict[str, Any]:
    """The best portfolio of a target: as it looked in the search, and its score."""
    place = found.scored.menu[target]
    trials, row = found.scored.trials, found.scored.trials.portfolios[place]
    seen = float(np.expm1(found.searched.mean_log(target.outcome)[found.chosen[target]]))
    return dataclasses.asdict(target) | {
        "dollars": found.instruments.named(row),
        "payers": found.instruments.payers(row),
        "policies": [str(use) for use in found.instruments.uses(row)],
        "in_the_search": seen,
        "scored": float(np.expm1(trials.mean_log(target.outcome)[place])),
        "changes": {
            name: _range(trials.changes[place, :, k, -1]) for k, name in enumerate(OUTCOMES)
        },
    }


def _range(values: np.ndarray) -> dict[str, float]:
    """Median and nine in ten."""
    low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95])
    return {"low90": float(low), "median": float(middle), "high90": float(high)}


def _on_front(found: Best, side: str, outcome: str, place: int) -> dict[str, Any]:
    """One portfolio of a front, as it looked in the search."""
    trials, row = found.searched, found.searched.portfolios[place]
    return {
        "side": side,
        "outcome": outcome,
        "charge": float(found.instruments.charge(row, found.plan.account)),
        "entries": float(np.expm1(trials.mean_log(outcome)[place])),
        "deaths": float(np.expm1(trials.mean_log("deaths")[place])),
        "dollars": found.instruments.named(row),
    }


def tell(found: Best, folder: Path) -> None:
    """The best portfolios for a person."""
    rows = []
    for target in _ordered(found):
        changes = _best(found, target)["changes"]
        told = [percent(100.0 * changes[name]["median"]) for name in OUTCOMES]
        rows.append([STYLES[target.side][1], SHORT[target.outcome], money(target.budget), *told])
    heads = ["side", "fewest", "$ a year", *(SHORT[name] for name in OUTCOMES)]
    title = f"Median change over ten years, {found.plan.members} members that did not choose"
    console.table(title, heads, rows, left=2)
    for target in _ordered(found):
        named = _best(found, target)["dollars"].items()
        bought = ", ".join(f"{name} {money(x)}" for name, x in named) or "nothing"
        console.line(
            f"{STYLES[target.side][1]}, fewest {SHORT[target.outcome]}, "
            f"{money(target.budget)}: {bought}."
        )
    console.line()
    every = [_best(found, target) for target in found.chosen]
    gap = float(np.mean([100.0 * (one["scored"] - one["in_the_search"]) for one in every]))
    console.line(
        f"In the search they looked better by {gap:.1f} points on average: "
        "other members, and choosing flatters. Hence the fresh score."
    )
    console.line(
        f"In {folder}: every portfolio played, the fronts, and a scenario for each of "
        f"these. {BANNER}"
    )


def _write(folder: Path, found: Best, summary: dict[str, Any]) -> None:
    """Numbers, picture, and a scenario file for every portfolio that was chosen."""
    write(folder / "best.json", json_text(summary) + "\n")
    write(folder / "played.csv", _played(found))
    shown = (*found.plan.outcomes, "deaths", "returned_unscreened")
    panels = [_panel(found, name) for name in shown]
    title = f"Best portfolios, counted in {ACCOUNTS[found.plan.account]}"
    write(folder / "front.svg", frontier_svg(panels, title=title, columns=2))
    for target, place in found.scored.menu.items():
        name = f"{target.side}_{target.outcome}_{target.budget / 1e6:.0f}M"
        uses = found.instruments.uses(found.scored.trials.portfolios[place])
        doc = (
            f"Of {len(found.searched)} portfolios the one with the fewest "
            f"{SHORT[target.outcome]} for {money(target.budget)} a year."
        )
        own = found.scenario.with_settings({"name": name, "doc": doc, "policies": uses})
        write(folder / f"{name}.toml", own.to_toml())
    say(f"written: {folder / 'best.json'}, played.csv, front.svg and {len(found.chosen)} scenarios")


def _panel(found: Best, name: str) -> Panel:
    """One outcome of the best portfolios by budget."""
    chosen_for = name if name in found.plan.outcomes else found.plan.outcomes[-1]
    k, trials = OUTCOMES.index(name), found.scored.trials
    lines: dict[str, list[tuple[float, float, float, float]]] = {s: [] for s in found.plan.sides}
    for t, place in sorted(found.scored.menu.items()):
        if t.outcome == chosen_for:
            low, middle, high = np.nanquantile(
                100.0 * trials.changes[place, :, k, -1], [0.05, 0.5, 0.95]
            ).tolist()
            lines[t.side].append((t.budget, low, middle, high))
    unit = f"change over 10 years; chosen for {SHORT[chosen_for]}"
    return Panel(SHORT[name].capitalize(), unit, lines)


def _played(found: Best) -> str:
    """Every portfolio of the search: dollars by instrument and mean changes by outcome."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*found.instruments.ids, *(f"change_{name}" for name in OUTCOMES)])
    changes = np.column_stack([np.expm1(found.searched.mean_log(name)) for name in OUTCOMES])
    for row, change in zip(found.searched.portfolios, changes, strict=True):
        writer.writerow([*(f"{x:.0f}" for x in row), *(f"{c:.5f}" for c in change)])
    return text.getvalue()
