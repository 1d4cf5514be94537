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


def optimise(
    side: Annotated[
        list[str] | None,
        typer.Option(
            "--side", metavar="SIDE",
            help="us_only, cooperative or mixed; may be given several times. [us_only and mixed]",
        ),
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            "--budget", metavar="DOLLARS",
            help="$ a year such as 250M; may be given several times. [250M, 500M, 1B]",
        ),
    ] = None,
    account: Annotated[
        str,
        typer.Option(
            "--account", metavar="WHOSE", help="joint: all payers' dollars; us: of the U.S. alone."
        ),
    ] = "joint",
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome", metavar="NAME",
            help="got_aways or unlawful_entries; may be given several times. [both]",
        ),
    ] = None,
    members: Annotated[
        int | None,
        typer.Option("--members", metavar="N", min=1, max=240, help="Members that score. [12]"),
    ] = None,
    search_members: Annotated[
        int | None,
        typer.Option(
            "--search-members", metavar="N", min=1, max=10,
            help="Other members, on which portfolios are looked for. [2]",
        ),
    ] = None,
    together: Annotated[
        int | None,
        typer.Option(
            "--together", metavar="N", min=1, max=10_000,
            help="Portfolios at random that are played first, beside every instrument alone. [66]",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option("--rounds", metavar="N", min=1, max=100, help="Rounds of proposals. [3]"),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", metavar="N", help="Persons that a simulated migrant stands for. [200]"
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2_000_000, help="First seed.")
    ] = 1,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: opt.Out = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the search that the folder holds.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs and how long; play none of them.")
    ] = False,
    json: opt.AsJson = False,
) -> int:
    """Find the best portfolios under a budget, of one side or both, over ten years."""
    from viz.cli.optimise import Asked, command

    asked = Asked(
        sides=tuple(side or ()), budgets=tuple(budget or ()), account=account,
        outcomes=tuple(outcome or ()), members=members, search_members=search_members,
        together=together, rounds=rounds, scale=scale, seed=seed, sets=tuple(set_ or ()),
        jobs=jobs, out=out, resume=resume, as_json=json,
    )  # fmt: skip
    return command(asked, dry_run=dry_run)


def ask(
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A first answer in ten minutes: fewer of everything."),
    ] = False,
    members: Annotated[
        int | None,
        typer.Option(
            "--members", metavar="N", min=8, max=240, help="Members that judge. [50; quick 12]"
        ),
    ] = None,
    search_members: Annotated[
        int | None,
        typer.Option(
            "--search-members", metavar="N", min=1, max=10,
            help="Other members, on which portfolios are looked for. [3; quick 2]",
        ),
    ] = None,
    variant_members: Annotated[
        int | None,
        typer.Option(
            "--variant-members", metavar="N", min=0, max=240,
            help="Members that play the structural variants; 0: none. [12; quick 0]",
        ),
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            "--budget", metavar="DOLLARS",
            help="$ a year such as 250M; may be given several times. [100M, 250M, 500M, 1B]",
        ),
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", metavar="N", help="Persons that a simulated migrant stands for. [200]"
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=2_000_000, help="First seed.")
    ] = 1,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: opt.Out = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the question that the folder holds.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs and how long; play none of them.")
    ] = False,
    json: opt.AsJson = False,
) -> int:
    """Does tighter U.S. border security require Mexico's cooperation? Helps, beats, requires."""
    from viz.cli.ask import Asked, command

    asked = Asked(
        quick=quick, members=members, search_members=search_members,
        variant_members=variant_members, budgets=tuple(budget or ()), scale=scale, seed=seed,
        sets=tuple(set_ or ()), jobs=jobs, out=out, resume=resume, as_json=json,
    )  # fmt: skip
    return command(asked, dry_run=dry_run)


def sensitivity(
    method: Annotated[
        str, typer.Option("--method", metavar="NAME", help="morris (screening) or sobol (shares).")
    ] = "morris",
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome", metavar="NAME",
            help="Outcome or criterion; may be given several times. [got_aways, unlawful_entries, "
            "deaths]",
        ),
    ] = None,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            "--policy", metavar="POLICY",
            help="Analyse the change that it makes on the same seeds, in percent, not the level; "
            "a+b is a portfolio. May be given several times, each judged alone.",
        ),
    ] = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(
            "--factor", metavar="NAME[=LOW..HIGH]",
            help="What varies: a prior, a path of `twoborders parameters`, policy.ID for a dose; "
            "may be given several times. [every prior of the calibration]",
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option(
            "-n", metavar="N", min=1, max=65_536,
            help="Trajectories, or base samples of sobol (a power of two). [10; sobol 128]",
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
    scale: Annotated[
        int | None,
        typer.Option(
            "--scale", metavar="N", help="Persons that a simulated migrant stands for. [100]"
        ),
    ] = None,
    seed: opt.Seed = 1,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Where runs and answers are kept. [out/sensitivity]"
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the analysis that the folder holds.")
    ] = False,
    json: opt.AsJson = False,
) -> int:  # fmt: skip
    """Find out which uncertain numbers an answer depends on, and which it does not."""
    from viz.cli.sensitivity import Asked, command
    from viz.cli.told import Words

    words = Words(
        scenario=scenario, policies=policy or [], days=days, scale=scale, seed=seed, reps=reps,
        sets=set_ or [],
    )  # fmt: skip
    asked = Asked(
        words=words, method=method, outcomes=outcome or (), factors=factor or (), n=n, out=out,
        jobs=jobs, resume=resume, as_json=json,
    )  # fmt: skip
    return command(asked)


def curve(
    instrument: Annotated[
        list[str] | None,
        typer.Option(
            "--instrument", metavar="NAME",
            help="patrol_surge, fence, cameras_and_sensors, patrol_effort, or us_only, the "
            "portfolio of that scenario; may be given several times. [all five]",
        ),
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            "--budget", metavar="DOLLARS",
            help="$ a year such as 250M; may be given several times. Nothing and the largest dose "
            "are always played. [0, 100M, 250M, 500M, 1B, 2B, 4B]",
        ),
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
        typer.Option(
            "--reps", metavar="N", min=1, max=10_000,
            help="Seeds of every point. [8; with an ensemble 1 a member]",
        ),
    ] = None,
    ensemble: Annotated[
        int | None,
        typer.Option(
            "--ensemble", metavar="N", min=1, max=10_000,
            help="Play everything under N parameter sets that survived the calibration.",
        ),
    ] = None,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Where runs and curves are kept. [out/curve]"
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the curves that the folder holds.")
    ] = False,
    json: opt.AsJson = False,
) -> int:  # fmt: skip
    """How many agents, miles, dollars reach a goal, with and without Mexico's cooperation."""
    from viz.cli.curve import Asked, command
    from viz.cli.curve import reps as seeds
    from viz.cli.told import Words

    words = Words(
        scenario=scenario, days=days, scale=scale, seed=seed, reps=seeds(reps, ensemble),
        sets=set_ or [],
    )  # fmt: skip
    asked = Asked(
        words=words, instruments=instrument or (), budgets=budget or (), ensemble=ensemble,
        out=out, jobs=jobs, resume=resume, as_json=json,
    )  # fmt: skip
    return command(asked)


#: In the order of the help.
COMMANDS = (effects, validate, calibrate, sweep, optimise, ask, sensitivity, curve)
