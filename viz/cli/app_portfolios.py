"""The commands about portfolios and the brief's question; ``viz.cli.app`` lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from viz.cli import options as opt


def optimise(
    side: Annotated[
        list[str] | None,
        opt.several(
            "--side",
            "SIDE",
            "us_only, cooperative or mixed. [us_only and mixed]",
        ),
    ] = None,
    budget: Annotated[
        list[str] | None,
        opt.several(
            "--budget",
            "DOLLARS",
            "$ a year such as 250M. [250M, 500M, 1B]",
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
        opt.several(
            "--outcome",
            "NAME",
            "got_aways or unlawful_entries. [both]",
        ),
    ] = None,
    members: Annotated[
        int | None,
        opt.whole("--members", "Members that score. [12]", high=240),
    ] = None,
    search_members: Annotated[
        int | None,
        opt.whole(
            "--search-members", "Other members, on which portfolios are looked for. [2]", high=10
        ),
    ] = None,
    together: Annotated[
        int | None,
        opt.whole(
            "--together",
            "Portfolios at random that are played first, beside every instrument alone. [66]",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        opt.whole("--rounds", "Rounds of proposals. [3]", high=100),
    ] = None,
    scale: Annotated[int | None, opt.scale(200)] = None,
    seed: opt.FirstSeed = 1,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: opt.Out = None,
    resume: opt.Resume = False,
    dry_run: opt.DryRun = False,
    json: opt.AsJson = False,
) -> int:
    """Find the best portfolios under a budget, of one side or both, over ten years."""
    from viz.cli.optimise import Asked, command

    asked = Asked(
        sides=tuple(side or ()),
        budgets=tuple(budget or ()),
        account=account,
        outcomes=tuple(outcome or ()),
        members=members,
        search_members=search_members,
        together=together,
        rounds=rounds,
        scale=scale,
        seed=seed,
        sets=tuple(set_ or ()),
        jobs=jobs,
        out=out,
        resume=resume,
        as_json=json,
    )
    return command(asked, dry_run=dry_run)


def ask(
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A first answer in ten minutes: fewer of everything."),
    ] = False,
    members: Annotated[
        int | None,
        opt.whole("--members", "Members that judge. [50; quick 12]", low=8, high=240),
    ] = None,
    search_members: Annotated[
        int | None,
        opt.whole(
            "--search-members", "Other members, on which portfolios are looked for. [2]", high=10
        ),
    ] = None,
    variant_members: Annotated[
        int | None,
        opt.whole(
            "--variant-members",
            "Members that play the structural variants; 0: none. [10; quick 0]",
            low=0,
            high=240,
        ),
    ] = None,
    budget: Annotated[
        list[str] | None,
        opt.several(
            "--budget",
            "DOLLARS",
            "$ a year such as 250M. [100M, 250M, 500M, 1B]",
        ),
    ] = None,
    scale: Annotated[int | None, opt.scale(200)] = None,
    seed: opt.FirstSeed = 1,
    set_: opt.Sets = None,
    jobs: opt.Jobs = None,
    out: opt.Out = None,
    resume: opt.Resume = False,
    dry_run: opt.DryRun = False,
    json: opt.AsJson = False,
) -> int:
    """Does tighter U.S. border security require Mexico's cooperation? Helps, beats, requires."""
    from viz.cli.ask import Asked, command

    asked = Asked(
        quick=quick,
        members=members,
        search_members=search_members,
        variant_members=variant_members,
        budgets=tuple(budget or ()),
        scale=scale,
        seed=seed,
        sets=tuple(set_ or ()),
        jobs=jobs,
        out=out,
        resume=resume,
        as_json=json,
    )
    return command(asked, dry_run=dry_run)


#: In the order of the help.
COMMANDS = (optimise, ask)
