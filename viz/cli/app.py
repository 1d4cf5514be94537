"""Declare the commands as dataclasses, whose fields Typer reads as arguments and options.

A command calls `command` in the module of the same name, unless `function` names another function.
The module is imported when the command runs. The class docstring is the help text.
"""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from viz.cli.options import (
    LARGEST_SEED,
    AgentOption,
    EngineOption,
    JsonOption,
    LongStudyOptions,
    Options,
    ParameterOptions,
    PolicyOptions,
    ResultOptions,
    ScenarioOptions,
    SeedOptions,
    StudyOptions,
    WorldOptions,
    argument,
    flag,
    member_seed,
    members,
    option,
    options,
    reps,
    scale,
    shard,
    whole,
)
from viz.cli.shell import Shell

app = typer.Typer(
    cls=Shell,
    help="Two Borders: migration and smuggling to the U.S. border, and the effects of policies. "
    "Model output within stated priors, not a forecast.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Importing rich would take longer than all other work for --help.
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _command[C: type[Options]](kind: C) -> C:
    """Register a command. Its docstring appears without cuts in the list of commands."""
    return app.command(short_help=kind.__doc__)(kind)


def program(word: str) -> typer.Typer:
    """Return the program with only the command `word`, or with all commands if none matches.

    One command starts faster, because Typer prepares the options of every registered command.
    """
    part, commands = copy(app), app.registered_commands
    named = [info for info in commands if info.callback and info.callback.__name__.lower() == word]
    part.registered_commands = named or commands
    return part


def _version(requested: bool) -> None:
    """Print the name and the version, then exit."""
    if requested:
        from importlib.metadata import version

        print(f"twoborders {version('twoborders')}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of an error (any command).")
    ] = False,
) -> None:
    """Two Borders."""


@_command
class Run(ResultOptions, EngineOption, SeedOptions, WorldOptions):
    """Run one scenario and print its results."""

    reps: int = whole("--reps", "Number of runs, with consecutive seeds.", default=1)


@_command
class Compare(StudyOptions, EngineOption, SeedOptions, WorldOptions):
    """Compare policies with a baseline on the same seeds, and write a report."""

    arms: list[str] = argument(
        "[POLICY]...",
        "Policies to compare with the scenario, one at a time; a+b is a portfolio.",
        auto="patrol_surge, cameras_and_sensors and southern_border_control at $250M a year each",
    )
    members: int | None = members()
    precision: float | None = option(
        "--precision",
        "WIDTH",
        "Add pairs until the 90 % interval of every mean paired change (Student t) has at most "
        "this width, in percent of the baseline. With an ensemble, the mean is taken over members.",
    )
    outcomes: list[str] = options(
        "--outcome",
        "NAME",
        "With --precision: outcome whose interval must reach the width.",
        "got_aways and unlawful_entries",
    )
    max_pairs: int | None = whole(
        "--max-pairs",
        "With --precision: maximum number of pairs per arm, over all members.",
        None,
        1_000_000,
        auto="200",
    )
    shard: str | None = shard()


@_command
class Effects(StudyOptions, SeedOptions, ScenarioOptions):
    """Measure the effect of every instrument, and test whether it acts and fails as declared."""

    policies: list[str] = argument("[POLICY]...", "Instruments.", auto="all")
    equal: str = option(
        "--equal",
        "DOLLARS",
        "Also run each instrument at this amount per year, or at its maximum dose.",
        "100M",
    )
    scale: int | None = scale("100")
    members: int | None = members()
    markdown: bool = flag("--markdown", "Write docs/reference/effects.md and the record of claims.")
    out: Path | None = option(
        "--out", "FILE", "Output file: the page with --markdown, otherwise the JSON."
    )


@_command
class Elasticities(ResultOptions, SeedOptions):
    """Measure how departures and arrivals respond to staff, fees, release, wages and more."""

    changes: list[str] = argument(
        "[CHANGE]...",
        "staff, apprehension, fee, sanction, wages, supply, release or interceptions.",
        auto="all",
    )
    regimes: list[str] = options("--regime", "YEAR", "FY2005, FY2013 or FY2019.", "all")
    scale: int | None = scale("200")
    reps: int = reps("Seeds of every scenario.", "6")


@_command
class Validate(StudyOptions, SeedOptions):
    """Compare the model with fitted, emergent and held-out data, misses first."""

    scale: int | None = scale("50")
    reps: int = reps("Seeds per episode.", "3; with an ensemble 1 per member")
    members: int | None = members("Members of the ensemble, at most the 30 with doses.")
    scores: bool = flag(
        "--scores",
        "Score fiscal years 2009 to 2019 next to naive forecasts, with 18 more runs per seed.",
    )


