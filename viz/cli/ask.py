"""``twoborders ask``: helps, beats, requires; played over hours, gone on with at any time."""

from __future__ import annotations

import dataclasses
import datetime
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.policies.base import money
from abm.scenario import Scenario, SettingError
from experiments.ask import stages
from experiments.ask.answer import Answer, answer
from experiments.ask.sizes import FULL, QUICK, Size
from experiments.ask.verdict import Cell
from experiments.calibration.members import draw
from experiments.optimise.score import places
from experiments.optimise.surrogate import sklearn_missing
from experiments.optimise.trials import Evaluator
from viz.cli import console
from viz.cli.budgets import read_budgets
from viz.cli.files import ready, write
from viz.cli.folder import claim
from viz.cli.optimise import read_long_scenario
from viz.cli.run import about
from viz.cli.run_options import typed
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.cli.stages import Stages, foretell, going_on
from viz.documents.findings import tables

DEFAULT_OUT = Path("out") / "ask"
_MARK = "ask.json"  # says which question a folder holds


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was given on the command line; None is the size's own."""

    quick: bool = False
    members: int | None = None
    search_members: int | None = None
    variant_members: int | None = None
    budgets: Sequence[str] = ()
    scale: int | None = None
    seed: int = 1
    sets: Sequence[str] = ()
    jobs: int | None = None
    out: Path | None = None
    resume: bool = False
    as_json: bool = False

    @property
    def folder(self) -> Path:
        """Where everything goes."""
        return self.out or DEFAULT_OUT

    @property
    def words(self) -> list[str]:
        """The command that gives the same answer again."""
        several = {"--budget": self.budgets, "--set": self.sets}
        single = {
            "--members": self.members,
            "--search-members": self.search_members,
            "--variant-members": self.variant_members,
            "--scale": self.scale,
            "--seed": self.seed if self.seed != 1 else None,
        }
        quick = ["--quick"] if self.quick else []
        return ["twoborders", "ask", *quick, *typed({}, single), *typed(several, {})]


def command(asked: Asked, *, dry_run: bool) -> int:
    """Check everything, play, judge, write, tell; give the exit code."""
    hint = sklearn_missing()
    if hint:
        raise SettingError("ask", "it needs the packages scikit-learn and pymoo", hint)
    size = size_of(asked)
    scenario = _scenario(asked, size)
    if dry_run:
        return foretell(_head(asked), stages.count(size), scenario, asked.jobs, asked.as_json)
    folder = ready(asked.folder)
    claim(
        folder, _MARK, {"size": dataclasses.asdict(size), "scenario": scenario.digest}, asked.resume
    )
    found = _play(asked, size, scenario, folder)
    summary = told(found, asked)
    _write(folder, found, asked, summary)
    if asked.as_json:
        print_json(summary)
    else:
        tell(found)
    return PARTLY if found.failures else OK


