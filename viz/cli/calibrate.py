"""``twoborders calibrate``: fit the uncertain numbers to the record, over hours, resumable."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario, SettingError
from experiments.calibration import draw_store, priors
from experiments.calibration.calibrate import (
    REACH,
    Outcome,
    Plan,
    beginning,
    calibrate,
    figures,
    weigh,
)
from experiments.calibration.draw_store import STATISTICS, Draw
from experiments.model_fingerprint import model_source
from experiments.pool import WorkerKilled, cores
from experiments.scenarios import find
from viz.cli import console
from viz.cli.files import ready, write
from viz.cli.progress import bar
from viz.cli.run import about
from viz.cli.shell import BANNER, FAILED, OK, Stopped, json_text, print_json, say
from viz.figures.numbers import MINUS

SCALE, DAYS = 20, 365
#: What the stages play, by the names that they are told by; others are shown as they are called.
STAGES = {"first": "Draws", "second": "Members", "doses": "Doses of 2014"}
#: Sizes that may change from start to start; all else that the banks depend on may not.
SIZES = ("draws", "members", "dosed")
_OTHERS = {
    "scenario": "of another scenario",
    "priors": "with other priors or figures",
    "version": "of another version of this program",
}
_PLAN = "plan.json"
PINNED, PARTLY_PINNED = 0.5, 0.2  # [A] shrinkage that counts as identified, and as partly so


def command(
    out: Path,
    *,
    scale: int | None,
    sizes: Mapping[str, int | None],
    jobs: int | None,
    as_json: bool,
) -> int:
    """Check everything, take up what is there, play, write, tell; give the exit code.

    `sizes` are fields of ``Plan``; those that are None have its default.
    """
    given = {name: size for name, size in sizes.items() if size is not None}
    plan = Plan(**given, jobs=jobs or cores())
    changes = {"days": DAYS, "scale": SCALE if scale is None else scale}
    scenario = beginning(find("baseline").with_settings(changes))
    with _alone(ready(out)):
        left = take_up(out, plan, scenario)
        outcome = _calibrate(scenario, out, plan, left)
    if isinstance(outcome, str):
        say(f"error: {outcome}")
        return FAILED
    say(f"written: {out / 'ensemble.json'}, and beside it fit.json")
    answer = summary(outcome, scenario, out, plan)
    if as_json:
        print_json(answer)
    else:
        tell(answer)
    return OK


def _calibrate(scenario: Scenario, folder: Path, plan: Plan, left: int) -> Outcome | str:
    """Calibrate, with `left` draws to play first, or give the reason why nothing came of it."""
    kept = f"everything played is kept in {folder}; the same command goes on where it ended."
    try:
        with Stages() as stages:
            if left:
                stages.open("first", left)
            return calibrate(scenario, folder, plan, stages)
    except KeyboardInterrupt:
        raise Stopped(f"interrupted: {kept}") from None
    except (BrokenExecutor, WorkerKilled):
        return f"a process was killed, perhaps for want of memory: {kept} Fewer --jobs need less."
    except (ValueError, IndexError):
        why = nothing_left(folder, plan)
        if not why:
            raise
        return why


class Stages(contextlib.ExitStack):
    """Progress by stage: a bar of what is left on a terminal, else a line at every tenth."""

    stage, tenth = "", -1

    def open(self, stage: str, left: int) -> None:
        """Begin a stage; the one before is over."""
        self.close()
        self.stage, self.tenth = stage, -1
        self.step = self.enter_context(bar(STAGES.get(stage, stage), max(1, left)))

    def __call__(self, stage: str, done: int, total: int) -> None:
        """One more is played: `done` of `total` with those that were there."""
        if stage != self.stage:
            self.open(stage, total - done + 1)
        if self.tenth < 0:
            self.tenth = 10 * (done - 1) // total
        self.step()
        tenth = 10 * done // total
        if tenth > self.tenth and not sys.stderr.isatty():
            say(f"{STAGES.get(stage, stage)}: {done} of {total}")
        self.tenth = tenth


def nothing_left(folder: Path, plan: Plan) -> str:
    """Why a calibration could not end, in words; empty if it is none of its banks."""
    if not draws_of(folder, plan):
        return "none of the draws could be played."
    members = [*draw_store.read(folder / "second.jsonl", Draw).values()]
    if members and not weigh(members, *figures()):
        return (
            f"no member came within {REACH:g} tolerances of the record. More --draws, more "
            "--members or a finer --scale may find some."
        )
    return ""


# ---- what is there -------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two calibrations must not write to one folder; the system frees it however one ends."""
    if importlib.util.find_spec("fcntl") is None:  # on Windows
        yield
        return
    lock = os.open(folder, os.O_RDONLY)
    try:
        _take(lock, folder)
        yield
    finally:
        os.close(lock)


