"""Options of the commands that run simulations or open the screen, one class per command.

The docstring of a class is the help text of its command. None, 0 and () are replaced by a value
that the command computes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from viz.cli.options import (
    EngineOptions,
    Options,
    ResultOptions,
    RunOptions,
    StudyOptions,
    command,
    folder,
    integer,
    option,
    options,
    scale_option,
    seed_option,
    sets_option,
)

_ENSEMBLE = "Run everything with N parameter sets of the calibrated ensemble."
_JSON = "Print one JSON object on stdout and nothing else."
_SCORES = "Score fiscal years 2009 to 2019 next to naive forecasts, with 21 more runs per seed."


@command("run")
class RunCommandOptions(EngineOptions, RunOptions, ResultOptions):
    """Run one scenario and print its results."""

    own = "engine"


@command("compare")
class CompareOptions(EngineOptions, RunOptions, StudyOptions):
    """Compare policies with a baseline on the same seeds, and write a report."""

    own = "engine ensemble width outcomes max_pairs"
    arms: Sequence[str] = options(
        "",
        "[POLICY]...",
        "Policies to compare with the scenario, one at a time; a+b is a portfolio. Default: "
        "patrol_surge, cameras_and_sensors and southern_border_control at $250M a year each.",
    )
    reps: int = integer("--reps", "Seeds per arm. [8; with an ensemble 1 per member]", 0)
    ensemble: int | None = integer("--ensemble", _ENSEMBLE, high=None)
    width: float | None = option(
        "--until",
        "WIDTH",
        "Add pairs until the 90 % interval of every mean paired change (Student t) has at most "
        "this width, in percent of the baseline. With an ensemble, the mean is taken over members.",
    )
    outcomes: Sequence[str] = options(
        "--outcome",
        "NAME",
        "With --until: outcome whose interval must reach the width. [got_aways and "
        "unlawful_entries]",
    )
    max_pairs: int | None = integer(
        "--most",
        "With --until: maximum number of pairs per arm, over all members. [200]",
        low=None,
        high=1_000_000,
    )


@command("effects", hidden=("world", "supply"))
class EffectsOptions(RunOptions, StudyOptions):
    """Measure the effect of every instrument, and test whether it acts and fails as declared."""

    own = "dose equal ensemble"
    policies: Sequence[str] = options("", "[POLICY]...", "Instruments; default: all.")
    dose: float | None = option("--dose", "D", "Dose of each instrument. [1]", min=0.0, max=100.0)
    equal: str = option(
        "--equal",
        "DOLLARS",
        "Also run each instrument at this amount per year, or at its largest dose.",
        "100M",
    )
    scale: int | None = scale_option(100)
    reps: int = integer("--reps", "Seeds per pair. [8; with an ensemble 1 per member]", 0)
    ensemble: int | None = integer("--ensemble", _ENSEMBLE, high=None)
    markdown: bool = option("--markdown", None, "Write docs/reference/effects.md.", False)
    out: Path | None = option(
        "--out", "FILE", "Output file: the page with --markdown, otherwise the JSON."
    )


@command("validate", hidden=("scenario", "policies", "days", "world", "supply"))
class ValidateOptions(RunOptions, StudyOptions):
    """Compare the model with observed data, misses first: fitted, emergent, held out."""

    reps: int = integer("--reps", "Seeds per episode. [3; with an ensemble 1]", 0)
    scale: int | None = scale_option(50)
    ensemble: int | None = integer(
        "--ensemble", "Number of members of the ensemble, at most the 24 with doses.", high=None
    )
    scores: bool = option("--scores", None, _SCORES, False)

    def command_words(self) -> list[str]:
        """Return the words of the command that gives the same result."""
        seeds = ["--seed", str(self.seed), "--reps", str(self.reps)]
        return ["twoborders", self.name, *seeds, *self.typed("scale", "ensemble", "scores", "sets")]


@command("calibrate")
class CalibrateOptions(StudyOptions):
    """Fit the uncertain parameters to observed data; the same command resumes."""

    out: Path = option("--out", "FOLDER", "Folder of all results.", dataclasses.MISSING)
    draws: int | None = integer("--draws", "Draws from the priors. [360]", None, 30, 100_000)
    members: int | None = integer("--members", "Members drawn from the fit. [250]", high=100_000)
    rounds: int | None = integer("--rounds", "Anchoring steps to the base year. [4]", high=100)
    early_scale: int | None = integer(
        "--early-scale",
        "Persons per simulated migrant in all steps but the last, if coarser than --scale. [50]",
        high=1_000,
    )
    early_warmup: int | None = integer(
        "--early-warmup",
        "Warm-up days in all steps but the last, if fewer than in the scenario. [540]",
        high=3_650,
    )
    dosed: int | None = integer(
        "--dosed", "Members for which doses of 2014 and 2019 are fitted. [60]", high=100_000
    )
    dose_scale: int | None = integer(
        "--dose-scale", "Persons per simulated migrant in the runs for doses. [50]", high=1_000
    )
    scale: int | None = scale_option(20)
    seed: int = seed_option("Seed of the sample.")
    resume: bool = option("--resume", None, "No effect: stored draws are always reused.", False)


@command("sweep")
class SweepOptions(EngineOptions, StudyOptions):
    """Run all runs of a design; each run is stored, and the sweep can be resumed."""

    own = "design engine out jobs export executor"
    design: str = option("", "DESIGN", "Packaged design or TOML file.", dataclasses.MISSING)
    out: Path | None = folder("Folder of the ledger. [out/sweep and the design's name]")
    export: Path | None = option(
        "--export", "FILE", "Write the runs to a .csv or .parquet file as well."
    )


@command("sensitivity", hidden=("world", "supply"))
class SensitivityOptions(RunOptions, StudyOptions):
    """Identify the uncertain parameters on which an outcome depends."""

    own = "method outcomes policies factors n out jobs"
    method: str = option("--method", "NAME", "morris (screening) or sobol (shares).", "morris")
    outcomes: Sequence[str] = options(
        "--outcome",
        "NAME",
        "Outcome or criterion. [both kinds of entries, all human costs except debt]",
    )
    policies: Sequence[str] = options(
        "--policy",
        "POLICY",
        "Analyse the change under this policy on the same seeds, in percent, instead of the "
        "level; a+b is a portfolio.",
    )
    factors: Sequence[str] = options(
        "--factor",
        "NAME[=LOW..HIGH]",
        "Factor to vary: a prior, a path of `twoborders parameters`, or policy.ID for a dose. "
        "[every prior of the calibration]",
    )
    n: int | None = integer(
        "-n",
        "Trajectories, or base samples of sobol (a power of two). [10; sobol 128]",
        high=65_536,
    )
    reps: int = integer("--reps", "Seeds averaged for each answer.", 2)
    scale: int | None = scale_option(100)
    out: Path | None = folder("Folder of the runs and results. [out/sensitivity]")


@command("curve", hidden=("policies", "world", "supply"))
class CurveOptions(RunOptions, StudyOptions):
    """Compute how many agents, miles or dollars reach a goal, with and without cooperation."""

    own = "instruments budgets ensemble out jobs"
    instruments: Sequence[str] = options(
        "--instrument",
        "NAME",
        "patrol_surge, fence, cameras_and_sensors, patrol_effort, or us_only, the portfolio of "
        "that scenario. [all five]",
    )
    budgets: Sequence[str] = options(
        "--budget",
        "DOLLARS",
        "$ a year such as 250M; zero and the largest dose are always included. "
        "[0, 100M, 250M, 500M, 1B, 2B, 4B]",
    )
    scale: int | None = scale_option(100)
    reps: int = integer("--reps", "Seeds per point. [8; with an ensemble 1 per member]", 0)
    ensemble: int | None = integer("--ensemble", _ENSEMBLE, high=None)
    out: Path | None = folder("Folder of the runs and curves. [out/curve]")


@dataclasses.dataclass(frozen=True, kw_only=True)
class LongStudyOptions(StudyOptions):
    """Options that ``twoborders optimise`` and ``twoborders ask`` share; runs take ten years."""

    search_members: int | None = integer(
        "--search-members",
        "Other members, on which portfolios are searched for. [2; ask 6, with --quick 2]",
        high=10,
    )
    scale: int | None = scale_option(200)
    seed: int = seed_option("First seed.")
    sets: Sequence[str] = sets_option()


@command("optimise")
class OptimiseOptions(LongStudyOptions):
    """Search for the best portfolios under a budget, of one side or both, over ten years."""

    own = "sides budgets outcomes sets account members search_members together rounds scale seed"
    sides: Sequence[str] = options(
        "--side", "SIDE", "us_only, cooperative or mixed. [us_only and mixed]"
    )
    budgets: Sequence[str] = options(
        "--budget", "DOLLARS", "$ a year such as 250M. [250M, 500M, 1B]"
    )
    account: str = option(
        "--account",
        "WHOSE",
        "joint: dollars of all payers; governments: without port users; us: U.S. dollars.",
        "joint",
    )
    outcomes: Sequence[str] = options("--outcome", "NAME", "got_aways or unlawful_entries. [both]")
    members: int | None = integer("--members", "Scoring members. [12]", high=240)
    together: int | None = integer(
        "--together", "Random portfolios at the start, in addition to every instrument alone. [66]"
    )
    rounds: int | None = integer("--rounds", "Rounds of proposals. [3]", high=100)


@command("ask")
class AskOptions(LongStudyOptions):
    """Test whether tighter U.S. border security requires Mexico's cooperation."""

    own = "quick members search_members variant_members scale seed budgets sets"
    quick: bool = option("--quick", None, "First answer with fewer runs.", False)
    members: int | None = integer("--members", "Scoring members. [60; quick 8]", None, 8, 240)
    variant_members: int | None = integer(
        "--variant-members",
        "Members on which the structural variants run; 0: none. [30; quick 0]",
        low=0,
        high=240,
    )
    budgets: Sequence[str] = options(
        "--budget", "DOLLARS", "$ a year such as 250M. [250M, 500M, 1B; quick 250M, 1B]"
    )


