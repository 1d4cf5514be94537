"""The options that commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

SEEDS_END = 2**31 - 1
_POLICY = (
    "id[:dose][:number=value]...[@from[..to]], for example fence:0.5, trainers:250M ($ a year), "
    "fence:0.5:toll=30, fence@2014-07-07. May be given several times."
)

Scenario = Annotated[
    str, typer.Option("--scenario", metavar="NAME|FILE", help="Packaged scenario or TOML file.")
]
Policies = Annotated[list[str] | None, typer.Option("--policy", metavar="POLICY", help=_POLICY)]
Days = Annotated[
    int | None, typer.Option("--days", metavar="N", help="Days that are simulated and counted.")
]
Scale = Annotated[
    int | None,
    typer.Option("--scale", metavar="N", help="Persons that a simulated migrant stands for."),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=SEEDS_END, help="First seed of the draws.")
]
Reps = Annotated[
    int,
    typer.Option("--reps", metavar="N", min=1, max=10_000, help="Runs, with consecutive seeds."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Any number of `twoborders parameters`."),
]
World = Annotated[
    Path | None,
    typer.Option("--world", metavar="FOLDER", help="Another world: nodes.csv and edges.csv."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Where to write files.")]
Page = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the page.")]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", metavar="N", min=1, max=256, help="Runs at a time; default: every core."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what the folder holds.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say how many runs and how long; play none of them.")
]
FirstSeed = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=2_000_000, help="First seed.")
]


def whole(name: str, text: str, *, low: int = 1, high: int = 10_000) -> Any:
    """An option for a whole number within bounds; `text` ends in its default, in brackets."""
    return typer.Option(name, metavar="N", min=low, max=high, help=text)


def scale(default: int) -> Any:
    """The scale of a command that is coarser than the scenario where nobody says."""
    text = f"Persons that a simulated migrant stands for. [{default}]"
    return typer.Option("--scale", metavar="N", help=text)


def several(name: str, metavar: str, text: str) -> Any:
    """An option that may be given several times."""
    return typer.Option(name, metavar=metavar, help=f"{text} May be given several times.")


def folder(text: str) -> Any:
    """Where a command keeps its runs and answers."""
    return typer.Option("--out", metavar="FOLDER", help=text)
