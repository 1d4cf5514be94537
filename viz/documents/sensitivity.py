"""Texts about a sensitivity study: its size, its runs, and incomplete results."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.rows.sensitivity import outcome_label
from experiments.studies.sensitivity.study import SensitivityResult, Study, min_blocks

_NAMES = {"morris": ("Morris", "trajectories"), "sobol": ("Sobol'", "base samples")}


def plan_text(study: Study, runs: int) -> str:
    """Return the size of a study in one line.

    Args:
        study: study to run.
        runs: number of its runs.

    Returns:
        Method, samples, factors, seeds and runs.
    """
    name, blocks = _NAMES[study.method]
    many = len(study.factors)
    return (
        f"{name}: {study.n:,} {blocks} over {many} factor{'s' * (many != 1)} and a dummy, "
        f"{study.reps} seed{'s' * (study.reps != 1)} each: {runs:,} runs"
    )


def runs_text(study: Study) -> str:
    """Return the scenario, the method and the number of seeds in one line."""
    s, (name, blocks) = study.scenario, _NAMES[study.method]
    return (
        f"{s.name}, {s.days:,} days from {s.start}, scale {s.scale}; {name}, {study.n:,} {blocks}, "
        f"{study.reps} seed{'s' * (study.reps != 1)}"
    )


def gaps(study: Study, results: Sequence[SensitivityResult]) -> list[str]:
    """Describe incomplete results.

    Args:
        study: study that was run.
        results: indices, one per outcome and policy.

    Returns:
        One line for each result that lacks blocks or seeds.
    """
    blocks, lines = _NAMES[study.method][1], []
    for one in results:
        name = title(one.outcome, one.policy)
        head = f"{name}: {one.complete_blocks:,} of {study.n:,} {blocks} are complete"
        if not one.indices:
            lines.append(f"{head}; {min_blocks(study):,} are needed, so it has no result.")
        elif one.complete_blocks < study.n or one.reduced_blocks:
            reduced = f", {one.reduced_blocks:,} of them over fewer seeds"
            text = f"{head}{reduced if one.reduced_blocks else ''}; the others are excluded."
            lines.append(text)
    return lines


def title(outcome: str, policy: str | None) -> str:
    """Return the title of a result.

    Args:
        outcome: outcome or criterion.
        policy: policy whose change is analysed; None or empty for the level.

    Returns:
        The label of the outcome, with the policy.
    """
    label = outcome_label(outcome)
    return f"{label}, change under {policy}" if policy else label
