"""The commands that play many runs to answer one question; ``viz.cli.app`` lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from viz.cli import options as opt


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


#: In the order of the help.
COMMANDS = (effects, validate, calibrate, sweep)
