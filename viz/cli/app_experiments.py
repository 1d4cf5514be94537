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
    scale: Annotated[int | None, opt.scale(100)] = None,
    seed: opt.Seed = 1,
    reps: Annotated[int | None, opt.whole("--reps", "Seeds of every pair. [8]")] = None,
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
    from viz.cli.run_options import Words

    words = Words(
        scenario=scenario,
        policies=policy or [],
        days=days,
        scale=scale,
        seed=seed,
        reps=reps or REPS,
        sets=set_ or [],
    )
    return command(words, dose=dose, markdown=markdown, as_json=json, out=out, jobs=jobs)


def validate(
    reps: Annotated[
        int | None,
        opt.whole("--reps", "Seeds of everything. [3; with an ensemble 1]"),
    ] = None,
    scale: Annotated[int | None, opt.scale(50)] = None,
    ensemble: Annotated[
        int | None,
        opt.whole("--ensemble", "Members of the ensemble to play."),
    ] = None,
    seed: opt.Seed = 1,
    set_: opt.Sets = None,
    out: opt.Out = None,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Set the model beside the record, misses first: fitted, emergent, held out."""
    from viz.cli.run_options import Words
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
        opt.whole("--draws", "Draws from the priors. [360]", low=30, high=100_000),
    ] = None,
    members: Annotated[
        int | None,
        opt.whole("--members", "Members drawn from the fit. [250]", high=100_000),
    ] = None,
    rounds: Annotated[
        int | None,
        opt.whole("--rounds", "Steps towards the base year. [4]", high=100),
    ] = None,
    dosed: Annotated[
        int | None,
        opt.whole("--dosed", "Members for which doses of 2014 are looked for. [60]", high=100_000),
    ] = None,
    scale: Annotated[int | None, opt.scale(20)] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2_000_000, help="Seed of the sample.")
    ] = 1,
    json: opt.AsJson = False,
    jobs: opt.Jobs = None,
) -> int:
    """Fit the uncertain numbers to the record, over hours; goes on where it ended."""
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
    resume: opt.Resume = False,
    executor: Annotated[
        str,
        typer.Option("--executor", metavar="WHAT", help="processes, serial, or dask://HOST:PORT."),
    ] = "processes",
    dry_run: opt.DryRun = False,
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
        design=design,
        out=out,
        jobs=jobs,
        resume=resume,
        executor=executor,
        export=export,
        as_json=json,
    )
    return command(asked, dry_run=dry_run)


def sensitivity(
    method: Annotated[
        str, typer.Option("--method", metavar="NAME", help="morris (screening) or sobol (shares).")
    ] = "morris",
    outcome: Annotated[
        list[str] | None,
        opt.several(
            "--outcome",
            "NAME",
            "Outcome or criterion. [got_aways, unlawful_entries, deaths]",
        ),
    ] = None,
    policy: Annotated[
        list[str] | None,
        opt.several(
            "--policy",
            "POLICY",
            "Analyse the change that it makes on the same seeds, in percent, not the level; a+b "
            "is a portfolio.",
        ),
    ] = None,
    factor: Annotated[
        list[str] | None,
        opt.several(
            "--factor",
            "NAME[=LOW..HIGH]",
            "What varies: a prior, a path of `twoborders parameters`, policy.ID for a dose. "
            "[every prior of the calibration]",
        ),
    ] = None,
    n: Annotated[
        int | None,
        opt.whole(
            "-n",
            "Trajectories, or base samples of sobol (a power of two). [10; sobol 128]",
            high=65_536,
        ),
    ] = None,
    reps: Annotated[
        int,
        typer.Option(
            "--reps", metavar="N", min=1, max=10_000, help="Seeds that answers are averaged over."
        ),
    ] = 2,
    scenario: opt.Scenario = "baseline",
    days: opt.Days = None,
    scale: Annotated[int | None, opt.scale(100)] = None,
    seed: opt.Seed = 1,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Where runs and answers are kept. [out/sensitivity]"
        ),
    ] = None,
    resume: opt.Resume = False,
    json: opt.AsJson = False,
) -> int:
    """Find out which uncertain numbers an answer depends on, and which it does not."""
    from viz.cli.run_options import Words
    from viz.cli.sensitivity import Asked, command

    words = Words(
        scenario=scenario,
        policies=policy or [],
        days=days,
        scale=scale,
        seed=seed,
        reps=reps,
        sets=set_ or [],
    )
    asked = Asked(
        words=words,
        method=method,
        outcomes=outcome or (),
        factors=factor or (),
        n=n,
        out=out,
        jobs=jobs,
        resume=resume,
        as_json=json,
    )
    return command(asked)


def curve(
    instrument: Annotated[
        list[str] | None,
        opt.several(
            "--instrument",
            "NAME",
            "patrol_surge, fence, cameras_and_sensors, patrol_effort, or us_only, the portfolio "
            "of that scenario. [all five]",
        ),
    ] = None,
    budget: Annotated[
        list[str] | None,
        opt.several(
            "--budget",
            "DOLLARS",
            "$ a year such as 250M; nothing and the largest dose are always played. "
            "[0, 100M, 250M, 500M, 1B, 2B, 4B]",
        ),
    ] = None,
    scenario: opt.Scenario = "baseline",
    days: opt.Days = None,
    scale: Annotated[int | None, opt.scale(100)] = None,
    seed: opt.Seed = 1,
    reps: Annotated[
        int | None,
        opt.whole("--reps", "Seeds of every point. [8; with an ensemble 1 a member]"),
    ] = None,
    ensemble: Annotated[
        int | None,
        opt.whole(
            "--ensemble", "Play everything under N parameter sets that survived the calibration."
        ),
    ] = None,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where runs and curves are kept. [out/curve]"),
    ] = None,
    resume: opt.Resume = False,
    json: opt.AsJson = False,
) -> int:
    """How many agents, miles, dollars reach a goal, with and without Mexico's cooperation."""
    from viz.cli.curve import Asked, command
    from viz.cli.curve import reps as seeds
    from viz.cli.run_options import Words

    words = Words(
        scenario=scenario,
        days=days,
        scale=scale,
        seed=seed,
        reps=seeds(reps, ensemble),
        sets=set_ or [],
    )
    asked = Asked(
        words=words,
        instruments=instrument or (),
        budgets=budget or (),
        ensemble=ensemble,
        out=out,
        jobs=jobs,
        resume=resume,
        as_json=json,
    )
    return command(asked)


#: In the order of the help.
COMMANDS = (effects, validate, calibrate, sweep, sensitivity, curve)
