"""A sentence under the answer: a comparison of both countries depends on two assumed numbers."""

from __future__ import annotations

import dataclasses

import solara

from abm.policies import policies_of
from experiments.studies.ask.uncertain_numbers import (
    SAME,
    contested_settings,
    depends_on_operations,
)
from viz.screen.panels.parts import box, button
from viz.screen.session.choice import Choice
from viz.screen.session.session import Session


@solara.component
def AssumedNumbers(session: Session):
    """Say what the comparison depends on, with a button that repeats it; often nothing."""
    t, other = session.words, repeated(session.choice.value) if session.worlds == 2 else None
    if other is not None:
        with box(cls="tb-rests", role="note"):
            box(t("assumed.text"), tag="p")
            button(t("assumed.repeat"), lambda: session.set_choice(other), text=True)


def repeated(choice: Choice) -> Choice | None:
    """Return a comparison with the limits and returns of the U.S. line for Mexico's operations.

    The decision on detection requires it for comparisons of both countries.

    Args:
        choice: the comparison.

    Returns:
        The same policies with other numbers; None if no policy raises the tempo of Mexico's
        operations in one world only, or if the numbers are set already.
    """
    a, b = (choice.scenario(world) for world in (0, 1))
    made = (policies_of(scenario, scenario.policies) for scenario in (a, b))
    settings = contested_settings(a, SAME)
    if not settings or not depends_on_operations(*made):
        return None
    numbers = tuple((path, f"{value:g}") for path, value in settings.items())
    return dataclasses.replace(choice, numbers=(*choice.numbers, *numbers))