def size_of(asked: Asked) -> Size:
    """How much is played."""
    size = QUICK if asked.quick else FULL
    names = ("members", "search_members", "variant_members", "scale")
    given = {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}
    if asked.budgets:
        budgets = read_budgets(asked.budgets)
        given |= {"budgets": budgets, "variant_budget": budgets[len(budgets) // 2]}
    return dataclasses.replace(size, seed=asked.seed, **given)


def _scenario(asked: Asked, size: Size) -> Scenario:
    """The baseline over ten years; members that do not fit it are refused."""
    scenario = read_long_scenario(size.scale, asked.sets)
    for members in places(size.members, size.search_members):
        draw(members, scenario)
    return scenario


def _play(asked: Asked, size: Size, scenario: Scenario, folder: Path) -> Answer:
    """All stages, with progress; an interrupt says how to go on."""
    judging, _ = places(size.members, size.search_members)
    shown = Stages(stages.count(size))
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
        played = stages.play(size, scenario, evaluator)
    say("judging")
    return answer(played)


# ---- what is told --------------------------------------------------------------------------------


def _head(asked: Asked) -> dict[str, Any]:
    """What every JSON of the command begins with."""
    return {
        "command": "ask",
        "version": version("twoborders"),
        "note": BANNER,
        "again": shlex.join(asked.words),
    }


def told(found: Answer, asked: Asked) -> dict[str, Any]:
    """The JSON of an answer."""
    played = found.played
    return _head(asked) | {
        "date": datetime.date.today().isoformat(),
        "scenario": about(played.scenario),
        "size": dataclasses.asdict(played.size),
        "members": list(played.places),
        "verdicts": [dataclasses.asdict(one) for one in found.verdicts],
        "cells": [_cell(cell) for cell in found.cells],
        "cooperation_alone": [_cell(cell) for cell in found.alone],
        "variants": {name: [_cell(c) for c in cells] for name, cells in found.variants.items()},
        "boxes": [dataclasses.asdict(one) for one in found.boxes],
        "flips": [
            {"claim": claim, "outcome": outcome} | dataclasses.asdict(one)
            for (claim, outcome), hanging in found.flips.items()
            for one in hanging
        ],
        "portfolios": [
            _portfolio(found, target, place) for target, place in played.score.menu.items()
        ],
        "searched": len(played.searched),
        "failed": found.failures,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    """One cell; ``advantage`` is by draw and horizon."""
    return {
        "claim": cell.claim,
        "account": cell.account,
        "outcome": cell.outcome,
        "budget": cell.budget,
        "sides": cell.sides,
        "draws": cell.draws,
        "p_win": cell.p_win,
        "p_range": cell.p_range,
        "by_horizon": cell.by_horizon,
        "verdict": cell.verdict,
        "near_a_threshold": cell.close,
        "worse_for_people": cell.worse(),
        "trades": cell.trades,
        "advantage": cell.advantage,
    }


def _portfolio(found: Answer, target: Any, place: int) -> dict[str, Any]:
    """One portfolio: what it was chosen for, what it buys, what it changes."""
    trials, instruments = found.played.score.trials, found.played.instruments
    row = trials.portfolios[place]
    return dataclasses.asdict(target) | {
        "dollars": instruments.named(row),
        "payers": instruments.payers(row),
        "policies": [str(use) for use in instruments.uses(row)],
        "changes": trials.changes[place],
    }


def _write(folder: Path, found: Answer, asked: Asked, summary: dict[str, Any]) -> None:
    """The page, the pictures, the numbers behind them."""
    from viz.documents.findings.page import page
    from viz.figures.frontier import frontier_svg

    pictures = []
    for account in found.played.size.accounts:
        title = f"What a budget buys, counted in {tables.account_words(account)}"
        name = f"frontier-{account}.svg"
        write(folder / name, frontier_svg(tables.panels(found, account), title=title))
        pictures.append((title, name))
    write(folder / "answer.json", json_text(summary) + "\n")
    write(folder / "findings.md", page(found, shlex.join(asked.words), pictures))
    say(f"written: {folder / 'findings.md'}, answer.json and {len(pictures)} pictures")


def tell(found: Answer) -> None:
    """The verdict for a person."""
    size = found.played.size
    console.line(
        f"{size.members} members of the calibrated ensemble; budgets "
        f"{', '.join(money(b) for b in size.budgets)} a year. {tables.rule()}\n"
    )
    console.table(
        "Does tighter U.S. border security require Mexico's cooperation?",
        ["claim", "verdict", "contingent on", "cells"],
        tables.verdict_rows(found),
        left=4,
    )
    heads = ["claim", "$ a year", "counted", "measure", "P(win)", "verdict", "won with more"]
    pairs = zip(found.cells, tables.cell_rows(found.cells), strict=True)
    rows = [[cell.claim, *row[:3], row[4], row[6], row[7]] for cell, row in pairs]
    console.table("By budget, account and measure", heads, rows, left=7)
    if found.failures:
        console.line(f"{found.failures} runs gave nothing and are left out.")
    console.line(BANNER)
