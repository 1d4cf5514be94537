"""``twoborders curve``: how many agents, miles, dollars, with and without Mexico's cooperation."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from abm.measures import OUTCOMES as MEASURES
from abm.scenario import Scenario
from experiments.calibration.members import Drawn
from experiments.compare import REPS
from experiments.curve import BASE_YEAR, BUDGETS, INSTRUMENTS, Plan, State, instrument, play
from experiments.design import ParameterSet
from experiments.goal_seek import CUTS, OUTCOMES, PROBABILITIES, Line, Need, Spread, needs, read
from experiments.pool import Failure, cores
from viz.cli import curve_tables, members
from viz.cli.budgets import read_budgets
from viz.cli.files import ready, write
from viz.cli.run import about, failed, nothing
from viz.cli.run_options import Words, read_scenario, typed
from viz.cli.shell import BANNER, OK, PARTLY, json_text, print_json, say
from viz.cli.stages import Stages, going_on
from viz.figures.curve import CurveColumn, CurveRow, curve_svg

DEFAULT_OUT = Path("out") / "curve"
SCALE = 100  # persons for each simulated migrant, where nobody says


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was given on the command line."""

    words: Words
    instruments: Sequence[str] = ()
    budgets: Sequence[str] = ()
    ensemble: int | None = None
    out: Path | None = None
    jobs: int | None = None
    resume: bool = False
    as_json: bool = False

    @property
    def folder(self) -> Path:
        """Where everything is written."""
        return self.out or DEFAULT_OUT

    def again(self) -> list[str]:
        """The command that goes on with it, as it is typed."""
        several = {"--instrument": self.instruments, "--budget": self.budgets}
        single = {"--ensemble": self.ensemble, "--out": self.out, "--jobs": self.jobs}
        return [*self.words.command("curve"), *typed(several, single), "--resume"]


def reps(given: int | None, ensemble: int | None) -> int:
    """Seeds where nobody says how many: an ensemble has its spread from its members."""
    return given or (REPS if ensemble is None else 1)


def command(asked: Asked) -> int:
    """Check everything, play, read off, write, tell; give the exit code."""
    scenario = read_scenario(asked.words.coarse(SCALE))
    drawn = members.draw(asked.ensemble, scenario, asked.words.sets)
    plan = _plan(asked, scenario, drawn)
    runs = sum(len(plan.design(state)) for state in plan.states)
    folder = ready(asked.folder)
    say(
        f"{len(plan.points)} points in {len(plan.states)} states of cooperation with "
        f"{members.played(len(plan.members), plan.reps)}: {runs:,} runs, "
        f"{min(runs, asked.jobs or cores())} at a time"
    )
    with Stages(runs) as stages, going_on(asked.again()):
        play(
            plan,
            folder,
            resume=asked.resume,
            jobs=asked.jobs,
            command=asked.again(),
            on_start=lambda state, planned, found: stages.start(f"curve {state}", planned, found),
            on_result=stages.step,
        )
    lines = read(plan, folder)
    if not any(line.base[OUTCOMES[1]].size for line in lines):
        return nothing(stages.failures)
    answer = summary(plan, lines, drawn, stages.failures)
    _write_all(folder, plan, lines, answer)
    if asked.as_json:
        print_json(answer)
    else:
        curve_tables.tell(plan, lines, drawn, stages.failures)
    return PARTLY if stages.failures else OK


def _plan(asked: Asked, scenario: Scenario, drawn: Drawn | None) -> Plan:
    """What is to be played; raises ``SettingError``."""
    some = [text for text in asked.budgets if text.strip().strip("$") != "0"]
    sets = tuple(map(ParameterSet, drawn.chosen, drawn.settings)) if drawn else ()
    return Plan(
        scenario=scenario,
        reps=asked.words.reps,
        seed=asked.words.seed,
        members=sets,
        instruments=tuple(map(instrument, dict.fromkeys(asked.instruments or INSTRUMENTS))),
        budgets=read_budgets(some) if asked.budgets else BUDGETS,
    )


# ---- JSON and CSV --------------------------------------------------------------------------------


def summary(
    plan: Plan, lines: Sequence[Line], drawn: Drawn | None, failures: Sequence[Failure]
) -> dict[str, Any]:
    """The JSON: every curve point by point, and what every goal takes.

    A number of ``needed`` that is null was not reached with the instrument's largest dose.
    """
    return {
        "command": "curve",
        "version": version("twoborders"),
        "note": BANNER,
        "scenario": about(plan.scenario),
        "ensemble": members.about(drawn),
        "reps": plan.reps,
        "seed": plan.seed,
        "budgets": list(plan.budgets),
        "states": [_state(state) for state in plan.states],
        "instruments": [
            {
                "id": one.id,
                "title": one.title,
                "shares": dict(one.shares),
                "unit": one.unit or None,
                "dollars_a_unit": 1.0 / one.a_dollar,
                "maximum": one.maximum,
            }
            for one in plan.instruments
        ],
        "curves": [_curve(line) for line in lines],
        "failed": [failed(failure) for failure in failures],
    }


def _state(state: State) -> dict[str, Any]:
    """One state of cooperation for JSON."""
    return {
        "id": state.id,
        "title": state.title,
        "dollars": state.dollars,
        "policies": [str(use) for use in state.uses],
    }


