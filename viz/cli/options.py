"""The options that commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", metavar="N", min=1, max=256, help="Runs at a time; default: every core."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")]