def _take(lock: int, folder: Path) -> None:
    """Take the lock of a folder, or refuse it."""
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        hint = "Let it end, or give another folder."
        raise SettingError("--out", f"another calibration is at work in {folder}", hint) from None
    except OSError:  # a file system that has no locks
        return


def draws_of(folder: Path, plan: Plan) -> list[Draw]:
    """The draws of a plan that are there."""
    sample = {tuple(map(float, unit)) for unit in priors.sample(plan.draws, plan.seed)}
    rows = draw_store.read(folder / "first.jsonl", Draw).values()
    return [row for row in rows if row.unit in sample]


def take_up(folder: Path, plan: Plan, scenario: Scenario) -> int:
    """See that what the folder holds is of this calibration, put on record what it is, and say it.

    The first bank grows by appending, for its sample is a sequence. Members are drawn from the
    fit, so another number of draws or members makes other members; those played before stay in
    the file and are found again with their numbers. Gives the draws that are still to be played;
    raises ``SettingError`` if the folder holds another calibration.
    """
    now, before = record(plan, scenario), _read(folder)
    if before is not None:
        _same(folder, before, now)
    elif found := sorted(path.name for path in folder.glob("*.jsonl")):
        raise SettingError(
            "--out",
            f"{folder} holds {found[0]} but no {_PLAN} that says how it was made",
            "Give another folder.",
        )
    now["sources"] = _sources(before or now)
    write(folder / _PLAN, json_text(now) + "\n")
    there = len(draws_of(folder, plan))
    left = plan.draws - there
    say(
        f"{folder}: {there} of {plan.draws} draws are there, {left} are to be played; then "
        f"{_members(folder, plan, before or now)}; {plan.jobs} at a time, each "
        f"{plan.rounds + 1} runs of a year"
    )
    return left


def _members(folder: Path, plan: Plan, before: Mapping[str, Any]) -> str:
    """How many members are to be played, in words."""
    kept = min(plan.members, len(draw_store.read(folder / "second.jsonl", Draw)))
    if (before["draws"], before["members"]) != (plan.draws, plan.members):
        return f"{plan.members} members" + (", drawn anew" if kept else "")
    return f"{plan.members} members" + (f", of which {kept} are there" if kept else "")


def _sources(before: Mapping[str, Any]) -> list[str]:
    """Fingerprints of the model that has played here; says so if it is another one now."""
    told = [str(source) for source in before["sources"]]
    if model_source() in told[-1:]:
        return told
    say(
        "warning: the files of the model have changed since this folder was last played in; what "
        "is there is kept. For one model throughout, start in another folder."
    )
    return [*told, model_source()]


