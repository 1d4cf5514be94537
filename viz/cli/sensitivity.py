"""``twoborders sensitivity``: which uncertain numbers an answer depends on, which not."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.measures import CRITERIA, OUTCOMES
from abm.scenario import Scenario, SettingError
from agents.param import meant, plain
from experiments.job_queue import ExecutorGone
from experiments.pool import Failure
from experiments.sensitivity import inputs
from experiments.sensitivity.answers import Answer, answers
from experiments.sensitivity.indices import METHODS, MORRIS, SOBOL
from experiments.sensitivity.study import Study, play
from experiments.store import FILE
from experiments.sweep import Swept
from viz.cli import sensitivity_tables as told
from viz.cli.files import ready, write
from viz.cli.members import by_hand
from viz.cli.run import nothing
from viz.cli.run_options import Words, read_policies, read_scenario, typed
from viz.cli.shell import FAILED, OK, PARTLY, Stopped, json_text, print_json, say
from viz.cli.sweep import Pace, shown
from viz.figures.sensitivity import sensitivity_svg

DEFAULT_OUT = Path("out") / "sensitivity"
DEFAULT_OUTCOMES = ("got_aways", "unlawful_entries", "deaths")
#: Persons for each simulated migrant, and seeds of every point, where nobody says.
SCALE, REPS = 100, 2
#: Trajectories or base samples where nobody says.
SIZES = {MORRIS: 10, SOBOL: 128}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was given on the command line."""

    words: Words
    method: str = MORRIS
    outcomes: Sequence[str] = ()
    factors: Sequence[str] = ()
    n: int | None = None
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
        several = {
            "--outcome": self.outcomes,
            "--policy": self.words.policies,
            "--factor": self.factors,
        }
        single = {"--method": self.method, "-n": self.n, "--out": self.out, "--jobs": self.jobs}
        return [*self.words.command("sensitivity"), *typed(several, single), "--resume"]


def command(asked: Asked) -> int:
    """Check everything, play, analyse, write, tell; give the exit code."""
    scenario = read_scenario(asked.words.coarse(SCALE))
    outcomes = _outcomes(asked.outcomes)
    study = _study(asked, scenario)
    runs = len(study)  # the points are chosen here, and refused where they cannot be played
    folder = ready(asked.folder)
    say(told.plan(study, runs))
    swept = _play(asked, study, folder)
    if isinstance(swept, int):
        return swept
    failures = [failure for one in swept for failure in one.failures]
    if failures and not any(one.found + one.played for one in swept):
        return nothing(failures)
    return _conclude(asked, study, swept, failures, answers(study, folder, outcomes))


def _outcomes(names: Sequence[str]) -> list[str]:
    """The outcomes that are asked for, each once."""
    known = OUTCOMES | CRITERIA
    for name in names:
        if name not in known:
            hint = meant(name, known) + "All of them: docs/reference/outcomes.md and criteria.md."
            raise SettingError("--outcome", f"{plain(name)} is not known", hint)
    return list(dict.fromkeys(names or DEFAULT_OUTCOMES))


def _study(asked: Asked, scenario: Scenario) -> Study:
    """What is to be played."""
    if asked.method not in METHODS:
        hint = meant(asked.method, METHODS) + f"Give {' or '.join(METHODS)}."
        raise SettingError("--method", f"{plain(asked.method)} is not known", hint)
    words, hand = asked.words, by_hand(asked.words.sets)
    if asked.factors:
        varied = inputs.read(scenario, asked.factors, hand)
    else:
        varied, held = inputs.priors(scenario, hand)
        if held:
            say(f"warning: not varied, because set here: {', '.join(held)}.")
    return Study(
        scenario=scenario,
        factors=tuple(varied),
        method=asked.method,
        n=SIZES[asked.method] if asked.n is None else asked.n,
        reps=words.reps,
        seed=words.seed,
        policies=tuple(read_policies(scenario, words.policies)),
    )


def _play(asked: Asked, study: Study, folder: Path) -> list[Swept] | int:
    """Play what the folder does not hold; the exit code where that comes to nothing."""
    pace = Pace()

    def start(arm: str, planned: int, found: int) -> None:
        say(f"{arm or 'without the policies' if study.policies else 'playing'}: {planned:,} runs")
        pace.failed = 0
        pace.start(planned, found)

    try:
        with shown(pace):
            return play(
                study,
                folder,
                jobs=asked.jobs,
                resume=asked.resume,
                command=asked.again(),
                on_start=start,
                on_result=pace.step,
            )
    except KeyboardInterrupt:
        raise Stopped(f"interrupted: {_stays(asked)}") from None
    except ExecutorGone as error:
        say(f"error: {error}. {_stays(asked)}")
        return FAILED


def _stays(asked: Asked) -> str:
    """What is kept, and how to go on."""
    where = asked.folder / "*" / FILE
    return f"what was played is in {where} and stays. Go on with: {shlex.join(asked.again())}"


def _conclude(
    asked: Asked,
    study: Study,
    swept: Sequence[Swept],
    failures: Sequence[Failure],
    found: Sequence[Answer],
) -> int:
    """Write and tell what can be said, and what cannot; give the exit code."""
    gaps = told.gaps(study, found)
    for line in gaps:
        say(f"warning: {line}")
    if not any(answer.lines for answer in found):
        say("error: too little is left for the method; --resume tries failed runs again.")
        return FAILED
    summary = told.summary(study, swept, failures, found)
    _write_all(asked.folder, study, found, summary)
    if asked.as_json:
        print_json(summary)
    else:
        told.tell(study, found)
    return PARTLY if failures or gaps else OK


def _write_all(
    folder: Path, study: Study, found: Sequence[Answer], summary: dict[str, object]
) -> None:
    """Write the numbers, the table and the picture."""
    write(folder / "sensitivity.json", json_text(summary) + "\n")
    write(folder / "sensitivity.csv", told.table_csv(study, found))
    write(folder / "sensitivity.svg", sensitivity_svg(told.bands(found), told.how(study)) + "\n")
    say(f"written: sensitivity.json, sensitivity.csv and sensitivity.svg in {folder}")
