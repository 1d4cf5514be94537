"""The command group; each command imports its implementation when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from viz.cli import command_options as command_options  # declares the commands
from viz.cli.options import COMMANDS, add_command
from viz.cli.shell import Shell

app = typer.Typer(
    cls=Shell,
    help="Two Borders: migration and smuggling to the U.S. border, and the effects of policies. "
    "Model output within stated priors, not a forecast.",
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


for _command in COMMANDS:
    add_command(app, _command)
