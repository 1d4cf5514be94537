"""The command group; each command imports its implementation when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from viz.cli import options as opt
from viz.cli.command_options import DECLARED
from viz.cli.options import add_command
from viz.cli.shell import Shell

app = typer.Typer(
    cls=Shell,
    help="Two Borders: migration and smuggling to the U.S. border, and the effects of policies. "
    "Model output within stated priors, not a forecast.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(requested: bool) -> None:
    """Print name and version and exit."""
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


for _command in DECLARED:
    add_command(app, _command)


@app.command()
def policies(markdown: opt.Markdown = False, as_json: opt.AsJson = False) -> None:
    """List every policy instrument."""
    from viz.cli.catalogue import print_policies

    print_policies(markdown, as_json)


@app.command()
def describe(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="Id of a policy.")],
    as_json: opt.AsJson = False,
) -> None:
    """Explain one policy: claim, mechanism, numbers, costs, conditions of failure."""
    from viz.cli.catalogue import print_policy

    print_policy(policy, as_json)


@app.command()
def scenarios(as_json: opt.AsJson = False) -> None:
    """List the packaged scenarios."""
    from viz.cli.catalogue import print_scenarios

    print_scenarios(as_json)


@app.command()
def parameters(
    find: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only parameters whose path contains the text.")
    ] = "",
    markdown: opt.Markdown = False,
    as_json: opt.AsJson = False,
) -> None:
    """List every parameter of the model: value, unit, bounds, source; [A] is an assumption."""
    from viz.cli.catalogue import print_parameters

    print_parameters(find, markdown, as_json)


@app.command()
def criteria(markdown: opt.Markdown = False, as_json: opt.AsJson = False) -> None:
    """List every criterion of progress: what agencies see, and the true value."""
    from viz.cli.criteria import print_definitions

    print_definitions(markdown, as_json)


@app.command()
def day(as_json: opt.AsJson = False) -> None:
    """Print the steps of a simulated day."""
    from viz.cli.catalogue import print_day

    print_day(as_json)


@app.command()
def bench(
    part: Annotated[
        list[str] | None,
        opt.several(
            "--part",
            "NAME",
            "Only this part: million, year, first, same, sweep, processes, pairing, compare, help, "
            "screen, visitors. [all]",
        ),
    ] = None,
    as_json: opt.AsJson = False,
) -> int:
    """Measure run times and reproducibility on this machine, each with its bound."""
    from viz.cli.bench import command

    return command(part or [], as_json)