@command("serve")
class ServeOptions(Options):
    """Open the screen in a browser: watch, compare, follow, learn. Works without internet."""

    port: int | None = integer(
        "--port", "Port; 0: any free port. [8765, or the next free one]", low=0, high=65535
    )
    share: bool = option("--share", None, "Allow access from the local network.", False)
    address: str | None = option(
        "--address",
        "IPV4",
        "With --share: address of this machine in that network, 0.0.0.0 for all. [those found]",
    )
    show: bool | None = option("--open/--no-open", None, "Open a browser. [at a terminal: yes]")
    stores: Path | None = option(
        "--stores", "FOLDER", "Folder in which the page Sweep searches for runs. [out]"
    )
    sweeps: Path | None = option(
        "--sweeps",
        "FOLDER",
        "Folder of sweeps that are started on the screen, inside that of --stores. "
        "Not with --share. [its folder sweep]",
    )


@command("replay", hidden=("reps",))
class ReplayOptions(RunOptions):
    """Write a page that replays two worlds in any browser, without a server or internet."""

    policies: Sequence[str] = options(
        "",
        "[POLICY]...",
        "Policies of world B in addition to those of world A, all in force together.",
    )
    scenario: str = option(
        "--scenario", "NAME|FILE", "Packaged scenario or TOML file.", "classroom"
    )
    language: str = option("--language", "en|es", "Initial language of the page.", "en")
    out: Path = option("--out", "FILE", "Output file.", Path("out/replay.html"))


