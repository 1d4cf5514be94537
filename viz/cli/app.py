"""The commands and their options; what they do is imported when they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from viz.cli import options as opt
from viz.cli.shell import Shell

app = typer.Typer(
    cls=Shell,
    help="Two Borders: migration and smuggling to the U.S. border, and what policies change. "
    "Model output within stated priors, not a forecast.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    """Print name and version and leave."""
    if asked:
        from importlib.metadata import version

        print(f"twoborders {version('twoborders')}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error comes from (any command).")
    ] = False,
) -> None:
    """Two Borders."""


@app.command()
def run(
    scenario: opt.Scenario = "baseline",
    policy: opt.Policies = None,
    days: opt.Days = None,
    scale: opt.Scale = None,
    seed: opt.Seed = 1,
    reps: opt.Reps = 1,
    set_: opt.Sets = None,
    world: opt.World = None,
    out: opt.Out = None,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Play one scenario and tell what happened."""
    from viz.cli.run import command
    from viz.cli.told import Words

    words = Words(
        scenario=scenario, policies=policy or [], days=days, scale=scale, seed=seed, reps=reps,
        sets=set_ or [], world=world,
    )  # fmt: skip
    return command(words, out=out, as_json=json, jobs=jobs)


@app.command()
def compare(
    arms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY]...",
            help="Policies to compare with the scenario, each alone; a+b is a portfolio. "
            "Default: patrol_surge, cameras_and_sensors and southern_border_control at $250M "
            "a year each.",
        ),
    ] = None,
    scenario: opt.Scenario = "baseline",
    policy: opt.Policies = None,
    days: opt.Days = None,
    scale: opt.Scale = None,
    seed: opt.Seed = 1,
    reps: Annotated[
        int | None,
        typer.Option(
            "--reps",
            metavar="N",
            min=1,
            max=10_000,
            help="Seeds of every arm. [8; with an ensemble 1 a member]",
        ),
    ] = None,
    ensemble: Annotated[
        int | None,
        typer.Option(
            "--ensemble",
            metavar="N",
            min=1,
            max=10_000,
            help="Play everything under N parameter sets that survived the calibration.",
        ),
    ] = None,
    set_: opt.Sets = None,
    world: opt.World = None,
    out: opt.Out = None,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Compare policies with a baseline on the same seeds, and write a report."""
    from viz.cli.compare import command
    from viz.cli.compare import reps as seeds
    from viz.cli.told import Words

    words = Words(
        scenario=scenario, policies=[*(arms or []), *(policy or [])], days=days, scale=scale,
        seed=seed, reps=seeds(reps, ensemble), sets=set_ or [], world=world,
    )  # fmt: skip
    return command(words, ensemble=ensemble, out=out, as_json=json, jobs=jobs)


@app.command()
def effects(
    policy: Annotated[
        list[str] | None,
        typer.Argument(metavar="[POLICY]...", help="Instruments, each alone. Default: all."),
    ] = None,
    dose: Annotated[
        float | None,
        typer.Option("--dose", metavar="D", min=0.0, max=100.0, help="Dose of each of them. [1]"),
    ] = None,
    scenario: opt.Scenario = "baseline",
    days: opt.Days = None,
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", metavar="N", help="Persons that a simulated migrant stands for. [100]"
        ),
    ] = None,
    seed: opt.Seed = 1,
    reps: Annotated[
        int | None,
        typer.Option("--reps", metavar="N", min=1, max=10_000, help="Seeds of every pair. [8]"),
    ] = None,
    set_: opt.Sets = None,
    markdown: Annotated[
        bool,
        typer.Option("--markdown", help="Write the reference page, docs/reference/effects.md."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the page, or else the JSON, is written."),
    ] = None,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Measure what every instrument does, and whether it fails where it says that it must."""
    from experiments.compare import REPS
    from viz.cli.effects import command
    from viz.cli.told import Words

    words = Words(
        scenario=scenario, policies=policy or [], days=days, scale=scale, seed=seed,
        reps=reps or REPS, sets=set_ or [],
    )  # fmt: skip
    return command(words, dose=dose, markdown=markdown, as_json=json, out=out, jobs=jobs)