def record(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    """All that the banks depend on."""
    sizes = {name: v for name, v in dataclasses.asdict(plan).items() if name != "jobs"}
    uncertain = repr((list(priors.PRIORS.items()), STATISTICS)).encode()
    return sizes | {
        "scale": scenario.scale,
        "version": version("twoborders"),
        "priors": hashlib.blake2b(uncertain, digest_size=8).hexdigest(),
        "scenario": scenario.digest,  # the middle of the priors is in it
        "sources": [model_source()],
    }


def _read(folder: Path) -> dict[str, Any] | None:
    """What the folder says of its banks; None if it says nothing."""
    path = folder / _PLAN
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return told | {"sources": list(told["sources"])} | {n: int(told[n]) for n in SIZES}
    except (OSError, ValueError, KeyError, TypeError):
        hint = "Give another folder."
        raise SettingError("--out", f"{path} is not a plan of calibration", hint) from None


def _same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a folder of another calibration; what has an option is named first."""
    for name in [name for name in now if name not in (*SIZES, "sources")]:
        if before.get(name) != now[name]:
            told = _OTHERS.get(name, f"with {name} {before.get(name, 'not told')}, not {now[name]}")
            hint = "Give another folder, or what it was started with."
            raise SettingError("--out", f"{folder} holds a calibration {told}", hint)


# ---- JSON -----------------------------------------------------------------------------------


def summary(outcome: Outcome, scenario: Scenario, folder: Path, plan: Plan) -> dict[str, Any]:
    """The JSON of a calibration; coverage and shrinkage are shares."""
    members, held = outcome.ensemble.members, list(outcome.coverage.values())
    return {
        "command": "calibrate",
        "version": version("twoborders"),
        "note": BANNER,
        "scenario": about(scenario),
        "plan": record(plan, scenario),
        "played": len(draws_of(folder, plan)),
        "members": len(members),
        "dosed": sum(bool(m.doses) for m in members),
        "effective": outcome.ensemble.effective,
        "digest": outcome.ensemble.digest,
        "coverage": {"mean": float(np.mean(held)), "lowest": min(held), "highest": max(held)},
        "numbers": [_number(name, outcome) for name in priors.FITTED],
        "free": [name for name in priors.NAMES if name not in priors.FITTED],
        "ensemble": str(folder / "ensemble.json"),
        "fit": str(folder / "fit.json"),
        "seconds": outcome.seconds,
    }


def _number(name: str, outcome: Outcome) -> dict[str, Any]:
    """One fitted number: its prior, where the members have it, how far it is known."""
    u, members = priors.PRIORS[name], outcome.ensemble.members
    values = [m.numbers[name] for m in members]
    low, high = _interval(values, [m.weight for m in members])
    return {
        "name": name,
        "paths": list(u.paths),
        "prior_low": u.low,
        "prior_high": u.high,
        "low90": low,
        "high90": high,
        "shrinkage": outcome.shrinkage[name],
        "identified": identified(outcome.shrinkage[name]),
        "coverage": outcome.coverage[name],
    }


def identified(shrinkage: float) -> str:
    """Whether the record says anything about a number."""
    if shrinkage >= PINNED:
        return "yes"
    return "partly" if shrinkage >= PARTLY_PINNED else "no"


def _interval(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """The central 90 % of weighted values."""
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(np.array(weights)[order])
    ends = np.searchsorted(mass, np.array([0.05, 0.95]) * mass[-1])
    low, high = np.array(values)[order][ends]
    return float(low), float(high)


# ---- for a person ---------------------------------------------------------------------------


def tell(answer: Mapping[str, Any]) -> None:
    """Members, proof on synthetic worlds, what is known of every number."""
    held, sizes = answer["coverage"], answer["plan"]
    console.line(
        f"{answer['members']} of {sizes['members']} members have weight, as good as "
        f"{answer['effective']:.0f} of equal weight; doses of 2014 are known of "
        f"{answer['dosed']}."
    )
    lost = sizes["draws"] - answer["played"]
    if lost:
        console.line(f"Left out, their values do not settle: {lost} of {sizes['draws']} draws.")
    console.line(
        f"Intervals of 90 % hold the truth of synthetic worlds in {_share(held['mean'])} of "
        f"cases, by number {_share(held['lowest'])} to {_share(held['highest'])}.\n"
    )
    heads = ("", "prior", "members, 90 %", "narrower by", "coverage", "identified")
    rows = [_row(number) for number in sorted(answer["numbers"], key=lambda n: -n["shrinkage"])]
    console.table("Numbers that were fitted, best known first", heads, rows, keep=True)
    console.line(
        "Not fitted, nothing in the record pins them down; they keep their whole prior: "
        f"{', '.join(answer['free'])}."
    )
    console.line(
        f"{answer['ensemble']} holds the members, {answer['fit']} the fit. "
        f"{answer['seconds']:,.0f} seconds over all starts. {BANNER}"
    )


def _row(number: Mapping[str, Any]) -> list[str]:
    """One fitted number in words."""
    ranges = [
        f"{number[a]:.3g} to {number[b]:.3g}"
        for a, b in (("prior_low", "prior_high"), ("low90", "high90"))
    ]
    return [
        number["name"],
        *ranges,
        _share(number["shrinkage"]),
        _share(number["coverage"]),
        number["identified"],
    ]


def _share(value: float) -> str:
    """A share in percent."""
    return f"{round(100.0 * value)} %".replace("-", MINUS)