@_command
class Forecast(StudyOptions, SeedOptions, PolicyOptions):
    """Forecast the months after a record, or score an earlier forecast by the later record."""

    files: list[str] = argument(
        "FILE...",
        "RECORD.csv with the columns month, apprehended_us_mexican, "
        "apprehended_us_northern_triangle and, if known, apprehended_mexico; or the word score, a "
        "forecast.json and a file of observed months; or backtest.",
        ...,
    )
    scenario: str = option("--scenario", "NAME|FILE", "Packaged scenario or TOML file.", "history")
    horizon: int = whole("--horizon", "Months to forecast.", 1, 60, 12)
    scale: int | None = scale("200")
    members: int = whole("--members", "Members of the ensemble.", 1, None, 40)
    reps: int = reps("Seeds per member.", "1")


@_command
class Calibrate(StudyOptions):
    """Fit the uncertain parameters to observed data; the same command resumes."""

    out: Path = option("--out", "FOLDER", "Folder of all results.", ...)
    draws: int | None = whole("--draws", "Draws from the priors.", 30, 100_000, auto="360")
    members: int | None = whole("--members", "Members drawn from the fit.", 1, 100_000, auto="250")
    rounds: int | None = whole("--rounds", "Steps of the base-year fit.", 1, 100, auto="4")
    early_scale: int | None = whole(
        "--early-scale",
        "Persons per simulated migrant in all steps except the last, if more than --scale.",
        high=1_000,
        auto="50",
    )
    early_warmup: int | None = whole(
        "--early-warmup",
        "Warm-up days in all steps except the last, if fewer than in the scenario.",
        high=3_650,
        auto="540",
    )
    dose_members: int | None = whole(
        "--dose-members",
        "Members for which doses of 2014 and 2019 are fitted.",
        high=100_000,
        auto="60",
    )
    dose_scale: int | None = whole(
        "--dose-scale", "Persons per simulated migrant in the runs for doses.", 1, 1_000, auto="50"
    )
    scale: int | None = scale("20")
    seed: int = member_seed()
    resume: bool = flag("--resume", "Accepted as elsewhere: the same command always continues.")


@_command
class Sweep(AgentOption, EngineOption, StudyOptions):
    """Run all runs of a design; each run is stored, and the sweep can be resumed."""

    design: str = argument("DESIGN", "Packaged design or TOML file.", ...)
    out: Path | None = option(
        "--out", "FOLDER", "Folder of the runs.", auto="out/sweep and the design's name"
    )
    export: Path | None = option(
        "--export", "FILE", "Write the runs to a .csv or .parquet file as well."
    )
    shard: str | None = shard()


@_command
class Merge(JsonOption):
    """Merge the folders of shards into the store that one process would have written."""

    folders: list[str] = argument("FOLDER...", "The --out folders of all shards.", ...)
    out: Path = option("--out", "FOLDER", "Folder of the merged runs.", ...)


@_command
class Sensitivity(StudyOptions, SeedOptions, ScenarioOptions):
    """Identify the uncertain parameters on which an outcome depends."""

    method: str = option("--method", "NAME", "morris (screening) or sobol (shares).", "morris")
    outcomes: list[str] = options(
        "--outcome",
        "NAME",
        "Outcome or criterion.",
        "both kinds of entries, all human costs except debt",
    )
    policies: list[str] = options(
        "--policy",
        "POLICY",
        "Analyse the change under this policy on the same seeds, in percent, instead of the "
        "level; a+b is a portfolio.",
    )
    factors: list[str] = options(
        "--factor",
        "NAME[=LOW..HIGH]",
        "Factor to vary: a prior, a path of `twoborders parameters`, or policy.ID for a dose.",
        "every prior of the calibration",
    )
    n: int | None = whole(
        "-n",
        "Trajectories, or base samples of sobol (a power of two).",
        high=65_536,
        auto="10; sobol 128",
    )
    reps: int = whole("--reps", "Seeds averaged for each answer.", default=2)
    scale: int | None = scale("100")


@_command
class Curve(StudyOptions, SeedOptions, ScenarioOptions):
    """Compute how many agents, miles or dollars reach a goal, with and without cooperation."""

    instruments: list[str] = options(
        "--instrument",
        "NAME",
        "A policy that needs no Mexico, module:Class, or us_only, the portfolio of that scenario.",
        "patrol_surge, fence, cameras_and_sensors, patrol_effort, us_only",
    )
    budgets: list[str] = options(
        "--budget",
        "DOLLARS",
        "$ a year such as 250M; zero and the maximum dose are always included.",
        "0, 100M, 250M, 500M, 1B, 2B, 4B",
    )
    scale: int | None = scale("100")
    members: int | None = members()