def _curve(line: Line) -> dict[str, Any]:
    """One curve for JSON; ``change`` is in percent of the base-year state without a dollar."""
    levels = {name: line.spreads(name) for name in OUTCOMES}
    changes = {name: line.changes(name) for name in OUTCOMES}
    points = [
        {
            "dollars": dollars,
            "joint": joint,
            "amount": amount,
            "largest": i == len(line.dollars) - 1,
            "outcomes": {
                name: asdict(levels[name][i]) | {"change": asdict(changes[name][i])}
                for name in OUTCOMES
            },
        }
        for i, (dollars, joint, amount) in enumerate(
            zip(line.dollars.tolist(), line.joint.tolist(), line.amounts.tolist(), strict=True)
        )
    ]
    return {
        "instrument": line.instrument.id,
        "state": line.state.id,
        "points": points,
        "needed": [_need(line, one) for one in needs(line)],
    }


def _need(line: Line, one: Need) -> dict[str, Any]:
    """What one goal takes, for JSON."""
    goal, rate = one.goal, line.instrument.a_dollar
    amount = Spread(*(rate * dollars for dollars in asdict(one.dollars).values()))
    return {
        "outcome": goal.outcome,
        "level": goal.level,
        "cut": goal.cut or None,
        "of": goal.of or None,
        "dollars": asdict(one.dollars),
        "amount": asdict(amount),
        "reached": one.reached,
        "replicates": one.of,
        "most": one.most,
    }


def curve_csv(lines: Sequence[Line]) -> str:
    """One row for every curve, budget and outcome; empty where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "instrument",
            "state",
            "dollars_a_year",
            "joint_dollars_a_year",
            "amount",
            "amount_unit",
            "largest",
            "outcome",
            "unit",
            "median",
            "low90",
            "high90",
            "change_median",
            "change_low90",
            "change_high90",
            "note",
        ]
    )
    for line in lines:
        for name in OUTCOMES:
            spreads = zip(line.spreads(name), line.changes(name), strict=True)
            for i, (level, change) in enumerate(spreads):
                numbers = [*asdict(level).values(), *asdict(change).values()]
                writer.writerow(
                    [
                        line.instrument.id,
                        line.state.id,
                        *map(_cell, (line.dollars[i], line.joint[i], line.amounts[i])),
                        line.instrument.unit,
                        int(i == len(line.dollars) - 1),
                        name,
                        MEASURES[name].unit,
                        *map(_cell, numbers),
                        BANNER,
                    ]
                )
    return text.getvalue()


def _cell(value: float) -> float | str:
    """A number, or nothing."""
    return float(value) if math.isfinite(value) else ""


# ---- the picture ---------------------------------------------------------------------------------


def _write_all(folder: Path, plan: Plan, lines: Sequence[Line], answer: dict[str, Any]) -> None:
    """Write the picture and the numbers behind it."""
    write(folder / "curve.svg", picture(plan, lines))
    write(folder / "curve.json", json_text(answer) + "\n")
    write(folder / "curve.csv", curve_csv(lines))
    say(f"written: {folder / 'curve.svg'}, and beside it curve.json and curve.csv")


def picture(plan: Plan, lines: Sequence[Line]) -> str:
    """All curves as one picture."""
    columns = []
    for one in plan.instruments:
        own = [line for line in lines if line.instrument is one]
        tables = {line.state.title: {name: _bands(line, name) for name in OUTCOMES} for line in own}
        columns.append(
            CurveColumn(one.title, own[0].dollars.tolist(), one.unit, one.a_dollar, tables)
        )
    runs = members.played(len(plan.members), plan.reps)
    lead = (
        f"Per year over {plan.scenario.days:,} days; median and range of nine in ten over {runs}. "
        "Each column has a dollar axis of its own (square root) and the dollars are those of "
        "the instrument alone; a cooperation programme costs its own beside them. Dotted: goals; "
        f"cuts are of the base year without a dollar. ◆: costs to people. {BANNER}"
    )
    return curve_svg(
        columns,
        [_row(name, lines) for name in OUTCOMES],
        title="How many agents, how many miles, how many dollars?",
        lead=lead,
        states={state.title: curve_tables.SHORT[state.id] for state in plan.states},
    )


def _bands(line: Line, outcome: str) -> Any:
    """Low90, median and high90 by budget, shape (3, budgets)."""
    import numpy as np

    return np.array([[s.low90, s.median, s.high90] for s in line.spreads(outcome)]).T


def _row(name: str, lines: Sequence[Line]) -> CurveRow:
    """A row of the picture, with the goals as dotted lines."""
    info = MEASURES[name]
    if name == "apprehension_probability":
        return CurveRow(
            name, info.label, "per attempt", goals=[(p, "") for p in PROBABILITIES], full=1.0
        )
    goals = []
    if name == "got_aways":
        base = next(line for line in lines if line.state.id == BASE_YEAR).spreads(name)[0].median
        goals = [((1.0 - cut) * base, f"−{100 * cut:.0f} %") for cut in CUTS if base > 0.0]
    return CurveRow(name, info.label, info.unit, info.human, goals)