@app.command()
def validate(
    reps: Annotated[
        int | None,
        typer.Option(
            "--reps",
            metavar="N",
            min=1,
            max=10_000,
            help="Seeds of everything. [3; with an ensemble 1]",
        ),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", metavar="N", help="Persons that a simulated migrant stands for. [50]"
        ),
    ] = None,
    ensemble: Annotated[
        int | None,
        typer.Option(
            "--ensemble", metavar="N", min=1, max=10_000, help="Members of the ensemble to play."
        ),
    ] = None,
    seed: opt.Seed = 1,
    set_: opt.Sets = None,
    out: opt.Out = None,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Set the model beside the record, misses first: fitted, emergent, held out."""
    from viz.cli.told import Words
    from viz.cli.validate import command
    from viz.cli.validate import reps as seeds

    words = Words(scale=scale, seed=seed, reps=seeds(reps, ensemble), sets=set_ or [])
    return command(words, ensemble=ensemble, out=out, as_json=json, jobs=jobs)


@app.command()
def calibrate(
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", help="Where all that is played is kept."),
    ],
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", metavar="N", min=30, max=100_000, help="Draws from the priors. [360]"
        ),
    ] = None,
    members: Annotated[
        int | None,
        typer.Option(
            "--members", metavar="N", min=1, max=100_000, help="Members drawn from the fit. [250]"
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            "--rounds", metavar="N", min=1, max=100, help="Steps towards the base year. [4]"
        ),
    ] = None,
    dosed: Annotated[
        int | None,
        typer.Option(
            "--dosed",
            metavar="N",
            min=1,
            max=100_000,
            help="Members for which doses of 2014 are looked for. [60]",
        ),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", metavar="N", help="Persons that a simulated migrant stands for. [20]"
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2_000_000, help="Seed of the sample.")
    ] = 1,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Fit the uncertain numbers to the record, over hours; goes on where it ended."""  # fmt: skip
    from viz.cli.calibrate import command

    sizes = {"draws": draws, "members": members, "rounds": rounds, "dosed": dosed, "seed": seed}
    return command(out, scale=scale, sizes=sizes, jobs=jobs, as_json=json)


@app.command()
def sweep(
    design: Annotated[
        str, typer.Argument(metavar="DESIGN", help="Packaged design, or a TOML file.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Where the ledger is kept. [out/sweep and its name]"
        ),
    ] = None,
    jobs: opt.Jobs = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the sweep that the folder holds.")
    ] = False,
    executor: Annotated[
        str,
        typer.Option("--executor", metavar="WHAT", help="processes, serial, or dask://HOST:PORT."),
    ] = "processes",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs and how long; play none of them.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FILE", help="Write the runs there, too: .csv or .parquet."
        ),
    ] = None,
    json: opt.AsJson = False,
) -> int:
    """Play a design of many runs into a ledger that survives whatever happens."""
    from viz.cli.sweep import Asked, command

    asked = Asked(
        design=design, out=out, jobs=jobs, resume=resume, executor=executor, export=export,
        as_json=json,
    )  # fmt: skip
    return command(asked, dry_run=dry_run)


@app.command()
def policies(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference page.")] = False,
    json: opt.AsJson = False,
) -> None:
    """List every policy instrument."""
    from viz.cli.catalogue import policies as command

    command(markdown, json)


@app.command()
def describe(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="Id of a policy.")],
    json: opt.AsJson = False,
) -> None:
    """Explain one policy: claim, mechanism, numbers, costs, when it fails."""
    from viz.cli.catalogue import describe as command

    command(policy, json)


@app.command()
def scenarios(json: opt.AsJson = False) -> None:
    """List the packaged scenarios."""
    from viz.cli.catalogue import scenarios as command

    command(json)


@app.command()
def parameters(
    find: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only settings whose path holds this text.")
    ] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference page.")] = False,
    json: opt.AsJson = False,
) -> None:
    """List every number of the model: value, unit, bounds, source; [A] is an assumption."""
    from viz.cli.catalogue import parameters as command

    command(find, markdown, json)


@app.command()
def criteria(
    markdown: Annotated[bool, typer.Option("--markdown", help="The reference page.")] = False,
    json: opt.AsJson = False,
) -> None:
    """List every criterion of progress: what agencies see, and the truth beside it."""
    from viz.cli.criteria import command

    command(markdown, json)


@app.command()
def day(json: opt.AsJson = False) -> None:
    """Print the steps of a simulated day."""
    from viz.cli.catalogue import day as command

    command(json)


@app.command()
def bench(
    part: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            metavar="NAME",
            help="Only this figure (may be given several "
            "times): million, year, first, compare, same. Default: all.",
        ),
    ] = None,
    json: opt.AsJson = False,
) -> int:
    """Measure cost and sameness on this machine, each figure beside its bound."""  # fmt: skip
    from viz.cli.bench import command

    return command(part or [], json)
