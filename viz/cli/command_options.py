"""Options of the commands that run simulations or open the screen, one class per command.

The docstring of a class is the help text of its command. None, 0 and () stand for a value that
the command computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from viz.cli import options as opt
from viz.cli.options import COMMANDS, Options, ResultOptions, RunOptions, command

_ENSEMBLE = "Run everything with N parameter sets of the calibrated ensemble."


@command("run")
class RunCommandOptions(RunOptions, ResultOptions):
    """Run one scenario and print its results."""


@command("compare")
class CompareOptions(RunOptions, ResultOptions):
    """Compare policies with a baseline on the same seeds, and write a report."""

    arms: Annotated[
        Sequence[str],
        opt.argument(
            "[POLICY]...",
            "Policies to compare with the scenario, one at a time; a+b is a portfolio. "
            "Default: patrol_surge, cameras_and_sensors and southern_border_control at $250M "
            "a year each.",
        ),
    ] = ()
    reps: Annotated[
        int, opt.integer("--reps", "Seeds per arm. [8; with an ensemble 1 per member]")
    ] = 0
    ensemble: Annotated[int | None, opt.integer("--ensemble", _ENSEMBLE)] = None
    width: Annotated[
        float | None,
        opt.option(
            "--until",
            "WIDTH",
            "Add pairs until the 90 % interval of every mean paired change (Student t) has "
            "at most this width, in percent of the baseline. The interval of the mean narrows "
            "with more pairs; the range printed under each change covers nine pairs in ten.",
        ),
    ] = None
    outcomes: Annotated[
        Sequence[str],
        opt.several(
            "--outcome",
            "NAME",
            "With --until: outcome whose interval must reach the width. [got_aways and "
            "unlawful_entries]",
        ),
    ] = ()
    max_pairs: Annotated[
        int | None,
        opt.integer(
            "--most",
            "With --until: maximum number of pairs per arm, over all members. [200]",
            low=None,
            high=1_000_000,
        ),
    ] = None


@command("effects", hidden=("world",))
class EffectsOptions(RunOptions, ResultOptions):
    """Measure the effect of every instrument, and test whether it fails where it should."""

    policies: Annotated[
        Sequence[str],
        opt.argument("[POLICY]...", "Instruments, one at a time. Default: all."),
    ] = ()
    dose: Annotated[
        float | None,
        opt.option("--dose", "D", "Dose of each instrument. [1]", min=0.0, max=100.0),
    ] = None
    scale: Annotated[int | None, opt.scale(100)] = None
    reps: Annotated[int, opt.integer("--reps", "Seeds per pair. [8]")] = 0
    markdown: Annotated[
        bool,
        opt.option("--markdown", None, "Write the reference page, docs/reference/effects.md."),
    ] = False
    out: Annotated[
        Path | None,
        opt.option("--out", "FILE", "Output file: the page with --markdown, otherwise the JSON."),
    ] = None


@command("validate", hidden=("scenario", "policies", "days", "world"))
class ValidateOptions(RunOptions, ResultOptions):
    """Compare the model with observed data, misses first: fitted, emergent, held out."""

    reps: Annotated[int, opt.integer("--reps", "Seeds per episode. [3; with an ensemble 1]")] = 0
    scale: Annotated[int | None, opt.scale(50)] = None
    ensemble: Annotated[
        int | None, opt.integer("--ensemble", "Number of members of the ensemble.")
    ] = None


@command("calibrate")
class CalibrateOptions(Options):
    """Fit the uncertain parameters to observed data, over hours; the same command resumes."""

    out: Annotated[Path, opt.option("--out", "FOLDER", "Folder of all results.")]
    draws: Annotated[
        int | None, opt.integer("--draws", "Draws from the priors. [360]", low=30, high=100_000)
    ] = None
    members: Annotated[
        int | None, opt.integer("--members", "Members drawn from the fit. [250]", high=100_000)
    ] = None
    rounds: Annotated[
        int | None, opt.integer("--rounds", "Anchoring steps to the base year. [4]", high=100)
    ] = None
    dosed: Annotated[
        int | None,
        opt.integer("--dosed", "Members for which doses of 2014 are fitted. [60]", high=100_000),
    ] = None
    scale: Annotated[int | None, opt.scale(20)] = None
    seed: Annotated[int, opt.seed("Seed of the sample.")] = 1
    as_json: opt.AsJson = False
    jobs: opt.Jobs = None


@command("sweep")
class SweepOptions(ResultOptions):
    """Run a design of many runs; every run is stored, and the sweep can be resumed."""

    design: Annotated[str, opt.argument("DESIGN", "Packaged design or TOML file.")]
    out: Annotated[
        Path | None,
        opt.option("--out", "FOLDER", "Folder of the ledger. [out/sweep and the design's name]"),
    ] = None
    resume: opt.Resume = False
    executor: Annotated[
        str,
        opt.option("--executor", "WHAT", "processes, serial, or dask://HOST:PORT."),
    ] = "processes"
    dry_run: opt.DryRun = False
    export: Annotated[
        Path | None,
        opt.option("--export", "FILE", "Write the runs to a .csv or .parquet file as well."),
    ] = None

    def command(self, *, resume: bool) -> list[str]:
        """Return the words of the command; only a new sweep has no --resume."""
        words = ["twoborders", "sweep", self.design, *self.typed("out", "jobs")]
        words += [*self.typed("export"), *self.typed("executor")]
        return [*words, "--resume"] if resume else words


@command("sensitivity", hidden=("world",))
class SensitivityOptions(RunOptions, ResultOptions):
    """Analyse which uncertain parameters an outcome depends on, and which it does not."""

    method: Annotated[
        str, opt.option("--method", "NAME", "morris (screening) or sobol (shares).")
    ] = "morris"
    outcomes: Annotated[
        Sequence[str],
        opt.several(
            "--outcome", "NAME", "Outcome or criterion. [got_aways, unlawful_entries, deaths]"
        ),
    ] = ()
    policies: Annotated[
        Sequence[str],
        opt.several(
            "--policy",
            "POLICY",
            "Analyse the change under this policy on the same seeds, in percent, instead of the "
            "level; a+b is a portfolio.",
        ),
    ] = ()
    factors: Annotated[
        Sequence[str],
        opt.several(
            "--factor",
            "NAME[=LOW..HIGH]",
            "Factor to vary: a prior, a path of `twoborders parameters`, or policy.ID for a dose. "
            "[every prior of the calibration]",
        ),
    ] = ()
    n: Annotated[
        int | None,
        opt.integer(
            "-n",
            "Trajectories, or base samples of sobol (a power of two). [10; sobol 128]",
            high=65_536,
        ),
    ] = None
    reps: Annotated[int, opt.integer("--reps", "Seeds averaged for each answer.")] = 2
    scale: Annotated[int | None, opt.scale(100)] = None
    out: Annotated[
        Path | None,
        opt.option("--out", "FOLDER", "Folder of the runs and results. [out/sensitivity]"),
    ] = None
    resume: opt.Resume = False

    def resume_command(self) -> list[str]:
        """Return the words of the command that resumes the study."""
        own = self.typed("method", "outcomes", "policies", "factors", "n", "out", "jobs")
        return [*self.command(), *own, "--resume"]


@command("curve", hidden=("policies", "world"))
class CurveOptions(RunOptions, ResultOptions):
    """Compute how many agents, miles or dollars reach a goal, with and without cooperation."""

    instruments: Annotated[
        Sequence[str],
        opt.several(
            "--instrument",
            "NAME",
            "patrol_surge, fence, cameras_and_sensors, patrol_effort, or us_only, the portfolio "
            "of that scenario. [all five]",
        ),
    ] = ()
    budgets: Annotated[
        Sequence[str],
        opt.several(
            "--budget",
            "DOLLARS",
            "$ a year such as 250M; zero and the largest dose are always included. "
            "[0, 100M, 250M, 500M, 1B, 2B, 4B]",
        ),
    ] = ()
    scale: Annotated[int | None, opt.scale(100)] = None
    reps: Annotated[
        int, opt.integer("--reps", "Seeds per point. [8; with an ensemble 1 per member]")
    ] = 0
    ensemble: Annotated[int | None, opt.integer("--ensemble", _ENSEMBLE)] = None
    out: Annotated[
        Path | None, opt.option("--out", "FOLDER", "Folder of the runs and curves. [out/curve]")
    ] = None
    resume: opt.Resume = False

    def resume_command(self) -> list[str]:
        """Return the words of the command that resumes the curves."""
        own = self.typed("instruments", "budgets", "ensemble", "out", "jobs")
        return [*self.command(), *own, "--resume"]


@dataclass(frozen=True, kw_only=True)
class LongStudyOptions(ResultOptions):
    """Options that ``twoborders optimise`` and ``twoborders ask`` share; runs take ten years."""

    search_members: opt.SearchMembers = None
    scale: Annotated[int | None, opt.scale(200)] = None
    seed: Annotated[int, opt.seed()] = 1
    sets: opt.Sets = ()
    resume: opt.Resume = False
    dry_run: opt.DryRun = False


@command("optimise")
class OptimiseOptions(LongStudyOptions):
    """Search for the best portfolios under a budget, of one side or both, over ten years."""

    sides: Annotated[
        Sequence[str],
        opt.several("--side", "SIDE", "us_only, cooperative or mixed. [us_only and mixed]"),
    ] = ()
    budgets: Annotated[
        Sequence[str], opt.several("--budget", "DOLLARS", "$ a year such as 250M. [250M, 500M, 1B]")
    ] = ()
    account: Annotated[
        str,
        opt.option("--account", "WHOSE", "joint: dollars of all payers; us: U.S. dollars."),
    ] = "joint"
    outcomes: Annotated[
        Sequence[str], opt.several("--outcome", "NAME", "got_aways or unlawful_entries. [both]")
    ] = ()
    members: Annotated[int | None, opt.integer("--members", "Scoring members. [12]", high=240)] = (
        None
    )
    together: Annotated[
        int | None,
        opt.integer(
            "--together",
            "Random portfolios in the first stage, in addition to every instrument alone. [66]",
        ),
    ] = None
    rounds: Annotated[int | None, opt.integer("--rounds", "Rounds of proposals. [3]", high=100)] = (
        None
    )

    @property
    def command(self) -> list[str]:
        """Words of the command that gives the same portfolios."""
        own = self.typed("sides", "budgets", "outcomes", "account", "members", "together", "rounds")
        return [
            "twoborders",
            "optimise",
            *own,
            *self.typed("search_members", "scale", "seed", "sets"),
        ]


@command("ask")
class AskOptions(LongStudyOptions):
    """Test whether tighter U.S. border security requires Mexico's cooperation."""

    quick: Annotated[
        bool, opt.option("--quick", None, "A first answer in ten minutes, with fewer runs.")
    ] = False
    members: Annotated[
        int | None,
        opt.integer("--members", "Judging members. [50; quick 12]", low=8, high=240),
    ] = None
    variant_members: Annotated[
        int | None,
        opt.integer(
            "--variant-members",
            "Members on which the structural variants run; 0: none. [10; quick 0]",
            low=0,
            high=240,
        ),
    ] = None
    budgets: Annotated[
        Sequence[str],
        opt.several("--budget", "DOLLARS", "$ a year such as 250M. [100M, 250M, 500M, 1B]"),
    ] = ()

    @property
    def command(self) -> list[str]:
        """Words of the command that gives the same answer."""
        names = ("quick", "members", "search_members", "variant_members", "scale", "seed")
        return ["twoborders", "ask", *self.typed(*names), *self.typed("budgets", "sets")]


