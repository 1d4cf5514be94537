"""The commands and their options; what they do is imported when they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from viz.cli import app_experiments, app_portfolios
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
    from viz.cli.run_options import Words

    words = Words(
        scenario=scenario,
        policies=policy or [],
        days=days,
        scale=scale,
        seed=seed,
        reps=reps,
        sets=set_ or [],
        world=world,
    )
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
    until: Annotated[
        float | None,
        typer.Option(
            "--until",
            metavar="WIDTH",
            help="Add pairs until the 90 % interval of every mean paired change (Student t) is at "
            "most so wide, in percent of the baseline. It is an interval of the mean and narrows "
            "with more pairs; the range printed under each change is that of nine pairs in ten.",
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="NAME",
            help="With --until: an outcome that must be known so well (may be given several "
            "times). [got_aways and unlawful_entries]",
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            "--most",
            metavar="N",
            max=1_000_000,
            help="With --until: pairs of an arm, over all members, that are not exceeded. [200]",
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
    from viz.cli.run_options import Words
    from viz.cli.until import Until

    words = Words(
        scenario=scenario,
        policies=[*(arms or []), *(policy or [])],
        days=days,
        scale=scale,
        seed=seed,
        reps=seeds(reps, ensemble),
        sets=set_ or [],
        world=world,
    )
    rule = Until(width=until, outcomes=outcome or [], most=most)
    return command(words, ensemble=ensemble, until=rule, out=out, as_json=json, jobs=jobs)


for _command in (*app_experiments.COMMANDS, *app_portfolios.COMMANDS):
    app.command()(_command)


@app.command()
def serve(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            help="Port; 0: any that is free. [8765, or the next that is free]",
        ),
    ] = None,
    share: Annotated[
        bool,
        typer.Option("--share", help="Let others in the local network open it, such as a class."),
    ] = False,
    show: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open a browser. [at a terminal: yes]"),
    ] = None,
    stores: Annotated[
        Path | None,
        typer.Option(
            "--stores",
            metavar="FOLDER",
            help="Folder beneath which Sweep finds stores of runs. [out]",
        ),
    ] = None,
) -> int:
    """Open the screen in a browser: watch, compare, follow, learn. Works without internet."""
    from viz.cli.serve import command

    return command(port, share=share, show=show, stores=stores)


@app.command()
def replay(
    policies: Annotated[
        list[str] | None,
        typer.Argument(metavar="[POLICY]...", help="What world B has beyond world A, together."),
    ] = None,
    scenario: opt.Scenario = "classroom",
    days: opt.Days = None,
    scale: opt.Scale = None,
    seed: opt.Seed = 1,
    set_: opt.Sets = None,
    world: opt.World = None,
    language: Annotated[
        str, typer.Option("--language", metavar="en|es", help="Language that it opens in.")
    ] = "en",
    out: opt.Page = Path("out/replay.html"),
) -> int:
    """Write a page that plays two worlds in any browser, without a server and without internet."""
    from viz.cli.replay import command
    from viz.cli.run_options import Words

    words = Words(
        scenario=scenario,
        policies=policies or [],
        days=days,
        scale=scale,
        seed=seed,
        sets=set_ or [],
        world=world,
    )
    return command(words, language=language, out=out)


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
            "times): million, year, first, same, sweep, processes, pairing, compare, help, screen, "
            "visitors. [all]",
        ),
    ] = None,
    json: opt.AsJson = False,
) -> int:
    """Measure cost and sameness on this machine, each figure beside its bound."""
    from viz.cli.bench import command

    return command(part or [], json)