@_command
class Optimise(LongStudyOptions):
    """Search for the best portfolios under a budget, of one side or both, over ten years."""

    sides: list[str] = options(
        "--side", "SIDE", "us_only, cooperative or mixed.", "us_only and mixed"
    )
    account: str = option(
        "--account",
        "WHOSE",
        "joint: dollars of all payers; governments: without port users; us: U.S. dollars.",
        "joint",
    )
    outcomes: list[str] = options("--outcome", "NAME", "Outcome.", "got_aways and unlawful_entries")
    members: int | None = whole("--members", "Members for scoring.", high=240, auto="12")
    random_portfolios: int | None = whole(
        "--random-portfolios",
        "Random portfolios at the start, in addition to every instrument alone.",
        auto="66",
    )
    rounds: int | None = whole("--rounds", "Rounds of proposals.", high=100, auto="3")


@_command
class Ask(LongStudyOptions):
    """Test whether tighter U.S. border security requires Mexico's cooperation."""

    quick: bool = flag("--quick", "First answer with fewer runs.")
    members: int | None = whole("--members", "Members for scoring.", 8, 240, auto="60; quick 8")
    turning_members: int | None = whole(
        "--turning-members",
        "Members on which every assumed number is set to its bounds; 0: none.",
        0,
        10,
        auto="2; quick 0",
    )
    shard: str | None = shard(" 0/N: the search, which all other shards need.")


@_command
class Serve(Options):
    """Open the screen in a browser: watch, compare, follow, learn. Works without internet."""

    port: int | None = whole(
        "--port", "Port; 0: any free port.", 0, 65_535, auto="8765, or the next free one"
    )
    share: bool = flag("--share", "Allow access from the local network.")
    address: str | None = option(
        "--address",
        "IPV4",
        "With --share: address of this machine in that network, 0.0.0.0 for all.",
        auto="every address that is detected",
    )
    show: bool | None = option(
        "--open/--no-open", None, "Open a browser.", auto="at a terminal: yes"
    )
    stores: Path | None = option(
        "--stores", "FOLDER", "Folder in which the page Sweep searches for runs.", auto="out"
    )


@_command
class Replay(ParameterOptions, WorldOptions):
    """Write a page that replays two worlds in any browser, without a server or internet."""

    policies: list[str] = argument(
        "[POLICY]...", "Policies of world B in addition to those of world A, all in force together."
    )
    scenario: str = option(
        "--scenario", "NAME|FILE", "Packaged scenario or TOML file.", "classroom"
    )
    seed: int = whole("--seed", "Seed.", 0, LARGEST_SEED, 1)
    language: str = option("--language", "en|es", "Initial language of the page.", "en")
    out: Path = option("--out", "FILE", "Output file.", Path("out/replay.html"))


@_command
class Export(ResultOptions, SeedOptions, WorldOptions):
    """Write flows and their changes by leg and place for maps (GeoJSON) and other programs."""

    policies: list[str] = argument("[POLICY]...", "Policies to compare, one at a time.")
    out: Path = option(
        "--out", "FILE", "Output file: .geojson, .csv, .parquet, .nc.", Path("out/flows.geojson")
    )
    per: str = option("--per", "PERIOD", "total, month or day.", "total")
    reps: int = reps(auto="1")
    members: int | None = members()


class ListOptions(JsonOption):
    """Options of commands that list what the package contains and have a reference page."""

    markdown: bool = flag("--markdown", "Print the reference page.")


@_command
class Policies(ListOptions):
    """List every policy instrument."""

    function: ClassVar[str] = "catalogue:print_policies"


@_command
class Describe(JsonOption):
    """Explain one policy: claim, mechanism, numbers, costs, conditions of failure."""

    function: ClassVar[str] = "catalogue:print_policy"
    policy: str = argument("POLICY", "Id of a policy.", ...)


@_command
class Scenarios(JsonOption):
    """List the packaged scenarios."""

    function: ClassVar[str] = "catalogue:print_scenarios"


@_command
class Parameters(ListOptions):
    """List every parameter of the model: value, unit, bounds, status and source."""

    function: ClassVar[str] = "catalogue:print_parameters"
    text: str = argument("[TEXT]", "Only parameters whose path contains the text.", "")


@_command
class Supply(JsonOption):
    """Estimate the terms of supply from apprehensions up to a month."""

    last: str = option("--last", "MONTH", "Last month that is read; at most 2019-05.", "2013-09")
    keep: float = option(
        "--keep", "SHARE", "Share of the stock of recent arrivals left after a year.", 0.75
    )


@_command
class Doses(JsonOption):
    """Determine the doses of Mexico's measures in the historical scenarios."""

    function: ClassVar[str] = "supply:print_doses"
    scale: int = whole("--scale", "Persons per simulated migrant.", high=1_000, default=100)
    seed: int = member_seed()


@_command
class Criteria(ListOptions):
    """List every criterion of progress with its unit, its definition and who can observe it."""

    function: ClassVar[str] = "catalogue:print_criteria"


@_command
class Day(JsonOption):
    """Print the steps of a simulated day."""

    function: ClassVar[str] = "catalogue:print_day"