@command("serve")
class ServeOptions(Options):
    """Open the screen in a browser: watch, compare, follow, learn. Works without internet."""

    port: Annotated[
        int | None,
        opt.integer(
            "--port", "Port; 0: any free port. [8765, or the next free one]", low=0, high=65535
        ),
    ] = None
    share: Annotated[
        bool,
        opt.option("--share", None, "Allow access from the local network, for example a class."),
    ] = False
    show: Annotated[
        bool | None,
        opt.option("--open/--no-open", None, "Open a browser. [at a terminal: yes]"),
    ] = None
    stores: Annotated[
        Path | None,
        opt.option("--stores", "FOLDER", "Folder in which the page Sweep searches for runs. [out]"),
    ] = None


@command("replay", hidden=("reps",))
class ReplayOptions(RunOptions):
    """Write a page that replays two worlds in any browser, without a server or internet."""

    policies: Annotated[
        Sequence[str],
        opt.argument(
            "[POLICY]...",
            "Policies of world B in addition to those of world A, all in force together.",
        ),
    ] = ()
    scenario: Annotated[
        str, opt.option("--scenario", "NAME|FILE", "Packaged scenario or TOML file.")
    ] = "classroom"
    language: Annotated[str, opt.option("--language", "en|es", "Initial language of the page.")] = (
        "en"
    )
    out: Annotated[Path, opt.option("--out", "FILE", "Output file.")] = Path("out/replay.html")


#: Commands in the order of the help.
DECLARED = tuple(COMMANDS)