@dataclasses.dataclass(frozen=True, kw_only=True)
class ListOptions(Options):
    """Options of the commands that list the contents of the package."""

    markdown: bool = option("--markdown", None, "Print the reference page.", False)
    as_json: bool = option("--json", None, _JSON, False)


@command("policies", run="viz.cli.catalogue:print_policies")
class PoliciesOptions(ListOptions):
    """List every policy instrument."""


@command("describe", run="viz.cli.catalogue:print_policy", hidden=("markdown",))
class DescribeOptions(ListOptions):
    """Explain one policy: claim, mechanism, numbers, costs, conditions of failure."""

    policy: str = option("", "POLICY", "Id of a policy.", dataclasses.MISSING)


@command("scenarios", run="viz.cli.catalogue:print_scenarios", hidden=("markdown",))
class ScenariosOptions(ListOptions):
    """List the packaged scenarios."""


@command("parameters", run="viz.cli.catalogue:print_parameters")
class ParametersOptions(ListOptions):
    """List every parameter of the model: value, unit, bounds, status and source."""

    find: str = option("", "[TEXT]", "Only parameters whose path contains the text.", "")


@command("supply")
class SupplyOptions(Options):
    """Estimate the terms of supply from apprehensions up to a month."""

    last: str = option("--last", "MONTH", "Last month that is read; at most 2019-05.", "2013-09")
    keep: float = option(
        "--keep", "SHARE", "Share of the stock of recent arrivals left after a year.", 0.75
    )
    backtest: bool = option(
        "--backtest",
        None,
        "Also forecast earlier years from the months before each, with and without terms.",
        False,
    )
    as_json: bool = option("--json", None, _JSON, False)


@command("doses")
class DosesOptions(Options):
    """Determine the doses of Mexico's measures in the historical scenarios."""

    scale: int = integer("--scale", "Persons per simulated migrant.", 100, high=1_000)
    seed: int = seed_option("Seed of the runs.")
    as_json: bool = option("--json", None, _JSON, False)


@command("criteria", run="viz.cli.catalogue:print_criteria")
class CriteriaOptions(ListOptions):
    """List every criterion of progress: what agencies see, and the true value."""


@command("day", run="viz.cli.catalogue:print_day", hidden=("markdown",))
class DayOptions(ListOptions):
    """Print the steps of a simulated day."""


@command("bench", run="viz.bench.command:command")
class BenchOptions(Options):
    """Measure run times and reproducibility on this machine, each with its bound."""

    parts: Sequence[str] = options(
        "--part",
        "NAME",
        "Only this part: million, year, coarse_year, same, threads, first, wheel, import, warmup, "
        "sweep, processes, pairing, compare, help, page, screen, visitors, field, digests. [all]",
    )
    full: bool = option(
        "--full", None, "Measure warmup with 8 seeds at scale 20, not 2 at scale 100.", False
    )
    as_json: bool = option("--json", None, _JSON, False)
